"""Suppressing, the collision guard over the installation, and unsubscribe links."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from outreach.activity.queries import timeline_of
from outreach.core.addresses import MailAddress, parse_mail_address
from outreach.core.db import Database, Scope, Session
from outreach.core.errors import Conflict, Invalid, NotFound
from outreach.suppression import queries, services
from outreach.suppression.rules import SuppressionEntry, TouchEntry, person_key
from outreach.suppression.words import SuppressionReason, TouchOutcome
from tests import factories

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = "a key of this installation, for tests only"


def address(text: str) -> MailAddress:
    parsed = parse_mail_address(text)
    assert parsed is not None
    return parsed


JANE = address("Jane.Doe@gmail.com")


@pytest.fixture
def other_scope(database: Database) -> Scope:
    return factories.make_workspace(database)


def touch(source: str, *, days_ago: int, **given: str) -> TouchEntry:
    return TouchEntry(
        source_key=source,
        at=NOW - timedelta(days=days_ago),
        outcome=TouchOutcome.AWAITING,
        **given,
    )


def test_a_suppressed_person_is_found_under_every_spelling(session: Session) -> None:
    services.suppress_address(session, JANE, SuppressionReason.ASKED, key=KEY, now=NOW)

    alias = person_key(KEY, address("janedoe+x@googlemail.com"))
    found = queries.find_suppression(session, person_key=alias, domain="gmail.com")

    assert found is not None
    assert found.reason is SuppressionReason.ASKED
    assert found.label == "Jane.Doe@gmail.com"


def test_a_suppressed_domain_silences_everyone_at_it(session: Session) -> None:
    services.suppress_domain(session, "www.firm.example", SuppressionReason.MANUAL, now=NOW)

    found = queries.find_suppression(session, person_key="nobody", domain="mail.firm.example")

    assert found is not None
    assert found.label == "firm.example"


def test_nobody_is_suppressed_by_an_empty_key_or_domain(session: Session) -> None:
    services.suppress_address(session, JANE, SuppressionReason.ASKED, key=KEY, now=NOW)

    assert queries.find_suppression(session, person_key="", domain="") is None


@pytest.mark.parametrize("domain", ["gmail.com", "no domain", "jane@firm.example", ""])
def test_what_is_no_companys_domain_cannot_be_suppressed(session: Session, domain: str) -> None:
    with pytest.raises(Invalid):
        services.suppress_domain(session, domain, SuppressionReason.MANUAL, now=NOW)


def test_suppression_reaches_every_workspace(
    database: Database, scope: Scope, other_scope: Scope
) -> None:
    with database.writing(scope) as session:
        services.suppress_address(session, JANE, SuppressionReason.ASKED, key=KEY, now=NOW)

    with database.reading(other_scope) as session:
        found = queries.find_suppression(session, person_key=person_key(KEY, JANE), domain="")

    assert found is not None


def test_a_lasting_reason_replaces_a_weaker_one_but_not_the_other_way(session: Session) -> None:
    services.suppress_address(session, JANE, SuppressionReason.MANUAL, key=KEY, now=NOW)
    services.suppress_address(session, JANE, SuppressionReason.UNSUBSCRIBED, key=KEY, now=NOW)
    row = services.suppress_address(session, JANE, SuppressionReason.BOUNCED, key=KEY, now=NOW)

    assert row.reason is SuppressionReason.UNSUBSCRIBED


def test_erasing_empties_the_label_and_stays_erased(session: Session) -> None:
    services.suppress_address(
        session, JANE, SuppressionReason.MANUAL, key=KEY, now=NOW, note="Jane"
    )
    services.suppress_address(session, JANE, SuppressionReason.ERASED, key=KEY, now=NOW)
    row = services.suppress_address(session, JANE, SuppressionReason.UNSUBSCRIBED, key=KEY, now=NOW)

    assert (row.reason, row.label, row.note) == (SuppressionReason.ERASED, "", "")


def test_lifting_needs_a_reason_and_is_logged_without_the_address(session: Session) -> None:
    row = services.suppress_address(session, JANE, SuppressionReason.MANUAL, key=KEY, now=NOW)
    with pytest.raises(Invalid, match="Say why"):
        services.lift_suppression(session, row, reason="  ", now=NOW)

    services.lift_suppression(session, row, reason="She wrote to us first.", now=NOW)

    assert queries.find_suppression(session, person_key=person_key(KEY, JANE), domain="") is None
    (line,) = timeline_of(session, "suppression", row.key)
    assert "She wrote to us first." in line.sentence
    assert "gmail" not in line.sentence


@pytest.mark.parametrize(
    "reason",
    [SuppressionReason.UNSUBSCRIBED, SuppressionReason.COMPLAINED, SuppressionReason.ERASED],
)
def test_what_the_person_asked_for_is_never_lifted(
    session: Session, reason: SuppressionReason
) -> None:
    row = services.suppress_address(session, JANE, reason, key=KEY, now=NOW)

    with pytest.raises(Conflict, match="only they can undo"):
        services.lift_suppression(session, row, reason="We like her.", now=NOW)


def test_another_teams_people_can_be_neither_listed_nor_lifted(
    database: Database, scope: Scope, other_scope: Scope
) -> None:
    with database.writing(other_scope) as session:
        row = services.suppress_address(session, JANE, SuppressionReason.MANUAL, key=KEY, now=NOW)
        services.suppress_domain(
            session, "firm.example", SuppressionReason.MANUAL, now=NOW, note="Rude on the phone"
        )

    with database.reading(scope) as session:
        (shown,) = queries.suppression_page(session).rows
        assert queries.suppression_page(session, search="JANE").rows == []
        with pytest.raises(NotFound):
            queries.get_suppression(session, row.key)

    assert (shown.label, shown.note, shown.is_ours) == ("firm.example", "", False)


def test_the_list_is_searched_in_any_case(session: Session) -> None:
    services.suppress_address(session, JANE, SuppressionReason.MANUAL, key=KEY, now=NOW)

    assert len(queries.suppression_page(session, search="jane.d").rows) == 1
    assert queries.suppression_page(session, search="john").rows == []


def test_the_list_pages_newest_first_without_gaps(session: Session) -> None:
    entries = [SuppressionEntry(domain=f"site{number}.example") for number in range(7)]
    services.add_suppressions(session, entries, key=KEY, now=NOW)

    first = queries.suppression_page(session, limit=4)
    assert first.next_cursor is not None
    second = queries.suppression_page(session, cursor=first.next_cursor, limit=4)

    labels = [row.label for row in first.rows + second.rows]
    assert labels == [f"site{number}.example" for number in reversed(range(7))]
    assert second.next_cursor is None


def test_an_imported_list_twice_adds_nothing(session: Session) -> None:
    entries = [
        SuppressionEntry(address=JANE),
        SuppressionEntry(address=address("janedoe@gmail.com")),
        SuppressionEntry(domain="firm.example", note="Client"),
    ]

    first = services.add_suppressions(session, entries, key=KEY, now=NOW)
    again = services.add_suppressions(session, entries, key=KEY, now=NOW)

    assert (first.added, first.known) == (2, 1)
    assert (again.added, again.known) == (0, 3)


def test_an_import_leaves_a_stronger_reason_alone(session: Session) -> None:
    services.suppress_address(session, JANE, SuppressionReason.COMPLAINED, key=KEY, now=NOW)

    services.add_suppressions(session, [SuppressionEntry(address=JANE)], key=KEY, now=NOW)

    found = queries.find_suppression(session, person_key=person_key(KEY, JANE), domain="")
    assert found is not None
    assert found.reason is SuppressionReason.COMPLAINED


def test_an_entry_is_checked_before_it_joins_a_set() -> None:
    services.refuse_entry(SuppressionEntry(address=JANE))
    with pytest.raises(Invalid, match="shared by millions"):
        services.refuse_entry(SuppressionEntry(domain="gmail.com"))


def test_undoing_an_import_takes_back_only_what_it_brought(session: Session) -> None:
    note = services.import_note(3)
    entries = [SuppressionEntry(address=JANE), SuppressionEntry(domain="firm.example")]
    services.add_suppressions(session, entries, key=KEY, now=NOW, note=note)
    services.add_touches(
        session,
        [touch("import:3:1", days_ago=5, domain="a.example"),
         touch("import:30:1", days_ago=5, domain="b.example")],
        now=NOW,
    )  # fmt: skip
    services.suppress_address(session, JANE, SuppressionReason.UNSUBSCRIBED, key=KEY, now=NOW)

    undone = services.withdraw_import(session, 3)

    assert undone.known == 2
    suppressed = queries.suppressed_among(
        session, person_keys=[person_key(KEY, JANE)], domains=["firm.example"]
    )
    assert suppressed == {person_key(KEY, JANE): SuppressionReason.UNSUBSCRIBED}


def test_the_guard_tells_us_who_and_others_only_when(
    database: Database, scope: Scope, other_scope: Scope
) -> None:
    person = person_key(KEY, JANE)
    with database.writing(scope) as session:
        entry = touch("outbox:1", days_ago=12, person_key=person, domain="blog.example")
        services.note_touch(session, entry, now=NOW)
        name = queries.collisions(
            session,
            person_key=person,
            domain="",
            workspace_id=session.workspace_id,
            now=NOW,
        )[0].who

    with database.reading(other_scope) as session:
        (seen,) = queries.collisions(
            session,
            person_key=person,
            domain="blog.example",
            workspace_id=session.workspace_id,
            now=NOW,
        )

    assert name.startswith("Colleague")
    assert (seen.is_ours, seen.who, seen.is_same_person) == (False, "", None)
    assert seen.sentence(NOW) == "another team, 12 days ago, awaiting answer"


def test_the_guard_matches_the_company_and_the_person_but_no_public_mail_host(
    session: Session,
) -> None:
    services.add_touches(
        session,
        [
            touch("outbox:1", days_ago=3, person_key="jane", domain="firm.example"),
            touch("outbox:2", days_ago=2, person_key="ben", domain="gmail.com"),
        ],
        now=NOW,
    )

    def found(person: str, domain: str) -> list[bool | None]:
        return [
            collision.is_same_person
            for collision in queries.collisions(
                session,
                person_key=person,
                domain=domain,
                workspace_id=session.workspace_id,
                now=NOW,
            )
        ]

    assert found("colleague", "www.firm.example") == [False]
    assert found("jane", "elsewhere.example") == [True]
    assert found("stranger", "gmail.com") == []
    assert found("ben", "gmail.com") == [True]
    assert found("", "") == []


def test_sites_on_a_shared_host_do_not_collide(session: Session) -> None:
    entry = touch("outbox:1", days_ago=3, domain="anna.wordpress.com")
    services.note_touch(session, entry, now=NOW)

    assert not queries.collisions(
        session,
        person_key="",
        domain="ben.wordpress.com",
        workspace_id=session.workspace_id,
        now=NOW,
    )


@pytest.mark.parametrize(("days_ago", "collides"), [(99, True), (100, False)])
def test_the_cool_down_ends_after_a_hundred_days(
    session: Session, days_ago: int, collides: bool
) -> None:
    entry = touch("outbox:1", days_ago=days_ago, domain="firm.example")
    services.note_touch(session, entry, now=NOW)

    found = queries.collisions(
        session,
        person_key="",
        domain="firm.example",
        workspace_id=session.workspace_id,
        now=NOW,
    )

    assert bool(found) is collides


def test_a_page_of_badges_is_one_statement_and_the_newest_touch_wins(
    session: Session, count_statements: Callable[[], list[str]]
) -> None:
    services.add_touches(
        session,
        [
            touch("outbox:1", days_ago=30, domain="a.example"),
            touch("outbox:2", days_ago=4, domain="a.example"),
            touch("outbox:3", days_ago=400, domain="b.example"),
        ],
        now=NOW,
    )
    count_statements()

    badges = queries.latest_collisions(
        session,
        ["a.example", "b.example", "gmail.com"],
        workspace_id=session.workspace_id,
        now=NOW,
    )

    assert len(count_statements()) == 1
    assert list(badges) == ["a.example"]
    assert badges["a.example"].at == NOW - timedelta(days=4)


def test_one_source_is_one_touch_and_its_outcome_can_be_set(session: Session) -> None:
    entry = touch("outbox:1", days_ago=3, domain="firm.example")

    assert services.note_touch(session, entry, now=NOW)
    assert not services.note_touch(session, entry, now=NOW)
    assert services.set_touch_outcome(session, "outbox:1", TouchOutcome.REPLIED)
    assert not services.set_touch_outcome(session, "outbox:2", TouchOutcome.REPLIED)


def test_settling_closes_our_open_touches_only(
    database: Database, scope: Scope, other_scope: Scope
) -> None:
    for number, whose in enumerate((scope, other_scope)):
        with database.writing(whose) as session:
            entry = touch(f"outbox:{number}", days_ago=3, person_key="jane", domain="firm.example")
            services.note_touch(session, entry, now=NOW)

    with database.writing(scope) as session:
        assert services.settle_touches(session, TouchOutcome.REPLIED, person_key="jane") == 1
        assert services.settle_touches(session, TouchOutcome.WON, domain="firm.example") == 1
        assert services.settle_touches(session, TouchOutcome.WON) == 0
        assert services.settle_touches(session, TouchOutcome.DECLINED, person_key="jane") == 0


def test_an_unsubscribe_link_works_twice_and_suppresses_once(session: Session) -> None:
    person = person_key(KEY, JANE)
    token = services.issue_unsubscribe_token(session, person, "gmail.com")

    services.use_unsubscribe_token(session, token, now=NOW)
    row = services.use_unsubscribe_token(session, token, now=NOW + timedelta(days=1))

    assert row.used_at == NOW
    found = queries.find_suppression(session, person_key=person, domain="")
    assert found is not None
    assert found.reason is SuppressionReason.UNSUBSCRIBED


def test_a_token_we_never_issued_unsubscribes_nobody(session: Session) -> None:
    with pytest.raises(NotFound):
        services.use_unsubscribe_token(session, "x" * 43, now=NOW)
