"""The sample workspace: loaded whole, alive on every page, and never half."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from outreach.accounts.models import Workspace
from outreach.adapters.capture import CaptureSender
from outreach.campaigns.models import Opportunity
from outreach.campaigns.words import Stage
from outreach.contacts.models import Contact, FoundContact
from outreach.core.db import SYSTEM, Database, Scope, make_engine
from outreach.core.errors import Conflict
from outreach.core.tables import Record
from outreach.core.tokens import SecretBox
from outreach.desk.recount import wrong_columns
from outreach.links.models import Backlink, LinkCheck
from outreach.links.words import LinkState
from outreach.mail.models import InboundMessage, Mailbox, OutboxMessage
from outreach.mail.words import InboundKind, InboundState, OutboxState, Transport
from outreach.prospects.models import Prospect, ProspectPage
from outreach.reminders.models import Reminder
from outreach.sites.models import SiteMetric
from outreach.suppression.models import ContactTouch, Suppression
from outreach.workflows import load_sample as loading
from outreach.workflows.load_sample import load_sample
from outreach.workflows.sample_files import SampleTools
from outreach.workflows.start_pitching import why_not_to_pitch

NOW = datetime(2026, 11, 18, 11, 30, tzinfo=UTC)
KEY = "a key for tests only, long enough"


def tools_in(folder: Path) -> SampleTools:
    return SampleTools(data_dir=folder, key=KEY, box=SecretBox(KEY), capture=CaptureSender())


@pytest.fixture(scope="module")
def sample(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, Scope]]:
    """The sample, loaded once; the tests only read it."""
    folder = tmp_path_factory.mktemp("sample")
    shutil.copyfile(sqlite_template, folder / "outreach.db")
    database = Database(make_engine(f"sqlite:///{folder / 'outreach.db'}"))
    loaded = load_sample(database, tools_in(folder), now=NOW)
    assert loaded is not None
    yield database, Scope(loaded.workspace_id)
    database.engine.dispose()


def test_both_sample_workspaces_are_marked_as_samples(sample: tuple[Database, Scope]) -> None:
    database, scope = sample
    with database.reading(SYSTEM) as session:
        rows = session.exec(select(Workspace).order_by(col(Workspace.name))).all()
    assert len(rows) == 2
    assert all(row.is_sample for row in rows)
    assert rows[0].id == scope.workspace_id  # people arrive in the first by name


def test_every_prospect_has_a_score_and_a_page(sample: tuple[Database, Scope]) -> None:
    database, scope = sample
    with database.reading(scope) as session:
        prospects = session.exec(select(Prospect)).all()
    assert 250 <= len(prospects) <= 400
    assert all(prospect.score is not None and prospect.page_count for prospect in prospects)
    assert {prospect.review.value for prospect in prospects} == {
        "new", "approved", "rejected", "later",
    }  # fmt: skip


def test_each_asset_finds_pages_of_its_own_subject(sample: tuple[Database, Scope]) -> None:
    database, scope = sample
    with database.reading(scope) as session:
        rows = session.execute(
            select(Prospect.best_asset_id, ProspectPage.topic).join(
                ProspectPage, col(ProspectPage.id) == Prospect.best_page_id
            )
        ).all()
    topics = ("home energy", "remote work", "web performance", "libraries", "baking")
    for place, topic in enumerate(topics, start=1):
        found = [asset for asset, subject in rows if subject == topic]
        assert found.count(place) > 0.7 * len(found), topic


def test_only_real_sites_carry_open_ranks(sample: tuple[Database, Scope]) -> None:
    database, scope = sample
    with database.reading(scope) as session:
        rows = session.exec(
            select(Prospect.domain).join(SiteMetric, col(SiteMetric.site_id) == Prospect.site_id)
        ).all()
    assert len(set(rows)) > 300
    assert not [domain for domain in rows if domain.endswith(".example")]


def test_there_is_an_opportunity_in_every_stage(sample: tuple[Database, Scope]) -> None:
    database, scope = sample
    with database.reading(scope) as session:
        stages = set(session.exec(select(Opportunity.stage)).all())
    assert stages == set(Stage)


def test_all_mail_was_captured_and_goes_to_nobody_real(sample: tuple[Database, Scope]) -> None:
    database, scope = sample
    with database.reading(scope) as session:
        mails = session.exec(select(OutboxMessage)).all()
        mailboxes = session.exec(select(Mailbox)).all()
        contacts = session.exec(select(Contact)).all()
        offers = session.exec(select(FoundContact)).all()
    assert len(mails) > 25
    assert all(mail.is_captured and mail.state is OutboxState.SENT for mail in mails)
    assert all(mail.recipient.endswith(".example") for mail in mails)
    assert all(person.address and person.address.endswith(".example") for person in contacts)
    assert all(offer.address.endswith(".example") for offer in offers)
    assert [mailbox.transport for mailbox in mailboxes] == [Transport.CAPTURE]


def test_answers_of_every_kind_came_and_some_wait(sample: tuple[Database, Scope]) -> None:
    database, scope = sample
    with database.reading(scope) as session:
        mails = session.exec(select(InboundMessage)).all()
    assert {mail.kind for mail in mails} == {
        InboundKind.REPLY,
        InboundKind.BOUNCE_HARD,
        InboundKind.OUT_OF_OFFICE,
        InboundKind.UNSUBSCRIBE,
    }
    assert {mail.state for mail in mails} == set(InboundState)


def test_links_stand_are_lost_changed_and_back(sample: tuple[Database, Scope]) -> None:
    database, scope = sample
    with database.reading(scope) as session:
        states = set(session.exec(select(Backlink.state)).all())
        checks = session.exec(select(LinkCheck.blob_id)).all()
    assert states == {
        LinkState.LIVE,
        LinkState.LIVE_CHANGED,
        LinkState.LOST,
        LinkState.MISSING_ONCE,
        LinkState.RECLAIMED,
    }
    assert any(blob is not None for blob in checks)


def test_reminders_are_overdue_due_today_and_to_come(sample: tuple[Database, Scope]) -> None:
    database, scope = sample
    with database.reading(scope) as session:
        open_ones = session.exec(select(Reminder).where(col(Reminder.done_at).is_(None))).all()
    due = [reminder.due_at for reminder in open_ones]
    assert sum(at < NOW - timedelta(days=1) for at in due) >= 2
    assert sum(NOW - timedelta(hours=12) < at < NOW for at in due) >= 2
    assert sum(at > NOW for at in due) >= 2
    assert any(str(reminder.source_key).startswith("link_lost:") for reminder in open_ones)


def test_the_collision_guard_and_a_suppression_refuse_pitches(
    sample: tuple[Database, Scope],
) -> None:
    database, scope = sample
    with database.reading(scope) as session:
        refused = {}
        for domain in ("readersguild.example", "tenantsenergy.example"):
            found = select(Opportunity.id).join(
                Prospect, col(Prospect.id) == Opportunity.prospect_id
            )
            opportunity_id = session.exec(found.where(Prospect.domain == domain)).one()
            refused[domain] = why_not_to_pitch(session, opportunity_id or 0, NOW)
    assert "another team, 12 days ago" in refused["readersguild.example"].refusals[0]
    assert refused["readersguild.example"].can_be_overridden
    assert not refused["tenantsenergy.example"].can_be_overridden


def test_every_copied_column_equals_its_recount(sample: tuple[Database, Scope]) -> None:
    database, _ = sample
    with database.reading(SYSTEM) as session:
        ids = session.exec(select(Workspace.id)).all()
    for workspace_id in ids:
        with database.reading(Scope(workspace_id)) as session:
            assert wrong_columns(session) == []


def test_loading_again_is_refused_or_does_nothing(
    sample: tuple[Database, Scope], tmp_path: Path
) -> None:
    database, _ = sample
    assert load_sample(database, tools_in(tmp_path), now=NOW, if_empty=True) is None
    with pytest.raises(Conflict, match="loaded already"):
        load_sample(database, tools_in(tmp_path), now=NOW)


def test_an_interrupted_loading_is_swept_away_by_the_next(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On both engines, and at its very end, when there is most to sweep."""
    with monkeypatch.context() as patch:
        patch.setattr(loading, "_mark_loaded", _die)
        with pytest.raises(KeyboardInterrupt):
            load_sample(database, tools_in(tmp_path), now=NOW)
        assert _counts(database)[Workspace] == 2
        patch.setattr(loading, "_load_main", _die)  # what comes after the sweeping
        with pytest.raises(KeyboardInterrupt):
            load_sample(database, tools_in(tmp_path), now=NOW, if_empty=True)
    assert not any(_counts(database).values())


def _counts(database: Database) -> dict[type[Record], int]:
    tables = (Workspace, ContactTouch, Suppression, Prospect, OutboxMessage)
    with database.reading(SYSTEM) as session:
        return {table: len(session.exec(select(table.id)).all()) for table in tables}


def _die(*_: object) -> None:
    raise KeyboardInterrupt
