"""The list of prospects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from outreach.core.errors import Invalid
from outreach.core.paging import Page, decode_cursor, encode_cursor
from outreach.prospects.models import Prospect
from outreach.prospects.rules import UNSCORED, import_source
from outreach.scoring.models import ScoreCard

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.prospects.words import Review

COUNTED_TO = 10_000
SORTS = ("score", "authority", "domain", "newest")


@dataclass(frozen=True, slots=True)
class ProspectFilter:
    """What the list is narrowed to; the defaults show everything, best score first."""

    review: Review | None = None
    asset_id: int | None = None
    min_score: int | None = None
    is_unknown: bool = False
    has_contact: bool | None = None
    import_file_id: int | None = None
    search: str = ""
    sort: str = "score"

    @property
    def is_narrow(self) -> bool:
        """True where few prospects may fit, so that most rows would be read for nothing."""
        return bool(self.search) or self.has_contact is not None or bool(self.import_file_id)

    def without(self, name: str) -> ProspectFilter:
        """The same filter with one part left out."""
        return replace(self, **{name: getattr(ProspectFilter(), name)})


class ProspectLine(NamedTuple):
    """One row of the list."""

    id: int
    domain: str
    title: str
    score: int | None
    relevance: int | None
    authority: int | None
    authority_low: int | None
    authority_high: int | None
    review: Review
    stage: str
    has_contact: bool
    page_count: int
    last_contact_at: datetime | None
    cool_down_until: datetime | None


_LINE = (
    col(Prospect.id), col(Prospect.domain), col(Prospect.title), col(Prospect.score),
    col(Prospect.relevance), col(Prospect.authority), col(Prospect.authority_low),
    col(Prospect.authority_high), col(Prospect.review), col(Prospect.stage),
    col(Prospect.has_contact), col(Prospect.page_count), col(Prospect.last_contact_at),
    col(Prospect.cool_down_until),
)  # fmt: skip
_ASSET_LINE = (*_LINE[:3], col(ScoreCard.score), col(ScoreCard.relevance), *_LINE[5:])


def prospect_page(
    session: Session, wanted: ProspectFilter, *, cursor: str = "", limit: int = 50
) -> Page[ProspectLine]:
    """Return one page of the list in the order of the filter; for an asset, by its own scores."""
    key, is_descending = _order(wanted)
    columns: tuple[Any, ...] = (*(_ASSET_LINE if wanted.asset_id else _LINE), key.label("sort_key"))
    is_rare = not wanted.asset_id and wanted.is_narrow
    chosen = sa.select(*((col(Prospect.id),) if is_rare else columns))
    statement = _narrowed(chosen, wanted)
    if cursor:
        value, last_id = decode_cursor(cursor, 2)
        statement = statement.where(_past(key, value, _whole(last_id), is_descending))
    in_order = (key.desc(), col(Prospect.id).desc()) if is_descending else (key, col(Prospect.id))
    statement = statement.order_by(*in_order).limit(limit + 1)
    if is_rare:  # ids first: the search for them stays within one index
        ids = list(session.execute(statement).scalars())
        statement = sa.select(*columns).where(col(Prospect.id).in_(ids)).order_by(*in_order)
    rows = session.execute(statement).all()
    lines = [ProspectLine(*row[:-1]) for row in rows[:limit]]
    more = encode_cursor(rows[limit - 1][-1], rows[limit - 1][0]) if len(rows) > limit else None
    return Page(rows=lines, next_cursor=more)


def count_prospects(session: Session, wanted: ProspectFilter) -> tuple[int, bool]:
    """Count what a filter finds, up to a limit; the second value tells whether there are more."""
    inner = _narrowed(sa.select(col(Prospect.id)), wanted).limit(COUNTED_TO + 1).subquery()
    count = session.execute(sa.select(sa.func.count()).select_from(inner)).scalar_one()
    return min(count, COUNTED_TO), count > COUNTED_TO


def _order(wanted: ProspectFilter) -> tuple[Any, bool]:
    if wanted.sort not in SORTS:
        raise Invalid(f"A list is sorted by {', '.join(SORTS)}.")
    if wanted.sort == "score" and wanted.asset_id:
        return sa.func.coalesce(100 - col(ScoreCard.score), UNSCORED), False
    keys = {
        "score": col(Prospect.score_order),
        "authority": col(Prospect.authority_order),
        "domain": col(Prospect.domain),
        "newest": col(Prospect.id),
    }
    return keys[wanted.sort], wanted.sort == "newest"


def _past(key: Any, value: object, last_id: int, is_descending: bool) -> Any:
    pair, last = sa.tuple_(key, col(Prospect.id)), sa.tuple_(value, last_id)
    return pair < last if is_descending else pair > last


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise Invalid("This page link is damaged; open the list again.")
    return value


def _narrowed(statement: Any, wanted: ProspectFilter) -> Any:
    order: Any = col(Prospect.score_order)
    if wanted.asset_id:
        is_card = (col(ScoreCard.prospect_id) == Prospect.id) & (
            col(ScoreCard.asset_id) == wanted.asset_id
        )
        statement = statement.join(ScoreCard, is_card)
        order = sa.func.coalesce(100 - col(ScoreCard.score), UNSCORED)
    conditions: list[Any] = []
    if wanted.review is not None:
        conditions.append(col(Prospect.review) == wanted.review)
    if wanted.min_score is not None:
        conditions.append(order <= 100 - wanted.min_score)
    if wanted.is_unknown:
        conditions.append(order == UNSCORED)
    if wanted.has_contact is not None:
        conditions.append(col(Prospect.has_contact).is_(wanted.has_contact))
    if wanted.import_file_id is not None:
        conditions.append(col(Prospect.source) == import_source(wanted.import_file_id))
    if wanted.search:
        conditions.append(_matches(wanted.search))
    return statement.where(*conditions)


def _matches(text: str) -> Any:
    return col(Prospect.domain).contains(text.lower(), autoescape=True) | col(
        Prospect.title
    ).icontains(text, autoescape=True)
