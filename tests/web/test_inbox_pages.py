"""The inbox, a conversation and mail in triage, as a person clicks through them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlmodel import col, select

from outreach.accounts.words import Role
from outreach.campaigns.words import Stage
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope
from outreach.mail.models import InboundMessage, OutboxMessage
from outreach.mail.words import InboundKind, InboundState, OutboxState
from outreach.reminders.models import Reminder
from tests.factories_inbox import Correspondence, letter, make_correspondence


@pytest.fixture
def desk(database: Database, scope: Scope) -> Correspondence:
    return make_correspondence(database, scope)


@pytest.fixture
def pitched(desk: Correspondence) -> int:
    return desk.pitch("nora@garden.example")


@pytest.fixture
def reply(desk: Correspondence, pitched: int) -> InboundMessage:
    text = "Happy to <b>add</b> it.\n\nOn Wed, 18 Nov 2026 at 12:00, Jo <jo@ours.example> wrote:"
    text += "\n> Soil"
    return desk.take_in(letter(text, answers=desk.sent_to(pitched).message_id))[0]


def undo_url(client: FlaskClient) -> str:
    """Where the Undo button of the toast on the next page posts to."""
    found = re.search(
        r'action="([^"]+)">\s*<input[^>]+>\s*<button[^>]+data-key="u"', client.get("/").text
    )
    assert found is not None
    return found[1].replace("&amp;", "&")


def state_of(desk: Correspondence, mail: InboundMessage) -> InboundState:
    return next(each.state for each in desk.inbox() if each.id == mail.id)


def test_the_inbox_lists_triage_first_then_what_waits_then_what_is_handled(
    client: FlaskClient, desk: Correspondence, reply: InboundMessage
) -> None:
    handled = letter(
        sender="y@elsewhere.example", subject="Long ago", at=desk.clock() - timedelta(days=90)
    )
    desk.take_in(handled, letter(sender="x@elsewhere.example", subject="Placeless"))
    page = client.get("/conversations/").text
    places = [
        page.index(words) for words in ("Placeless", "Re: Soil on garden.example", "Long ago")
    ]
    assert places == sorted(places)
    assert "Happy to &lt;b&gt;add&lt;/b&gt; it." in page

    assert "Placeless" not in client.get("/conversations/?show=open").text
    assert "Nora Lind" not in client.get("/conversations/?show=triage").text
    assert "No such mail" in client.get("/conversations/?kind=complaint").text


def test_the_inbox_is_paged_across_states_without_losing_or_repeating_a_mail(
    client: FlaskClient, desk: Correspondence, reply: InboundMessage
) -> None:
    for number in range(70):
        desk.take_in(letter(sender=f"x{number}@elsewhere.example", subject=f"Nr {number} here"))
    first = client.get("/conversations/").text
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following is not None
    second = client.get(following[1].replace("&amp;", "&")).text
    seen = re.findall(r"Nr \d+ here", first + second)
    assert len(seen) == len(set(seen)) == 70
    assert "Re: Soil on garden.example" in second
    assert 'rel="next"' not in second


def test_the_inbox_takes_few_statements(
    client: FlaskClient, reply: InboundMessage, count_statements: Callable[[], list[str]]
) -> None:
    client.get("/conversations/")
    mail = [each for each in count_statements() if "inbound_message" in each]
    assert len(mail) <= 5  # one for each state, the tabs, and the rail


def test_a_conversation_shows_both_sides_as_text_and_the_whole_mail_on_request(
    client: FlaskClient, desk: Correspondence, pitched: int, reply: InboundMessage
) -> None:
    url = f"/conversations/{reply.conversation_id}"
    page = client.get(url).text
    assert page.index("I tried your compost.") < page.index("Happy to &lt;b&gt;add&lt;/b&gt; it.")
    assert "&gt; Soil" not in page
    assert "&gt; Soil" in client.get(f"{url}?whole={reply.id}").text
    alone = client.get(f"/conversations/mails/{reply.id}").text
    assert "In-Reply-To" in alone
    assert "&gt; Soil" in alone


def test_the_source_is_handed_out_as_a_file_and_never_shown(
    client: FlaskClient, reply: InboundMessage
) -> None:
    answer = client.get(f"/conversations/mails/{reply.id}/source")
    assert answer.data == reply.raw
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_answer_is_queued_in_the_thread_and_the_sender_is_woken(
    client: FlaskClient,
    desk: Correspondence,
    reply: InboundMessage,
    woken: list[tuple[str, str, int, int]],
) -> None:
    url = f"/conversations/{reply.conversation_id}/answers"
    answer = client.post(url, data={"text": "Thank you!"})
    assert answer.status_code == 303
    queued = desk.read(
        lambda session: session.exec(
            select(OutboxMessage).where(OutboxMessage.state == OutboxState.QUEUED)
        ).one()
    )
    assert (queued.recipient, queued.body_text) == ("nora@garden.example", "Thank you!")
    assert woken == [("mail", "send_mailbox", desk.scope.workspace_id, desk.mailbox_id)]
    assert state_of(desk, reply) is InboundState.HANDLED
    page = client.get(answer.location).text
    assert "Your answer to nora@garden.example is on its way." in page
    assert "Thank you!" in page


def test_an_empty_answer_is_a_422_with_the_form(
    client: FlaskClient, desk: Correspondence, reply: InboundMessage
) -> None:
    answer = client.post(f"/conversations/{reply.conversation_id}/answers", data={"text": " "})
    assert answer.status_code == 422
    assert "Write something first." in answer.text
    assert state_of(desk, reply) is InboundState.OPEN


def test_an_outcome_takes_one_post_and_can_be_undone(
    client: FlaskClient, desk: Correspondence, pitched: int, reply: InboundMessage
) -> None:
    url = f"/conversations/{reply.conversation_id}"
    assert client.post(f"{url}/outcome", data={"stage": "committed"}).status_code == 303
    assert desk.opportunity(pitched).stage is Stage.COMMITTED
    assert state_of(desk, reply) is InboundState.HANDLED
    client.post(undo_url(client))
    assert state_of(desk, reply) is InboundState.OPEN


@pytest.mark.parametrize(("stage", "status"), [("lost", 409), ("won", 422), ("", 422)])
def test_an_outcome_that_makes_no_sense_is_refused(
    client: FlaskClient, desk: Correspondence, pitched: int, reply: InboundMessage,
    stage: str, status: int,
) -> None:  # fmt: skip
    url = f"/conversations/{reply.conversation_id}/outcome"
    assert client.post(url, data={"stage": stage}).status_code == status
    assert desk.opportunity(pitched).stage is Stage.IN_CONVERSATION
    assert state_of(desk, reply) is InboundState.OPEN


def test_a_lost_outcome_keeps_its_reason(
    client: FlaskClient, desk: Correspondence, pitched: int, reply: InboundMessage
) -> None:
    url = f"/conversations/{reply.conversation_id}/outcome"
    client.post(url, data={"stage": "lost", "reason": "They want money."})
    assert desk.opportunity(pitched).lost_because == "They want money."


def test_handled_mail_can_be_undone_from_the_toast(
    client: FlaskClient, desk: Correspondence, reply: InboundMessage
) -> None:
    answer = client.post(f"/conversations/{reply.conversation_id}/handling?from=today")
    assert answer.location == "/"
    assert state_of(desk, reply) is InboundState.HANDLED
    client.post(undo_url(client))
    assert state_of(desk, reply) is InboundState.OPEN


def test_a_conversation_put_off_comes_back_as_a_reminder(
    client: FlaskClient, desk: Correspondence, reply: InboundMessage
) -> None:
    url = f"/conversations/{reply.conversation_id}/snooze"
    assert "Next week" in client.get(url).text
    assert client.post(url, data={"choice": "tomorrow"}).status_code == 303
    reminder = desk.read(lambda session: session.exec(select(Reminder)).one())
    assert reminder.text == "Answer Nora Lind: Soil on garden.example"
    assert reminder.due_at > utc_now()
    client.post(undo_url(client))
    assert desk.read(lambda session: session.exec(select(Reminder)).all()) == []
    assert state_of(desk, reply) is InboundState.OPEN


@pytest.mark.parametrize("data", [{}, {"until": "2020-01-01T09:00"}, {"choice": "never"}])
def test_putting_off_without_a_moment_to_come_asks_again(
    client: FlaskClient, desk: Correspondence, reply: InboundMessage, data: dict[str, str]
) -> None:
    answer = client.post(f"/conversations/{reply.conversation_id}/snooze", data=data)
    assert answer.status_code == 422
    assert state_of(desk, reply) is InboundState.OPEN


def test_mail_in_triage_is_assigned_to_a_suggested_conversation(
    client: FlaskClient, desk: Correspondence, pitched: int
) -> None:
    desk.pitch_colleague("ole@garden.example", pitched)
    mail = desk.take_in(letter(sender="ida@garden.example", subject="Your question"))[0]
    page = client.get(f"/conversations/mails/{mail.id}").text
    assert page.count("same company") == 2
    conversation_id = desk.sent_to(pitched).conversation_id
    answer = client.post(
        f"/conversations/mails/{mail.id}/assignment", data={"conversation_id": conversation_id}
    )
    assert answer.location == f"/conversations/{conversation_id}"
    assert state_of(desk, mail) is InboundState.OPEN
    assert desk.opportunity(pitched).stage is Stage.IN_CONVERSATION


def test_a_conversation_is_found_by_name_where_nothing_looks_like_it(
    client: FlaskClient, desk: Correspondence, pitched: int
) -> None:
    mail = desk.take_in(letter(sender="x@elsewhere.example", subject="Hi"))[0]
    url = f"/conversations/mails/{mail.id}"
    assert "No conversation looks like it." in client.get(url).text
    assert "Assign to Nora Lind" in client.get(f"{url}?q=nora").text
    assert "No conversation is called so." in client.get(f"{url}?q=100%25").text


def test_mail_can_be_put_aside_and_called_back(client: FlaskClient, desk: Correspondence) -> None:
    mail = desk.take_in(letter(sender="x@elsewhere.example", subject="Hi"))[0]
    client.post(f"/conversations/mails/{mail.id}/dismissal")
    assert state_of(desk, mail) is InboundState.HANDLED
    client.post(undo_url(client))
    assert state_of(desk, mail) is InboundState.TRIAGE


def test_a_kind_is_corrected_by_hand(
    client: FlaskClient, desk: Correspondence, reply: InboundMessage
) -> None:
    url = f"/conversations/mails/{reply.id}/kind"
    assert client.post(url, data={"kind": "out_of_office"}).status_code == 303
    assert desk.inbox()[0].kind is InboundKind.OUT_OF_OFFICE
    assert client.post(url, data={"kind": "own_copy"}).status_code == 422


def test_a_viewer_reads_but_is_offered_nothing_to_change(
    client_as: Callable[[Role], FlaskClient], desk: Correspondence, reply: InboundMessage
) -> None:
    viewer = client_as(Role.VIEWER)
    for url in (f"/conversations/{reply.conversation_id}", f"/conversations/mails/{reply.id}"):
        page = viewer.get(url).text
        assert "Happy to" in page
        assert "Put aside" not in page
        assert "Send the answer" not in page
    assert viewer.post(f"/conversations/{reply.conversation_id}/handling").status_code == 403


def test_the_rail_counts_what_waits(
    client: FlaskClient, desk: Correspondence, reply: InboundMessage
) -> None:
    counted = re.compile(r'Inbox</span><span class="rail__count">(\d+)<')
    found = counted.search(client.get("/conversations/").text)
    assert found is not None
    assert found[1] == "1"
    client.post(f"/conversations/{reply.conversation_id}/handling")
    assert counted.search(client.get("/conversations/").text) is None


def test_a_hostile_mail_is_shown_as_text(client: FlaskClient, desk: Correspondence) -> None:
    raw = letter(
        "<script>alert(1)</script>",
        sender='"<img src=x onerror=alert(1)>" <x@elsewhere.example>',
        subject="<script>alert(2)</script>",
    ).replace(b"text/plain", b"text/html")
    mail = desk.take_in(raw)[0]
    for url in ("/", "/conversations/", f"/conversations/mails/{mail.id}"):
        page = client.get(url).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    handled = desk.read(
        lambda session: session.exec(
            select(InboundMessage.id).where(col(InboundMessage.state) == InboundState.TRIAGE)
        ).all()
    )
    assert handled == [mail.id]
