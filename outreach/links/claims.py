"""Taking backlinks whose look is due, by lease, and giving them back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlmodel import col, select, update

from outreach.links.models import Backlink

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from outreach.core.db import Session

LEASE = timedelta(minutes=20)  # longer than a batch takes, even of hosts that hang
MOST_PER_HOST = 20
_CANDIDATES_PER_PLACE = 5


@dataclass(frozen=True, slots=True)
class Claim:
    """A backlink this worker holds until the lease ends."""

    backlink_id: int
    workspace_id: int
    referring_url: str
    lease_until: datetime


def has_due(session: Session, now: datetime) -> bool:
    """Tell whether any backlink waits for a look, in any workspace of the session's scope."""
    return session.exec(select(Backlink.id).where(*_is_due(now)).limit(1)).first() is not None


def claim_due(session: Session, now: datetime, *, limit: int) -> list[Claim]:
    """Take backlinks whose look is due, few of one host, in the session's scope.

    Finding and taking are separate statements, but the second one asks again whether each is
    still free, so two workers never hold the same backlink.
    """
    rows = session.exec(
        select(Backlink.id, Backlink.referring_domain)
        .where(*_is_due(now))
        .order_by(col(Backlink.next_check_at), col(Backlink.id))
        .limit(limit * _CANDIDATES_PER_PLACE)
    ).all()
    per_host: Counter[str] = Counter()
    chosen: list[int] = []
    for backlink_id, host in rows:
        per_host[host] += 1
        if backlink_id is not None and per_host[host] <= MOST_PER_HOST and len(chosen) < limit:
            chosen.append(backlink_id)
    return _take(session, chosen, now, _is_due(now))


def claim(
    session: Session, backlink_ids: Collection[int], now: datetime, *, by_force: bool = False
) -> list[Claim]:
    """Take these backlinks, due or not, as far as nobody else holds them.

    `by_force` takes them from a worker that is known to be gone.
    """
    return _take(session, backlink_ids, now, () if by_force else (_is_free(now),))


def _take(
    session: Session,
    backlink_ids: Collection[int],
    now: datetime,
    conditions: tuple[ColumnElement[bool], ...],
) -> list[Claim]:
    if not backlink_ids:
        return []
    until = now + LEASE
    taken = session.execute(
        update(Backlink)
        .where(col(Backlink.id).in_(backlink_ids), *conditions)
        .values(lease_until=until)
        .returning(col(Backlink.id), col(Backlink.workspace_id), col(Backlink.referring_url))
        .execution_options(synchronize_session=False)
    )
    return [Claim(row[0], row[1], row[2], until) for row in taken]


def _is_free(now: datetime) -> ColumnElement[bool]:
    return col(Backlink.lease_until).is_(None) | (col(Backlink.lease_until) < now)


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Backlink.next_check_at).is_not(None),
        col(Backlink.next_check_at) <= now,
        _is_free(now),
    )


def let_go(
    session: Session, claims: Sequence[Claim], *, look_again_at: datetime | None = None
) -> set[int]:
    """End claims; with a time, leave the backlinks alone until then.

    Returns:
        Those that were still ours; the others have gone to another worker meanwhile.
    """
    values: dict[str, object] = {"lease_until": None}
    if look_again_at is not None:
        values["next_check_at"] = look_again_at
    ours: set[int] = set()
    for until in {claimed.lease_until for claimed in claims}:
        ids = [claimed.backlink_id for claimed in claims if claimed.lease_until == until]
        ended = session.execute(
            update(Backlink)
            .where(col(Backlink.id).in_(ids), col(Backlink.lease_until) == until)
            .values(values)
            .returning(col(Backlink.id))
            .execution_options(synchronize_session=False)
        )
        ours.update(ended.scalars().all())
    return ours
