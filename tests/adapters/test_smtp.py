"""The SMTP sender against a real server on loopback that goes wrong on order."""

from __future__ import annotations

import socket

import pytest

from outreach.adapters.smtp import MAX_MAILS_PER_CONNECTION, SmtpSender, SmtpTimeouts
from outreach.ports.mail import (
    BlameFor,
    MailDelayed,
    MailInDoubt,
    MailRefused,
    MailSecurity,
    MailServer,
    OutgoingMail,
)
from tests.servers.smtp_server import Fault, SmtpServer

QUICK = SmtpTimeouts(command_s=0.25, dot_s=0.25)
RAW = b"Subject: x\r\nMessage-ID: <1@a.test>\r\n\r\nHello\r\n.dot\r\n..two\r\n.\r\nend\r\n"
MAIL = OutgoingMail("me@a.test", "you@b.test", RAW, "<1@a.test>")
BEFORE_DOT = ["connect", "ehlo", "auth", "mail", "rcpt", "data"]


def sender_for(server: SmtpServer, **changes: str) -> SmtpSender:
    values = {"username": server.username, "password": server.password} | changes
    target = MailServer("127.0.0.1", server.port, MailSecurity.NONE, **values)
    return SmtpSender(target, allow_private=True, timeouts=QUICK)


def send(sender: SmtpSender, mail: OutgoingMail = MAIL) -> str:
    with sender, sender.offer(mail) as pending:
        return pending.accept()


def test_a_mail_arrives_byte_for_byte_with_its_leading_dots() -> None:
    with SmtpServer(username="me", password="pä ss") as server:
        assert send(sender_for(server)) == "250 2.0.0 queued"
        assert [(m.sender, m.recipients, m.raw) for m in server.accepted] == [
            ("me@a.test", ("you@b.test",), RAW)
        ]


def test_a_body_that_starts_with_a_dot_or_lacks_its_last_line_end_arrives_whole() -> None:
    with SmtpServer() as server:
        send(sender_for(server), OutgoingMail("a@a.test", "b@b.test", b".x\ny", "<2@a.test>"))
        assert server.accepted[0].raw == b".x\r\ny\r\n"


def test_leaving_without_the_dot_sends_nothing_and_hangs_up() -> None:
    with SmtpServer() as server, sender_for(server) as sender:
        with sender.offer(MAIL):
            pass
        send(sender)
        assert len(server.accepted) == 1
        assert server.connections == 2


def test_an_error_between_body_and_dot_sends_nothing() -> None:
    with SmtpServer() as server:
        with pytest.raises(ZeroDivisionError), sender_for(server) as s, s.offer(MAIL):
            raise ZeroDivisionError
        assert server.accepted == []


@pytest.mark.parametrize("stage", [*BEFORE_DOT, "body"])
def test_a_connection_lost_before_the_dot_is_a_delay(stage: str) -> None:
    with SmtpServer(username="u", password="p") as server:
        server.plan(stage, Fault(drop=True))
        with pytest.raises(MailDelayed) as caught:
            _send_when_server_spoke(sender_for(server))
        assert caught.value.code is None
        assert server.accepted == []


def _send_when_server_spoke(sender: SmtpSender) -> None:
    with sender, sender.offer(MAIL) as pending:
        client = sender._client
        assert client is not None
        assert client.sock is not None
        client.sock.recv(1, socket.MSG_PEEK)
        pending.accept()


@pytest.mark.parametrize("stage", [*BEFORE_DOT, "dot"])
@pytest.mark.parametrize("reply", ["421 4.3.2 closing", "451 4.3.0 later"])
def test_a_temporary_refusal_at_any_stage_is_a_delay(stage: str, reply: str) -> None:
    with SmtpServer(username="u", password="p") as server:
        server.plan(stage, Fault(reply=reply))
        with pytest.raises(MailDelayed) as caught:
            send(sender_for(server))
        assert caught.value.code == int(reply[:3])
        assert caught.value.reply == reply
        assert server.accepted == []


@pytest.mark.parametrize("stage", [*BEFORE_DOT, "dot"])
def test_a_permanent_refusal_at_any_stage_is_final(stage: str) -> None:
    with SmtpServer(username="u", password="p") as server:
        server.plan(stage, Fault(reply="550 5.7.1 not you"))
        with pytest.raises(MailRefused) as caught:
            send(sender_for(server))
        is_late = stage in {"rcpt", "data", "dot"}
        assert caught.value.blame is (BlameFor.RECIPIENT if is_late else BlameFor.MAILBOX)
        assert not caught.value.is_hard
        assert server.accepted == []


@pytest.mark.parametrize(
    ("reply", "is_hard"),
    [
        ("550 5.1.1 no such user", True),
        ("550 5.1.10 null mx", True),
        ("550-5.1.1 no such\r\n550 5.1.1 user", True),
        ("550 5.1.1 blocked by a block list", False),
        ("552 5.2.2 mailbox full", False),
        ("550 no such user", False),
        ("554 5.7.1 policy", False),
    ],
)
def test_only_a_clear_word_about_the_address_is_hard(reply: str, is_hard: bool) -> None:
    with SmtpServer() as server:
        server.plan("rcpt", Fault(reply=reply))
        with pytest.raises(MailRefused) as caught:
            send(sender_for(server))
        assert caught.value.is_hard is is_hard
        assert caught.value.blame is BlameFor.RECIPIENT


@pytest.mark.parametrize("reply", ["450 4.7.1 greylisted", "554 5.7.60 not your address"])
def test_a_reply_about_the_sender_blames_the_mailbox_even_after_the_recipient(reply: str) -> None:
    with SmtpServer() as server:
        server.plan("rcpt", Fault(reply=reply))
        with pytest.raises(MailDelayed if reply.startswith("4") else MailRefused) as caught:
            send(sender_for(server))
        assert caught.value.blame is BlameFor.MAILBOX  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(drop=True),
        Fault(reply=b"2", drop=True),
        Fault(reply=b"25", drop=True),
        Fault(reply=b"25\r\n"),
        Fault(reply=b"250", drop=True),
        Fault(reply=b"250-part\r\n", drop=True),
        Fault(reply=b"250-a\r\n550 b\r\n"),
        Fault(reply=b"HTTP/1.1 200 OK\r\n"),
        Fault(reply=b"354 more\r\n"),
        Fault(reply=b"550", drop=True),
        Fault(reply=b"250 " + b"x" * 5000 + b"\r\n"),
        Fault(reply=b"250-x\r\n" * 200),
        Fault(delay_s=0.35),
    ],
)
def test_anything_unclear_after_the_dot_is_doubt(fault: Fault) -> None:
    with SmtpServer() as server:
        server.plan("accepted", fault)
        with pytest.raises(MailInDoubt):
            send(sender_for(server))
        assert server.times_accepted("<1@a.test>") == 1


def test_a_connection_lost_after_the_dot_is_doubt_even_if_nothing_was_taken() -> None:
    with SmtpServer() as server:
        server.plan("dot", Fault(drop=True))
        with pytest.raises(MailInDoubt):
            send(sender_for(server))
        assert server.accepted == []


def test_a_server_that_is_silent_before_the_dot_is_a_delay() -> None:
    with SmtpServer() as server:
        server.plan("rcpt", Fault(delay_s=0.35))
        with pytest.raises(MailDelayed):
            send(sender_for(server))


def test_a_server_that_speaks_before_the_dot_has_not_taken_the_mail() -> None:
    with SmtpServer() as server:
        server.plan("body", Fault(reply="421 4.3.2 too slow", drop=True))
        with pytest.raises(MailDelayed):
            _send_when_server_spoke(sender_for(server))
        assert server.accepted == []


def test_a_wrong_password_blames_the_mailbox() -> None:
    with SmtpServer(username="me", password="right") as server:
        with pytest.raises(MailRefused) as caught:
            send(sender_for(server, password="wrong"))
        assert (caught.value.code, caught.value.blame) == (535, BlameFor.MAILBOX)


def test_sign_in_can_be_checked_without_a_mail() -> None:
    with SmtpServer(username="me", password="right") as server:
        sender_for(server).check_sign_in()
        with pytest.raises(MailRefused):
            sender_for(server, password="wrong").check_sign_in()
        assert not any(line.startswith("MAIL") for line in server.commands)


def test_one_connection_carries_fifty_mails() -> None:
    with SmtpServer() as server, sender_for(server) as sender:
        for _ in range(MAX_MAILS_PER_CONNECTION + 1):
            with sender.offer(MAIL) as pending:
                pending.accept()
        assert len(server.accepted) == MAX_MAILS_PER_CONNECTION + 1
        assert server.connections == 2


def test_a_refused_recipient_leaves_the_connection_good_for_the_next() -> None:
    with SmtpServer(refused_recipients={"you@b.test": "550 5.1.1 gone"}) as server:
        with sender_for(server) as sender:
            with pytest.raises(MailRefused), sender.offer(MAIL):
                pass
            with sender.offer(OutgoingMail("me@a.test", "other@b.test", RAW, "<1@a.test>")) as p:
                p.accept()
        assert server.connections == 1
        assert server.accepted[0].recipients == ("other@b.test",)


def test_a_kept_connection_that_died_is_replaced() -> None:
    with SmtpServer() as server, sender_for(server) as sender:
        server.plan("accepted", Fault(reply="250 2.0.0 queued", drop=True))
        for _ in range(2):
            with sender.offer(MAIL) as pending:
                pending.accept()
        assert (len(server.accepted), server.connections) == (2, 2)


@pytest.mark.parametrize(
    ("sender", "recipient"),
    [
        ("me@a.test", "you@b.test>\r\nRCPT TO:<x@y.test"),
        ("me@a.test\r\nQUIT", "you@b.test"),
        ("me@a.test", "you @b.test"),
        ("me@a.test", "jörg@b.test"),
        ("me@a.test", ""),
    ],
)
def test_an_envelope_address_cannot_carry_a_command(sender: str, recipient: str) -> None:
    with SmtpServer() as server:
        with pytest.raises(MailRefused):
            send(sender_for(server), OutgoingMail(sender, recipient, RAW, "<1@a.test>"))
        assert not any("RCPT" in line for line in server.commands)


def test_bounces_are_asked_to_name_their_mail_where_the_server_can() -> None:
    with SmtpServer(extensions=("DSN",)) as server:
        send(sender_for(server), OutgoingMail("m@a.test", "a+b@b.test", RAW, "<tok3n@a.test>"))
        assert "mail FROM:<m@a.test> RET=HDRS ENVID=tok3n" in server.commands
        rcpt = "rcpt TO:<a+b@b.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;a+2Bb@b.test"
        assert rcpt in server.commands


def test_a_closed_port_is_a_delay() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    target = MailServer("127.0.0.1", port, MailSecurity.NONE)
    with pytest.raises(MailDelayed):
        send(SmtpSender(target, allow_private=True, timeouts=QUICK))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254"])
@pytest.mark.parametrize("security", list(MailSecurity))
def test_a_private_host_is_refused_unless_the_administrator_allows_it(
    host: str, security: MailSecurity
) -> None:
    with pytest.raises(MailRefused) as caught:
        send(SmtpSender(MailServer(host, 25, security), timeouts=QUICK))
    assert caught.value.blame is BlameFor.MAILBOX


def test_an_unencrypted_connection_never_leaves_this_machine() -> None:
    target = MailServer("10.0.0.1", 25, MailSecurity.NONE)
    with pytest.raises(MailRefused):
        send(SmtpSender(target, allow_private=True, timeouts=QUICK))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_under_random_faults_the_sender_never_claims_what_did_not_happen(seed: int) -> None:
    allowed = {"sent": {1}, "doubt": {0, 1}, "delayed": {0}, "refused": {0}}
    seen = set()
    with SmtpServer() as server, sender_for(server) as sender:
        server.go_wrong_at_random(0.12, seed)
        for number in range(120):
            message_id = f"<{number}@a.test>"
            raw = f"Message-ID: {message_id}\r\n\r\nHi\r\n".encode()
            outcome = _outcome(sender, OutgoingMail("me@a.test", "you@b.test", raw, message_id))
            seen.add(outcome)
            assert server.times_accepted(message_id) in allowed[outcome]
    assert seen == set(allowed)


def _outcome(sender: SmtpSender, mail: OutgoingMail) -> str:
    try:
        with sender.offer(mail) as pending:
            pending.accept()
    except MailInDoubt:
        return "doubt"
    except MailDelayed:
        return "delayed"
    except MailRefused:
        return "refused"
    return "sent"
