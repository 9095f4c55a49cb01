"""Tags, notes, files and custom fields in the browser's words: forms, refusals, undo, roles."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from outreach.accounts.words import Role
from outreach.activity.services import BLOB_LIMIT
from outreach.contacts.models import Contact
from outreach.core.db import Database, Scope
from outreach.fields.models import CustomField, CustomValue
from outreach.fields.words import FieldKind, FieldSubject
from outreach.notes.models import Attachment, Mention, Note
from outreach.tags.models import Tag
from tests.factories import make_member, make_workspace
from tests.factories_annotations import make_field, make_person, make_tag
from tests.web.conftest import browser_of


@pytest.fixture
def contact_id(database: Database, scope: Scope) -> int:
    with database.writing(scope) as session:
        return make_person(session).key


def undo_url(page: str) -> str:
    found = re.search(r'<form class="button-form" method="post" action="([^"]+)">\s*<input[^>]+>\s*'
                      r'<button class="button button--small" data-key="u"', page)  # fmt: skip
    assert found, "no undo on the page"
    return found.group(1).replace("&amp;", "&")


def rows(database: Database, scope: Scope, table: type) -> list:  # type: ignore[type-arg]
    with database.reading(scope) as session:
        return list(session.exec(select(table)).all())


def test_a_record_is_tagged_by_typing_and_untagged_with_undo(
    client: FlaskClient, contact_id: int
) -> None:
    about = f"contact:{contact_id}"
    client.post("/tags/uses", data={"about": about, "name": "Guest Post, paid"})
    page = client.get(f"/contacts/{contact_id}").text
    assert "Guest Post" in page
    assert "paid" in page
    tag_id = re.search(r"/tags/(\d+)/removal", page)
    assert tag_id

    answer = client.post(tag_id.group(0), data={"about": about}, follow_redirects=True)

    assert "Took the tag “Guest Post” off." in answer.text
    assert "Take the tag Guest Post off" not in answer.text
    back = client.post(undo_url(answer.text), follow_redirects=True)
    assert "Take the tag Guest Post off" in back.text


def test_tagging_from_the_page_draws_only_its_block_anew(
    client: FlaskClient, contact_id: int
) -> None:
    hx = {"HX-Request": "true"}
    data = {"about": f"contact:{contact_id}", "name": "paid"}
    answer = client.post("/tags/uses", data=data, headers=hx)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "Take the tag paid off" in answer.text
    wrong = client.post("/tags/uses", data={**data, "name": "x" * 61}, headers=hx)
    assert wrong.status_code == 422
    assert "at most 60 characters" in wrong.text


def test_tags_are_made_renamed_and_refused_a_taken_name(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    client.post("/tags/", data={"name": "paid", "tone": "warn"})
    client.post("/tags/", data={"name": "free"})
    ids = {tag.name: tag.key for tag in rows(database, scope, Tag)}
    refused = client.post(f"/tags/{ids['free']}", data={"name": "PAID", "tone": ""})
    assert refused.status_code == 422
    assert "Merge the two" in refused.text
    client.post(f"/tags/{ids['free']}", data={"name": "Free", "tone": "good"})
    assert {(tag.name, tag.tone) for tag in rows(database, scope, Tag)} == {
        ("paid", "warn"),
        ("Free", "good"),
    }


def test_tags_are_merged_by_managers_and_deleted_with_undo(
    client: FlaskClient,
    client_as: Callable[[Role], FlaskClient],
    database: Database,
    scope: Scope,
    contact_id: int,
) -> None:
    client.post("/tags/uses", data={"about": f"contact:{contact_id}", "name": "one, two"})
    ids = {tag.name: tag.key for tag in rows(database, scope, Tag)}
    merge = f"/tags/{ids['one']}/merge"
    assert client_as(Role.MEMBER).post(merge, data={"into": ids["two"]}).status_code == 403
    answer = client.post(merge, data={"into": ids["two"]}, follow_redirects=True)
    assert "Merged “one” into “two”: 1 record." in answer.text
    gone = client.post(f"/tags/{ids['two']}/deletion", follow_redirects=True)
    assert "No tags yet" in gone.text
    back = client.post(undo_url(gone.text), follow_redirects=True)
    assert "The tag “two” is back." in back.text
    assert "two" in client.get(f"/contacts/{contact_id}").text


def test_a_note_is_written_shown_safely_changed_and_deleted(
    client: FlaskClient, database: Database, scope: Scope, contact_id: int
) -> None:
    body = "<script>alert(1)</script>\nsee https://example.org/a and javascript:x"
    answer = client.post("/notes/", data={"about": f"contact:{contact_id}", "body": body})
    [note] = rows(database, scope, Note)
    assert answer.location.endswith(f"/contacts/{contact_id}#note-{note.key}")
    page = client.get(f"/contacts/{contact_id}").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert '<a href="https://example.org/a" rel="noreferrer noopener nofollow"' in page
    assert 'href="javascript' not in page
    client.post(f"/notes/{note.key}", data={"body": "Better."})
    assert [row.body for row in rows(database, scope, Note)] == ["Better."]
    gone = client.post(f"/notes/{note.key}/deletion", follow_redirects=True)
    assert "Better." not in gone.text
    assert "Better." in client.post(undo_url(gone.text), follow_redirects=True).text


def test_an_empty_note_is_refused_with_a_sentence(client: FlaskClient, contact_id: int) -> None:
    answer = client.post("/notes/", data={"about": f"contact:{contact_id}", "body": "  "})
    assert answer.status_code == 422
    assert "Write something first." in answer.text


def test_a_colleague_neither_changes_nor_deletes_anothers_note_but_a_manager_deletes_it(
    client_as: Callable[[Role], FlaskClient],
    database: Database,
    scope: Scope,
    contact_id: int,
) -> None:
    author, member, manager = (client_as(role) for role in (Role.MEMBER, Role.MEMBER, Role.MANAGER))
    author.post("/notes/", data={"about": f"contact:{contact_id}", "body": "Mine"})
    [note] = rows(database, scope, Note)
    assert member.get(f"/notes/{note.key}/edit").status_code == 403
    assert member.post(f"/notes/{note.key}", data={"body": "No"}).status_code == 403
    assert member.post(f"/notes/{note.key}/deletion").status_code == 403
    assert manager.post(f"/notes/{note.key}", data={"body": "No"}).status_code == 403
    assert manager.post(f"/notes/{note.key}/deletion").status_code == 303


def test_a_mention_is_in_todays_list_of_the_one_it_calls_until_seen(
    app: Flask, client: FlaskClient, database: Database, scope: Scope, contact_id: int
) -> None:
    colleague = browser_of(app, database, make_member(database, scope, Role.VIEWER))
    handle = client.get("/notes/people").get_json()[1]["handle"]
    client.post("/notes/", data={"about": f"contact:{contact_id}", "body": f"@{handle} hello"})
    [mention] = rows(database, scope, Mention)
    mine, theirs = client.get("/").text, colleague.get("/").text
    called = colleague if "calls you" in theirs else client
    page = theirs if called is colleague else mine
    assert ("calls you" in mine) != ("calls you" in theirs)
    assert f"/contacts/{contact_id}#note-{mention.note_id}" in page
    other = client if called is colleague else colleague
    assert other.post(f"/notes/mentions/{mention.key}/seen").status_code == 404
    seen = called.post(f"/notes/mentions/{mention.key}/seen", follow_redirects=True)
    assert "calls you" not in seen.text
    assert "calls you" in called.post(undo_url(seen.text), follow_redirects=True).text


def attach(client: FlaskClient, contact_id: int, name: str, data: bytes) -> object:
    """Send a form as a browser does; the test client would leave a large one in an open file."""
    head = 'Content-Disposition: form-data; name="{}"{}\r\n\r\n'
    body = "--edge\r\n" + head.format("about", "") + f"contact:{contact_id}\r\n--edge\r\n"
    body += head.format("file", f'; filename="{name}"')
    return client.post(
        "/attachments/",
        input_stream=io.BytesIO(body.encode() + data + b"\r\n--edge--\r\n"),
        content_type="multipart/form-data; boundary=edge",
        follow_redirects=True,
    )


def test_a_file_is_attached_downloaded_deleted_and_brought_back(
    client: FlaskClient, database: Database, scope: Scope, contact_id: int
) -> None:
    attach(client, contact_id, "../Übersicht <1>.html", b"<script>alert(1)</script>")
    [file] = rows(database, scope, Attachment)
    assert file.filename == "Übersicht _1_.html"

    answer = client.get(f"/attachments/{file.key}")

    assert answer.data == b"<script>alert(1)</script>"
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"_bersicht _1_.html\"; filename*=UTF-8''%C3%9Cbersicht%20_1_.html"
    )
    gone = client.post(f"/attachments/{file.key}/deletion", follow_redirects=True)
    assert client.get(f"/attachments/{file.key}").status_code == 404
    client.post(undo_url(gone.text))
    assert client.get(f"/attachments/{file.key}").status_code == 200


def test_a_file_over_the_limit_or_none_at_all_is_refused_with_a_sentence(
    client: FlaskClient, database: Database, scope: Scope, contact_id: int
) -> None:
    big = attach(client, contact_id, "plan.pdf", b"x" * (BLOB_LIMIT + 1))
    assert "“plan.pdf” is larger than 2 MB." in getattr(big, "text", "")
    none = client.post("/attachments/", data={"about": f"contact:{contact_id}"})
    assert none.status_code == 422
    assert "Choose a file." in none.text
    assert rows(database, scope, Attachment) == []


def test_a_field_is_added_and_filled_in_place(
    client: FlaskClient, database: Database, scope: Scope, contact_id: int
) -> None:
    data = {"subject": "contact", "name": "Day rate", "kind": "number"}
    client.post("/fields/", data=data)
    [field] = rows(database, scope, CustomField)
    about = {"about": f"contact:{contact_id}"}
    saved = client.post(
        f"/fields/{field.key}/values", data={**about, "value": "1240.5"}, follow_redirects=True
    )
    assert "1,240.5" in saved.text
    wrong = client.post(f"/fields/{field.key}/values", data={**about, "value": "a lot"})
    assert wrong.status_code == 422
    assert "“a lot” is not a number. Write it like 1,240.5" in wrong.text
    hx = {"HX-Request": "true"}
    row = client.post(f"/fields/{field.key}/values", data={**about, "value": "x"}, headers=hx)
    assert (row.status_code, "<html" in row.text) == (422, False)
    client.post(undo_url(saved.text))
    assert rows(database, scope, CustomValue) == []


def test_a_field_of_other_records_or_of_nobodys_is_not_filled(
    client: FlaskClient, database: Database, scope: Scope, contact_id: int
) -> None:
    with database.writing(scope) as session:
        field_id = make_field(session).key
    url = f"/fields/{field_id}/values"
    wrong = client.post(url, data={"about": f"contact:{contact_id}", "value": "1"})
    assert wrong.status_code == 422
    assert client.post(url, data={"about": "prospect:999999", "value": "1"}).status_code == 404
    assert client.post(url, data={"about": "user:1", "value": "1"}).status_code == 404


def test_fields_are_ordered_renamed_archived_and_restored(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        first, second = make_field(session, "First").key, make_field(session, "Second").key
    client.post(f"/fields/{second}/place", data={"to": "up"})
    page = client.get("/fields/").text
    assert page.index("Second") < page.index("First")
    taken = client.post(f"/fields/{first}", data={"name": "second"})
    assert taken.status_code == 422
    assert "is there already" in taken.text
    gone = client.post(f"/fields/{first}/archive?archived=1", follow_redirects=True)
    assert "archived" in gone.text
    client.post(undo_url(gone.text))
    assert not any(field.is_archived for field in rows(database, scope, CustomField))


def test_changing_what_a_field_holds_asks_with_counts_and_examples_first(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        field = make_field(session, "Rate", subject=FieldSubject.CONTACT)
        people = [make_person(session, f"Person {number}").key for number in range(4)]
    for contact_id, value in zip(people, ["1", "2,000", "n/a", "n/a"], strict=True):
        data = {"about": f"contact:{contact_id}", "value": value}
        client.post(f"/fields/{field.key}/values", data=data)
    url = f"/fields/{field.key}/kind"

    asked = client.get(url, query_string={"kind": "number"})

    assert "Of 4 values 2 convert; 2 do not:" in asked.text
    assert "“n/a” (2)" in asked.text
    refused = client.post(url, data={"kind": "number", "losing": "1", "rest": "keep"})
    assert refused.status_code == 422
    assert "Look once more" in refused.text
    done = client.post(
        url, data={"kind": "number", "losing": "2", "rest": "keep"}, follow_redirects=True
    )
    assert "2 values converted, 2 kept in notes." in done.text
    assert [row.number for row in rows(database, scope, CustomValue)] == [1.0, 2000.0]
    assert [note.body for note in rows(database, scope, Note)] == ["Rate: n/a"] * 2


def test_choices_taken_away_are_told_with_how_many_use_them(
    client: FlaskClient, database: Database, scope: Scope, contact_id: int
) -> None:
    with database.writing(scope) as session:
        kind, subject = FieldKind.CHOICE, FieldSubject.CONTACT
        field = make_field(session, "Level", kind, subject, ("Gold", "Tin")).key
    client.post(f"/fields/{field}/values", data={"about": f"contact:{contact_id}", "value": "Gold"})
    answer = client.post(
        f"/fields/{field}", data={"name": "Level", "choices": "Tin\nCopper"}, follow_redirects=True
    )
    assert "No longer offered, but kept where it was chosen: “Gold” (1 value)." in answer.text
    assert "Gold" in client.get(f"/contacts/{contact_id}").text


def test_a_viewer_sees_annotations_and_no_box(
    client: FlaskClient, client_as: Callable[[Role], FlaskClient], contact_id: int
) -> None:
    client.post("/notes/", data={"about": f"contact:{contact_id}", "body": "Hello there"})
    viewer = client_as(Role.VIEWER)
    page = viewer.get(f"/contacts/{contact_id}").text
    assert "Hello there" in page
    assert "Add the note" not in page
    assert 'name="file"' not in page
    data = {"about": f"contact:{contact_id}", "body": "x", "name": "x"}
    assert viewer.post("/notes/", data=data).status_code == 403
    assert viewer.post("/tags/uses", data=data).status_code == 403


def test_another_workspaces_record_is_never_annotated(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    theirs = make_workspace(database)
    with database.writing(theirs) as session:
        person_id = make_person(session).key
    with database.writing(scope) as session:
        tag_id = make_tag(session).key
        field_id = make_field(session, subject=FieldSubject.CONTACT).key
    about = {"about": f"contact:{person_id}"}
    for url, more in (
        ("/notes/", {"body": "x"}),
        ("/tags/uses", {"name": "x"}),
        (f"/tags/{tag_id}/removal", {}),
        (f"/tags/{tag_id}/return", {}),
        (f"/fields/{field_id}/values", {"value": "x"}),
    ):
        assert client.post(url, data={**about, **more}).status_code == 404, url
    assert getattr(attach(client, person_id, "a.txt", b"x"), "status_code", 0) == 404
    assert rows(database, scope, Note) == []
    assert len(rows(database, theirs, Contact)) == 1
