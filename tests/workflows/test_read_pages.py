"""Reading pages from the web, as a job with progress."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from sqlmodel import select

from outreach.activity.models import Job
from outreach.activity.services import claim_job, finish_job, get_job
from outreach.activity.words import JobState
from outreach.assets.models import Asset
from outreach.contacts.models import Contact, FoundContact
from outreach.core.db import Database, Scope
from outreach.core.errors import Invalid, Unavailable
from outreach.ports.pages import FailureKind, PageRequest, PageResult
from outreach.prospects.models import ProspectPage
from outreach.prospects.words import TextBasis
from outreach.workflows import read_pages as workflow
from outreach.workflows.read_pages import KIND, ReadingDone, read_pages, request_reading
from outreach.workflows.score_prospects import SCORE_JOB
from tests.factories import make_page, make_prospect
from tests.factories_links import GUIDE, NOW, claimed, make_asset, open_the_web
from tests.fakes.pages import FakePages, failure, page, shows


def prepare(database: Database, scope: Scope, count: int = 1) -> tuple[int, list[str]]:
    """Make a prospect with pages; return its id and their URLs."""
    with database.writing(scope) as session:
        prospect = make_prospect(session, domain="blog.example")
        pages = [
            make_page(session, prospect, title="Imported", text_basis=TextBasis.IMPORTED)
            for _ in range(count)
        ]
        return prospect.key, [row.url for row in pages]


def request(database: Database, scope: Scope, **what: list[int]) -> int:
    with database.writing(scope) as session:
        return request_reading(session, **what).key


def stored_pages(database: Database, scope: Scope) -> list[ProspectPage]:
    with database.reading(scope) as session:
        return list(session.exec(select(ProspectPage).order_by(ProspectPage.url)).all())


def job_of(database: Database, scope: Scope, job_id: int) -> Job:
    with database.reading(scope) as session:
        return get_job(session, job_id)


def test_pages_of_a_prospect_are_read_and_their_addresses_offered(
    database: Database, scope: Scope
) -> None:
    open_the_web(database)
    prospect_id, (url,) = prepare(database, scope)
    web = FakePages(
        {url: page(title="Read", language="de", addresses=(shows("anna@blog.example"),))}
    )
    job_id = request(database, scope, prospect_ids=[prospect_id])
    claimed(database, scope, job_id)

    done = read_pages(database, web, scope, job_id, now=NOW)

    (row,) = stored_pages(database, scope)
    assert (row.title, row.language, row.text_basis) == ("Read", "de", TextBasis.READ)
    assert row.text.startswith("A long text.")
    assert row.read_at is not None
    assert done == ReadingDone(read_count=1, total_count=1)
    job = job_of(database, scope, job_id)
    assert job.state is JobState.DONE
    assert job.sentence == (
        "Read 1 of 1 pages. 1 addresses were found and are offered as contacts."
    )
    with database.reading(scope) as session:
        assert session.exec(select(FoundContact.address)).all() == ["anna@blog.example"]
        assert session.exec(select(Contact.id)).all() == []
        assert session.exec(select(Job.kind).order_by(Job.id)).all() == [KIND, SCORE_JOB]  # type: ignore[arg-type]


def test_an_asset_keeps_what_its_page_says(database: Database, scope: Scope) -> None:
    open_the_web(database)
    with database.writing(scope) as session:
        asset_id = make_asset(session).key
    job_id = request(database, scope, asset_ids=[asset_id])
    claimed(database, scope, job_id)

    read_pages(database, FakePages({GUIDE: page(url=GUIDE)}), scope, job_id, now=NOW)

    with database.reading(scope) as session:
        asset = session.exec(select(Asset)).one()
    assert asset.page_text.startswith("A long text.")
    assert asset.read_failure == ""


def test_a_page_that_cannot_be_read_keeps_its_words_and_says_why(
    database: Database, scope: Scope
) -> None:
    open_the_web(database)
    prospect_id, (url,) = prepare(database, scope)
    job_id = request(database, scope, prospect_ids=[prospect_id])
    claimed(database, scope, job_id)

    read_pages(database, FakePages({url: failure(FailureKind.ROBOTS, url)}), scope, job_id, now=NOW)

    (row,) = stored_pages(database, scope)
    assert (row.title, row.text_basis) == ("Imported", TextBasis.IMPORTED)
    assert row.read_failure == "The site's robots.txt asks us not to look."
    assert "1 could not be read" in job_of(database, scope, job_id).sentence


def test_a_prospect_without_pages_gets_its_home_page_read(database: Database, scope: Scope) -> None:
    open_the_web(database)
    with database.writing(scope) as session:
        prospect_id = make_prospect(session, domain="blog.example").key
    job_id = request(database, scope, prospect_ids=[prospect_id])
    claimed(database, scope, job_id)

    read_pages(database, FakePages({"https://blog.example/": page()}), scope, job_id, now=NOW)

    (row,) = stored_pages(database, scope)
    assert (row.url, row.text_basis) == ("https://blog.example/", TextBasis.READ)


def test_with_web_access_off_nothing_is_fetched_and_the_sentence_says_where_to_turn(
    database: Database, scope: Scope
) -> None:
    prospect_id, _ = prepare(database, scope)
    job_id = request(database, scope, prospect_ids=[prospect_id])
    claimed(database, scope, job_id)
    web = FakePages()

    with pytest.raises(Unavailable, match="Settings"):
        read_pages(database, web, scope, job_id, now=NOW)

    assert web.asked == []


def test_a_killed_reading_goes_on_where_it_stopped(
    database: Database, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_the_web(database)
    monkeypatch.setattr(workflow, "CHUNK", 2)
    prospect_id, urls = prepare(database, scope, 5)
    job_id = request(database, scope, prospect_ids=[prospect_id])
    claimed(database, scope, job_id)
    web = FakePages({url: page(url=url) for url in urls})

    def die_at_the_fourth(_request: PageRequest) -> None:
        if len(web.asked) == 4:
            raise KeyboardInterrupt

    web.on_fetch = die_at_the_fourth
    with pytest.raises(KeyboardInterrupt):
        read_pages(database, web, scope, job_id, now=NOW)
    later = FakePages(web.pages)
    read_again = NOW.replace(hour=12)
    claimed(database, scope, job_id, read_again)
    read_pages(database, later, scope, job_id, now=read_again)

    assert [asked.url for asked in later.asked] == urls[2:]
    assert all(row.text_basis is TextBasis.READ for row in stored_pages(database, scope))
    assert job_of(database, scope, job_id).done_count == 5


def test_a_cancelled_reading_writes_nothing_more(database: Database, scope: Scope) -> None:
    open_the_web(database)
    prospect_id, (url,) = prepare(database, scope)
    job_id = request(database, scope, prospect_ids=[prospect_id])
    claimed(database, scope, job_id)

    def cancel(_request: PageRequest) -> None:
        with database.writing(scope) as session:
            finish_job(session, job_id, JobState.CANCELLED, "Stopped.", now=NOW)

    web = FakePages({url: page(url=url)}, on_fetch=cancel)

    assert read_pages(database, web, scope, job_id, now=NOW) is None
    assert stored_pages(database, scope)[0].text_basis is TextBasis.IMPORTED
    assert job_of(database, scope, job_id).sentence == "Stopped."


def test_a_slow_host_does_not_cost_the_job_its_lease(database: Database, scope: Scope) -> None:
    open_the_web(database)
    prospect_id, urls = prepare(database, scope, 3)
    job_id = request(database, scope, prospect_ids=[prospect_id])
    claimed(database, scope, job_id)

    class SlowPages(FakePages):
        def fetch(self, requests: Sequence[PageRequest]) -> Iterator[PageResult]:
            for minute, result in enumerate(super().fetch(requests), start=1):
                at = NOW.replace(minute=minute)
                with database.writing(scope) as session:
                    assert claim_job(session, job_id, now=at) is None
                yield replace(result, fetched_at=at)

    web = SlowPages({url: page(url=url) for url in urls})

    assert read_pages(database, web, scope, job_id, now=NOW) is not None


def test_choosing_nothing_is_refused(database: Database, scope: Scope) -> None:
    with pytest.raises(Invalid, match="Choose what to read"):
        request(database, scope)
