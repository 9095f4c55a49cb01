"""Reading backlinks, what was agreed on them, and every look at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.assets.properties import own_domains
from outreach.core.errors import NotFound
from outreach.links.judging import Expected, target_key_of
from outreach.links.models import Backlink, LinkCheck, WonLink
from outreach.links.rules import may_ask_for_changes_only

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from outreach.core.db import Session


@dataclass(frozen=True, slots=True)
class Watch:
    """What a look at one backlink needs to know beforehand."""

    expected: Expected
    etag: str = ""
    last_modified: str = ""


def get_backlink(session: Session, backlink_id: int) -> Backlink:
    """Return a backlink.

    Raises:
        NotFound: There is none in this workspace.
    """
    backlink = session.exec(select(Backlink).where(Backlink.id == backlink_id)).first()
    if backlink is None:
        raise NotFound("There is no such link here.")
    return backlink


def backlinks_of_page(session: Session, referring_key: str) -> Sequence[Backlink]:
    """Return our links on one page, oldest first."""
    return session.exec(
        select(Backlink).where(Backlink.referring_key == referring_key).order_by(col(Backlink.id))
    ).all()


def find_won_link(session: Session, backlink_id: int) -> WonLink | None:
    """Return what was agreed on a backlink, if it was won by us."""
    return session.exec(select(WonLink).where(WonLink.backlink_id == backlink_id)).first()


def won_links_of_opportunity(
    session: Session, opportunity_id: int
) -> Sequence[tuple[WonLink, Backlink]]:
    """Return the links won through an opportunity, oldest first."""
    return session.exec(
        select(WonLink, Backlink)
        .join(Backlink, col(Backlink.id) == WonLink.backlink_id)
        .where(WonLink.opportunity_id == opportunity_id)
        .order_by(col(WonLink.id))
    ).all()


def checks_of(session: Session, backlink_id: int, *, limit: int = 50) -> Sequence[LinkCheck]:
    """Return the looks at a backlink, newest first."""
    return session.exec(
        select(LinkCheck)
        .where(LinkCheck.backlink_id == backlink_id)
        .order_by(col(LinkCheck.checked_at).desc(), col(LinkCheck.id).desc())
        .limit(limit)
    ).all()


def get_check(session: Session, backlink_id: int, check_id: int) -> LinkCheck:
    """Return one look at a backlink.

    Raises:
        NotFound: There is none in this workspace.
    """
    check = session.exec(
        select(LinkCheck).where(LinkCheck.id == check_id, LinkCheck.backlink_id == backlink_id)
    ).first()
    if check is None:
        raise NotFound("There is no such check here.")
    return check


def watches(session: Session, backlink_ids: Collection[int]) -> dict[int, Watch]:
    """Return what the looks at these backlinks need to know, in four statements for all."""
    rows = session.exec(select(Backlink).where(col(Backlink.id).in_(backlink_ids))).all()
    agreed = {
        won.backlink_id: won
        for won in session.exec(
            select(WonLink).where(col(WonLink.backlink_id).in_(backlink_ids))
        ).all()
    }
    targets = _targets_by_page(session, {row.referring_key for row in rows})
    domains = own_domains(session)
    found = {}
    for row in rows:
        others = targets.get(row.referring_key, frozenset()) - {row.target_key}
        expected = expected_of(row, agreed.get(row.key), domains, others)
        may_ask = may_ask_for_changes_only(row.state, row.check_count)
        found[row.key] = Watch(
            expected, row.etag if may_ask else "", row.last_modified if may_ask else ""
        )
    return found


def expected_of(
    backlink: Backlink, won: WonLink | None, domains: frozenset[str], other_keys: frozenset[str]
) -> Expected:
    """Say what a page should hold for one backlink: the contract, or just the link."""
    if won is None:
        return Expected(
            target_key=backlink.target_key, domains=domains, other_keys=other_keys - {""}
        )
    agreed_key = target_key_of(won.agreed_target_url)
    return Expected(
        target_key=agreed_key,
        known_key=backlink.target_key,
        domains=domains,
        other_keys=other_keys - {"", agreed_key},
        anchor=won.agreed_anchor,
        rel=won.agreed_rel,
        placement=won.agreed_placement,
    )


def _targets_by_page(session: Session, keys: Collection[str]) -> dict[str, frozenset[str]]:
    rows = session.exec(
        select(Backlink.referring_key, Backlink.target_key).where(
            col(Backlink.referring_key).in_(keys)
        )
    ).all()
    found: dict[str, set[str]] = {}
    for page, target in rows:
        found.setdefault(page, set()).add(target)
    return {page: frozenset(keys) for page, keys in found.items()}
