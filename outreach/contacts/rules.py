"""What a contact's details must be, how a person is greeted, and what merging keeps."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from outreach.contacts.words import ContactKind, Deliverability, LawfulBasis
from outreach.core.urls import parse_address

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from outreach.core.addresses import MailAddress

# What stands before a name without being one.
_TITLES = frozenset(
    {
        "dame", "dipl", "dipl-ing", "dott", "dr", "dra", "frau", "fru", "herr", "hr", "ing", "lady",
        "lord", "mag", "miss", "mme", "monsieur", "mr", "mrs", "ms", "mx", "prof", "professor",
        "rev", "señor", "señora", "sir", "sra", "sr",
    }
)  # fmt: skip
ERASED = "[erased]"
_COUNTRY = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?")

# Better ones first: whom a pitch goes to when nobody chose.
_PREFERENCE = (ContactKind.PERSON, ContactKind.JOURNALIST, ContactKind.ROLE_ADDRESS)
_CONFIDENCE = (Deliverability.DELIVERABLE, Deliverability.UNKNOWN, Deliverability.RISKY)


@dataclass(frozen=True, slots=True)
class ContactDetails:
    """What a person types, a file says or a page shows about a contact."""

    site_id: int | None = None
    kind: ContactKind = ContactKind.PERSON
    name: str = ""
    role: str = ""
    address: MailAddress | None = None
    outlet: str = ""
    beat: str = ""
    country: str = ""
    location: str = ""
    phone: str = ""
    profiles: Mapping[str, str] | None = None  # None: as they are
    time_zone: str = ""
    language: str = ""
    lawful_basis: LawfulBasis = LawfulBasis.LEGITIMATE_INTEREST
    source_url: str = ""
    source_snippet: str = ""
    found_at: datetime | None = None
    notes: str = ""


def problems_with(details: ContactDetails) -> list[str]:
    """List, in plain words, what keeps details from being stored; empty means nothing does."""
    problems = []
    if not details.name.strip() and details.address is None:
        problems.append("Give a name or an address.")
    if details.address is not None and details.address.is_refused:
        problems.append(
            f"{details.address.text} is read by a machine; nobody may be pitched there."
        )
    is_sourced = details.source_url.strip() or details.source_snippet.strip()
    if details.address is not None and not is_sourced:
        problems.append("Say where the address was found: the page's address.")
    if details.source_url.strip() and parse_address(details.source_url) is None:
        problems.append(f"“{details.source_url}” is not a web address.")
    if details.country and not _COUNTRY.fullmatch(details.country):
        problems.append("Give the country as two letters, such as GB.")
    if details.time_zone and details.time_zone not in _time_zones():
        problems.append(f"“{details.time_zone}” is not a time zone, such as Europe/London.")
    if details.language and not _LANGUAGE.fullmatch(details.language):
        problems.append("Give the language as its code, such as en.")
    return problems


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def tidied(details: ContactDetails) -> ContactDetails:
    """Strip texts, and call a role address one even when nobody said so."""
    kind = details.kind
    if kind is ContactKind.PERSON and not details.name.strip():
        is_role = details.address is not None and details.address.is_role
        kind = ContactKind.ROLE_ADDRESS if is_role else kind
    return replace(
        details,
        kind=kind,
        name=" ".join(details.name.split()),
        role=" ".join(details.role.split()),
        outlet=" ".join(details.outlet.split()),
        country=details.country.strip().upper(),
        source_url=details.source_url.strip(),
        notes=details.notes.strip(),
    )


def first_name_of(name: str, kind: ContactKind) -> str:
    """Return what to greet a person by, "" where there is nobody to greet by name.

    "Hart, Mia" is turned round; titles and initials are no first names.
    """
    if kind is ContactKind.ROLE_ADDRESS:
        return ""
    last, comma, first = name.partition(",")
    words = (f"{first} {last}" if comma else name).split()
    while words and words[0].rstrip(".").casefold() in _TITLES:
        words = words[1:]
    if not words or len(words[0].rstrip(".")) < 2:
        return ""
    return words[0]


def name_order(name: str, address: MailAddress | None) -> str:
    """Return what lists sort a contact by: the name, else the address, in folded case."""
    return (name or (address.text if address else "")).casefold()[:254]


def preference(kind: ContactKind, deliverability: Deliverability) -> tuple[int, int]:
    """Sort key of whom to write to at a site: smaller is better, undeliverable last."""
    known = deliverability in _CONFIDENCE
    trust = _CONFIDENCE.index(deliverability) if known else len(_CONFIDENCE)
    return (0 if known else 1, _PREFERENCE.index(kind) * len(_CONFIDENCE) + trust)


def filled_from(kept: ContactDetails, other: ContactDetails) -> ContactDetails:
    """Fill what the kept contact lacks from the other; notes of both stay."""
    gaps = {
        item.name: getattr(other, item.name)
        for item in fields(ContactDetails)
        if not getattr(kept, item.name) and getattr(other, item.name)
    }
    notes = "\n\n".join(note for note in (kept.notes, other.notes) if note)
    profiles = {**(other.profiles or {}), **(kept.profiles or {})}
    return replace(kept, **{**gaps, "notes": notes, "profiles": profiles})


def telling_words(name: str, *addresses: str | None) -> set[str]:
    """Return the texts that name a person: their full name and their addresses.

    A single word is left out, "Mia" would be taken out of every Miami.
    """
    words = {address for address in addresses if address}
    if len(name.split()) > 1:
        words.add(" ".join(name.split()))
    return words


def redacted(text: str, words: Collection[str]) -> str:
    """Take a person out of a text other people wrote, in any case."""
    for word in sorted(words, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", ERASED, text, flags=re.IGNORECASE)
    return text
