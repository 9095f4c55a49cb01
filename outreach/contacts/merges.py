"""Keeping what merging two contacts took, so that they can be parted again exactly."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, delete, select

from outreach.contacts.models import Contact, ContactDistinction, ContactMerge
from outreach.contacts.queries import get_contact
from outreach.contacts.services import derive, swap_addresses
from outreach.core.errors import Conflict, NotFound

if TYPE_CHECKING:
    from collections.abc import Collection

    from outreach.core.db import Session

_NOT_FACTS = frozenset(
    {"id", "workspace_id", "created_at", "updated_at", "merged_into_id", "erased_at",
     "is_search_stale"}
)  # fmt: skip
_MOMENTS = frozenset({"found_at"})
_OF_ADDRESS = ("address", "address_key", "person_key", "deliverability", "undeliverable_because")


def snapshot_of(contact: Contact) -> dict[str, object]:
    """Return a contact's facts as JSON keeps them."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in contact.model_dump(exclude=set(_NOT_FACTS)).items()
    }


def get_merge(session: Session, contact_merge_id: int) -> ContactMerge:
    """Return a merge.

    Raises:
        NotFound: There is none in this workspace.
    """
    found = session.exec(select(ContactMerge).where(ContactMerge.id == contact_merge_id)).first()
    if found is None:
        raise NotFound("There is no such merge in this workspace.")
    return found


def standing_merges(session: Session, kept_id: int) -> list[ContactMerge]:
    """Return the merges into a contact that were not taken back, newest first."""
    rows = session.exec(
        select(ContactMerge)
        .where(ContactMerge.kept_id == kept_id, col(ContactMerge.parted_at).is_(None))
        .order_by(col(ContactMerge.id).desc())
    )
    return list(rows.all())


def part(session: Session, merge: ContactMerge, *, now: datetime) -> tuple[Contact, Contact]:
    """Make two contacts of one again; what was changed since stays with the one that was kept.

    Returns:
        The contact that was kept, and the one that is back.

    Raises:
        Conflict: They were parted already, or a later merge has to be taken back first.
    """
    kept, gone = get_contact(session, merge.kept_id), get_contact(session, merge.gone_id)
    _refuse_parting(session, merge, kept, gone)
    before: dict[str, Any] = merge.before
    _part_addresses(session, kept, gone, before)
    for name, old in before["kept"].items():
        if name not in _OF_ADDRESS and _stored(getattr(kept, name)) == before["after"][name]:
            setattr(kept, name, _read(name, old))
    gone.merged_into_id = None
    for contact_id in before["earlier"]:
        earlier = get_contact(session, contact_id)
        if earlier.merged_into_id == kept.key:
            earlier.merged_into_id = gone.key
    derive(kept)
    derive(gone)
    merge.parted_at = now
    session.add_all([kept, gone, merge])
    session.flush()
    return kept, gone


def _refuse_parting(session: Session, merge: ContactMerge, kept: Contact, gone: Contact) -> None:
    if merge.parted_at is not None:
        raise Conflict("These two were parted already.")
    if not kept.is_current or gone.merged_into_id != kept.key:
        raise Conflict("The contact that stayed was merged further; part that merge first.")
    if standing_merges(session, kept.key)[0].key != merge.key:
        raise Conflict("Another contact was merged into this one later; part that merge first.")


def _part_addresses(session: Session, kept: Contact, gone: Contact, before: dict[str, Any]) -> None:
    """Give each its own address back; whether mail arrives there goes with the address."""
    if before["kept"]["address_key"] == before["after"]["address_key"]:
        return
    if kept.address_key == before["after"]["address_key"]:
        swap_addresses(session, kept, gone)
        return
    for name in _OF_ADDRESS:  # the one that was kept got another address since
        setattr(gone, name, _read(name, before["gone"][name]))


def _stored(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _read(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name in _MOMENTS and value else value


def set_apart(session: Session, one_id: int, other_id: int) -> None:
    """Remember that two contacts are not the same person."""
    low, high = sorted((get_contact(session, one_id).key, get_contact(session, other_id).key))
    if low == high:
        raise Conflict("Choose two different contacts.")
    if not are_apart(session, low, high):
        session.add(ContactDistinction(low_id=low, high_id=high, user_id=session.scope.user_id))
        session.flush()


def are_apart(session: Session, low_id: int, high_id: int) -> bool:
    """Tell whether somebody said that two contacts are not the same person."""
    return (low_id, high_id) in apart_among(session, [low_id])


def apart_among(session: Session, low_ids: Collection[int]) -> set[tuple[int, int]]:
    """Return the pairs set apart whose lower id is among these."""
    rows = session.exec(
        select(ContactDistinction.low_id, ContactDistinction.high_id).where(
            col(ContactDistinction.low_id).in_(sorted(low_ids))
        )
    )
    return set(rows.all())


def unset_apart(session: Session, one_id: int, other_id: int) -> None:
    """Let two contacts be suggested as one person again."""
    low, high = sorted((one_id, other_id))
    session.exec(
        delete(ContactDistinction).where(
            col(ContactDistinction.low_id) == low, col(ContactDistinction.high_id) == high
        )
    )


def forget_merges(session: Session, contact_ids: Collection[int]) -> None:
    """Delete what merges of these contacts kept of them."""
    ids = sorted(contact_ids)
    session.exec(
        delete(ContactMerge).where(
            sa.or_(col(ContactMerge.kept_id).in_(ids), col(ContactMerge.gone_id).in_(ids))
        )
    )
