"""Which mail of ours an incoming one is about: strongest evidence first, ties to a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from outreach.mail.header_facts import HeaderFacts
from outreach.mail.matching import SentMail, match

NOW = datetime(2026, 11, 21, tzinfo=UTC)
FIRST = SentMail(
    1, "<1@firm.example>", ("bob@site.test",), "A list of tools", NOW - timedelta(3), 7
)
SECOND = SentMail(
    2, "<2@firm.example>", ("bob@site.test",), "Re: A list of tools", NOW - timedelta(1), 7,
    references=("<his@site.test>",), token="tok3ntok3n",
)  # fmt: skip
OTHER = SentMail(
    3, "<3@firm.example>", ("eve@other.test",), "A list of tools", NOW - timedelta(2), 8
)
SENT = [FIRST, SECOND, OTHER]
FACTS = HeaderFacts(from_address="stranger@far.test", subject="Hello", date=NOW)


def rule_and_key(facts: HeaderFacts, **more: list[str]) -> tuple[int, str] | None:
    found = match(facts, SENT, **more)
    return (found.sent.key, found.rule) if found else None


def test_in_reply_to_outranks_everything() -> None:
    facts = replace(
        FACTS, in_reply_to=("<3@firm.example>",), references=("<1@firm.example>",),
        from_address="bob@site.test", subject="Re: A list of tools",
    )  # fmt: skip
    assert rule_and_key(facts) == (3, "In-Reply-To")


def test_the_last_known_reference_counts() -> None:
    facts = replace(FACTS, references=("<1@firm.example>", "<2@firm.example>", "<new@x.test>"))
    assert rule_and_key(facts) == (2, "References")


def test_an_answer_to_his_own_mail_finds_the_conversation() -> None:
    assert rule_and_key(replace(FACTS, in_reply_to=("<his@site.test>",))) == (2, "In-Reply-To")


def test_an_id_inside_a_bounce_is_found() -> None:
    found = rule_and_key(FACTS, inside_ids=["<x@y.test>", "<1@firm.example>"])
    assert found == (1, "id inside the mail")


def test_a_token_in_the_address_is_found() -> None:
    facts = replace(FACTS, to=("ann+tok3ntok3n@firm.example",))
    assert rule_and_key(facts) == (2, "token in the address")


def test_a_failed_recipient_is_matched_to_the_latest_recent_mail() -> None:
    found = rule_and_key(FACTS, failed=["Bob@site.test"])
    assert found == (2, "failed recipient and a recent mail to him")
    late = replace(FACTS, date=NOW + timedelta(60))
    assert rule_and_key(late, failed=["bob@site.test"]) is None


def test_sender_and_subject_together_find_the_mail() -> None:
    facts = replace(FACTS, from_address="bob@site.test", subject="AW: A list of TOOLS")
    assert rule_and_key(facts) == (2, "sender and subject")


def test_a_colleague_is_found_by_the_organisation() -> None:
    facts = replace(FACTS, from_address="zoe@mail.site.test", subject="Re: A list of tools")
    assert rule_and_key(facts) == (2, "sender's organisation and subject")


def test_a_stranger_with_a_subject_two_conversations_share_is_left_to_a_person() -> None:
    assert rule_and_key(replace(FACTS, subject="Re: A list of tools")) is None


def test_the_same_person_in_two_conversations_of_one_subject_is_left_to_a_person() -> None:
    twin = replace(OTHER, recipients=("bob@site.test",))
    facts = replace(FACTS, from_address="bob@site.test", subject="Re: A list of tools")
    assert match(facts, [FIRST, twin]) is None


def test_a_public_mail_provider_is_no_organisation() -> None:
    sent = replace(FIRST, recipients=("bob@gmail.com",), subject="Tools")
    facts = replace(FACTS, from_address="zoe@gmail.com", subject="Re: Tools")
    assert match(facts, [sent]) is None


def test_a_telling_subject_alone_needs_to_be_an_answer_and_recent() -> None:
    sent = replace(FIRST, subject="Broken link on your page about bees")
    facts = replace(FACTS, subject="Re: Broken link on your page about bees")
    found = match(facts, [sent])
    assert found is not None
    assert found.rule == "answer with a subject only one conversation has"
    assert match(replace(facts, subject=sent.subject), [sent]) is None
    assert match(replace(facts, date=NOW + timedelta(90)), [sent]) is None


def test_an_answer_older_than_the_mail_is_no_answer() -> None:
    facts = replace(
        FACTS, from_address="bob@site.test", subject="Re: A list of tools", date=NOW - timedelta(9)
    )
    assert rule_and_key(facts) is None


def test_nothing_in_common_is_left_to_a_person() -> None:
    assert rule_and_key(FACTS) is None
    assert match(HeaderFacts(), []) is None
