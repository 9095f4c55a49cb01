"""Every list as a table: whole, inert, recorded, and taken in again without a change."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from outreach.activity.models import Activity
from outreach.contacts.models import Contact
from outreach.contacts.tagging import add_tags as tag_contacts
from outreach.contacts.tagging import tags_of_contacts
from outreach.core.db import Database, Scope, Session
from outreach.core.errors import Invalid, NotFound
from outreach.desk import export_people, export_prospects, exports
from outreach.fields.services import add_field, set_value
from outreach.fields.words import FieldKind, FieldSubject
from outreach.imports import exporting_xlsx
from outreach.imports.models import ImportFile, ImportRow
from outreach.imports.queries import get_import_file
from outreach.imports.words import Verdict
from outreach.links.models import Backlink
from outreach.prospects.models import Prospect
from outreach.prospects.tagging import add_tags
from outreach.prospects.words import Review
from outreach.suppression.models import Suppression
from outreach.suppression.words import SuppressionKind, SuppressionReason
from outreach.tags.services import ensure_tag
from outreach.views.models import SavedView
from outreach.workflows.export_list import (
    EXPORTS,
    Format,
    begin_export,
    get_export_list,
    lines_of,
    write_export,
)
from outreach.workflows.import_file import keep_and_recognise, run_import
from tests.factories import add, make_page, make_prospect, make_site, make_workspace
from tests.factories_campaigns import (
    make_asset,
    make_contact,
    make_opportunity,
    make_outbox_message,
)
from tests.factories_imports import NOW, start_file, tools_in

EVIL = "=cmd|' /C calc'!A0"
FORMATS = pytest.mark.parametrize("kind", list(Format))


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (exports, export_people, export_prospects):
        monkeypatch.setattr(module, "CHUNK", 2)


def import_file(database: Database, scope: Scope, folder: Path, path: Path) -> ImportFile:
    """Import a file from beginning to end."""
    with path.open("rb") as stream:
        key = keep_and_recognise(database, scope, stream, path.name, data_dir=folder)
    run_import(database, scope, start_file(database, scope, key), tools_in(folder))
    with database.reading(scope) as session:
        return get_import_file(session, key)


def make_backlink(session: Session) -> None:
    site = make_site(session)
    add(
        session,
        Backlink(
            site_id=site.key, referring_domain=site.domain, target_key="ours.example/guide",
            referring_url=f"https://{site.domain}/", referring_key=site.domain,
            target_url="https://ours.example/guide",
        ),
    )  # fmt: skip


def table(
    database: Database, scope: Scope, name: str, folder: Path, **arguments: str
) -> list[dict[str, str]]:
    """Export a list as CSV and read it as any program would."""
    begun = begin_export(database, scope, EXPORTS[name], arguments, Format.CSV, now=NOW)
    path = folder / begun.file_name
    write_export(begun, path, Format.CSV)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def prospects(database: Database, scope: Scope) -> list[Any]:
    names = ("domain", "title", "country", "language", "topic", "tactic", "review", "notes")
    with database.reading(scope) as session:
        columns = (getattr(Prospect, name) for name in (*names, "owner_id", "updated_at"))
        return list(session.exec(select(*columns).order_by(col(Prospect.id))).all())


def contacts(database: Database, scope: Scope) -> list[Any]:
    names = ("name", "address", "role", "outlet", "beat", "country", "location", "phone", "notes")
    with database.reading(scope) as session:
        columns = (getattr(Contact, name) for name in (*names, "profiles", "site_id"))
        return list(session.exec(select(*columns).order_by(col(Contact.id))).all())


def test_prospects_leave_in_the_order_and_columns_of_their_list(
    database: Database, scope: Scope, tmp_path: Path, small_chunks: None
) -> None:
    with database.writing(scope) as session:
        field = add_field(session, FieldSubject.PROSPECT, "Deal", FieldKind.TEXT, now=NOW)
        tag_id = ensure_tag(session, "Autumn").key
        for number in range(5):
            row = make_prospect(
                session, domain=f"site-{number}.example", title=f"Title {number}",
                notes="Two\nlines", score=number, score_order=100 - number, country="DE",
                owner_id=scope.user_id, rejected_because="Spam",
                review=Review.REJECTED if number == 3 else Review.NEW,
            )  # fmt: skip
            add_tags(session, [row.key], [tag_id])
            set_value(session, field, row.key, f"Swap {number}", now=NOW)
        columns = f"score,field_{field.key}"

    rows = table(database, scope, "prospects", tmp_path, review="new", columns=columns)

    assert [row["Outreach prospect"] for row in rows] == [
        f"site-{number}.example" for number in (4, 2, 1, 0)
    ]
    assert rows[0]["Tags"] == "Autumn"
    assert rows[0]["Deal"] == "Swap 4"
    assert rows[0]["Notes"] == "Two\nlines"
    assert (rows[0]["Score"], rows[0]["Country"], rows[0]["Review"]) == ("4", "DE", "new")
    assert rows[0]["Owner"].startswith("Colleague")


def test_a_file_is_named_by_its_view_or_filter_and_the_day(
    database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        add(session, SavedView(list_name="prospects", name="Müller’s best!", query={"dr_min": "70"},
                               user_id=scope.user_id or 0))  # fmt: skip

    def name(**arguments: str) -> str:
        spec = EXPORTS["prospects"]
        return begin_export(database, scope, spec, arguments, Format.XLSX, now=NOW).file_name

    assert name() == "prospects-2026-11-21.xlsx"
    assert name(dr_min="70") == "prospects-mullers-best-2026-11-21.xlsx"
    assert name(review="new", dr_min="40") == (
        "prospects-review-is-new-ahrefs-dr-40-2026-11-21.xlsx"
    )
    assert len(name(q="x" * 200)) < 120


@FORMATS
def test_prospects_come_back_in_and_change_nothing(
    database: Database, scope: Scope, tmp_path: Path, small_chunks: None, kind: Format
) -> None:
    with database.writing(scope) as session:
        for number in range(5):
            make_prospect(
                session, domain=f"site-{number}.example", title=f"{EVIL} {number}", country="DE",
                language="de", topic="'Quoted", notes="a\nb", owner_id=scope.user_id,
                review=Review.APPROVED,
            )  # fmt: skip
    before = prospects(database, scope)
    path = _file(database, scope, "prospects", tmp_path, kind)

    file = import_file(database, scope, tmp_path, path)

    assert file.layout == "outreach_prospects"
    assert verdicts(database, scope) == {Verdict.KNOWN: 5}
    assert prospects(database, scope) == before

    other = make_workspace(database)
    import_file(database, other, tmp_path, path)
    assert [row[:5] for row in prospects(database, other)] == [row[:5] for row in before]


@FORMATS
def test_contacts_come_back_in_and_change_nothing(
    database: Database, scope: Scope, tmp_path: Path, small_chunks: None, kind: Format
) -> None:
    with database.writing(scope) as session:
        tag_id = ensure_tag(session, "Press").key
        for number in range(5):
            row = make_contact(
                session, f"mia{number}@outlet.example", name=f"+Mia {number}", role="Editor",
                outlet=f'The "Outlet", {number}', beat="=Soil", country="DE", location="@home",
                phone="+49 40 123", notes="one\ntwo", profiles={"twitter": "@mia"},
                site_id=make_site(session).key,
            )  # fmt: skip
            tag_contacts(session, [row.key], [tag_id])
    before = contacts(database, scope)
    path = _file(database, scope, "contacts", tmp_path, kind)

    file = import_file(database, scope, tmp_path, path)

    assert file.layout == "outreach_contacts"
    assert verdicts(database, scope) == {Verdict.KNOWN: 5}
    assert contacts(database, scope) == before

    other = make_workspace(database)
    import_file(database, other, tmp_path, path)
    again = contacts(database, other)
    assert [row[:8] for row in again] == [row[:8] for row in before]
    assert [row[9:] for row in again] == [row[9:] for row in before]
    with database.reading(other) as session:
        ids = session.exec(select(Contact.id)).all()
        tags = tags_of_contacts(session, [key for key in ids if key])
    assert [tag[1] for of_one in tags.values() for tag in of_one] == ["Press"] * 5


def _file(database: Database, scope: Scope, name: str, folder: Path, kind: Format) -> Path:
    begun = begin_export(database, scope, EXPORTS[name], {}, kind, now=NOW)
    path = folder / begun.file_name
    write_export(begun, path, kind)
    return path


def verdicts(database: Database, scope: Scope) -> dict[str, int]:
    with database.reading(scope) as session:
        found = session.exec(select(ImportRow.verdict)).all()
    return {verdict: list(found).count(verdict) for verdict in set(found)}


def test_every_other_list_leaves_with_its_filter(
    database: Database, scope: Scope, tmp_path: Path, small_chunks: None
) -> None:
    with database.writing(scope) as session:
        opportunities = [make_opportunity(session, value_cents=125_00) for _ in range(3)]
        campaign = opportunities[0].campaign_id
        contact = make_contact(session)
        make_outbox_message(session, contact)
        make_asset(session, topics=["soil", "bees"])
        make_backlink(session)
        for kind, label in (
            (SuppressionKind.DOMAIN, "never.example"),
            (SuppressionKind.ADDRESS, ""),
        ):
            add(session, Suppression(kind=kind, match_key=label or "hash", label=label,
                                     reason=SuppressionReason.MANUAL))  # fmt: skip

    def export(name: str, **arguments: str) -> list[dict[str, str]]:
        return table(database, scope, name, tmp_path, **arguments)

    assert [row["Value"] for row in export("opportunities")] == ["125.0"] * 3
    assert len(export("opportunities", campaign=str(campaign))) == 1
    assert export("opportunities", stage="won") == []
    assert [row["Domain"] for row in export("suppressions")] == ["never.example"]
    assert export("suppressions", search="nobody") == []
    assert export("outbox")[0]["Recipient"]
    assert "soil; bees" in [row["Topics"] for row in export("assets")]
    assert export("campaigns")[0]["Opportunities"] == "1"
    assert len(export("links")) == 1
    assert export("links", state="lost") == []


@pytest.mark.parametrize("name", list(EXPORTS))
def test_who_took_which_list_is_recorded_before_it_leaves(
    database: Database, scope: Scope, name: str
) -> None:
    begin_export(database, scope, EXPORTS[name], {"q": "soil"}, Format.CSV, now=NOW)
    with database.reading(scope) as session:
        [line] = session.exec(select(Activity)).all()
    assert (line.verb, line.user_id, line.subject_type) == ("exported", scope.user_id, "workspace")
    assert line.details == {"list": name, "arguments": {"q": "soil"}, "format": "csv"}
    assert line.sentence.startswith("Exported ")


@pytest.mark.parametrize("name", list(EXPORTS))
def test_no_list_shows_another_workspaces_rows(
    database: Database, scope: Scope, tmp_path: Path, name: str
) -> None:
    other = make_workspace(database)
    with database.writing(other) as session:
        opportunity = make_opportunity(session)
        make_outbox_message(session, make_contact(session))
        make_backlink(session)
        assert opportunity.key
        add(session, Suppression(kind=SuppressionKind.ADDRESS, match_key="hash",
                                 label="x@y.example", reason=SuppressionReason.MANUAL,
                                 added_in_workspace_id=other.workspace_id))  # fmt: skip
    assert table(database, scope, name, tmp_path) == []


def test_lines_are_handed_out_as_they_are_read(
    database: Database, scope: Scope, small_chunks: None
) -> None:
    with database.writing(scope) as session:
        ids = [make_prospect(session, title=f"Title {number}").key for number in range(5)]
    begun = begin_export(database, scope, EXPORTS["prospects"], {}, Format.CSV, now=NOW)
    text = "".join(lines_of(begun))
    assert text.startswith('\ufeff"Outreach prospect"')
    assert text.count("\r\n") == len(ids) + 1


def test_a_workbook_that_cannot_hold_all_says_so_and_leaves_no_file(
    database: Database, scope: Scope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting_xlsx, "MOST_ROWS", 1)
    with database.writing(scope) as session:
        for _ in range(2):
            make_page(session, make_prospect(session))
    with pytest.raises(Invalid, match="Export it as CSV"):
        _file(database, scope, "prospects", tmp_path, Format.XLSX)
    assert list(tmp_path.glob("prospects*")) == []


def test_a_workbooks_texts_are_texts_and_its_numbers_numbers(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    with database.writing(scope) as session:
        make_prospect(session, title=EVIL, score=7, score_order=93)
        make_prospect(session, title="https://evil.example/")
    path = _file(database, scope, "prospects", tmp_path, Format.XLSX)
    with zipfile.ZipFile(path) as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
        assert not any("hyperlink" in name or "rels/sheet" in name for name in packed.namelist())
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert "<v>7</v>" in sheet


def test_a_list_that_is_none_cannot_be_exported() -> None:
    with pytest.raises(NotFound):
        get_export_list("passwords")
