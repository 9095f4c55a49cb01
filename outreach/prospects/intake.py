"""Take in what a file says about prospects, a set of rows at a time.

`plan` only reads, so that a preview and an import decide alike; `apply` writes what was planned.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import col, func, select

from outreach.core.db import bulk_update, bulk_write
from outreach.imports.rows import ParsedRow
from outreach.imports.verdicts import Entry, refused
from outreach.imports.words import Verdict
from outreach.prospects.models import ProspectPage, VendorMetric
from outreach.prospects.queries import prospect_ids
from outreach.prospects.rules import (
    LONGEST_URL,
    PAGE_FACTS,
    changes_words,
    facts_of,
    import_source,
    merge_facts,
    metric_source,
    to_json,
)
from outreach.prospects.services import add_missing, forget_vectors, recount_pages
from outreach.prospects.words import TextBasis
from outreach.sites import services as sites

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date, datetime

    from outreach.core.db import Session
    from outreach.imports.rows import BadRow

_TITLE_CHARACTERS = 300


@dataclass(slots=True)
class Memory:
    """What earlier rows of the same file named; the first row about a page or a site counts."""

    pages: set[str] = field(default_factory=set)
    sites: set[str] = field(default_factory=set)

    def note(self, row: ParsedRow) -> None:
        """Remember a row that was taken in before a restart."""
        self.pages.add(row.key)
        self.sites.add(row.site)


@dataclass(frozen=True, slots=True)
class IntakeRules:
    """How a file is taken in.

    Attributes:
        own_domains: Of the workspace's properties; their pages are not prospects.
        measured_on: The day the vendor's figures in the file are taken to be of.
        may_replace: False for a file whose bytes were imported before.
    """

    own_domains: frozenset[str]
    measured_on: date
    may_replace: bool = True


class _KnownPage(NamedTuple):
    id: int | None  # None: this plan adds it
    facts: list[Any]
    basis: TextBasis


class _KnownMetric(NamedTuple):
    value: float
    measured_on: date
    import_file_id: int | None


@dataclass(slots=True)
class Plan:
    """What a set of rows will change, and the verdict on each."""

    entries: list[Entry] = field(default_factory=list)
    new_sites: dict[str, str] = field(default_factory=dict)  # domain → title
    new_pages: dict[str, ParsedRow] = field(default_factory=dict)
    changed_pages: dict[int, tuple[list[Any], TextBasis]] = field(default_factory=dict)
    reworded: set[int] = field(default_factory=set)
    metrics: dict[tuple[str, str], float] = field(default_factory=dict)
    prospect_ids: dict[str, int] = field(default_factory=dict)
    pages: dict[str, _KnownPage] = field(default_factory=dict)
    known_metrics: dict[tuple[str, str], _KnownMetric] = field(default_factory=dict)


def plan(
    session: Session, rows: Sequence[ParsedRow | BadRow], memory: Memory, rules: IntakeRules
) -> Plan:
    """Decide what each row of a set changes, without changing anything."""
    made = Plan()
    parsed = [row for row in rows if isinstance(row, ParsedRow)]
    made.prospect_ids = prospect_ids(session, {row.site for row in parsed})
    made.pages = _known_pages(session, {row.key for row in parsed if row.key})
    if any(row.site_metrics for row in parsed):
        asked = {site: key for site, key in made.prospect_ids.items() if site not in memory.sites}
        made.known_metrics = _known_metrics(session, asked)
    for row in rows:
        if isinstance(row, ParsedRow):
            reason = _refusal(row, rules)
            made.entries.append(
                refused(row.line, row.url, reason) if reason else _decide(made, row, memory, rules)
            )
        else:
            made.entries.append(refused(row.line, row.raw, row.reason))
    return made


def _refusal(row: ParsedRow, rules: IntakeRules) -> str:
    if row.site in rules.own_domains:
        return f"{row.site} is a property of your own, not a site to ask."
    if len(row.url) > LONGEST_URL:
        return f"This address is longer than {LONGEST_URL:,} characters."
    return ""


def _decide(made: Plan, row: ParsedRow, memory: Memory, rules: IntakeRules) -> Entry:
    verdict, before = Verdict.KNOWN, dict[str, object]()
    is_first_of_site = row.site not in memory.sites
    if is_first_of_site:
        memory.sites.add(row.site)
        if row.site not in made.prospect_ids:
            verdict = Verdict.ADDED
            made.new_sites[row.site] = row.title[:_TITLE_CHARACTERS]
    if row.key:
        verdict = _decide_page(made, row, memory, rules, verdict, before)
    if row.site_metrics and is_first_of_site:
        _decide_metrics(made, row, rules, before)
    if verdict is Verdict.KNOWN and before:
        verdict = Verdict.UPDATED
    return Entry(row.line, verdict, row.site, row.key, "", "", before or None)


def _decide_page(
    made: Plan,
    row: ParsedRow,
    memory: Memory,
    rules: IntakeRules,
    verdict: Verdict,
    before: dict[str, object],
) -> Verdict:
    is_first = row.key not in memory.pages
    memory.pages.add(row.key)
    page = made.pages.get(row.key)
    if page is None:
        if not is_first:  # a preview: an earlier set of rows would have added it
            return verdict
        facts = facts_of(row)
        basis = TextBasis.IMPORTED if facts[0] or facts[1] else TextBasis.NONE
        made.pages[row.key] = _KnownPage(None, list(facts), basis)
        made.new_pages[row.key] = row
        return verdict if verdict is Verdict.ADDED else Verdict.PAGE_ADDED
    may_replace = is_first and rules.may_replace and page.basis is not TextBasis.READ
    changes = merge_facts(page.facts, facts_of(row), may_replace=may_replace)
    if changes:
        before["page"] = {
            name: [to_json(value) for value in pair] for name, pair in changes.items()
        }
        _note_change(made, row.key, page, changes, before)
    return verdict


def _note_change(
    made: Plan,
    key: str,
    page: _KnownPage,
    changes: dict[str, tuple[Any, Any]],
    before: dict[str, object],
) -> None:
    basis = page.basis
    if basis is TextBasis.NONE and (page.facts[0] or page.facts[1]):
        basis = TextBasis.IMPORTED
        before["basis"] = page.basis.value
        made.pages[key] = page._replace(basis=basis)
    if page.id is None:
        return
    made.changed_pages[page.id] = (page.facts, basis)
    if changes_words(changes):
        made.reworded.add(page.id)


def _decide_metrics(
    made: Plan, row: ParsedRow, rules: IntakeRules, before: dict[str, object]
) -> None:
    replaced: dict[str, object] = {}
    for (vendor, metric), value in row.site_metrics.items():
        source = metric_source(vendor, metric)
        known = made.known_metrics.get((row.site, source))
        if known is None:
            made.metrics[row.site, source] = value
            if row.site in made.prospect_ids:
                replaced[source] = [None, None, None, value]
        elif _is_newer(known, value, rules):
            made.metrics[row.site, source] = value
            on = known.measured_on.isoformat()
            replaced[source] = [known.value, on, known.import_file_id, value]
    if replaced:
        before["metrics"] = replaced


def _is_newer(known: _KnownMetric, value: float, rules: IntakeRules) -> bool:
    if not rules.may_replace or rules.measured_on < known.measured_on:
        return False
    return value != known.value or rules.measured_on > known.measured_on


def apply(
    session: Session, made: Plan, rules: IntakeRules, *, import_file_id: int, now: datetime
) -> dict[str, int]:
    """Write what was planned; return the id of every page the rows name, by its key."""
    _add_prospects(session, made, import_source(import_file_id), now=now)
    ids = _add_pages(session, made, import_file_id, now=now)
    bulk_update(
        session,
        ProspectPage,
        (*PAGE_FACTS, "text_basis", "updated_at"),
        ((*facts, basis, now, page_id) for page_id, (facts, basis) in made.changed_pages.items()),
    )
    forget_vectors(session, made.reworded)
    bulk_write(
        session,
        VendorMetric,
        (
            "prospect_id", "source", "value", "measured_on", "import_file_id", "created_at",
            "updated_at",
        ),
        (
            (made.prospect_ids[site], source, value, rules.measured_on, import_file_id, now, now)
            for (site, source), value in made.metrics.items()
        ),
        unique=("prospect_id", "source"),
        update=("value", "measured_on", "import_file_id"),
    )  # fmt: skip
    return ids


def _add_prospects(session: Session, made: Plan, source: str, *, now: datetime) -> None:
    if made.new_sites:
        site_ids = sites.add_missing(session, made.new_sites, now=now)
        new = {site: (site_ids[site], title) for site, title in made.new_sites.items()}
        made.prospect_ids.update(add_missing(session, new, source=source, now=now))


def _add_pages(
    session: Session, made: Plan, import_file_id: int, *, now: datetime
) -> dict[str, int]:
    prospect_ids = made.prospect_ids
    last_id = session.exec(select(func.max(col(ProspectPage.id)))).one() or 0
    bulk_write(
        session,
        ProspectPage,
        (
            "prospect_id", "url", "url_key", *PAGE_FACTS, "text_basis", "text", "read_failure",
            "import_file_id", "created_at", "updated_at",
        ),
        (
            (
                prospect_ids[row.site], row.url, key, *made.pages[key].facts,
                made.pages[key].basis, "", "", import_file_id, now, now,
            )
            for key, row in made.new_pages.items()
        ),
        unique=("url_key",),
    )  # fmt: skip
    ids = {key: page.id for key, page in made.pages.items() if page.id is not None}
    if made.new_pages:
        ids.update(_page_ids(session, made.new_pages, after=last_id))
        recount_pages(session, {prospect_ids[row.site] for row in made.new_pages.values()})
    return ids


def _known_pages(session: Session, keys: Iterable[str]) -> dict[str, _KnownPage]:
    columns = [getattr(ProspectPage, name) for name in PAGE_FACTS]
    rows = session.execute(
        select(ProspectPage.url_key, ProspectPage.id, ProspectPage.text_basis, *columns).where(
            col(ProspectPage.url_key).in_(list(keys))
        )
    )
    return {key: _KnownPage(page_id, facts, basis) for key, page_id, basis, *facts in rows}


def _page_ids(session: Session, keys: Collection[str], *, after: int) -> dict[str, int]:
    """Return the ids of pages just added; naming the keys is for what somebody else added."""
    columns = select(ProspectPage.url_key, ProspectPage.id)
    rows = session.exec(columns.where(col(ProspectPage.id) > after)).all()
    found = {key: page_id for key, page_id in rows if page_id is not None and key in keys}
    missing = [key for key in keys if key not in found]
    if missing:
        rows = session.exec(columns.where(col(ProspectPage.url_key).in_(missing))).all()
        found.update({key: page_id for key, page_id in rows if page_id is not None})
    return found


def _known_metrics(
    session: Session, prospect_ids: dict[str, int]
) -> dict[tuple[str, str], _KnownMetric]:
    domains = {prospect_id: domain for domain, prospect_id in prospect_ids.items()}
    rows = session.execute(
        sa.select(
            col(VendorMetric.prospect_id),
            col(VendorMetric.source),
            col(VendorMetric.value),
            col(VendorMetric.measured_on),
            col(VendorMetric.import_file_id),
        ).where(col(VendorMetric.prospect_id).in_(list(domains)))
    )
    return {
        (domains[prospect_id], source): _KnownMetric(value, on, file_id)
        for prospect_id, source, value, on, file_id in rows
    }
