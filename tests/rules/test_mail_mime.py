"""The bytes of a mail: no value becomes a header, no long token is mangled."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.core.errors import Invalid
from outreach.mail.classifying import headers
from outreach.mail.mime import MAX_LINE, MailDraft, build_message, header_text, message_id
from outreach.mail.parts import read_parts

WHEN = datetime(2026, 11, 21, 9, 30, tzinfo=timezone(timedelta(hours=1)))
EXPECTED = [
    "Date", "From", "To", "Message-ID", "Subject", "Reply-To", "In-Reply-To", "References",
    "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type",
]  # fmt: skip


def draft(**changes: Any) -> MailDraft:
    values: dict[str, Any] = {
        "from_address": "ann@firm.example",
        "from_name": "Ann Doe",
        "to_address": "bob@site.test",
        "to_name": "Bob",
        "subject": "Your list of tools",
        "text": "Hello Bob,\nshort question.\n",
        "html": "<p>Hello Bob</p>",
        "message_id": "<abc@firm.example>",
        "sent_at": WHEN,
        "reply_to": "team@firm.example",
        "in_reply_to": "<parent@site.test>",
        "references": ("<root@firm.example>", "<parent@site.test>"),
        "unsubscribe_url": "https://firm.example/u/token",
        "unsubscribe_address": "ann+u@firm.example",
    }
    return MailDraft(**(values | changes))


def headers_of(raw: bytes) -> list[str]:
    return list(message_from_bytes(raw, policy=policy.default).keys())


HOSTILE = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="\r\n\x00\x0b\x0c\x1c\x85\u2028\u2029 \t:<>@\"',;=?\\()aB", max_size=60),
    st.sampled_from(
        [
            "a\r\nBcc: x@y.test", "a\nBcc: x@y.test", "=?utf-8?q?a=0D=0ABcc:_x?=",
            "=?utf-8?b?QQ==?=",
            "a\u2028Bcc: x", "a\x85Bcc: x", "\u202egnp.exe", "x" * 2000, "ü" * 500, '"', "\\",
            "<x@y>",
            "a>\r\n", "\ud800", "Bcc: x@y.test", "\r\n\r\nbody", "a\r\n b", "=?", "?=", "=?x?q?",
        ]
    ),
)  # fmt: skip
FIELDS = [
    "from_address", "from_name", "to_address", "to_name", "subject", "text", "html", "message_id",
    "reply_to", "in_reply_to", "references", "unsubscribe_url", "unsubscribe_address",
    "unsubscribe_subject",
]  # fmt: skip


@pytest.mark.parametrize("name", FIELDS)
@given(value=HOSTILE)
@settings(max_examples=60, deadline=None)
def test_a_hostile_value_is_refused_or_harmless(name: str, value: str) -> None:
    given_value = (value,) if name == "references" else value
    try:
        raw = build_message(draft(**{name: given_value}))
    except Invalid:
        return
    found = headers_of(raw)
    assert len(found) == len(set(found))
    missing = {
        "html": set(), "reply_to": {"Reply-To"}, "in_reply_to": {"In-Reply-To"},
        "references": {"References"}, "unsubscribe_url": {"List-Unsubscribe-Post"},
    }.get(name, set()) if not value or name == "reply_to" else set()  # fmt: skip
    optional = {"Content-Transfer-Encoding"} if name == "html" else set()
    assert set(EXPECTED) - missing <= set(found) <= set(EXPECTED) | optional


@given(value=HOSTILE)
@settings(max_examples=150, deadline=None)
def test_a_merged_value_made_safe_always_goes_through(value: str) -> None:
    safe = header_text(value)
    raw = build_message(draft(subject=f"About {safe}", from_name=safe))
    assert headers_of(raw) == EXPECTED
    assert read_parts(raw).header("subject") == f"About {safe}".strip()
    assert max(map(len, raw.split(b"\r\n"))) <= MAX_LINE


@given(
    st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp")), max_size=300)
)
@settings(max_examples=150, deadline=None)
def test_a_subject_reads_back_and_its_words_are_short(subject: str) -> None:
    clean = header_text(subject)
    raw = build_message(draft(subject=clean))
    value = message_from_bytes(raw, policy=policy.compat32)["Subject"]
    assert str(make_header(decode_header(value))).split() == clean.split()
    for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n"):
        if b"=?" in line:
            assert len(line) <= 76
            assert all(len(word) <= 75 for word in line.split(b" ") if word.startswith(b"=?"))


@given(st.text(max_size=400))
@settings(max_examples=100, deadline=None)
def test_a_body_reads_back_without_its_controls(text: str) -> None:
    raw = build_message(draft(text=text, html=""))
    part = read_parts(raw)
    wanted = re.sub(
        "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]",
        "",
        text.replace("\r\n", "\n").replace("\r", "\n"),
    )
    assert part.text.rstrip("\n") == wanted.rstrip("\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert raw.isascii()


def test_ids_and_addresses_of_200_characters_survive() -> None:
    long_id = f"<{'x' * 180}@{'y' * 20}.outlook.test>"
    url = f"https://firm.example/u/{'t' * 200}"
    raw = build_message(draft(in_reply_to=long_id, references=(long_id,) * 1, unsubscribe_url=url))
    mail = message_from_bytes(raw, policy=policy.compat32)
    assert mail["In-Reply-To"] == long_id
    assert mail["References"] == long_id
    assert f"<{url}>" in mail["List-Unsubscribe"]
    assert b"=?" not in raw.partition(b"\r\n\r\n")[0]


def test_each_id_stands_on_a_line_of_its_own_and_the_middle_of_a_long_thread_goes() -> None:
    ids = tuple(f"<{number}@site.test>" for number in range(25))
    raw = build_message(draft(references=ids))
    value = message_from_bytes(raw, policy=policy.compat32)["References"]
    assert value.split("\r\n ") == [ids[0], *ids[-10:]]


def test_the_date_has_a_numeric_zone_and_a_naive_one_is_refused() -> None:
    assert b"\r\n" in build_message(draft())
    assert build_message(draft()).startswith(b"Date: Sat, 21 Nov 2026 09:30:00 +0100\r\n")
    assert b" +0000\r\n" in build_message(draft(sent_at=datetime(2026, 1, 1, tzinfo=UTC)))
    with pytest.raises(Invalid):
        build_message(draft(sent_at=datetime(2026, 1, 1)))  # noqa: DTZ001 - the point of the test


def test_one_click_is_offered_only_over_https() -> None:
    raw = build_message(draft(unsubscribe_url="http://firm.example/u/token"))
    assert "List-Unsubscribe" in headers_of(raw)
    assert "List-Unsubscribe-Post" not in headers_of(raw)
    plain = draft(unsubscribe_url="", unsubscribe_address="")
    assert "List-Unsubscribe" not in headers_of(build_message(plain))


def test_a_reply_address_equal_to_the_sender_is_left_out() -> None:
    assert "Reply-To" not in headers_of(build_message(draft(reply_to="Ann@firm.example")))


def test_a_foreign_domain_goes_out_in_ascii_and_a_foreign_local_part_not_at_all() -> None:
    assert b"<bob@xn--bcher-kva.example>" in build_message(draft(to_address="bob@bücher.example"))
    with pytest.raises(Invalid):
        build_message(draft(to_address="jörg@site.test"))


def test_names_are_quoted_or_encoded_as_needed() -> None:
    for name in ('Doe, "Ann" \\ Co.', "Jörg Müller", "山田太郎" * 10, "Ann", "a.b"):
        facts = headers(build_message(draft(from_name=name)))
        assert (facts.from_name, facts.from_address) == (name, "ann@firm.example")


def test_plain_text_comes_before_html_and_alone_it_stands_alone() -> None:
    both = read_parts(build_message(draft()))
    assert both.content_type == "multipart/alternative"
    assert [part.content_type for part in both.parts] == ["text/plain", "text/html"]
    assert read_parts(build_message(draft(html=""))).content_type == "text/plain"


def test_the_same_draft_gives_the_same_bytes() -> None:
    assert build_message(draft()) == build_message(draft())


def test_a_message_id_is_the_same_for_ever_and_short() -> None:
    one = message_id(b"key", 1, 2, "firm.example")
    assert one == message_id(b"key", 1, 2, "firm.example")
    others = [(b"key", 1, 3), (b"k", 1, 2), (b"key", 11, 2)]
    assert one not in {message_id(*other, "firm.example") for other in others}
    assert re.fullmatch(r"<[a-z2-7]{26}@firm\.example>", one)
    assert (
        len(message_id(b"key", 1, 2, "mail.department.of.something.very.long.firm.example")) <= 75
    )
