from __future__ import annotations

import codecs
import csv
import io
import zipfile
from pathlib import Path

import pytest

from outreach.core.errors import Invalid
from outreach.imports.layouts import LAYOUTS, Layout
from outreach.imports.parsing import read_rows
from outreach.imports.recognition import recognise
from outreach.imports.rows import ParsedRow, RowKind

AHREFS = (
    "Referring page title",
    "Referring page URL",
    "Language",
    "Domain rating",
    "UR",
    "Domain traffic",
    "Target URL",
    "Anchor",
    "Nofollow",
    "UGC",
    "Sponsored",
    "First seen",
    "Last seen",
    "Lost",
)
AHREFS_ROW = (
    "Growing tomatoes",
    "https://www.garden.test/tomatoes/?utm_source=x",
    "en",
    "71.0",
    "12",
    "1,240",
    "https://ours.test/guide",
    "a guide",
    "true",
    "false",
    "true",
    "2026-01-02 03:04:05",
    "Sep 15, 2026",
    "",
)


def table(*rows: tuple[str, ...], delimiter: str = ",") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def write(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def parsed(path: Path, kind: RowKind | None = None) -> list[ParsedRow]:
    rows = list(read_rows(recognise(path, kind)))
    assert all(isinstance(row, ParsedRow) for row in rows), rows
    return [row for row in rows if isinstance(row, ParsedRow)]


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-16", "\t"), ("utf-8", ","), ("utf-8-sig", ";"), ("utf-16-le", "\t"), ("cp1252", ",")],
)
def test_an_ahrefs_export_is_recognised_in_every_encoding(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    row = ("Über Tomaten", *AHREFS_ROW[1:])
    found = recognise(write(tmp_path, table(AHREFS, row, delimiter=delimiter), encoding))
    assert (found.layout.name, found.delimiter, found.header_line) == (
        "ahrefs_backlinks",
        delimiter,
        1,
    )
    (only,) = read_rows(found)
    assert isinstance(only, ParsedRow)
    assert only.title == "Über Tomaten"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Domain,Is spam,DR,Dofollow ref. domains,Traffic ,Keywords ,Links to target", "ahrefs_r"),
        ("Linking page,Last crawled", "gsc_latest"),
        ("Linking page", "gsc_more"),
        ("Site,Linking pages,Target pages", "gsc_top_linking"),
        ("Topic,Description,URL,Title", "pages"),
        ("Website,Category,Name", "pages"),
        ("Domain,Niche", "domains"),
        ("Email,Domain,Reason", "suppressions"),
        ("Domain,Date,Outcome,By", "past_contacts"),
        ("Email,Sent at", "past_contacts"),
        ("Email", "suppressed_addresses"),
    ],
)
def test_headers_decide_the_layout(tmp_path: Path, header: str, name: str) -> None:
    assert recognise(write(tmp_path, header + "\n")).layout.name.startswith(name)


def test_lines_before_the_header_are_skipped_and_still_counted(tmp_path: Path) -> None:
    text = "sep=,\nReport for ours.test\n\nmade 2026-01-01\n" + table(
        ("URL", "Title"), ("https://a.test/x", "A")
    )
    found = recognise(write(tmp_path, text))
    assert found.header_line == 5
    assert [row.line for row in read_rows(found)] == [6]


def test_a_translated_latest_links_export_is_recognised_by_its_shape(tmp_path: Path) -> None:
    text = 'דף מקשר,נסרק לאחרונה\n"https://a.test/x,y",2026-08-01\nhttps://b.test/,"Sep 15, 2026"\n'
    rows = parsed(write(tmp_path, text))
    assert [(row.key, str(row.last_seen)) for row in rows] == [
        ("a.test/x,y", "2026-08-01"),
        ("b.test", "2026-09-15"),
    ]


def test_a_plain_list_needs_no_header(tmp_path: Path) -> None:
    text = "# my list\nexample.test\n\nhttps://b.test/page\nblog.c.test\nwww.d.test\n"
    rows = parsed(write(tmp_path, text))
    assert [(row.line, row.site, row.url) for row in rows] == [
        (2, "example.test", ""),
        (4, "b.test", "https://b.test/page"),
        (5, "c.test", "https://blog.c.test/"),
        (6, "d.test", ""),
    ]


def test_a_list_of_addresses_is_a_suppression_list(tmp_path: Path) -> None:
    rows = parsed(write(tmp_path, "ann@a.test\nBob@B.test\n@c.test\n"))
    assert [(row.email, row.site) for row in rows] == [
        ("ann@a.test", "a.test"),
        ("Bob@b.test", "b.test"),
        ("", "c.test"),
    ]


@pytest.mark.parametrize("text", ["a.test\nb.test\n", "Domain\na.test\nb.test\n"])
def test_a_list_of_domains_is_what_the_person_says_it_is(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text)
    assert recognise(path).layout.kind is RowKind.PAGE
    assert recognise(path, RowKind.SUPPRESSION).layout.kind is RowKind.SUPPRESSION
    assert [row.site for row in parsed(path, RowKind.SUPPRESSION)] == ["a.test", "b.test"]


def test_a_table_of_contacts_is_never_taken_for_a_suppression_list(tmp_path: Path) -> None:
    path = write(tmp_path, "Name,Outlet,Email,Beat\nAnn,Weekly,ann@a.test,soil\n")
    assert recognise(path).layout.kind is RowKind.PERSON
    assert [row.email for row in parsed(path, RowKind.SUPPRESSION)] == ["ann@a.test"]


def test_another_vendor_is_one_table_entry(tmp_path: Path) -> None:
    vendor = Layout(
        name="vendor",
        title="Vendor",
        kind=RowKind.BACKLINK,
        signature=("source url", "page ascore"),
        columns={"url": "source url", "title": "source title"},
        page_metrics={"page ascore": ("vendor", "score")},
    )
    path = write(tmp_path, "Page ascore,Source title,Source url\n33,Home,a.test/x\n")
    found = recognise(path, layouts=(vendor, *LAYOUTS))
    (row,) = read_rows(found)
    assert isinstance(row, ParsedRow)
    assert (row.key, row.title, row.page_metrics) == ("a.test/x", "Home", {("vendor", "score"): 33})


def _workbook() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return out.getvalue()


CUT_ROW = table(AHREFS, AHREFS_ROW, delimiter="\t").encode("utf-16")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"  \r\n\r\n", "is empty"),
        (CUT_ROW[:-61], "middle of a character"),
        (CUT_ROW[:-60], "middle of a row"),
        (_workbook(), "cannot be read as a workbook"),
        (b"PK\x03\x04" + b"\0" * 90, "zip archive"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "PNG image"),
        (bytes(range(256)) * 40, "not a text file"),
        (codecs.BOM_UTF8 + b"\n\n", "none of the layouts"),
        (b"Target page,Incoming links,Linking sites\nhttps://o.test/,5,2\n", "your own pages"),
        (b"Colour,Shape\nred,round\n", "“Colour”, “Shape”"),
        (b"some words on a line\nand some more\n", "none of the layouts"),
        (b"https://a.test/, a title\nhttps://b.test/, another\n", "none of the layouts"),
    ],
)
def test_what_cannot_be_imported_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes, says: str
) -> None:
    with pytest.raises(Invalid, match=says):
        recognise(write(tmp_path, content))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no file"):
        recognise(tmp_path / "gone.csv")


def test_a_line_of_many_megabytes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="over 8 MB"):
        recognise(write(tmp_path, b"URL\n" + b"a" * (10 << 20)))


def test_old_encodings_are_told_apart_even_when_ascii_comes_first(tmp_path: Path) -> None:
    padding = "".join(f"https://a.test/{number},plain,plain\n" for number in range(4_000))
    russian = "https://b.test/,Выращивание помидоров в теплице,Полезные советы для садоводов\n" * 9
    text = "URL,Title,Description\n" + padding + russian
    assert parsed(write(tmp_path, text, "cp1251"))[-1].title == "Выращивание помидоров в теплице"
    western = padding + "https://b.test/,Straße – naïve café,“Ünïcode”\n"
    rows = parsed(write(tmp_path, "URL,Title,Description\n" + western, "cp1252"))
    assert (rows[-1].title, rows[-1].description) == ("Straße – naïve café", "“Ünïcode”")
