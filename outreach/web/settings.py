"""Settings of the workspace and, for operators, the switches of the installation."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, url_for

from outreach.accounts import queries
from outreach.accounts.services import MAIL_SENDING, WEB_ACCESS, set_switch
from outreach.activity.queries import all_ticks
from outreach.core.db import SYSTEM
from outreach.core.errors import NotFound
from outreach.web.context import requires, requires_operator, say
from outreach.web.context import services as web
from outreach.web.forms.accounts import SwitchForm

blueprint = Blueprint("settings", __name__, url_prefix="/settings")

SWITCHES = {"web-access": WEB_ACCESS, "mail-sending": MAIL_SENDING}
_SAID = {
    (WEB_ACCESS, True): "Pages may be fetched now.",
    (WEB_ACCESS, False): "No page is fetched any more.",
    (MAIL_SENDING, True): "Mailboxes with a server send for real now.",
    (MAIL_SENDING, False): "All mail is captured here; nothing leaves this machine.",
}


@blueprint.get("/")
@requires("workspace", "view")
def show() -> Any:
    """Show what can be set, and how the background work is."""
    with web().database.reading(SYSTEM) as session:
        switches = {
            name: queries.installation_switch(session, name) for name in (WEB_ACCESS, MAIL_SENDING)
        }
        ticks = all_ticks(session)
    return render_template("settings/show.html", switches=switches, ticks=ticks)


@blueprint.post("/<switch>")
@requires_operator
def turn(switch: str) -> Any:
    """Turn web access or real sending on or off, for the whole installation."""
    name = SWITCHES.get(switch)
    form = SwitchForm()
    if name is None or not form.validate():
        raise NotFound("There is no such switch.")
    with web().database.system() as session:
        set_switch(session, name, on=bool(form.on.data))
    say(_SAID[(name, bool(form.on.data))], "success")
    return redirect(url_for("settings.show"), 303)
