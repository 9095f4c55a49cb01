"""Reading people, workspaces and sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, func, select

from outreach.accounts.models import (
    InstallationSetting,
    Membership,
    OneTimeLink,
    User,
    WebSession,
    Workspace,
)
from outreach.accounts.words import LinkPurpose, Role
from outreach.core.errors import NotFound
from outreach.core.tokens import token_hash

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from outreach.core.db import Session


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a request comes from, and for which workspace."""

    session_id: int
    user: User
    last_seen_at: datetime
    workspace: Workspace | None
    role: Role | None
    workspaces: tuple[tuple[int, str], ...]  # all of theirs by name: id and name


def find_signed_in(session: Session, token: str, *, now: datetime) -> SignedIn | None:
    """Return who holds a session token, unless it ended."""
    given = {"token_hash": token_hash(token), "now": now}
    rows = session.execute(_signed_in(), given).all()
    if not rows:
        return None
    web_session, user = rows[0][0], rows[0][1]
    # Where the person was removed meanwhile, no row is about it: they choose another.
    chosen = next((row for row in rows if row[2] and row[2].id == web_session.workspace_id), None)
    return SignedIn(
        session_id=web_session.key,
        user=user,
        last_seen_at=web_session.last_seen_at,
        workspace=chosen[2] if chosen else None,
        role=chosen[3] if chosen else None,
        workspaces=tuple((row[2].key, row[2].name) for row in rows if row[2]),
    )


def find_user_by_email(session: Session, email: str) -> User | None:
    """Return the person with this address."""
    return session.exec(select(User).where(User.email == email.strip().lower())).first()


def has_users(session: Session) -> bool:
    """True once the owner exists."""
    return session.exec(select(User.id).limit(1)).first() is not None


def workspaces_of(session: Session, user_id: int) -> Sequence[Workspace]:
    """Return the workspaces a person belongs to, by name."""
    return session.execute(_workspaces(), {"user_id": user_id}).scalars().all()


@cache
def _signed_in() -> Any:
    """Build the statement once: every request asks it, and building it costs more than asking."""
    now: Any = sa.bindparam("now", type_=sa.inspect(WebSession).columns["expires_at"].type)
    return (
        sa.select(WebSession, User, Workspace, col(Membership.role))
        .join(User, col(User.id) == WebSession.user_id)
        .outerjoin(Membership, col(Membership.user_id) == User.id)
        .outerjoin(Workspace, col(Workspace.id) == Membership.workspace_id)
        .where(
            col(WebSession.token_hash) == sa.bindparam("token_hash", type_=sa.String()),
            col(WebSession.expires_at) > now,
            col(User.is_active),
        )
        .order_by(col(Workspace.name))
    )


@cache
def _workspaces() -> Any:
    return (
        sa.select(Workspace)
        .join(Membership, col(Membership.workspace_id) == Workspace.id)
        .where(col(Membership.user_id) == sa.bindparam("user_id", type_=sa.Integer()))
        .order_by(col(Workspace.name))
    )


def find_workspace_by_name(session: Session, name: str) -> Workspace | None:
    """Return the workspace of this name."""
    return session.exec(select(Workspace).where(Workspace.name == name)).first()


def all_workspaces(session: Session) -> Sequence[Workspace]:
    """Return every workspace, oldest first."""
    return session.exec(select(Workspace).order_by(col(Workspace.id))).all()


def get_workspace_row(session: Session, workspace_id: int) -> Workspace:
    """Return one workspace; the caller knows that it exists."""
    return session.exec(select(Workspace).where(Workspace.id == workspace_id)).one()


def members_of(session: Session, workspace_id: int) -> Sequence[tuple[User, Membership]]:
    """Return the members of a workspace, by name."""
    return session.exec(
        select(User, Membership)
        .join(Membership, col(Membership.user_id) == User.id)
        .where(Membership.workspace_id == workspace_id)
        .order_by(col(User.name))
    ).all()


def member_names(session: Session, workspace_id: int) -> list[tuple[int, str]]:
    """Return the id and name of the members of a workspace, by name."""
    rows = session.execute(_members(), {"workspace_id": workspace_id})
    return [(row[0], row[1]) for row in rows]


def member_addresses(session: Session, workspace_id: int) -> list[tuple[int, str]]:
    """Return the id and email address of the members of a workspace."""
    return [(user.key, user.email) for user, _ in members_of(session, workspace_id)]


@cache
def _members() -> Any:
    member_of: Any = col(Membership.workspace_id)
    return (
        sa.select(col(User.id), col(User.name))
        .join(Membership, col(Membership.user_id) == User.id)
        .where(member_of == sa.bindparam("workspace_id", type_=sa.Integer()))
        .order_by(col(User.name), col(User.id))
    )


def names_of_users(session: Session, user_ids: set[int]) -> dict[int, str]:
    """Return the names of people by id."""
    rows = session.exec(select(User.id, User.name).where(col(User.id).in_(user_ids))).all()
    return {user_id: name for user_id, name in rows if user_id is not None}


def find_membership(session: Session, user_id: int, workspace_id: int) -> Membership | None:
    """Return a person's membership in a workspace."""
    return session.exec(
        select(Membership).where(
            Membership.user_id == user_id, Membership.workspace_id == workspace_id
        )
    ).first()


def count_owners(session: Session, workspace_id: int) -> int:
    """Count the owners of a workspace; it must keep one."""
    return session.exec(
        select(func.count())
        .select_from(Membership)
        .where(Membership.workspace_id == workspace_id, Membership.role == Role.OWNER)
    ).one()


def find_link(
    session: Session, token: str, purpose: LinkPurpose, *, now: datetime
) -> OneTimeLink | None:
    """Return a one-time link that can still be used."""
    return session.exec(
        select(OneTimeLink).where(
            OneTimeLink.token_hash == token_hash(token),
            OneTimeLink.purpose == purpose,
            col(OneTimeLink.used_at).is_(None),
            OneTimeLink.expires_at > now,
        )
    ).first()


def sessions_of(session: Session, user_id: int, *, now: datetime) -> Sequence[WebSession]:
    """Return a person's open sessions, the latest used first."""
    return session.exec(
        select(WebSession)
        .where(WebSession.user_id == user_id, WebSession.expires_at > now)
        .order_by(col(WebSession.last_seen_at).desc())
    ).all()


def installation_switch(session: Session, name: str) -> bool:
    """Tell whether a switch of the installation is on; all are off in a new one."""
    row = session.exec(select(InstallationSetting).where(InstallationSetting.name == name)).first()
    return bool(row and row.value.get("on"))


def get_user(session: Session, user_id: int) -> User:
    """Return a person.

    Raises:
        NotFound: There is no such person.
    """
    user = session.exec(select(User).where(User.id == user_id)).first()
    if user is None:
        raise NotFound("There is no such person.")
    return user
