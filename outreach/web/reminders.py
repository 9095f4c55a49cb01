"""Reminders: on anything or nothing, done, put off, edited, deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.accounts.queries import members_of
from outreach.core.business_days import time_zone
from outreach.core.clock import utc_now
from outreach.core.db import SYSTEM
from outreach.core.errors import Invalid
from outreach.desk.reminders import name_of, reminder_page
from outreach.reminders import services
from outreach.reminders.queries import get_reminder
from outreach.reminders.rules import Snooze, snoozed_until
from outreach.web.context import person, reading, requires, say, workspace, writing
from outreach.web.context import services as web
from outreach.web.filters import moment
from outreach.web.forms.reminders import EVERYBODY, ReminderForm, SnoozeForm
from outreach.web.subjects import read_subject, subject_url

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from outreach.reminders.models import Reminder

blueprint = Blueprint("reminders", __name__, url_prefix="/reminders")

_FARTHEST = 32_503_680_000  # seconds, the year 3000
# Keys of the choices on the page that asks until when.
SNOOZE_KEYS = {Snooze.HOUR: "h", Snooze.TOMORROW: "t", Snooze.NEXT_WEEK: "w"}


@blueprint.get("/")
@requires("reminder", "view")
def index() -> Any:
    """List everybody's reminders: open ones, or those that are done."""
    is_done = request.args.get("show") == "done"
    page = reminder_page(reading(), is_done=is_done, cursor=request.args.get("after", ""))
    return render_template(
        "reminders/index.html", page=page, is_done=is_done, subject_url=subject_url, now=utc_now()
    )


@blueprint.get("/new")
@requires("reminder", "edit")
def new() -> Any:
    """Ask for a reminder, on what the address names."""
    about = request.args.get("about", "")
    tomorrow = snoozed_until(Snooze.TOMORROW, now=utc_now(), zone=zone_of_person())
    form = ReminderForm(
        formdata=None,
        data={
            "text": request.args.get("text", "")[:500],
            "due": local_time(tomorrow),
            "for_user_id": person().key,
            "about": about,
        },
    )
    return _form_page(form, None, about)


@blueprint.post("/")
@requires("reminder", "edit")
def create() -> Any:
    """Add a reminder."""
    form = ReminderForm()
    about = str(form.about.data or "")
    subject = read_subject(about)
    if subject is not None:
        name_of(reading(), subject)
    form.offer_people(_people())
    if not form.validate():
        return _form_page(form, None, about), 422
    with writing() as session:
        services.add_reminder(
            session,
            form.text.data or "",
            due_at=form.due_at(zone_of_person()),
            subject=subject,
            for_user_id=form.to_user_id(),
        )
    say("The reminder is set.", "success")
    back = subject_url(subject.kind, subject.id) if subject else ""
    return redirect(back or url_for("today.show"), 303)


@blueprint.get("/<int:reminder_id>/edit")
@requires("reminder", "edit")
def edit(reminder_id: int) -> Any:
    """Ask how a reminder should read."""
    reminder = get_reminder(reading(), reminder_id)
    form = ReminderForm(
        formdata=None,
        data={
            "text": reminder.text,
            "due": local_time(reminder.due_at),
            "for_user_id": reminder.for_user_id or EVERYBODY,
        },
    )
    return _form_page(form, reminder, "")


@blueprint.post("/<int:reminder_id>")
@requires("reminder", "edit")
def save(reminder_id: int) -> Any:
    """Change a reminder."""
    reminder = get_reminder(reading(), reminder_id)
    form = ReminderForm()
    form.offer_people(_people())
    if not form.validate():
        return _form_page(form, reminder, ""), 422
    with writing() as session:
        services.edit_reminder(
            session,
            get_reminder(session, reminder_id),
            form.text.data or "",
            due_at=form.due_at(zone_of_person()),
            for_user_id=form.to_user_id(),
        )
    say("The reminder is changed.", "success")
    return redirect(url_for("reminders.index"), 303)


@blueprint.post("/<int:reminder_id>/completion")
@requires("reminder", "edit")
def finish(reminder_id: int) -> Any:
    """Mark a reminder as done."""
    with writing() as session:
        services.finish_reminder(session, get_reminder(session, reminder_id), now=utc_now())
    say("Done.", "success", undo_url=url_for("reminders.reopen", reminder_id=reminder_id))
    return redirect(_back(), 303)


@blueprint.post("/<int:reminder_id>/reopening")
@requires("reminder", "edit")
def reopen(reminder_id: int) -> Any:
    """Undo that a reminder was done."""
    with writing() as session:
        services.reopen_reminder(session, get_reminder(session, reminder_id))
    say("The reminder is open again.", "success")
    return redirect(_back(), 303)


@blueprint.get("/<int:reminder_id>/snooze")
@requires("reminder", "edit")
def ask_snooze(reminder_id: int) -> Any:
    """Ask until when a reminder is put off."""
    return _snooze_page(get_reminder(reading(), reminder_id))


@blueprint.post("/<int:reminder_id>/snooze")
@requires("reminder", "edit")
def snooze(reminder_id: int) -> Any:
    """Put a reminder off."""
    reminder = get_reminder(reading(), reminder_id)
    form = SnoozeForm()
    try:
        until = form.to_moment(utc_now(), zone_of_person())
        with writing() as session:
            row = get_reminder(session, reminder_id)
            before = services.snooze_reminder(session, row, until, now=utc_now())
    except Invalid as problem:
        return _snooze_page(reminder, str(problem)), 422
    undo = url_for("reminders.unsnooze", reminder_id=reminder_id, due=int(before.timestamp()))
    say(f"Put off until {moment(until)}.", "success", undo_url=undo)
    return redirect(url_for("today.show"), 303)


@blueprint.post("/<int:reminder_id>/return")
@requires("reminder", "edit")
def unsnooze(reminder_id: int) -> Any:
    """Undo that a reminder was put off."""
    due = request.args.get("due", 0, type=int)
    with writing() as session:
        reminder = get_reminder(session, reminder_id)
        due_at = datetime.fromtimestamp(min(max(due, 0), _FARTHEST), UTC)
        services.edit_reminder(
            session, reminder, reminder.text, due_at=due_at, for_user_id=reminder.for_user_id
        )
    say("The reminder is back.", "success")
    return redirect(_back(), 303)


@blueprint.post("/<int:reminder_id>/deletion")
@requires("reminder", "edit")
def delete(reminder_id: int) -> Any:
    """Delete a reminder."""
    with writing() as session:
        gone = get_reminder(session, reminder_id)
        undo = url_for(
            "reminders.restore",
            text=gone.text,
            due=int(gone.due_at.timestamp()),
            user=gone.for_user_id,
            about=f"{gone.subject_type}:{gone.subject_id}" if gone.subject_id else None,
        )
        services.delete_reminder(session, gone)
    say("The reminder is deleted.", "success", undo_url=undo)
    return redirect(url_for("reminders.index"), 303)


@blueprint.post("/restoration")
@requires("reminder", "edit")
def restore() -> Any:
    """Undo a deletion: the toast brought everything the reminder said."""
    given = request.args
    subject = read_subject(given.get("about", ""))
    due, user_id = given.get("due", 0, type=int), given.get("user", type=int)
    due_at = datetime.fromtimestamp(min(max(due, 0), _FARTHEST), UTC)
    is_member = user_id in dict(_people())
    with writing() as session:
        services.add_reminder(
            session,
            given.get("text", ""),
            due_at=due_at,
            subject=subject,
            for_user_id=user_id if is_member else None,
        )
    say("The reminder is back.", "success")
    return redirect(url_for("reminders.index"), 303)


def zone_of_person() -> ZoneInfo:
    """The zone the person's clock shows."""
    return time_zone(person().time_zone)


def local_time(at: datetime) -> datetime:
    """A moment as the person's clock shows it, for a form."""
    return at.astimezone(zone_of_person()).replace(tzinfo=None)


def snooze_choices(now: datetime) -> list[tuple[str, str, str, datetime]]:
    """What one can put a thing off to: the choice, its words, its key, its moment."""
    zone = zone_of_person()
    return [
        (each.value, each.value.replace("_", " "), key, snoozed_until(each, now=now, zone=zone))
        for each, key in SNOOZE_KEYS.items()
    ]


def _snooze_page(reminder: Reminder, problem: str = "") -> str:
    return render_template(
        "reminders/snooze.html",
        title=reminder.text,
        action=url_for("reminders.snooze", reminder_id=reminder.key),
        choices=snooze_choices(utc_now()),
        form=SnoozeForm(),
        problem=problem,
        back=url_for("today.show"),
    )


def _form_page(form: ReminderForm, reminder: Reminder | None, about: str) -> str:
    subject = read_subject(about)
    form.offer_people(_people())
    return render_template(
        "reminders/edit.html",
        form=form,
        reminder=reminder,
        about=name_of(reading(), subject) if subject else "",
        zone=person().time_zone,
    )


def _people() -> list[tuple[int, str]]:
    with web().database.reading(SYSTEM) as session:
        return [(user.key, user.name) for user, _ in members_of(session, workspace().key)]


def _back() -> str:
    """Go back to the list one came from, if it was one of ours."""
    is_list = request.args.get("from") == "list"
    return url_for("reminders.index" if is_list else "today.show")
