"""Notes call members, files are kept apart from our pages, and erasing a person takes both away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from outreach.accounts.words import Role
from outreach.activity.models import Blob
from outreach.activity.queries import timeline_of
from outreach.activity.services import BLOB_LIMIT, Subject, read_blob
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, Session, open_session
from outreach.core.errors import Forbidden, Invalid, NotFound
from outreach.desk.annotations import annotations_of, notes_on
from outreach.desk.in_use import prospects_in_use
from outreach.desk.mentions import unseen_mentions
from outreach.notes.models import Attachment, Mention, Note
from outreach.notes.queries import get_mention, get_note
from outreach.notes.rules import (
    Mentionable,
    called_in,
    media_type_of,
    pieces_of,
    safe_filename,
    tidy_body,
)
from outreach.notes.services import (
    attach_file,
    check_size,
    delete_attachment,
    delete_note,
    edit_note,
    restore_note,
    see_mention,
)
from outreach.prospects.models import Prospect
from outreach.workflows.annotate import (
    attach_to_record,
    fill_field,
    mentionable,
    note_record,
    tag_record,
    untag_record,
)
from outreach.workflows.clear_deleted import clear_deleted, is_anything_to_clear
from outreach.workflows.erase_person import erase_person
from tests.factories import make_member, make_prospect, make_workspace
from tests.factories_annotations import make_field, make_note, make_person, make_tag

NOW = utc_now()
JO = Mentionable(1, "Jo Adams", "jo.adams@outreach.example")
KIM = Mentionable(2, "Kim Berg", "kim@outreach.example")
OTHER_KIM = Mentionable(3, "Kim Cole", "kc@outreach.example")
PEOPLE = (JO, KIM, OTHER_KIM)


@pytest.mark.parametrize(
    ("body", "called"),
    [
        ("@jo.adams please look", {1}),
        ("Ask @Jo Adams, or @KIM BERG.", {1, 2}),
        ("@jo: yes", {1}),
        ("(@kc)", {3}),
        ("@kim", set()),  # a handle of one and the first name of two
        ("@jo.adamson is somebody else", set()),
        ("write to jo.adams@outreach.example", set()),
        ("x@jo, /@jo", set()),
        ("@nobody", set()),
    ],
)
def test_a_note_calls_whom_it_names_beyond_doubt(body: str, called: set[int]) -> None:
    assert called_in(body, PEOPLE) == called


def test_a_note_is_cut_into_words_calls_and_safe_links() -> None:
    body = "See https://example.org/a?b=1, @jo.adams!\njavascript:alert(1) http://localhost/x <b>"
    pieces = pieces_of(body, [JO])
    assert "".join(piece.text for piece in pieces) == body
    assert [piece.href for piece in pieces if piece.href] == ["https://example.org/a?b=1"]
    assert [piece.text for piece in pieces if piece.is_call] == ["@jo.adams"]


@pytest.mark.parametrize("body", ["", " \n\t ", "\u200b", "x" * 20_001])
def test_a_note_that_says_nothing_or_too_much_is_refused(body: str) -> None:
    with pytest.raises(Invalid):
        tidy_body(body)


def test_a_note_keeps_its_lines_and_loses_what_cannot_be_seen() -> None:
    assert tidy_body("\r\none \r\ntwo\x00\u202e\n\n") == "one\ntwo"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\plan.pdf", "plan.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ('a"b;c\r\nSet-Cookie: x.txt', "a_b;cSet-Cookie_ x.txt"),
        ("...", "file"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
        ("Übersicht 2026.xlsx", "Übersicht 2026.xlsx"),
    ],
)
def test_a_hostile_filename_becomes_a_harmless_one(given: str, name: str) -> None:
    assert safe_filename(given) == name


@pytest.mark.parametrize("name", ["x.html", "x.svg", "x.xhtml", "x.js", "x", "x.pdf.exe", "pdf"])
def test_what_a_browser_would_run_is_only_bytes(name: str) -> None:
    assert media_type_of(name) == "application/octet-stream"


def test_a_file_too_large_or_empty_is_refused_with_what_to_do() -> None:
    check_size("plan.pdf", BLOB_LIMIT)
    with pytest.raises(Invalid, match="larger than 2 MB"):
        check_size("plan.pdf", BLOB_LIMIT + 1)
    with pytest.raises(Invalid, match="empty"):
        check_size("plan.pdf", 0)


def test_a_mention_waits_for_the_person_until_they_have_seen_it(
    session: Session, database: Database, scope: Scope
) -> None:
    prospect = make_prospect(session, domain="garden.example")
    session.commit()
    colleague = make_member(database, scope, Role.MEMBER)
    stranger = make_workspace(database)
    them = next(each for each in mentionable(session) if each.id == colleague.user_id)
    assert stranger.user_id not in {each.id for each in mentionable(session)}

    subject = Subject("prospect", prospect.key)
    note = note_record(session, subject, f"@{them.handle} do you know them?", now=NOW)

    [line] = unseen_mentions(session, colleague.user_id)
    assert (line.note_id, line.about, line.words) == (
        note.key, "garden.example", f"@{them.handle} do you know them?"
    )  # fmt: skip
    assert unseen_mentions(session, scope.user_id) == []
    with pytest.raises(NotFound):
        get_mention(session, line.id, user_id=scope.user_id)
    see_mention(session, get_mention(session, line.id, user_id=colleague.user_id), now=NOW)
    assert unseen_mentions(session, colleague.user_id) == []


def test_an_answer_or_a_change_of_the_note_ends_the_waiting(
    session: Session, database: Database, scope: Scope
) -> None:
    prospect = make_prospect(session)
    session.commit()
    colleague = make_member(database, scope, Role.MEMBER)
    handle = next(each.handle for each in mentionable(session) if each.id == colleague.user_id)
    subject = Subject("prospect", prospect.key)
    note_record(session, subject, f"@{handle} one", now=NOW)
    second = note_record(session, subject, f"@{handle} two", now=NOW)
    edit_note(session, second, "two, for nobody", mentionable(session), now=NOW)
    assert len(unseen_mentions(session, colleague.user_id)) == 1
    session.commit()
    with database.writing(colleague) as theirs:
        note_record(theirs, subject, "Yes, I do.", now=NOW)
    assert unseen_mentions(session, colleague.user_id) == []


def test_a_deleted_note_calls_nobody_and_comes_back(
    session: Session, database: Database, scope: Scope
) -> None:
    prospect = make_prospect(session)
    session.commit()
    colleague = make_member(database, scope, Role.MEMBER)
    handle = next(each.handle for each in mentionable(session) if each.id == colleague.user_id)
    note = note_record(session, Subject("prospect", prospect.key), f"@{handle} look", now=NOW)
    delete_note(session, note, is_manager=False, now=NOW)
    assert unseen_mentions(session, colleague.user_id) == []
    assert notes_on(session, "prospect", prospect.key) == []
    with pytest.raises(NotFound):
        get_note(session, note.key)
    restore_note(session, note, is_manager=False, now=NOW)
    assert len(unseen_mentions(session, colleague.user_id)) == 1


def test_only_the_author_changes_a_note_and_a_manager_may_delete_it(session: Session) -> None:
    prospect = make_prospect(session)
    note = make_note(session, "prospect", prospect.key, user_id=None)
    with pytest.raises(Forbidden):
        edit_note(session, note, "mine now", [], now=NOW)
    with pytest.raises(Forbidden):
        delete_note(session, note, is_manager=False, now=NOW)
    delete_note(session, note, is_manager=True, now=NOW)
    assert note.deleted_at == NOW


def test_a_file_is_kept_once_and_read_back(session: Session) -> None:
    prospect = make_prospect(session)
    subject = Subject("prospect", prospect.key)
    one = attach_file(session, subject, "a.pdf", b"%PDF-1.7", now=NOW)
    two = attach_file(session, subject, "b.svg", b"%PDF-1.7", now=NOW)
    assert one.blob_id == two.blob_id
    assert (one.media_type, two.media_type) == ("application/pdf", "application/octet-stream")
    assert read_blob(session, two.blob_id) == b"%PDF-1.7"


def test_a_record_page_gathers_annotations_in_four_statements(
    session: Session, count_statements: object
) -> None:
    prospect = make_prospect(session)
    subject = Subject("prospect", prospect.key)
    tag_record(session, subject, "one, two", now=NOW)
    make_tag(session, "three")
    field = make_field(session)
    fill_field(session, subject, field.key, "12", now=NOW)
    note_record(session, subject, "First.\nSecond.", now=NOW)
    attach_to_record(session, subject, "plan.pdf", b"x", now=NOW)
    assert callable(count_statements)
    count_statements()

    found = annotations_of(session, "prospect", prospect.key)

    assert len(count_statements()) <= 4
    assert [tag.name for tag in found.tags] == ["one", "two"]
    assert found.offered_tags == ["three"]
    assert [note.body for note in found.notes] == ["First.\nSecond."]
    assert [(file.filename, file.size) for file in found.files] == [("plan.pdf", "1 byte")]
    assert [(each.field.name, each.text) for each in found.values] == [("Price", "12")]


def test_everything_is_told_in_the_timeline_and_marks_the_search(session: Session) -> None:
    prospect = make_prospect(session, is_search_stale=False)
    subject = Subject("prospect", prospect.key)
    [tag] = tag_record(session, subject, "paid", now=NOW)
    untag_record(session, subject, tag.key, now=NOW)
    note_record(session, subject, "Hello", now=NOW)
    attach_to_record(session, subject, "plan.pdf", b"x", now=NOW)
    told = [line.sentence for line in timeline_of(session, "prospect", prospect.key)]
    assert sorted(told) == [
        "Attached “plan.pdf”.", "Tagged it “paid”.", "Took the tag “paid” off.", "Wrote a note.",
    ]  # fmt: skip
    session.expire_all()
    assert session.exec(select(Prospect.is_search_stale)).one() is True


@pytest.mark.parametrize(
    "kind", ["prospect", "contact", "asset", "campaign", "conversation", "tag"]
)
def test_what_is_not_here_cannot_be_annotated(session: Session, kind: str) -> None:
    subject = Subject(kind, 999_999)
    with pytest.raises(NotFound):
        note_record(session, subject, "Hello", now=NOW)
    with pytest.raises(NotFound):
        attach_to_record(session, subject, "a.txt", b"x", now=NOW)


def test_a_prospect_somebody_annotated_is_in_use(session: Session) -> None:
    noted, filed, filled, free = (make_prospect(session).key for _ in range(4))
    make_note(session, "prospect", noted)
    attach_file(session, Subject("prospect", filed), "a.txt", b"x", now=NOW)
    fill_field(session, Subject("prospect", filled), make_field(session).key, "1", now=NOW)
    assert prospects_in_use(session, {noted, filed, filled, free}) == {noted, filed, filled}


def test_what_was_deleted_is_gone_for_good_after_a_day(
    session: Session, database: Database
) -> None:
    prospect, tag = make_prospect(session), make_tag(session)
    subject = Subject("prospect", prospect.key)
    tag_record(session, subject, tag.name, now=NOW)
    gone, kept = (attach_file(session, subject, n, n.encode(), now=NOW) for n in ("a.txt", "b.txt"))
    delete_attachment(session, gone, is_manager=False, now=NOW)
    note = make_note(session, "prospect", prospect.key)
    delete_note(session, note, is_manager=False, now=NOW)
    tag.deleted_at = NOW
    session.commit()
    soon, late = NOW + timedelta(hours=23), NOW + timedelta(hours=25)
    assert not is_anything_to_clear(database, soon)
    assert clear_deleted(database, now=soon) == 0
    assert is_anything_to_clear(database, late)

    assert clear_deleted(database, now=late) == 3

    with open_session(database, session.scope, readonly=True) as after:
        assert after.exec(select(Note)).all() == []
        assert [file.filename for file in after.exec(select(Attachment))] == ["b.txt"]
        assert [blob.key for blob in after.exec(select(Blob))] == [kept.blob_id]
    assert not is_anything_to_clear(database, late)


def test_erasing_a_person_takes_their_notes_files_tags_and_values(
    session: Session, database: Database, scope: Scope
) -> None:
    person, prospect = make_person(session, "Rosa Blum"), make_prospect(session)
    subject = Subject("contact", person.key)
    note_record(session, subject, "Likes tea", now=NOW)
    attach_to_record(session, subject, "cv.pdf", b"all about them", now=NOW)
    tag_record(session, subject, "tea", now=NOW)
    make_note(session, "prospect", prospect.key, body="Rosa Blum edits this")
    session.commit()

    erase_person(database, scope, person.key, now=NOW)

    with open_session(database, scope, readonly=True) as after:
        found = annotations_of(after, "contact", person.key)
        assert (found.notes, found.files, found.tags) == ([], [], [])
        assert after.exec(select(Blob)).all() == []
        [left] = after.exec(select(Note)).all()
        assert "Rosa" not in left.body
        assert after.exec(select(Mention)).all() == []
