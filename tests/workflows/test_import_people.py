"""People from files: told apart, filled in, marked, refused, and taken back exactly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from outreach.contacts.models import Contact
from outreach.contacts.tagging import add_tags
from outreach.contacts.words import ContactKind
from outreach.core.db import Database, Scope
from outreach.desk.duplicates import twins_page
from outreach.imports.mapping import ColumnMap
from outreach.imports.models import ImportFile, ImportRow
from outreach.imports.rows import RowKind
from outreach.imports.words import Verdict
from outreach.notes.models import Note
from outreach.prospects.models import Prospect, ProspectPage, ProspectTag
from outreach.prospects.tagging import add_tags as tag_prospects
from outreach.suppression.rules import SuppressionEntry
from outreach.suppression.services import add_suppressions
from outreach.tags.models import Tag
from outreach.tags.services import ensure_tag
from outreach.workflows import import_file
from outreach.workflows.erase_person import erase_person
from tests import factories
from tests.factories_campaigns import address, make_opportunity
from tests.factories_imports import KEY, NOW, import_text, undo

HEAD = "Name,Email,Outlet,Outlet URL,Title,Country,Phone\n"
MIA = "Mia Hart,mia@paper.example,The Paper,https://paper.example,Editor,GB,+44 1\n"


def import_people(
    database: Database, scope: Scope, data_dir: Path, rows: str, **given: Any
) -> ImportFile:
    given = {"head": HEAD, "kind": RowKind.PERSON, "name": "media.csv"} | given
    text = given.pop("head") + rows
    return import_text(database, scope, data_dir, text, **given)


def contacts(database: Database, scope: Scope) -> list[Contact]:
    with database.reading(scope) as session:
        return list(session.exec(select(Contact).order_by(col(Contact.id))).all())


def verdicts(database: Database, scope: Scope, file: ImportFile) -> list[tuple[Verdict, str]]:
    with database.reading(scope) as session:
        rows = session.exec(
            select(ImportRow)
            .where(ImportRow.import_file_id == file.key)
            .order_by(col(ImportRow.line_number))
        ).all()
        return [(row.verdict, row.reason) for row in rows]


def test_a_media_list_becomes_journalists_with_their_source(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    file = import_people(database, scope, tmp_path, MIA)

    (mia,) = contacts(database, scope)
    assert (mia.name, mia.first_name, mia.role) == ("Mia Hart", "Mia", "Editor")
    assert (mia.address, mia.outlet, mia.country) == ("mia@paper.example", "The Paper", "GB")
    assert mia.phone == "+44 1"
    assert mia.kind is ContactKind.JOURNALIST
    assert mia.site_id is not None
    assert mia.source_snippet == "Imported from media.csv, line 2."
    assert mia.import_file_id == file.key
    assert verdicts(database, scope, file) == [(Verdict.ADDED, "")]


def test_the_same_file_twice_changes_nothing(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_people(database, scope, tmp_path, MIA)
    before = contacts(database, scope)

    again = import_people(database, scope, tmp_path, MIA)

    assert verdicts(database, scope, again) == [(Verdict.KNOWN, "")]
    assert [row.model_dump() for row in contacts(database, scope)] == [
        row.model_dump() for row in before
    ]


def test_a_person_known_by_name_and_outlet_gains_an_address(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_people(database, scope, tmp_path, MIA.replace("mia@paper.example", ""))
    assert contacts(database, scope)[0].address is None

    file = import_people(database, scope, tmp_path, MIA.replace("Mia Hart", "MIA  HART"))

    (mia,) = contacts(database, scope)
    assert mia.address == "mia@paper.example"
    assert mia.person_key
    ((verdict, said),) = verdicts(database, scope, file)
    assert verdict is Verdict.UPDATED
    assert "address" in said


def test_a_second_address_of_one_person_is_a_second_contact_to_compare(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    file = import_people(database, scope, tmp_path, MIA + MIA.replace("mia@", "m.hart@"))

    first, second = contacts(database, scope)
    assert first.twin_key == second.twin_key != ""
    assert "same person" in verdicts(database, scope, file)[1][1]


def test_namesakes_at_two_outlets_are_two_people(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    rows = "Ann Lee,,The Paper,,,,\nAnn Lee,,The Radio,,,,\nAnn Lee,,the  paper,,,,\n"
    file = import_people(database, scope, tmp_path, rows)

    assert [row.outlet for row in contacts(database, scope)] == ["The Paper", "The Radio"]
    assert [verdict for verdict, _ in verdicts(database, scope, file)] == [
        Verdict.ADDED, Verdict.ADDED, Verdict.KNOWN,
    ]  # fmt: skip


def test_empty_cells_erase_nothing_and_what_a_person_typed_stays(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_people(database, scope, tmp_path, MIA)
    with database.writing(scope) as session:
        mia = session.exec(select(Contact)).one()
        mia.role = "Features editor"

    import_people(database, scope, tmp_path,
                  "Mia Hart,mia@paper.example,The Daily Paper,,Reporter,,\n")  # fmt: skip

    (mia,) = contacts(database, scope)
    assert mia.role == "Features editor"  # typed here
    assert mia.outlet == "The Daily Paper"  # still as the first file gave it
    assert mia.phone == "+44 1"


def test_a_suppressed_address_is_taken_in_marked_and_stays_suppressed(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    with database.writing(scope) as session:
        entry = SuppressionEntry(address=address("mia@paper.example"))
        add_suppressions(session, [entry], key=KEY, now=NOW, note="")

    file = import_people(database, scope, tmp_path, MIA)

    ((verdict, said),) = verdicts(database, scope, file)
    assert verdict is Verdict.ADDED
    assert said.startswith("Never written to")


def test_an_erased_person_is_not_taken_in_again_and_nothing_of_the_row_is_kept(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_people(database, scope, tmp_path, MIA)
    erase_person(database, scope, contacts(database, scope)[0].key, now=NOW)

    file = import_people(database, scope, tmp_path, MIA + "Bo Ek,bo@paper.example,,,,,\n")

    assert [row.name for row in contacts(database, scope) if row.erased_at is None] == ["Bo Ek"]
    verdict, said = verdicts(database, scope, file)[0]
    assert verdict is Verdict.REFUSED
    assert "asked to be forgotten" in said
    with database.reading(scope) as session:
        raw = session.exec(select(ImportRow.raw).where(ImportRow.import_file_id == file.key))
        assert "mia" not in "".join(raw.all()).casefold()


def test_a_bad_address_is_refused_with_the_row(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    rows = "Mia Hart,mia at paper,,,,,\nNo Reply,noreply@paper.example,,,,,\n"
    file = import_people(database, scope, tmp_path, rows)

    assert not contacts(database, scope)
    assert [verdict for verdict, _ in verdicts(database, scope, file)] == [Verdict.REFUSED] * 2


def test_a_role_address_is_no_person_and_a_public_mail_host_is_no_outlet(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_people(database, scope, tmp_path, ",info@paper.example,,,,,\nBo Ek,bo@gmail.com,,,,,\n")

    info, bo = contacts(database, scope)
    assert info.kind is ContactKind.ROLE_ADDRESS
    assert info.site_id is not None
    assert (bo.kind, bo.site_id) == (ContactKind.PERSON, None)


def test_undoing_gives_back_what_was_and_takes_what_it_brought(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_people(database, scope, tmp_path, MIA.replace("mia@paper.example", ""))
    before = contacts(database, scope)[0].model_dump(exclude={"updated_at"})

    second = import_people(
        database, scope, tmp_path,
        MIA.replace("Editor", "Chief editor") + "Bo Ek,bo@radio.example,Radio,,,,\n",
    )  # fmt: skip
    assert len(contacts(database, scope)) == 2
    undo(database, scope, second.key)

    (mia,) = contacts(database, scope)
    assert mia.model_dump(exclude={"updated_at"}) == before


def test_undoing_leaves_whom_somebody_has_worked_with_since(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    names = ["Pitched", "Edited", "Noted", "Tagged", "Untouched"]
    rows = "".join(f"{name} One,{name.lower()}@paper.example,,,,,\n" for name in names)
    file = import_people(database, scope, tmp_path, rows)
    pitched, edited, noted, tagged, _ = contacts(database, scope)
    with database.writing(scope) as session:
        make_opportunity(session, contact_id=pitched.key)
        factories.add(session, Note(subject_type="contact", subject_id=noted.key, body="Rang."))
        session.get_one(Contact, edited.key).beat = "Soil"
        add_tags(session, [tagged.key], [ensure_tag(session, "Friend").key])

    undo(database, scope, file.key)

    left = [row.name.split()[0] for row in contacts(database, scope)]
    assert left == names[:4]


def test_a_list_of_partners_brings_sites_with_their_people_and_takes_both_back(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    head = "Partner URL,Contact Name,Contact Email\n"
    rows = (
        "https://blog.example/write,Mia Hart,mia@blog.example\n"
        "https://bad.example,Bo Ek,noreply@bad.example\n"
    )
    file = import_people(database, scope, tmp_path, rows, head=head, kind=None)

    (mia,) = contacts(database, scope)
    with database.reading(scope) as session:
        known = dict(session.exec(select(Prospect.domain, Prospect.has_contact)).all())
    assert known == {"blog.example": True, "bad.example": False}
    assert mia.kind is ContactKind.PERSON
    said = verdicts(database, scope, file)
    assert [verdict for verdict, _ in said] == [Verdict.ADDED, Verdict.ADDED]
    assert said[0][1].startswith("With a new contact")
    assert said[1][1].startswith("Without its contact")

    undo(database, scope, file.key)
    assert contacts(database, scope) == []
    with database.reading(scope) as session:
        assert session.exec(select(Prospect)).all() == []


def test_the_author_of_a_published_piece_is_a_journalist_of_its_site(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    head = "Piece,Headline,Written by\n"
    columns = {"url": "Piece", "title": "Headline", "name": "Written by"}
    rows = "https://paper.example/soil,Good soil,Mia Hart\n"
    said = ColumnMap(RowKind.COVERAGE, columns)
    import_people(database, scope, tmp_path, rows, head=head, kind=said)

    (mia,) = contacts(database, scope)
    assert (mia.name, mia.kind) == ("Mia Hart", ContactKind.JOURNALIST)
    assert mia.source_url == "https://paper.example/soil"
    with database.reading(scope) as session:
        assert session.exec(select(ProspectPage.title)).all() == ["Good soil"]


def test_who_an_earlier_set_of_rows_brought_is_known_to_the_next(
    database: Database, scope: Scope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_file, "ROWS_AT_ONCE", 2)
    rows = "".join(f"Ann {number},ann{number}@paper.example,,,,,\n" for number in range(5))
    file = import_people(database, scope, tmp_path, rows + rows)

    assert len(contacts(database, scope)) == 5
    said = [verdict for verdict, _ in verdicts(database, scope, file)]
    assert said == [Verdict.ADDED] * 5 + [Verdict.KNOWN] * 5


def test_a_partners_tags_go_to_the_site_too_and_leave_with_the_import(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    head = "Partner URL,Contact Name,Contact Email,Tags\n"
    rows = "https://blog.example/write,Mia Hart,mia@blog.example,Friend\nhttps://old.example,,,Friend\n"
    columns = {"url": "Partner URL", "name": "Contact Name", "email": "Contact Email",
               "tags": "Tags"}  # fmt: skip
    with database.writing(scope) as session:
        old = factories.make_prospect(session, domain="old.example").key
        other = ensure_tag(session, "Old").key
        tag_prospects(session, [old], [other])

    file = import_people(
        database, scope, tmp_path, rows, head=head, kind=ColumnMap(RowKind.PARTNER, columns)
    )

    with database.reading(scope) as session:
        tagged = session.exec(
            select(Prospect.domain, Tag.name)
            .join(ProspectTag, col(ProspectTag.prospect_id) == Prospect.id)
            .join(Tag, col(Tag.id) == ProspectTag.tag_id)
        ).all()
    assert set(tagged) == {
        ("blog.example", "Friend"), ("old.example", "Friend"), ("old.example", "Old"),
    }  # fmt: skip

    undo(database, scope, file.key)
    with database.reading(scope) as session:
        assert session.exec(select(Prospect.domain)).all() == ["old.example"]
        left = session.exec(select(ProspectTag.prospect_id, ProspectTag.tag_id)).all()
        assert list(left) == [(old, other)]


def test_a_name_without_letters_is_taken_in(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_people(database, scope, tmp_path, "– Hart,mia@paper.example,The Paper,,,,\n")

    assert [row.twin_key for row in contacts(database, scope)] == ["hart@1"]


def test_a_second_address_is_suggested_as_the_same_person_at_once(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_people(database, scope, tmp_path, MIA + MIA.replace("mia@", "m.hart@"))

    first, second = contacts(database, scope)
    with database.reading(scope) as session:
        (pair,) = twins_page(session).rows
    assert (pair.one.contact.key, pair.other.contact.key) == (first.key, second.key)
    assert pair.why == "Same name at the same place"
