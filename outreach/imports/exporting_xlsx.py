"""Write a workbook row by row in constant memory; a text is a text, never a formula or a link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xlsxwriter

from outreach.core.errors import Invalid
from outreach.imports.exporting import cell_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

MOST_ROWS = 1_048_575  # a sheet holds one more, for the header
LONGEST_CELL = 32_767  # characters; Excel refuses a file with more in a cell
_WIDTHS = range(10, 41)
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": False,
}


def write_workbook(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[object]], *, title: str
) -> int:
    """Write a table into a workbook of one sheet; returns how many rows it holds.

    Raises:
        Invalid: There are more rows than a sheet can hold.
    """
    count = 0
    with xlsxwriter.Workbook(path, {**_OPTIONS, "tmpdir": str(path.parent)}) as workbook:
        sheet = workbook.add_worksheet(title[:31])
        sheet.freeze_panes(1, 1)
        for at, name in enumerate(header):
            sheet.set_column(at, at, min(max(len(name) + 2, _WIDTHS[0]), _WIDTHS[-1]))
        bold = workbook.add_format({"bold": True})
        for at, name in enumerate(header):
            sheet.write_string(0, at, cell_text(name), bold)
        for count, row in enumerate(rows, 1):
            if count > MOST_ROWS:
                raise Invalid(f"A workbook holds {MOST_ROWS:,} rows at most. Export it as CSV.")
            for at, cell in enumerate(row):
                if isinstance(cell, (int, float)) and not isinstance(cell, bool):
                    sheet.write_number(count, at, cell)
                elif text := cell_text(cell):
                    sheet.write_string(count, at, text[:LONGEST_CELL])
    return count
