"""The list of prospects: what a filter finds, in which order, page after page."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from outreach.core.clock import utc_now
from outreach.core.db import Scope, Session
from outreach.core.errors import Invalid
from outreach.core.paging import encode_cursor
from outreach.desk.prospect_filter import SORTS, ProspectFilter
from outreach.desk.prospect_list import count_all_prospects, count_prospects, matching_ids
from outreach.desk.prospect_list import prospect_page as page_of
from outreach.fields.models import CustomField, CustomValue
from outreach.fields.words import FieldKind, FieldSubject
from outreach.prospects.models import Prospect, ProspectTag
from outreach.prospects.rules import order_of
from outreach.prospects.words import Review
from outreach.tags.models import Tag
from tests.factories import add, make_prospect

NOW = utc_now()
ATTRIBUTES = {
    "dr": "ahrefs_dr", "da": "moz_da", "tf": "majestic_tf", "as": "semrush_as",
    "contacted": "last_contact_at", "newest": "id", "owner": "owner_id",
}  # fmt: skip


@pytest.fixture
def rows(session: Session, scope: Scope) -> list[Prospect]:
    """Prospects with every kind of value, and many without."""
    dice = random.Random(7)
    return [_make(session, scope, number, dice) for number in range(70)]


def _make(session: Session, scope: Scope, number: int, dice: random.Random) -> Prospect:
    def perhaps(value: Any, none: Any = None) -> Any:
        return value if dice.random() < 0.6 else none

    score, authority = perhaps(dice.randrange(8)), perhaps(dice.randrange(100))
    written = perhaps(NOW - timedelta(days=dice.randrange(400)))
    return make_prospect(
        session,
        domain=f"d{dice.randrange(10**6)}-{number}.example",
        title=f"Title {number}",
        review=dice.choice(list(Review)),
        score=score,
        score_order=order_of(score),
        relevance=perhaps(dice.randrange(100)),
        authority=authority,
        authority_order=order_of(authority),
        ahrefs_dr=perhaps(dice.randrange(5)),
        moz_da=perhaps(dice.randrange(100)),
        majestic_tf=perhaps(dice.randrange(100)),
        semrush_as=perhaps(dice.randrange(100)),
        traffic=perhaps(dice.randrange(10**6)),
        stage=perhaps("qualified", ""),
        tactic=perhaps("guest_post", ""),
        topic=perhaps(dice.choice(["Garden", "Bees"]), ""),
        country=perhaps(dice.choice(["DE", "FR"]), ""),
        language=perhaps("en", ""),
        owner_id=perhaps(scope.user_id),
        has_contact=dice.random() < 0.5,
        last_contact_at=written,
        cool_down_until=written + timedelta(days=90) if written else None,
        source=perhaps("import:7", "manual"),
    )


def value_of(row: Prospect, sort: str) -> Any:
    value = getattr(row, ATTRIBUTES.get(sort, sort))
    return None if value == "" else value


def expected_order(rows: list[Prospect], wanted: ProspectFilter) -> list[Any]:
    """Sort values in the order of the list: unknown last, whichever the direction."""
    known = [value for row in rows if (value := value_of(row, wanted.sort)) is not None]
    known.sort(reverse=wanted.is_descending)
    return known + [None] * (len(rows) - len(known))


def all_pages(session: Session, wanted: ProspectFilter, limit: int) -> list[list[int]]:
    pages, cursor = [], ""
    while True:
        page = page_of(session, wanted, now=NOW, needs=(), cursor=cursor, limit=limit)
        pages.append([row[0] for row in page.rows])
        cursor = page.next_cursor
        if not cursor:
            return pages


@pytest.mark.parametrize("is_reversed", [False, True])
@pytest.mark.parametrize("sort", sorted(SORTS))
def test_every_order_shows_each_row_once_with_unknown_last(
    session: Session, rows: list[Prospect], sort: str, is_reversed: bool
) -> None:
    by_id = {row.key: row for row in rows}
    for wanted in (
        ProspectFilter(sort=sort, is_reversed=is_reversed),
        ProspectFilter(has_contact=True, sort=sort, is_reversed=is_reversed),
    ):
        fitting = [row for row in rows if row.has_contact or wanted.has_contact is None]

        shown = [key for page in all_pages(session, wanted, 9) for key in page]

        assert sorted(shown) == sorted(row.key for row in fitting)
        assert [value_of(by_id[key], sort) for key in shown] == expected_order(fitting, wanted)


@pytest.mark.parametrize(
    "query",
    ["", "sort=dr", "sort=dr&dir=reversed", "sort=country&contact=yes"],
)
def test_going_back_shows_the_same_pages(
    session: Session, rows: list[Prospect], query: str
) -> None:
    wanted = ProspectFilter.from_arguments(_arguments(query))
    pages = all_pages(session, wanted, 8)
    page, cursor = None, ""
    for _ in pages:
        page = page_of(session, wanted, now=NOW, cursor=cursor, limit=8)
        cursor = page.next_cursor
    assert page is not None
    back = [[row[0] for row in page.rows]]
    while page.previous_cursor:
        page = page_of(session, wanted, now=NOW, cursor=page.previous_cursor, limit=8)
        back.insert(0, [row[0] for row in page.rows])

    assert back == pages


def _arguments(query: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in query.split("&") if part)


LONG_AGO = (NOW - timedelta(days=200)).date()
FITS: dict[str, Callable[[Prospect], bool]] = {
    "review=approved": lambda row: row.review is Review.APPROVED,
    "score_min=3": lambda row: row.score is not None and row.score >= 3,
    "score_max=3": lambda row: row.score is not None and row.score <= 3,
    "score_min=2&score_max=4": lambda row: row.score in {2, 3, 4},
    "unknown=1": lambda row: row.score is None,
    "relevance_min=50": lambda row: row.relevance is not None and row.relevance >= 50,
    "authority_max=40": lambda row: row.authority is not None and row.authority <= 40,
    "dr_min=2&da_max=60": lambda row: (row.ahrefs_dr or 0) >= 2 and (row.moz_da or 99) <= 60,
    "tf_min=1": lambda row: (row.majestic_tf or 0) >= 1,
    "as_max=50": lambda row: row.semrush_as is not None and row.semrush_as <= 50,
    "traffic_min=500000": lambda row: (row.traffic or 0) >= 500_000,
    "stage=qualified,won": lambda row: row.stage == "qualified",
    "tactic=guest_post": lambda row: row.tactic == "guest_post",
    "topic=Bees": lambda row: row.topic == "Bees",
    "country=DE,FR": lambda row: row.country in {"DE", "FR"},
    "language=en&country=DE": lambda row: (row.language, row.country) == ("en", "DE"),
    "contact=no": lambda row: not row.has_contact,
    "resting=yes": lambda row: row.cool_down_until is not None and row.cool_down_until > NOW,
    "resting=no": lambda row: row.cool_down_until is None or row.cool_down_until <= NOW,
    "contacted=never": lambda row: row.last_contact_at is None,
    f"contacted_before={LONG_AGO}": lambda row: (
        row.last_contact_at is not None and row.last_contact_at.date() < LONG_AGO
    ),
    f"contacted_after={LONG_AGO}": lambda row: (
        row.last_contact_at is not None and row.last_contact_at.date() >= LONG_AGO
    ),
    f"added={NOW.date() - timedelta(days=2)}": lambda _: True,
    f"added={NOW.date() + timedelta(days=2)}": lambda _: False,
    "file=7": lambda row: row.source == "import:7",
    "owner=nobody": lambda row: row.owner_id is None,
    "owner=me": lambda row: row.owner_id is not None,
    "q=title 1": lambda row: "1" in row.domain + row.title,
}


@pytest.mark.parametrize("query", FITS)
def test_a_filter_finds_what_fits_and_nothing_else(
    session: Session, rows: list[Prospect], query: str
) -> None:
    expected = [row.key for row in rows if FITS[query](row)]
    wanted = ProspectFilter.from_arguments(_arguments(query))

    for order in ("", "sort=dr"):
        in_order = ProspectFilter.from_arguments(_arguments(f"{query}&{order}"))
        page = page_of(session, in_order, now=NOW, needs=(), limit=100)
        assert sorted(row[0] for row in page.rows) == expected
    assert count_prospects(session, wanted, now=NOW) == (len(expected), False)
    assert count_all_prospects(session, wanted, now=NOW) == len(expected)
    assert matching_ids(session, wanted, now=NOW) == expected


def test_tags_and_custom_fields_narrow_the_list(session: Session, rows: list[Prospect]) -> None:
    tag = Tag(name="Warm", name_key="warm")
    field = CustomField(
        subject=FieldSubject.PROSPECT, name="Fee", name_key="fee", kind=FieldKind.NUMBER
    )
    add(session, tag)
    add(session, field)
    for row in rows[:5]:
        add(session, ProspectTag(prospect_id=row.key, tag_id=tag.key))
    for number, row in enumerate(rows[3:9]):
        value = CustomValue(
            custom_field_id=field.key, prospect_id=row.key, text=f"{number}", number=number
        )
        add(session, value)

    def found(query: str) -> list[int]:
        wanted = ProspectFilter.from_arguments(_arguments(query))
        shown = page_of(session, wanted, now=NOW, limit=100).rows
        return sorted(row[0] for row in shown)

    keys = [row.key for row in rows]
    assert found(f"tag={tag.key}&sort=dr") == keys[:5]
    assert found("tag=none") == keys[5:]
    assert found(f"field_{field.key}_min=1&field_{field.key}_max=2") == keys[4:6]
    assert found(f"field_{field.key}=5") == keys[8:9]
    assert found(f"tag={tag.key}&field_{field.key}_max=1") == keys[3:5]


def test_ids_that_match_come_in_batches_and_stop_at_the_moment_of_asking(
    session: Session, rows: list[Prospect]
) -> None:
    keys = [row.key for row in rows]
    first = matching_ids(session, ProspectFilter(), now=NOW, limit=40)
    rest = matching_ids(
        session, ProspectFilter(), now=NOW, after_id=first[-1], up_to_id=keys[-3], limit=40
    )

    assert first + rest == keys[:-2]


def test_an_address_is_read_back_as_it_was_written() -> None:
    query = (
        "review=new&asset=3&unknown=1&contact=yes&resting=no&contacted_after=2026-01-02"
        "&added=2026-02-03&file=7&owner=me&tag=1,2&score_min=5&dr_max=9&stage=won,lost"
        "&topic=a, b&field_4=x&field_5_min=2&q=words&sort=traffic&dir=reversed"
    )

    assert ProspectFilter.from_arguments(_arguments(query)).to_arguments() == _arguments(query)


@pytest.mark.parametrize(
    "query",
    ["review=x", "asset=y", "score_min=-1", "owner=boss", "tag=a,b", "added=soon", "sort=shoe",
     "dr_min=99999999999", "contact=perhaps", "field_x=1"],
)  # fmt: skip
def test_what_makes_no_sense_in_an_address_is_left_out(query: str) -> None:
    assert ProspectFilter.from_arguments(_arguments(query)) == ProspectFilter()


@pytest.mark.parametrize(
    "cursor", ["x", encode_cursor(5, 1, 1, False), encode_cursor(0, "a", 1, False),
               encode_cursor(0, 1, "a", False), encode_cursor(0, 1)],
)  # fmt: skip
def test_a_damaged_page_link_is_refused_with_a_sentence(session: Session, cursor: str) -> None:
    with pytest.raises(Invalid, match="damaged"):
        page_of(session, ProspectFilter(), now=NOW, cursor=cursor)


PLANS = {
    "": "ix_prospect_list",
    "country=DE&relevance_min=60": "ix_prospect_list",
    "sort=dr": "ix_prospect_by_ahrefs_dr",
    "country=DE&relevance_min=60&sort=dr": "ix_prospect_by_ahrefs_dr",
    "contact=yes&sort=country": "ix_prospect_by_country",
    "sort=newest": "",
    "sort=domain&review=new": "ix_prospect_workspace_id_domain_title",
    "resting=no&sort=contacted": "ix_prospect_by_last_contact_at",
}


@pytest.mark.sqlite_only
@pytest.mark.parametrize("query", PLANS)
def test_no_question_of_the_list_reads_the_whole_table(
    session: Session, rows: list[Prospect], query: str
) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, given: Any, _context: Any, _m: bool) -> None:
        if "FROM prospect" in statement:
            asked.append((statement, given))

    engine = session.get_bind()
    sa.event.listen(engine, "before_cursor_execute", note)
    page_of(session, ProspectFilter.from_arguments(_arguments(query)), now=NOW)
    count_prospects(session, ProspectFilter.from_arguments(_arguments(query)), now=NOW)
    sa.event.remove(engine, "before_cursor_execute", note)

    cursor = session.connection().connection.cursor()
    plans = [
        line[3]
        for statement, given in asked
        for line in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", given)
    ]
    assert len(asked) >= 2
    assert [
        line for line in plans if line.startswith("SCAN prospect") and "INDEX" not in line
    ] == []
    assert PLANS[query] in " ".join(plans)
