"""Decide what a file says about prospects, a set of rows at a time.

`plan` only reads, so that a preview and an import decide alike; `intake_writes.apply` writes what
was planned.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from outreach.core.db import Encoded, rows_by_key
from outreach.imports.rows import ParsedRow
from outreach.imports.verdicts import Entry, refused
from outreach.imports.words import Verdict
from outreach.prospects.models import Prospect, ProspectPage, VendorMetric
from outreach.prospects.queries import prospect_ids
from outreach.prospects.replay import FIGURES, FILLS, PAGE, SAID, TITLE, said_besides
from outreach.prospects.rules import (
    LONGEST_URL,
    PAGE_FACTS,
    SITE_FACTS,
    changes_words,
    facts_of,
    figures_of,
    figures_text,
    merge_facts,
    merge_figures,
    metric_source,
    site_facts_of,
    to_json,
)
from outreach.prospects.words import TextBasis

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

    from outreach.core.db import Session
    from outreach.imports.rows import BadRow

_TITLE_CHARACTERS = 300
_NO_FIGURES = Encoded("{}")


@dataclass(slots=True)
class Memory:
    """What earlier rows of the same file named; the first row about a page or a site counts.

    Pages are remembered by the hash of their key: eight bytes for each of a million. Two keys of
    one hash, one chance in some forty million files of that size, would cost the second its say
    over facts that are known already, and nothing else.
    """

    pages: set[int] = field(default_factory=set)
    sites: set[str] = field(default_factory=set)

    def note(self, row: ParsedRow) -> None:
        """Remember a row that was taken in before a restart."""
        self.pages.add(hash(row.key))
        self.sites.add(row.site)


@dataclass(frozen=True, slots=True)
class IntakeRules:
    """How a file is taken in.

    Attributes:
        own_domains: Of the workspace's properties; their pages are not prospects.
        measured_on: The day the vendor's figures in the file are taken to be of.
        import_file_id: The import, 0 for none.
        is_repeat: True for a file whose bytes were taken in before: what it says is known, so only
            pages and sites that have gone since are added.
        is_mending: True for rows of a file that were refused first and mended by a person; they
            fill gaps only, as the file's other rows spoke before them.
        is_preview: True where nothing is written, so that pages of rows before are not stored.
    """

    own_domains: frozenset[str]
    measured_on: date
    import_file_id: int = 0
    is_repeat: bool = False
    is_mending: bool = False
    is_preview: bool = False


class KnownPage(NamedTuple):
    """A page as it will be; without an id, this plan adds it."""

    id: int | None
    basis: TextBasis
    facts: list[Any]
    figures: Any  # as kept in the JSON column; of a new page, encoded
    import_file_id: int | None = None


class _KnownMetric(NamedTuple):
    value: float
    measured_on: date
    import_file_id: int | None


class NewSite(NamedTuple):
    """What the first row about a site gives its prospect: a title, and the facts of SITE_FACTS."""

    title: str
    facts: tuple[str, ...]
    metrics: dict[str, float]


@dataclass(slots=True)
class Plan:
    """What a set of rows will change, and the verdict on each."""

    entries: list[Entry] = field(default_factory=list)
    new_sites: dict[str, NewSite] = field(default_factory=dict)
    new_pages: dict[str, ParsedRow] = field(default_factory=dict)
    changed_pages: dict[int, KnownPage] = field(default_factory=dict)
    changed_sites: dict[int, list[str]] = field(default_factory=dict)  # prospect → SITE_FACTS
    reworded: set[int] = field(default_factory=set)
    reworded_sites: set[str] = field(default_factory=set)
    metrics: dict[tuple[str, str], float] = field(default_factory=dict)
    prospect_ids: dict[str, int] = field(default_factory=dict)
    site_facts: dict[str, list[str]] = field(default_factory=dict)
    pages: dict[str, KnownPage] = field(default_factory=dict)
    known_metrics: dict[tuple[str, str], _KnownMetric] = field(default_factory=dict)


def plan(
    session: Session, rows: Sequence[ParsedRow | BadRow], memory: Memory, rules: IntakeRules
) -> Plan:
    """Decide what each row of a set changes, without changing anything."""
    made = Plan()
    parsed = [row for row in rows if isinstance(row, ParsedRow)]
    _look_up(session, made, parsed, memory, rules)
    note = made.entries.append
    for row in rows:
        if not isinstance(row, ParsedRow):
            note(refused(row.line, row.raw, row.reason))
        elif row.site in rules.own_domains or len(row.url) > LONGEST_URL:
            note(refused(row.line, row.url or row.site, _refusal(row)))
        else:
            note(_decide(made, row, memory, rules))
    return made


def _refusal(row: ParsedRow) -> str:
    if len(row.url) > LONGEST_URL:
        return f"This address is longer than {LONGEST_URL:,} characters."
    return f"{row.site} is a property of your own, not a site to ask."


def _look_up(
    session: Session, made: Plan, parsed: list[ParsedRow], memory: Memory, rules: IntakeRules
) -> None:
    """Fetch what is known of the sites and pages that rows name: of a repeat, only that it is."""
    sites, keys = {row.site for row in parsed}, {row.key for row in parsed if row.key}
    if rules.is_repeat:
        made.prospect_ids = prospect_ids(session, sites)
        found = rows_by_key(session, ProspectPage, "url_key", keys, ("id",))
        made.pages = {key: KnownPage(page_id, TextBasis.NONE, [], {}) for key, page_id in found}
        return
    for domain, prospect_id, *facts in rows_by_key(
        session, Prospect, "domain", sites, ("id", *SITE_FACTS)
    ):
        made.prospect_ids[domain] = prospect_id
        made.site_facts[domain] = facts
    made.pages = _known_pages(session, keys)
    if any(row.site_metrics for row in parsed):
        asked = {site: key for site, key in made.prospect_ids.items() if site not in memory.sites}
        made.known_metrics = _known_metrics(session, asked)


def _decide(made: Plan, row: ParsedRow, memory: Memory, rules: IntakeRules) -> Entry:
    verdict, site = Verdict.KNOWN, row.site
    before: dict[str, object] = {}
    if site not in memory.sites:
        memory.sites.add(site)
        verdict = _decide_site(made, row, rules, before)
    if row.key:
        verdict = _decide_page(made, row, memory, rules, verdict, before)
    if verdict is Verdict.KNOWN and len(before) > (SAID in before):
        verdict = Verdict.UPDATED
    return Entry(row.line, verdict, site, row.key, "", "", before or None)


def _decide_site(
    made: Plan, row: ParsedRow, rules: IntakeRules, before: dict[str, object]
) -> Verdict:
    if row.site not in made.prospect_ids:
        given = {metric_source(*name): value for name, value in row.site_metrics.items()}
        title = row.title[:_TITLE_CHARACTERS]
        made.new_sites[row.site] = NewSite(title, site_facts_of(row), given)
        for source, value in given.items():
            made.metrics[row.site, source] = value
        if title:
            before[SAID] = {TITLE: title}
        return Verdict.ADDED
    if not rules.is_repeat:
        said: dict[str, object] = {TITLE: row.title[:_TITLE_CHARACTERS]}
        before[SAID] = said
        _fill_site(made, row, before, said)
        if row.site_metrics:
            _decide_metrics(made, row, rules, before, said)
    return Verdict.KNOWN


def _fill_site(
    made: Plan, row: ParsedRow, before: dict[str, object], said: dict[str, object]
) -> None:
    """Fill in what nobody said of a known site yet."""
    known, filled = made.site_facts[row.site], dict[str, list[str]]()
    unheard = dict[str, str]()
    for at, value in enumerate(site_facts_of(row)):
        if value and known[at]:
            unheard[SITE_FACTS[at]] = value
        elif value:
            filled[SITE_FACTS[at]] = ["", value]
            known[at] = value
    if unheard:
        said["site"] = unheard
    if filled:
        made.changed_sites[made.prospect_ids[row.site]] = known
        before["site"] = filled


def _decide_page(
    made: Plan,
    row: ParsedRow,
    memory: Memory,
    rules: IntakeRules,
    verdict: Verdict,
    before: dict[str, object],
) -> Verdict:
    mark = hash(row.key)
    is_first = mark not in memory.pages and not rules.is_mending
    memory.pages.add(mark)
    page = made.pages.get(row.key)
    if page is None:
        if not is_first and rules.is_preview:  # an earlier set of rows would have added it
            return verdict
        facts = facts_of(row)
        basis = TextBasis.IMPORTED if facts[0] or facts[1] else TextBasis.NONE
        figures = Encoded(figures_text(row, rules.measured_on)) if row.page_metrics else _NO_FIGURES
        made.pages[row.key] = KnownPage(None, basis, list(facts), figures)
        made.new_pages[row.key] = row
        return verdict if verdict is Verdict.ADDED else Verdict.PAGE_ADDED
    if not rules.is_repeat:
        _merge_page(made, row, page, before, rules, is_first=is_first)
    return verdict


def _merge_page(
    made: Plan,
    row: ParsedRow,
    page: KnownPage,
    before: dict[str, object],
    rules: IntakeRules,
    *,
    is_first: bool,
) -> None:
    may_replace = is_first and page.basis is not TextBasis.READ
    given = facts_of(row)
    changes = merge_facts(page.facts, given, may_replace=may_replace)
    if changes:
        before["page"] = {
            name: [to_json(value) for value in pair] for name, pair in changes.items()
        }
    replaced, figures = dict[str, Any](), dict[str, list[object]]()
    if is_first and row.page_metrics:
        figures = figures_of(row, rules.measured_on)
        replaced = merge_figures(page.figures, figures)
        if replaced:
            before["figures"] = replaced
    if page.id is not None and page.import_file_id != rules.import_file_id:
        said = said_besides(page.facts, given, changes)
        unheard = {source: figure for source, figure in figures.items() if source not in replaced}
        _keep_said(before, said, unheard, fills=not may_replace)
    if page.basis is TextBasis.NONE and (page.facts[0] or page.facts[1]):
        before["basis"] = page.basis.value
        page = made.pages[row.key] = page._replace(basis=TextBasis.IMPORTED)
    if page.id is not None and not before.keys().isdisjoint(("page", "figures", "basis")):
        made.changed_pages[page.id] = page
        if changes_words(changes):
            made.reworded.add(page.id)
            made.reworded_sites.add(row.site)


def _keep_said(
    before: dict[str, Any], said: dict[str, Any], figures: dict[str, Any], *, fills: bool
) -> None:
    """Keep what a row says of a page that it did not bring, for the undo of a file before it."""
    if figures:
        said[FIGURES] = figures
    if fills and (said or PAGE in before):
        said[FILLS] = True
    if said:
        before[SAID] = {**before.get(SAID, {}), **said}


def _decide_metrics(
    made: Plan,
    row: ParsedRow,
    rules: IntakeRules,
    before: dict[str, object],
    said: dict[str, object],
) -> None:
    replaced: dict[str, object] = {}
    unheard: dict[str, object] = {}
    day = rules.measured_on.isoformat()
    for (vendor, metric), value in row.site_metrics.items():
        source = metric_source(vendor, metric)
        known = made.known_metrics.get((row.site, source))
        figure = [value, day, rules.import_file_id]
        old = known and [known.value, known.measured_on.isoformat(), known.import_file_id]
        if known is None or _is_newer(known, value, rules):
            made.metrics[row.site, source] = value
            replaced[source] = [old, figure]
        else:
            unheard[source] = figure
    if unheard:
        said["metrics"] = unheard
    if replaced:
        before["metrics"] = replaced


def _is_newer(known: _KnownMetric, value: float, rules: IntakeRules) -> bool:
    if rules.measured_on < known.measured_on:
        return False
    return value != known.value or rules.measured_on > known.measured_on


def _known_pages(session: Session, keys: Collection[str]) -> dict[str, KnownPage]:
    columns = ("id", "text_basis", "figures", "import_file_id", *PAGE_FACTS)
    return {
        key: KnownPage(page_id, basis, facts, figures, file_id)
        for key, page_id, basis, figures, file_id, *facts in rows_by_key(
            session, ProspectPage, "url_key", keys, columns
        )
    }


def _known_metrics(
    session: Session, prospect_ids: dict[str, int]
) -> dict[tuple[str, str], _KnownMetric]:
    domains = {prospect_id: domain for domain, prospect_id in prospect_ids.items()}
    columns = ("source", "value", "measured_on", "import_file_id")
    rows: Iterable[tuple[Any, ...]] = rows_by_key(
        session, VendorMetric, "prospect_id", domains, columns
    )
    return {(domains[row[0]], row[1]): _KnownMetric(*row[2:]) for row in rows}
