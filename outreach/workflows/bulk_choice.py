"""Which prospects and contacts a bulk action is for: rows ticked, or all that a filter finds.

The filter is kept as its address says it, with the moment it was asked at, for "resting" and "me"
must mean the same in every chunk.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from outreach.activity.models import Activity
from outreach.contacts.listing import ContactFilter, contact_conditions
from outreach.contacts.models import Contact
from outreach.core.db import bulk_write
from outreach.desk.prospect_conditions import asking_of, restricted
from outreach.desk.prospect_filter import ProspectFilter
from outreach.prospects.models import Prospect
from outreach.workflows.bulk import Chosen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from outreach.core.db import Session

ASKED_AT = "asked_at"
_columns: Any = sa.select  # its typing knows tables, not single columns


def all_that_match(arguments: Mapping[str, str], now: datetime) -> Chosen:
    """Choose everything a list's filter finds now."""
    return Chosen(query={**arguments, ASKED_AT: now.isoformat()}, is_all=True)


def of_prospects(session: Session, chosen: Chosen, *columns: Any) -> Any:
    """Select columns of the prospects of a choice."""
    statement = _columns(*columns)
    if not chosen.is_all:
        return statement.where(col(Prospect.id).in_(chosen.ids))
    arguments, asked_at = _kept(chosen)
    wanted = ProspectFilter.from_arguments(arguments)
    return restricted(statement, Prospect, wanted, asking_of(session, asked_at, wanted))


def of_contacts(session: Session, chosen: Chosen, *columns: Any) -> Any:
    """Select columns of the contacts of a choice; merged and erased ones are in none."""
    wanted = ContactFilter()
    if chosen.is_all:
        wanted = ContactFilter.from_arguments(_kept(chosen)[0])
    statement = _columns(*columns).where(*contact_conditions(session, wanted))
    return statement if chosen.is_all else statement.where(col(Contact.id).in_(chosen.ids))


def _kept(chosen: Chosen) -> tuple[dict[str, str], datetime]:
    arguments = {name: str(value) for name, value in chosen.query.items()}
    return arguments, datetime.fromisoformat(arguments.pop(ASKED_AT))


def find_prospects(
    session: Session, chosen: Chosen, after_id: int, up_to_id: int, limit: int
) -> list[int]:
    """Return the next ids of a choice, in their order."""
    key = col(Prospect.id)
    return _next(session, of_prospects(session, chosen, key), key, (after_id, up_to_id, limit))


def find_contacts(
    session: Session, chosen: Chosen, after_id: int, up_to_id: int, limit: int
) -> list[int]:
    """Return the next ids of a choice, in their order."""
    key = col(Contact.id)
    return _next(session, of_contacts(session, chosen, key), key, (after_id, up_to_id, limit))


def _next(session: Session, statement: Any, key: Any, place: tuple[int, int, int]) -> list[int]:
    after_id, up_to_id, limit = place
    statement = statement.where(key > after_id, key <= up_to_id).order_by(key).limit(limit)
    return list(session.execute(statement).scalars())


def tell(
    session: Session,
    subject: str,
    verb: str,
    lines: Iterable[tuple[int, str]],
    *,
    now: datetime,
) -> None:
    """Add one line to the timeline of each of many records."""
    user_id = session.scope.user_id
    bulk_write(
        session,
        Activity,
        (
            "at", "user_id", "verb", "subject_type", "subject_id", "sentence", "details",
            "created_at", "updated_at",
        ),
        [(now, user_id, verb, subject, key, sentence, {}, now, now) for key, sentence in lines],
    )  # fmt: skip
