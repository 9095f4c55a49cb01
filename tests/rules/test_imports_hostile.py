"""Whatever is dropped is read, refused row by row, or refused in one sentence; nothing crashes."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.core.errors import Invalid
from outreach.imports.mapping import ColumnMap, guess, guess_kind
from outreach.imports.metric_files import read_metrics, recognise_metrics
from outreach.imports.parsing import read_rows
from outreach.imports.recognition import UnknownLayout, recognise
from outreach.imports.rows import BadRow, ParsedRow

HEADERS = st.sampled_from(
    [
        "", "URL,Title\n", "Domain;Date;By\r\n", "Email,Domain,Reason\n", "Linking page\n",
        "Referring page URL\tTarget URL\tAnchor\tNofollow\tFirst seen\tDomain rating\n",
        "Domain,DR,Links to target\r", "a.test\nb.test\n", '"URL,\n', "#harmonicc_pos\t#pr_pos\n",
        "GlobalRank,Domain\n", "Partner URL,Contact Email,Guest Post Price,Link Type\n",
        "first_name;last_name;email;media_outlets;beat\n", "Colour\tPlace\n", "domain:a.test\n",
        "Source url|Page ascore|Nofollow|First seen\n", "1,a.test\n2,b.test\n",
        "Referring page URL,Intersect,a.test/,b.test/\n", "Email,Country,Tags,Name\n",
    ]
)  # fmt: skip
PIECES = st.sampled_from(
    [
        ",", ";", "\t", '"', '""', "\n", "\r\n", "\r", "\0", "'", "=1+1", "https://a.test/x",
        "b.test", "c@d.test", "2026-01-02", "1,240", "true", "é", "日本", "\ufeff", "\u2028", "#",
        " ", "999999", "http://[", "//", "@", "\x85",
    ]
)  # fmt: skip
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])


def rows_of(path: Path) -> list[ParsedRow | BadRow]:
    try:
        return list(read_rows(recognise(path)))
    except UnknownLayout as unknown:
        guesses = guess(unknown.sample)
        columns = {column.field: column.header for column in guesses if column.field}
        mapping = ColumnMap(guess_kind(guesses), columns)
        return list(read_rows(recognise(path, mapping=mapping)))


def survives(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dropped.csv"
        path.write_bytes(content)
        try:
            rows = rows_of(path)
        except Invalid as refused:
            rows = [BadRow(0, "", str(refused))]
        lines = [row.line for row in rows]
        assert lines == sorted(set(lines))
        for row in rows:
            if isinstance(row, BadRow):
                assert row.reason.endswith((".", "”"))
                assert len(row.raw) <= 8_000
            else:
                assert isinstance(row, ParsedRow)
                assert row.site or row.email or (row.person is not None and row.person.name)
                cells = [*row, *(row.person or ()), *row.tags]
                assert "\0" not in "".join(cell for cell in cells if isinstance(cell, str))
        try:
            found = [row.domain for row in read_metrics(recognise_metrics(path), {"a.test"})]
        except Invalid:
            found = []
        assert set(found) <= {"a.test"}


@settings(deadline=None, max_examples=300)
@given(HEADERS, st.lists(PIECES, max_size=40), ENCODINGS, st.integers(0, 3))
def test_any_table_is_survived(header: str, pieces: list[str], encoding: str, cut: int) -> None:
    content = (header + "".join(pieces)).encode(encoding, "replace")
    survives(content[: len(content) - cut])


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=400), HEADERS)
def test_any_bytes_are_survived(content: bytes, header: str) -> None:
    survives(content)
    survives(header.encode() + content)
