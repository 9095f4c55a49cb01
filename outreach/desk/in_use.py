"""Which prospects somebody has built on, whatever their own rows show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlmodel import col, select

from outreach.activity.models import Activity, BulkAction, BulkChange
from outreach.activity.words import BulkState
from outreach.campaigns.models import Opportunity
from outreach.contacts.models import Contact
from outreach.fields.models import CustomValue
from outreach.links.models import Backlink
from outreach.notes.models import Attachment, Note
from outreach.prospects.models import Prospect
from outreach.prospects.removal import untouched_prospects

if TYPE_CHECKING:
    from collections.abc import Collection

    from outreach.core.db import Session


def prospects_in_use(session: Session, prospects: Collection[int]) -> set[int]:
    """Return those of the prospects that a person, a mail or a link has touched since.

    A prospect is in use once it was decided on, edited, annotated, put into a campaign or reached
    by a bulk action, or once a contact or a backlink of its site is known. Tags by themselves say
    nothing, as files bring them too; a person's tagging is told by the timeline or a bulk action.
    """
    chosen = set(prospects)
    used = chosen - untouched_prospects(session, chosen)
    for table in (Activity, Note, Attachment):
        used |= _subjects_in(session, table, chosen)
    used |= _filled(session, chosen) | _reached_in_bulk(session, chosen)
    used |= set(
        session.exec(
            select(Opportunity.prospect_id).where(col(Opportunity.prospect_id).in_(sorted(chosen)))
        )
    )
    for known in (Contact, Backlink):
        rows = session.exec(
            select(Prospect.id)
            .join(known, col(known.site_id) == Prospect.site_id)
            .where(col(Prospect.id).in_(sorted(chosen)))
            .distinct()
        )
        used.update(prospect_id for prospect_id in rows if prospect_id is not None)
    return used & chosen


def _subjects_in(session: Session, table: Any, chosen: set[int]) -> set[int]:
    """Return those of the prospects that rows of a table are about."""
    rows = session.exec(
        select(table.subject_id).where(
            table.subject_type == "prospect", col(table.subject_id).in_(sorted(chosen))
        )
    )
    return set(rows)


def _filled(session: Session, chosen: set[int]) -> set[int]:
    """Return those of the prospects that have a value in a field of the workspace's own."""
    rows = session.exec(
        select(CustomValue.prospect_id).where(col(CustomValue.prospect_id).in_(sorted(chosen)))
    )
    return {prospect_id for prospect_id in rows if prospect_id is not None}


def _reached_in_bulk(session: Session, chosen: set[int]) -> set[int]:
    """Return those of the prospects that a bulk action changed and nobody took back."""
    rows = session.exec(
        select(BulkChange.subject_id)
        .join(BulkAction, col(BulkAction.id) == BulkChange.bulk_action_id)
        .where(
            BulkAction.subject_type == "prospect",
            BulkAction.state != BulkState.UNDONE,
            col(BulkChange.subject_id).in_(sorted(chosen)),
        )
    )
    return set(rows)
