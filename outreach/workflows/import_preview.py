"""Say what importing a file would do, by its first rows and without writing anything."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from outreach.accounts.queries import names_of_users
from outreach.core.addresses import parse_mail_address
from outreach.desk.collisions import guards_of_people, guards_of_sites
from outreach.imports.changes import changes_in_words
from outreach.imports.parsing import read_rows
from outreach.imports.queries import earlier_import_of, get_import_file
from outreach.imports.recognition import Recognised, recognise
from outreach.imports.rows import BadRow, ParsedRow, RowKind
from outreach.imports.verdicts import Entry
from outreach.imports.words import Verdict
from outreach.sites.queries import site_ids
from outreach.suppression.rules import company_domain, person_key
from outreach.workflows.import_file import ImportTools, recognise_again
from outreach.workflows.import_ranks import LASTS
from outreach.workflows.import_takers import GUARD_KINDS, PEOPLE_KINDS, Taker, make_taker

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from outreach.core.db import Database, Scope, Session
    from outreach.desk.collisions import Guard
    from outreach.imports.mapping import ColumnMap
    from outreach.imports.models import ImportFile

    Row = ParsedRow | BadRow

PREVIEWED_ROWS = 10_000
_ROWS_AT_ONCE = 1_000
_EXAMPLES = 5
_UNGUARDED = GUARD_KINDS | {RowKind.DISAVOW, RowKind.RANKS}  # nobody is written to because of them


class Refusal(NamedTuple):
    """A row that will be refused."""

    line: int
    reason: str
    raw: str


class Change(NamedTuple):
    """What a row would change of what is known."""

    line: int
    name: str
    said: str


class Guarded(NamedTuple):
    """Somebody or some site in the file that was written to lately, or must never be."""

    line: int
    name: str
    guard: Guard


class Earlier(NamedTuple):
    """The import of the same bytes that still stands, and who made it ("" where nobody knows)."""

    file: ImportFile
    who: str


@dataclass(slots=True)
class Preview:
    """What importing a file would do; `is_whole` is False where only its first rows were read."""

    title: str
    kind: RowKind
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    guarded: list[Guarded] = field(default_factory=list)
    guarded_count: int = 0
    never_count: int = 0  # of those, who must never be written to
    row_count: int = 0
    is_whole: bool = True
    earlier: Earlier | None = None
    remark: str = ""  # what a person should know before they begin
    _met: set[str] = field(default_factory=set)

    @property
    def imported_before(self) -> bool:
        """Whether the same bytes were imported before, and stand."""
        return self.earlier is not None

    def note(self, rows: Sequence[Row], entries: Sequence[Entry]) -> None:
        """Count a set of rows and keep the first of each kind."""
        for row, entry in zip(rows, entries, strict=True):
            self.row_count += 1
            self.counts[entry.verdict.value] += 1
            if entry.verdict is Verdict.REFUSED:
                if len(self.refusals) < 2 * _EXAMPLES:
                    self.refusals.append(Refusal(entry.line, entry.reason, entry.raw))
                continue
            if len(found := self.examples.setdefault(entry.verdict.value, [])) < _EXAMPLES:
                found.append(_name_of(row))
            if entry.verdict is Verdict.UPDATED and len(self.changes) < 2 * _EXAMPLES:
                said = changes_in_words(entry.before) or entry.reason
                self.changes.append(Change(entry.line, _name_of(row), said))

    def note_guards(self, found: Sequence[Guarded]) -> None:
        """Count whom the collision guard knows, each once, and keep the first."""
        for one in found:
            if one.name in self._met:
                continue
            self._met.add(one.name)
            self.guarded_count += 1
            self.never_count += one.guard.tone == "bad"
            if len(self.guarded) < 2 * _EXAMPLES:
                self.guarded.append(one)


def preview_import(
    database: Database, scope: Scope, import_file_id: int, tools: ImportTools
) -> Preview:
    """Say what importing a kept file would do, by its first rows."""
    with database.reading(scope) as session:
        file = get_import_file(session, import_file_id)
    recognised = recognise_again(file, tools)
    with database.reading(scope) as session:
        taker = make_taker(session, file, recognised.layout.kind, tools.key)
        preview = _previewed(session, recognised, taker, tools, limit=PREVIEWED_ROWS)
        earlier = earlier_import_of(session, file)
        if earlier is not None:
            who = names_of_users(session, {earlier.user_id}) if earlier.user_id else {}
            preview.earlier = Earlier(earlier, who.get(earlier.user_id or 0, ""))
    return preview


def preview_path(
    database: Database,
    scope: Scope,
    path: Path,
    tools: ImportTools,
    *,
    kind: RowKind | ColumnMap | None,
) -> Preview:
    """Say what importing a file would do, by all of its rows and without keeping it."""
    said, mapping = (kind, None) if isinstance(kind, RowKind) else (None, kind)
    recognised = recognise(path, said, mapping=mapping)
    with database.reading(scope) as session:
        taker = make_taker(session, None, recognised.layout.kind, tools.key, today=tools.clock())
        return _previewed(session, recognised, taker, tools, limit=None)


def _previewed(
    session: Session,
    recognised: Recognised,
    taker: Taker,
    tools: ImportTools,
    *,
    limit: int | None,
) -> Preview:
    kind, now = recognised.layout.kind, tools.clock()
    preview = Preview(title=recognised.layout.title, kind=kind)
    if kind is RowKind.RANKS:
        preview.remark = LASTS
    rows = read_rows(recognised)
    while chunk := list(islice(rows, _ROWS_AT_ONCE)):
        if limit is not None and preview.row_count >= limit:
            preview.is_whole = False
            break
        is_ranks = kind is RowKind.RANKS
        entries = _ranks(session, chunk) if is_ranks else taker.preview(session, chunk)
        preview.note(chunk, entries)
        if kind not in _UNGUARDED:
            preview.note_guards(_guarded(session, chunk, kind, tools.key, now))
    return preview


def _ranks(session: Session, rows: Sequence[Row]) -> list[Entry]:
    """Say of an open list's rows whether their sites are known; all others are left out."""
    sites = [row.site if isinstance(row, ParsedRow) else "" for row in rows]
    known = site_ids(session, {site for site in sites if site})
    return [
        Entry(row.line, Verdict.KNOWN if site in known else Verdict.SKIPPED, site, "", "", "", None)
        for row, site in zip(rows, sites, strict=True)
    ]


def _guarded(
    session: Session, rows: Sequence[Row], kind: RowKind, key: str, now: datetime
) -> list[Guarded]:
    """Return whom of a set of rows the collision guard knows: its people, else its sites."""
    parsed = [row for row in rows if isinstance(row, ParsedRow)]
    if kind not in PEOPLE_KINDS:
        sites = guards_of_sites(session, {row.site for row in parsed if row.site}, now=now)
        return [Guarded(row.line, row.site, sites[row.site]) for row in parsed if row.site in sites]
    people: dict[tuple[str, str], tuple[int, str]] = {}
    for row in parsed:
        address = parse_mail_address(row.person.email) if row.person else None
        if address is not None:
            named = (person_key(key, address), company_domain(address, row.site))
            people.setdefault(named, (row.line, address.text))
    guards = guards_of_people(session, people.keys(), now=now)
    return [Guarded(*people[who], guard) for who, guard in guards.items()]


def _name_of(row: Row) -> str:
    if isinstance(row, BadRow):
        return row.raw
    if row.person is not None and not row.url and (row.person.name or row.person.email):
        return " · ".join(part for part in (row.person.name, row.person.email) if part)
    return row.url or row.email or row.site
