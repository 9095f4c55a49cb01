"""What the list of contacts is narrowed to and sorted by, and the conditions that say so."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op
from sqlmodel import col, select

from outreach.contacts.models import Contact, ContactTag
from outreach.contacts.queries import IS_CURRENT
from outreach.contacts.search import plan_contact_search
from outreach.contacts.words import ContactKind, Deliverability
from outreach.core.words import parse_question
from outreach.sites.models import Site
from outreach.suppression.models import ContactTouch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from outreach.core.db import Session

# What the list is sorted by, and whether the largest or newest comes first.
SORTS = {"name": False, "outlet": False, "newest": True, "written": True}
_MOST_STALE = 200  # changed since the words were last indexed, looked through one by one
_YES_NO = {"yes": True, "no": False}
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """What a list of contacts is narrowed to; the defaults show everybody, by name."""

    search: str = ""
    kind: ContactKind | None = None
    deliverability: Deliverability | None = None
    has_address: bool | None = None
    country: str = ""
    beat: str = ""  # part of it
    outlet: str = ""  # part of it
    site: str = ""  # a domain
    tag_id: int | None = None
    is_untouched: bool = False  # nobody of this workspace ever wrote to them
    sort: str = "name"
    is_reversed: bool = False

    @classmethod
    def from_arguments(cls, given: Mapping[str, str]) -> ContactFilter:
        """Read a filter out of an address; what makes no sense is left out."""
        kind, deliverability = given.get("kind", ""), given.get("deliverability", "")
        tag, sort = given.get("tag", ""), given.get("sort", "")
        texts = {
            name: " ".join(given.get(name, "").split())[:_LONGEST]
            for name in ("search", "beat", "outlet")
        }
        return cls(
            **texts,
            kind=ContactKind(kind) if kind in set(ContactKind) else None,
            deliverability=(
                Deliverability(deliverability) if deliverability in set(Deliverability) else None
            ),
            has_address=_YES_NO.get(given.get("address", "")),
            country=given.get("country", "").strip().upper()[:2],
            site=given.get("site", "").strip().casefold()[:253],
            tag_id=int(tag) if tag.isdecimal() and len(tag) < 10 else None,
            is_untouched=given.get("untouched") == "yes",
            sort=sort if sort in SORTS else "name",
            is_reversed=given.get("dir") == "reversed",
        )

    def to_arguments(self) -> dict[str, str]:
        """Return the filter as the parts of an address, without what is left at its default."""
        said = {
            "search": self.search,
            "kind": self.kind.value if self.kind else "",
            "deliverability": self.deliverability.value if self.deliverability else "",
            "address": "" if self.has_address is None else "yes" if self.has_address else "no",
            "country": self.country,
            "beat": self.beat,
            "outlet": self.outlet,
            "site": self.site,
            "tag": "" if self.tag_id is None else str(self.tag_id),
            "untouched": "yes" if self.is_untouched else "",
            "sort": "" if self.sort == "name" else self.sort,
            "dir": "reversed" if self.is_reversed else "",
        }
        return {name: value for name, value in said.items() if value}

    def without(self, *names: str) -> ContactFilter:
        """Return the same filter without some parts of its address."""
        left = {name: value for name, value in self.to_arguments().items() if name not in names}
        return ContactFilter.from_arguments(left)

    def sorted_by(self, sort: str, *, is_reversed: bool = False) -> ContactFilter:
        """Return the same filter in another order."""
        return replace(self, sort=sort, is_reversed=is_reversed)

    @property
    def is_descending(self) -> bool:
        """True while the largest or newest comes first."""
        return SORTS[self.sort] is not self.is_reversed

    @property
    def is_narrowed(self) -> bool:
        """True where the list does not show everybody."""
        return any(
            getattr(self, item.name) != item.default
            for item in fields(self)
            if item.name not in {"sort", "is_reversed"}
        )


def contact_conditions(session: Session, wanted: ContactFilter) -> list[sa.ColumnElement[bool]]:
    """Return what a contact must fulfil to be in the list; merged and erased ones never are."""
    conditions = [IS_CURRENT, *_plain_conditions(wanted)]
    if wanted.tag_id is not None:
        tagged = select(ContactTag.contact_id).where(ContactTag.tag_id == wanted.tag_id)
        conditions.append(col(Contact.id).in_(tagged))
    if wanted.is_untouched:
        conditions.append(~was_written_to(session))
    if wanted.search:
        conditions.append(_found(session, wanted.search))
    for part, text in ((col(Contact.beat), wanted.beat), (col(Contact.outlet), wanted.outlet)):
        if text:
            conditions += [_found(session, text), part.icontains(text, autoescape=True)]
    return conditions


def _plain_conditions(wanted: ContactFilter) -> Iterator[sa.ColumnElement[bool]]:
    for column, value in (
        (col(Contact.kind), wanted.kind),
        (col(Contact.deliverability), wanted.deliverability),
        (col(Contact.country), wanted.country or None),
    ):
        if value is not None:
            yield column == value
    if wanted.has_address is not None:  # whoever has an address has a key; the list's index has it
        key = col(Contact.person_key)
        yield key != "" if wanted.has_address else key == ""
    if wanted.site:
        here = select(Site.id).where(Site.domain == wanted.site).scalar_subquery()
        yield col(Contact.site_id) == here


def was_written_to(session: Session) -> sa.ColumnElement[bool]:
    """Return the condition that somebody of this workspace wrote to the contact."""
    return (
        sa.exists()
        .where(
            col(ContactTouch.person_key) == Contact.person_key,
            col(Contact.person_key) != "",
            col(ContactTouch.in_workspace_id) == session.workspace_id,
        )
        .correlate(Contact)
    )


def _found(session: Session, text: str) -> sa.ColumnElement[bool]:
    """Find by the index of words; what changed since it was built is looked through itself."""
    plan = plan_contact_search(session, parse_question(text), records=_about(session))
    by_words: sa.ColumnElement[bool] = plan.condition(col(Contact.id))
    stale = _stale(session, text)
    return sa.or_(by_words, col(Contact.id).in_(stale)) if stale else by_words


def _about(session: Session) -> int:
    """Say about how many contacts there are: their ids are given in turn."""
    last = select(Contact.id).order_by(col(Contact.id).desc()).limit(1)
    return session.exec(last).first() or 0


def _stale(session: Session, text: str) -> list[int]:
    words = [
        column.icontains(text, autoescape=True)
        for column in (
            col(Contact.name), col(Contact.address), col(Contact.outlet), col(Contact.beat),
        )
    ]  # fmt: skip
    domain = col(Site.domain).istartswith(text, autoescape=True)
    # Written bare, as the partial index on just this has it.
    stale: Any = col(Contact.is_search_stale)
    is_stale: Any = UnaryExpression(stale, modifier=custom_op(""), type_=sa.Integer())
    rows = session.execute(
        sa.select(col(Contact.id))
        .outerjoin(Site, col(Site.id) == Contact.site_id)
        .where(is_stale, IS_CURRENT, sa.or_(*words, domain))
        .limit(_MOST_STALE)
    )
    return [found for found in rows.scalars() if found is not None]
