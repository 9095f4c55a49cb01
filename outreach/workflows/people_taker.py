"""Takes the people of a file in as contacts, beside the sites and pages its rows name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.contacts import intake, intake_writes
from outreach.contacts.intake import Seen
from outreach.contacts.people_rows import PersonFacts, person_of, tag_names
from outreach.core.db import take_turn
from outreach.desk.recount import true_columns
from outreach.imports.rows import ParsedRow
from outreach.imports.words import Verdict
from outreach.prospects.queries import prospect_ids
from outreach.prospects.services import note_columns
from outreach.prospects.tagging import add_tags
from outreach.tags.services import ensure_tag

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from outreach.contacts.intake import PeoplePlan, PeopleRules
    from outreach.core.db import Session
    from outreach.imports.verdicts import Entry
    from outreach.workflows.import_takers import Row, SubjectOf, Taker


class PeopleTaker:
    """Takes rows in as contacts; with `sites`, as prospects and their pages too.

    A row of a list of partners is about its site first: the verdict tells of the prospect, and
    says what became of its contact.
    """

    def __init__(self, rules: PeopleRules, sites: Taker | None = None) -> None:
        self._rules = rules
        self._sites = sites
        self._seen = Seen()

    def note(self, row: Row) -> None:
        """Remember a row that was taken in before a restart."""
        if self._sites is not None:
            self._sites.note(row)
        facts = person_of(row, self._rules.kind) if isinstance(row, ParsedRow) else ""
        if isinstance(facts, PersonFacts):
            self._seen.note(facts)

    def preview(self, session: Session, rows: Sequence[Row]) -> list[Entry]:
        """Decide about a set of rows without changing anything."""
        if self._sites is None:
            return intake.plan(session, rows, self._seen, self._rules).entries
        about_sites = self._sites.preview(session, rows)
        named = _rows_naming_people(rows, about_sites)
        about_people = intake.plan(session, named, self._seen, self._rules).entries
        return _joined(about_sites, about_people)

    def take(
        self, session: Session, rows: Sequence[Row], now: datetime
    ) -> tuple[list[Entry], SubjectOf]:
        """Take a set of rows in; each verdict is about a page or prospect, else about a contact."""
        take_turn(session, "import")
        if self._sites is None:
            made = intake.plan(session, rows, self._seen, self._rules)
            ids = self._write(session, made, now)
            return made.entries, lambda entry: ("contact", ids.get(entry.line))
        about_sites, subject_of = self._sites.take(session, rows, now)
        named = _rows_naming_people(rows, about_sites)
        made = intake.plan(session, named, self._seen, self._rules)
        self._write(session, made, now)
        return _tagged(session, rows, _joined(about_sites, made.entries)), subject_of

    def _write(self, session: Session, made: PeoplePlan, now: datetime) -> dict[int, int]:
        ids = intake_writes.apply(session, made, self._rules, now=now)
        domains = {entry.site for entry in made.entries if entry.site}
        if domains:
            prospects = list(prospect_ids(session, domains).values())
            note_columns(session, true_columns(session, prospects))
        return ids


def _rows_naming_people(rows: Sequence[Row], about_sites: Sequence[Entry]) -> list[Row]:
    return [
        row
        for row, entry in zip(rows, about_sites, strict=True)
        if isinstance(row, ParsedRow)
        and entry.verdict is not Verdict.REFUSED
        and row.person is not None
        and (row.person.email or row.person.name or row.person.last_name)
    ]


def _joined(about_sites: Sequence[Entry], about_people: Sequence[Entry]) -> list[Entry]:
    """Put the verdict on a row's site and the verdict on its person together."""
    people = {entry.line: entry for entry in about_people}
    return [
        _both(entry, people[entry.line]) if entry.line in people else entry for entry in about_sites
    ]


def _tagged(session: Session, rows: Sequence[Row], entries: Sequence[Entry]) -> list[Entry]:
    """Put a row's tags on its prospect too, and note in the verdict which are new."""
    domains: dict[str, set[str]] = {}
    for row, entry in zip(rows, entries, strict=True):
        if isinstance(row, ParsedRow) and entry.site:
            for name in tag_names(row):
                domains.setdefault(name, set()).add(entry.site)
    ids = prospect_ids(session, set().union(*domains.values())) if domains else {}
    brought: dict[int, list[int]] = {}
    for name, sites in domains.items():
        tagged = {ids[site] for site in sites if site in ids}
        for prospect_id, tag_id in add_tags(session, tagged, [ensure_tag(session, name).key]):
            brought.setdefault(prospect_id, []).append(tag_id)
    return [_with_tags(entry, ids.get(entry.site), brought) for entry in entries]


def _with_tags(entry: Entry, prospect_id: int | None, brought: dict[int, list[int]]) -> Entry:
    if prospect_id not in brought:
        return entry
    noted = {"id": prospect_id, "tags": brought.pop(prospect_id)}
    return entry._replace(before={**(entry.before or {}), "prospect_tags": noted})


def _both(site: Entry, person: Entry) -> Entry:
    if person.verdict is Verdict.REFUSED:
        return site._replace(reason=f"Without its contact: {person.reason}")
    before = None
    if site.before is not None or person.before is not None:
        before = {**(site.before or {}), **(person.before or {})}
    verdict, reason = site.verdict, person.reason
    if person.verdict in {Verdict.ADDED, Verdict.UPDATED} and verdict is Verdict.KNOWN:
        verdict = Verdict.UPDATED
    if person.verdict is Verdict.ADDED:
        reason = f"With a new contact. {reason}".strip()
    return site._replace(verdict=verdict, reason=reason, before=before)
