"""The Maildir reader keeps its own numbers and touches nothing else."""

from __future__ import annotations

import mailbox
import os
from pathlib import Path

import pytest

from outreach.adapters import maildir
from outreach.adapters.maildir import UID_LIST, MaildirReader
from outreach.ports.mail import FolderCursor, MailboxUnreadable


@pytest.fixture
def box(tmp_path: Path) -> mailbox.Maildir:
    return mailbox.Maildir(tmp_path / "Maildir", create=True)


@pytest.fixture
def reader(box: mailbox.Maildir, tmp_path: Path) -> MaildirReader:
    return MaildirReader(tmp_path / "Maildir")


def deliver(path: Path, name: str, arrived: int, part: str = "new") -> None:
    file = path / part / name
    file.write_bytes(message(name))
    os.utime(file, (arrived, arrived))


def message(name: str) -> bytes:
    return f"Message-ID:\r\n <{name}@a.test>\r\n\r\nHi\r\n".encode()


def root(reader: MaildirReader) -> Path:
    return reader._path


def test_mail_comes_in_order_of_arrival_with_its_very_bytes(reader: MaildirReader) -> None:
    for name, arrived in (("b", 20), ("a", 30), ("c", 10)):
        deliver(root(reader), name, arrived)
    found = list(reader.new_mail("INBOX", FolderCursor()))
    assert [(mail.uid, mail.raw) for mail in found] == [
        (1, message("c")), (2, message("b")), (3, message("a")),
    ]  # fmt: skip


def test_a_late_arrival_with_an_old_date_is_not_missed(reader: MaildirReader) -> None:
    deliver(root(reader), "a", 50)
    first = next(iter(reader.new_mail("INBOX", FolderCursor())))
    cursor = FolderCursor(first.uidvalidity, first.uid)
    deliver(root(reader), "b", 10)
    assert [mail.raw for mail in reader.new_mail("INBOX", cursor)] == [message("b")]


def test_reading_a_mail_elsewhere_does_not_make_it_new(reader: MaildirReader) -> None:
    deliver(root(reader), "a", 50)
    first = next(iter(reader.new_mail("INBOX", FolderCursor())))
    (root(reader) / "new/a").rename(root(reader) / "cur/a:2,S")
    cursor = FolderCursor(first.uidvalidity, first.uid)
    assert list(reader.new_mail("INBOX", cursor)) == []
    assert len(list(reader.new_mail("INBOX", FolderCursor()))) == 1


def test_a_number_is_never_given_twice(reader: MaildirReader) -> None:
    deliver(root(reader), "a", 50)
    assert [mail.uid for mail in reader.new_mail("INBOX", FolderCursor())] == [1]
    (root(reader) / "new/a").unlink()
    assert list(reader.new_mail("INBOX", FolderCursor())) == []
    deliver(root(reader), "b", 60)
    assert [mail.uid for mail in reader.new_mail("INBOX", FolderCursor())] == [2]


@pytest.mark.parametrize("damage", [None, "", "nonsense\n", "1 2 3\n", "5 2\nx y\n"])
def test_a_lost_list_means_everything_is_read_again(
    reader: MaildirReader, damage: str | None
) -> None:
    deliver(root(reader), "a", 50)
    first = next(iter(reader.new_mail("INBOX", FolderCursor())))
    if damage is None:
        (root(reader) / UID_LIST).unlink()
    else:
        (root(reader) / UID_LIST).write_text(damage)
    again = list(reader.new_mail("INBOX", FolderCursor(first.uidvalidity, first.uid)))
    assert [mail.raw for mail in again] == [message("a")]
    assert again[0].uidvalidity != first.uidvalidity


def test_nothing_but_the_list_is_written(reader: MaildirReader) -> None:
    deliver(root(reader), "a", 50)
    before = {file: file.stat().st_mtime_ns for file in root(reader).rglob("*") if file.is_file()}
    list(reader.new_mail("INBOX", FolderCursor()))
    after = {file: file.stat().st_mtime_ns for file in root(reader).rglob("*") if file.is_file()}
    assert after.keys() - before.keys() == {root(reader) / UID_LIST}
    assert all(after[file] == before[file] for file in before)


def test_a_message_is_found_by_its_folded_id(reader: MaildirReader) -> None:
    deliver(root(reader), "a", 50, "cur")
    assert reader.has_message("INBOX", "<a@a.test>")
    assert not reader.has_message("INBOX", "<b@a.test>")
    assert not reader.has_message("INBOX", "")


def test_the_sent_folder_is_a_folder_like_any_other(
    reader: MaildirReader, box: mailbox.Maildir
) -> None:
    assert reader.sent_folder() is None
    box.add_folder("Sent")
    deliver(root(reader) / ".Sent", "s", 10, "cur")
    assert reader.sent_folder() == "Sent"
    assert reader.has_message("Sent", "<s@a.test>")
    assert [mail.folder for mail in reader.new_mail("Sent", FolderCursor())] == ["Sent"]


@pytest.mark.parametrize("folder", ["Nowhere", "../Maildir", "..", "a/b", "\\x"])
def test_a_folder_name_never_leads_elsewhere(reader: MaildirReader, folder: str) -> None:
    assert list(reader.new_mail(folder, FolderCursor())) == []


def test_a_huge_mail_is_cut(reader: MaildirReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maildir, "MAX_MAIL_BYTES", 10)
    deliver(root(reader), "a", 50)
    assert [mail.raw for mail in reader.new_mail("INBOX", FolderCursor())] == [message("a")[:10]]


def test_what_is_no_maildir_says_so(tmp_path: Path) -> None:
    with pytest.raises(MailboxUnreadable) as caught:
        list(MaildirReader(tmp_path).new_mail("INBOX", FolderCursor()))
    assert caught.value.needs_person


def test_the_junk_folder_is_found_by_its_name(tmp_path: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (tmp_path / name).mkdir()
    assert MaildirReader(tmp_path).junk_folder() is None
    (tmp_path / ".Junk" / "cur").mkdir(parents=True)
    assert MaildirReader(tmp_path).junk_folder() == "Junk"
