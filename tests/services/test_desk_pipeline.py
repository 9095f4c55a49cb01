"""The board, the table and the campaign pages: what they show, and in how many statements."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from outreach.campaigns.tally import tally
from outreach.campaigns.words import Stage, TableSort
from outreach.contacts.services import mark_undeliverable
from outreach.core.db import Database, Scope, Session
from outreach.desk.board import board
from outreach.desk.campaigns import campaign_lines, campaign_view
from outreach.desk.cards import BoardFilter, card_of
from outreach.desk.opportunity_table import WhichPage, opportunity_table
from outreach.suppression.rules import TouchEntry
from outreach.suppression.services import note_touch, suppress_address, suppress_domain
from outreach.suppression.words import SuppressionReason, TouchOutcome
from tests import factories
from tests.factories_campaigns import (
    KEY,
    NOW,
    address,
    make_approved,
    make_campaign,
    make_contact,
    make_mailbox,
    make_opportunity,
)

CountStatements = Callable[[], list[str]]
EVERYTHING = BoardFilter()


def test_the_board_has_a_column_for_each_stage_the_latest_moved_first(session: Session) -> None:
    old = make_opportunity(session, stage_changed_at=NOW - timedelta(days=3))
    new = make_opportunity(session, stage_changed_at=NOW)
    won = make_opportunity(session, stage=Stage.WON)

    columns = {column.stage: column for column in board(session, EVERYTHING, now=NOW)}

    assert list(columns) == list(Stage)
    assert [card.id for card in columns[Stage.IDENTIFIED].cards] == [new.key, old.key]
    assert [card.id for card in columns[Stage.WON].cards] == [won.key]
    assert columns[Stage.LOST].count == 0


def test_a_column_shows_twenty_cards_and_how_many_more(
    session: Session, count_statements: CountStatements
) -> None:
    campaign = make_campaign(session)
    for _ in range(23):
        make_opportunity(session, campaign=campaign, stage=Stage.READY)
    make_opportunity(session, campaign=campaign, stage=Stage.PITCHED)
    tally(session)  # what was noted is counted at the latest when somebody asks
    count_statements()

    columns = {column.stage: column for column in board(session, EVERYTHING, now=NOW)}

    assert len(columns[Stage.READY].cards) == 20
    assert columns[Stage.READY].count == 23
    assert columns[Stage.READY].hidden_count == 3
    assert len(count_statements()) == 4  # tally, cards, two of what speaks against writing


def test_the_board_is_narrowed_to_a_campaign_and_an_owner(session: Session) -> None:
    campaign = make_campaign(session)
    mine = make_opportunity(session, campaign=campaign, owner_id=session.scope.user_id)
    make_opportunity(session, campaign=campaign)
    make_opportunity(session, owner_id=session.scope.user_id)

    wanted = BoardFilter(campaign_id=campaign.key, owner_id=session.scope.user_id)
    shown = [card.id for column in board(session, wanted, now=NOW) for card in column.cards]

    assert shown == [mine.key]


def test_cards_say_what_speaks_against_writing(database: Database, scope: Scope) -> None:
    with database.writing(factories.make_workspace(database)) as session:
        entry = TouchEntry("outbox:1", NOW - timedelta(days=12), "", "busy.example",
                           TouchOutcome.AWAITING)  # fmt: skip
        note_touch(session, entry, now=NOW)
    with database.writing(scope) as session:
        suppress_address(
            session, address("no@firm.example"), SuppressionReason.ASKED, key=KEY, now=NOW
        )
        suppress_domain(session, "closed.example", SuppressionReason.MANUAL, now=NOW)
        bounced = make_contact(session, "old@firm.example")
        mark_undeliverable(session, bounced, "550", now=NOW)
        cases = {
            make_opportunity(
                session, prospect=make_approved(session, domain=domain), contact_id=contact_id
            ).key: warnings
            for domain, contact_id, warnings in (
                ("busy.example", make_contact(session, "a@firm.example").key,
                 ("another team, 12 days ago, awaiting answer",)),
                ("calm.example", make_contact(session, "no@firm.example").key,
                 ("suppressed: asked",)),
                ("closed.example", make_contact(session, "b@firm.example").key,
                 ("suppressed: manual",)),
                ("quiet.example", bounced.key, ("mail does not arrive",)),
                ("new.example", None, ("no contact chosen",)),
                ("free.example", make_contact(session, "c@firm.example").key, ()),
            )
        }  # fmt: skip

    with database.reading(scope) as session:
        for opportunity_id, warnings in cases.items():
            assert card_of(session, opportunity_id, now=NOW).warnings == warnings


def test_our_own_touch_is_news_only_before_this_one_was_pitched(session: Session) -> None:
    entry = TouchEntry("outbox:1", NOW, "", "firm.example", TouchOutcome.AWAITING)
    note_touch(session, entry, now=NOW)
    prospect = make_approved(session, domain="firm.example")
    contact = make_contact(session)
    ready = make_opportunity(session, prospect=prospect, contact_id=contact.key)
    pitched = make_opportunity(
        session, prospect=prospect, contact_id=contact.key, stage=Stage.PITCHED
    )

    assert "today, awaiting answer" in card_of(session, ready.key, now=NOW).warnings[0]
    assert card_of(session, pitched.key, now=NOW).warnings == ()


def test_an_ended_opportunity_warns_of_nothing(session: Session) -> None:
    over = make_opportunity(session, stage=Stage.DECLINED)

    assert card_of(session, over.key, now=NOW).warnings == ()


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_the_table_pages_without_gaps_also_among_equals(session: Session, limit: int) -> None:
    moments = [NOW, NOW, NOW, NOW - timedelta(days=1), NOW - timedelta(seconds=1)]
    rows = [make_opportunity(session, stage_changed_at=moment) for moment in moments]
    expected = [rows[index].key for index in (2, 1, 0, 4, 3)]

    shown, cursor = list[int](), ""
    for _ in range(5):
        which = WhichPage(cursor=cursor, limit=limit)
        page = opportunity_table(session, EVERYTHING, tally(session), which, now=NOW)
        shown += [card.id for card in page.rows]
        if page.next_cursor is None:
            break
        cursor = page.next_cursor

    assert shown == expected


@pytest.mark.parametrize("sort", list(TableSort))
def test_few_are_sorted_as_many_are_found_along_an_index(
    session: Session, sort: TableSort, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = make_campaign(session)
    for days in (3, 1, 2, 1, 3):
        moved = NOW - timedelta(days=days)
        make_opportunity(session, campaign=campaign, stage_changed_at=moved, stage=Stage.READY)
        make_opportunity(session, stage=Stage.READY)
    wanted = BoardFilter(campaign_id=campaign.key, stage=Stage.READY)

    def walked() -> list[int]:
        found, cursor = list[int](), ""
        while len(found) < 5:
            which = WhichPage(sort, cursor, limit=2)
            page = opportunity_table(session, wanted, tally(session), which, now=NOW)
            found += [card.id for card in page.rows]
            cursor = page.next_cursor or ""
        return found

    as_few = walked()
    monkeypatch.setattr("outreach.desk.opportunity_table.FEW", 0)
    assert walked() == as_few
    assert len(set(as_few)) == 5


def test_the_table_is_four_statements_however_long_it_is(
    session: Session, count_statements: CountStatements
) -> None:
    campaign = make_campaign(session)
    for _ in range(5):
        make_opportunity(session, campaign=campaign, stage=Stage.READY)
    make_opportunity(session, campaign=campaign, stage=Stage.WON)
    totals = tally(session)
    count_statements()

    page = opportunity_table(session, BoardFilter(stage=Stage.READY), totals, now=NOW)

    assert {card.stage for card in page.rows} == {Stage.READY}
    assert len(count_statements()) == 4  # ids, cards, two for badges


def test_campaigns_are_listed_with_what_they_go_out_with(
    session: Session, count_statements: CountStatements
) -> None:
    mailbox = make_mailbox(session, address="us@ours.example")
    campaign = make_campaign(session, name="Spring", mailbox_id=mailbox.key)
    make_campaign(session, name="Old", is_archived=True)
    for stage in (Stage.READY, Stage.PITCHED, Stage.WON):
        make_opportunity(session, campaign=campaign, stage=stage)
    tally(session)
    count_statements()

    (line,) = campaign_lines(session)

    assert len(count_statements()) == 2
    assert (line.campaign.name, line.mailbox, line.sequence) == ("Spring", "us@ours.example", None)
    assert (line.total, line.pitched, line.won) == (3, 2, 1)
    assert line.missing == ["a sequence"]
    assert len(campaign_lines(session, with_archived=True)) == 2


def test_a_campaign_offers_the_best_prospects_it_lacks(session: Session) -> None:
    campaign = make_campaign(session)
    best = make_approved(session, score=90, score_order=10)
    make_approved(session, score=40, score_order=60)

    view = campaign_view(session, campaign.key, best=1)

    assert view.best_ids == [best.key]
    assert view.line.total == 0
