"""Does a statement reach scoped tables, and only in ways that loader criteria cover?

The criteria are added to every *entity* of a statement. A bare table or column of the same table
in the same SELECT shares the entity's FROM element and is covered with it; a bare table without
one, an alias made from a bare table, and SQL text are not.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.selectable import AliasedReturnsRows, SelectBase

from outreach.core.tables import is_scoped_table


class _Found:
    """What one SELECT (or UPDATE, DELETE) names."""

    def __init__(self) -> None:
        self.entities: set[str] = set()
        self.bare: set[str] = set()
        self.has_uncovered = False
        self.inner: list[Any] = []


def judge_statement(statement: Any) -> tuple[bool, bool]:
    """Tell whether a statement touches scoped tables, and whether criteria cover all of it."""
    touches, is_covered = False, True
    waiting, seen = [statement], set()
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        found = _look_at(part)
        touches = touches or bool(found.entities or found.bare) or found.has_uncovered
        is_covered = is_covered and not found.has_uncovered and found.bare <= found.entities
        waiting.extend(found.inner)
    return touches, is_covered


def _look_at(part: Any) -> _Found:
    """Look at one SELECT's own elements; nested ones are left for later."""
    found = _Found()
    waiting = list(part.get_children())
    seen: set[int] = set()
    while waiting:
        element = waiting.pop()
        if id(element) in seen:
            continue
        seen.add(id(element))
        if isinstance(element, SelectBase):
            found.inner.append(element)
        elif isinstance(element, AliasedReturnsRows):
            _note_alias(element, element, found)
        elif not _note(element, found):
            waiting.extend(element.get_children())
    return found


def _note_alias(alias: Any, named_by: Any, found: _Found) -> None:
    inner = alias.element
    if not isinstance(inner, sa.Table):
        found.inner.append(inner)
    elif is_scoped_table(inner):
        # An annotated alias hashes like the one it was made from.
        (found.entities if _is_entity(named_by) else found.bare).add(f"alias {hash(alias)}")


def _note(element: Any, found: _Found) -> bool:
    """Note a leaf; False when the element has to be looked into."""
    if isinstance(element, sa.TextClause):
        found.has_uncovered = True
        return True
    if isinstance(element, sa.Table):
        _note_table(element, element, found)
        return True
    if isinstance(element, sa.ColumnClause):
        _note_column(element, found)
        return True
    return False


def _note_column(column: Any, found: _Found) -> None:
    if column.is_literal and column.name != "*":
        found.has_uncovered = True
    elif isinstance(column.table, sa.Table):
        _note_table(column.table, column, found)
    elif isinstance(column.table, AliasedReturnsRows):
        _note_alias(column.table, column, found)


def _note_table(table: sa.Table, named_by: Any, found: _Found) -> None:
    if is_scoped_table(table):
        (found.entities if _is_entity(named_by) else found.bare).add(table.fullname)


def _is_entity(element: Any) -> bool:
    return "parententity" in element._annotations  # noqa: SLF001
