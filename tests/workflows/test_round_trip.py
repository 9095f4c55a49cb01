"""A workspace taken away and brought into an empty one is the same, cell by cell."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlmodel import col, select

from outreach.accounts.models import Membership
from outreach.accounts.words import Role
from outreach.contacts.tagging import add_tags as tag_contacts
from outreach.contacts.words import ContactKind, Deliverability, LawfulBasis
from outreach.core.db import SYSTEM, Database, Scope, Session
from outreach.imports.models import ImportFile, ImportRow
from outreach.imports.queries import get_import_file
from outreach.imports.words import Verdict
from outreach.prospects.models import Prospect, VendorMetric
from outreach.prospects.services import copy_vendor_figures, recount_pages
from outreach.prospects.tagging import add_tags, tags_of_prospects
from outreach.prospects.words import Review, Tactic, TextBasis
from outreach.sites.models import Site
from outreach.tags.models import Tag
from outreach.tags.services import ensure_tag
from outreach.workflows.export_list import EXPORTS, Format, begin_export, write_export
from outreach.workflows.import_file import keep_and_recognise, run_import
from outreach.workflows.import_preview import preview_import
from tests.factories import add, make_member, make_page, make_prospect, make_site, make_workspace
from tests.factories_campaigns import make_contact
from tests.factories_imports import NOW, start_file, tools_in, undo

LISTS = ("prospects", "pages", "contacts")
TEXTS = (
    "", "=cmd|' /C calc'!A0", "'=quoted", "'plain", 'a; "b", c|d', "1,240", "+49 40", "Ünï 漢",
)  # fmt: skip
TAGS = ("Press", "=Sum", "'=Sum", 'The "best"; of', "a, b", "c|d", "-1", '"all"')
OURS = {"Score", "Relevance", "Added", "From"}  # given anew by the workspace that takes in


def fill(session: Session, chance: random.Random, people: list[int]) -> None:
    """Put random prospects with pages, figures and tags, and contacts, into a workspace."""
    tags = [ensure_tag(session, name).key for name in TAGS]
    for number in range(12):
        review = chance.choice(list(Review))
        row = make_prospect(
            session, domain=f"site-{number}.example", title=chance.choice(TEXTS),
            topic=chance.choice(TEXTS), country=chance.choice(("", "DE", "GB")),
            language=chance.choice(("", "de", "en")), tactic=chance.choice(("", *Tactic)),
            notes=_lines(chance), owner_id=chance.choice((None, *people)), review=review,
            rejected_because=_lines(chance) if review is Review.REJECTED else "",
            review_after=datetime(2026, 12, 24, 8, 30, tzinfo=UTC)
            if review is Review.LATER else None,
        )  # fmt: skip
        add_tags(session, [row.key], chance.sample(tags, chance.randrange(4)))
        for source in chance.sample(("ahrefs_dr", "moz_da", "semrush_domain_traffic", "x_y"), 2):
            on = date(2025, 1, chance.randrange(1, 28))
            value = chance.random() * 9
            add(session, VendorMetric(prospect_id=row.key, source=source, value=value,
                                      measured_on=on))  # fmt: skip
        for page in range(chance.randrange(3)):
            make_page(
                session, row, url=f"https://site-{number}.example/{page}?q=%C3%BC",
                url_key=f"site-{number}.example/{page}?q=%C3%BC", title=chance.choice(TEXTS),
                description=chance.choice(TEXTS), text_basis=TextBasis.IMPORTED,
            )  # fmt: skip
        copy_vendor_figures(session, [row.key])
        recount_pages(session, [row.key])
        fill_contact(session, chance, number, tags)


def fill_contact(session: Session, chance: random.Random, number: int, tags: list[int]) -> None:
    state = chance.choice(list(Deliverability))
    row = make_contact(
        session, f"mia{number}@outlet.example", name="=Mia Moor",
        site_id=make_site(session, domain=f"outlet-{number}.example").key,
    )  # fmt: skip
    for name, value in {
        "role": chance.choice(TEXTS), "outlet": chance.choice(TEXTS), "beat": "Soil; Bees",
        "country": "DE", "location": chance.choice(TEXTS), "phone": "+49 40 123",
        "notes": _lines(chance), "kind": chance.choice(list(ContactKind)),
        "deliverability": state, "lawful_basis": chance.choice(list(LawfulBasis)),
        "undeliverable_because": "550 no" if state is Deliverability.UNDELIVERABLE else "",
        "profiles": {"twitter": "@mia"},
    }.items():  # fmt: skip
        setattr(row, name, value)
    session.flush()
    tag_contacts(session, [row.key], chance.sample(tags, chance.randrange(4)))


def _lines(chance: random.Random) -> str:
    return "\n".join(filter(None, chance.choices(TEXTS, k=chance.randrange(4))))


def take_away(database: Database, scope: Scope, name: str, folder: Path, kind: Format) -> Path:
    folder.mkdir(exist_ok=True)
    begun = begin_export(database, scope, EXPORTS[name], {"columns": "all"}, kind, now=NOW)
    path = folder / begun.file_name
    write_export(begun, path, kind)
    return path


def bring(database: Database, scope: Scope, folder: Path, path: Path) -> ImportFile:
    with path.open("rb") as stream:
        key = keep_and_recognise(database, scope, stream, path.name, data_dir=folder)
    foreseen = preview_import(database, scope, key, tools_in(folder)).counts
    run_import(database, scope, start_file(database, scope, key), tools_in(folder))
    with database.reading(scope) as session:
        file = get_import_file(session, key)
    assert foreseen == file.counts
    return file


def cells(database: Database, scope: Scope, name: str) -> list[dict[str, object]]:
    """Return a list's cells as exported, but for those of the workspace's own working out."""
    begun = begin_export(database, scope, EXPORTS[name], {"columns": "all"}, Format.CSV, now=NOW)
    rows = [dict(zip(begun.export.header, row, strict=True)) for row in begun.rows]
    kept = [{label: cell for label, cell in row.items() if label not in OURS} for row in rows]
    return sorted(kept, key=lambda row: str(next(iter(row.values()))) + str(row.get("Email")))


def member_too(database: Database, scope: Scope, user_id: int) -> None:
    assert scope.workspace_id is not None
    with database.writing(SYSTEM) as session:
        session.add(Membership(user_id=user_id, workspace_id=scope.workspace_id, role=Role.MEMBER))


@pytest.mark.parametrize(("kind", "seed"), [(Format.CSV, 1), (Format.XLSX, 2)])
def test_what_leaves_one_workspace_is_the_same_in_another(
    database: Database, scope: Scope, tmp_path: Path, kind: Format, seed: int
) -> None:
    assert scope.user_id is not None
    with database.writing(scope) as session:
        fill(session, random.Random(seed), [scope.user_id])
    other = make_workspace(database)
    member_too(database, other, scope.user_id)

    for name in LISTS:
        path = take_away(database, scope, name, tmp_path / name, kind)
        file = bring(database, other, tmp_path, path)
        assert file.layout == f"outreach_{name}"
        assert file.counts.get(Verdict.REFUSED, 0) == 0

    for name in LISTS:
        assert cells(database, other, name) == cells(database, scope, name)
        before = cells(database, scope, name)
        file = bring(database, scope, tmp_path, tmp_path / name / path_of(tmp_path / name))
        assert set(file.counts) <= {Verdict.KNOWN.value}
        assert cells(database, scope, name) == before


def path_of(folder: Path) -> str:
    [path] = folder.iterdir()
    return path.name


def test_what_a_file_brought_goes_with_its_undo_and_stays_where_somebody_worked(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    assert scope.user_id is not None
    with database.writing(scope) as session:
        fill(session, random.Random(3), [scope.user_id])
    path = take_away(database, scope, "prospects", tmp_path / "prospects", Format.CSV)
    other = make_workspace(database)
    with database.writing(other) as session:
        [site] = session.exec(select(Site).where(Site.domain == "site-3.example")).all()
        known = Prospect(site_id=site.key, domain=site.domain, notes="Ours", topic="Soil")
        add(session, known)
        before = known.model_dump(exclude={"updated_at", "is_search_stale"})
    file = bring(database, other, tmp_path, path)

    with database.reading(other) as session:
        rows = session.exec(select(ImportRow)).all()
        mine = session.exec(select(Prospect).where(Prospect.domain == "site-3.example")).one()
        worked_on = session.exec(
            select(Prospect).where(Prospect.domain != mine.domain, Prospect.tactic != "")
        ).first()
    assert worked_on is not None
    assert mine.notes == "Ours"
    assert {row.verdict for row in rows} == {Verdict.ADDED, Verdict.UPDATED}
    assert any("Without its owner: person" in row.reason for row in rows)
    assert worked_on.owner_id is None
    with database.writing(other) as session:
        session.get_one(Prospect, worked_on.key).notes = "Talked to them"

    undo(database, other, file.key)

    with database.reading(other) as session:
        left = session.exec(select(Prospect).order_by(col(Prospect.id))).all()
        assert [row.domain for row in left] == [mine.domain, worked_on.domain]
        assert left[0].model_dump(exclude={"updated_at", "is_search_stale"}) == before
        assert (left[1].review, left[1].tactic) == (worked_on.review, worked_on.tactic)
        assert tags_of_prospects(session, [mine.key]) == {}
        metrics = session.exec(select(VendorMetric.prospect_id)).all()
        assert mine.key not in metrics
        assert session.exec(select(Tag)).all()


def test_pages_leave_with_the_filter_of_their_prospects(database: Database, scope: Scope) -> None:
    with database.writing(scope) as session:
        for review in (Review.APPROVED, Review.NEW, Review.APPROVED):
            row = make_prospect(session, review=review)
            first, second = make_page(session, row), make_page(session, row)
            assert first.key < second.key
    begun = begin_export(
        database, scope, EXPORTS["pages"], {"review": "approved"}, Format.CSV, now=NOW
    )
    found = [(row[3], row[0]) for row in begun.rows]
    assert len(found) == 4
    assert {domain for domain, _ in found} == set(map(_domain, found))
    assert [domain for domain, _ in found[::2]] == [domain for domain, _ in found[1::2]]


def test_viewers_take_no_addresses_of_colleagues_away(database: Database, scope: Scope) -> None:
    with database.writing(scope) as session:
        make_prospect(session, owner_id=scope.user_id)
    [row] = cells(database, scope, "prospects")
    assert "@" in str(row["Owner address"])
    viewer = make_member(database, scope, Role.VIEWER)
    [row] = cells(database, viewer, "prospects")
    assert row["Owner"]
    assert row["Owner address"] == ""


def test_a_persons_decision_and_tags_are_not_replaced(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    with database.writing(scope) as session:
        row = make_prospect(
            session, domain="soil.example", notes="First", tactic=Tactic.LOCAL,
            review=Review.REJECTED, rejected_because="Spam", owner_id=scope.user_id,
        )  # fmt: skip
        add_tags(session, [row.key], [ensure_tag(session, "Press").key])
    path = take_away(database, scope, "prospects", tmp_path / "prospects", Format.CSV)
    with database.writing(scope) as session:
        mine = session.get_one(Prospect, row.key)
        mine.review, mine.rejected_because, mine.tactic = Review.APPROVED, "", Tactic.PARTNER
        add_tags(session, [row.key], [ensure_tag(session, "Later").key])
    before = cells(database, scope, "prospects")

    file = bring(database, scope, tmp_path, path)

    assert file.counts == {Verdict.KNOWN: 1}
    assert cells(database, scope, "prospects") == before


def _domain(found: tuple[object, object]) -> str:
    return str(found[1]).split("/")[2]
