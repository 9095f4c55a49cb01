"""Says what kind of mail came in, and which rule says so.

The questions are asked in a fixed order: bounce, complaint, unsubscription, automatic answer,
reply. Whether a mail is our own copy, and what it answers, is decided elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from outreach.mail.auto_replies import AutoReplyKind, find_auto_reply
from outreach.mail.bounces import (
    Bounce,
    FailedRecipient,
    find_bounce,
    full_text,
    returned_mail,
)
from outreach.mail.header_facts import HeaderFacts, ids_in, read_facts
from outreach.mail.parts import Part, read_parts
from outreach.mail.reply_text import body_text, visible_reply_of
from outreach.mail.return_dates import find_return_date

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

_I = re.IGNORECASE
_SHORT_REPLY = 600
_MAX_COPIED = 32 * 1024
_COPIED_ID = re.compile(
    r"^[ \t>|]*(?:message-id|references|in-reply-to)[ \t]*:([^\n]*)", _I | re.MULTILINE
)
_FEEDBACK_FIELD = re.compile(r"^([A-Za-z-]{1,40})[ \t]*:[ \t]*([^\n]{0,500})", re.MULTILINE)
_NO_COMPLAINTS = frozenset({"auth-failure", "not-spam", "dmarc", "dkim"})

# The whole answer, as our own footer asks for it.
_BARE_NO = re.compile(
    r"^\W*(?:no|stop|unsubscribe(?: me)?(?: please)?|please (?:unsubscribe|remove|stop)|"
    r"remove(?: me)?|"
    r"opt[- ]?out|nein|abmelden|non|stopp?|désabonner|baja|no gracias|cancelar|cancella|"
    r"afmelden|nee|"
    r"não|nej|nie|нет|取消)\W*$",
    _I,
)
_SAYS_UNSUBSCRIBE = re.compile(
    r"\bunsubscribe (?:me|us|this)|\bplease unsubscribe|(?:remove|delete) (?:me|us|"
    r"my (?:e-?mail|address|"
    r"name|contact)|our (?:e-?mail|address))|take (?:me|us) off|stop (?:e-?mail|contact|writ|"
    r"send|spam|"
    r"messag)|(?:do not|don.t|never) (?:e-?mail|contact|write|message|send (?:me|us))|"
    r"\bopt(?:ing)?[- ]out\b|"
    r"off (?:your|this) (?:mailing )?list|no (?:more|further) (?:e-?mails?|messages|contact)|"
    r"(?:bitte|möchte)[^.\n]{0,60}(?:abmelden|austragen|löschen)|keine (?:weiteren|mails? mehr|"
    r"e-?mails? "
    r"mehr)|nicht mehr (?:an)?(?:schreiben|kontaktieren|anschreiben)|désabonne|désinscri|"
    r"ne (?:me|nous) (?:contactez|écrivez) plus|plus (?:recevoir|de mails)|dar(?:me|nos) de baja|"
    r"no (?:me|nos) (?:escriban|contacten|envíen)|cancella(?:temi|rmi|te il)|non (?:scrivetemi|"
    r"contattatemi)|uitschrijven|afmelden voor|niet meer (?:mailen|benaderen)|descadastr|"
    r"remov(?:a|am)[- ](?:me|nos)|wypisz|usuń(?:cie)? m|avregistrera|отпис",
    _I,
)


class MailKind(StrEnum):
    """What an incoming mail is."""

    BOUNCE = "bounce"
    DELAYED = "delayed"  # the server still tries; never stops anything
    COMPLAINT = "complaint"
    UNSUBSCRIBE = "unsubscribe"
    AUTO_REPLY = "auto_reply"
    REPLY = "reply"
    UNPARSED = "unparsed"  # kept raw for a person


@dataclass(frozen=True, slots=True)
class Classified:
    """The kind of a mail, the rule that fired and what that kind carries."""

    kind: MailKind
    rule: str
    facts: HeaderFacts = field(default_factory=HeaderFacts)
    failed_recipients: tuple[FailedRecipient, ...] = ()
    is_hard: bool = False  # of a bounce: every failed address is dead
    status: str = ""
    diagnostic: str = ""
    auto_reply: AutoReplyKind | None = None
    out_of_office_until: date | None = None
    original_message_ids: tuple[str, ...] = ()  # named inside the mail, the returned mail's first
    complained_about: str = ""  # the complaining recipient, when the report names one


def headers(raw: bytes) -> HeaderFacts:
    """Return the facts of a mail's head; empty ones for what cannot be read."""
    try:
        return read_facts(read_parts(raw))
    except (ValueError, LookupError, ArithmeticError, RecursionError, MemoryError):
        return HeaderFacts()


def classify(raw: bytes, unsubscribe_addresses: Collection[str] = ()) -> Classified:
    """Say what a mail is; a hostile one at worst becomes UNPARSED."""
    try:
        mail = read_parts(raw)
        return classify_mail(mail, read_facts(mail), unsubscribe_addresses)
    except (ValueError, LookupError, ArithmeticError, RecursionError, MemoryError) as error:
        return Classified(MailKind.UNPARSED, f"could not be read: {type(error).__name__}")


def classify_mail(
    mail: Part, facts: HeaderFacts, unsubscribe_addresses: Collection[str] = ()
) -> Classified:
    """Say what an already read mail is."""
    found = _complaint(mail, facts)
    if found is None and (bounce := find_bounce(mail, facts)) is not None:
        found = _bounced(bounce, mail, facts)
    if found is None and set(facts.to) & {each.lower() for each in unsubscribe_addresses}:
        found = Classified(MailKind.UNSUBSCRIBE, "mail to the unsubscribe address", facts)
    if found is None:
        found = _automatic(mail, facts)
    if found is None and (rule := _unsubscribe_rule(mail, facts)) is not None:
        found = Classified(MailKind.UNSUBSCRIBE, rule, facts)
    return found or Classified(MailKind.REPLY, "nothing says otherwise", facts)


def _bounced(bounce: Bounce, mail: Part, facts: HeaderFacts) -> Classified:
    recipients = bounce.recipients
    is_hard = bool(recipients) and all(recipient.is_hard for recipient in recipients)
    return Classified(
        MailKind.BOUNCE if bounce.is_final else MailKind.DELAYED,
        bounce.rule,
        facts,
        failed_recipients=recipients,
        is_hard=is_hard and bounce.is_final,
        status=next((r.status for r in recipients if r.status), ""),
        diagnostic=next((r.diagnostic for r in recipients if r.diagnostic), bounce.notice[:1000]),
        original_message_ids=_original_ids(mail),
    )


def _complaint(mail: Part, facts: HeaderFacts) -> Classified | None:
    """Read a report of a mailbox provider that somebody called us spam (RFC 5965)."""
    reports = [part for part in mail.walk() if part.content_type == "message/feedback-report"]
    if not reports:
        return _complaint_in_words(mail, facts)
    fields = {
        name.lower(): value for name, value in _FEEDBACK_FIELD.findall(reports[0].text[:8000])
    }
    kind = fields.get("feedback-type", "").strip().lower()
    ids = _original_ids(mail)
    if kind in _NO_COMPLAINTS:
        return Classified(
            MailKind.AUTO_REPLY,
            f"feedback report about {kind}",
            facts,
            auto_reply=AutoReplyKind.OTHER,
            original_message_ids=ids,
        )
    about = fields.get("original-rcpt-to", "").strip("<> \t").lower()
    is_opt_out = kind.startswith("opt-out")
    return Classified(
        MailKind.UNSUBSCRIBE if is_opt_out else MailKind.COMPLAINT,
        f"feedback report: {kind or 'abuse'}",
        facts,
        original_message_ids=ids,
        complained_about=about,
    )


def _complaint_in_words(mail: Part, facts: HeaderFacts) -> Classified | None:
    """Read what Microsoft's junk mail reporting sends: a subject and the mail, no report."""
    if not re.match(r"complaint about message from [\d.:a-f]+", facts.subject, _I):
        return None
    rule, ids = "subject of a complaint", _original_ids(mail)
    return Classified(MailKind.COMPLAINT, rule, facts, original_message_ids=ids)


def _automatic(mail: Part, facts: HeaderFacts) -> Classified | None:
    text = body_text(mail)
    auto = find_auto_reply(mail, facts, text)
    if auto is None:
        return None
    until = None
    if auto.kind is AutoReplyKind.OUT_OF_OFFICE and facts.date is not None:
        until = find_return_date(f"{facts.subject}\n{text}", facts.date.date())
    return Classified(
        MailKind.AUTO_REPLY,
        auto.rule,
        facts,
        auto_reply=auto.kind,
        out_of_office_until=until,
        original_message_ids=_original_ids(mail),
    )


def _unsubscribe_rule(mail: Part, facts: HeaderFacts) -> str | None:
    if re.fullmatch(r"\W*unsubscribe\W*", facts.subject, _I):
        return "subject unsubscribe"
    if mail.has("list-id") or mail.has("list-unsubscribe"):
        return None  # a newsletter that tells how to leave it
    said = visible_reply_of(mail)
    first = said.strip().split("\n", 1)[0]
    if _BARE_NO.match(said) or (len(said) < 120 and _BARE_NO.match(first)):
        return "reply that says no and nothing else"
    if len(said) <= _SHORT_REPLY and _SAYS_UNSUBSCRIBE.search(said):
        return "reply that asks not to be written to"
    return None


def _original_ids(mail: Part) -> tuple[str, ...]:
    """Return the ids a mail carries inside: of the mail it returns, then those copied as text."""
    found: list[str] = []
    returned = returned_mail(mail)
    if returned is not None:
        for name in ("message-id", "in-reply-to", "references"):
            found += ids_in(returned.raw_header(name))
        found += _ids_in_text(returned.text[:_MAX_COPIED])
    found += _ids_in_text(full_text(mail)[:_MAX_COPIED])
    return tuple(dict.fromkeys(found))[:50]


def _ids_in_text(text: str) -> list[str]:
    return [each for value in _COPIED_ID.findall(text) for each in ids_in(value)]
