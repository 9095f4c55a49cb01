"""The list of prospects as a table: what a re-import knows first, then the columns shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from outreach.accounts.queries import find_membership, member_addresses
from outreach.accounts.words import Role
from outreach.desk.exports import CHUNK, Export, ExportList
from outreach.desk.prospect_cells import own_fields, side_cells
from outreach.desk.prospect_columns import (
    ALL_COLUMNS,
    BY_NAME,
    FIELD_PREFIX,
    Column,
    chosen_columns,
    needed_by,
)
from outreach.desk.prospect_filter import ProspectFilter
from outreach.desk.prospect_list import count_all_prospects, prospect_page
from outreach.desk.prospect_words import names_in, parts_of
from outreach.imports.own_cells import write_figures, write_tags
from outreach.prospects.models import VendorMetric
from outreach.views.queries import chosen_layout, views_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from outreach.core.db import Session
    from outreach.desk.exports import Row
    from outreach.desk.prospect_cells import SideCells

_columns_of: Any = sa.select  # its typing knows tables, not single columns
LIST = "prospects"
COLUMNS = "columns"  # of the arguments: "all", or names parted by commas
_ALWAYS = ("review", "topic", "country", "language", "tactic", "tags", "owner")
_NEEDS = ("notes", "rejected_because", "review_after", "owner_id")
_KEPT = ("Rejected because", "Put aside until", "Owner address", "Figures", "Notes")
# Columns whose cell is one column of the table; the others are looked up beside it.
_PLAIN = {
    "score": "score", "relevance": "relevance", "authority": "authority", "review": "review",
    "stage": "stage", "tactic": "tactic", "pages": "page_count", "contact": "has_contact",
    "contacted": "last_contact_at", "topic": "topic", "country": "country",
    "language": "language", "dr": "ahrefs_dr", "da": "moz_da", "tf": "majestic_tf",
    "as": "semrush_as", "traffic": "traffic", "added": "created_at",
}  # fmt: skip


def prepare(session: Session, arguments: Mapping[str, str], now: datetime) -> Export:
    """Prepare the prospects a filter finds, in its order, with the columns the person sees."""
    wanted = ProspectFilter.from_arguments(arguments)
    columns = _columns(session, arguments, wanted)
    needs = tuple(dict.fromkeys((*_NEEDS, *needed_by(columns))))
    always, chosen = columns[: len(_ALWAYS)], columns[len(_ALWAYS) :]
    # What a re-import reads stands first: a field somebody named "Notes" must not be taken for it.
    header = ("Outreach prospect", "Title", *_labels(always), *_KEPT, *_labels(chosen))
    addresses = _owner_addresses(session)

    def read(session: Session, cursor: str) -> tuple[list[Row], str]:
        page = prospect_page(session, wanted, now=now, needs=needs, cursor=cursor, limit=CHUNK)
        ids = [row.id for row in page.rows]
        beside, figures = side_cells(session, ids, columns), vendor_figures(session, ids)
        rows: list[Row] = []
        for row in page.rows:
            first, rest = _cells(row, always, beside), _cells(row, chosen, beside)
            owner = addresses.get(row.owner_id, "")
            kept = (row.rejected_because, row.review_after, owner, figures.get(row.id, ""))
            rows.append([row.domain, row.title, *first, *kept, row.notes, *rest])
        return rows, page.next_cursor

    def count(session: Session) -> int:
        return count_all_prospects(session, wanted, now=now)

    return Export(header, said(session, wanted), read, count)


def _columns(
    session: Session, arguments: Mapping[str, str], wanted: ProspectFilter
) -> list[Column]:
    asked = arguments.get(COLUMNS, "")
    if asked == "all":
        chosen = list(ALL_COLUMNS)
    else:
        names = asked.split(",") if asked else _shown(session, wanted)
        chosen = chosen_columns(names, own_fields(session, names))
    always = [BY_NAME[name] for name in _ALWAYS]
    return [*always, *(column for column in chosen if column not in always)]


def _shown(session: Session, wanted: ProspectFilter) -> list[str]:
    """Return the columns of the saved view that is open, else those the person chose."""
    said = wanted.to_arguments()
    found = (view.columns for view in views_of(session, LIST) if view.query == said)
    return next((names for names in found if names), None) or chosen_layout(session, LIST)


def said(session: Session, wanted: ProspectFilter) -> str:
    """Say what a filter narrows the list to: the name of its saved view, else its parts."""
    asked = wanted.to_arguments()
    view = next((view.name for view in views_of(session, LIST) if view.query == asked), "")
    return view or " · ".join(part.text for part in parts_of(wanted, names_in(session, wanted)))


def _owner_addresses(session: Session) -> dict[int, str]:
    """Return the members' addresses, by which others know an owner; viewers get none."""
    me = session.scope.user_id
    mine = find_membership(session, me, session.workspace_id) if me is not None else None
    if mine is not None and mine.role is Role.VIEWER:
        return {}
    return dict(member_addresses(session, session.workspace_id))


def _labels(columns: list[Column]) -> list[str]:
    return [column.label for column in columns]


def _cells(row: Any, columns: list[Column], beside: SideCells) -> list[object]:
    return [_cell(row, column.name, beside) for column in columns]


def vendor_figures(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Return the cell of vendors' figures of each prospect that has any."""
    found: dict[int, list[tuple[str, float, date]]] = {}
    metric = VendorMetric
    rows = session.execute(
        _columns_of(metric.prospect_id, metric.source, metric.value, metric.measured_on)
        .where(col(metric.prospect_id).in_(ids))
        .order_by(col(metric.source))
    )
    for key, source, value, on in rows:
        found.setdefault(key, []).append((source, value, on))
    return {key: write_figures(figures) for key, figures in found.items()}


def _cell(row: Any, name: str, beside: SideCells) -> object:
    plain = _PLAIN.get(name)
    if plain is not None:
        return getattr(row, plain)
    if name == "tags":
        return write_tags(tag for tag, _ in beside.tags.get(row.id, ()))
    if name == "owner":
        return beside.people.get(row.owner_id, "")
    if name == "source":
        return beside.sources.get(row.source, row.source)
    return beside.values.get((row.id, int(name.removeprefix(FIELD_PREFIX))), "")


PROSPECTS = ExportList(LIST, "Prospects", "prospect", prepare)
