"""The orders of the list of prospects, and where in one of them a page begins.

Rows that have no value come last in either direction: they are a second run, by score.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from outreach.core.errors import Invalid
from outreach.core.paging import decode_cursor, encode_cursor
from outreach.desk.prospect_conditions import DISTANCES, EMPTY, beside_indexes, column_of
from outreach.desk.prospect_filter import WORDS
from outreach.prospects.rules import UNSCORED
from outreach.scoring.models import ScoreCard

if TYPE_CHECKING:
    from outreach.desk.prospect_filter import ProspectFilter

_DAMAGED = "This page link is damaged; open the list again."
_NEVER_UNKNOWN = {"domain", "newest"}


@dataclass(frozen=True, slots=True)
class Run:
    """Rows in one order: those that have a value, or those that have none."""

    sort: str
    is_descending: bool
    is_unknown: bool = False
    by_card: bool = False  # by the scores for one asset
    is_whole: bool = False  # nothing is without a value, or it comes last by itself

    def keys(self, entity: Any) -> tuple[Any, Any]:
        """Return what the rows are ordered by, the second key telling equals apart."""
        if self.by_card:
            card = col(ScoreCard.prospect_id)
            return (card if self.is_unknown else col(ScoreCard.score)), card
        if self.is_unknown and self.sort not in DISTANCES:
            return entity.score_order, entity.id
        return column_of(entity, self.sort), entity.id

    def membership(self, entity: Any, *, beside: bool = False) -> Any:
        """Return the condition that a row belongs to this run; `beside` the index of its order."""
        if self.is_whole:
            return sa.true()
        column: Any = col(ScoreCard.score) if self.by_card else column_of(entity, self.sort)
        column = beside_indexes(column) if beside else column
        if self.sort in DISTANCES and not self.by_card:
            return column == UNSCORED if self.is_unknown else column < UNSCORED
        if self.sort in WORDS:
            return column == EMPTY if self.is_unknown else column != EMPTY
        return column.is_(None) if self.is_unknown else column.is_not(None)


def runs_of(wanted: ProspectFilter) -> tuple[Run, ...]:
    """Return the runs that make up the order a filter asks for."""
    by_card = wanted.sort == "score" and wanted.asset_id is not None
    is_descending = wanted.is_descending
    if wanted.sort in DISTANCES and not by_card:
        is_descending = not is_descending  # kept as the distance from 100
    is_best_first = wanted.sort in DISTANCES and not by_card and not is_descending
    if wanted.sort in _NEVER_UNKNOWN or is_best_first:
        return (Run(wanted.sort, is_descending, is_whole=True),)
    known = Run(wanted.sort, is_descending, by_card=by_card)
    return known, Run(wanted.sort, is_descending=False, is_unknown=True, by_card=by_card)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: behind, or going back before, a row of one of the runs."""

    run: int = 0
    values: tuple[Any, Any] | None = None
    is_back: bool = False


def place_of(cursor: str, runs: tuple[Run, ...]) -> Place:
    """Read a cursor; an empty one is the first page.

    Raises:
        Invalid: It was not made by `cursor_of`, or not for this order.
    """
    if not cursor:
        return Place()
    number, value, row_id, is_back = decode_cursor(cursor, 4)
    if number not in range(len(runs)) or not isinstance(row_id, int):
        raise Invalid(_DAMAGED)
    return Place(number, (_read_value(value, runs[number]), row_id), is_back=bool(is_back))


def cursor_of(place: Place) -> str:
    """Return a place as part of an address."""
    value, row_id = place.values or (None, None)
    value = value.isoformat() if isinstance(value, datetime) else value
    return encode_cursor(place.run, value, row_id, place.is_back)


def _read_value(value: Any, run: Run) -> Any:
    expected: type = int
    if not run.is_unknown and not run.by_card:
        expected = str if run.sort in {*WORDS, "domain", "contacted"} else int
    if not isinstance(value, expected):
        raise Invalid(_DAMAGED)
    if isinstance(value, str) and run.sort == "contacted":
        try:
            return datetime.fromisoformat(value)
        except ValueError as error:
            raise Invalid(_DAMAGED) from error
    return value
