"""The pages of the prospects that a filter finds, as a table to be taken in again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from outreach.desk import export_prospects
from outreach.desk.exports import Export, ExportList
from outreach.desk.prospect_filter import ProspectFilter
from outreach.desk.prospect_list import count_all_prospects, prospect_page
from outreach.prospects.models import ProspectPage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.desk.exports import Row

_columns: Any = sa.select  # its typing knows tables, not single columns
_HEADER = ("Outreach page", "Title", "Description", "Prospect", "Language", "Topic", "Relevance")
_PROSPECTS_AT_ONCE = 200  # of which each may have many pages


def _prepare(session: Session, arguments: Mapping[str, str], now: datetime) -> Export:
    wanted = ProspectFilter.from_arguments(arguments)
    said = export_prospects.said(session, wanted)

    def read(session: Session, cursor: str) -> tuple[list[Row], str]:
        found = prospect_page(session, wanted, now=now, cursor=cursor, limit=_PROSPECTS_AT_ONCE)
        return _pages(session, {row.id: row.domain for row in found.rows}), found.next_cursor

    def count(session: Session) -> int:
        return count_all_prospects(session, wanted, now=now)

    return Export(_HEADER, said, read, count)


def _pages(session: Session, domains: Mapping[int, str]) -> list[Row]:
    page = ProspectPage
    rows = session.execute(
        _columns(
            page.prospect_id, page.url, page.title, page.description, page.language, page.topic,
            page.relevance,
        )
        .where(col(page.prospect_id).in_(sorted(domains)))
        .order_by(col(page.id))
    ).all()  # fmt: skip
    place = {key: at for at, key in enumerate(domains)}
    return [
        [*words, domains[key], *rest]
        for key, words, rest in sorted(
            ((row[0], row[1:4], row[4:]) for row in rows), key=lambda parts: place[parts[0]]
        )
    ]


PAGES = ExportList("pages", "Pages of prospects", "prospect", _prepare)
