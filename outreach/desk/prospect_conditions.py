"""The filter of the list of prospects as conditions on its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import col

from outreach.core.words import parse_question
from outreach.desk.prospect_filter import ME, NOBODY
from outreach.fields.models import CustomValue
from outreach.prospects.models import Prospect, ProspectTag
from outreach.prospects.rules import UNSCORED, import_source
from outreach.prospects.search import plan_prospect_search
from outreach.scoring.models import ScoreCard

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler

    from outreach.core.db import Session
    from outreach.core.db.search_plan import SearchPlan
    from outreach.desk.prospect_filter import FieldTest, ProspectFilter, Span

# Names of addresses → columns. Scores are kept as their distance from 100, so that one index
# serves the list in its usual order.
COLUMNS = {
    "relevance": "relevance", "dr": "ahrefs_dr", "da": "moz_da", "tf": "majestic_tf",
    "as": "semrush_as", "traffic": "traffic", "contacted": "last_contact_at", "domain": "domain",
    "newest": "id", "stage": "stage", "tactic": "tactic", "topic": "topic", "country": "country",
    "language": "language", "owner": "owner_id",
}  # fmt: skip
DISTANCES = {"score": "score_order", "authority": "authority_order"}

EMPTY = sa.literal("", literal_execute=True)  # spelt out, as the partial indexes spell it
_MOMENT: Any = sa.inspect(Prospect).columns["cool_down_until"].type


class beside_indexes(FunctionElement[Any]):  # noqa: N801 - stands in statements as a function
    """A column that SQLite shall not look up in an index of its own.

    Without statistics it takes any index with one more matching column, and then fetches each row
    it names; the one index that holds everything a list is narrowed by is many times faster.
    """

    inherit_cache = True
    name = "beside_indexes"

    def __init__(self, column: Any) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(beside_indexes)
def _as_it_is(element: beside_indexes, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


@compiles(beside_indexes, "sqlite")
def _with_a_plus(element: beside_indexes, compiler: SQLCompiler, **kw: Any) -> str:
    return f"+{compiler.process(element.clauses, **kw)}"


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks and when: what "me" and "resting" mean, and how words are found."""

    user_id: int | None
    now: datetime | None = None  # None: bound to the statement as "asked_at" when it runs
    plan: SearchPlan | None = None  # for the words asked for, when any are
    is_tested: bool = False  # row by row in order, instead of all that match being fetched
    most: int | None = None  # matches of the words that are looked at

    @property
    def moment(self) -> Any:
        """The moment as a statement names it."""
        return self.now or sa.bindparam("asked_at", type_=_MOMENT)


def column_of(entity: Any, name: str) -> Any:
    """Return what a part of the address is about: a column of the prospect, or of an alias."""
    return getattr(entity, DISTANCES.get(name) or COLUMNS[name])


def conditions(entity: Any, wanted: ProspectFilter, asking: Asking) -> list[Any]:
    """Return what a prospect must fulfil by its own columns."""
    found = [_within(entity, span) for span in wanted.spans]
    found += [beside_indexes(column_of(entity, name)).in_(values) for name, values in wanted.words]
    if wanted.review is not None:
        found.append(beside_indexes(entity.review) == wanted.review)
    if wanted.is_unknown:
        found.append(beside_indexes(entity.score_order) == UNSCORED)
    if wanted.has_contact is not None:
        found.append(beside_indexes(entity.has_contact).is_(wanted.has_contact))
    if wanted.import_file_id is not None:
        found.append(beside_indexes(entity.source) == import_source(wanted.import_file_id))
    if wanted.added_since is not None:
        found.append(beside_indexes(entity.created_at) >= _midnight(wanted.added_since))
    if wanted.owner:
        found.append(_is_owned(entity, wanted.owner, asking))
    if wanted.search:
        found.append(_holds_words(entity, asking))
    return [*found, *_about_contact(entity, wanted, asking)]


def memberships(wanted: ProspectFilter) -> list[Any]:
    """Return selections of prospect ids that a prospect must be in; each has its own index."""
    found: list[Any] = []
    if wanted.tag_ids:
        found.append(
            sa.select(col(ProspectTag.prospect_id)).where(
                col(ProspectTag.tag_id).in_(wanted.tag_ids)
            )
        )
    if wanted.asset_id is not None:
        found.append(
            sa.select(col(ScoreCard.prospect_id)).where(col(ScoreCard.asset_id) == wanted.asset_id)
        )
    return [*found, *(_holds(test) for test in wanted.fields)]


def named_by_index(wanted: ProspectFilter, asking: Asking) -> list[Any]:
    """Return selections of prospect ids, each read from an index alone; all must hold a match."""
    found = memberships(wanted)
    for name, values in wanted.words:
        column: Any = column_of(Prospect, name)
        found.append(sa.select(col(Prospect.id)).where(column.in_(values), column != EMPTY))
    if wanted.owner and wanted.owner != NOBODY:
        owner_id = asking.user_id if wanted.owner == ME else int(wanted.owner)
        found.append(sa.select(col(Prospect.id)).where(col(Prospect.owner_id) == owner_id))
    return found


def absences(wanted: ProspectFilter) -> list[Any]:
    """Return selections of prospect ids that a prospect must not be in."""
    return [sa.select(col(ProspectTag.prospect_id))] if wanted.is_untagged else []


def restricted(statement: Any, entity: Any, wanted: ProspectFilter, asking: Asking) -> Any:
    """Narrow a selection of prospects, row by row, to what the filter wants."""
    statement = statement.where(*conditions(entity, wanted, asking))
    for ids in memberships(wanted):
        statement = statement.where(_correlated(ids, entity))
    for ids in absences(wanted):
        statement = statement.where(~_correlated(ids, entity))
    return statement


def _correlated(ids: Any, entity: Any) -> Any:
    [column] = ids.selected_columns
    return ids.where(column == entity.id).correlate(entity).exists()


def _within(entity: Any, span: Span) -> Any:
    column: Any = beside_indexes(column_of(entity, span.figure))
    low, high = span.low, span.high
    if span.figure in DISTANCES:  # the other way round, and unknown is not a figure
        low = None if span.high is None else 100 - span.high
        high = 100 if span.low is None else 100 - span.low
    tests = [] if low is None else [column >= low]
    return sa.and_(*tests, *([] if high is None else [column <= high]))


def _is_owned(entity: Any, owner: str, asking: Asking) -> Any:
    column: Any = beside_indexes(entity.owner_id)
    if owner == NOBODY:
        return column.is_(None)
    return column == (asking.user_id if owner == ME else int(owner))


def _about_contact(entity: Any, wanted: ProspectFilter, asking: Asking) -> list[Any]:
    last: Any = beside_indexes(entity.last_contact_at)
    until: Any = beside_indexes(entity.cool_down_until)
    found: list[Any] = []
    if wanted.is_uncontacted:
        found.append(last.is_(None))
    if wanted.contacted_after is not None:
        found.append(last >= _midnight(wanted.contacted_after))
    if wanted.contacted_before is not None:
        found.append(last < _midnight(wanted.contacted_before))
    if wanted.is_resting is not None:
        rests = until > asking.moment
        found.append(rests if wanted.is_resting else sa.or_(until.is_(None), ~rests))
    return found


def _holds_words(entity: Any, asking: Asking) -> Any:
    if asking.plan is None:
        raise LookupError("A filter with words needs a plan for them.")
    if not asking.plan.question:
        return sa.true()
    if asking.is_tested:
        return asking.plan.test(entity.id)
    return asking.plan.fetch(entity.id, limit=asking.most)


def _holds(test: FieldTest) -> Any:
    statement = sa.select(col(CustomValue.prospect_id)).where(
        col(CustomValue.custom_field_id) == test.field_id, col(CustomValue.prospect_id).is_not(None)
    )
    if test.equals:
        statement = statement.where(sa.func.lower(CustomValue.text) == test.equals.lower())
    for limit, is_least in ((test.low, True), (test.high, False)):
        if limit:
            column, value = _comparable(limit)
            statement = statement.where(column >= value if is_least else column <= value)
    return statement


def _comparable(limit: str) -> tuple[Any, Any]:
    """Tell a day from a number by its look; what is neither is compared as text."""
    try:
        return col(CustomValue.on_date), date.fromisoformat(limit)
    except ValueError:
        pass
    try:
        return col(CustomValue.number), float(limit)
    except ValueError:
        return col(CustomValue.text), limit


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def asking_of(session: Session, now: datetime, wanted: ProspectFilter) -> Asking:
    """Say who a session asks for, and how to find the words it asks for."""
    return Asking(session.scope.user_id, now, plan_of(session, wanted))


def plan_of(session: Session, wanted: ProspectFilter) -> SearchPlan | None:
    """Choose how to find the words of a filter, when it has any."""
    if not wanted.search:
        return None
    return plan_prospect_search(session, parse_question(wanted.search))
