"""Custom fields: values are read by their kind, and a field's kind changes with its values."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import col, select

from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, Session
from outreach.core.errors import Conflict, Invalid
from outreach.fields.models import CustomField, CustomValue
from outreach.fields.queries import (
    ValueOp,
    all_fields,
    fields_of,
    get_field,
    value_condition,
    values_on,
)
from outreach.fields.rules import read_value
from outreach.fields.services import add_field, archive_field, edit_field, move_field, set_value
from outreach.fields.words import FieldKind, FieldSubject
from outreach.notes.models import Note
from outreach.prospects.models import Prospect
from outreach.workflows.convert_field import Change, change_of, convert_field, preview_change
from tests.factories import make_prospect
from tests.factories_annotations import make_field

NOW = utc_now()
NUMBER, DATE, CHOICE, URL, TEXT = (
    FieldKind.NUMBER, FieldKind.DATE, FieldKind.CHOICE, FieldKind.URL, FieldKind.TEXT,
)  # fmt: skip


@pytest.mark.parametrize(
    ("given", "number", "text"),
    [
        ("1,240.5", 1240.5, "1,240.5"),
        ("1240.50", 1240.5, "1,240.5"),
        ("1 240", 1240, "1,240"),
        ("−3", -3, "-3"),
        ("+7", 7, "7"),
        ("0.1", 0.1, "0.1"),
    ],
)
def test_a_number_is_read_as_people_write_it(given: str, number: float, text: str) -> None:
    value = read_value(NUMBER, given)
    assert (value.number, value.text) == (number, text)


@pytest.mark.parametrize(
    "given", ["n/a", "1,24", "12,3456", "1.2.3", "1e5", "0x10", "９x", "1e400"]
)
def test_what_is_no_certain_number_is_refused_with_an_example(given: str) -> None:
    with pytest.raises(Invalid, match=r"1,240\.5"):
        read_value(NUMBER, given)


@pytest.mark.parametrize(
    ("given", "day"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        ("20 Nov 2026", date(2026, 11, 20)),
        ("November 20, 2026", date(2026, 11, 20)),
        ("25/12/2026", date(2026, 12, 25)),
        ("12/25/2026", date(2026, 12, 25)),
        ("03/03/2026", date(2026, 3, 3)),
    ],
)
def test_a_date_is_read_where_it_can_be_only_one_day(given: str, day: date) -> None:
    value = read_value(DATE, given)
    assert (value.on_date, value.text) == (day, day.isoformat())


@pytest.mark.parametrize("given", ["03/04/2026", "3.4.2026"])
def test_a_date_that_could_be_two_days_is_refused(given: str) -> None:
    with pytest.raises(Invalid, match="two days"):
        read_value(DATE, given)


@pytest.mark.parametrize("given", ["soon", "2026-13-01", "31/31/2026", "20 Nov", "2026-02-30"])
def test_what_is_no_date_is_refused(given: str) -> None:
    with pytest.raises(Invalid, match="not a date"):
        read_value(DATE, given)


@pytest.mark.parametrize(
    "given", ["javascript:alert(1)", "data:text/html,x", "ftp://x.example", "nonsense", "//"]
)
def test_only_web_addresses_are_web_addresses(given: str) -> None:
    with pytest.raises(Invalid, match="not a web address"):
        read_value(URL, given)


def test_a_choice_is_found_whatever_its_case() -> None:
    assert read_value(CHOICE, "gold", ["Gold", "Silver"]).text == "Gold"
    with pytest.raises(Invalid, match="Gold, Silver"):
        read_value(CHOICE, "tin", ["Gold", "Silver"])


def test_a_value_is_set_changed_and_emptied_with_its_number_in_step(session: Session) -> None:
    prospect, field = make_prospect(session), make_field(session, "Price", NUMBER)
    assert set_value(session, field, prospect.key, "900", now=NOW) == ""
    assert set_value(session, field, prospect.key, "1,240.5", now=NOW) == "900"
    [row] = session.exec(select(CustomValue)).all()
    assert (row.text, row.number, row.prospect_id) == ("1,240.5", 1240.5, prospect.key)
    with pytest.raises(Invalid):
        set_value(session, field, prospect.key, "a lot", now=NOW)
    assert set_value(session, field, prospect.key, "  ", now=NOW) == "1,240.5"
    assert [each.text for each in values_on(session, FieldSubject.PROSPECT, prospect.key)] == [""]


def test_fields_keep_their_order_and_hide_while_archived(session: Session) -> None:
    price, due, rating = (make_field(session, name) for name in ("Price", "Due", "Rating"))
    move_field(session, rating, -1)
    move_field(session, price, -1)  # it is the first already
    names = [field.name for field in fields_of(session, FieldSubject.PROSPECT)]
    assert names == ["Price", "Rating", "Due"]
    archive_field(session, due, is_archived=True, now=NOW)
    assert [each.field.name for each in values_on(session, FieldSubject.PROSPECT, 1)] == [
        "Price",
        "Rating",
    ]
    assert len(all_fields(session)) == 3
    with pytest.raises(Conflict, match="archived"):
        set_value(session, due, 1, "x", now=NOW)
    with pytest.raises(Conflict, match="restore it"):
        add_field(session, FieldSubject.PROSPECT, "DUE", TEXT, now=NOW)


def test_a_choice_taken_away_stays_where_it_was_chosen(session: Session) -> None:
    prospect = make_prospect(session)
    field = make_field(session, "Rating", CHOICE, choices=("Gold", "Silver", "Tin"))
    set_value(session, field, prospect.key, "gold", now=NOW)
    left = edit_field(session, field, name="Rating", choices=["Silver", "Copper"], now=NOW)
    assert left == [("Gold", 1)]
    assert set_value(session, field, prospect.key, "Gold", now=NOW) == "Gold"
    with pytest.raises(Invalid):
        set_value(session, field, make_prospect(session).key, "Gold", now=NOW)


def _found(session: Session, field: CustomField, op: ValueOp, given: str = "") -> list[str]:
    condition = value_condition(field, op, given, record=col(Prospect.id))
    return sorted(session.exec(select(Prospect.domain).where(condition)))


def test_lists_are_narrowed_by_a_fields_value(session: Session) -> None:
    field = make_field(session, "Price", NUMBER)
    due = make_field(session, "Due", DATE)
    text = make_field(session, "Editor", TEXT)
    cheap, dear = (
        make_prospect(session, domain="a.example"),
        make_prospect(session, domain="b.example"),
    )
    make_prospect(session, domain="c.example")
    for prospect, price, day, name in (
        (cheap, "90", "2026-01-05", "Rosa Blum"),
        (dear, "1,240.5", "2026-03-05", "Max 100%"),
    ):
        for each, value in ((field, price), (due, day), (text, name)):
            set_value(session, each, prospect.key, value, now=NOW)
    assert _found(session, field, ValueOp.AT_LEAST, "100") == ["b.example"]
    assert _found(session, field, ValueOp.IS, "1240.50") == ["b.example"]
    assert _found(session, field, ValueOp.IS_NOT, "90") == ["b.example", "c.example"]
    assert _found(session, due, ValueOp.AT_MOST, "1 Feb 2026") == ["a.example"]
    assert _found(session, text, ValueOp.CONTAINS, "BLUM") == ["a.example"]
    assert _found(session, text, ValueOp.CONTAINS, "%") == ["b.example"]
    assert _found(session, field, ValueOp.IS_EMPTY) == ["c.example"]
    assert _found(session, field, ValueOp.IS_SET) == ["a.example", "b.example"]
    with pytest.raises(Invalid):
        _found(session, text, ValueOp.AT_LEAST, "x")


def _texts(session: Session, texts: list[str]) -> CustomField:
    field = make_field(session, "Price")
    for text in texts:
        set_value(session, field, make_prospect(session).key, text, now=NOW)
    session.commit()
    return field


def test_a_change_of_kind_is_told_with_what_does_not_convert(session: Session) -> None:
    field = _texts(session, ["10", "1,000", "n/a", "n/a", "ask"])
    preview = preview_change(session, field, Change(NUMBER))
    assert (preview.total, preview.converting, preview.losing) == (5, 2, 3)
    assert preview.lost == [("n/a", 2), ("ask", 1)]


@pytest.mark.parametrize("keeps", [True, False])
def test_values_convert_and_the_rest_is_kept_in_notes_or_removed(
    session: Session, database: Database, scope: Scope, keeps: bool
) -> None:
    field = _texts(session, ["10", "1,000", "n/a"])
    change = change_of(NUMBER, [], keeps_in_notes=keeps)

    done = convert_field(database, scope, field.key, change, losing=1, now=NOW)

    session.expire_all()
    assert (done.converting, done.losing) == (2, 1)
    assert get_field(session, field.key).kind is NUMBER
    rows = session.exec(select(CustomValue).order_by(col(CustomValue.id))).all()
    assert [(row.text, row.number) for row in rows] == [("10", 10.0), ("1,000", 1000.0)]
    notes = [note.body for note in session.exec(select(Note))]
    assert notes == (["Price: n/a"] if keeps else [])


def test_nothing_converts_when_more_would_be_lost_than_was_said(
    session: Session, database: Database, scope: Scope
) -> None:
    field = _texts(session, ["10", "n/a"])
    with pytest.raises(Conflict, match="Look once more"):
        convert_field(database, scope, field.key, Change(NUMBER), losing=0, now=NOW)
    session.expire_all()
    assert get_field(session, field.key).kind is TEXT
    assert len(session.exec(select(CustomValue)).all()) == 2


def test_a_conversion_back_to_text_loses_nothing(
    session: Session, database: Database, scope: Scope
) -> None:
    field = _texts(session, ["2026-11-20", "20 Nov 2026"])
    convert_field(database, scope, field.key, Change(DATE), losing=0, now=NOW)
    convert_field(database, scope, field.key, Change(TEXT), losing=0, now=NOW)
    session.expire_all()
    rows = session.exec(select(CustomValue)).all()
    assert [(row.text, row.on_date) for row in rows] == [("2026-11-20", None)] * 2


def test_a_field_to_choose_in_needs_choices() -> None:
    with pytest.raises(Invalid, match="choice"):
        change_of(CHOICE, ["", " "], keeps_in_notes=True)
