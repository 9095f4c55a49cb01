"""What a page of the list shows beside the prospects' own columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.desk.prospect_columns import FIELD_PREFIX
from outreach.desk.prospect_words import people_names
from outreach.fields.models import CustomField, CustomValue
from outreach.fields.queries import fields_of
from outreach.fields.words import FieldSubject
from outreach.imports.models import ImportFile
from outreach.prospects.models import ProspectTag
from outreach.prospects.rules import import_source
from outreach.tags.models import Tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from outreach.core.db import Session
    from outreach.desk.prospect_columns import Column


@dataclass(frozen=True, slots=True)
class SideCells:
    """Tags, people, files and custom values of the rows of one page; empty if not shown."""

    tags: dict[int, list[tuple[str, str]]] = field(default_factory=dict)  # names with tones
    people: dict[int, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    values: dict[tuple[int, int], str] = field(default_factory=dict)  # by prospect and field


def side_cells(session: Session, ids: Sequence[int], columns: Iterable[Column]) -> SideCells:
    """Read what these columns show of these prospects, one statement for each kind."""
    names = {column.name for column in columns}
    field_ids = [int(name.removeprefix(FIELD_PREFIX)) for name in names if _is_field(name)]
    return SideCells(
        tags=_tags(session, ids) if "tags" in names else {},
        people=people_names(session) if "owner" in names else {},
        sources=_sources(session) if "source" in names else {},
        values=_values(session, ids, field_ids) if field_ids else {},
    )


def own_fields(session: Session, names: Iterable[str]) -> list[tuple[int, str]]:
    """Return the custom fields of prospects, if any of these column names is one."""
    if not any(_is_field(name) for name in names):
        return []
    return all_own_fields(session)


def all_own_fields(session: Session) -> list[tuple[int, str]]:
    """Return id and name of every custom field of prospects that is in use."""
    found: Sequence[CustomField] = fields_of(session, FieldSubject.PROSPECT)
    return [(row.key, row.name) for row in found]


def _is_field(name: str) -> bool:
    return name.startswith(FIELD_PREFIX) and name.removeprefix(FIELD_PREFIX).isdecimal()


def _tags(session: Session, ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    rows = session.exec(
        select(ProspectTag.prospect_id, Tag.name, Tag.tone)
        .join(Tag, col(Tag.id) == ProspectTag.tag_id)
        .where(col(ProspectTag.prospect_id).in_(ids), col(Tag.deleted_at).is_(None))
        .order_by(Tag.name_key)
    )
    found: dict[int, list[tuple[str, str]]] = {}
    for prospect_id, name, tone in rows:
        found.setdefault(prospect_id, []).append((name, tone))
    return found


def _sources(session: Session) -> dict[str, str]:
    rows = session.exec(select(col(ImportFile.id), ImportFile.filename))
    return {import_source(key or 0): name for key, name in rows}


def _values(
    session: Session, ids: Sequence[int], field_ids: list[int]
) -> dict[tuple[int, int], str]:
    rows = session.exec(
        select(CustomValue.prospect_id, CustomValue.custom_field_id, CustomValue.text).where(
            col(CustomValue.prospect_id).in_(ids), col(CustomValue.custom_field_id).in_(field_ids)
        )
    )
    return {(prospect_id or 0, field_id): text for prospect_id, field_id, text in rows}


def tags_of_prospect(session: Session, prospect_id: int) -> list[tuple[str, str]]:
    """Return names and tones of one prospect's tags."""
    return _tags(session, [prospect_id]).get(prospect_id, [])
