"""Remembering how a person told us to read a header, for the next file that has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.core.errors import Invalid, NotFound
from outreach.imports.mapping import TARGETS, ColumnMap, header_key
from outreach.imports.models import ColumnMapping
from outreach.imports.rows import RowKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.core.db import Session

_NEEDED = {
    RowKind.BACKLINK: ("url",),
    RowKind.COVERAGE: ("url",),
    RowKind.REFERRING_DOMAIN: ("site",),
    RowKind.RANKS: ("site",),
    RowKind.PAGE: ("url", "site"),
    RowKind.DISAVOW: ("url", "site"),
    RowKind.PARTNER: ("url", "site"),
    RowKind.SUPPRESSION: ("email", "site"),
    RowKind.TOUCH: ("email", "site"),
    RowKind.PERSON: ("email", "name", "first_name"),
}
_LABELS = {target.field: target.label for target in TARGETS}


def check_mapping(mapping: ColumnMap, headers: Sequence[str]) -> None:
    """Let a mapping pass that names this file's columns, each field once, and enough of them.

    Raises:
        Invalid: It does not.
    """
    named = {field: header for field, header in mapping.columns.items() if header}
    for field, header in named.items():
        if field not in _LABELS:
            raise Invalid(f"There is no field “{field}” to map a column to.")
        if header not in headers:
            raise Invalid(f"The file has no column “{header}”.")
    if len(set(named.values())) < len(named):
        raise Invalid("A column can fill one field only.")
    needed = _NEEDED[mapping.kind]
    if not any(field in named for field in needed):
        wanted = " or ".join(f"“{_LABELS[field]}”" for field in needed)
        raise Invalid(f"Say which column holds {wanted}.")
    if mapping.kind is RowKind.TOUCH and "contacted_on" not in named:
        raise Invalid("Say which column holds “Contacted on”.")


def remember_mapping(session: Session, headers: Sequence[str], mapping: ColumnMap) -> ColumnMapping:
    """Keep how a header is to be read; a mapping of the same header is replaced.

    Raises:
        Invalid: The mapping does not fit the header.
    """
    check_mapping(mapping, headers)
    key = header_key(headers)
    kept = find_mapping(session, key)
    if kept is None:
        kept = ColumnMapping(header_key=key, kind=mapping.kind.value)
        session.add(kept)
    kept.headers = list(headers)
    kept.kind = mapping.kind.value
    kept.columns = {field: header for field, header in mapping.columns.items() if header}
    kept.user_id = session.scope.user_id
    session.flush()
    return kept


def find_mapping(session: Session, key: str) -> ColumnMapping | None:
    """Return how a header was read before, if it was; `key` is its `header_key`."""
    return session.exec(select(ColumnMapping).where(ColumnMapping.header_key == key)).first()


def list_mappings(session: Session) -> Sequence[ColumnMapping]:
    """Return the workspace's mappings, the most used first."""
    order = (col(ColumnMapping.used_count).desc(), col(ColumnMapping.id))
    return session.exec(select(ColumnMapping).order_by(*order)).all()


def note_mapping_used(session: Session, mapping: ColumnMapping) -> None:
    """Count that a file was read by a mapping."""
    mapping.used_count += 1
    session.flush()


def forget_mapping(session: Session, column_mapping_id: int) -> None:
    """Delete a mapping; imports that used it keep what they brought.

    Raises:
        NotFound: There is none in this workspace.
    """
    found = session.exec(select(ColumnMapping).where(ColumnMapping.id == column_mapping_id)).first()
    if found is None:
        raise NotFound("There is no such mapping here.")
    session.delete(found)
    session.flush()


def column_map(mapping: ColumnMapping) -> ColumnMap:
    """Return a kept mapping in the form in which files are recognised by it."""
    return ColumnMap(RowKind(mapping.kind), dict(mapping.columns))
