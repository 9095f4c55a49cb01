"""Read one sheet of a workbook in a process of its own, whose memory and time are limited.

Run as a script, without this package: arguments are the memory allowed, the path and the sheet's
place; without a place the sheets are listed. Rows leave as CSV, each with its row number first,
and each ended by a line feed; a cell never holds one.
"""

from __future__ import annotations

import csv
import datetime as dt
import resource
import sys

import python_calamine as calamine

SECONDS = 120
LONGEST_CELL = 32_768


def main(arguments: list[str]) -> None:
    """Write the sheets' names, or the rows of one of them, to standard output."""
    memory, path, *place = arguments
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.reconfigure(encoding="utf-8", errors="replace", newline="")  # type: ignore[union-attr]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    workbook = calamine.load_workbook(path)
    if not place:
        for at, sheet in enumerate(workbook.sheets_metadata):
            if sheet.typ is calamine.SheetTypeEnum.WorkSheet:
                writer.writerow((at, written(sheet.name)))
        return
    rows = workbook.get_sheet_by_index(int(place[0]))
    for number, row in enumerate(rows.iter_rows(), 1):
        writer.writerow((number, *map(written, row)))


def written(value: object) -> str:
    """Return a cell as a person would have written it in a CSV file."""
    if isinstance(value, str):
        lines = value[:LONGEST_CELL].replace("\r\n", "\n").replace("\r", "\n")
        return lines.replace("\0", "")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)


if __name__ == "__main__":
    main(sys.argv[1:])
