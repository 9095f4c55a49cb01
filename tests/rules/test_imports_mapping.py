"""A table nobody knows is read as a person says, by the very same parsing."""

from __future__ import annotations

from pathlib import Path

import pytest

from outreach.imports.mapping import (
    TARGETS,
    ColumnMap,
    Target,
    guess,
    guess_kind,
    header_key,
    mapped_layout,
)
from outreach.imports.parsing import read_rows
from outreach.imports.recognition import UnknownLayout, read_sample, recognise
from outreach.imports.rows import BadRow, ParsedRow, RowKind
from outreach.imports.sampling import TableSample
from tests.rules.test_imports_recognition import write

UNKNOWN = (
    "Prospectus;Wo;Wer;Schreib an;Stärke (DR);Gefunden;Stufe\n"
    "Soil;https://garden.example/soil;Ann Lee;ann@garden.example;71;2026-01-02;neu\n"
    "Bees;https://bees.example/x;Bo Day;bo@bees.example;44;2026-01-03;alt\n"
)


def sample_of(folder: Path, text: str) -> TableSample:
    with pytest.raises(UnknownLayout) as unknown:
        recognise(write(folder, text))
    return unknown.value.sample


def test_an_unknown_table_brings_what_the_mapper_shows(tmp_path: Path) -> None:
    sample = sample_of(tmp_path, UNKNOWN)
    assert (sample.delimiter, sample.file.encoding, sample.header_line) == (";", "utf-8", 1)
    assert sample.headers[:3] == ("Prospectus", "Wo", "Wer")
    assert sample.examples(4) == ("71", "44")


def test_columns_are_guessed_by_their_values_where_headers_say_nothing(tmp_path: Path) -> None:
    guesses = guess(sample_of(tmp_path, UNKNOWN))
    found = {column.header: column.field for column in guesses}
    assert found["Wo"] == "url"
    assert found["Schreib an"] == "email"
    assert found["Stärke (DR)"] == "ahrefs_dr"
    assert guesses[1].examples == ("https://garden.example/soil", "https://bees.example/x")
    assert guess_kind(guesses) is RowKind.PARTNER


def test_a_header_is_believed_only_where_its_values_fit(tmp_path: Path) -> None:
    text = "Contact;Blog url;Country;Lang;Moz DA;Publisher\n"
    text += "ann@a.example;a.example/x;Germany;de;12;words of a name\n" * 3
    text = text.replace("Contact", "Ansprechpartner").replace("Publisher", "Colour")
    found = {column.header: column.field for column in guess(sample_of(tmp_path, text))}
    assert found == {
        "Ansprechpartner": "email",
        "Blog url": "url",
        "Country": "country",
        "Lang": "language",
        "Moz DA": "moz_da",
        "Colour": "",
    }


def test_no_field_is_guessed_twice(tmp_path: Path) -> None:
    text = "Eins;Zwei;Drei\n" + "https://a.example/x;https://b.example/y;https://c.example/z\n" * 2
    fields = [column.field for column in guess(sample_of(tmp_path, text))]
    assert fields == ["url", "target_url", ""]


def test_a_mapped_table_goes_through_the_same_parsing(tmp_path: Path) -> None:
    path = write(tmp_path, UNKNOWN + "x;no address;;;;;\n")
    mapping = ColumnMap(
        RowKind.PARTNER,
        {
            "url": "Wo",
            "title": "Prospectus",
            "name": "Wer",
            "email": "Schreib an",
            "ahrefs_dr": "Stärke (DR)",
            "status": "Stufe",
        },
    )
    found = recognise(path, mapping=mapping)
    first, second, refused = read_rows(found)
    assert isinstance(first, ParsedRow)
    assert first.person is not None
    assert (first.title, first.person.name, first.email) == (
        "Soil",
        "Ann Lee",
        "ann@garden.example",
    )
    assert (first.status, first.site_metrics) == ("neu", {("ahrefs", "dr"): 71.0})
    assert second.line == 3
    assert isinstance(refused, BadRow)
    assert refused.reason == "“no address” is not a web address."


def test_a_table_without_a_header_can_be_mapped(tmp_path: Path) -> None:
    path = write(tmp_path, "https://a.example/x\tA\nhttps://b.example/y\tB\n")
    mapping = ColumnMap(RowKind.PAGE, {"url": "Column 1", "title": "Column 2"})
    rows = list(read_rows(recognise(path, mapping=mapping)))
    assert [(row.line, row.title) for row in rows if isinstance(row, ParsedRow)] == [
        (1, "A"),
        (2, "B"),
    ]


def test_columns_of_one_name_stay_apart(tmp_path: Path) -> None:
    path = write(tmp_path, "Wo;Was;Was;\nhttps://a.example/;eins;zwei;drei\n")
    sample = read_sample(path)
    assert sample.headers == ("Wo", "Was", "Was column 3", "Column 4")
    mapping = ColumnMap(RowKind.PAGE, {"url": "Wo", "title": "Was column 3", "topic": "Column 4"})
    (row,) = read_rows(recognise(path, mapping=mapping))
    assert isinstance(row, ParsedRow)
    assert (row.title, row.topic) == ("zwei", "drei")


def test_a_mapping_of_another_header_is_not_used(tmp_path: Path) -> None:
    with pytest.raises(UnknownLayout):
        recognise(write(tmp_path, UNKNOWN), mapping=ColumnMap(RowKind.PAGE, {"url": "Elsewhere"}))


def test_a_header_is_remembered_by_its_words(tmp_path: Path) -> None:
    assert header_key(["Wo", "Wer"]) == header_key([" wo ", "WER"])
    assert header_key(["Wo", "Wer"]) != header_key(["Wer", "Wo"])
    with pytest.raises(UnknownLayout) as unknown:
        recognise(write(tmp_path, UNKNOWN))
    assert unknown.value.header_key == header_key(unknown.value.sample.headers)
    assert len(unknown.value.header_key) == 64


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.field)
def test_every_target_fills_something(target: Target) -> None:
    kind = min(target.kinds, key=str)
    layout = mapped_layout({target.field: "Here"}, kind)
    filled = [*layout.columns, *layout.site_metrics, *layout.profiles]
    assert len(filled) == 1
    assert layout.signature == ("here",)
