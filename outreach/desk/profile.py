"""The link profile: which links stand, from how many domains, what came and what went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.core.errors import Invalid
from outreach.core.paging import Page, decode_cursor, encode_cursor
from outreach.links.models import Backlink, WonLink
from outreach.links.words import LinkState

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from outreach.core.db import Session

PAGE_SIZE = 50
MONTHS = 12
TOP_ANCHORS = 20
_NO_ID = 2**31  # more than either database counts to

_SHOWN = ("id", "page", "target", "anchor", "rel", "placement", "state", "last_seen_at")

# A link counts until its loss is confirmed: one miss, or a server that refuses us, is no loss.
STANDING = (
    LinkState.LIVE,
    LinkState.LIVE_CHANGED,
    LinkState.RECLAIMED,
    LinkState.UNVERIFIABLE,
    LinkState.MISSING_ONCE,
)


@dataclass(frozen=True, slots=True)
class LinkFilter:
    """Which links a list shows; empty values show all."""

    state: LinkState | None = None
    rel: str = ""
    words: str = ""  # in the page's address or the anchor


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link as a list shows it."""

    id: int
    page: str
    target: str
    anchor: str
    rel: str
    placement: str
    state: LinkState
    last_seen_at: datetime | None
    is_won: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """The standing of the whole profile."""

    links: int
    domains: int
    anchors: int
    followed: int


@dataclass(frozen=True, slots=True)
class Month:
    """What one calendar month (UTC) brought and took."""

    begins: datetime
    gained: int
    lost: int


@dataclass(frozen=True, slots=True)
class AnchorRow:
    """One link text among the standing links."""

    anchor: str
    links: int
    domains: int


def link_page(session: Session, wanted: LinkFilter, *, cursor: str = "") -> Page[LinkRow]:
    """Return one page of links, the latest known first."""
    statement = (
        select(
            Backlink.id,
            Backlink.referring_key,
            Backlink.target_key,
            Backlink.anchor,
            Backlink.rel,
            Backlink.placement,
            Backlink.state,
            Backlink.last_seen_at,
            WonLink.id,
        )  # type: ignore[call-overload]
        .outerjoin(WonLink, col(WonLink.backlink_id) == Backlink.id)
        .where(*_conditions(wanted))
        .order_by(col(Backlink.id).desc())
        .limit(PAGE_SIZE + 1)
    )
    if cursor:
        (before,) = decode_cursor(cursor, 1)
        if not isinstance(before, int) or not 0 < before < _NO_ID:
            raise Invalid("This page link is damaged; open the list again.")
        statement = statement.where(col(Backlink.id) < before)
    rows = [_row(*row) for row in session.exec(statement).all()]
    more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    return Page(rows, encode_cursor(rows[-1].id) if more else None)


def _row(*values: Any) -> LinkRow:
    facts = dict(zip(_SHOWN, values[:-1], strict=True))
    return LinkRow(**facts, is_won=values[-1] is not None)


def _conditions(wanted: LinkFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        conditions.append(col(Backlink.state) == wanted.state)
    if wanted.rel:
        conditions.append(col(Backlink.rel) == wanted.rel)
    if wanted.words:
        conditions.append(
            col(Backlink.referring_key).icontains(wanted.words, autoescape=True)
            | col(Backlink.anchor).icontains(wanted.words, autoescape=True)
        )
    return conditions


def state_counts(session: Session) -> dict[LinkState, int]:
    """Count links by state; a state without any is left out."""
    rows = session.exec(
        select(Backlink.state, sa.func.count(col(Backlink.id))).group_by(col(Backlink.state))
    ).all()
    return {LinkState(state): count for state, count in rows}


def figures(session: Session) -> Figures:
    """Count standing links, the domains they are on, their texts, and the followed ones."""
    row = session.exec(
        select(
            sa.func.count(col(Backlink.id)),
            sa.func.count(sa.distinct(col(Backlink.referring_domain))),
            sa.func.count(sa.distinct(sa.func.nullif(sa.func.lower(col(Backlink.anchor)), ""))),
            sa.func.count(sa.case((col(Backlink.rel) == "follow", 1))),
        ).where(col(Backlink.state).in_(STANDING))
    ).one()
    return Figures(*row)


def months(session: Session, *, now: datetime) -> list[Month]:
    """Count links first seen and links lost in each of the last months, newest first.

    A link lost more than once counts in the month of its latest loss, even when it came back.
    """
    edges = _month_edges(now)
    spans = list(zip(edges[1:], edges[:-1], strict=True))
    columns = [
        sa.func.count(sa.case(((moment >= begin) & (moment < end), 1)))
        for moment in (col(Backlink.first_seen_at), col(Backlink.lost_at))
        for begin, end in spans
    ]
    counts = list(session.execute(select(*columns).select_from(Backlink)).one())
    gained, lost = counts[: len(spans)], counts[len(spans) :]
    return [
        Month(begin, came, went) for (begin, _), came, went in zip(spans, gained, lost, strict=True)
    ]


def _month_edges(now: datetime) -> list[datetime]:
    """Return the ends of the last months, the coming one first."""
    year, month = now.astimezone(UTC).year, now.astimezone(UTC).month + 1
    edges = []
    for back in range(MONTHS + 1):
        years, index = divmod(month - 1 - back, 12)
        edges.append(datetime(year + years, index + 1, 1, tzinfo=UTC))
    return edges


def top_anchors(session: Session) -> list[AnchorRow]:
    """Return the commonest texts of standing links, by the domains that use them."""
    domains = sa.func.count(sa.distinct(col(Backlink.referring_domain)))
    text = sa.func.lower(col(Backlink.anchor))
    rows = session.exec(
        select(sa.func.min(col(Backlink.anchor)), sa.func.count(col(Backlink.id)), domains)
        .where(col(Backlink.state).in_(STANDING))
        .group_by(text)
        .order_by(domains.desc(), text)
        .limit(TOP_ANCHORS)
    ).all()
    return [AnchorRow(*row) for row in rows]
