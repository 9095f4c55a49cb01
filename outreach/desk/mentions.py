"""Notes that call a person and that they have not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from outreach.accounts.models import User
from outreach.assets.models import Asset
from outreach.campaigns.models import Campaign, Opportunity
from outreach.contacts.models import Contact
from outreach.mail.models import Conversation
from outreach.notes.models import Mention, Note
from outreach.notes.rules import first_line
from outreach.prospects.models import Prospect

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Session

_columns: Any = sa.select  # its typing knows tables, not single columns
_MOST = 50


@dataclass(frozen=True, slots=True)
class MentionLine:
    """One note that calls the person."""

    id: int  # of the mention
    note_id: int
    by: str
    words: str
    about: str
    subject_type: str
    subject_id: int
    at: datetime


def unseen_mentions(session: Session, user_id: int | None) -> list[MentionLine]:
    """Return what calls a person, oldest first, with the names of the records, in one statement."""
    of_opportunity = aliased(Prospect)
    name = sa.func.coalesce(
        Prospect.domain,
        of_opportunity.domain,
        sa.func.nullif(Contact.name, ""),
        Contact.address,
        Asset.title,
        Campaign.name,
        Conversation.subject,
        "",
    )
    rows = session.execute(
        _columns(Mention.id, Note.id, User.name, Note.body, name,
                 Note.subject_type, Note.subject_id, Mention.created_at)
        .join(Note, col(Note.id) == col(Mention.note_id))
        .outerjoin(User, col(User.id) == col(Note.user_id))
        .outerjoin(Prospect, _is_about("prospect", Prospect))
        .outerjoin(Opportunity, _is_about("opportunity", Opportunity))
        .outerjoin(of_opportunity, of_opportunity.id == col(Opportunity.prospect_id))
        .outerjoin(Contact, _is_about("contact", Contact))
        .outerjoin(Asset, _is_about("asset", Asset))
        .outerjoin(Campaign, _is_about("campaign", Campaign))
        .outerjoin(Conversation, _is_about("conversation", Conversation))
        .where(is_unseen_by(user_id))
        .order_by(col(Mention.id))
        .limit(_MOST)
    ).all()  # fmt: skip
    return [
        MentionLine(key, note_id, by or "Somebody", first_line(body), about, kind, record_id, at)
        for key, note_id, by, body, about, kind, record_id, at in rows
    ]


def is_unseen_by(user_id: int | None) -> Any:
    """Narrow mentions joined with their notes to those a person has still to see."""
    return (
        (col(Mention.user_id) == user_id)
        & col(Mention.seen_at).is_(None)
        & col(Note.deleted_at).is_(None)
    )


def _is_about(kind: str, model: Any) -> Any:
    return (col(Note.subject_type) == kind) & (model.id == col(Note.subject_id))
