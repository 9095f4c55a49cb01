"""Asking who must not be written to, and who was written to lately, over the installation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.accounts.models import Membership, User
from outreach.core.errors import NotFound
from outreach.core.paging import Page, decode_cursor, encode_cursor
from outreach.core.tokens import token_hash
from outreach.suppression.models import ContactTouch, Suppression, UnsubscribeToken
from outreach.suppression.rules import (
    COOL_DOWN,
    PUBLIC_MAIL_HOSTS,
    Collision,
    comparable_domain,
)
from outreach.suppression.words import SuppressionKind, SuppressionReason

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime, timedelta

    from outreach.core.db import Session

_MOST_COLLISIONS = 20


@dataclass(frozen=True, slots=True)
class SuppressionRow:
    """One line of the suppressions page; other teams' notes stay theirs."""

    id: int
    kind: SuppressionKind
    label: str
    reason: SuppressionReason
    note: str
    created_at: datetime
    is_ours: bool


def find_suppression(session: Session, *, person_key: str, domain: str) -> Suppression | None:
    """Return what keeps us from writing to a person, or to anyone at their domain.

    A person's own refusal comes before their company's.
    """
    names = _keys(SuppressionKind.ADDRESS, [person_key]) | _keys(
        SuppressionKind.DOMAIN, [comparable_domain(domain)]
    )
    return session.exec(
        select(Suppression).where(names).order_by(col(Suppression.kind)).limit(1)
    ).first()


def suppressed_among(
    session: Session, *, person_keys: Collection[str] = (), domains: Collection[str] = ()
) -> dict[str, SuppressionReason]:
    """Return which of these person keys and domains are suppressed, and why."""
    given = {"people": _known(person_keys), "domains": _known(domains)}
    rows = session.execute(_suppressed(), given).all()
    return {name: SuppressionReason(reason) for name, reason in rows}


@cache
def _suppressed() -> sa.Select[Any]:
    """Build the statement once: every list asks it, and building it costs more than asking."""
    names = sa.or_(
        *(
            (col(Suppression.kind) == kind)
            & col(Suppression.match_key).in_(sa.bindparam(name, type_=sa.String(), expanding=True))
            for kind, name in (
                (SuppressionKind.ADDRESS, "people"),
                (SuppressionKind.DOMAIN, "domains"),
            )
        )
    )
    columns: Any = (Suppression.match_key, Suppression.reason)
    return sa.select(*columns).where(names)


def _keys(kind: SuppressionKind, keys: Collection[str]) -> sa.ColumnElement[bool]:
    return (col(Suppression.kind) == kind) & col(Suppression.match_key).in_(_known(keys))


def _known(keys: Collection[str]) -> list[str]:
    return sorted({key for key in keys if key})


def collisions(
    session: Session,
    *,
    person_key: str,
    domain: str,
    workspace_id: int,
    now: datetime,
    cool_down: timedelta = COOL_DOWN,
) -> list[Collision]:
    """Return who here wrote to this person or company within the cool-down, newest first.

    Looks over the whole installation; a public mail host is nobody's company.
    """
    company = comparable_domain(domain)
    same = [col(ContactTouch.person_key) == person_key] if person_key else []
    if company and company not in PUBLIC_MAIL_HOSTS:
        same.append(col(ContactTouch.domain) == company)
    if not same:
        return []
    rows = session.exec(
        select(ContactTouch, User.name)
        .outerjoin(User, col(User.id) == ContactTouch.user_id)
        .where(sa.or_(*same), col(ContactTouch.at) > now - cool_down)
        .order_by(col(ContactTouch.at).desc(), col(ContactTouch.id).desc())
        .limit(_MOST_COLLISIONS)
    ).all()
    return [_told_to(workspace_id, touch, name, person_key) for touch, name in rows]


def latest_collisions(
    session: Session,
    domains: Collection[str],
    *,
    workspace_id: int,
    now: datetime,
    cool_down: timedelta = COOL_DOWN,
) -> dict[str, Collision]:
    """Return the newest collision of each of these domains: the badges of one page."""
    wanted = sorted(set(domains) - PUBLIC_MAIL_HOSTS - {""})
    if not wanted:
        return {}
    given = {"domains": wanted, "since": now - cool_down}
    rows = session.execute(_touches_of_domains(), given)
    return {touch.domain: _told_to(workspace_id, touch, touch.name, "") for touch in rows}


@cache
def _touches_of_domains() -> sa.Select[Any]:
    """Build the statement once, of the few columns a badge needs."""
    columns: Any = (
        *(ContactTouch.domain, ContactTouch.at, ContactTouch.outcome),
        *(ContactTouch.in_workspace_id, ContactTouch.person_key, User.name),
    )
    since: Any = sa.bindparam("since", type_=sa.inspect(ContactTouch).columns["at"].type)
    domains = sa.bindparam("domains", type_=sa.String(), expanding=True)
    return (
        sa.select(*columns)
        .select_from(ContactTouch)
        .outerjoin(User, col(User.id) == ContactTouch.user_id)
        .where(col(ContactTouch.domain).in_(domains), col(ContactTouch.at) > since)
        .order_by(col(ContactTouch.at), col(ContactTouch.id))
    )


def latest_touches(
    session: Session,
    *,
    domains: Collection[str] = (),
    person_keys: Collection[str] = (),
    now: datetime,
    cool_down: timedelta = COOL_DOWN,
) -> list[tuple[ContactTouch, str]]:
    """Return who here wrote to any of these sites and people within the cool-down, oldest first.

    Names are told of workspaces the session's person may see; "" is another team.
    """
    companies = sorted(set(domains) - PUBLIC_MAIL_HOSTS - {""})
    people = sorted(set(person_keys) - {""})
    if not companies and not people:
        return []
    may_see = (col(Membership.workspace_id) == ContactTouch.in_workspace_id) & (
        col(Membership.user_id) == session.scope.user_id
    )
    same = col(ContactTouch.domain).in_(companies) | col(ContactTouch.person_key).in_(people)
    rows = session.exec(
        select(ContactTouch, User.name, Membership.id)
        .outerjoin(User, col(User.id) == ContactTouch.user_id)
        .outerjoin(Membership, may_see)
        .where(same, col(ContactTouch.at) > now - cool_down)
        .order_by(col(ContactTouch.at), col(ContactTouch.id))
    ).all()
    return [(touch, (name or "a colleague") if seen else "") for touch, name, seen in rows]


def _told_to(workspace_id: int, touch: Any, name: str | None, person_key: str) -> Collision:
    if touch.in_workspace_id != workspace_id:
        return Collision(at=touch.at, outcome=touch.outcome, is_ours=False)
    return Collision(
        at=touch.at,
        outcome=touch.outcome,
        is_ours=True,
        who=name or "",
        is_same_person=touch.person_key == person_key if person_key else None,
    )


def suppression_page(
    session: Session, *, search: str = "", cursor: str = "", limit: int = 50
) -> Page[SuppressionRow]:
    """Return this workspace's suppressions and everybody's domains, newest first.

    Another client's people must not be read off this list; a domain is public knowledge.
    """
    is_ours = col(Suppression.added_in_workspace_id) == session.workspace_id
    is_domain = col(Suppression.kind) == SuppressionKind.DOMAIN
    statement = (
        select(Suppression)
        .where(sa.or_(is_ours, is_domain))
        .order_by(col(Suppression.id).desc())
        .limit(limit + 1)
    )
    if search:
        statement = statement.where(col(Suppression.label).icontains(search, autoescape=True))
    if cursor:
        statement = statement.where(col(Suppression.id) < int(decode_cursor(cursor, 1)[0]))
    rows = [_row(session.workspace_id, row) for row in session.exec(statement).all()]
    following = encode_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return Page(rows=rows[:limit], next_cursor=following)


def _row(workspace_id: int, row: Suppression) -> SuppressionRow:
    is_ours = row.added_in_workspace_id == workspace_id
    return SuppressionRow(
        id=row.key,
        kind=row.kind,
        label=row.label,
        reason=row.reason,
        note=row.note if is_ours else "",
        created_at=row.created_at,
        is_ours=is_ours,
    )


def get_suppression(session: Session, suppression_id: int) -> Suppression:
    """Return one suppression.

    Raises:
        NotFound: There is none, or another team added it.
    """
    row = session.get(Suppression, suppression_id)
    if row is None or row.added_in_workspace_id != session.workspace_id:
        raise NotFound("There is no such suppression in this workspace.")
    return row


def find_unsubscribe_token(session: Session, token: str) -> UnsubscribeToken | None:
    """Return what an unsubscribe link stands for; it never expires."""
    return session.exec(
        select(UnsubscribeToken).where(UnsubscribeToken.token_hash == token_hash(token))
    ).first()
