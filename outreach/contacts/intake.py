"""Decide what a file says about people, a set of rows at a time.

People are told apart by address; without one, by name and place (the site, else the outlet).
`plan` only reads, so that a preview and an import decide alike; `intake_writes.apply` writes what
was planned.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col

from outreach.contacts.models import Contact
from outreach.contacts.people_rows import (
    TEXT_FACTS,
    PersonFacts,
    changes_of,
    given_by,
    person_of,
)
from outreach.contacts.queries import NOTHING
from outreach.contacts.twins import folded, outlet_order
from outreach.imports.rows import ParsedRow
from outreach.imports.verdicts import Entry, refused
from outreach.imports.words import Verdict
from outreach.sites.queries import site_ids
from outreach.suppression.queries import suppressed_among
from outreach.suppression.rules import person_key
from outreach.suppression.words import SuppressionReason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from outreach.core.db import Session
    from outreach.imports.rows import BadRow, RowKind

    Place = tuple[str, str]  # a name, and a site or an outlet

FORGOTTEN = "This person asked to be forgotten; they are not taken in again."


@dataclass(frozen=True, slots=True)
class PeopleRules:
    """How a file is taken in: by what key people are hashed, and from which file they come."""

    kind: RowKind
    key: str
    import_file_id: int = 0
    filename: str = ""
    may_replace: bool = True


@dataclass(slots=True)
class Seen:
    """Whom earlier rows of the same file named; the first row about somebody counts."""

    names: set[int] = field(default_factory=set)

    def note(self, facts: PersonFacts) -> bool:
        """Remember somebody; True the first time."""
        name = hash(facts.address.key if facts.address else (facts.name_key, _place_of(facts)))
        is_first = name not in self.names
        self.names.add(name)
        return is_first


@dataclass(slots=True, eq=False)
class Person:
    """A contact as it will be; without an id, this plan adds it."""

    id: int | None
    texts: dict[str, str]
    profiles: dict[str, str]
    given: dict[str, str]
    address_key: str | None
    site_id: int | None
    site: str = ""  # to be added, or known by now
    facts: PersonFacts | None = None  # the row that brings it, or its address
    is_changed: bool = False


@dataclass(slots=True)
class PeoplePlan:
    """What a set of rows will change, and the verdict on each."""

    entries: list[Entry] = field(default_factory=list)
    people: dict[int, Person] = field(default_factory=dict)  # by line
    tags: dict[str, list[int]] = field(default_factory=dict)  # tag → lines
    site_ids: dict[str, int] = field(default_factory=dict)
    person_keys: dict[str, str] = field(default_factory=dict)  # by address key
    known: dict[int, Person] = field(default_factory=dict)  # by id
    by_address: dict[str, Person] = field(default_factory=dict)
    by_place: dict[Place, Person] = field(default_factory=dict)
    suppressed: dict[str, SuppressionReason] = field(default_factory=dict)


def plan(
    session: Session, rows: Sequence[ParsedRow | BadRow], seen: Seen, rules: PeopleRules
) -> PeoplePlan:
    """Decide what each row of a set changes, without changing anything."""
    made = PeoplePlan()
    read = [person_of(row, rules.kind) if isinstance(row, ParsedRow) else "" for row in rows]
    people = [facts for facts in read if isinstance(facts, PersonFacts)]
    _look_up(session, made, people, rules)
    for row, facts in zip(rows, read, strict=True):
        if not isinstance(row, ParsedRow):
            made.entries.append(refused(row.line, row.raw, row.reason))
        elif isinstance(facts, str):
            made.entries.append(refused(row.line, _raw_of(row), facts))
        else:
            made.entries.append(_decide(made, facts, seen, rules))
    return made


def _raw_of(row: ParsedRow) -> str:
    person = row.person
    if person is None:
        return row.url or row.site
    return ", ".join(text for text in (person.name, person.email, person.outlet) if text)


def _look_up(
    session: Session, made: PeoplePlan, people: Sequence[PersonFacts], rules: PeopleRules
) -> None:
    made.site_ids = site_ids(session, {facts.site for facts in people if facts.site})
    addresses = {facts.address.key: facts.address for facts in people if facts.address}
    made.person_keys = {name: person_key(rules.key, address) for name, address in addresses.items()}
    made.suppressed = suppressed_among(session, person_keys=set(made.person_keys.values()))
    ids = _namesakes(session, made, people)
    for wanted in (col(Contact.address_key).in_(sorted(addresses)), col(Contact.id).in_(ids)):
        for address_key, person in _known(session, made, wanted):
            _index(made, address_key, person)


def _namesakes(session: Session, made: PeoplePlan, people: Sequence[PersonFacts]) -> list[int]:
    """Return who has the name of somebody in a set of rows, and their site or outlet.

    Asked by name and place together: a large file may hold one name a thousand times.
    """
    at_sites, outlets, names, nowhere = set(), set(), set(), set()
    for facts in people:
        name = facts.texts["name"].casefold()[:254]
        if not name:
            continue
        names.add(name)
        if facts.site in made.site_ids:
            at_sites.add((made.site_ids[facts.site], name))
        if outlet := outlet_order(facts.texts["outlet"]):
            outlets.add(outlet)
        elif not facts.site:
            nowhere.add(name)
    place = sa.tuple_(col(Contact.site_id), col(Contact.name_order))
    # Joined with nothing, so that nobody seeks by name what is asked for by outlet.
    has_name = (col(Contact.name_order) + NOTHING).in_(sorted(names))
    at_outlet = col(Contact.outlet_order)
    ids: set[int] = set()
    for wanted, is_asked in (
        (place.in_(sorted(at_sites)), at_sites),
        (at_outlet.in_(sorted(outlets)) & (at_outlet != NOTHING) & has_name, outlets),
        (col(Contact.name_order).in_(sorted(nowhere)) & col(Contact.site_id).is_(None), nowhere),
    ):
        if is_asked:
            ids.update(session.execute(sa.select(col(Contact.id)).where(wanted)).scalars())
    return sorted(ids)


_COLUMNS: tuple[Any, ...] = (
    Contact.id,
    Contact.profiles,
    Contact.file_facts,
    Contact.address_key,
    Contact.site_id,
    Contact.merged_into_id,
    *(getattr(Contact, name) for name in TEXT_FACTS),
)


def _known(
    session: Session, made: PeoplePlan, wanted: sa.ColumnElement[bool]
) -> Iterator[tuple[str | None, Person]]:
    """Yield contacts by address; for one that was merged, the one it was merged into."""
    is_alive = col(Contact.erased_at).is_(None)
    rows = session.execute(sa.select(*_COLUMNS).where(wanted, is_alive)).all()
    kept_ids = sorted({row[5] for row in rows if row[5] is not None})
    kept = {}
    if kept_ids:
        into = sa.select(*_COLUMNS).where(col(Contact.id).in_(kept_ids), is_alive)
        kept = {row[0]: row for row in session.execute(into)}
    for row in rows:
        true = row if row[5] is None else kept.get(row[5])
        if true is not None:
            yield row[3], made.known.setdefault(true[0], _person(true))


def _person(row: Sequence[Any]) -> Person:
    contact_id, profiles, given, address_key, site_id, _, *texts = row
    return Person(
        contact_id,
        dict(zip(TEXT_FACTS, texts, strict=True)),
        dict(profiles),
        dict(given),
        address_key,
        site_id,
    )


def _index(made: PeoplePlan, address_key: str | None, person: Person) -> None:
    if address_key:
        made.by_address.setdefault(address_key, person)
    for place in _places(person):
        made.by_place.setdefault((folded(person.texts["name"]), place), person)


def _places(person: Person) -> Iterable[str]:
    outlet = folded(person.texts["outlet"])
    if person.site_id is not None:
        yield f"site {person.site_id}"
    elif person.site:
        yield person.site
    if outlet or (person.site_id is None and not person.site):
        yield outlet


def _place_of(facts: PersonFacts) -> str:
    return facts.site or folded(facts.texts["outlet"])


def _decide(made: PeoplePlan, facts: PersonFacts, seen: Seen, rules: PeopleRules) -> Entry:
    hashed = made.person_keys.get(facts.address.key, "") if facts.address else ""
    suppressed = made.suppressed.get(hashed)
    if suppressed is SuppressionReason.ERASED:
        return refused(facts.line, "", FORGOTTEN)  # nothing of the row is kept
    is_first = seen.note(facts)
    person, twin = _find(made, facts)
    said = f"Never written to: {suppressed.value.replace('_', ' ')}." if suppressed else ""
    for tag in facts.tags:
        made.tags.setdefault(tag, []).append(facts.line)
    before: dict[str, object] = {}
    if person is None:
        verdict = Verdict.ADDED if is_first else Verdict.KNOWN  # known: a preview wrote nothing
        if twin is not None:
            said = f"{said} Perhaps the same person as another contact; compare the two.".strip()
        person = _added(made, facts)
    else:
        before = _change(made, person, facts, may_replace=is_first and rules.may_replace)
        verdict = Verdict.UPDATED if before else Verdict.KNOWN
        if before:
            said = f"{said} Changed {before.pop('names')}.".strip()
    made.people[facts.line] = person
    needs_before: dict[str, object] | None = None
    if before or facts.tags:
        needs_before = {"contact": before}
    return Entry(facts.line, verdict, facts.site, "", said, "", needs_before)


def _find(made: PeoplePlan, facts: PersonFacts) -> tuple[Person | None, Person | None]:
    """Return who a row is about, and who else they may be."""
    if facts.address is not None:
        person = made.by_address.get(facts.address.key)
        if person is not None:
            return person, None
    namesake = _namesake(made, facts)
    if namesake is None or facts.address is None or namesake.address_key is None:
        return namesake, None
    return None, namesake


def _namesake(made: PeoplePlan, facts: PersonFacts) -> Person | None:
    name = facts.name_key
    if not name:
        return None
    outlet = folded(facts.texts["outlet"])
    site_id = made.site_ids.get(facts.site)
    places = [f"site {site_id}" if site_id is not None else facts.site] if facts.site else []
    if outlet or not places:
        places.append(outlet)
    found = (made.by_place.get((name, place)) for place in places)
    return next((person for person in found if person is not None), None)


def _added(made: PeoplePlan, facts: PersonFacts) -> Person:
    person = Person(
        id=None,
        texts=dict(facts.texts),
        profiles=dict(facts.profiles),
        given=given_by(facts.texts, facts.profiles),
        address_key=facts.address.key if facts.address else None,
        site_id=made.site_ids.get(facts.site),
        site=facts.site,
        facts=facts,
    )
    _index(made, person.address_key, person)
    return person


def _change(
    made: PeoplePlan, person: Person, facts: PersonFacts, *, may_replace: bool
) -> dict[str, object]:
    """Bring a row's facts into a contact; return what an undo needs."""
    found = changes_of(person.texts, person.profiles, facts, person.given, may_replace=may_replace)
    names = found.names
    before: dict[str, object] = {}
    news = {name: new for name, (_, new) in found.texts.items()}
    handles = {network: new for network, (_, new) in found.profiles.items()}
    gave = {name: person.given.get(name) for name in given_by(news, handles)}
    person.texts.update(news)
    person.profiles.update(handles)
    person.given.update(given_by(news, handles))
    if _gains_address(made, person, facts):
        assert facts.address is not None
        before["address"] = facts.address.text
        person.address_key, person.facts = facts.address.key, facts
        made.by_address[facts.address.key] = person
        names.append("address")
    if facts.site and person.site_id is None and not person.site:
        before["site"] = person.site = facts.site
        person.site_id = made.site_ids.get(facts.site)
        names.append("site")
    if not names:
        return {}
    person.is_changed = True
    return {
        **before,
        "texts": {name: list(pair) for name, pair in found.texts.items()},
        "profiles": {name: list(pair) for name, pair in found.profiles.items()},
        "gave": gave,
        "names": ", ".join(names),
    }


def _gains_address(made: PeoplePlan, person: Person, facts: PersonFacts) -> bool:
    """Tell whether a contact without an address may take the row's: it is nobody's yet."""
    address = facts.address
    return address is not None and person.address_key is None and address.key not in made.by_address
