"""Workbooks are read like any table, and archives made to fill memory are refused."""

from __future__ import annotations

import datetime as dt
import struct
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from outreach.core.errors import Invalid
from outreach.imports import sheets, sheets_preflight
from outreach.imports.parsing import read_rows
from outreach.imports.recognition import UnknownLayout, recognise
from outreach.imports.rows import BadRow, ParsedRow, RowKind

HEADER = ("Source url", "Target url", "Page ascore", "Source title", "Nofollow", "First seen")
ROW = ("https://garden.example/soil", "https://ours.example/", 33, "So\nil", True, "2026-01-02")
_MIB = 1 << 20


def workbook(folder: Path, *sheets: list[tuple[object, ...]]) -> Path:
    path = folder / "export.xlsx"
    with xlsxwriter.Workbook(str(path), {"strings_to_urls": False}) as book:
        days = book.add_format({"num_format": "yyyy-mm-dd"})
        for rows in sheets:
            sheet = book.add_worksheet()
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    style = days if isinstance(cell, dt.date) else None
                    sheet.write(at, column, cell, style)
    return path


def archive(folder: Path, members: dict[str, bytes]) -> Path:
    path = folder / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        for name, content in members.items():
            file.writestr(name, content)
    return path


def test_a_workbook_is_read_like_a_table(tmp_path: Path) -> None:
    found = recognise(workbook(tmp_path, [HEADER, ROW]))
    assert (found.layout.name, found.file.encoding, found.header_line) == (
        "semrush_backlinks",
        "xlsx",
        1,
    )
    (row,) = read_rows(found)
    assert isinstance(row, ParsedRow)
    assert (row.line, row.title, row.rel) == (2, "So il", frozenset({"nofollow"}))
    assert row.page_metrics == {("semrush", "page_as"): 33.0}
    assert row.first_seen == dt.date(2026, 1, 2)


def test_the_sheet_with_a_known_header_is_chosen_and_its_row_numbers_kept(tmp_path: Path) -> None:
    notes: list[tuple[object, ...]] = [("Report",), ("made by hand",)]
    data: list[tuple[object, ...]] = [("", ""), ("made", dt.date(2026, 5, 6)), HEADER, (), ROW]
    path = workbook(tmp_path, notes, [*data, ("no address", *ROW[1:])])
    found = recognise(path)
    rows = list(read_rows(found))
    assert found.header_line == 3
    assert [(row.line, type(row)) for row in rows] == [(5, ParsedRow), (6, BadRow)]
    assert list(read_rows(found, after_line=5)) == rows[1:]


def test_true_dates_and_numbers_of_cells_are_read(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [
        ("Domain", "Date", "Outcome"),
        ("a.test", dt.date(2026, 3, 4), "won"),
    ]
    (row,) = read_rows(recognise(workbook(tmp_path, rows)))
    assert isinstance(row, ParsedRow)
    assert row.contacted_on == dt.date(2026, 3, 4)


def test_an_unknown_workbook_can_be_mapped(tmp_path: Path) -> None:
    path = workbook(tmp_path, [("Colour", "Place"), ("red", "https://a.test/x")])
    with pytest.raises(UnknownLayout) as unknown:
        recognise(path)
    assert unknown.value.sample.headers == ("Colour", "Place")


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no rows"):
        recognise(workbook(tmp_path, []))


def test_a_bomb_is_refused_by_what_it_unpacks_to(tmp_path: Path) -> None:
    path = archive(tmp_path, {"xl/workbook.xml": b"x", "xl/media/a.bin": bytes(64 * _MIB)})
    with pytest.raises(Invalid, match="unpacks to far more"):
        recognise(path)


def test_a_bomb_that_lies_about_its_size_is_refused_too(tmp_path: Path) -> None:
    path = archive(tmp_path, {"xl/workbook.xml": b"x", "xl/media/a.bin": bytes(64 * _MIB)})
    lying = path.read_bytes().replace(struct.pack("<I", 64 * _MIB), struct.pack("<I", 64))
    path.write_bytes(lying)
    with pytest.raises(Invalid, match="unpacks to far more"):
        recognise(path)


def test_many_small_members_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets_preflight, "_MOST_INFLATED", 4 * _MIB)
    path = archive(tmp_path, {f"xl/media/{at}.bin": bytes(_MIB) for at in range(6)})
    with pytest.raises(Invalid, match="unpacks to far more"):
        recognise(path)


def test_a_swarm_of_members_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="over 200 parts"):
        recognise(archive(tmp_path, {f"xl/{at}.xml": b"x" for at in range(300)}))


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    path = archive(tmp_path, {"xl/a.xml": bytes(9_000), "xl/b.xml": bytes(9_000)})
    with zipfile.ZipFile(path) as file:
        first, second = (file.getinfo(name).header_offset for name in ("xl/a.xml", "xl/b.xml"))
    content = path.read_bytes()
    directory = content.index(b"PK\x01\x02")
    shared = content[directory:].replace(struct.pack("<I", second), struct.pack("<I", first))
    path.write_bytes(content[:directory] + shared)
    with pytest.raises(Invalid, match="is damaged"):
        recognise(path)


def test_a_cell_in_the_farthest_corner_is_refused(tmp_path: Path) -> None:
    sheet = b'<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"/></row>'
    with pytest.raises(Invalid, match="too wide or too long"):
        recognise(archive(tmp_path, {"xl/workbook.xml": b"x", "xl/worksheets/s.xml": sheet}))
    sheet = b'<c r="A1"/>' + b" " * 300_000 + b'<c r="AA1048576"/>'
    with pytest.raises(Invalid, match="1,048,576 rows and 27 columns"):
        recognise(archive(tmp_path, {"xl/workbook.xml": b"x", "xl/worksheets/s.xml": sheet}))


@pytest.mark.parametrize("cut", [50, 400, 2_000])
def test_a_damaged_workbook_is_refused(tmp_path: Path, cut: int) -> None:
    path = workbook(tmp_path, [HEADER, ROW])
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(Invalid, match=r"damaged|zip archive"):
        recognise(path)


def test_an_old_workbook_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000))
    with pytest.raises(Invalid, match="cannot be read as a workbook"):
        recognise(path)


def test_one_text_repeated_in_every_cell_cannot_fill_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MEMORY", 256 * _MIB)
    path = tmp_path / "repeated.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "URL")
        for at in range(1, 15_000):
            sheet.write_string(at, 0, "A" * 32_000)
    with pytest.raises(Invalid, match="too much memory"):
        recognise(path, RowKind.PAGE)
