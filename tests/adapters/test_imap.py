"""The IMAP reader against a real server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from outreach.adapters import imap
from outreach.adapters.imap import ImapReader
from outreach.ports.mail import FolderCursor, MailboxUnreadable, MailSecurity, MailServer
from tests.servers.certificates import tls_pair
from tests.servers.imap_server import ImapServer, imap_server


@pytest.fixture(scope="module")
def shared() -> Iterator[ImapServer]:
    with imap_server() as server:
        yield server


@pytest.fixture
def server(shared: ImapServer) -> ImapServer:
    """The shared server with a fresh folder called Box."""
    shared.drop("Box")
    shared.create("Box")
    return shared


@pytest.fixture
def reader(server: ImapServer) -> Iterator[ImapReader]:
    with ImapReader(server.settings, allow_private=True) as reader:
        yield reader


def message(name: str, size: int = 0) -> bytes:
    return f"Message-ID: <{name}@a.test>\r\nSubject: {name}\r\n\r\nHi {'x' * size}\r\n".encode()


def test_new_mail_comes_oldest_first_with_its_very_bytes(
    server: ImapServer, reader: ImapReader
) -> None:
    for name in "abc":
        server.append(message(name), "Box")
    found = list(reader.new_mail("Box", FolderCursor()))
    assert [mail.raw for mail in found] == [message(name) for name in "abc"]
    assert [mail.uid for mail in found] == sorted(mail.uid for mail in found)
    assert {mail.folder for mail in found} == {"Box"}


def test_only_what_came_after_the_cursor_is_read(server: ImapServer, reader: ImapReader) -> None:
    server.append(message("a"), "Box")
    first = next(iter(reader.new_mail("Box", FolderCursor())))
    cursor = FolderCursor(first.uidvalidity, first.uid)
    assert list(reader.new_mail("Box", cursor)) == []  # the server names the newest for n:*
    server.append(message("b"), "Box")
    assert [mail.raw for mail in reader.new_mail("Box", cursor)] == [message("b")]


def test_a_folder_made_anew_is_read_from_the_start(server: ImapServer, reader: ImapReader) -> None:
    server.append(message("a"), "Box")
    first = next(iter(reader.new_mail("Box", FolderCursor())))
    cursor = FolderCursor(first.uidvalidity + 1, first.uid + 100)
    again = list(reader.new_mail("Box", cursor))
    assert [(mail.uidvalidity, mail.uid) for mail in again] == [(first.uidvalidity, first.uid)]


def test_reading_leaves_mail_unseen(server: ImapServer, reader: ImapReader) -> None:
    server.append(message("a"), "Box")
    assert len(list(reader.new_mail("Box", FolderCursor()))) == 1
    assert reader.has_message("Box", "<a@a.test>")
    assert b"Seen" not in server.flags("Box")


def test_many_mails_come_in_small_batches(
    server: ImapServer, reader: ImapReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "MAX_BATCH_BYTES", 500)
    monkeypatch.setattr(imap, "_SIZES_AT_ONCE", 5)
    names = [f"m{number}" for number in range(12)]
    for name in names:
        server.append(message(name, 150), "Box")
    found = [mail.raw for mail in reader.new_mail("Box", FolderCursor())]
    assert found == [message(name, 150) for name in names]


def test_a_huge_mail_is_cut(
    server: ImapServer, reader: ImapReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "MAX_MAIL_BYTES", 100)
    server.append(message("a", 1000), "Box")
    assert [mail.raw for mail in reader.new_mail("Box", FolderCursor())] == [
        message("a", 1000)[:100]
    ]


def test_another_folder_may_be_searched_between_two_batches(
    server: ImapServer, reader: ImapReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "MAX_BATCH", 1)
    for name in "ab":
        server.append(message(name), "Box")
    found = []
    for mail in reader.new_mail("Box", FolderCursor()):
        assert not reader.has_message("INBOX", "<a@a.test>")
        found.append(mail.raw)
    assert found == [message("a"), message("b")]


def test_a_mail_deleted_while_we_read_does_not_stop_the_rest(
    server: ImapServer, reader: ImapReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "MAX_BATCH", 1)
    for name in "abc":
        server.append(message(name), "Box")
    mails = reader.new_mail("Box", FolderCursor())
    first = next(mails)
    server.delete(first.uid + 1, "Box")
    assert [mail.raw for mail in mails][-1] == message("c")


def test_a_message_is_found_by_its_id_alone(server: ImapServer, reader: ImapReader) -> None:
    server.append(message("a"), "Box")
    assert reader.has_message("Box", "<a@a.test>")
    assert not reader.has_message("Box", "<b@a.test>")
    assert not reader.has_message("Nowhere", "<a@a.test>")


@pytest.mark.parametrize("hostile", ['<a" ALL "@x>', "<a\r\nb@x>", "", "a@x", "<a\\@x>", "<ü@x>"])
def test_a_hostile_id_is_never_put_into_a_command(reader: ImapReader, hostile: str) -> None:
    assert not reader.has_message("Box", hostile)


def test_the_sent_folder_is_found(reader: ImapReader) -> None:
    assert reader.sent_folder() == "Sent"


def test_a_folder_that_does_not_exist_has_no_mail(reader: ImapReader) -> None:
    assert list(reader.new_mail("Nowhere", FolderCursor())) == []


def test_a_folder_beyond_ascii_is_read(server: ImapServer, reader: ImapReader) -> None:
    server.create("Entw&APw-rfe")
    server.append(message("a"), "Entw&APw-rfe")
    assert len(list(reader.new_mail("Entwürfe", FolderCursor()))) == 1


@pytest.mark.parametrize("password", ["wrong", "fälsch"])
def test_a_wrong_password_needs_a_person(server: ImapServer, password: str) -> None:
    target = MailServer("127.0.0.1", server.port, MailSecurity.NONE, "me", password)
    with pytest.raises(MailboxUnreadable) as caught:
        ImapReader(target, allow_private=True).check_sign_in()
    assert caught.value.needs_person
    assert password not in str(caught.value)


def test_sign_in_can_be_checked(server: ImapServer) -> None:
    reader = ImapReader(server.settings, allow_private=True)
    reader.check_sign_in()
    assert reader._mailbox is None


def test_a_closed_port_can_be_tried_again_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    target = MailServer("127.0.0.1", port, MailSecurity.NONE, "me", "pw")
    with pytest.raises(MailboxUnreadable) as caught:
        list(ImapReader(target, allow_private=True).new_mail("INBOX", FolderCursor()))
    assert not caught.value.needs_person


@pytest.mark.parametrize("security", list(MailSecurity))
def test_a_private_host_is_refused_unless_the_administrator_allows_it(
    security: MailSecurity,
) -> None:
    target = MailServer("127.0.0.1", 143, security, "me", "pw")
    with pytest.raises(MailboxUnreadable) as caught:
        ImapReader(target).check_sign_in()
    assert caught.value.needs_person


GREETING = b"* OK [CAPABILITY IMAP4rev1] hello\r\n"


@pytest.mark.parametrize(
    "answers",
    [
        [],
        [b"* BYE go away\r\n"],
        [b"nonsense\r\n"],
        [GREETING],
        [GREETING, b"* BYE too many connections\r\n"],
    ],
)
def test_a_server_that_breaks_off_can_be_tried_again_later(answers: list[bytes]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                for answer in answers:
                    connection.sendall(answer)
                    connection.recv(1000)

        thread = threading.Thread(target=serve)
        thread.start()
        port = listener.getsockname()[1]
        target = MailServer("127.0.0.1", port, MailSecurity.NONE, "me", "pw")
        reader = ImapReader(target, allow_private=True, timeout_s=0.3)
        with pytest.raises(MailboxUnreadable) as caught:
            list(reader.new_mail("INBOX", FolderCursor()))
        reader.close()
        thread.join(5)
    assert not caught.value.needs_person


def test_a_mailbox_is_read_over_starttls_and_only_from_a_trusted_server(tmp_path: Path) -> None:
    _, tls = tls_pair(tmp_path)
    with imap_server(tmp_path / "loopback.pem") as server:
        target = MailServer("127.0.0.1", server.port, MailSecurity.STARTTLS, "me", "pw")
        with ImapReader(target, allow_private=True, tls=tls) as reader:
            assert len(list(reader.new_mail("INBOX", FolderCursor()))) > 0
        with pytest.raises(MailboxUnreadable) as caught:
            ImapReader(target, allow_private=True).check_sign_in()
    assert caught.value.needs_person
    assert "certificate" in caught.value.said


def test_a_mailbox_is_reached_over_implicit_tls(tmp_path: Path) -> None:
    tls_of_server, tls_of_client = tls_pair(tmp_path)
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with tls_of_server.wrap_socket(connection, server_side=True) as encrypted:
                encrypted.sendall(GREETING)
                heard.append(encrypted.recv(1000))

        thread = threading.Thread(target=serve)
        thread.start()
        port = listener.getsockname()[1]
        target = MailServer("127.0.0.1", port, MailSecurity.TLS, "me", "pw")
        with pytest.raises(MailboxUnreadable):
            ImapReader(target, allow_private=True, tls=tls_of_client, timeout_s=1).check_sign_in()
        thread.join(5)
    assert heard[0].endswith(b'LOGIN "me" "pw"\r\n') or b"CAPABILITY" in heard[0]


def test_the_junk_folder_is_found_by_its_name(shared: ImapServer) -> None:
    with ImapReader(shared.settings, allow_private=True) as reader:
        shared.drop("Junk")
        assert reader.junk_folder() is None
        shared.create("Junk")
        assert reader.junk_folder() == "Junk"
        shared.drop("Junk")
