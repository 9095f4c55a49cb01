"""Finds the mail of ours that an incoming mail is about: strongest evidence first.

A weaker rule never overrides a stronger one, and a tie is nobody's: a person decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from outreach.core.urls import registrable_domain
from outreach.mail.header_facts import thread_subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from outreach.mail.header_facts import HeaderFacts

RECENT = timedelta(days=14)  # a bounce without ids is about a mail of these days
REMEMBERED = timedelta(days=365)  # how long a subject alone may connect an answer
_SUBJECT_ALONE = timedelta(days=60)
_TELLING_SUBJECT = 20  # characters; shorter ones are anybody's
_TAG = re.compile(r"\+([A-Za-z0-9_-]{8,64})@|^[\w.-]+=([A-Za-z0-9_-]{8,64})@")
# Domains whose addresses say nothing about belonging together.
_PUBLIC_MAIL = frozenset(
    {
        "aol.com", "fastmail.com", "free.fr", "gmail.com", "gmx.com", "gmx.de", "gmx.net",
        "googlemail.com", "hey.com", "hotmail.com", "icloud.com", "laposte.net", "libero.it",
        "live.com", "mail.com", "mail.ru", "me.com", "msn.com", "naver.com", "orange.fr",
        "outlook.com", "proton.me", "protonmail.com", "qq.com", "t-online.de", "wanadoo.fr",
        "web.de", "wp.pl", "yahoo.co.jp", "yahoo.com", "yahoo.co.uk", "yandex.ru", "163.com",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SentMail:
    """One mail of ours that an incoming one may be about; `key` is the caller's."""

    key: int
    message_id: str
    recipients: tuple[str, ...]  # lower-case; a pitch has one
    subject: str
    sent_at: datetime
    conversation: int = 0  # mails of one conversation are equally good answers
    references: tuple[str, ...] = ()  # ids of others' mails in the conversation
    token: str = ""  # what a plus or VERP address of this mail would carry


@dataclass(frozen=True, slots=True)
class Match:
    """The mail an incoming one is about, and the rule that found it."""

    sent: SentMail
    rule: str


def match(
    facts: HeaderFacts,
    candidates: Sequence[SentMail],
    *,
    inside_ids: Iterable[str] = (),
    failed: Iterable[str] = (),
) -> Match | None:
    """Find what a mail is about; None leaves it to a person.

    `inside_ids` are the ids found in a returned mail, `failed` the addresses of a bounce.
    """
    by_id = _index(candidates)
    chains = (
        ("In-Reply-To", facts.in_reply_to),
        ("References", tuple(reversed(facts.references))),
        ("id inside the mail", tuple(inside_ids)),
    )
    for rule, ids in chains:
        for each in ids:
            if each in by_id:
                return Match(by_id[each], rule)
    return (
        _by_token(facts, candidates)
        or _by_failed_recipient(facts, candidates, failed)
        or _by_sender_and_subject(facts, candidates)
    )


def _index(candidates: Sequence[SentMail]) -> dict[str, SentMail]:
    """Map every known id to its mail; our own ids win over those merely referred to."""
    known: dict[str, SentMail] = {}
    for sent in sorted(candidates, key=lambda sent: sent.sent_at):
        known.update(dict.fromkeys(sent.references, sent))
    known.update({sent.message_id: sent for sent in candidates})
    return known


def _by_token(facts: HeaderFacts, candidates: Sequence[SentMail]) -> Match | None:
    tokens = {sent.token.lower(): sent for sent in candidates if sent.token}
    for address in facts.to:
        for found in _TAG.finditer(address):
            token = (found[1] or found[2]).lower()
            if token in tokens:
                return Match(tokens[token], "token in the address")
    return None


def _by_failed_recipient(
    facts: HeaderFacts, candidates: Sequence[SentMail], failed: Iterable[str]
) -> Match | None:
    wanted = {address.lower() for address in failed}
    fitting = [
        sent
        for sent in candidates
        if not wanted.isdisjoint(sent.recipients) and _is_before(sent, facts.date, RECENT)
    ]
    return _latest_of_one(fitting, "failed recipient and a recent mail to him")


def _by_sender_and_subject(facts: HeaderFacts, candidates: Sequence[SentMail]) -> Match | None:
    """Take the person, else a colleague, else an answer whose subject only one conversation has."""
    subject = thread_subject(facts.subject)
    if not subject or not facts.from_address:
        return None
    same = [
        sent
        for sent in candidates
        if thread_subject(sent.subject) == subject and _is_before(sent, facts.date, REMEMBERED)
    ]
    person = [sent for sent in same if facts.from_address in sent.recipients]
    if person:
        return _latest_of_one(person, "sender and subject")
    site = _site(facts.from_address)
    colleagues = [sent for sent in same if site and site in map(_site, sent.recipients)]
    if colleagues:
        return _latest_of_one(colleagues, "sender's organisation and subject")
    is_answer = subject != " ".join(facts.subject.split()).casefold()
    if not is_answer or len(subject) < _TELLING_SUBJECT:
        return None
    recent = [sent for sent in same if _is_before(sent, facts.date, _SUBJECT_ALONE)]
    return _latest_of_one(recent, "answer with a subject only one conversation has")


def _latest_of_one(fitting: list[SentMail], rule: str) -> Match | None:
    """Return the latest if all belong to one conversation, else nothing."""
    conversations = {sent.conversation or -sent.key for sent in fitting}
    if len(conversations) != 1:
        return None
    return Match(max(fitting, key=lambda sent: sent.sent_at), rule)


def _is_before(sent: SentMail, moment: datetime | None, within: timedelta) -> bool:
    """Tell whether a mail was sent in the time before; clocks may differ by a day."""
    if moment is None:
        return True
    return -timedelta(days=1) <= moment - sent.sent_at <= within


def _site(address: str) -> str | None:
    domain = address.rpartition("@")[2]
    return None if domain in _PUBLIC_MAIL else registrable_domain(domain)
