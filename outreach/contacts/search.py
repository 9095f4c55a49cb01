"""The words contacts are found by: what goes into the search index, and how a list asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.contacts.models import Contact
from outreach.core.db.search_plan import plan_search
from outreach.core.db.searched import SearchedTable
from outreach.core.db.words import WordIndex
from outreach.sites.models import Site

if TYPE_CHECKING:
    from collections.abc import Collection

    from outreach.core.db import Session
    from outreach.core.db.search_plan import SearchPlan
    from outreach.core.db.searched import RecordWords
    from outreach.core.words import Question


def _words_of(session: Session, contacts: Collection[int]) -> dict[int, RecordWords]:
    rows = session.exec(
        select(Contact, Site.domain)
        .outerjoin(Site, col(Site.id) == Contact.site_id)
        .where(col(Contact.id).in_(sorted(contacts)))
    )
    return {contact.key: _words(contact, domain or "") for contact, domain in rows}


def _words(contact: Contact, domain: str) -> RecordWords:
    if not contact.is_current:
        return (), ()  # an erased person is found by nothing
    names = (contact.name, contact.address or "", contact.outlet, domain)
    return names, (contact.role, contact.beat, contact.notes)


SEARCHED_CONTACTS = SearchedTable(
    Contact, WordIndex("contact_fts"), _words_of, ("name", "address", "outlet")
)


def plan_contact_search(session: Session, question: Question, *, records: int) -> SearchPlan:
    """Choose how to find contacts; put its `condition(col(Contact.id))` into the select."""
    return plan_search(session, SEARCHED_CONTACTS.index, question, records=records)
