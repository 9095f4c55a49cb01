"""Strangers' mail is read in linear time and never raises."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.mail.classifying import MailKind, classify, headers
from outreach.mail.header_facts import thread_subject
from outreach.mail.parts import MAX_DEPTH, decoded_words, read_parts

BOUNDARY = b'Content-Type: multipart/mixed; boundary="x"\n\n'


def nested(depth: int) -> bytes:
    raw = b"Content-Type: text/plain\n\nend\n"
    for number in range(depth):
        head = f'Content-Type: multipart/mixed; boundary="b{number}"\n\n--b{number}\n'.encode()
        raw = head + raw + f"\n--b{number}--\n".encode()
    return raw


@pytest.mark.parametrize(
    "raw",
    [
        BOUNDARY + b"--x\n\na\n" * 100_000,
        b"Content-Type: text/plain" + b"".join(b";\n a*%d=b" % n for n in range(20_000)) + b"\n\nx",
        nested(3_000),
        b"Subject: " + b"=?utf-8?q?" * 50_000 + b"\n\nx",
        b"Subject: " + b"=?utf-8?b?QQ==?= " * 50_000 + b"\n\nx",
        b"From: " + b"<" * 300_000 + b"\n\nx",
        b"References: " + b"<a@b> " * 100_000 + b"\n\nx",
        b"To: " + b"a@" * 200_000 + b"\n\nx",
        b"X: y\n" * 200_000 + b"\nx",
        b"\n" + b"On " * 100_000 + b"\n" + b"> " * 100_000,
        b"From: mailer-daemon@a.test\nSubject: failure\n\n" + b"a@b." * 100_000,
        b"From: mailer-daemon@a.test\nSubject: failure\n\n" + (b"deliver " * 20 + b"\n") * 20_000,
        b"Content-Type: text/html\n\n" + b"<div>" * 60_000,
        b"Content-Type: text/html\n\n" + b"<blockquote><a " * 20_000,
        b"Content-Type: message/rfc822\n\n" * 5_000,
        b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: "
        b"message/delivery-status\n\n"
        + b"Final-Recipient: rfc822; a@b.test\nAction: failed\n\n" * 50_000,
        b"Content-Type: text/plain; charset=idna\n\n" + b"\xc3\xa4" * 100_000,
        b"Subject: out of office\n\n" + b"until 1.1. back on " * 20_000,
        b"Content-Transfer-Encoding: base64\n\n" + b"QUJD=" * 200_000,
        b"On Mon, " + b"a <b@c> " * 50_000,
        b"\n\n" + b"From: x\n" * 50_000,
        b"\n\n" + b"-" * 300_000 + b"\n" + b"_" * 300_000,
    ],
)  # fmt: skip
def test_hostile_mail_is_read_quickly(raw: bytes) -> None:
    start = time.process_time()
    found = classify(raw)
    assert found.kind is not MailKind.UNPARSED
    assert time.process_time() - start < 2.0


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_some_mail(raw: bytes) -> None:
    assert classify(raw).rule
    assert headers(raw) == classify(raw).facts


@given(st.lists(st.sampled_from([
    b"From: mailer-daemon@a.test\n", b"Subject: =?utf-8?q?=FF=FE?=\n", BOUNDARY, b"--x\n",
    b"--x--\n", b"Status: 5.1.1\n",
    b"Content-Type: message/delivery-status\n\n", b"Content-Type: message/rfc822\n\n",
    b"Final-Recipient: rfc822;a@b.test\n", b"Action: failed\n", b"\n", b"> x\n",
    b"On Monday x wrote:\n",
    b"Date: Mon, 99 Foo 2026 99:99:99 +9999\n", b"Date: Mon, 01 Jan 0001 00:00:00 +2359\n",
    b"Message-ID: <a@b>\n", b"Content-Type: text/html\n\n<p>", b"\x00\xff", b"until 31.02.",
    b"Auto-Submitted: auto-replied\n", b"Content-Transfer-Encoding: quoted-printable\n", b"=\n=ZZ",
]), max_size=25))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_pieces_of_mail_in_any_order_are_some_mail(pieces: list[bytes]) -> None:
    assert classify(b"".join(pieces)).kind is not MailKind.UNPARSED


def test_depth_is_cut() -> None:
    assert 1 < sum(1 for _ in read_parts(nested(50)).walk()) <= MAX_DEPTH + 1


def test_a_boundary_that_begins_another_is_told_apart() -> None:
    raw = BOUNDARY + b"--x\n\none\n--xy\nstill one\n--x\n\ntwo\n--x--\nafter\n"
    assert [part.text for part in read_parts(raw).parts] == ["one\n--xy\nstill one", "two"]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("=?utf-8?q?J=C3=B6rg_M?=", "Jörg M"),
        ("=?utf-8?b?w7w=?= =?utf-8?b?w7w=?=", "üü"),
        ("=?utf-8?b?ww==?= =?utf-8?b?vA==?=", "ü"),
        ("a =?iso-8859-1?q?=FC?= b", "a ü b"),
        ("=?no-such?q?=C3=BC?=", "ü"),
        ("=?utf-8*en?q?x?=", "x"),
        ("=?utf-8?q?a=0D=0ABcc:_x?=", "a  Bcc: x"),
        ("plain", "plain"),
    ],
)
def test_encoded_words_are_read(value: str, wanted: str) -> None:
    assert decoded_words(value).replace("\r\n", "  ") == wanted


def test_the_facts_of_a_head_are_read() -> None:
    facts = headers(
        b'From: "ann@evil.test" <Bob@Site.test>\r\nTo: me@a.test, Other <o@a.test>\r\n'
        b"Subject: Re:\r\n =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nDate: Sat, 21 Nov 2026 10:00:00 +0100\r\n"
        b"Message-ID: <1@site.test>\r\nIn-Reply-To: <p@a.test> (sometime)\r\n"
        b"References: <r@a.test>\r\n\t<p@a.test>\r\n\r\nHi\r\n"
    )
    assert facts.from_address == "bob@site.test"
    assert facts.from_name == "ann@evil.test"
    assert facts.to == ("me@a.test", "o@a.test")
    assert facts.subject == "Re: Grüße"
    assert facts.message_id == "<1@site.test>"
    assert facts.in_reply_to == ("<p@a.test>",)
    assert facts.references == ("<r@a.test>", "<p@a.test>")
    assert facts.date is not None
    assert facts.date.isoformat() == "2026-11-21T10:00:00+01:00"


@pytest.mark.parametrize(
    "subject",
    [
        "Re: Tools",
        "AW: Re: Tools",
        "RE[2]: tools",
        "SV: FW: Tools",
        "[EXT] Re: TOOLS",
        "回复：Tools",
    ],
)
def test_marks_of_replying_do_not_count(subject: str) -> None:
    assert thread_subject(subject) == "tools"
