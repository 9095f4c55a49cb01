"""Services of prospects: pages by hand, claims, and the copied columns."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from outreach.core.db import Database, Scope, Session
from outreach.core.errors import Conflict, Invalid
from outreach.desk.recount import wrong_columns
from outreach.prospects import reviews, services
from outreach.prospects.models import Prospect, ProspectPage
from outreach.prospects.rules import CLAIM, Decision
from outreach.prospects.services import PageDraft
from outreach.prospects.words import Review, TextBasis
from tests.factories import make_page, make_prospect
from tests.factories_imports import NOW


def test_the_same_site_added_twice_is_one_prospect(session: Session) -> None:
    first = services.add_prospect(session, "example.org", PageDraft(), now=NOW)
    again = services.add_prospect(
        session, "https://www.example.org/links", PageDraft(title="Links"), now=NOW
    )

    assert first.key == again.key
    assert again.page_count == 1
    assert session.exec(select(ProspectPage.text_basis)).one() is TextBasis.IMPORTED


def test_a_page_belongs_to_its_own_site(session: Session) -> None:
    prospect = make_prospect(session, domain="example.org")

    with pytest.raises(Invalid, match=r"on example\.net, not on example\.org"):
        services.add_page(session, prospect, "https://example.net/x", PageDraft())


def test_the_words_of_a_page_that_was_read_are_facts(session: Session) -> None:
    page = make_page(session, make_prospect(session), text_basis=TextBasis.READ)

    with pytest.raises(Conflict, match="read from the web"):
        services.edit_page(session, page, PageDraft(title="Mine"))


def test_a_rejection_needs_a_reason(session: Session) -> None:
    prospect = make_prospect(session)

    with pytest.raises(Invalid, match="Say why"):
        reviews.decide(session, prospect, Decision(Review.REJECTED), now=NOW)


def test_a_decided_prospect_cannot_be_decided_again(session: Session) -> None:
    prospect = make_prospect(session, review=Review.REJECTED)

    with pytest.raises(Conflict, match="rejected already"):
        reviews.decide(session, prospect, Decision(Review.APPROVED), now=NOW)


def test_what_is_put_aside_comes_back_later(session: Session) -> None:
    prospect = make_prospect(session)

    reviews.decide(session, prospect, Decision(Review.LATER), now=NOW)

    assert prospect.is_open
    assert prospect.review_after is not None
    assert prospect.review_after > NOW


def test_a_claim_holds_for_its_moment_only(database: Database, scope: Scope) -> None:
    other = Scope(scope.workspace_id, None)
    with database.writing(scope) as session:
        key = make_prospect(session).key
        assert reviews.claim(session, [key], until=NOW + CLAIM, now=NOW)
    with database.writing(other) as session:
        assert not reviews.claim(session, [key], until=NOW + CLAIM, now=NOW)
        later = NOW + CLAIM + timedelta(seconds=1)
        assert reviews.claim(session, [key], until=later + CLAIM, now=later)


def test_released_claims_are_free_for_others(database: Database, scope: Scope) -> None:
    with database.writing(scope) as session:
        key = make_prospect(session).key
        reviews.claim(session, [key], until=NOW + CLAIM, now=NOW)
        reviews.release_claims(session)
    with database.writing(Scope(scope.workspace_id, None)) as session:
        assert reviews.claim(session, [key], until=NOW + CLAIM, now=NOW)


def test_copied_columns_are_set_and_a_wrong_copy_is_found(session: Session) -> None:
    prospect = make_prospect(session, domain="example.org")
    services.note_contact(session, prospect.site_id, has_contact=True)
    services.note_stage(session, [prospect.key], "pitched")
    services.note_touch(session, "example.org", at=NOW, cool_down=timedelta(days=100))

    session.refresh(prospect)

    assert (prospect.has_contact, prospect.stage) == (True, "pitched")
    assert prospect.cool_down_until == NOW + timedelta(days=100)
    assert wrong_columns(session) == [
        ("example.org", "has_contact, stage, last_contact_at, cool_down_until")
    ]


def test_an_older_touch_does_not_shorten_the_rest(session: Session) -> None:
    prospect = make_prospect(session, domain="example.org")
    services.note_touch(session, "example.org", at=NOW, cool_down=timedelta(days=100))

    services.note_touch(
        session, "example.org", at=NOW - timedelta(days=9), cool_down=timedelta(days=100)
    )

    session.refresh(prospect)
    assert prospect.last_contact_at == NOW


def test_pages_are_counted_anew(session: Session) -> None:
    prospect = make_prospect(session)
    make_page(session, prospect)
    make_page(session, prospect)
    assert [names for _, names in wrong_columns(session)] == ["page_count"]

    services.recount_pages(session, [prospect.key])

    assert wrong_columns(session) == []
    assert session.exec(select(Prospect.page_count)).one() == 2
