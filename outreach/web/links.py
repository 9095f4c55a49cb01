"""Links: the list, the profile, one link with its contract and its looks, a pasted win."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for

from outreach.accounts.queries import installation_switch
from outreach.accounts.services import WEB_ACCESS
from outreach.activity.queries import timeline_of
from outreach.activity.services import read_blob
from outreach.assets.queries import all_assets
from outreach.core.clock import utc_now
from outreach.core.errors import Conflict, Invalid, NotFound
from outreach.desk import profile as desk
from outreach.desk.link_detail import link_detail, terms_of
from outreach.links.queries import find_won_link, get_backlink, get_check
from outreach.links.services import ask_for_checks, change_agreement
from outreach.links.words import REASON_SENTENCES, LinkState
from outreach.ports.pages import Rel
from outreach.web.context import reading, requires, say, wake, writing
from outreach.web.forms.links import AgreementForm, PasteForm, ids_in
from outreach.web.timeline import timeline_items
from outreach.workflows.win_link import paste_win

blueprint = Blueprint("links", __name__, url_prefix="/links")

_CHECK_TASK, _JOB_TASK = "verify_links", "run_job_crawl"


@blueprint.get("/")
@requires("link", "view")
def index() -> Any:
    """List the links, with how many are in which state."""
    wanted = _filter()
    page = desk.link_page(reading(), wanted, cursor=request.args.get("after", ""))
    counts = desk.state_counts(reading())
    return render_template(
        "links/index.html",
        page=page,
        wanted=wanted,
        counts=counts,
        states=[state for state in LinkState if counts.get(state)],
        rels=list(Rel),
        is_web_open=installation_switch(reading(), WEB_ACCESS),
    )


def _filter() -> desk.LinkFilter:
    state, rel = request.args.get("state", ""), request.args.get("rel", "")
    return desk.LinkFilter(
        state=LinkState(state) if state in {word.value for word in LinkState} else None,
        rel=rel if rel in {word.value for word in Rel} else "",
        words=request.args.get("q", "").strip()[:200],
    )


@blueprint.get("/profile")
@requires("link", "view")
def profile() -> Any:
    """Show the profile in figures: domains, links, anchors, follow share, months."""
    return render_template(
        "links/profile.html",
        figures=desk.figures(reading()),
        months=desk.months(reading(), now=utc_now()),
        anchors=desk.top_anchors(reading()),
    )


@blueprint.get("/new")
@requires("link", "edit")
def new() -> Any:
    """Ask for the page of a link somebody says we have."""
    form = PasteForm(
        data={
            "page_url": request.args.get("page_url", ""),
            "opportunity_id": request.args.get("opportunity_id", ""),
        }
    )
    return _paste_page(form)


def _paste_page(form: PasteForm) -> str:
    form.offer_assets([(row.key, row.title) for row in all_assets(reading())])
    return render_template("links/new.html", form=form)


@blueprint.post("/")
@requires("link", "edit")
def create() -> Any:
    """Keep a pasted link as expected and have its page looked at."""
    form = PasteForm()
    form.offer_assets([(row.key, row.title) for row in all_assets(reading())])
    if not form.validate():
        return _paste_page(form), 422
    try:
        with writing() as session:
            pasted = paste_win(
                session,
                form.page_url.data or "",
                opportunity_id=form.opportunity,
                asset_id=form.asset_id.data or None,
                now=utc_now(),
            )
    except (Invalid, Conflict) as error:
        form.page_url.errors = [str(error)]
        return _paste_page(form), error.status
    wake("crawl", _JOB_TASK, pasted.job_id)
    return redirect(url_for("links.show", backlink_id=pasted.backlink_id), 303)


@blueprint.get("/<int:backlink_id>")
@requires("link", "view")
def show(backlink_id: int) -> Any:
    """Show one link: agreed and found side by side, and every look with its evidence."""
    detail = link_detail(reading(), backlink_id)
    return render_template(
        "links/show.html",
        detail=detail,
        link=detail.backlink,
        won=detail.won,
        terms=terms_of(detail),
        sentences=REASON_SENTENCES,
        story=timeline_items(timeline_of(reading(), "backlink", backlink_id, limit=30)),
        job=detail.first_look,
        now=utc_now(),
        is_web_open=installation_switch(reading(), WEB_ACCESS),
    )


@blueprint.post("/<int:backlink_id>/checks")
@requires("link", "edit")
def check(backlink_id: int) -> Any:
    """Have one page looked at now."""
    with writing() as session:
        get_backlink(session, backlink_id)
        count = ask_for_checks(session, [backlink_id], now=utc_now())
    _say_asked(count)
    return redirect(url_for("links.show", backlink_id=backlink_id), 303)


@blueprint.post("/checks")
@requires("link", "edit")
def check_selected() -> Any:
    """Have the pages of the selected links looked at now."""
    chosen = ids_in(request.form.getlist("pick"))
    with writing() as session:
        count = ask_for_checks(session, chosen, now=utc_now())
    _say_asked(count)
    return redirect(url_for("links.index"), 303)


def _say_asked(count: int) -> None:
    if not installation_switch(reading(), WEB_ACCESS):
        say("Web access is off. The links are looked at once it is switched on.", "warning")
    elif count:
        wake("crawl", _CHECK_TASK, 0)
        say(f"{count:,} {'link is' if count == 1 else 'links are'} looked at now.", "success")
    else:
        say("There is nothing to look at.", "warning")


@blueprint.get("/<int:backlink_id>/agreement")
@requires("link", "edit")
def agreement(backlink_id: int) -> Any:
    """Show what is agreed on a link, to be changed."""
    backlink = get_backlink(reading(), backlink_id)
    form = AgreementForm(formdata=None)
    won = find_won_link(reading(), backlink_id)
    if won is not None:
        form.fill(won)
    return render_template("links/agreement.html", form=form, link=backlink)


@blueprint.post("/<int:backlink_id>/agreement")
@requires("link", "edit")
def change_terms(backlink_id: int) -> Any:
    """Write down what is agreed, and look at the page in its light."""
    backlink = get_backlink(reading(), backlink_id)
    form = AgreementForm()
    if not form.validate():
        return render_template("links/agreement.html", form=form, link=backlink), 422
    with writing() as session:
        change_agreement(session, backlink_id, form.to_agreement(), now=utc_now())
    wake("crawl", _CHECK_TASK, 0)
    say("What was agreed is written down.", "success")
    return redirect(url_for("links.show", backlink_id=backlink_id), 303)


@blueprint.get("/<int:backlink_id>/checks/<int:link_check_id>/page")
@requires("link", "view")
def stored_page(backlink_id: int, link_check_id: int) -> Any:
    """Hand out the page as one look found it: a file to keep, never a page of ours."""
    found = get_check(reading(), backlink_id, link_check_id)
    if found.blob_id is None:
        raise NotFound("The page was not kept with this look.")
    body = read_blob(reading(), found.blob_id)
    host = get_backlink(reading(), backlink_id).referring_domain
    name = f"{host}-{found.checked_at:%Y-%m-%d-%H%M}.html"
    return Response(
        body,
        mimetype="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
