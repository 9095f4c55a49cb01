"""Reading mailboxes: over a real IMAP server and from a Maildir, through kills and odd mail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from outreach.activity.models import Activity
from outreach.adapters.imap import ImapReader
from outreach.adapters.maildir import MaildirReader
from outreach.campaigns.words import Stage
from outreach.contacts.models import Contact
from outreach.contacts.words import Deliverability
from outreach.core.db import SYSTEM, Database, Scope
from outreach.mail.inbox import (
    READING_LEASE,
    mailboxes_to_read,
    mailboxes_with_waiting_mail,
    take_reading_lease,
)
from outreach.mail.mailboxes import get_mailbox
from outreach.mail.models import FolderPosition, InboundMessage, Mailbox
from outreach.mail.words import InboundKind, InboundState
from outreach.sequences.words import EnrollmentState, StopCause
from outreach.workflows.receive_mail import receive_mail, settle_waiting
from tests.factories_inbox import (
    OURS,
    Correspondence,
    absence,
    bounce,
    letter,
    make_correspondence,
)
from tests.servers.imap_server import ImapServer, _empty, imap_server


class Killed(BaseException):
    """What a kill looks like from inside: nothing may catch it and go on."""


@pytest.fixture(scope="module")
def shared() -> Iterator[ImapServer]:
    with imap_server() as server:
        yield server


@pytest.fixture
def server(shared: ImapServer) -> ImapServer:
    """The shared server with nothing in its folders."""
    for folder in ("INBOX", "Sent"):
        _empty(shared, folder)
    return shared


@pytest.fixture
def desk(database: Database, scope: Scope) -> Correspondence:
    return make_correspondence(database, scope, imap_host="mail.ours.example")


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for folder in ("", ".Sent", ".Junk"):
        for part in ("cur", "new", "tmp"):
            (tmp_path / "box" / folder / part).mkdir(parents=True)
    return tmp_path / "box"


def deliver(maildir: Path, *raws: bytes, folder: str = "") -> None:
    place = maildir / folder / "new"
    for raw in raws:
        (place / f"{len(list(place.iterdir())):04}.mail").write_bytes(raw)


def read_imap(desk: Correspondence, server: ImapServer) -> int:
    reader = ImapReader(server.settings, allow_private=True)
    return receive_mail(desk.reception, reader, desk.scope, desk.mailbox_id)


def read_maildir(desk: Correspondence, maildir: Path) -> int:
    return receive_mail(desk.reception, MaildirReader(maildir), desk.scope, desk.mailbox_id)


def test_each_kind_of_answer_over_imap_ends_in_the_right_state(
    desk: Correspondence, server: ImapServer
) -> None:
    names = ("nora@garden", "ida@meadow", "kai@forest", "liv@harbour")
    garden, meadow, forest, harbour = (desk.pitch(f"{name}.example") for name in names)
    ids = [desk.sent_to(each).message_id for each in (garden, meadow, forest, harbour)]
    colleague = letter(sender="Boss <boss@meadow.example>", subject="Soil", answers=ids[1])
    for raw in (
        letter(answers=ids[0]),
        colleague,
        bounce(ids[2], "kai@forest.example"),
        absence(ids[3], "I am out of the office until 30 November 2026."),
        letter(sender="x@elsewhere.example", subject="Buy my links"),
    ):
        server.append(raw)
    server.append(letter(sender=OURS, to="mum@family.example"), "Sent")
    desk.clock.forward(hours=2)

    assert read_imap(desk, server) == 6
    assert read_imap(desk, server) == 0

    assert Counter((mail.kind.value, mail.state.value) for mail in desk.inbox()) == {
        ("reply", "open"): 2,
        ("bounce_hard", "handled"): 1,
        ("out_of_office", "handled"): 1,
        ("reply", "triage"): 1,
        ("own_copy", "handled"): 1,
    }
    assert [_cause(desk, each) for each in (garden, meadow, forest, harbour)] == [
        (EnrollmentState.STOPPED, StopCause.REPLIED),
        (EnrollmentState.STOPPED, StopCause.REPLIED),
        (EnrollmentState.STOPPED, StopCause.BOUNCED),
        (EnrollmentState.ACTIVE, StopCause.NONE),
    ]
    assert [desk.opportunity(each).stage for each in (garden, meadow, forest, harbour)] == [
        Stage.IN_CONVERSATION,
        Stage.IN_CONVERSATION,
        Stage.PITCHED,
        Stage.PITCHED,
    ]
    assert desk.enrollment(harbour).held_because == "Out of the office until 30 Nov 2026."
    dead = desk.read(
        lambda session: session.exec(
            select(Contact.address).where(Contact.deliverability == Deliverability.UNDELIVERABLE)
        ).all()
    )
    assert dead == ["kai@forest.example"]
    assert b"Seen" not in server.flags()


def _cause(desk: Correspondence, opportunity_id: int) -> tuple[EnrollmentState, StopCause]:
    found = desk.enrollment(opportunity_id)
    return found.state, found.stopped_because


def test_the_bytes_are_kept_as_the_server_has_them(
    desk: Correspondence, server: ImapServer
) -> None:
    raw = letter("Grüße")
    server.append(raw)
    read_imap(desk, server)
    assert [mail.raw for mail in desk.inbox()] == [raw]


@pytest.mark.parametrize("point", ["storing", "stored", "read", "settling", "settled"])
def test_whatever_point_we_die_at_each_mail_is_settled_exactly_once(
    desk: Correspondence, maildir: Path, point: str
) -> None:
    pitched = desk.pitch("nora@garden.example")
    deliver(
        maildir,
        letter(answers=desk.sent_to(pitched).message_id),
        letter(sender="x@elsewhere.example", subject="Hi"),
        letter("No", sender="y@elsewhere.example", subject="unsubscribe"),
    )
    for _ in range(8):  # every run dies at the named point until there is nothing left to do
        try:
            dying = replace(desk.reception, checkpoint=_die_at(point))
            receive_mail(dying, MaildirReader(maildir), desk.scope, desk.mailbox_id)
        except Killed:
            desk.clock.now += READING_LEASE
    read_maildir(desk, maildir)

    mails = desk.inbox()
    assert len(mails) == 3
    assert all(mail.processed_at is not None for mail in mails)
    assert [mail.state for mail in mails] == [
        InboundState.OPEN,
        InboundState.TRIAGE,
        InboundState.TRIAGE,
    ]
    told = desk.read(
        lambda session: session.exec(
            select(Activity.id).where(
                Activity.verb == "replied", Activity.subject_type == "opportunity"
            )
        ).all()
    )
    assert len(told) == 1
    with desk.database.reading(SYSTEM) as session:
        assert mailboxes_with_waiting_mail(session) == []


def _die_at(point: str) -> Callable[[str], None]:
    def checkpoint(name: str) -> None:
        if name == point:
            raise Killed

    return checkpoint


def test_a_backlog_stored_before_a_kill_is_found_and_settled(
    desk: Correspondence, maildir: Path
) -> None:
    pitched = desk.pitch("nora@garden.example")
    deliver(maildir, letter(answers=desk.sent_to(pitched).message_id))
    with pytest.raises(Killed):
        receive_mail(
            replace(desk.reception, checkpoint=_die_at("stored")),
            MaildirReader(maildir),
            desk.scope,
            desk.mailbox_id,
        )
    assert [mail.processed_at for mail in desk.inbox()] == [None]
    assert desk.enrollment(pitched).state is EnrollmentState.ACTIVE

    with desk.database.reading(SYSTEM) as session:
        assert mailboxes_with_waiting_mail(session) == [(desk.scope.workspace_id, desk.mailbox_id)]
    assert settle_waiting(desk.reception, desk.scope, desk.mailbox_id) == 1
    assert settle_waiting(desk.reception, desk.scope, desk.mailbox_id) == 0
    assert desk.enrollment(pitched).state is EnrollmentState.STOPPED


def test_a_folder_numbered_anew_is_read_again_without_effect(
    desk: Correspondence, maildir: Path
) -> None:
    pitched = desk.pitch("nora@garden.example")
    deliver(maildir, letter(answers=desk.sent_to(pitched).message_id), letter(subject="Hello"))
    assert read_maildir(desk, maildir) == 2
    (maildir / "outreach-uidlist").unlink()  # as a server that lost its index
    before = desk.read(lambda session: session.exec(select(FolderPosition.uidvalidity)).all())

    deliver(maildir, letter(subject="Another"))
    assert read_maildir(desk, maildir) == 1
    after = desk.read(lambda session: session.exec(select(FolderPosition.uidvalidity)).all())
    assert before != after
    assert len(desk.inbox()) == 3


def test_a_mail_moved_to_another_folder_is_not_taken_twice(
    desk: Correspondence, maildir: Path
) -> None:
    raw = letter(sender="x@elsewhere.example", subject="Hi")
    deliver(maildir, raw, folder=".Junk")
    assert read_maildir(desk, maildir) == 1
    deliver(maildir, raw)
    assert read_maildir(desk, maildir) == 0


def test_sent_and_junk_are_read_too(desk: Correspondence, maildir: Path) -> None:
    pitched = desk.pitch("nora@garden.example")
    deliver(maildir, desk.sent_to(pitched).raw, folder=".Sent")
    deliver(maildir, letter(answers=desk.sent_to(pitched).message_id), folder=".Junk")
    assert read_maildir(desk, maildir) == 2
    assert [mail.kind for mail in desk.inbox()] == [InboundKind.OWN_COPY, InboundKind.REPLY]
    assert desk.enrollment(pitched).state is EnrollmentState.STOPPED


HOSTILE = (
    b"",
    b"\x00" * 2000,
    b"From: " + b"<" * 5000 + b"\r\n\r\n",
    b"Subject: =?utf-8?b?" + b"/" * 4000 + b"?=\r\n\r\n",
    b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n' + b"--x\r\n" * 3000,
    b"Date: Mon, 99 Foo 20265 99:99:99 +9999\r\nFrom: a@b.example\r\n\r\nHi",
    b"From: =?utf-16?q?=00=D8?= <a@b.example>\r\nSubject: \xff\xfe\r\n\r\n\x80\x81",
    "From: \u202eevil <x@b.example>\r\nSubject: \ud83d\r\n\r\n".encode("utf-8", "surrogatepass"),
)


def test_hostile_mail_does_not_stop_the_reader(desk: Correspondence, maildir: Path) -> None:
    pitched = desk.pitch("nora@garden.example")
    deliver(maildir, *HOSTILE, letter(answers=desk.sent_to(pitched).message_id))
    assert read_maildir(desk, maildir) == len(HOSTILE) + 1
    mails = desk.inbox()
    assert all(mail.processed_at is not None for mail in mails)
    assert {mail.state for mail in mails[:-1]} == {InboundState.TRIAGE}
    assert mails[-1].state is InboundState.OPEN


def test_a_mail_we_stumble_over_is_listed_unparsed_and_the_next_is_settled(
    desk: Correspondence, maildir: Path
) -> None:
    pitched = desk.pitch("nora@garden.example")
    answers = desk.sent_to(pitched).message_id
    deliver(maildir, letter("First", answers=answers), letter("Second", answers=answers))
    left = ["settling"]

    def stumble_once(name: str) -> None:
        if name in left:
            left.remove(name)
            raise ZeroDivisionError

    receive_mail(
        replace(desk.reception, checkpoint=stumble_once),
        MaildirReader(maildir),
        desk.scope,
        desk.mailbox_id,
    )
    first, second = desk.inbox()
    assert (first.kind, first.state) == (InboundKind.UNPARSED, InboundState.TRIAGE)
    assert (first.from_address, first.visible_text) == ("nora@garden.example", "First")
    assert (second.kind, second.state) == (InboundKind.REPLY, InboundState.OPEN)


def test_two_workers_do_not_read_a_mailbox_at_once(desk: Correspondence, maildir: Path) -> None:
    deliver(maildir, letter())
    desk.change(lambda session: take_reading_lease(session, desk.mailbox_id, now=desk.clock.now))
    assert read_maildir(desk, maildir) == 0
    with desk.database.reading(SYSTEM) as session:
        assert mailboxes_to_read(session, now=desk.clock.now) == []

    desk.clock.now += READING_LEASE  # the other worker is gone
    with desk.database.reading(SYSTEM) as session:
        assert mailboxes_to_read(session, now=desk.clock.now) == [
            (desk.scope.workspace_id, desk.mailbox_id)
        ]
    assert read_maildir(desk, maildir) == 1


def test_a_mailbox_that_cannot_be_read_says_why_and_rests_when_a_person_is_needed(
    desk: Correspondence, tmp_path: Path, maildir: Path
) -> None:
    assert read_maildir(desk, tmp_path / "nowhere") == 0
    mailbox = _mailbox(desk)
    assert mailbox.read_failure == "This is not a Maildir: it has no cur."
    assert mailbox.last_read_at is None
    with desk.database.reading(SYSTEM) as session:
        assert mailboxes_to_read(session, now=desk.clock.now + timedelta(minutes=2)) == []
        assert len(mailboxes_to_read(session, now=desk.clock.now + timedelta(hours=1))) == 1

    desk.clock.forward(hours=1)
    read_maildir(desk, maildir)
    mailbox = _mailbox(desk)
    assert (mailbox.read_failure, mailbox.last_read_at) == ("", desk.clock.now)


def _mailbox(desk: Correspondence) -> Mailbox:
    return desk.read(lambda session: get_mailbox(session, desk.mailbox_id))


def test_a_mailbox_without_a_way_in_is_not_read(desk: Correspondence) -> None:
    desk.change(lambda session: setattr(get_mailbox(session, desk.mailbox_id), "imap_host", ""))
    with desk.database.reading(SYSTEM) as session:
        assert mailboxes_to_read(session, now=desk.clock.now) == []


def test_a_mail_already_settled_is_not_settled_again(desk: Correspondence) -> None:
    pitched = desk.pitch("nora@garden.example")
    mail = desk.take_in(letter(answers=desk.sent_to(pitched).message_id))[0]
    desk.change(lambda session: _handle(session.exec(select(InboundMessage)).one()))
    assert settle_waiting(desk.reception, desk.scope, desk.mailbox_id) == 0
    assert desk.inbox()[0].state is InboundState.HANDLED
    assert desk.inbox()[0].id == mail.id


def _handle(mail: InboundMessage) -> None:
    mail.state = InboundState.HANDLED
