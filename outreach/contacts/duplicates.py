"""Finding contacts that may be one person, over a whole workspace."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from outreach.contacts.merges import apart_among
from outreach.contacts.models import Contact
from outreach.contacts.queries import NOTHING
from outreach.contacts.twins import Named, why_alike
from outreach.core.paging import Page, decode_cursor, encode_cursor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from outreach.core.db import Session

_GROUPS_AT_ONCE = 200
_MOST_TRIES = 10  # sets of groups looked at for one page
_MOST_MEMBERS = 6  # of one group compared with each other


class Twins(NamedTuple):
    """Two contacts that may be one person, the elder first, and why."""

    one_id: int
    other_id: int
    why: str


class _Member(NamedTuple):
    id: int
    twin_key: str
    named: Named


_KEYS: tuple[Any, ...] = (Contact.twin_key, Contact.mailbox_twin_key)


def twin_page(session: Session, *, cursor: str = "", limit: int = 20) -> Page[Twins]:
    """Return pairs that may be one person, but for those somebody set apart.

    First those of one name or fitting initials, then those of one mailbox name; a page may hold a
    few pairs more than asked for, as the pairs of one key stay together.
    """
    stage, after = (0, "") if not cursor else _place(cursor)
    found: list[Twins] = []
    for _ in range(_MOST_TRIES):
        keys = _shared_keys(session, _KEYS[stage], after)
        for key, pairs in _pairs(session, stage, keys):
            found += pairs
            after = key
            if len(found) >= limit:
                return Page(rows=found, next_cursor=encode_cursor(stage, after))
        if len(keys) == _GROUPS_AT_ONCE:
            after = keys[-1]
        elif stage + 1 < len(_KEYS):
            stage, after = stage + 1, ""
        else:
            return Page(rows=found, next_cursor=None)
    return Page(rows=found, next_cursor=encode_cursor(stage, after))


def _place(cursor: str) -> tuple[int, str]:
    stage, after = decode_cursor(cursor, 2)
    return (1 if stage == 1 else 0), str(after)


def _is_open(column: Any) -> sa.ColumnElement[bool]:
    current: sa.ColumnElement[bool] = col(Contact.merged_into_id).is_(None) & col(
        Contact.erased_at
    ).is_(None)
    return sa.and_(col(column) != NOTHING, current)


def _shared_keys(session: Session, column: Any, after: str) -> list[str]:
    """Return the next keys that two or more contacts share, by the index alone."""
    rows = session.execute(
        sa.select(column)
        .where(_is_open(column), col(column) > after)
        .group_by(column)
        .having(sa.func.count() > 1)
        .order_by(column)
        .limit(_GROUPS_AT_ONCE)
    )
    return list(rows.scalars())


def _pairs(session: Session, stage: int, keys: Sequence[str]) -> Iterator[tuple[str, list[Twins]]]:
    members = _members(session, _KEYS[stage], keys)
    ids = [member.id for group in members.values() for member in group]
    apart = apart_among(session, ids)
    for key in keys:
        pairs = [
            Twins(one.id, other.id, why)
            for one, other in combinations(members.get(key, [])[:_MOST_MEMBERS], 2)
            if (one.id, other.id) not in apart
            and not (stage and one.twin_key and one.twin_key == other.twin_key)
            and (why := why_alike(one.named, other.named))
        ]
        yield key, pairs


def _members(session: Session, column: Any, keys: Sequence[str]) -> dict[str, list[_Member]]:
    rows = session.execute(
        sa.select(
            column,
            col(Contact.id),
            col(Contact.twin_key),
            col(Contact.name),
            col(Contact.address),
            col(Contact.site_id),
            col(Contact.outlet),
        )
        .where(_is_open(column), col(column).in_(keys))
        .order_by(col(Contact.id))
    )
    members: dict[str, list[_Member]] = {}
    for key, contact_id, twin_key, *named in rows:
        members.setdefault(key, []).append(_Member(contact_id, twin_key, Named(*named)))
    return members
