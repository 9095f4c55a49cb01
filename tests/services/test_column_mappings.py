"""How a header is to be read is remembered for the workspace, once for each header."""

from __future__ import annotations

import pytest

from outreach.core.db import Database, Session
from outreach.core.errors import Invalid, NotFound
from outreach.imports.mapping import ColumnMap, header_key
from outreach.imports.mappings import (
    column_map,
    find_mapping,
    forget_mapping,
    list_mappings,
    note_mapping_used,
    remember_mapping,
)
from outreach.imports.rows import RowKind
from tests.factories import make_workspace

HEADERS = ["Wo", "Wer", "Wann"]
PAGES = ColumnMap(RowKind.PAGE, {"url": "Wo", "title": "Wer", "topic": ""})


def test_a_mapping_is_found_by_its_header(session: Session) -> None:
    kept = remember_mapping(session, HEADERS, PAGES)
    found = find_mapping(session, header_key([" WO", "wer", "Wann"]))
    assert found is kept
    assert column_map(kept) == ColumnMap(RowKind.PAGE, {"url": "Wo", "title": "Wer"})
    assert find_mapping(session, header_key(["Wo", "Wer"])) is None


def test_a_header_is_mapped_once_and_the_last_word_counts(session: Session) -> None:
    first = remember_mapping(session, HEADERS, PAGES)
    note_mapping_used(session, first)
    people = ColumnMap(RowKind.PERSON, {"name": "Wer"})
    second = remember_mapping(session, HEADERS, people)
    assert (second.id, second.used_count) == (first.id, 1)
    assert column_map(second) == people
    assert list(list_mappings(session)) == [second]


def test_a_mapping_is_forgotten(session: Session) -> None:
    kept = remember_mapping(session, HEADERS, PAGES)
    forget_mapping(session, kept.key)
    assert list(list_mappings(session)) == []
    with pytest.raises(NotFound):
        forget_mapping(session, kept.key)


def test_another_workspace_maps_for_itself(database: Database, session: Session) -> None:
    remember_mapping(session, HEADERS, PAGES)
    session.commit()
    with database.reading(make_workspace(database)) as other:
        assert find_mapping(other, header_key(HEADERS)) is None


@pytest.mark.parametrize(
    ("kind", "columns", "says"),
    [
        (RowKind.PAGE, {"title": "Wer"}, "“Page URL” or “Domain”"),
        (RowKind.TOUCH, {"email": "Wer"}, "“Contacted on”"),
        (RowKind.PAGE, {"url": "Wo", "title": "Wo"}, "one field only"),
        (RowKind.PAGE, {"url": "Elsewhere"}, "no column “Elsewhere”"),
        (RowKind.PAGE, {"colour": "Wo"}, "no field “colour”"),
    ],
)
def test_a_mapping_that_cannot_work_says_why(
    session: Session, kind: RowKind, columns: dict[str, str], says: str
) -> None:
    with pytest.raises(Invalid, match=says):
        remember_mapping(session, HEADERS, ColumnMap(kind, columns))
