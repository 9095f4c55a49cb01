"""Reminders: once per source, done, put off, changed and deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from outreach.activity.services import Subject
from outreach.core.db import Database, Scope, Session
from outreach.core.errors import Conflict, Invalid, NotFound
from outreach.reminders.queries import count_due, get_reminder, reminders_about
from outreach.reminders.services import (
    add_reminder,
    delete_reminder,
    edit_reminder,
    finish_by_source,
    finish_reminder,
    reopen_reminder,
    snooze_reminder,
)
from tests import factories

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


def test_a_reminder_keeps_who_made_it_and_what_it_is_about(session: Session, scope: Scope) -> None:
    reminder = add_reminder(session, "  Ask   again ", due_at=LATER, subject=Subject("prospect", 7))
    assert reminder.text == "Ask again"
    assert reminder.created_by_id == scope.user_id
    assert reminders_about(session, Subject("prospect", 7)) == [reminder]


def test_the_same_source_makes_one_reminder_even_after_it_was_done(session: Session) -> None:
    first = add_reminder(session, "Link lost", due_at=NOW, source_key="lost:1")
    finish_reminder(session, first, now=NOW)
    again = add_reminder(session, "Link lost once more", due_at=LATER, source_key="lost:1")
    assert again.id == first.id
    assert again.done_at == NOW
    assert add_reminder(session, "Another", due_at=NOW, source_key="lost:2").id != first.id


def test_two_workspaces_may_use_the_same_source(database: Database, session: Session) -> None:
    ours = add_reminder(session, "Ours", due_at=NOW, source_key="lost:1")
    session.commit()
    with database.writing(factories.make_workspace(database)) as other:
        theirs = add_reminder(other, "Theirs", due_at=NOW, source_key="lost:1")
        assert theirs.id != ours.id
        with pytest.raises(NotFound):
            get_reminder(other, ours.key)


def test_done_is_kept_with_its_moment_and_can_be_undone(session: Session, scope: Scope) -> None:
    reminder = add_reminder(session, "Call", due_at=NOW)
    finish_reminder(session, reminder, now=LATER)
    finish_reminder(session, reminder, now=LATER + timedelta(hours=1))
    assert (reminder.done_at, reminder.done_by_id) == (LATER, scope.user_id)
    reopen_reminder(session, reminder)
    assert (reminder.done_at, reminder.done_by_id) == (None, None)


def test_snoozing_moves_the_due_moment_and_counts(session: Session) -> None:
    reminder = add_reminder(session, "Call", due_at=NOW)
    assert snooze_reminder(session, reminder, LATER, now=NOW) == NOW
    assert (reminder.due_at, reminder.snooze_count) == (LATER, 1)


def test_a_reminder_is_not_put_off_into_the_past_nor_by_decades(session: Session) -> None:
    reminder = add_reminder(session, "Call", due_at=NOW)
    for until in (NOW, NOW - timedelta(days=1), NOW + timedelta(days=4_000)):
        with pytest.raises(Invalid):
            snooze_reminder(session, reminder, until, now=NOW)
    assert (reminder.due_at, reminder.snooze_count) == (NOW, 0)


def test_what_is_done_is_not_put_off(session: Session) -> None:
    reminder = add_reminder(session, "Call", due_at=NOW)
    finish_reminder(session, reminder, now=NOW)
    with pytest.raises(Conflict):
        snooze_reminder(session, reminder, LATER, now=NOW)


@pytest.mark.parametrize("text", ["", " \n ", "x" * 501])
def test_a_reminder_says_something_in_at_most_500_characters(session: Session, text: str) -> None:
    with pytest.raises(Invalid):
        add_reminder(session, text, due_at=NOW)


def test_a_person_counts_their_own_and_everybodys_but_not_others(
    database: Database, session: Session, scope: Scope
) -> None:
    other = factories.make_user(session)
    add_reminder(session, "Everybody", due_at=NOW)
    add_reminder(session, "Mine", due_at=NOW, for_user_id=scope.user_id)
    add_reminder(session, "Theirs", due_at=NOW, for_user_id=other.key)
    add_reminder(session, "Not yet", due_at=LATER)
    finish_reminder(session, add_reminder(session, "Done", due_at=NOW), now=NOW)
    assert count_due(session, scope.user_id, before=NOW + timedelta(hours=1)) == 2


def test_editing_changes_text_moment_and_person(session: Session, scope: Scope) -> None:
    reminder = add_reminder(session, "Call", due_at=NOW)
    edit_reminder(session, reminder, "Write", due_at=LATER, for_user_id=scope.user_id)
    found = get_reminder(session, reminder.key)
    assert (found.text, found.due_at, found.for_user_id) == ("Write", LATER, scope.user_id)


def test_a_deleted_reminder_is_gone(session: Session) -> None:
    reminder = add_reminder(session, "Call", due_at=NOW)
    delete_reminder(session, reminder)
    with pytest.raises(NotFound):
        get_reminder(session, reminder.key)


def test_what_settled_itself_is_done_once(session: Session) -> None:
    reminder = add_reminder(session, "Link lost", due_at=NOW, source_key="lost:1")
    assert finish_by_source(session, "lost:1", now=LATER)
    assert reminder.done_at == LATER
    assert not finish_by_source(session, "lost:1", now=LATER)
    assert not finish_by_source(session, "lost:2", now=LATER)
