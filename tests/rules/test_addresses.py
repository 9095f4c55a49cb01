"""Addresses: who is the same mailbox, who is probably the same person, who is never pitched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.core.addresses import domain_a_label, parse_mail_address


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "a@", "@b.test", "a@b", "a b@c.test", "a@b.test\r\nBcc: x@y.test", "a@b@c.test",
        "alice@example.org)bob@example.com", "<a@b.test>", "Ann <a@b.test>", '"a b"@c.test',
        "a@[127.0.0.1]", "jörg@b.test", "a..b@c.test", ".a@b.test", "a@-b.test", "a@b_c.test",
        "x" * 65 + "@b.test", "a@" + "b" * 64 + ".test", "a@" + "b." * 130 + "test", "a\x00@b.test",
        "a\u202e@b.test", "a,b@c.test",
    ],
)  # fmt: skip
def test_what_cannot_be_written_to_is_no_address(text: str) -> None:
    assert parse_mail_address(text) is None


@given(st.text(max_size=40))
def test_an_accepted_address_is_plain_ascii_with_one_at_sign(text: str) -> None:
    for candidate in (text, f"{text}@b.test", f"a@{text}.test"):
        address = parse_mail_address(candidate)
        if address is not None:
            assert address.text.isascii()
            assert address.text.isprintable()
            assert not set(address.text) & set(' <>,;:"()\\[]')
            assert address.text.count("@") == 1
            assert parse_mail_address(address.text) == address


def test_case_and_script_do_not_tell_mailboxes_apart() -> None:
    one, other = (
        parse_mail_address("Ann@Bücher.example"),
        parse_mail_address("ann@xn--bcher-kva.example"),
    )
    assert one is not None
    assert other is not None
    assert one.key == other.key
    assert one.text == "Ann@xn--bcher-kva.example"
    assert one.shown == "Ann@bücher.example"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann.doe+x@gmail.com", "anndoe@googlemail.com"),
        ("ann+news@firm.example", "Ann@firm.example"),
    ],
)
def test_suppression_reaches_further_than_identity(one: str, other: str) -> None:
    first, second = parse_mail_address(one), parse_mail_address(other)
    assert first is not None
    assert second is not None
    assert first.suppression_key == second.suppression_key
    assert first.key != second.key


def test_dots_matter_outside_gmail() -> None:
    first, second = parse_mail_address("a.b@firm.example"), parse_mail_address("ab@firm.example")
    assert first is not None
    assert second is not None
    assert first.suppression_key != second.suppression_key


@pytest.mark.parametrize(
    ("text", "is_role", "is_refused"),
    [
        ("info@a.test", True, False), ("Press@a.test", True, False), ("info2@a.test", True, False),
        ("press.office@a.test", True, False), ("uk-sales@a.test", True, False),
        ("no-reply@a.test", False, True), ("noreply-news@a.test", True, True),
        ("abuse@a.test", True, True), ("postmaster@a.test", True, True),
        ("mailer-daemon@a.test", False, True), ("do_not_reply@a.test", False, True),
        ("ann@a.test", False, False), ("ann.press@info.test", True, False),
        ("information.technology.ann@a.test", True, False), ("prudence@a.test", False, False),
    ],
)  # fmt: skip
def test_roles_are_flagged_and_machines_refused(text: str, is_role: bool, is_refused: bool) -> None:
    address = parse_mail_address(text)
    assert address is not None
    assert (address.is_role, address.is_refused) == (is_role, is_refused)


def test_a_domain_has_one_ascii_form() -> None:
    assert domain_a_label("Bücher.example.") == "xn--bcher-kva.example"
    assert domain_a_label("no domain") is None
    assert domain_a_label("localhost") is None
