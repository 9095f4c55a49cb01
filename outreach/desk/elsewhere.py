"""Conversations with one site in every workspace a person may see, and links won and lost there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from outreach.accounts.models import Membership, Workspace
from outreach.links.models import Backlink
from outreach.mail.models import Conversation
from outreach.prospects.models import Prospect

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from outreach.core.db import Session

_MOST_CONVERSATIONS = 30
_MOST_LINKS = 50


@dataclass(frozen=True, slots=True)
class ConversationLine:
    """One conversation, and the workspace it belongs to."""

    id: int
    subject: str
    last_message_at: datetime
    has_reply: bool
    workspace_id: int
    workspace: str


def conversations_with_site(
    session: Session, site_id: int, *, user_id: int
) -> list[ConversationLine]:
    """Return the conversations with a site in the workspaces a person is a member of, latest first.

    Args:
        session: Of the system: it sees every workspace, and this reads those of the person only.
        site_id: The site, which all workspaces share.
        user_id: Who asks.
    """
    rows = session.execute(_conversations(), {"site_id": site_id, "user_id": user_id}).all()
    return [
        ConversationLine(
            talk.key, talk.subject, talk.last_message_at, talk.has_reply, talk.workspace_id, name
        )
        for talk, name in rows
    ]


@cache
def _conversations() -> Any:
    """Build the statement once: that costs more than running it."""
    is_member = (col(Membership.workspace_id) == Conversation.workspace_id) & (
        col(Membership.user_id) == sa.bindparam("user_id", type_=sa.Integer())
    )
    return (
        sa.select(Conversation, col(Workspace.name))
        .join(Prospect, col(Prospect.id) == Conversation.prospect_id)
        .join(Workspace, col(Workspace.id) == Conversation.workspace_id)
        .join(Membership, is_member)
        .where(col(Prospect.site_id) == sa.bindparam("site_id", type_=sa.Integer()))
        .order_by(col(Conversation.last_message_at).desc(), col(Conversation.id).desc())
        .limit(_MOST_CONVERSATIONS)
    )


def links_at(session: Session, domain: str) -> Sequence[Backlink]:
    """Return this workspace's known links on a site, the latest won or lost first."""
    found: Sequence[Backlink] = session.execute(_links(), {"domain": domain}).scalars().all()
    return found


@cache
def _links() -> Any:
    return (
        sa.select(Backlink)
        .where(col(Backlink.referring_domain) == sa.bindparam("domain", type_=sa.String()))
        .order_by(col(Backlink.id).desc())
        .limit(_MOST_LINKS)
    )
