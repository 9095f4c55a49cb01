"""Keeping links: expecting one, what was agreed on it, and asking for a look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlmodel import col, select, update

from outreach.activity.services import Subject, record
from outreach.core.errors import Conflict, Invalid
from outreach.core.urls import WebAddress, parse_address
from outreach.links.judging import target_key_of
from outreach.links.models import Backlink, WonLink
from outreach.links.queries import (
    backlinks_of_page,
    find_won_link,
    get_backlink,
)
from outreach.links.words import LinkState
from outreach.sites.services import site_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from outreach.core.db import Session
    from outreach.ports.pages import LinkOnPage

LONGEST_URL, LONGEST_KEY = 2_048, 1_024
MOST_SIBLINGS = 50
FIRST_LOOK_GRACE = timedelta(minutes=5)  # the paste's own job looks first; then the clock does
_CURRENCY_LENGTH = 3


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was agreed on a link; "" and None stand for "nothing was said"."""

    target_url: str = ""
    anchor: str = ""
    rel: str = ""
    placement: str = ""
    price_cents: int | None = None
    currency: str = ""
    terms: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Win:
    """Where a person says that a link to us stands."""

    page_url: str
    agreement: Agreement
    asset_id: int | None = None
    opportunity_id: int | None = None


def expect_link(session: Session, win: Win, *, now: datetime) -> Backlink:
    """Keep a link somebody says is there, until a look has seen it.

    Saying it twice changes nothing; saying it of a link that is known makes it a won one.

    Raises:
        Invalid: The page or the target is no web address, or too long a one.
        Conflict: The link was won through another opportunity.
    """
    page = _address(win.page_url, "page")
    target_key = _target_key(win.agreement.target_url)
    known = _find_known(session, page, win, target_key)
    backlink = known or _new_backlink(session, page, win, target_key, now)
    backlink.won_at = backlink.won_at or (now if backlink.first_seen_at else None)
    won = find_won_link(session, backlink.key)
    if won is None:
        won = WonLink(backlink_id=backlink.key, won_at=now, won_by_id=session.scope.user_id)
        _agree(won, win.agreement)
    if win.opportunity_id and won.opportunity_id not in {None, win.opportunity_id}:
        raise Conflict("This link was won through another opportunity.")
    won.opportunity_id = won.opportunity_id or win.opportunity_id
    session.add_all([backlink, won])
    session.flush()
    return backlink


def change_agreement(
    session: Session, backlink_id: int, agreement: Agreement, *, now: datetime
) -> WonLink:
    """Write down what was agreed on a link, and have the page looked at in its light.

    Raises:
        NotFound: There is no such link in this workspace.
        Invalid: The target is no web address, or the price lacks its currency.
    """
    backlink = get_backlink(session, backlink_id)
    if agreement.price_cents is not None and len(agreement.currency) != _CURRENCY_LENGTH:
        raise Invalid("A price needs its currency, such as EUR.")
    _target_key(agreement.target_url)
    won = find_won_link(session, backlink_id)
    if won is None:
        won = WonLink(backlink_id=backlink_id, won_at=now, won_by_id=session.scope.user_id)
    _agree(won, agreement)
    backlink.etag = backlink.last_modified = ""  # "not modified" would not mean "as agreed"
    if not backlink.state.is_settled:
        backlink.next_check_at = now
    session.add_all([won, backlink])
    session.flush()
    record(session, "agreed", Subject("backlink", backlink_id), "Changed what was agreed.", now=now)
    return won


def ask_for_checks(session: Session, backlink_ids: Collection[int], *, now: datetime) -> int:
    """Make these links due now, except those a person has settled; return how many there are."""
    asked = session.execute(
        update(Backlink)
        .where(
            col(Backlink.id).in_(backlink_ids),
            col(Backlink.state).not_in([state for state in LinkState if state.is_settled]),
        )
        .values(next_check_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(asked.rowcount)  # type: ignore[attr-defined]


def note_siblings(
    session: Session, backlink: Backlink, others: Sequence[tuple[str, LinkOnPage]], now: datetime
) -> int:
    """Keep our other links on the page of a link just seen; return how many are new.

    Each is given as target key and link. Knowing them keeps one from standing in for another.
    """
    known = {row.target_key for row in backlinks_of_page(session, backlink.referring_key)}
    count = 0
    for key, link in others[:MOST_SIBLINGS]:
        if key in known or len(key) > LONGEST_KEY or len(link.url) > LONGEST_URL:
            continue
        known.add(key)
        count += 1
        session.add(_sibling(backlink, key, link, now))
    session.flush()
    return count


def _sibling(backlink: Backlink, key: str, link: LinkOnPage, now: datetime) -> Backlink:
    return Backlink(
        site_id=backlink.site_id,
        referring_domain=backlink.referring_domain,
        referring_url=backlink.referring_url,
        referring_key=backlink.referring_key,
        target_url=link.url,
        target_key=key,
        state=LinkState.LIVE,
        anchor=link.anchor,
        rel=link.rel.value,
        placement=link.placement.value,
        context=link.context,
        first_seen_at=now,
        last_seen_at=now,
        next_check_at=backlink.next_check_at,
        created_at=now,
    )


def _find_known(session: Session, page: WebAddress, win: Win, target_key: str) -> Backlink | None:
    """Return the link that is meant, if this page has it already.

    That is the one this opportunity expects or has here, else the one with the same target, else,
    when no target is named, one of the page's won links or any of its links.
    """
    rows = session.exec(
        select(Backlink, WonLink.id, WonLink.opportunity_id)
        .outerjoin(WonLink, col(WonLink.backlink_id) == Backlink.id)
        .where(Backlink.referring_key == page.key)
        .order_by(col(WonLink.id).is_(None), col(Backlink.id))
    ).all()
    if win.opportunity_id is not None:
        for backlink, _, opportunity_id in rows:
            if opportunity_id == win.opportunity_id:
                return backlink
    for backlink, _, _ in rows:
        if target_key in {"", backlink.target_key}:
            return backlink
    return None


def _new_backlink(
    session: Session, page: WebAddress, win: Win, target_key: str, now: datetime
) -> Backlink:
    backlink = Backlink(
        site_id=site_of(session, page.site, now=now).key,
        referring_domain=page.site,
        referring_url=page.url,
        referring_key=page.key,
        target_url=win.agreement.target_url,
        target_key=target_key,
        asset_id=win.asset_id,
        next_check_at=now + FIRST_LOOK_GRACE,
        created_at=now,
    )
    session.add(backlink)
    session.flush()
    return backlink


def _agree(won: WonLink, agreement: Agreement) -> None:
    won.agreed_target_url = agreement.target_url
    won.agreed_anchor, won.agreed_rel = agreement.anchor, agreement.rel
    won.agreed_placement = agreement.placement
    won.price_cents, won.currency = agreement.price_cents, agreement.currency.upper()
    won.terms, won.expires_on = agreement.terms, agreement.expires_on


def _address(url: str, what: str) -> WebAddress:
    address = parse_address(url)
    if address is None:
        raise Invalid(f"“{url[:80]}” is not the web address of a {what}.")
    if len(address.url) > LONGEST_URL or len(address.key) > LONGEST_KEY:
        raise Invalid(f"The address of the {what} is longer than we keep.")
    return address


def _target_key(url: str) -> str:
    if not url:
        return ""
    return target_key_of(_address(url, "target").url)
