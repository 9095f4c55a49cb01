"""Which prospects somebody has built on, whatever their own rows show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.activity.models import Activity
from outreach.campaigns.models import Opportunity
from outreach.contacts.models import Contact
from outreach.links.models import Backlink
from outreach.prospects.models import Prospect
from outreach.prospects.removal import untouched_prospects

if TYPE_CHECKING:
    from collections.abc import Collection

    from outreach.core.db import Session


def prospects_in_use(session: Session, prospects: Collection[int]) -> set[int]:
    """Return those of the prospects that a person, a mail or a link has touched since.

    A prospect is in use once it was decided on, edited, put into a campaign, or once a contact or
    a backlink of its site is known.
    """
    chosen = set(prospects)
    used = chosen - untouched_prospects(session, chosen)
    used |= set(
        session.exec(
            select(Activity.subject_id).where(
                Activity.subject_type == "prospect", col(Activity.subject_id).in_(sorted(chosen))
            )
        )
    )
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
