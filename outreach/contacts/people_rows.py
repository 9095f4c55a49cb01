"""What a row of a file says about a person, and what of it may replace what is known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from outreach.contacts.twins import folded
from outreach.contacts.words import ContactKind
from outreach.core.addresses import parse_mail_address
from outreach.core.urls import parse_address, parse_domain
from outreach.imports.rows import RowKind
from outreach.suppression.rules import PUBLIC_MAIL_HOSTS, company_domain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from outreach.core.addresses import MailAddress
    from outreach.imports.rows import ParsedRow, PersonRow

# Columns of a contact that a file may give as text, with the characters they hold.
TEXT_FACTS = {
    "name": 200, "role": 200, "outlet": 200, "beat": 300, "country": 2, "location": 200,
    "phone": 64, "notes": 5_000, "source_url": 2_048,
}  # fmt: skip
_COUNTRY = re.compile(r"[A-Z]{2}")
_LONGEST_TAG = 60
_OF_PROFILE = "profile "  # before a network's name, among the facts a file gave


class PersonFacts(NamedTuple):
    """Somebody as a row tells of them; `site` is a domain, "" where none is known."""

    line: int
    kind: ContactKind
    texts: dict[str, str]  # by TEXT_FACTS
    address: MailAddress | None
    site: str
    profiles: dict[str, str]
    tags: tuple[str, ...]

    @property
    def name_key(self) -> str:
        """What tells people without an address apart, with their place."""
        return folded(self.texts["name"])


def person_of(row: ParsedRow, kind: RowKind) -> PersonFacts | str:
    """Read what a row says about somebody; a sentence where it cannot be used."""
    person = row.person
    if person is None:
        return "This row names nobody."
    address = parse_mail_address(person.email) if person.email else None
    if person.email and address is None:
        return f"“{person.email}” is not an email address."
    if address is not None and address.is_refused:
        return f"{address.text} is read by a machine; nobody may be pitched there."
    texts = _texts_of(row, person)
    if address is None and not texts["name"]:
        return "This row gives neither a name nor an address."
    return PersonFacts(
        line=row.line,
        kind=_kind_of(person, address, texts, kind),
        texts=texts,
        address=address,
        site=_site_of(row, person, address),
        profiles={network: handle[:300] for network, handle in person.profiles if handle},
        tags=tag_names(row),
    )


def tag_names(row: ParsedRow) -> tuple[str, ...]:
    """Return the names of a row's tags that can be names."""
    return tuple(tag[:_LONGEST_TAG] for tag in row.tags if tag.strip("# "))


def _texts_of(row: ParsedRow, person: PersonRow) -> dict[str, str]:
    country = (person.country or row.country).strip().upper()
    is_code = bool(_COUNTRY.fullmatch(country))
    pages = (url for url in (row.url, person.outlet_url) if url)
    source = next((url for url in pages if parse_address(url)), "")
    given = {
        "name": person.name or f"{person.first_name} {person.last_name}",
        "role": person.role,
        "outlet": person.outlet,
        "beat": person.beat,
        "country": country if is_code else "",
        "location": person.location or ("" if is_code else person.country),
        "phone": person.phone,
        "source_url": source,
    }
    texts = {name: " ".join(text.split())[: TEXT_FACTS[name]] for name, text in given.items()}
    return texts | {"notes": person.notes.strip()[: TEXT_FACTS["notes"]]}


def _kind_of(
    person: PersonRow, address: MailAddress | None, texts: Mapping[str, str], kind: RowKind
) -> ContactKind:
    is_mailbox = address is not None and address.is_role and not texts["name"]
    if person.is_generic or is_mailbox:
        return ContactKind.ROLE_ADDRESS
    works_for_press = bool(person.outlet or texts["beat"])
    is_press = kind is RowKind.COVERAGE or (kind is RowKind.PERSON and works_for_press)
    return ContactKind.JOURNALIST if is_press else ContactKind.PERSON


def _site_of(row: ParsedRow, person: PersonRow, address: MailAddress | None) -> str:
    domain = row.site
    if domain in PUBLIC_MAIL_HOSTS or not domain:
        domain = parse_domain(person.outlet_url) or "" if person.outlet_url else ""
    return domain if domain and domain not in PUBLIC_MAIL_HOSTS else company_domain(address)


class Changes(NamedTuple):
    """What a row changes: columns with (before, after), and what a file had given there before."""

    texts: dict[str, tuple[str, str]]
    profiles: dict[str, tuple[str, str]]

    @property
    def names(self) -> list[str]:
        """What changed, as people say it."""
        return [name.replace("_", " ") for name in (*self.texts, *self.profiles)]


def changes_of(
    texts: Mapping[str, str],
    profiles: Mapping[str, str],
    facts: PersonFacts,
    given: Mapping[str, str],
    *,
    may_replace: bool,
) -> Changes:
    """Compare what is known with what a row says.

    An empty cell says nothing. A fact is filled in where there is none, and replaced only while it
    is what a file gave: what a person typed stays.

    Args:
        texts: The contact's columns.
        profiles: Their profiles.
        facts: The row's.
        given: What files gave so far, by column.
        may_replace: False for all but the first row about somebody.
    """
    found = Changes({}, {})
    for name, new in facts.texts.items():
        old = texts[name]
        if _wins(new, old, given.get(name), may_replace=may_replace):
            found.texts[name] = (old, new)
    for network, new in facts.profiles.items():
        old = profiles.get(network, "")
        if _wins(new, old, given.get(given_name(network)), may_replace=may_replace):
            found.profiles[network] = (old, new)
    return found


def _wins(new: str, old: str, given: str | None, *, may_replace: bool) -> bool:
    if not new or new == old:
        return False
    return not old or (may_replace and given == old)


def given_name(network: str) -> str:
    """Name under which a profile stands among the facts a file gave."""
    return _OF_PROFILE + network


def given_by(texts: Mapping[str, str], profiles: Mapping[str, str]) -> dict[str, str]:
    """Return facts as they are remembered to have come from a file."""
    return {name: text for name, text in texts.items() if text} | {
        given_name(network): handle for network, handle in profiles.items()
    }
