"""Changing people, workspaces and sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlmodel import col, delete, select

from outreach.accounts import queries
from outreach.accounts.currencies import CURRENCIES
from outreach.accounts.models import (
    InstallationSetting,
    Membership,
    OneTimeLink,
    RateBucket,
    User,
    WebSession,
    Workspace,
)
from outreach.accounts.rules import (
    LINK_AGE,
    RESET_AGE,
    SESSION_AGE,
    SESSION_IDLE,
    Bucket,
    roles_one_may_give,
    tokens_after,
)
from outreach.accounts.words import LinkPurpose, Role
from outreach.core.errors import Conflict, Forbidden, Invalid, NotFound, Throttled
from outreach.core.tokens import new_token, token_hash

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Session


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who is asked to join which workspace, as what."""

    email: str
    workspace_id: int
    role: Role


WEB_ACCESS = "web_access"
MAIL_SENDING = "mail_sending"


def create_user(
    session: Session, *, email: str, name: str, password_hash: str, is_operator: bool = False
) -> User:
    """Add a person.

    Raises:
        Conflict: Somebody has this address already.
    """
    email = email.strip().lower()
    if queries.find_user_by_email(session, email):
        raise Conflict("Somebody with this address has an account already.")
    user = User(
        email=email, name=name.strip(), password_hash=password_hash, is_operator=is_operator
    )
    session.add(user)
    session.flush()
    return user


def create_workspace(
    session: Session, name: str, *, owner: User | None = None, is_sample: bool = False
) -> Workspace:
    """Add a workspace, its creator being its owner.

    Raises:
        Conflict: The name is taken.
    """
    name = name.strip()
    if not name:
        raise Invalid("Give the workspace a name.")
    if queries.find_workspace_by_name(session, name):
        raise Conflict(f"There is a workspace called {name} already.")
    workspace = Workspace(name=name, is_sample=is_sample)
    session.add(workspace)
    session.flush()
    if owner is not None:
        join_workspace(session, owner, workspace.key, Role.OWNER)
    return workspace


def join_workspace(session: Session, user: User, workspace_id: int, role: Role) -> Membership:
    """Give a person a role in a workspace, or change it."""
    membership = queries.find_membership(session, user.key, workspace_id)
    if membership is None:
        membership = Membership(user_id=user.key, workspace_id=workspace_id, role=role)
    membership.role = role
    session.add(membership)
    session.flush()
    return membership


def change_role(
    session: Session, user_id: int, workspace_id: int, role: Role, *, giver: Role
) -> None:
    """Change a member's role and end their sessions.

    Raises:
        Forbidden: The giver may not hand out, or take away, such a role.
        Conflict: The last owner would be gone.
    """
    membership = _membership_to_change(session, user_id, workspace_id, giver=giver)
    if role not in roles_one_may_give(giver):
        raise Forbidden("You can give roles up to your own.")
    if membership.role is Role.OWNER and role is not Role.OWNER:
        _refuse_without_owner(session, workspace_id)
    membership.role = role
    end_sessions(session, user_id)


def remove_member(session: Session, user_id: int, workspace_id: int, *, giver: Role) -> None:
    """Take a person out of a workspace and end their sessions."""
    membership = _membership_to_change(session, user_id, workspace_id, giver=giver)
    if membership.role is Role.OWNER:
        _refuse_without_owner(session, workspace_id)
    session.delete(membership)
    end_sessions(session, user_id)


def _membership_to_change(
    session: Session, user_id: int, workspace_id: int, *, giver: Role
) -> Membership:
    membership = queries.find_membership(session, user_id, workspace_id)
    if membership is None:
        raise NotFound("There is no such member here.")
    if membership.role not in roles_one_may_give(giver):
        raise Forbidden("Only an owner changes another owner.")
    return membership


def _refuse_without_owner(session: Session, workspace_id: int) -> None:
    if queries.count_owners(session, workspace_id) < 2:
        raise Conflict("A workspace keeps at least one owner. Make somebody else owner first.")


def sign_in(
    session: Session, user: User, *, now: datetime, user_agent: str = "", workspace_id: int = 0
) -> str:
    """Open a session for a person and return its token; only its hash is stored."""
    token = new_token()
    mine = [workspace.key for workspace in queries.workspaces_of(session, user.key)]
    chosen = workspace_id if workspace_id in mine else (mine[0] if mine else None)
    session.add(
        WebSession(
            token_hash=token_hash(token),
            user_id=user.key,
            workspace_id=chosen,
            last_seen_at=now,
            expires_at=now + SESSION_IDLE,
            user_agent=user_agent[:200],
        )
    )
    session.flush()
    return token


def note_seen(session: Session, session_id: int, *, now: datetime) -> None:
    """Keep a session open while it is used, up to its greatest age."""
    row = session.get(WebSession, session_id)
    if row is not None:
        row.last_seen_at = now
        row.expires_at = min(now + SESSION_IDLE, row.created_at + SESSION_AGE)
        session.flush()


def sign_out(session: Session, session_id: int) -> None:
    """End one session."""
    session.exec(delete(WebSession).where(col(WebSession.id) == session_id))


def end_sessions(session: Session, user_id: int, *, but: int | None = None) -> None:
    """End all sessions of a person, but one if named."""
    gone = delete(WebSession).where(col(WebSession.user_id) == user_id)
    session.exec(gone.where(col(WebSession.id) != but) if but else gone)


def switch_workspace(session: Session, session_id: int, user_id: int, workspace_id: int) -> None:
    """Turn a session to another workspace of its person.

    Raises:
        NotFound: The person does not belong to it.
    """
    if queries.find_membership(session, user_id, workspace_id) is None:
        raise NotFound("There is no such workspace.")
    row = session.get(WebSession, session_id)
    if row is not None:
        row.workspace_id = workspace_id
        session.flush()


def set_password(session: Session, user: User, password_hash: str, *, keep: int | None) -> None:
    """Change a password and end every other session."""
    user.password_hash = password_hash
    session.add(user)
    session.flush()
    end_sessions(session, user.key, but=keep)


def make_link(
    session: Session,
    purpose: LinkPurpose,
    *,
    now: datetime,
    user_id: int | None = None,
    invitation: Invitation | None = None,
) -> str:
    """Make a one-time link and return its token."""
    token = new_token()
    link = OneTimeLink(
        token_hash=token_hash(token),
        purpose=purpose,
        user_id=user_id,
        expires_at=now + LINK_AGE.get(purpose.value, RESET_AGE),
    )
    if invitation is not None:
        link.email = invitation.email.strip().lower()
        link.workspace_id, link.role = invitation.workspace_id, invitation.role
    session.add(link)
    session.flush()
    return token


def use_link(session: Session, token: str, purpose: LinkPurpose, *, now: datetime) -> OneTimeLink:
    """Use a one-time link up.

    Raises:
        NotFound: It was used, is too old, or never was.
    """
    link = queries.find_link(session, token, purpose, now=now)
    if link is None:
        raise NotFound("This link was used already or is too old. Ask for a new one.")
    link.used_at = now
    session.flush()
    return link


def spend_try(session: Session, name: str, bucket: Bucket, *, now: datetime) -> None:
    """Take one token from a shared bucket.

    Raises:
        Throttled: It is empty.
    """
    # Locked, so that two processes cannot both spend the last token (SQLite's writer lock does it).
    statement = select(RateBucket).where(RateBucket.name == name).with_for_update()
    row = session.exec(statement).first()
    if row is None:
        row = RateBucket(name=name, tokens=bucket.size, filled_at=now)
        session.add(row)
    tokens = tokens_after(bucket, row.tokens, row.filled_at, now)
    row.tokens, row.filled_at = max(0.0, tokens - 1), now
    session.flush()
    if tokens < 1:
        wait = timedelta(seconds=round((1 - tokens) * bucket.refill.total_seconds()))
        raise Throttled(f"Too many tries. Wait {max(1, int(wait.total_seconds()))} seconds.")


def set_switch(session: Session, name: str, *, on: bool) -> None:
    """Turn a switch of the installation on or off."""
    statement = select(InstallationSetting).where(InstallationSetting.name == name)
    row = session.exec(statement).first() or InstallationSetting(name=name)
    row.value = {"on": on}
    session.add(row)
    session.flush()


def rename_workspace(
    session: Session,
    workspace_id: int,
    *,
    name: str,
    country: str,
    postal_address: str,
    currency: str = "",
) -> None:
    """Change a workspace's own facts; without a currency it keeps its own.

    Amounts stay the numbers they are: nothing is converted.

    Raises:
        Conflict: Another workspace has this name.
        Invalid: The currency is not in the table.
    """
    if currency and currency not in CURRENCIES:
        raise Invalid(f"{currency} is no currency a workspace can reckon in.")
    other = queries.find_workspace_by_name(session, name.strip())
    if other is not None and other.key != workspace_id:
        raise Conflict(f"There is a workspace called {name} already.")
    row = queries.get_workspace_row(session, workspace_id)
    row.name, row.country, row.postal_address = name.strip(), country.upper(), postal_address
    row.currency = currency or row.currency
    session.flush()


def save_profile(session: Session, user_id: int, **choices: str | bool) -> None:
    """Change how the app speaks to a person: name, time zone, locale, density, theme, keys."""
    user = queries.get_user(session, user_id)
    for name in ("name", "time_zone", "locale", "density", "theme", "has_single_keys"):
        setattr(user, name, choices.get(name, getattr(user, name)))
    session.flush()
