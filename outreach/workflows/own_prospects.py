"""Takes in prospects exported from a workspace, with what a person said of them there.

A prospect that is known is filled only where it is empty: what a person decided, wrote or chose
stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from outreach.accounts.queries import member_addresses
from outreach.contacts.people_rows import tag_names
from outreach.core.db import bulk_update, bulk_write
from outreach.imports.own_cells import read_figures, read_moment
from outreach.imports.rows import ParsedRow
from outreach.imports.words import Verdict
from outreach.prospects.models import Prospect, VendorMetric
from outreach.prospects.services import copy_vendor_figures, mark_stale
from outreach.prospects.tagging import add_tags, tags_of_prospects
from outreach.prospects.words import Review, Tactic
from outreach.tags.services import ensure_tag
from outreach.workflows.own_undo import OWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from outreach.core.db import Session
    from outreach.imports.verdicts import Entry
    from outreach.prospects.intake import IntakeRules
    from outreach.workflows.import_takers import ProspectTaker, Row, SubjectOf

# What is filled together: its columns, the first of which says whether anything is there.
PARTS = {
    "notes": ("notes",),
    "tactic": ("tactic",),
    "review": ("review", "rejected_because", "review_after"),
    "owner": ("owner_id",),
}
_EMPTY = ("", None, Review.NEW)
_COLUMNS = tuple(name for columns in PARTS.values() for name in columns)
_UNCLAIMED = ("claimed_by_id", "claimed_until")
_columns: Any = sa.select  # its typing knows tables, not single columns


@dataclass(slots=True)
class Filling:
    """What a set of rows gives prospects that had none of it, by prospect."""

    parts: dict[str, dict[int, list[Any]]] = field(default_factory=dict)
    tags: dict[str, set[int]] = field(default_factory=dict)  # tag → prospects
    figures: list[tuple[int, str, float, date]] = field(default_factory=list)


class OwnProspectTaker:
    """Takes rows of our own export in as prospects, and what was said of them."""

    def __init__(self, rules: IntakeRules, sites: ProspectTaker) -> None:
        self._rules = rules
        self._sites = sites

    def note(self, row: Row) -> None:
        """Remember a row that was taken in before a restart."""
        self._sites.note(row)

    def preview(self, session: Session, rows: Sequence[Row]) -> list[Entry]:
        """Decide about a set of rows without changing anything."""
        entries, _ = self._plan(session, rows, self._sites.preview(session, rows), holds=False)
        return entries

    def take(
        self, session: Session, rows: Sequence[Row], now: datetime
    ) -> tuple[list[Entry], SubjectOf]:
        """Take a set of rows in; each verdict is about the prospect."""
        taken, subject_of = self._sites.take(session, rows, now)
        entries, made = self._plan(session, rows, taken, holds=True)
        brought = _write(session, made, self._rules, now)
        tagged = [
            _and_before(entry, {"prospect_tags": {"id": key, "tags": brought.pop(key)}})
            if entry.verdict is not Verdict.REFUSED and (key := subject_of(entry)[1]) in brought
            else entry
            for entry in entries
        ]
        return tagged, subject_of

    def _plan(
        self, session: Session, rows: Sequence[Row], entries: Sequence[Entry], *, holds: bool
    ) -> tuple[list[Entry], Filling]:
        """Decide what is filled in; the first row about a site counts."""
        own: dict[str, ParsedRow] = {}
        for row, entry in zip(rows, entries, strict=True):
            is_heard = entry.verdict is Verdict.ADDED or not self._rules.is_repeat
            if isinstance(row, ParsedRow) and entry.verdict is not Verdict.REFUSED and is_heard:
                own.setdefault(entry.site, row)
        known = _Known(session, own, holds=holds)
        made = Filling()
        planned = []
        for row, entry in zip(rows, entries, strict=True):
            is_first = entry.site in own and own[entry.site] is row
            planned.append(_decided(made, own[entry.site], entry, known, self._rules)
                           if is_first else entry)  # fmt: skip
        return planned, made


class _Known:
    """What is known of the prospects that a set of rows names, held until all is written."""

    def __init__(self, session: Session, sites: Iterable[str], *, holds: bool) -> None:
        asked = (
            _columns(col(Prospect.domain), *(getattr(Prospect, name) for name in ("id", *_COLUMNS)))
            .where(col(Prospect.domain).in_(sorted(sites)))
            .order_by(col(Prospect.id))
        )
        rows = session.execute(asked.with_for_update(of=Prospect) if holds else asked).all()
        self.ids = {row[0]: row[1] for row in rows}
        self.facts = {row[0]: dict(zip(_COLUMNS, row[2:], strict=True)) for row in rows}
        ids = sorted(self.ids.values())
        self.tagged = set(tags_of_prospects(session, ids))
        measured = _columns(VendorMetric.prospect_id, VendorMetric.source)
        self.measured = {
            (key, source)
            for key, source in session.execute(
                measured.where(col(VendorMetric.prospect_id).in_(ids))
            )
        }
        members = member_addresses(session, session.workspace_id)
        self.members = {address.casefold(): key for key, address in members}


def _decided(
    made: Filling, row: ParsedRow, entry: Entry, known: _Known, rules: IntakeRules
) -> Entry:
    said = row.own or {}
    owner = said.get("owner", "").strip()
    if owner and owner.casefold() not in known.members:
        entry = entry._replace(reason=f"Without its owner: {owner} is not a member here.")
    if entry.site not in known.ids:
        return entry  # a preview: it will be added with all the row says
    key, facts = known.ids[entry.site], known.facts[entry.site]
    filled: dict[str, object] = {}
    for part, values in _given(said, known.members).items():
        old = [facts[name] for name in PARTS[part]]
        if values[0] not in _EMPTY and old[0] in _EMPTY:
            made.parts.setdefault(part, {})[key] = values
            filled[part] = [_plain(part, old), _plain(part, values)]
    before: dict[str, object] = {OWN: filled} if filled else {}
    measured = _fill_figures(made, key, said, known, rules)
    if measured and entry.verdict is not Verdict.ADDED:
        before["metrics"] = measured
    names = tag_names(row) if key not in known.tagged else ()
    for name in names:
        made.tags.setdefault(name, set()).add(key)
    what = [*filled, *(["figures"] if measured else []), *(["tags"] if names else [])]
    if what and entry.verdict is Verdict.KNOWN:
        reason = f"Filled in {', '.join(what)}. {entry.reason}".strip()
        entry = entry._replace(verdict=Verdict.UPDATED, reason=reason)
    return _and_before(entry, before)


def _given(said: Mapping[str, str], members: Mapping[str, int]) -> dict[str, list[Any]]:
    """Return what a row gives, in the order of the columns of each part."""
    tactic, review = said.get("tactic", "").strip(), said.get("review", "").strip()
    decided = Review(review) if review in set(Review) else Review.NEW
    return {
        "notes": [said.get("notes", "")],
        "tactic": [tactic if tactic in set(Tactic) else ""],
        "review": [decided, said.get("reason", ""), read_moment(said.get("until", ""))],
        "owner": [members.get(said.get("owner", "").strip().casefold())],
    }


def _fill_figures(
    made: Filling, key: int, said: Mapping[str, str], known: _Known, rules: IntakeRules
) -> dict[str, object]:
    filled: dict[str, object] = {}
    for source, value, on in read_figures(said.get("figures", "")):
        if (key, source) not in known.measured:
            known.measured.add((key, source))
            made.figures.append((key, source, value, on))
            filled[source] = [None, [value, on.isoformat(), rules.import_file_id]]
    return filled


def _write(
    session: Session, made: Filling, rules: IntakeRules, now: datetime
) -> dict[int, list[int]]:
    """Write what was planned; return the tags each prospect gained."""
    for part, values in made.parts.items():
        columns = PARTS[part] + (_UNCLAIMED if part == "review" else ())
        free = (None, None) if part == "review" else ()
        rows = ((*given, *free, key) for key, given in sorted(values.items()))
        bulk_update(session, Prospect, columns, rows)
    if made.parts:
        mark_stale(session, set().union(*made.parts.values()))
    if made.figures:
        bulk_write(
            session,
            VendorMetric,
            ("prospect_id", "source", "value", "measured_on", "import_file_id", "created_at",
             "updated_at"),
            ((*figure, rules.import_file_id, now, now) for figure in made.figures),
            unique=("prospect_id", "source"),
        )  # fmt: skip
        copy_vendor_figures(session, {figure[0] for figure in made.figures})
    brought: dict[int, list[int]] = {}
    for name, ids in made.tags.items():
        for key, tag_id in add_tags(session, ids, [ensure_tag(session, name).key]):
            brought.setdefault(key, []).append(tag_id)
    return brought


def _plain(part: str, values: Sequence[Any]) -> dict[str, object]:
    """Return columns as `prospects.many` compares them, fit for JSON."""
    words = (value.isoformat() if hasattr(value, "isoformat") else value for value in values)
    return dict(zip(PARTS[part], words, strict=True))


def _and_before(entry: Entry, more: Mapping[str, object]) -> Entry:
    return entry._replace(before={**(entry.before or {}), **more}) if more else entry
