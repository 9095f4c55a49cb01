"""Mails in files: single ones, mboxes with their quoting, Maildirs, and what is none of these."""

from __future__ import annotations

from pathlib import Path

import pytest

from outreach.adapters import mail_files
from outreach.adapters.mail_files import mails_in
from outreach.core.errors import Invalid

MAIL = b"From: a@b.example\r\nSubject: Hi\r\n\r\nHello\r\n"
LINE = b"From a@b.example Wed Nov 18 12:00:00 2026\n"


def raws(path: Path) -> list[bytes]:
    return [mail.raw for mail in mails_in(path)]


def test_an_eml_file_is_one_mail_with_its_very_bytes(tmp_path: Path) -> None:
    file = tmp_path / "one.eml"
    file.write_bytes(MAIL)
    assert raws(file) == [MAIL]


def test_an_mbox_is_cut_at_its_separators_only(tmp_path: Path) -> None:
    first = b"Subject: 1\n\nHi\n\nFrom here on it is text\nFrom x 2026 without a blank line\n"
    second = b"Subject: 2\n\n>From the start\n>>From twice\n"
    file = tmp_path / "box"
    file.write_bytes(LINE + first + b"\n" + LINE + second + b"\n")
    assert raws(file) == [first, b"Subject: 2\n\nFrom the start\n>From twice\n"]


def test_a_mail_has_the_same_number_in_every_run_and_another_mail_another(tmp_path: Path) -> None:
    file = tmp_path / "box"
    file.write_bytes(LINE + b"Subject: 1\n\n" + b"\n" + LINE + b"Subject: 2\n\n")
    first, again = ([mail.uid for mail in mails_in(file)] for _ in range(2))
    assert first == again
    assert len(set(first)) == 2


def test_a_maildir_gives_its_new_and_its_seen_mails(tmp_path: Path) -> None:
    for part in ("cur", "new", "tmp"):
        (tmp_path / part).mkdir()
    (tmp_path / "cur" / "1.a:2,S").write_bytes(b"Subject: 1\n\n")
    (tmp_path / "new" / "2.b").write_bytes(b"Subject: 2\n\n")
    (tmp_path / "tmp" / "3.c").write_bytes(b"Subject: unfinished\n\n")
    assert raws(tmp_path) == [b"Subject: 1\n\n", b"Subject: 2\n\n"]
    assert not (tmp_path / "outreach-uidlist").exists()


def test_a_huge_mail_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_files, "MAX_MAIL_BYTES", 20)
    (tmp_path / "one.eml").write_bytes(MAIL)
    (tmp_path / "box").write_bytes(LINE + MAIL * 3 + b"\n" + LINE + b"Subject: 2\n")
    assert raws(tmp_path / "one.eml") == [MAIL[:20]]
    assert raws(tmp_path / "box") == [MAIL[:20], b"Subject: 2\n"]


@pytest.mark.parametrize(
    "data", [b"", b"\x89PNG\r\n\x1a\n\x00\x00", b"Just some words.\n", b"A: \x00"]
)
def test_what_is_no_mail_is_said_to_be_none(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "odd.eml"
    file.write_bytes(data)
    with pytest.raises(Invalid, match="neither a mail nor an mbox"):
        raws(file)


def test_a_folder_that_is_no_maildir_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="not a Maildir"):
        raws(tmp_path)
    with pytest.raises(Invalid, match="no file"):
        raws(tmp_path / "gone.eml")
