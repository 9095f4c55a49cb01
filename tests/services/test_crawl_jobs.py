"""The crawl process's work: found by the clock, woken by people, run with a fake web."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from outreach.activity.services import get_job
from outreach.activity.words import JobState
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope
from outreach.core.settings import Settings
from outreach.core.tokens import SecretBox
from outreach.jobs.crawl import VERIFY
from outreach.jobs.schedule import TASKS, TICKS
from outreach.jobs.work import Queue, run_task, run_tick
from outreach.links.models import Backlink
from outreach.links.words import LinkState
from outreach.ports.mail import MailReader, MailSender, MailServer
from outreach.ports.pages import PageFetcher
from outreach.wiring.worker import WorkerServices
from outreach.workflows.read_pages import request_reading
from outreach.workflows.verify_links import BATCH
from outreach.workflows.win_link import paste_win
from tests.factories_links import (
    GUIDE,
    POST,
    make_asset,
    make_property,
    make_won_link,
    open_the_web,
)
from tests.fakes.pages import FakePages, link, page

KEY = "a key for tests only, long enough"


class OnlyPages:
    """Plugs of a process that has a fake web and no mail."""

    def __init__(self, pages: FakePages) -> None:
        self.pages = pages

    def mail_sender(self, server: MailServer) -> MailSender:
        raise AssertionError("the crawler sends no mail")

    def mail_reader(self, server: MailServer) -> MailReader:
        raise AssertionError("the crawler reads no mail")

    def page_fetcher(self, settings: Settings) -> PageFetcher:
        return self.pages


@pytest.fixture
def web() -> FakePages:
    return FakePages({POST: page(link(GUIDE)), GUIDE: page(url=GUIDE)})


@pytest.fixture
def services(database: Database, tmp_path: Path, web: FakePages) -> WorkerServices:
    settings = Settings(data_dir=tmp_path, environment="test")
    return WorkerServices(settings, database, KEY, SecretBox(KEY), OnlyPages(web))


def run_everything_due(services: WorkerServices) -> int:
    """Let the crawl queue's clock tick once and do what it wakes."""
    woken: list[tuple[str, int, int]] = []
    for tick in TICKS:
        if tick.queue is Queue.CRAWL:
            run_tick(tick, services, lambda *what: woken.append(what))
    for name, workspace_id, row_id in woken:
        run_task(TASKS[name], services, workspace_id, row_id)
    return len(woken)


def test_due_links_are_found_by_the_clock_and_looked_at(
    services: WorkerServices, database: Database, scope: Scope
) -> None:
    open_the_web(database)
    with database.writing(scope) as session:
        make_property(session)
        for number in range(3):
            make_won_link(session, f"https://blog.example/{number}")

    assert run_everything_due(services) == 1
    assert run_everything_due(services) == 0

    with database.reading(scope) as session:
        assert set(session.exec(select(Backlink.check_count)).all()) == {1}


def test_with_web_access_off_the_clock_wakes_nobody(
    services: WorkerServices, database: Database, scope: Scope, web: FakePages
) -> None:
    with database.writing(scope) as session:
        make_won_link(session)

    assert run_everything_due(services) == 0
    assert web.asked == []


def test_a_paste_and_a_reading_are_done_by_the_crawl_queue(
    services: WorkerServices, database: Database, scope: Scope
) -> None:
    open_the_web(database)
    with database.writing(scope) as session:
        make_property(session)
        pasted = paste_win(session, POST, now=utc_now())
        reading = request_reading(session, asset_ids=[make_asset(session).key]).key

    run_everything_due(services)

    with database.reading(scope) as session:
        assert session.exec(select(Backlink.state)).one() is LinkState.LIVE
        for job_id in (pasted.job_id, reading):
            assert get_job(session, job_id).state is JobState.DONE


def test_with_web_access_off_a_paste_ends_with_where_to_switch_it_on(
    services: WorkerServices, database: Database, scope: Scope, web: FakePages
) -> None:
    with database.writing(scope) as session:
        make_property(session)
        pasted = paste_win(session, POST, now=utc_now())

    run_everything_due(services)

    with database.reading(scope) as session:
        job = get_job(session, pasted.job_id)
    assert job.state is JobState.FAILED
    assert "Settings" in job.sentence
    assert web.asked == []


def test_people_come_before_the_rest_of_the_links(
    services: WorkerServices, database: Database, scope: Scope, web: FakePages
) -> None:
    open_the_web(database)
    with database.writing(scope) as session:
        make_property(session)
        for number in range(BATCH + 5):
            make_won_link(session, f"https://site{number}.example/post")
        request_reading(session, asset_ids=[make_asset(session).key])

    run_task(TASKS[VERIFY], services, 0, 0)

    assert len(web.asked) == BATCH  # the reading that waits is done before the last five
