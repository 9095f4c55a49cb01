"""Mail goes out encrypted and to the right server, or not at all."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from outreach.adapters.smtp import SmtpSender, SmtpTimeouts
from outreach.ports.mail import (
    BlameFor,
    MailDelayed,
    MailRefused,
    MailSecurity,
    MailServer,
    OutgoingMail,
)
from tests.servers.certificates import tls_pair
from tests.servers.smtp_server import Fault, SmtpServer

MAIL = OutgoingMail("me@a.test", "you@b.test", b"Subject: x\r\n\r\nHi\r\n", "<1@a.test>")
TLS = [MailSecurity.TLS, MailSecurity.STARTTLS]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    folder: Path = tmp_path_factory.mktemp("tls")
    return tls_pair(folder)


def server_for(security: MailSecurity, tls: ssl.SSLContext) -> SmtpServer:
    is_implicit = security is MailSecurity.TLS
    return SmtpServer(username="me", password="pw", tls=tls, implicit_tls=is_implicit)


def sender_for(
    server: SmtpServer, security: MailSecurity, tls: ssl.SSLContext | None, host: str = "127.0.0.1"
) -> SmtpSender:
    target = MailServer(host, server.port, security, "me", "pw")
    quick = SmtpTimeouts(command_s=1.0, dot_s=1.0)
    return SmtpSender(target, allow_private=True, tls=tls, timeouts=quick)


@pytest.mark.parametrize("security", TLS)
def test_a_mail_goes_out_over_a_trusted_connection(
    pair: tuple[ssl.SSLContext, ssl.SSLContext], security: MailSecurity
) -> None:
    with server_for(security, pair[0]) as server:
        with sender_for(server, security, pair[1]) as sender:
            for _ in range(2):
                with sender.offer(MAIL) as pending:
                    assert pending.accept().startswith("250")
        assert (len(server.accepted), server.connections) == (2, 1)


@pytest.mark.parametrize("security", TLS)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_certificate_nobody_vouches_for_or_of_another_name_is_refused(
    pair: tuple[ssl.SSLContext, ssl.SSLContext], security: MailSecurity, host: str
) -> None:
    tls = None if host == "127.0.0.1" else pair[1]
    with server_for(security, pair[0]) as server:
        with (
            pytest.raises(MailRefused) as caught,
            sender_for(server, security, tls, host) as sender,
        ):
            sender.check_sign_in()
        assert caught.value.blame is BlameFor.MAILBOX
        assert not any("AUTH" in line for line in server.commands)


def test_a_server_without_starttls_never_sees_the_password() -> None:
    with SmtpServer(username="me", password="pw") as server:
        with (
            pytest.raises(MailRefused),
            sender_for(server, MailSecurity.STARTTLS, None) as sender,
        ):
            sender.check_sign_in()
        assert not any("AUTH" in line for line in server.commands)


def test_a_refused_starttls_is_not_talked_around(
    pair: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    with server_for(MailSecurity.STARTTLS, pair[0]) as server:
        server.plan("starttls", Fault(reply="454 4.7.0 not now"))
        with (
            pytest.raises(MailDelayed),
            sender_for(server, MailSecurity.STARTTLS, pair[1]) as sender,
        ):
            sender.check_sign_in()
        assert not any("AUTH" in line for line in server.commands)
