from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.imports import values
from outreach.imports.exporting import csv_lines, guard_cell, unguard_cell
from outreach.imports.parsing import read_rows
from outreach.imports.recognition import recognise
from outreach.imports.rows import BadRow, ParsedRow
from outreach.imports.values_dates import day
from tests.rules.test_imports_recognition import AHREFS, AHREFS_ROW, parsed, table, write


def bad(path: Path) -> list[BadRow]:
    return [row for row in read_rows(recognise(path)) if isinstance(row, BadRow)]


def test_an_ahrefs_row_keeps_all_it_says(tmp_path: Path) -> None:
    (row,) = parsed(write(tmp_path, table(AHREFS, AHREFS_ROW, delimiter="\t"), "utf-16"))
    assert (row.line, row.key, row.site) == (2, "garden.test/tomatoes", "garden.test")
    assert row.url == "https://www.garden.test/tomatoes/?utm_source=x"
    assert (row.target_url, row.target_key) == ("https://ours.test/guide", "ours.test/guide")
    assert row.rel == frozenset({"nofollow", "sponsored"})
    assert (row.anchor, row.language) == ("a guide", "en")
    assert (row.first_seen, row.last_seen) == (date(2026, 1, 2), date(2026, 9, 15))
    assert row.lost_on is None
    assert row.site_metrics == {("ahrefs", "dr"): 71.0, ("ahrefs", "domain_traffic"): 1240.0}
    assert row.page_metrics == {("ahrefs", "ur"): 12.0}


def test_a_file_that_does_not_speak_of_rel_leaves_it_unknown(tmp_path: Path) -> None:
    (row,) = parsed(write(tmp_path, "Linking page\nhttps://a.test/\n"))
    assert row.rel is None


def test_a_referring_domain_names_a_site_and_no_page(tmp_path: Path) -> None:
    text = 'Domain,DR,Links to target,Traffic ,First seen\nwww.a.test,7,3,"1,240",2026-02-03\n'
    (row,) = parsed(write(tmp_path, text))
    assert (row.site, row.url) == ("a.test", "")
    assert row.site_metrics[("ahrefs", "domain_traffic")] == 1240.0


def test_line_numbers_survive_quoted_newlines_and_blank_lines(tmp_path: Path) -> None:
    text = 'URL,Title\r\nhttps://a.test/,"one\r\ntwo\r\nthree"\r\n\r\n,\r\n'
    text += "https://b.test/,B\r\nx y,C\r\n"
    rows = list(read_rows(recognise(write(tmp_path, text))))
    assert [row.line for row in rows] == [2, 7, 8]
    assert isinstance(rows[0], ParsedRow)
    assert rows[0].title == "one two three"


def test_an_interrupted_import_goes_on_after_the_line_it_reached(tmp_path: Path) -> None:
    text = 'URL,Title\na.test/1,"two\nlines"\nbad one,x\na.test/4,x\na.test/5,x\n'
    found = recognise(write(tmp_path, text))
    whole = list(read_rows(found))
    assert [row.line for row in whole] == [2, 4, 5, 6]
    for at, row in enumerate(whole):
        assert list(read_rows(found, after_line=row.line)) == whole[at + 1 :]
    plain = recognise(write(tmp_path, "a.test\nb.test\nc.test\n"))
    assert [row.line for row in read_rows(plain, after_line=2)] == [3]


def test_the_number_of_lines_is_guessed_from_the_beginning(tmp_path: Path) -> None:
    lines = "".join(f"https://a.test/{number:06}\n" for number in range(30_000))
    for encoding in ("utf-8", "utf-16"):
        found = recognise(write(tmp_path, "URL\n" + lines, encoding))
        assert found.file.estimate_lines() == pytest.approx(30_001, rel=0.01)


@pytest.mark.parametrize(
    ("cells", "title"),
    [
        ('"comma, inside"', "comma, inside"),
        ('"a ""quoted"" word"', 'a "quoted" word'),
        ('"{""json"": [1, 2]}"', '{"json": [1, 2]}'),
        ('""', ""),
        ("", ""),
        (" padded ", "padded"),
        ('"line\r\nbreak"', "line break"),
        ("ʤ 日本語 🙂", "ʤ 日本語 🙂"),
        ('inch " mark', 'inch " mark'),
        ("'quoted'", "'quoted'"),
        ("'=1+1", "=1+1"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_cells_are_read_as_spreadsheets_write_them(
    tmp_path: Path, cells: str, title: str, line_end: str
) -> None:
    text = line_end.join(["URL,Title,Topic", f"https://a.test/,{cells},last", "b.test,B,t", ""])
    first, second = parsed(write(tmp_path, text))
    assert (first.title, first.topic, second.title) == (title, "last", "B")


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("htp://x", "“htp://x” is not a web address."),
        ("", "There is no address in the column “URL”."),
        ("http://127.0.0.1/x", "“http://127.0.0.1/x” is not a web address."),
        ("javascript:alert(1)", "“javascript:alert(1)” is not a web address."),
        ("https://ann:secret@a.test/", "“https://ann:secret@a.test/” is not a web address."),
    ],
)
def test_a_bad_row_says_why_and_the_next_is_read(tmp_path: Path, cell: str, reason: str) -> None:
    path = write(tmp_path, f"URL,Title\n{cell},A\nhttps://b.test/,B\n")
    first, second = read_rows(recognise(path))
    assert first == BadRow(2, f"{cell},A", reason)
    assert isinstance(second, ParsedRow)


def test_ragged_rows_of_vendors_are_flagged_and_of_people_completed(tmp_path: Path) -> None:
    short = table(AHREFS, AHREFS_ROW[:9], AHREFS_ROW)
    assert [row.reason for row in bad(write(tmp_path, short))] == [
        "This row has 9 cells where the header has 14."
    ]
    people = "URL,Title,Topic\nhttps://a.test/\nhttps://b.test/,B,T,,\nhttps://c.test/,C,T,more\n"
    path = write(tmp_path, people)
    assert [row.line for row in bad(path)] == [4]
    assert [row.line for row in read_rows(recognise(path)) if isinstance(row, ParsedRow)] == [2, 3]


def test_nul_characters_are_dropped(tmp_path: Path) -> None:
    (row,) = parsed(write(tmp_path, b"URL,Title\nhttps://a.test/\0,A\0B\n"))
    assert (row.url, row.title) == ("https://a.test/", "AB")


def test_an_unclosed_quotation_mark_costs_one_report_not_the_import(tmp_path: Path) -> None:
    filler = "".join(f"https://a.test/{number},t\n" for number in range(8_000))
    path = write(tmp_path, f'URL,Title\nhttps://a.test/x,"open\n{filler}https://z.test/,last\n')
    rows = list(read_rows(recognise(path)))
    assert isinstance(rows[0], BadRow)
    assert "131,072" in rows[0].reason
    assert rows[0].line == 2
    assert isinstance(rows[-1], ParsedRow)
    assert rows[-1].site == "z.test"
    assert rows[-1].line == 8_003


@pytest.mark.parametrize(
    ("row", "email", "site"),
    [
        ("ann@a.test,,asked", "ann@a.test", "a.test"),
        (",b.test,asked", "", "b.test"),
        (",*.c.test,", "", "c.test"),
        ("@d.test,,", "", "d.test"),
        (",eve@e.test,", "eve@e.test", "e.test"),
    ],
)
def test_a_suppression_names_an_address_or_a_domain(
    tmp_path: Path, row: str, email: str, site: str
) -> None:
    (only,) = parsed(write(tmp_path, f"Email,Domain,Reason\n{row}\n"))
    assert (only.email, only.site) == (email, site)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("not an address@,,x", "“not an address@” is not an email address."),
        (",,only a reason", "There is neither an email address nor a domain."),
        (",co.uk,x", "“co.uk” is not a domain."),
    ],
)
def test_a_suppression_of_nobody_is_refused(tmp_path: Path, row: str, reason: str) -> None:
    assert [found.reason for found in bad(write(tmp_path, f"Email,Domain,Reason\n{row}\n"))] == [
        reason
    ]


def test_past_contacts_keep_date_outcome_and_author(tmp_path: Path) -> None:
    (row,) = parsed(write(tmp_path, "Domain;Date;Outcome;By\na.test;15.09.2026;declined;Ann\n"))
    assert (row.site, row.contacted_on, row.outcome, row.contacted_by) == (
        "a.test",
        date(2026, 9, 15),
        "declined",
        "Ann",
    )


def test_a_contact_without_a_certain_date_is_refused(tmp_path: Path) -> None:
    text = "Domain,Date\na.test,03/04/2026\nb.test,soon\nc.test,\n"
    assert [row.reason for row in bad(write(tmp_path, text))] == [
        "The date “03/04/2026” can be read with the day or the month first: "
        "write it as YYYY-MM-DD.",
        "“soon” is not a date.",
        "The date is missing.",
    ]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-08-01", date(2026, 8, 1)),
        ("2026-08-01T10:00:00Z", date(2026, 8, 1)),
        ("Sep 15, 2026", date(2026, 9, 15)),
        ("15 September 2026", date(2026, 9, 15)),
        ("31/12/2026", date(2026, 12, 31)),
        ("03/03/2026", date(2026, 3, 3)),
        ("Sep 31, 2026", None),
        ("Foo 1, 2026", None),
        ("2026", None),
    ],
)
def test_dates_are_read_as_vendors_write_them(cell: str, expected: date | None) -> None:
    assert day(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1,240", 1240.0),
        ("1,240,000.5", 1240000.5),
        ("71.0", 71.0),
        ("71,5", 71.5),
        ("1.2M", 1_200_000.0),
        ("3k", 3_000.0),
        ("<1", 1.0),
        ("12%", 12.0),
        ("", None),
        ("-", None),
        ("-1", None),
        ("n/a", None),
        ("nan", None),
        ("1e999", None),
        ("1.2.3", None),
    ],
)
def test_numbers_are_read_as_vendors_write_them(cell: str, expected: float | None) -> None:
    assert values.number(cell) == expected


DANGEROUS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "|x",
    "%x",
    "＝1+1",
    "  =1",
]


@pytest.mark.parametrize("cell", DANGEROUS)
def test_a_formula_is_disarmed(cell: str) -> None:
    assert guard_cell(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-5", "+1,240.50", "-3%", "", "plain", "it's", "a=b", "1e5"])
def test_plain_text_and_numbers_are_left_alone(cell: str) -> None:
    assert guard_cell(cell) == cell


@given(
    st.text(alphabet=st.one_of(st.sampled_from("'=+-@|% \t\n＝5a"), st.characters()), max_size=20)
)
def test_guarding_loses_nothing(cell: str) -> None:
    guarded = guard_cell(cell)
    assert unguard_cell(guarded) == cell
    assert guard_cell(guarded).startswith("'") or guarded == cell


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=60)


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5))
def test_an_export_comes_back_as_it_was(rows: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sent = [(f"https://a.test/{at}", *texts) for at, texts in enumerate(rows)]
        path = Path(folder) / "export.csv"
        path.write_text("".join(csv_lines(("URL", "Title", "Topic"), sent)), "utf-8", newline="")
        back = [(row.url, row.title, row.topic) for row in parsed(path)]
    assert back == [(url, " ".join(a.split()), " ".join(b.split())) for url, a, b in sent]
