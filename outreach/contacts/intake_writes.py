"""Write what was planned of a file's people, a set of rows at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from outreach.contacts.models import Contact
from outreach.contacts.people_rows import TEXT_FACTS
from outreach.contacts.rules import first_name_of, name_order
from outreach.contacts.tagging import add_tags
from outreach.contacts.twins import outlet_order, twin_keys
from outreach.contacts.words import ContactKind, Deliverability, LawfulBasis
from outreach.core.addresses import MailAddress
from outreach.core.db import bulk_update, bulk_write
from outreach.sites import services as sites
from outreach.tags.services import ensure_tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from outreach.contacts.intake import PeoplePlan, PeopleRules, Person
    from outreach.core.db import Session

_FACTS = (
    *TEXT_FACTS, "first_name", "name_order", "outlet_order", "profiles", "file_facts", "site_id",
    "twin_key", "mailbox_twin_key", "is_search_stale", "updated_at",
)  # fmt: skip
_ADDRESS = ("address", "address_key", "person_key", "deliverability", "undeliverable_because")
_BROUGHT = (
    *_FACTS, *_ADDRESS, "kind", "time_zone", "language", "lawful_basis", "source_snippet",
    "found_at", "import_file_id", "import_line", "created_at",
)  # fmt: skip


def apply(
    session: Session, made: PeoplePlan, rules: PeopleRules, *, now: datetime
) -> dict[int, int]:
    """Write what was planned; return the contact of every row, by its line."""
    people = _distinct(made.people.values())
    missing = {person.site for person in people if person.site and person.site_id is None}
    if missing:
        made.site_ids.update(sites.add_missing(session, missing, now=now))
        for person in people:
            person.site_id = person.site_id or made.site_ids.get(person.site)
    _add(session, [person for person in people if person.id is None], made, rules, now)
    _update(session, [person for person in people if person.is_changed and person.id], made, now)
    contact_ids = {line: person.id for line, person in made.people.items() if person.id is not None}
    _tag(session, made, contact_ids)
    for entry in made.entries:
        if entry.before is not None:
            entry.before["contact_id"] = contact_ids.get(entry.line)
    return contact_ids


def _distinct(people: Iterable[Person]) -> list[Person]:
    return list({id(person): person for person in people}.values())


def _add(
    session: Session,
    people: list[Person],
    made: PeoplePlan,
    rules: PeopleRules,
    now: datetime,
) -> None:
    rows = (_brought(person, made, rules, now) for person in people)
    bulk_write(session, Contact, _BROUGHT, rows, unique=("address_key",))
    by_line = _ids_by(session, people, rules)
    for person in people:
        assert person.facts is not None
        person.id = by_line.get(person.facts.line)
    # another transaction may have been faster with an address
    lost = {person.address_key: person for person in people if person.id is None}
    if lost:
        keys = [key for key in lost if key]
        rows_of = sa.select(col(Contact.address_key), col(Contact.id)).where(
            col(Contact.address_key).in_(keys)
        )
        for key, contact_id in session.execute(rows_of):
            lost[key].id = contact_id


def _ids_by(session: Session, people: list[Person], rules: PeopleRules) -> dict[int, int]:
    lines = [person.facts.line for person in people if person.facts is not None]
    if not lines:
        return {}
    rows = session.execute(
        sa.select(col(Contact.import_line), col(Contact.id)).where(
            col(Contact.import_file_id) == rules.import_file_id,
            col(Contact.import_line).between(min(lines), max(lines)),
        )
    )
    return {line: contact_id for line, contact_id in rows if line is not None}


def _brought(
    person: Person, made: PeoplePlan, rules: PeopleRules, now: datetime
) -> tuple[Any, ...]:
    facts = person.facts
    assert facts is not None
    says = f"Imported from {rules.filename[:200]}, line {facts.line}."
    return (
        *_facts_of(person, facts.kind, facts.address, now),
        *_address_of(facts.address, made),
        facts.kind,
        "",
        "",
        LawfulBasis.LEGITIMATE_INTEREST,
        says,
        now,
        rules.import_file_id,
        facts.line,
        now,
    )


def _facts_of(
    person: Person, kind: ContactKind, address: MailAddress | None, now: datetime
) -> tuple[Any, ...]:
    texts = person.texts
    keys = twin_keys(texts["name"], address, site_id=person.site_id, outlet=texts["outlet"])
    return (
        *(texts[name] for name in TEXT_FACTS),
        first_name_of(texts["name"], kind)[:100],
        name_order(texts["name"], address),
        outlet_order(texts["outlet"]),
        person.profiles,
        person.given,
        person.site_id,
        *keys,
        True,
        now,
    )


def _address_of(address: MailAddress | None, made: PeoplePlan) -> tuple[Any, ...]:
    if address is None:
        return (None, None, "", Deliverability.UNKNOWN, "")
    key = address.key
    return (address.text, key, made.person_keys[key], Deliverability.UNKNOWN, "")


def _update(session: Session, people: list[Person], made: PeoplePlan, now: datetime) -> None:
    changed = [
        (*_facts_of(person, ContactKind.PERSON, _address(person), now), person.id)
        for person in people
    ]
    bulk_update(session, Contact, _FACTS, changed)
    gained = [person for person in people if person.facts is not None]
    bulk_update(session, Contact, _ADDRESS, _addresses(gained, made))


def _addresses(people: list[Person], made: PeoplePlan) -> Iterator[tuple[Any, ...]]:
    for person in people:
        assert person.facts is not None
        yield (*_address_of(person.facts.address, made), person.id)


def _address(person: Person) -> MailAddress | None:
    """Return a known contact's address from its key: enough to sort and to compare by."""
    if not person.address_key:
        return None
    local, _, domain = person.address_key.rpartition("@")
    return MailAddress(local, domain)


def _tag(session: Session, made: PeoplePlan, contact_ids: dict[int, int]) -> None:
    """Put a file's tags on its people, and note in each verdict which are new."""
    brought: dict[int, list[int]] = {}
    for name, lines in made.tags.items():
        tag = ensure_tag(session, name)
        ids = {contact_ids[line] for line in lines if line in contact_ids}
        for contact_id, tag_id in add_tags(session, ids, [tag.key]):
            brought.setdefault(contact_id, []).append(tag_id)
    for entry in made.entries:
        found = contact_ids.get(entry.line)
        if entry.before is not None and found in brought:
            entry.before["contact_tags"] = brought.pop(found)
