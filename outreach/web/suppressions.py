"""Who nobody here writes to."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.accounts.rules import may
from outreach.core.clock import utc_now
from outreach.core.errors import Invalid, OutreachError
from outreach.suppression import queries, services
from outreach.suppression.rules import is_liftable
from outreach.web.context import complain, reading, requires, role, say, scope, writing
from outreach.web.context import services as web
from outreach.web.forms.suppressions import LiftForm, SuppressionForm
from outreach.workflows.suppress import suppress

blueprint = Blueprint("suppressions", __name__, url_prefix="/suppressions")


@blueprint.get("/")
@requires("suppression", "view")
def index() -> Any:
    """List this workspace's suppressions, and the domains of all."""
    return _page(SuppressionForm(formdata=None))


@blueprint.post("/")
@requires("suppression", "edit")
def add() -> Any:
    """Suppress an address or a domain, in every workspace."""
    form = SuppressionForm()
    if not form.validate():
        return _page(form), 422
    entry = form.to_entry()
    try:
        suppress(web().database, scope(), entry, form.to_reason(), key=web().key, now=utc_now())
    except Invalid as error:
        form.what.errors = [str(error)]
        return _page(form), 422
    who = entry.address.shown if entry.address else f"anyone at {entry.domain}"
    say(f"Nobody here writes to {who}.", "success")
    return redirect(url_for("suppressions.index"), 303)


@blueprint.post("/<int:suppression_id>/lifting")
@requires("suppression", "lift")
def lift(suppression_id: int) -> Any:
    """Lift a suppression, for a reason that is logged."""
    queries.get_suppression(reading(), suppression_id)
    form = LiftForm()
    reason = (form.reason.data or "") if form.validate() else ""
    try:
        with writing() as session:
            row = queries.get_suppression(session, suppression_id)
            services.lift_suppression(session, row, reason=reason, now=utc_now())
        say("Lifted the suppression.", "success")
    except OutreachError as error:
        complain(error)
    return redirect(url_for("suppressions.index"), 303)


def _page(form: SuppressionForm) -> str:
    search = request.args.get("search", "").strip()[:200]
    page = queries.suppression_page(reading(), search=search, cursor=request.args.get("after", ""))
    may_lift = may(role(), "suppression", "lift")
    return render_template(
        "suppressions/index.html",
        form=form,
        page=page,
        search=search,
        liftable={
            row.id for row in page.rows if may_lift and row.is_ours and is_liftable(row.reason)
        },
        may_add=may(role(), "suppression", "edit"),
    )
