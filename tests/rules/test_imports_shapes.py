"""Files without a header we can read are recognised by what stands in them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from outreach.core.errors import Invalid
from outreach.imports.parsing import join_raw, read_mended, read_rows, split_raw
from outreach.imports.pasting import LONGEST_PASTE, pasted_file
from outreach.imports.recognition import UnknownLayout, recognise
from outreach.imports.rows import BadRow, ParsedRow, RowKind
from outreach.imports.values_countries import country
from outreach.imports.values_dates import day, order_of
from tests.rules.test_imports_recognition import parsed, write

DISAVOW = (
    "# asked twice in May\ndomain:spam.example\nDomain:blog.farm.example\n"
    "http://bad.example/page.html\n\n"
    "# no answer\nhttps://worse.example/x?y=1\n\nnot a line\n"
)


def test_a_disavow_file_is_told_from_a_list_and_keeps_its_paper_trail(tmp_path: Path) -> None:
    found = recognise(write(tmp_path, DISAVOW))
    assert found.layout.kind is RowKind.DISAVOW
    *rows, last = read_rows(found)
    said = [row for row in rows if isinstance(row, ParsedRow)]
    assert [(row.line, row.site, row.url, row.reason) for row in said] == [
        (2, "spam.example", "", "asked twice in May"),
        (3, "farm.example", "https://blog.farm.example/", "asked twice in May"),
        (4, "bad.example", "http://bad.example/page.html", "asked twice in May"),
        (7, "worse.example", "https://worse.example/x?y=1", "no answer"),
    ]
    assert last == BadRow(9, "not a line", "“not a line” is not a web address.")


def test_a_disavow_file_of_addresses_alone_is_known_by_its_comment(tmp_path: Path) -> None:
    text = "# Disavow file for ours.example\nhttps://bad.example/a\nhttps://bad.example/b\n"
    assert recognise(write(tmp_path, text)).layout.kind is RowKind.DISAVOW


def test_whoever_says_so_gets_a_disavow_file_as_suppressions(tmp_path: Path) -> None:
    rows = parsed(write(tmp_path, "domain:spam.example\n"), RowKind.SUPPRESSION)
    assert [row.site for row in rows] == ["spam.example"]


@pytest.mark.parametrize("header", ["דומיין,דפים מקשרים,דפי יעד", "Ιστότοπος,Σελίδες,Στόχοι"])
def test_translated_top_linking_sites_are_known_by_their_counts(
    tmp_path: Path, header: str
) -> None:
    text = f'{header}\na.example,"1,240",3\nb.example,12,9\n'
    rows = parsed(write(tmp_path, text))
    assert [(row.site, row.url) for row in rows] == [("a.example", ""), ("b.example", "")]
    assert rows[0].site_metrics == {
        ("search_console", "linking_pages"): 1240.0,
        ("search_console", "target_pages"): 3.0,
    }


def test_dots_part_thousands_where_a_whole_column_says_so(tmp_path: Path) -> None:
    text = "Website;Verlinkende Seiten;Zielseiten\na.example;1.240;3\nb.example;12;1.5\n"
    rows = parsed(write(tmp_path, text))
    assert [row.site_metrics for row in rows] == [
        {("search_console", "linking_pages"): 1240.0, ("search_console", "target_pages"): 3.0},
        {("search_console", "linking_pages"): 12.0, ("search_console", "target_pages"): 1.5},
    ]


def test_translated_top_linked_pages_are_refused_as_ones_own(tmp_path: Path) -> None:
    text = "Σελίδα,Σύνδεσμοι,Ιστότοποι\nhttps://o.example/a,9,3\nhttps://o.example/b,4,4\n"
    with pytest.raises(Invalid, match="your own pages"):
        recognise(write(tmp_path, text))


def test_a_ranked_list_without_a_header_is_tranco(tmp_path: Path) -> None:
    found = recognise(write(tmp_path, "1,a.example\n2,b.example\n3,c.example\n"))
    rows = list(read_rows(found))
    assert (found.layout.name, found.layout.kind) == ("tranco", RowKind.RANKS)
    assert isinstance(rows[0], ParsedRow)
    assert (rows[0].line, rows[0].site) == (1, "a.example")
    assert rows[0].site_metrics == {("tranco", "rank"): 1.0}


def test_common_crawl_ranks_turn_their_names_round(tmp_path: Path) -> None:
    text = (
        "#harmonicc_pos\t#harmonicc_val\t#pr_pos\t#pr_val\t#host_rev\t#n_hosts\n"
        "1\t2.9E7\t4\t0.016\texample.garden\t20\n"
        "2\t2.8E7\t5\t0.015\texample.bees\n"
        "3\t2.7E7\t6\t0.014\texample.garden.www\t1\n"
    )
    first, second, refused = read_rows(recognise(write(tmp_path, text)))
    assert isinstance(first, ParsedRow)
    assert isinstance(second, ParsedRow)
    assert isinstance(refused, BadRow)
    assert (first.site, second.site) == ("garden.example", "bees.example")
    assert first.site_metrics[("common_crawl", "pagerank_rank")] == 4.0
    assert "whose rank it does not tell" in refused.reason


def test_a_list_under_a_word_keeps_the_word_out(tmp_path: Path) -> None:
    text = "Prospects of May\n" + "".join(f"https://a{at}.example/x\n" for at in range(5))
    rows = parsed(write(tmp_path, text))
    assert [row.line for row in rows] == [2, 3, 4, 5, 6]


def test_a_list_of_addresses_becomes_people_when_asked(tmp_path: Path) -> None:
    rows = parsed(write(tmp_path, "ann@a.example\ninfo@b.example\n"), RowKind.PERSON)
    assert [(row.email, row.site) for row in rows] == [
        ("ann@a.example", ""),
        ("info@b.example", ""),
    ]
    assert [row.person.is_generic for row in rows if row.person] == [False, True]


def test_sites_to_ask_may_come_from_any_list_of_links(tmp_path: Path) -> None:
    path = write(tmp_path, "Linking page,Last crawled\nhttps://a.example/,2026-01-02\n")
    assert recognise(path, RowKind.PAGE).layout.name == "gsc_latest_links"


def test_dates_of_a_column_are_read_by_all_of_them(tmp_path: Path) -> None:
    text = "Linking page;Last crawled\nhttps://a.example/;03/04/2026\nhttps://b.example/;{}\n"
    for other, expected in (
        ("25/12/2026", date(2026, 4, 3)),
        ("12/25/2026", date(2026, 3, 4)),
        ("05/06/2026", None),
    ):
        first, _ = parsed(write(tmp_path, text.format(other)))
        assert first.last_seen == expected


def test_a_column_that_contradicts_itself_has_no_order() -> None:
    assert order_of(["13/01/2026", "01/13/2026"]) == ""


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("15. Mai 2026", date(2026, 5, 15)),
        ("15 août 2026", date(2026, 8, 15)),
        ("15 de set. de 2026", date(2026, 9, 15)),
        ("1 янв. 2026", date(2026, 1, 1)),
        ("15 בספט׳ 2026", date(2026, 9, 15)),
        ("2026年9月15日", date(2026, 9, 15)),
        ("2026/09/15", date(2026, 9, 15)),
        ("1789430400", date(2026, 9, 15)),
        ("31/31/2026", None),
    ],
)
def test_dates_of_other_countries_are_read(cell: str, expected: date | None) -> None:
    assert day(cell) == expected


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("us", "US"),
        ("United States", "US"),
        ("U.S.A.", "US"),
        ("UK", "GB"),
        ("Deutschland", "DE"),
        ("Trinidad and Tobago", "TT"),
        ("zz", ""),
        ("Atlantis", ""),
        ("", ""),
    ],
)
def test_countries_become_codes(cell: str, code: str) -> None:
    assert country(cell) == code


def test_a_refused_row_can_be_mended_and_read_again(tmp_path: Path) -> None:
    text = 'URL;Title\nno address;"A; ""B"""\n'
    found = recognise(write(tmp_path, text))
    (refused,) = read_rows(found)
    assert isinstance(refused, BadRow)
    cells = split_raw(found, refused.raw)
    assert cells == ["no address", 'A; "B"']
    mended = read_mended(found, refused.line, join_raw(found, ["https://a.example/", *cells[1:]]))
    assert isinstance(mended, ParsedRow)
    assert (mended.line, mended.title) == (2, 'A; "B"')
    assert read_mended(found, 2, refused.raw) == refused
    assert read_mended(found, 2, " ; ") == BadRow(2, " ; ", "The row is empty.")


def test_a_line_of_a_list_can_be_mended_too(tmp_path: Path) -> None:
    found = recognise(write(tmp_path, "a.example\nb.example\nno site\n"))
    mended = read_mended(found, 3, "c.example")
    assert isinstance(mended, ParsedRow)
    assert (mended.line, mended.site) == (3, "c.example")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a.example, b.example c.example", ["a.example", "b.example", "c.example"]),
        ("<ann@a.example>; bo@b.example", ["ann@a.example", "bo@b.example"]),
        ("https://a.example/x\nhttps://b.example/", ["https://a.example/x", "https://b.example/"]),
        ("URL\tTitle\na.example\tA B", ["URL\tTitle", "a.example\tA B"]),
        ("Name,Email\nAnn,ann@a.example", ["Name,Email", "Ann,ann@a.example"]),
    ],
)
def test_pasted_text_becomes_a_file(text: str, lines: list[str]) -> None:
    pasted = pasted_file(text, on=date(2026, 9, 15))
    assert pasted.filename == "pasted-2026-09-15.txt"
    assert pasted.stream.read().decode().splitlines() == lines


@pytest.mark.parametrize("text", ["  \n", "a" * (LONGEST_PASTE + 1)])
def test_nothing_and_too_much_cannot_be_pasted(text: str) -> None:
    with pytest.raises(Invalid):
        pasted_file(text, on=date(2026, 9, 15))


def test_cells_pasted_without_a_header_are_asked_about(tmp_path: Path) -> None:
    with pytest.raises(UnknownLayout) as unknown:
        recognise(write(tmp_path, "https://a.example/x\tA\nhttps://b.example/y\tB\n"))
    assert unknown.value.sample.headers == ("Column 1", "Column 2")
    assert unknown.value.sample.examples(0) == ("https://a.example/x", "https://b.example/y")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_a_line_of_megabytes_is_refused_in_wide_encodings_too(
    tmp_path: Path, encoding: str
) -> None:
    content = "URL\n" + "a" * (18 << 20)
    with pytest.raises(Invalid, match="over 8 MB"):
        recognise(write(tmp_path, content, encoding))


def test_a_file_of_nothing_but_nul_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "nul.csv"
    with path.open("wb") as file:
        file.truncate(2 << 30)
    with pytest.raises(Invalid, match="not a text file"):
        recognise(path)
