"""One opportunity: its page, and what people change of it; `pipeline` holds the lists."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for

from outreach.accounts.rules import may
from outreach.activity.queries import timeline_of
from outreach.campaigns import services
from outreach.campaigns.queries import get_opportunity
from outreach.campaigns.rules import label, moves_from
from outreach.campaigns.words import Stage
from outreach.contacts.queries import contacts_of_site, get_contact
from outreach.core.clock import utc_now
from outreach.core.errors import Conflict, Invalid
from outreach.desk.cards import card_of
from outreach.links.queries import won_links_of_opportunity
from outreach.prospects.queries import get_prospect, pages_of
from outreach.web.annotations import annotation_context
from outreach.web.context import (
    close_reading,
    complain,
    reading,
    requires,
    role,
    say,
    scope,
    workspace,
    writing,
)
from outreach.web.context import services as web
from outreach.web.enrollments import pitch_block
from outreach.web.forms.campaigns import (
    ContactChoiceForm,
    MoveForm,
    OwnerForm,
    ValueForm,
    WordsForm,
)
from outreach.web.money import cents_of, plain_money
from outreach.web.pipeline import answer_to_board, blueprint, members, money_words
from outreach.web.timeline import timeline_items
from outreach.workflows.move_opportunities import move_by_hand

__all__ = ["blueprint"]


@blueprint.get("/<int:opportunity_id>")
@requires("opportunity", "view")
def show(opportunity_id: int) -> Any:
    """Show one opportunity: facts, contact, words, pitching, timeline."""
    return _page(opportunity_id, words=None, move=None)


def _page(opportunity_id: int, *, words: WordsForm | None, move: MoveForm | None) -> str:
    session, now = reading(), utc_now()
    opportunity = get_opportunity(session, opportunity_id)
    prospect, code = get_prospect(session, opportunity.prospect_id), workspace().currency
    contact = ContactChoiceForm(formdata=None, contact_id=str(opportunity.contact_id or ""))
    contact.offer(
        (row.key, f"{row.display_name} ({row.address or 'no address'})")
        for row in contacts_of_site(session, prospect.site_id)
    )
    owner = OwnerForm(formdata=None, owner_id=str(opportunity.owner_id or ""))
    owner.offer(members())
    return render_template(
        "opportunities/show.html",
        opportunity=opportunity,
        prospect=prospect,
        card=card_of(session, opportunity_id, now=now),
        pages=pages_of(session, prospect.key, limit=5),
        contact=get_contact(session, opportunity.contact_id) if opportunity.contact_id else None,
        contact_form=contact,
        owner_form=owner,
        value_form=ValueForm(formdata=None, value=plain_money(opportunity.value_cents, code)),
        value_text=money_words(opportunity.value_cents),
        currency=code,
        words_form=words or WordsForm(formdata=None, obj=opportunity),
        move_form=move or _move_form(opportunity.stage),
        pitch=pitch_block(session, opportunity_id),
        won_links=won_links_of_opportunity(session, opportunity_id),
        may_edit=may(role(), "opportunity", "edit"),
        story=timeline_items(timeline_of(session, "opportunity", opportunity_id)),
        **annotation_context("opportunity", opportunity_id),
    )


def _move_form(stage: Stage, given: MoveForm | None = None) -> MoveForm:
    asked = request.args.get("to", "")
    form = given or MoveForm(formdata=None, stage=asked if asked in set(Stage) else None)
    form.offer(moves_from(stage))
    return form


@blueprint.post("/<int:opportunity_id>/stage")
@requires("opportunity", "edit")
def move(opportunity_id: int) -> Any:
    """Move an opportunity to another stage; the board asks for an answer it can show at once."""
    opportunity = get_opportunity(reading(), opportunity_id)
    is_board = request.headers.get("X-Board") == "1"
    form = MoveForm()
    try:
        stage, reason = _stage_of(form), form.reason.data or ""
        close_reading()
        move_by_hand(web().database, scope(), opportunity_id, stage, now=utc_now(), reason=reason)
    except Conflict as error:
        if is_board:
            return {"said": str(error)}, 422
        form.reason.errors = [*form.reason.errors, str(error)]
        return _page(opportunity_id, words=None, move=_move_form(opportunity.stage, form)), 422
    here = request.form.get("next", "")
    undo = url_for("opportunities.undo_move", opportunity_id=opportunity_id, next=here or None)
    if is_board:
        return answer_to_board(opportunity_id, stage, undo)
    say(f"Moved to {label(stage)}.", "success", undo_url=undo)
    return redirect(_back(opportunity_id), 303)


def _stage_of(form: MoveForm) -> Stage:
    if not form.validate():
        raise Conflict("Choose a stage.")
    return form.to_stage()


@blueprint.post("/<int:opportunity_id>/stage/undo")
@requires("opportunity", "edit")
def undo_move(opportunity_id: int) -> Any:
    """Move back to where the last move came from; a stopped sequence stays stopped."""
    get_opportunity(reading(), opportunity_id)
    lines = timeline_of(reading(), "opportunity", opportunity_id, limit=20)
    last = next((line for line in lines if line.verb == "moved"), None)
    came_from = str(last.details.get("from", "")) if last else ""
    if came_from not in set(Stage):
        raise Conflict("There is no move to take back.")
    close_reading()
    move_by_hand(
        web().database,
        scope(),
        opportunity_id,
        Stage(came_from),
        now=utc_now(),
        reason="Taken back at once.",
    )
    return redirect(_back(opportunity_id), 303)


def _back(opportunity_id: int) -> str:
    """Return to the board or table a move was made on, else to the opportunity."""
    given = request.values.get("next", "")
    if given.startswith("/opportunities/") and "\\" not in given:
        return given
    return url_for("opportunities.show", opportunity_id=opportunity_id)


@blueprint.post("/<int:opportunity_id>/contact")
@requires("opportunity", "edit")
def choose_contact(opportunity_id: int) -> Any:
    """Choose whom the pitch goes to, among the contacts of the site."""
    opportunity = get_opportunity(reading(), opportunity_id)
    prospect = get_prospect(reading(), opportunity.prospect_id)
    form = ContactChoiceForm()
    form.offer((row.key, "") for row in contacts_of_site(reading(), prospect.site_id))
    if not form.validate():
        complain(Conflict("Choose one of the contacts of this site."))
        return redirect(_back(opportunity_id), 303)
    with writing() as session:
        opportunity = get_opportunity(session, opportunity_id)
        chosen = form.to_contact_id()
        contact = get_contact(session, chosen) if chosen else None
        services.choose_contact(session, opportunity, contact, now=utc_now())
    say("The pitch goes to " + (contact.display_name if contact else "nobody yet") + ".", "success")
    return redirect(_back(opportunity_id), 303)


@blueprint.post("/<int:opportunity_id>/words")
@requires("opportunity", "edit")
def write_words(opportunity_id: int) -> Any:
    """Keep the personal words."""
    get_opportunity(reading(), opportunity_id)
    form = WordsForm()
    if not form.validate():
        return _page(opportunity_id, words=form, move=None), 422
    with writing() as session:
        opportunity = get_opportunity(session, opportunity_id)
        services.write_personal_words(session, opportunity, form.personal_words.data or "")
    say("Saved the personal words.", "success")
    return redirect(_back(opportunity_id), 303)


@blueprint.post("/<int:opportunity_id>/owner")
@requires("opportunity", "edit")
def assign(opportunity_id: int) -> Any:
    """Hand an opportunity to a member."""
    get_opportunity(reading(), opportunity_id)
    form = OwnerForm()
    form.offer(members())
    if not form.validate():
        complain(Conflict("Choose a member of this workspace."))
        return redirect(_back(opportunity_id), 303)
    with writing() as session:
        opportunity = get_opportunity(session, opportunity_id)
        services.assign_opportunity(session, opportunity, form.to_owner_id(), now=utc_now())
    say("Changed the owner.", "success")
    return redirect(_back(opportunity_id), 303)


@blueprint.post("/<int:opportunity_id>/value")
@requires("opportunity", "edit")
def value(opportunity_id: int) -> Any:
    """Say what the link would be worth."""
    get_opportunity(reading(), opportunity_id)
    code = workspace().currency
    cents = cents_of(ValueForm().value.data or "0", code)
    if cents is None:
        examples = f"{plain_money(250_00, code)} or {plain_money(1_400_00, code)}"
        complain(Invalid(f"Give the value as a number in {code}, such as {examples}."))
        return redirect(_back(opportunity_id), 303)
    with writing() as session:
        opportunity = get_opportunity(session, opportunity_id)
        services.value_opportunity(session, opportunity, cents, now=utc_now())
    say(f"The value is {money_words(cents)}.", "success")
    return redirect(_back(opportunity_id), 303)
