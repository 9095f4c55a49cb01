"""Give back what a file changed of pages and sites, as if its rows had never been taken in.

The rows that other files brought after them speak again (`replay`), so that what both said stays,
what only this file said goes, and each of them can itself be taken back later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlmodel import col, select

from outreach.prospects.disavowals import restore_review
from outreach.prospects.models import Prospect, ProspectPage, VendorMetric
from outreach.prospects.replay import (
    BROUGHT,
    FIGURES,
    METRICS,
    PAGE,
    SAID,
    SITE,
    TITLE,
    nothing,
    replay,
)
from outreach.prospects.rules import (
    PAGE_FACTS,
    SITE_FACTS,
    changes_words,
    from_json,
    import_source,
    to_json,
)
from outreach.prospects.services import copy_vendor_figures, forget_vectors, mark_stale
from outreach.prospects.words import TextBasis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from outreach.core.db import Session
    from outreach.prospects.replay import LaterRow

    LaterRows = Mapping[int, Sequence[LaterRow]]

_READ_FACTS = frozenset({"title", "description", "language"})  # of a page that was read live
_TYPED_FACTS = frozenset({"title", "description", "topic"})  # of a page that a person edited


@dataclass(frozen=True, slots=True)
class TakenBack:
    """One row of the file, about a page or a site; `is_bringing` it where the row added it."""

    subject_id: int
    order: tuple[bool, int]
    before: Mapping[str, Any]
    is_bringing: bool


def restore_pages(session: Session, rows: Sequence[TakenBack], later: LaterRows) -> None:
    """Take the rows' say over pages out, the last row first; nobody else's words are touched."""
    wanted = {
        row.subject_id
        for row in rows
        if not row.before.keys().isdisjoint((PAGE, FIGURES))
        or (row.is_bringing and row.subject_id in later)
    }
    if not wanted:
        return
    found = session.exec(select(ProspectPage).where(col(ProspectPage.id).in_(sorted(wanted))))
    pages = {page.key: page for page in found}
    reworded = set[int]()
    for row in rows:
        page = pages.get(row.subject_id)
        if page is not None and _restore_page(page, row, _after(row, later)):
            reworded.add(page.key)
    session.flush()
    forget_vectors(session, reworded)
    mark_stale(session, {pages[page_id].prospect_id for page_id in reworded})


def _after(row: TakenBack, later: LaterRows) -> list[LaterRow]:
    return [other for other in later.get(row.subject_id, ()) if other.order > row.order]


def _restore_page(page: ProspectPage, row: TakenBack, later: Sequence[LaterRow]) -> bool:
    """Give one page back; tell whether words changed that it is scored by."""
    is_edited = page.import_file_id is None
    heir = _heir(later)
    if heir is not None:
        heir.inherit(row.before, (PAGE, FIGURES))
        if row.is_bringing:
            heir.take_over(PAGE)
            page.import_file_id = None if is_edited else heir.import_file_id
        return False
    is_brought = row.is_bringing and bool(later)  # alone, it goes or stays as it is
    is_read = page.text_basis is TextBasis.READ
    kept = _READ_FACTS if is_read else _TYPED_FACTS if is_brought and is_edited else frozenset()
    restored = []
    for name in PAGE_FACTS if is_brought else row.before.get(PAGE, {}):
        held = to_json(getattr(page, name))
        change = _change(row, PAGE, name, is_brought=is_brought)
        now = held if name in kept else replay(PAGE, name, change, later, held)
        if now != held:
            setattr(page, name, from_json(name, now))
            restored.append(name)
    if not is_read:
        page.text_basis = TextBasis.IMPORTED if page.title or page.description else TextBasis.NONE
    _restore_figures(page, row, later, is_brought=is_brought)
    if is_brought:
        later[0].take_over(PAGE)
        page.import_file_id = None if is_edited else later[0].import_file_id
    return changes_words(restored)


def _restore_figures(
    page: ProspectPage, row: TakenBack, later: Sequence[LaterRow], *, is_brought: bool
) -> None:
    figures = dict(page.figures)
    named = set(row.before.get(FIGURES, ()))
    if is_brought:
        named = _named_by(FIGURES, later) | figures.keys()
    for source in sorted(named):
        change = _change(row, FIGURES, source, is_brought=is_brought)
        figure = replay(FIGURES, source, change, later, figures.pop(source, None))
        if figure is not None:
            figures[source] = figure
    if figures != page.figures:
        page.figures = figures


def _heir(later: Sequence[LaterRow]) -> LaterRow | None:
    return next((row for row in later if row.is_heir), None)


def _change(row: TakenBack, part: str, name: str, *, is_brought: bool) -> tuple[Any, Any]:
    if is_brought and name not in row.before.get(part, {}):
        return nothing(part, name), BROUGHT
    old, new = row.before[part][name]
    return old, new


def _named_by(part: str, later: Sequence[LaterRow]) -> set[str]:
    return {name for row in later for name in row.before.get(part, ())}


def restore_sites(
    session: Session, import_file_id: int, rows: Sequence[TakenBack], later: LaterRows
) -> None:
    """Take the rows' say over prospects out: facts, figures, and what a disavowal decided."""
    ids = sorted({row.subject_id for row in rows})
    if not ids:
        return
    found = session.exec(select(Prospect).where(col(Prospect.id).in_(ids)))
    prospects = {prospect.key: prospect for prospect in found}
    metrics = _Metrics(session, ids)
    for row in rows:
        prospect = prospects.get(row.subject_id)
        if prospect is None:
            continue
        after = _after(row, later)
        heir = _heir(after)
        if heir is not None:
            _inherit_site(prospect, metrics, import_file_id, row, heir)
            continue
        _restore_site(prospect, import_file_id, row, after)
        metrics.restore(import_file_id, row, after)
        session.flush()
        restore_review(session, prospect.key, row.before, after)
    mark_stale(session, prospects)
    copy_vendor_figures(session, prospects)


def _restore_site(
    prospect: Prospect, import_file_id: int, row: TakenBack, later: Sequence[LaterRow]
) -> None:
    is_brought = row.is_bringing and bool(later)
    for name in SITE_FACTS if is_brought else row.before.get(SITE, {}):
        change = _change(row, SITE, name, is_brought=is_brought)
        setattr(prospect, name, replay(SITE, name, change, later, getattr(prospect, name)))
    if not is_brought:
        return
    later[0].take_over(SITE)
    if prospect.source == import_source(import_file_id):
        prospect.source = import_source(later[0].import_file_id)
    if prospect.title == row.before.get(SAID, {}).get(TITLE, ""):
        prospect.title = later[0].before.get(SAID, {}).get(TITLE, "")


def _inherit_site(
    prospect: Prospect, metrics: _Metrics, import_file_id: int, row: TakenBack, heir: LaterRow
) -> None:
    """Let the file be imported again have said what this row said of a site."""
    heir.inherit(row.before, (SITE, METRICS))
    if "review" in row.before:
        heir.before |= {"review": row.before["review"], "because": row.before["because"]}
    if row.is_bringing:
        heir.take_over(SITE)
        if prospect.source == import_source(import_file_id):
            prospect.source = import_source(heir.import_file_id)
    metrics.hand_over(import_file_id, prospect.key, heir.import_file_id)


class _Metrics:
    """The vendors' figures of some prospects."""

    def __init__(self, session: Session, prospect_ids: list[int]) -> None:
        self._session = session
        found = session.exec(
            select(VendorMetric).where(col(VendorMetric.prospect_id).in_(prospect_ids))
        )
        self._held = {(metric.prospect_id, metric.source): metric for metric in found}

    def restore(self, import_file_id: int, row: TakenBack, later: Sequence[LaterRow]) -> None:
        """Take one row's figures of its site out."""
        named = set(row.before.get(METRICS, ()))
        if row.is_bringing:
            named = _named_by(METRICS, later) | {
                source
                for (prospect_id, source), metric in self._held.items()
                if prospect_id == row.subject_id and metric.import_file_id == import_file_id
            }
        for source in sorted(named):
            metric = self._held.get((row.subject_id, source))
            held = metric and [metric.value, to_json(metric.measured_on), metric.import_file_id]
            change = _change(row, METRICS, source, is_brought=row.is_bringing)
            self._set(row.subject_id, source, replay(METRICS, source, change, later, held))

    def hand_over(self, import_file_id: int, prospect_id: int, heir_id: int) -> None:
        """Let figures of one file be another's."""
        for (owner_id, _), metric in self._held.items():
            if owner_id == prospect_id and metric.import_file_id == import_file_id:
                metric.import_file_id = heir_id

    def _set(self, prospect_id: int, source: str, figure: list[Any] | None) -> None:
        metric = self._held.get((prospect_id, source))
        if figure is None:
            if metric is not None:
                self._session.delete(self._held.pop((prospect_id, source)))
            return
        value, on, import_file_id = figure
        if metric is None:
            metric = VendorMetric(
                prospect_id=prospect_id, source=source, value=value, measured_on=_day(on)
            )
            self._session.add(metric)
            self._held[prospect_id, source] = metric
        metric.value, metric.measured_on, metric.import_file_id = value, _day(on), import_file_id


def _day(text: str) -> date:
    return date.fromisoformat(text)
