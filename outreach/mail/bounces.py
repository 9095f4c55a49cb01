"""Recognises bounces: delivery reports by RFC 3464 first, then headers, then words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from outreach.mail import bounce_words as words
from outreach.mail.header_facts import HeaderFacts, addresses_in
from outreach.mail.html_text import html_to_text
from outreach.mail.statuses import enhanced_status, is_hard_status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from outreach.mail.parts import Part

MAX_NOTICE = 32 * 1024
MAX_RECIPIENTS = 50
_FIELD = re.compile(r"([A-Za-z][\w-]{1,60})\s*:\s*(.*)")
_TYPED = re.compile(r"^\s*[\w/ -]{1,20}\s*;\s*")
_FAILED_ACTIONS = ("fail", "delay")


@dataclass(frozen=True, slots=True)
class FailedRecipient:
    """One address a bounce is about."""

    address: str  # lower-case
    is_hard: bool = False  # the address itself is dead
    is_final: bool = True  # False: delayed, the server still tries
    status: str = ""  # enhanced code, "" when none was given
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail that could not be delivered, and the rule that saw it."""

    rule: str
    recipients: tuple[FailedRecipient, ...] = ()
    is_final: bool = True
    notice: str = ""


def find_bounce(mail: Part, facts: HeaderFacts) -> Bounce | None:
    """Return what a bounce says, None for a mail that is none."""
    report = _delivery_report(mail)
    if report is not None:
        return report if report.recipients else _with_words(report, mail, facts)
    notice = notice_text(mail)
    named = addresses_in(mail.raw_header("x-failed-recipients"))
    if named:
        return _judged("header X-Failed-Recipients", named, notice)
    rule = _rule_of_words(mail, facts, notice)
    if rule is None:
        return None
    return _judged(rule, _failed_in_text(mail, facts, notice), notice)


def notice_text(mail: Part) -> str:
    """Return what the reporting server itself says, without the mail it returns."""
    texts = []
    for part in _outside_returned(mail):
        if part.content_type in {"text/plain", "text/html"} and not part.is_attachment:
            is_html = part.content_type == "text/html"
            texts.append(html_to_text(part.text[:MAX_NOTICE]) if is_html else part.text)
            if not is_html and len(texts[-1]) > 40:
                break  # the rest is the same in HTML, or the returned mail
    text = "\n".join(texts)[:MAX_NOTICE]
    start = words.ORIGINAL_STARTS.search(text)
    # At the very top such a line is the notice's own head, not the copied mail.
    while start is not None and start.start() < 20:
        start = words.ORIGINAL_STARTS.search(text, start.end())
    return text[: start.start()] if start else text


def returned_mail(mail: Part) -> Part | None:
    """Return the mail inside a bounce, or its head, when the server attached it."""
    for part in mail.walk():
        if part is mail:
            continue
        if part.content_type in {"message/rfc822", "message/global"} and part.parts:
            return part.parts[0]
        if part.content_type in {"text/rfc822-headers", "message/global-headers"}:
            return part
    return None


def _outside_returned(mail: Part) -> Iterable[Part]:
    """Yield the parts of the mail itself, not those of mails inside it."""
    yield mail
    if mail.content_type.startswith("multipart/"):
        for part in mail.parts:
            yield from _outside_returned(part)


def _delivery_report(mail: Part) -> Bounce | None:
    """Read machine-readable reports; None when the mail carries none about a failure."""
    found: list[FailedRecipient] = []
    has_report = False
    for part in _outside_returned(mail):
        if part.content_type not in {"message/delivery-status", "message/global-delivery-status"}:
            continue
        has_report = True
        found += islice(_recipients_of(part.text[:MAX_NOTICE]), MAX_RECIPIENTS - len(found))
    if not has_report:
        return None
    notice = notice_text(mail)
    found = [_with_notice(recipient, notice) for recipient in _unique(found)]
    is_final = not found or any(recipient.is_final for recipient in found)
    return Bounce("delivery report", tuple(found), is_final, notice)


def _recipients_of(report: str) -> Iterable[FailedRecipient]:
    for block in re.split(r"\n[ \t]*\n", report):
        fields = _fields(block)
        action = fields.get("action", "").lower()
        address = _reported_address(fields)
        if not address or (action and not action.startswith(_FAILED_ACTIONS)):
            continue
        said = fields.get("diagnostic-code", "")
        status = fields.get("status", "")
        status = enhanced_status(status) or enhanced_status(said)
        is_final = not action.startswith("delay") and not (not action and status.startswith("4"))
        diagnostic = _TYPED.sub("", said)[:1000]
        yield FailedRecipient(address, False, is_final, status, diagnostic)


def _fields(block: str) -> dict[str, str]:
    """Read the fields of one block, folded lines joined, the first of a name kept."""
    fields: dict[str, str] = {}
    last = ""
    for line in block.split("\n"):
        found = _FIELD.match(line)
        if line[:1] in {" ", "\t"} and last:
            fields[last] = f"{fields[last]} {line.strip()}"[:2000]
        elif found and found[1].lower() not in fields:
            last = found[1].lower()
            fields[last] = found[2].strip()[:2000]
    return fields


def _reported_address(fields: dict[str, str]) -> str:
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        value = _TYPED.sub("", fields.get(name, ""))
        found = addresses_in(value) or (() if "@" not in value else (value.strip("<> ").lower(),))
        if found:
            return found[0]
    return ""


def _with_notice(recipient: FailedRecipient, notice: str) -> FailedRecipient:
    """Judge a reported recipient by his diagnostic, and by the notice where that says little."""
    said = recipient.diagnostic
    is_vague = len(said) < 12 or not (words.DEAD_ADDRESS.search(said) or words.BLOCKED.search(said))
    text = f"{said}\n{notice[:4000]}" if is_vague else said
    return replace(recipient, is_hard=recipient.is_final and _is_dead(recipient.status, text))


def _is_dead(status: str, text: str) -> bool:
    """Tell whether an address is dead: words of a block outrank any number."""
    if status.startswith("4.") or words.BLOCKED.search(text):
        return False
    return is_hard_status(status, text) or bool(words.DEAD_ADDRESS.search(text))


def _with_words(report: Bounce, mail: Part, facts: HeaderFacts) -> Bounce | None:
    """Complete a report that names nobody; one about success is no bounce at all."""
    statuses = [p.text.lower() for p in mail.walk() if p.content_type.endswith("delivery-status")]
    if any(
        re.search(r"^action\s*:\s*(?:deliver|relay|expand)", text, re.MULTILINE)
        for text in statuses
    ):
        return None
    return _judged(
        "delivery report in words", _failed_in_text(mail, facts, report.notice), report.notice
    )


def _rule_of_words(mail: Part, facts: HeaderFacts, notice: str) -> str | None:
    """Two of three must speak for a bounce: the sender, the subject, the text."""
    is_machine = bool(words.MACHINE_SENDERS.match(facts.from_address)) or bool(
        words.MACHINE_NAMES.search(mail.raw_header("from")[:300])
    )
    says_so = bool(words.FAILURE_SUBJECT.search(facts.subject))
    fails = bool(words.FAILURE_TEXT.search(notice[:8000]))
    if is_machine and (fails or says_so):
        return "words of a mail server"
    has_null_path = mail.raw_header("return-path").strip() == "<>"
    is_returned = returned_mail(mail) is not None or mail.content_type == "multipart/report"
    if says_so and fails and (has_null_path or is_returned or not facts.from_address):
        return "words of a bounce"
    return None


def _failed_in_text(mail: Part, facts: HeaderFacts, notice: str) -> tuple[str, ...]:
    """Pick the failing addresses from the notice, with the returned mail's To as a witness."""
    own = {facts.from_address, *facts.to}
    found = [address.lower().strip(".'`") for address in words.ADDRESS_IN_TEXT.findall(notice)]
    named = [a for a in dict.fromkeys(found) if a not in own and not words.NEVER_FAILED.match(a)]
    returned = returned_mail(mail)
    sent_to = addresses_in(returned.raw_header("to")) if returned else ()
    if returned is not None:
        senders = {*addresses_in(returned.raw_header("from"))}
        named = [address for address in named if address not in senders]
    both = [address for address in named if address in sent_to]
    if both:
        return tuple(both)
    return tuple(named) or (sent_to if len(sent_to) == 1 else ())


def _judged(rule: str, addresses: tuple[str, ...], notice: str) -> Bounce:
    is_final = not words.DELAY.search(notice) or bool(words.FINAL.search(notice))
    status = enhanced_status(notice)
    is_hard = is_final and _is_dead(status, notice[:4000])
    recipients = tuple(
        FailedRecipient(address, is_hard, is_final, status, notice[:1000].strip())
        for address in addresses[:MAX_RECIPIENTS]
    )
    return Bounce(rule, recipients, is_final, notice)


def _unique(recipients: list[FailedRecipient]) -> list[FailedRecipient]:
    first: dict[str, FailedRecipient] = {}
    for recipient in recipients:
        first.setdefault(recipient.address, recipient)
    return list(first.values())
