"""Today: what is due, at the root of the site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template

from outreach.accounts.rules import may
from outreach.core.business_days import time_zone
from outreach.core.clock import utc_now
from outreach.desk.today import Day, today_view
from outreach.reminders.rules import day_after, day_start
from outreach.web.context import person, reading, requires, role
from outreach.web.subjects import subject_url

if TYPE_CHECKING:
    from datetime import datetime

blueprint = Blueprint("today", __name__)


@blueprint.get("/")
@requires("today", "view")
def show() -> Any:
    """Show what is due, what waits, and what goes out by itself."""
    view = today_view(reading(), person().key, _day(utc_now()))
    return render_template(
        "today/show.html",
        view=view,
        subject_url=subject_url,
        may_edit=may(role(), "reminder", "edit"),
    )


def _day(now: datetime) -> Day:
    """The day on the person's own clock."""
    zone = time_zone(person().time_zone)
    return Day(now=now, begins_at=day_start(now, zone), ends_at=day_after(now, zone))
