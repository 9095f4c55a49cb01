"""Takes in contacts exported from a workspace, with what was known there of their addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from outreach.contacts.models import Contact
from outreach.contacts.words import ContactKind, Deliverability, LawfulBasis
from outreach.core.db import bulk_update
from outreach.desk.recount import true_columns
from outreach.imports.rows import ParsedRow
from outreach.imports.words import Verdict
from outreach.prospects.queries import prospect_ids
from outreach.prospects.services import note_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from enum import StrEnum

    from outreach.core.db import Session
    from outreach.imports.verdicts import Entry
    from outreach.workflows.import_takers import Row, SubjectOf
    from outreach.workflows.people_taker import PeopleTaker

_COLUMNS = ("kind", "first_name", "deliverability", "undeliverable_because", "lawful_basis")
_LONGEST_NAME = 100
_LONGEST_REASON = 500
_columns: Any = sa.select  # its typing knows tables, not single columns


class OwnContactTaker:
    """Takes rows of our own export in as contacts; who is known already keeps what is known."""

    def __init__(self, people: PeopleTaker) -> None:
        self._people = people

    def note(self, row: Row) -> None:
        """Remember a row that was taken in before a restart."""
        self._people.note(row)

    def preview(self, session: Session, rows: Sequence[Row]) -> list[Entry]:
        """Decide about a set of rows without changing anything."""
        return self._people.preview(session, rows)

    def take(
        self, session: Session, rows: Sequence[Row], now: datetime
    ) -> tuple[list[Entry], SubjectOf]:
        """Take a set of rows in; each verdict is about a contact."""
        entries, subject_of = self._people.take(session, rows, now)
        added: dict[int, Mapping[str, str]] = {}
        sites = set()
        for row, entry in zip(rows, entries, strict=True):
            contact_id = subject_of(entry)[1]
            if isinstance(row, ParsedRow) and entry.verdict is Verdict.ADDED and contact_id:
                added.setdefault(contact_id, row.own or {})
                sites.add(entry.site)
        _describe(session, added)
        prospects = prospect_ids(session, sites - {""})
        note_columns(session, true_columns(session, list(prospects.values())))
        return entries, subject_of


def _describe(session: Session, added: Mapping[int, Mapping[str, str]]) -> None:
    """Give new contacts what their rows say; an address we know to fail stays one that fails."""
    found = session.execute(
        _columns(Contact.id, *(getattr(Contact, name) for name in _COLUMNS)).where(
            col(Contact.id).in_(sorted(added))
        )
    ).all()
    bulk_update(session, Contact, _COLUMNS, [(*_described(row, added[row[0]]), row[0])
                                             for row in found])  # fmt: skip


def _described(row: Any, own: Mapping[str, str]) -> tuple[object, ...]:
    _, kind, first_name, state, because, basis = row
    if state is Deliverability.UNKNOWN:
        state = _word(Deliverability, own, "deliverability", state)
        because = own.get("undeliverable_because", "")[:_LONGEST_REASON]
    return (
        _word(ContactKind, own, "kind", kind),
        own.get("first_name", "")[:_LONGEST_NAME] or first_name,
        state,
        because,
        _word(LawfulBasis, own, "lawful_basis", basis),
    )


def _word(kind: type[StrEnum], own: Mapping[str, str], name: str, otherwise: StrEnum) -> StrEnum:
    said = own.get(name, "").strip()
    return kind(said) if said in {word.value for word in kind} else otherwise
