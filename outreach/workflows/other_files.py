"""What other files say of the pages and sites whose rows an undo takes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from outreach.imports.queries import repeats_of, rows_about
from outreach.imports.words import Verdict
from outreach.prospects.removal import pages_of_prospects
from outreach.prospects.replay import BRINGS, METRICS, PAGE, SAID, SITE, TITLE, LaterRow
from outreach.prospects.restoring import TakenBack

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from outreach.core.db import Session
    from outreach.imports.models import ImportRow

    # subject → the rows about it, in the order in which they were taken in
    About = dict[int, list[LaterRow]]

_PAGE, _PROSPECT = "prospect_page", "prospect"
_OF_SITES = frozenset({SITE, METRICS, "review"})


@dataclass(slots=True)
class Others:
    """The rows that are taken back, last first, and what other files' rows say of the same."""

    pages: list[TakenBack] = field(default_factory=list)
    sites: list[TakenBack] = field(default_factory=list)
    about_pages: About = field(default_factory=dict)
    about_sites: About = field(default_factory=dict)
    rows: dict[int, LaterRow] = field(default_factory=dict)  # by their ids
    heirs: set[int] = field(default_factory=set)  # standing imports of the same bytes

    def rewritten(self) -> Iterator[tuple[dict[str, Any] | None, int]]:
        """Yield what the other rows keep for their own undo now, as (`before`, row)."""
        for key, row in self.rows.items():
            if row.is_rewritten:
                yield row.before or None, key


def hear_others(
    session: Session,
    import_file_id: int,
    rows: Sequence[ImportRow],
    prospects_of: Mapping[int, int],
) -> Others:
    """Sort rows by what they are about, and read what other files say of that."""
    others = Others(heirs=repeats_of(session, import_file_id))
    for row in rows:
        _sort(others, row, prospects_of)
    named = {row.subject_id for row in others.pages}
    others.about_pages = _read(session, others, import_file_id, _PAGE, named)
    sites = {row.subject_id for row in others.sites}
    others.about_sites = _read(session, others, import_file_id, _PROSPECT, sites)
    pages = pages_of_prospects(session, sites)
    about = _read(session, others, import_file_id, _PAGE, pages)
    for page_id, said in about.items():
        speaking = [row for row in said if row.is_heir or _is_of_site(row.before)]
        if speaking:
            others.about_sites.setdefault(pages[page_id], []).extend(speaking)
    for said in others.about_sites.values():
        said.sort(key=_order_of)
    return others


def _sort(others: Others, row: ImportRow, prospects_of: Mapping[int, int]) -> None:
    if row.subject_id is None or (row.before is None and row.verdict is Verdict.KNOWN):
        return
    before: dict[str, Any] = row.before or {}
    brings = before.get(BRINGS, ())
    is_new = row.verdict is Verdict.ADDED or SITE in brings
    order = (row.mended_at is not None, row.key)
    prospect_id: int | None = row.subject_id
    if row.subject_type == _PAGE:
        is_bringing = row.verdict in {Verdict.ADDED, Verdict.PAGE_ADDED} or PAGE in brings
        others.pages.append(TakenBack(row.subject_id, order, before, is_bringing))
        prospect_id = prospects_of.get(row.subject_id)
    elif row.subject_type != _PROSPECT:
        return
    if prospect_id is not None and (is_new or not _OF_SITES.isdisjoint(before)):
        others.sites.append(TakenBack(prospect_id, order, before, is_new))


def _read(
    session: Session, others: Others, import_file_id: int, kind: str, subjects: Collection[int]
) -> About:
    """Read other files' rows about some subjects; a row that is met again is the same object."""
    about: About = {}
    for subject, key, file_id, is_mended, before in rows_about(
        session, kind, subjects, but=import_file_id
    ):
        later = LaterRow((is_mended, key), file_id, file_id in others.heirs, before)
        row = others.rows.setdefault(key, later)
        about.setdefault(subject, []).append(row)
    for said in about.values():
        said.sort(key=_order_of)
    return about


def _is_of_site(before: Mapping[str, Any]) -> bool:
    said = before.get(SAID, {})
    return not _OF_SITES.isdisjoint(before) or not {TITLE, SITE, METRICS}.isdisjoint(said)


def _order_of(row: LaterRow) -> tuple[bool, int]:
    return row.order
