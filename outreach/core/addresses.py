"""E-mail addresses: one normal form, one key for identity, one wider key for suppression."""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import Address
from functools import lru_cache

import idna
from email_validator import EmailNotValidError, validate_email

MAX_LENGTH = 254  # RFC 5321 4.5.3.1.3, less the angle brackets

_GMAIL = frozenset({"gmail.com", "googlemail.com"})

# Mailboxes of a function rather than a person: RFC 2142 and the words sites really use.
_ROLE_WORDS = frozenset(
    {
        "abuse", "accounts", "admin", "administration", "administrator", "ads", "advertise",
        "advertising", "ask", "billing", "blog", "board", "bonjour", "booking", "business", "care",
        "careers", "community", "contact", "contacto", "contactus", "content", "contributors",
        "customerservice", "desk", "dpo", "editor", "editorial", "editors", "email", "enquiries",
        "enquiry", "events", "feedback", "finance", "form", "general", "guestpost", "hallo",
        "hello", "help", "helpdesk", "hey", "hi", "hola", "hostmaster", "hr", "info", "information",
        "inquiries", "inquiry", "jobs", "kontakt", "legal", "letters", "mail", "marketing", "media",
        "moderator", "news", "newsdesk", "newsletter", "newsroom", "office", "orders", "outreach",
        "partner", "partners", "partnerships", "pitch", "pitches", "postmaster", "pr", "presse",
        "press", "privacy", "publisher", "query", "questions", "reception", "recruiting",
        "redaccion", "redaction", "redaktion", "registrar", "root", "sales", "security", "seo",
        "service", "shop", "sponsor", "staff", "submissions", "submit", "support", "sysadmin",
        "team", "tips", "web", "webmaster", "website", "write", "writeforus",
    }
)  # fmt: skip

# Mailboxes nobody may pitch: they bounce, blame or answer by machine.
_REFUSED_WORDS = frozenset(
    {
        "abuse", "bounce", "bounces", "devnull", "donotreply", "dontreply", "mailerdaemon",
        "neverreply", "noanswer", "noreply", "nospam", "notifications", "optout", "postmaster",
        "spam", "unsubscribe",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MailAddress:
    """One valid address; `domain` is the lower-case A-label form that goes on the wire."""

    local: str
    domain: str

    @property
    def text(self) -> str:
        """The address as it is written into mail."""
        return Address(username=self.local, domain=self.domain).addr_spec

    @property
    def key(self) -> str:
        """Equal for spellings of one mailbox: case never tells two people apart."""
        return f"{self.local.casefold()}@{self.domain}"

    @property
    def suppression_key(self) -> str:
        """Equal for addresses that very likely reach one person; wide on purpose.

        A plus tag is cut at every domain, and dots in the local part at Gmail, whose two names
        are one. Asking one person too few is cheaper than asking one who said no.
        """
        local = self.local.casefold().partition("+")[0] or self.local.casefold()
        if self.domain in _GMAIL:
            return f"{local.replace('.', '')}@gmail.com"
        return f"{local}@{self.domain}"

    @property
    def shown(self) -> str:
        """The address for people's eyes, its domain in its own script."""
        try:
            return f"{self.local}@{idna.decode(self.domain)}"
        except idna.IDNAError:
            return self.text

    @property
    def is_role(self) -> bool:
        """Whether a function rather than a person reads it; never greeted by name."""
        return self.local.casefold() in _ROLE_WORDS or bool(_words(self.local) & _ROLE_WORDS)

    @property
    def is_refused(self) -> bool:
        """Whether nothing may ever be pitched to it."""
        squeezed = _squeezed(self.local)
        return squeezed in _REFUSED_WORDS or squeezed.startswith(("noreply", "donotreply"))


@lru_cache(maxsize=8_192)  # a file's rows are read, then taken in: each address twice
def parse_mail_address(text: str) -> MailAddress | None:
    """Read one bare address; None unless mail to it can be written in plain SMTP.

    No display name, quoted local part, address literal or single-label domain; a local part
    beyond ASCII would need SMTPUTF8 all the way and is never transliterated.
    """
    text = text.strip()
    if len(text) > MAX_LENGTH or text.count("@") != 1:
        return None
    try:
        # Reserved names such as .test and .example are for tests and the demo; the DNS refuses
        # them for everybody else.
        valid = validate_email(
            text,
            check_deliverability=False,
            allow_smtputf8=False,
            test_environment=True,
            strict=True,
        )
    except EmailNotValidError:
        return None
    if not valid.ascii_email or "." not in valid.ascii_domain:
        return None
    return MailAddress(valid.ascii_local_part or valid.local_part, valid.ascii_domain.lower())


def domain_a_label(domain: str) -> str | None:
    """Return a domain's lower-case ASCII form (IDNA 2008 over UTS 46), None when it has none."""
    parsed = parse_mail_address(f"a@{domain.strip().rstrip('.')}")
    return parsed.domain if parsed else None


def _squeezed(local: str) -> str:
    return "".join(ch for ch in local.casefold().partition("+")[0] if ch.isalnum())


def _words(local: str) -> set[str]:
    squeezed = _squeezed(local)
    parts = local.casefold().partition("+")[0].replace("_", "-").replace(".", "-").split("-")
    # "press-office" and "uk.sales" are roles, "help.smith" is too rare to matter; "info2" is one.
    return {squeezed, squeezed.rstrip("0123456789"), *parts[:1], *parts[-1:]}
