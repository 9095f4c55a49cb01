"""Undoing a file while a colleague puts one of its prospects into a campaign."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from outreach.core.db import Database, Scope
from outreach.desk.recount_pipeline import wrong_tallies
from outreach.prospects import removal
from outreach.prospects.rules import import_source
from outreach.workflows.move_opportunities import add_to_campaign
from tests.factories_campaigns import NOW, make_approved, make_campaign

FILE = 7


def test_a_prospect_being_removed_is_not_added_to_a_campaign(
    database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        campaign_id = make_campaign(session).key
        prospect = make_approved(session)
        prospect.source = import_source(FILE)
        session.add(prospect)
        prospect_id = prospect.key
    with ThreadPoolExecutor(1) as colleague:
        with database.writing(scope) as session:
            empty = removal.empty_prospects_of(session, FILE, [prospect_id])
            assert empty == {prospect_id}
            adding = colleague.submit(
                add_to_campaign, database, scope, campaign_id, [prospect_id], now=NOW
            )
            removal.remove_prospects(session, empty)
        added = adding.result(timeout=10)

    assert list(added.opportunity_ids) == []
    with database.reading(scope) as session:
        assert wrong_tallies(session) == []
