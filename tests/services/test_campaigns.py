"""Campaigns, and each prospect in play."""

from __future__ import annotations

import pytest

from outreach.activity.queries import timeline_of
from outreach.campaigns import queries, services, tally
from outreach.campaigns.services import CampaignDetails
from outreach.campaigns.words import Stage
from outreach.contacts.services import mark_undeliverable, merge_contacts
from outreach.core.db import Database, Scope, Session
from outreach.core.errors import Conflict, Invalid, NotFound
from outreach.prospects.words import Review, Tactic
from tests import factories
from tests.factories_campaigns import (
    KEY,
    NOW,
    make_approved,
    make_asset,
    make_campaign,
    make_contact,
    make_opportunity,
)


def campaign_details(session: Session, **given: object) -> CampaignDetails:
    values: dict[str, object] = {
        "name": "Spring",
        "tactic": Tactic.GUEST_POST,
        "asset_id": make_asset(session).key,
    }
    return CampaignDetails(**{**values, **given})  # type: ignore[arg-type]


def test_a_campaign_is_created_edited_and_put_away(session: Session) -> None:
    details = campaign_details(session, name="  Spring  links ")
    campaign = services.create_campaign(session, details, now=NOW)
    assert campaign.name == "Spring links"

    changed = campaign_details(session, name="Summer", tactic=Tactic.DIGITAL_PR)
    services.edit_campaign(session, campaign, changed, now=NOW)
    services.archive_campaign(session, campaign, is_archived=True, now=NOW)

    assert (campaign.name, campaign.tactic) == ("Summer", Tactic.DIGITAL_PR)
    assert queries.all_campaigns(session) == []
    assert queries.all_campaigns(session, with_archived=True) == [campaign]
    services.archive_campaign(session, campaign, is_archived=False, now=NOW)
    assert queries.all_campaigns(session) == [campaign]


def test_a_campaign_needs_a_name_of_its_own_and_an_asset(session: Session) -> None:
    services.create_campaign(session, campaign_details(session), now=NOW)

    with pytest.raises(Conflict, match="called Spring already"):
        services.create_campaign(session, campaign_details(session), now=NOW)
    with pytest.raises(Invalid, match="a name"):
        services.create_campaign(session, campaign_details(session, name=" "), now=NOW)
    wrong = campaign_details(session, name="Autumn", asset_id=999)
    with pytest.raises(Invalid, match="Choose the asset"):
        services.create_campaign(session, wrong, now=NOW)


def test_an_asset_of_another_workspace_cannot_be_chosen(database: Database, scope: Scope) -> None:
    with database.writing(factories.make_workspace(database)) as session:
        foreign = make_asset(session).key

    with database.writing(scope) as session:
        details = campaign_details(session, asset_id=foreign)
        with pytest.raises(Invalid, match="Choose the asset"):
            services.create_campaign(session, details, now=NOW)


def test_prospects_join_a_campaign_once_and_rejected_ones_never(session: Session) -> None:
    campaign = make_campaign(session)
    approved = make_approved(session, best_page_id=None)
    new = factories.make_prospect(session)
    rejected = factories.make_prospect(session, review=Review.REJECTED)
    ids = [approved.key, new.key, rejected.key]

    first = services.add_opportunities(session, campaign, ids, now=NOW)
    again = services.add_opportunities(session, campaign, ids, now=NOW)

    assert (len(first.opportunity_ids), first.known, first.rejected) == (2, 0, 1)
    assert (again.opportunity_ids, again.known, again.rejected) == ([], 2, 1)
    assert first.sentence == "Added 2; 1 are rejected and were left out."
    found = [queries.get_opportunity(session, key) for key in first.opportunity_ids]
    stages = {opportunity.prospect_id: opportunity.stage for opportunity in found}
    assert stages == {approved.key: Stage.QUALIFIED, new.key: Stage.IDENTIFIED}


def test_the_best_reachable_contact_is_chosen(session: Session) -> None:
    prospect = make_approved(session)
    bounced = make_contact(session, "old@firm.example", site_id=prospect.site_id)
    mark_undeliverable(session, bounced, "550", now=NOW)
    make_contact(session, "info@firm.example", name="", site_id=prospect.site_id)
    person = make_contact(session, "mia@firm.example", site_id=prospect.site_id)

    added = services.add_opportunities(session, make_campaign(session), [prospect.key], now=NOW)

    opportunity = queries.get_opportunity(session, added.opportunity_ids[0])
    assert opportunity.contact_id == person.key
    assert opportunity.owner_id == session.scope.user_id


def test_prospects_of_another_workspace_are_not_added(database: Database, scope: Scope) -> None:
    with database.writing(factories.make_workspace(database)) as session:
        foreign = make_approved(session).key

    with database.writing(scope) as session:
        added = services.add_opportunities(session, make_campaign(session), [foreign], now=NOW)

    assert (added.opportunity_ids, added.known, added.rejected) == ([], 0, 0)


def test_only_untouched_opportunities_are_taken_out_again(session: Session) -> None:
    campaign = make_campaign(session)
    untouched = make_opportunity(session, campaign=campaign)
    worked_on = make_opportunity(session, campaign=campaign, personal_words="I liked your list.")
    pitched = make_opportunity(session, campaign=campaign, stage=Stage.PITCHED)
    ids = [untouched.key, worked_on.key, pitched.key]

    assert services.remove_untouched(session, ids) == [untouched.prospect_id]
    assert sum(tally.stage_counts(session).values()) == 2


def test_a_move_is_logged_with_both_stages_and_its_reason(session: Session) -> None:
    opportunity = make_opportunity(session, stage=Stage.PITCHED)

    services.move_opportunity(
        session, opportunity, Stage.LOST, now=NOW, reason="The site has closed."
    )

    assert opportunity.lost_because == "The site has closed."
    (line,) = timeline_of(session, "opportunity", opportunity.key)
    assert line.sentence == "Moved from pitched to lost: The site has closed."
    assert line.details == {"from": "pitched", "to": "lost"}


def test_moving_back_says_so_and_clears_the_loss(session: Session) -> None:
    opportunity = make_opportunity(session, stage=Stage.LOST, lost_because="Closed.")

    services.move_opportunity(session, opportunity, Stage.READY, now=NOW)

    assert opportunity.lost_because == ""
    (line,) = timeline_of(session, "opportunity", opportunity.key)
    assert line.sentence == "Moved back from lost to ready."


def test_a_refused_move_changes_nothing(session: Session) -> None:
    opportunity = make_opportunity(session, stage=Stage.READY)

    with pytest.raises(Conflict, match="Nobody has written"):
        services.move_opportunity(session, opportunity, Stage.DECLINED, now=NOW)

    assert opportunity.stage is Stage.READY
    assert timeline_of(session, "opportunity", opportunity.key) == []


def test_a_merged_contact_cannot_be_chosen(session: Session) -> None:
    kept, gone = make_contact(session), make_contact(session)
    opportunity = make_opportunity(session, contact_id=gone.key)
    merge_contacts(session, kept, gone, key=KEY, now=NOW)

    with pytest.raises(Conflict, match="choose another"):
        services.choose_contact(session, opportunity, gone, now=NOW)
    services.repoint_contact(session, gone.key, kept.key)
    session.refresh(opportunity)

    assert opportunity.contact_id == kept.key
    services.choose_contact(session, opportunity, None, now=NOW)
    assert opportunity.contact_id is None


def test_personal_words_and_the_owner_are_kept(session: Session) -> None:
    opportunity = make_opportunity(session)

    services.write_personal_words(session, opportunity, "  I liked your list.\n")
    services.assign_opportunity(session, opportunity, session.scope.user_id, now=NOW)

    assert opportunity.personal_words == "I liked your list."
    assert opportunity.owner_id == session.scope.user_id


def test_the_best_approved_prospects_not_yet_in_it_are_found(session: Session) -> None:
    campaign = make_campaign(session)
    scores = {"a.example": 40, "b.example": 90, "c.example": 70}
    prospects = {
        domain: make_approved(session, domain=domain, score=score, score_order=100 - score)
        for domain, score in scores.items()
    }
    factories.make_prospect(session, score=99, score_order=1)
    make_opportunity(session, campaign=campaign, prospect=prospects["b.example"])

    best = queries.best_to_add(session, campaign.key, limit=1)

    assert best == [prospects["c.example"].id]


def test_counts_are_by_stage_campaign_and_owner(session: Session) -> None:
    one, other = make_campaign(session), make_campaign(session)
    me = session.scope.user_id
    make_opportunity(session, campaign=one, stage=Stage.READY, owner_id=me)
    make_opportunity(session, campaign=one, stage=Stage.WON)
    make_opportunity(session, campaign=other, stage=Stage.READY)

    assert tally.stage_counts(session) == {Stage.READY: 2, Stage.WON: 1}
    assert tally.stage_counts(session, campaign_id=one.key, owner_id=me) == {Stage.READY: 1}
    found = tally.totals_by_campaign(session)[one.key]
    assert {stage: total.count for stage, total in found.items()} == {Stage.READY: 1, Stage.WON: 1}


def test_opportunities_are_found_by_prospect_and_contact(session: Session) -> None:
    contact = make_contact(session)
    opportunity = make_opportunity(session, contact_id=contact.key, stage=Stage.READY)
    prospect_id = opportunity.prospect_id

    assert queries.opportunities_of_prospect(session, prospect_id) == [opportunity]
    assert queries.opportunities_of_contact(session, contact.key) == [opportunity]
    assert queries.stages_of_prospects(session, [prospect_id]) == {prospect_id: [Stage.READY]}


def test_nothing_of_another_workspace_is_found(database: Database, scope: Scope) -> None:
    with database.writing(factories.make_workspace(database)) as session:
        opportunity = make_opportunity(session)

    with database.reading(scope) as session:
        with pytest.raises(NotFound):
            queries.get_opportunity(session, opportunity.key)
        with pytest.raises(NotFound):
            queries.get_campaign(session, opportunity.campaign_id)
