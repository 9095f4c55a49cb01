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
_ABOUT_ONE = 700  # characters after an address that speak of it
_FIELD = re.compile(r"([A-Za-z][\w-]{1,60})\s*:\s*(.*)")
_TYPED = re.compile(r"^\s*[\w/ -]{1,20}\s*;\s*")
_COPIED_TO = re.compile(r"^[ >|\t]*To:[ \t]*([^\n]{1,500})", re.MULTILINE)
_COPIED_FROM = re.compile(r"^[ >|\t]*From:[ \t]*([^\n]{1,500})", re.MULTILINE)
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
    text = full_text(mail)
    start = words.ORIGINAL_STARTS.search(text)
    # At the very top such a line is the notice's own head, not the copied mail.
    while start is not None and start.start() < 20:
        start = words.ORIGINAL_STARTS.search(text, start.end())
    return text[: start.start()] if start else text


def full_text(mail: Part) -> str:
    """Return the text of the mail itself, a mail copied into it as text included."""
    texts = []
    for part in _outside_returned(mail):
        if part.content_type in {"text/plain", "text/html"} and not part.is_attachment:
            is_html = part.content_type == "text/html"
            texts.append(html_to_text(part.text[:MAX_NOTICE]) if is_html else part.text)
            if not is_html and len(texts[-1]) > 40:
                break  # the rest is the same in HTML, or the returned mail
    return "\n".join(texts)[:MAX_NOTICE]


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
    says_nothing = len(said) < 12 or not (
        words.DEAD_ADDRESS.search(said) or words.BLOCKED.search(said)
    )
    if says_nothing and not is_hard_status(recipient.status, said):
        said = f"{said}\n{_about(recipient.address, notice)}"
    is_hard = recipient.is_final and _is_dead(recipient.status, said)
    return replace(recipient, is_hard=is_hard)


def _about(address: str, notice: str) -> str:
    """Return what the notice says about one address."""
    place = max(notice.lower().find(address), 0)
    return notice[place : place + _ABOUT_ONE]


def _is_dead(status: str, said: str) -> bool:
    """Tell whether an address is dead; on doubt it is not.

    Words of a block outrank any number. A refusal of the body rather than of the recipient is a
    filter's, whatever it says, and so are numbers that contradict the words.
    """
    if status.startswith(("4.", "5.2.", "5.3.", "5.7.", "5.1.7", "5.1.8", "5.6.")):
        return False
    if words.BLOCKED.search(said) or words.AFTER_DATA.search(said):
        return False
    if is_hard_status(status, said) or words.DEAD_DOMAIN.search(said):
        return True
    # "User unknown" alone may be a filter's answer to the body: it must answer the recipient.
    is_about_recipient = status in {"5.1.0", "5.1.1"} or words.AT_RECIPIENT.search(said)
    return bool(is_about_recipient and words.DEAD_ADDRESS.search(said))


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
    sent_to, senders = _returned_parties(mail)
    own = {facts.from_address, *facts.to, *senders} - sent_to.keys()
    found = words.ADDRESS_IN_TEXT.findall(notice)
    named = dict.fromkeys(address.lower().rpartition("=")[2].strip(".'`") for address in found)
    left = [a for a in named if a not in own and not words.NEVER_FAILED.match(a)]
    both = [address for address in left if address in sent_to]
    return tuple(both or left or (sent_to if len(sent_to) == 1 else ()))


def _returned_parties(mail: Part) -> tuple[dict[str, None], frozenset[str]]:
    """Return whom the returned mail was for and whom it was from, attached or copied as text."""
    returned = returned_mail(mail)
    if returned is not None and (returned.has("to") or returned.has("from")):
        to, sender = returned.raw_header("to"), returned.raw_header("from")
    else:
        copied = returned.text if returned is not None else full_text(mail)
        to = "".join(found[1] for found in islice(_COPIED_TO.finditer(copied), 1))
        sender = "".join(found[1] for found in islice(_COPIED_FROM.finditer(copied), 1))
    return dict.fromkeys(addresses_in(to)), frozenset(addresses_in(sender))


def _judged(rule: str, addresses: tuple[str, ...], notice: str) -> Bounce:
    is_final = not words.DELAY.search(notice) or bool(words.FINAL.search(notice))
    recipients = []
    for address in addresses[:MAX_RECIPIENTS]:
        said = _about(address, notice)
        status = enhanced_status(said)
        is_hard = is_final and _is_dead(status, said)
        recipients.append(FailedRecipient(address, is_hard, is_final, status, said.strip()))
    return Bounce(rule, tuple(recipients), is_final, notice)


def _unique(recipients: list[FailedRecipient]) -> list[FailedRecipient]:
    first: dict[str, FailedRecipient] = {}
    for recipient in recipients:
        first.setdefault(recipient.address, recipient)
    return list(first.values())
