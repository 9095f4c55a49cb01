"""Campaigns: an asset, a tactic, a sequence, a mailbox, and the prospects in play."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.accounts.queries import members_of
from outreach.accounts.rules import may
from outreach.assets.queries import all_assets
from outreach.campaigns import services
from outreach.campaigns.queries import best_to_add, get_campaign, opportunities_added_at
from outreach.campaigns.tally import tally
from outreach.campaigns.words import Stage
from outreach.core.clock import utc_now
from outreach.core.db import SYSTEM
from outreach.core.errors import Conflict, Invalid
from outreach.desk.campaigns import campaign_lines, campaign_view
from outreach.desk.cards import BoardFilter
from outreach.desk.opportunity_table import WhichPage, opportunity_table
from outreach.mail.mailboxes import all_mailboxes
from outreach.sequences.queries import all_sequences
from outreach.web.annotations import annotation_context
from outreach.web.context import person, reading, requires, role, say, scope, workspace, writing
from outreach.web.context import services as web
from outreach.web.forms.campaigns import MOST_AT_ONCE, AddBestForm, CampaignForm
from outreach.web.pipeline import members, money_words
from outreach.web.timeline import timeline_items
from outreach.workflows.move_opportunities import add_to_campaign, take_out_again

if TYPE_CHECKING:
    from outreach.campaigns.models import Campaign

blueprint = Blueprint("campaigns", __name__, url_prefix="/campaigns")


@blueprint.get("/")
@requires("campaign", "view")
def index() -> Any:
    """List campaigns and how far each is."""
    with_archived = request.args.get("archived") == "1"
    lines = campaign_lines(reading(), with_archived=with_archived)
    return render_template(
        "campaigns/index.html", lines=lines, with_archived=with_archived, money=money_words
    )


@blueprint.get("/new")
@requires("campaign", "edit")
def new() -> Any:
    """Ask for a new campaign."""
    form = CampaignForm(formdata=None, owner_id=str(person().key))
    return _form_page(form, None)


@blueprint.post("/")
@requires("campaign", "edit")
def create() -> Any:
    """Start a campaign."""
    form = _filled(CampaignForm())
    if not form.validate():
        return _form_page(form, None), 422
    try:
        with writing() as session:
            campaign = services.create_campaign(session, form.to_details(), now=utc_now())
    except (Invalid, Conflict) as error:
        form.form_errors.append(str(error))
        return _form_page(form, None), 422
    say(f"Started {campaign.name}.", "success")
    return redirect(url_for("campaigns.show", campaign_id=campaign.id), 303)


@blueprint.get("/<int:campaign_id>")
@requires("campaign", "view")
def show(campaign_id: int) -> Any:
    """Show a campaign with its opportunities."""
    session, now = reading(), utc_now()
    get_campaign(session, campaign_id)
    wanted = BoardFilter(campaign_id=campaign_id)
    which = WhichPage(cursor=request.args.get("after", ""))
    totals = tally(session, campaign_id=campaign_id)
    page = opportunity_table(session, wanted, totals, which, now=now)
    view = campaign_view(session, campaign_id)
    return render_template(
        "campaigns/show.html",
        view=view,
        line=view.line,
        campaign=view.line.campaign,
        page=page,
        story=timeline_items(view.timeline),
        may_edit=may(role(), "campaign", "edit"),
        money=money_words,
        members=members(),
        stages=list(Stage),
        filter_arguments={"campaign": campaign_id},
        form=AddBestForm(formdata=None, count=min(25, len(view.best_ids)) or 25),
        **annotation_context("campaign", campaign_id),
    )


@blueprint.get("/<int:campaign_id>/edit")
@requires("campaign", "edit")
def edit(campaign_id: int) -> Any:
    """Ask for changes to a campaign."""
    campaign = get_campaign(reading(), campaign_id)
    form = CampaignForm(
        formdata=None,
        name=campaign.name,
        tactic=campaign.tactic.value,
        asset_id=str(campaign.asset_id),
        sequence_id=str(campaign.sequence_id or ""),
        mailbox_id=str(campaign.mailbox_id or ""),
        owner_id=str(campaign.owner_id or ""),
    )
    return _form_page(form, campaign)


@blueprint.post("/<int:campaign_id>")
@requires("campaign", "edit")
def save(campaign_id: int) -> Any:
    """Change a campaign."""
    campaign = get_campaign(reading(), campaign_id)
    form = _filled(CampaignForm())
    if not form.validate():
        return _form_page(form, campaign), 422
    try:
        with writing() as session:
            campaign = get_campaign(session, campaign_id)
            services.edit_campaign(session, campaign, form.to_details(), now=utc_now())
    except (Invalid, Conflict) as error:
        form.form_errors.append(str(error))
        return _form_page(form, get_campaign(reading(), campaign_id)), 422
    say("Saved the campaign.", "success")
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)


@blueprint.post("/<int:campaign_id>/archive")
@requires("campaign", "edit")
def archive(campaign_id: int) -> Any:
    """Put a campaign away."""
    name = _set_archived(campaign_id, is_archived=True)
    undo = url_for("campaigns.restore", campaign_id=campaign_id)
    say(f"Archived {name}. Sequences under way go on.", "success", undo_url=undo)
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)


@blueprint.post("/<int:campaign_id>/archive/undo")
@requires("campaign", "edit")
def restore(campaign_id: int) -> Any:
    """Take a campaign out again."""
    name = _set_archived(campaign_id, is_archived=False)
    say(f"Restored {name}.", "success")
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)


def _set_archived(campaign_id: int, *, is_archived: bool) -> str:
    with writing() as session:
        campaign = get_campaign(session, campaign_id)
        services.archive_campaign(session, campaign, is_archived=is_archived, now=utc_now())
        return campaign.name


@blueprint.post("/<int:campaign_id>/opportunities")
@requires("campaign", "edit")
def add_best(campaign_id: int) -> Any:
    """Add the best approved prospects that are not yet in the campaign."""
    get_campaign(reading(), campaign_id)
    form = AddBestForm()
    if not form.validate():
        say(f"Give a number from 1 to {MOST_AT_ONCE}.", "error")
        return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)
    return _add(campaign_id, best_to_add(reading(), campaign_id, limit=form.count.data or 0))


@blueprint.post("/opportunities")
@requires("campaign", "edit")
def add_picked() -> Any:
    """Add the prospects picked in a list; ask which campaign while none is named."""
    picked = [int(text) for text in request.form.getlist("pick") if text.isdigit()]
    chosen = request.form.get("campaign_id", type=int)
    if chosen is None:
        lines = campaign_lines(reading())
        return render_template("campaigns/choose.html", lines=lines, picked=picked[:MOST_AT_ONCE])
    return _add(get_campaign(reading(), chosen).key, picked[:MOST_AT_ONCE])


def _add(campaign_id: int, prospect_ids: list[int]) -> Any:
    now = utc_now()
    added = add_to_campaign(web().database, scope(), campaign_id, prospect_ids, now=now)
    undo = None
    if added.opportunity_ids:
        undo = url_for("campaigns.undo_add", campaign_id=campaign_id, at=now.isoformat())
    say(added.sentence, "success" if added.opportunity_ids else "warning", undo_url=undo)
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)


@blueprint.post("/<int:campaign_id>/opportunities/undo")
@requires("campaign", "edit")
def undo_add(campaign_id: int) -> Any:
    """Take out again what was added at one moment, as far as nobody has worked on it."""
    get_campaign(reading(), campaign_id)
    try:
        at = datetime.fromisoformat(request.args.get("at", ""))
    except ValueError as error:
        raise Invalid("This undo link is damaged.") from error
    added = opportunities_added_at(reading(), campaign_id, at)
    count = take_out_again(web().database, scope(), added)
    say(f"Took {count:,} out again.", "success")
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)


def _filled(form: CampaignForm) -> CampaignForm:
    session = reading()
    with web().database.reading(SYSTEM) as everyone:
        people = [(user.key, user.name) for user, _ in members_of(everyone, workspace().key)]
    form.offer(
        assets=[(asset.key, asset.title) for asset in all_assets(session)],
        sequences=[(sequence.key, sequence.name) for sequence in all_sequences(session)],
        mailboxes=[(mailbox.key, mailbox.address) for mailbox in all_mailboxes(session)],
        members=people,
    )
    return form


def _form_page(form: CampaignForm, campaign: Campaign | None) -> str:
    return render_template("campaigns/edit.html", form=_filled(form), campaign=campaign)
