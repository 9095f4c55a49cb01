"""What people put beside a record is among the words it is found by: notes, tags, own fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlmodel import select

from outreach.activity.services import Subject
from outreach.contacts.search import SEARCHED_CONTACTS
from outreach.core.clock import utc_now
from outreach.core.words import parse_question
from outreach.fields.words import FieldSubject
from outreach.notes.services import delete_note
from outreach.prospects.search import SEARCHED_PROSPECTS
from outreach.tags.queries import get_tag
from outreach.tags.services import delete_tag, edit_tag
from outreach.tags.words import TagTone
from outreach.workflows.annotate import (
    fill_field,
    mark_searched_anew,
    note_record,
    tag_record,
    untag_record,
)
from outreach.workflows.index_words import index_tagged_anew, index_words
from tests import factories
from tests.factories_annotations import make_field, make_person

if TYPE_CHECKING:
    from outreach.core.db import Database, Scope

NOW = utc_now()
TABLES = {"prospect": SEARCHED_PROSPECTS, "contact": SEARCHED_CONTACTS}


@pytest.fixture(params=TABLES)
def subject(database: Database, scope: Scope, request: pytest.FixtureRequest) -> Subject:
    with database.writing(scope) as session:
        if request.param == "prospect":
            key = factories.make_prospect(session, domain="one.example").key
        else:
            key = make_person(session).key
        return Subject(request.param, key)


def _is_found(database: Database, scope: Scope, subject: Subject, text: str) -> bool:
    index_words(database, scope, 1_000)
    table = TABLES[subject.kind]
    with database.reading(scope) as session:
        plan = table.plan(session, parse_question(text))
        assert not plan.changed
        keys = (table.model.id,)
        rows = plan.first_rows(session, select(keys[0]), keys, keys[0], 10)
    return [row[0] for row in rows] == [subject.id]


def test_a_note_is_searched_until_it_is_deleted(
    database: Database, scope: Scope, subject: Subject
) -> None:
    with database.writing(scope) as session:
        note = note_record(session, subject, "Loves wheelbarrows", now=NOW)
    assert _is_found(database, scope, subject, "wheelbarrows")
    with database.writing(scope) as session:
        delete_note(session, session.merge(note), is_manager=True, now=NOW)
        mark_searched_anew(session, subject)
    assert not _is_found(database, scope, subject, "wheelbarrows")


def test_a_tag_is_searched_by_the_name_it_has_now(
    database: Database, scope: Scope, subject: Subject
) -> None:
    with database.writing(scope) as session:
        [tag] = tag_record(session, subject, "Evergreen", now=NOW)
    assert _is_found(database, scope, subject, "evergreen")
    with database.writing(scope) as session:
        edit_tag(session, get_tag(session, tag.key), name="Perennial", tone=TagTone(""), now=NOW)
    index_tagged_anew(database, scope, tag.key)
    assert _is_found(database, scope, subject, "perennial")
    assert not _is_found(database, scope, subject, "evergreen")
    with database.writing(scope) as session:
        delete_tag(session, get_tag(session, tag.key), now=NOW)
    index_tagged_anew(database, scope, tag.key)
    assert not _is_found(database, scope, subject, "perennial")


def test_a_tag_taken_off_is_not_searched(
    database: Database, scope: Scope, subject: Subject
) -> None:
    with database.writing(scope) as session:
        [tag] = tag_record(session, subject, "Evergreen", now=NOW)
    assert _is_found(database, scope, subject, "evergreen")
    with database.writing(scope) as session:
        untag_record(session, subject, tag.key, now=NOW)
    assert not _is_found(database, scope, subject, "evergreen")


def test_a_field_of_ones_own_is_searched(
    database: Database, scope: Scope, subject: Subject
) -> None:
    with database.writing(scope) as session:
        field = make_field(session, "Soil", subject=FieldSubject(subject.kind))
        fill_field(session, subject, field.key, "Loamy clay", now=NOW)
    assert _is_found(database, scope, subject, "clay")
    with database.writing(scope) as session:
        fill_field(session, subject, field.key, "", now=NOW)
    assert not _is_found(database, scope, subject, "clay")
