"""Tokens that let a tool act for one person in one workspace; only their hashes are kept."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.accounts.models import AccessToken, Membership, User
from outreach.accounts.rules import Bucket
from outreach.core.errors import NotFound
from outreach.core.tokens import new_token, token_hash

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlmodel.sql.expression import SelectOfScalar

    from outreach.accounts.words import Role, TokenPurpose
    from outreach.core.db import Session


PER_TOKEN = Bucket(size=60, refill=timedelta(seconds=2))
_LONGEST = 100  # of a token anybody sends


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a token acts for, and where."""

    access_token_id: int
    user_id: int
    workspace_id: int
    role: Role


def create_token(
    session: Session, purpose: TokenPurpose, *, name: str, user_id: int, workspace_id: int
) -> str:
    """Make a token and return it; it can never be shown again."""
    token = new_token()
    session.add(
        AccessToken(
            token_hash=token_hash(token),
            purpose=purpose,
            name=name.strip()[:120],
            user_id=user_id,
            workspace_id=workspace_id,
        )
    )
    session.flush()
    return token


def tokens_of(session: Session, user_id: int, workspace_id: int) -> Sequence[AccessToken]:
    """Return a person's tokens of one workspace that still work, newest first."""
    return session.exec(
        _mine(user_id, workspace_id)
        .where(col(AccessToken.revoked_at).is_(None))
        .order_by(col(AccessToken.id).desc())
    ).all()


def revoke_token(
    session: Session, token_id: int, *, user_id: int, workspace_id: int, now: datetime
) -> None:
    """Make a token useless for good.

    Raises:
        NotFound: The person has no such token in this workspace.
    """
    row = session.exec(_mine(user_id, workspace_id).where(AccessToken.id == token_id)).first()
    if row is None:
        raise NotFound("There is no such token.")
    row.revoked_at = row.revoked_at or now
    session.flush()


def use_token(
    session: Session, token: str, purpose: TokenPurpose, *, now: datetime
) -> Holder | None:
    """Find whom a token acts for and keep that it was used; None when it is worth nothing."""
    hashed = token_hash(token[:_LONGEST])
    row = session.exec(
        select(AccessToken, Membership)
        .join(User, col(User.id) == AccessToken.user_id)
        .join(
            Membership,
            (col(Membership.user_id) == AccessToken.user_id)
            & (col(Membership.workspace_id) == AccessToken.workspace_id),
        )
        .where(
            AccessToken.token_hash == hashed,
            AccessToken.purpose == purpose,
            col(AccessToken.revoked_at).is_(None),
            col(User.is_active),
        )
    ).first()
    if row is None or not hmac.compare_digest(row[0].token_hash, hashed):
        return None
    found, membership = row
    found.last_used_at = now
    session.flush()
    return Holder(found.key, found.user_id, found.workspace_id, membership.role)


def _mine(user_id: int, workspace_id: int) -> SelectOfScalar[AccessToken]:
    return select(AccessToken).where(
        AccessToken.user_id == user_id, AccessToken.workspace_id == workspace_id
    )
