"""Conversations with one site in every workspace a person may see, and links won and lost there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import col, select

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
    rows = session.exec(
        select(Conversation, Workspace.name)
        .join(Prospect, col(Prospect.id) == Conversation.prospect_id)
        .join(Workspace, col(Workspace.id) == Conversation.workspace_id)
        .join(
            Membership,
            (col(Membership.workspace_id) == Conversation.workspace_id)
            & (col(Membership.user_id) == user_id),
        )
        .where(Prospect.site_id == site_id)
        .order_by(col(Conversation.last_message_at).desc(), col(Conversation.id).desc())
        .limit(_MOST_CONVERSATIONS)
    ).all()
    return [
        ConversationLine(
            talk.key, talk.subject, talk.last_message_at, talk.has_reply, talk.workspace_id, name
        )
        for talk, name in rows
    ]


def links_at(session: Session, domain: str) -> Sequence[Backlink]:
    """Return this workspace's known links on a site, the latest won or lost first."""
    return session.exec(
        select(Backlink)
        .where(Backlink.referring_domain == domain)
        .order_by(col(Backlink.id).desc())
        .limit(_MOST_LINKS)
    ).all()
