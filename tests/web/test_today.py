"""Today and reminders, as a person clicks through them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from outreach.accounts.words import Role
from outreach.activity.services import Subject
from outreach.assets.models import Property
from outreach.campaigns.words import Stage
from outreach.contacts.services import mark_undeliverable
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, Session
from outreach.desk.today import Day, TodayKind, today_view
from outreach.mail.models import OutboxMessage
from outreach.mail.words import OutboxState
from outreach.reminders.models import Reminder
from outreach.reminders.services import add_reminder, finish_reminder
from tests import factories
from tests.factories_campaigns import make_asset, make_contact, make_opportunity
from tests.factories_inbox import Correspondence, letter, make_correspondence
from tests.factories_mail import NOON

DAY = Day(
    now=NOON,
    begins_at=NOON.replace(hour=0),
    ends_at=NOON.replace(hour=0) + timedelta(days=1),
)


@pytest.fixture
def desk(database: Database, scope: Scope) -> Correspondence:
    return make_correspondence(database, scope)


def remind(desk: Correspondence, text: str, due_at: datetime, **given: object) -> int:
    made: list[int] = []
    desk.change(
        lambda session: made.append(
            add_reminder(session, text, due_at=due_at, **given).key  # type: ignore[arg-type]
        )
    )
    return made[0]


def reminder(desk: Correspondence, reminder_id: int) -> Reminder:
    return desk.read(
        lambda session: session.exec(select(Reminder).where(Reminder.id == reminder_id)).one()
    )


def undo_url(page: str) -> str:
    found = re.search(r'action="([^"]+)">\s*<input[^>]+>\s*<button[^>]+data-key="u"', page)
    assert found is not None
    return found[1].replace("&amp;", "&")


def test_overdue_comes_first_then_what_is_due_today_and_nothing_of_tomorrow(
    desk: Correspondence, scope: Scope
) -> None:
    remind(desk, "Due this evening", NOON + timedelta(hours=8))
    remind(desk, "Due last week", NOON - timedelta(days=7))
    remind(desk, "Due tomorrow", NOON + timedelta(days=1))
    pitched = desk.pitch("nora@garden.example")
    answers = desk.sent_to(pitched).message_id
    desk.take_in(
        letter("Yes", answers=answers, at=NOON),
        letter(sender="x@elsewhere.example", subject="Yesterday", at=NOON - timedelta(days=1)),
    )
    view = desk.read(lambda session: today_view(session, scope.user_id, DAY))

    assert [(row.kind, row.title) for row in view.overdue] == [
        (TodayKind.REMINDER, "Due last week"),
        (TodayKind.TRIAGE, "x@elsewhere.example: Yesterday"),
    ]
    assert [(row.kind, row.about) for row in view.due] == [
        (TodayKind.REPLY, "garden.example"),
        (TodayKind.REMINDER, ""),
    ]


def test_a_reminder_of_somebody_else_is_not_mine(desk: Correspondence, scope: Scope) -> None:
    other = factories.make_member(desk.database, scope, Role.MEMBER)
    remind(desk, "Mine", NOON, for_user_id=scope.user_id)
    remind(desk, "Theirs", NOON, for_user_id=other.user_id)
    remind(desk, "Everybody's", NOON)
    done = remind(desk, "Done", NOON)
    desk.change(lambda session: finish_reminder(session, _row(session, done), now=NOON))
    view = desk.read(lambda session: today_view(session, scope.user_id, DAY))
    assert [row.title for row in view.due] == ["Mine", "Everybody's"]


def _row(session: Session, reminder_id: int) -> Reminder:
    return session.exec(select(Reminder).where(Reminder.id == reminder_id)).one()


def test_a_doubtful_mail_and_an_opportunity_without_a_contact_are_listed(
    desk: Correspondence, scope: Scope
) -> None:
    desk.pitch("nora@garden.example")

    def change(session: Session) -> None:
        mail = session.exec(select(OutboxMessage)).one()
        mail.state, mail.reason = OutboxState.IN_DOUBT, "The line broke off."
        make_opportunity(session, stage=Stage.QUALIFIED)
        make_opportunity(session, stage=Stage.IDENTIFIED)
        make_opportunity(session, stage=Stage.READY, contact_id=make_contact(session).key)
        dead = make_contact(session)
        mark_undeliverable(session, dead, "No such user", now=NOON)
        make_opportunity(session, stage=Stage.PITCHED, contact_id=dead.key)

    desk.change(change)
    view = desk.read(lambda session: today_view(session, scope.user_id, DAY))
    doubts = [row for row in view.overdue + view.due if row.kind is TodayKind.DOUBT]
    assert [(row.about, row.note) for row in doubts] == [("garden.example", "The line broke off.")]
    assert [row.title for row in view.unhurried] == [
        "Choose somebody else: mail does not arrive",
        "Find somebody to write to",
    ]


def test_what_goes_out_today_is_told(desk: Correspondence, scope: Scope) -> None:
    desk.pitch("nora@garden.example")
    view = desk.read(lambda session: today_view(session, scope.user_id, DAY))
    assert view.outgoing.total == 0
    due = datetime.fromisoformat("2026-11-24T00:00:00+00:00")  # the day of step two
    later = Day(now=due, begins_at=due, ends_at=due + timedelta(days=1))
    view = desk.read(lambda session: today_view(session, scope.user_id, later))
    assert (view.outgoing.first_pitches, view.outgoing.follow_ups) == (0, 1)


def test_today_takes_seven_statements_however_much_waits(
    desk: Correspondence, scope: Scope, count_statements: Callable[[], list[str]]
) -> None:
    for number in range(5):
        remind(desk, f"Nr {number}", NOON)
        desk.take_in(letter(sender=f"x{number}@elsewhere.example", subject=f"Nr {number}"))
    count_statements()
    view = desk.read(lambda session: today_view(session, scope.user_id, DAY))
    assert len(count_statements()) <= 7
    assert view.count == 10
    assert not view.is_clear


def test_a_new_workspace_shows_the_first_steps_and_ticks_them_off(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    page = client.get("/").text
    for step in ("Add our domains", "Add an asset", "Drop a file"):
        assert step in page
    with database.writing(scope) as session:
        session.add(Property(domain="ours.example"))
        make_asset(session)
    page = client.get("/").text
    assert "Add our domains" not in page
    assert "Drop a file" in page
    with database.writing(scope) as session:
        factories.make_prospect(session)
    assert "Nothing waits for you" in client.get("/").text


def test_every_row_has_its_one_action(client: FlaskClient, desk: Correspondence) -> None:
    pitched = desk.pitch("nora@garden.example")
    reply, stranger = desk.take_in(
        letter(answers=desk.sent_to(pitched).message_id),
        letter(sender="x@elsewhere.example", subject="Hi"),
    )
    about = remind(desk, "Ask again", NOON, subject=Subject("opportunity", pitched))
    page = client.get("/").text
    assert f'href="/conversations/{reply.conversation_id}#answer"' in page
    assert f'href="/conversations/mails/{stranger.id}"' in page
    assert f'action="/reminders/{about}/completion"' in page
    assert f'href="/opportunities/{pitched}"' in page
    assert "garden.example" in page


def test_a_viewer_sees_the_day_without_buttons(
    client_as: Callable[[Role], FlaskClient], desk: Correspondence
) -> None:
    remind(desk, "Ask again", NOON)
    page = client_as(Role.VIEWER).get("/").text
    assert "Ask again" in page
    assert "/completion" not in page


def test_a_reminder_is_added_by_the_persons_own_clock(
    client: FlaskClient, desk: Correspondence, scope: Scope
) -> None:
    form = client.get("/reminders/new?text=Ask%20again").text
    assert 'value="Ask again"' in form
    data = {"text": "Ask again", "due": "2026-12-01T09:00", "for_user_id": str(scope.user_id)}
    assert client.post("/reminders/", data=data).status_code == 303
    made = desk.read(lambda session: session.exec(select(Reminder)).one())
    assert made.due_at == datetime.fromisoformat("2026-12-01T09:00:00+00:00")
    assert made.for_user_id == made.created_by_id == scope.user_id


@pytest.mark.parametrize(
    "data", [{}, {"text": "x"}, {"text": "x", "due": "soon"}, {"text": "x", "for_user_id": "999"}]
)
def test_a_reminder_without_words_or_moment_is_asked_for_again(
    client: FlaskClient, desk: Correspondence, data: dict[str, str]
) -> None:
    answer = client.post("/reminders/", data=data)
    assert answer.status_code == 422
    assert "mending" in answer.text
    assert desk.read(lambda session: session.exec(select(Reminder)).all()) == []


def test_a_reminder_about_a_thing_names_it_and_leads_back_to_it(
    client: FlaskClient, desk: Correspondence
) -> None:
    pitched = desk.pitch("nora@garden.example")
    about = f"opportunity:{pitched}"
    assert "About garden.example" in client.get(f"/reminders/new?about={about}").text
    data = {"text": "Ask", "due": "2026-12-01T09:00", "for_user_id": "0", "about": about}
    assert client.post("/reminders/", data=data).location == f"/opportunities/{pitched}"
    assert f'href="/opportunities/{pitched}"' in client.get("/reminders/").text


@pytest.mark.parametrize("about", ["opportunity:999", "user:1", "opportunity:x", "opportunity:"])
def test_a_reminder_about_nothing_of_ours_is_not_found(
    client: FlaskClient, desk: Correspondence, about: str
) -> None:
    assert client.get(f"/reminders/new?about={about}").status_code == 404
    data = {"text": "Ask", "due": "2026-12-01T09:00", "for_user_id": "0", "about": about}
    assert client.post("/reminders/", data=data).status_code == 404


def test_done_is_undone_by_the_toast(client: FlaskClient, desk: Correspondence) -> None:
    key = remind(desk, "Ask again", utc_now())
    assert client.post(f"/reminders/{key}/completion").location == "/"
    assert reminder(desk, key).done_at is not None
    page = client.get("/").text
    assert "Ask again" not in page
    client.post(undo_url(page))
    assert reminder(desk, key).done_at is None
    assert "Ask again" in client.get("/").text


def test_putting_off_is_undone_by_the_toast(client: FlaskClient, desk: Correspondence) -> None:
    due = utc_now().replace(microsecond=0)
    key = remind(desk, "Ask again", due)
    assert "Tomorrow" in client.get(f"/reminders/{key}/snooze").text
    client.post(f"/reminders/{key}/snooze", data={"choice": "hour"})
    put_off = reminder(desk, key)
    assert put_off.due_at > due + timedelta(minutes=59)
    client.post(undo_url(client.get("/").text))
    assert reminder(desk, key).due_at == due


@pytest.mark.parametrize("data", [{}, {"until": "2020-01-01T09:00"}, {"choice": "never"}])
def test_putting_off_without_a_moment_to_come_asks_again(
    client: FlaskClient, desk: Correspondence, data: dict[str, str]
) -> None:
    key = remind(desk, "Ask again", NOON)
    assert client.post(f"/reminders/{key}/snooze", data=data).status_code == 422
    assert reminder(desk, key).due_at == NOON


def test_a_reminder_is_edited_and_deleted(client: FlaskClient, desk: Correspondence) -> None:
    key = remind(desk, "Ask again", NOON)
    form = client.get(f"/reminders/{key}/edit").text
    assert 'value="2026-11-18T12:00"' in form
    data = {"text": "Ask once more", "due": "2026-12-01T09:00", "for_user_id": "0"}
    client.post(f"/reminders/{key}", data=data)
    assert reminder(desk, key).text == "Ask once more"
    assert client.post(f"/reminders/{key}", data={"text": ""}).status_code == 422
    client.post(f"/reminders/{key}/deletion")
    assert desk.read(lambda session: session.exec(select(Reminder)).all()) == []


def test_a_deletion_is_undone_by_the_toast(
    client: FlaskClient, desk: Correspondence, scope: Scope
) -> None:
    pitched = desk.pitch("nora@garden.example")
    about = Subject("opportunity", pitched)
    key = remind(desk, "Ask & ask again", NOON, subject=about, for_user_id=scope.user_id)
    client.post(f"/reminders/{key}/deletion")
    client.post(undo_url(client.get("/").text))
    back = desk.read(lambda session: session.exec(select(Reminder)).one())
    assert (back.text, back.due_at) == ("Ask & ask again", NOON)
    assert (back.subject_type, back.subject_id) == ("opportunity", pitched)
    assert back.for_user_id == scope.user_id


def test_reminders_are_paged_without_losing_or_repeating_one(
    client: FlaskClient, desk: Correspondence
) -> None:
    def add_many(session: Session) -> None:
        for number in range(60):
            add_reminder(session, f"Nr {number} here", due_at=NOON + timedelta(hours=number // 2))

    desk.change(add_many)
    first = client.get("/reminders/").text
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following is not None
    second = client.get(following[1].replace("&amp;", "&")).text
    seen = re.findall(r"Nr \d+ here", first + second)
    assert len(seen) == len(set(seen)) == 60
    assert "Nothing is done yet" in client.get("/reminders/?show=done").text
