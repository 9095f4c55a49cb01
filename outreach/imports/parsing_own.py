"""Read the rows of our own exports, whose cells are taken as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.imports.exporting import unguard_cell
from outreach.imports.layouts import find_column, normalise_header
from outreach.imports.own_cells import read_tags
from outreach.imports.parsing_people import RichReader

if TYPE_CHECKING:
    from outreach.imports.recognition import Recognised
    from outreach.imports.rows import ParsedRow


class OwnReader(RichReader):
    """Reads rows that somebody exported here or in another workspace."""

    def __init__(self, recognised: Recognised) -> None:
        super().__init__(recognised)
        headers = [normalise_header(name) for name in recognised.columns]
        self._kept = {
            field: at
            for field, names in recognised.layout.kept.items()
            if (at := find_column(headers, names)) is not None
        }

    def read(self, line: int, cells: list[str]) -> ParsedRow:
        """Return what one row says, with the cells no other file has."""
        row = super().read(line, cells)
        own = {field: unguard_cell(cells[at]) for field, at in self._kept.items()}
        person = row.person and row.person._replace(notes=own.get("notes", ""))
        return row._replace(own=own, tags=read_tags(own.get("tags", "")), person=person)
