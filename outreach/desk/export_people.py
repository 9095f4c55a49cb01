"""Contacts, suppressions and the outbox as tables: the lists that hold people's addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from outreach.contacts.listing import ContactFilter, contact_conditions
from outreach.contacts.models import Contact
from outreach.contacts.tagging import tags_of_contacts
from outreach.desk.exports import CHUNK, Export, ExportList, by_id
from outreach.imports.own_cells import write_tags
from outreach.mail.models import Mailbox, OutboxMessage
from outreach.sites.models import Site
from outreach.suppression.models import Suppression
from outreach.suppression.words import SuppressionKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.desk.exports import Row

_columns: Any = sa.select  # its typing knows tables, not single columns
NETWORKS = ("twitter", "linkedin", "facebook", "instagram", "youtube", "vimeo", "pinterest")
_CONTACT = (
    "Outreach contact", "First name", "Email", "Kind", "Role", "Outlet", "Site", "Beat", "Country",
    "Location", "Phone", "Tags", "Found on", "Deliverability", "Lawful basis", "Notes",
    "Twitter", "LinkedIn", "Facebook", "Instagram", "YouTube", "Vimeo", "Pinterest",
    "Undeliverable because",
)  # fmt: skip


def _contacts(session: Session, arguments: Mapping[str, str], _now: datetime) -> Export:
    wanted = ContactFilter.from_arguments(arguments)
    key = col(Contact.id)
    found = _columns(
        Contact.id, Contact.name, Contact.first_name, Contact.address, Contact.kind, Contact.role,
        Contact.outlet, Site.domain, Contact.beat, Contact.country, Contact.location,
        Contact.phone, Contact.source_url, Contact.deliverability, Contact.lawful_basis,
        Contact.notes, Contact.undeliverable_because, Contact.profiles,
    ).outerjoin(Site, col(Site.id) == Contact.site_id)  # fmt: skip
    statement = found.where(*contact_conditions(session, wanted))

    def read(session: Session, cursor: str) -> tuple[list[Row], str]:
        after = int(cursor or 0)
        rows = session.execute(statement.where(key > after).order_by(key).limit(CHUNK)).all()
        tags = tags_of_contacts(session, [row[0] for row in rows])
        shown = [_contact(row, write_tags(tag[1] for tag in tags.get(row[0], ()))) for row in rows]
        return shown, str(rows[-1][0]) if len(rows) == CHUNK else ""

    counted = by_id((), key, statement, tuple).count
    return Export(_CONTACT, _said(arguments), read, counted)


def _contact(row: Any, tags: str) -> Row:
    _, *cells, source, deliverability, basis, notes, because, profiles = row
    handles = [profiles.get(network, "") for network in NETWORKS]
    return [*cells, tags, source, deliverability, basis, notes, *handles, because]


def _said(arguments: Mapping[str, str]) -> str:
    return " ".join(f"{name} {value}" for name, value in arguments.items() if value)


def _suppressions(session: Session, arguments: Mapping[str, str], _now: datetime) -> Export:
    """This workspace's own, and the domains of all; who was erased has no address left to show."""
    is_ours = col(Suppression.added_in_workspace_id) == session.workspace_id
    is_domain = col(Suppression.kind) == SuppressionKind.DOMAIN
    search = arguments.get("search", "").strip()[:200]
    key = col(Suppression.id)
    statement = _columns(
        Suppression.id, Suppression.kind, Suppression.label, Suppression.reason,
        sa.case((is_ours, col(Suppression.note)), else_=""), Suppression.created_at,
    ).where(sa.or_(is_ours, is_domain), col(Suppression.label) != "")  # fmt: skip
    if search:
        statement = statement.where(col(Suppression.label).icontains(search, autoescape=True))
    header = ("Email", "Domain", "Reason", "Note", "Since")

    def show(row: Any) -> Row:
        _, kind, label, *rest = row
        is_domain = kind == SuppressionKind.DOMAIN
        return ["" if is_domain else label, label if is_domain else "", *rest]

    return by_id(header, key, statement, show, search)


def _outbox(_session: Session, _arguments: Mapping[str, str], _now: datetime) -> Export:
    key = col(OutboxMessage.id)
    statement = (
        _columns(
            OutboxMessage.id, OutboxMessage.recipient, Contact.name, OutboxMessage.subject,
            OutboxMessage.state, Mailbox.address, OutboxMessage.send_after,
            OutboxMessage.sent_at, OutboxMessage.is_captured, OutboxMessage.reason,
            OutboxMessage.server_reply, OutboxMessage.message_id,
        )
        .join(Mailbox, col(Mailbox.id) == OutboxMessage.mailbox_id)
        .outerjoin(Contact, col(Contact.id) == OutboxMessage.contact_id)
    )  # fmt: skip
    header = (
        "Recipient", "Name", "Subject", "State", "Mailbox", "Not before", "Sent", "Captured",
        "Reason", "Server said", "Message id",
    )  # fmt: skip
    return by_id(header, key, statement, lambda row: row[1:])


CONTACTS = ExportList("contacts", "Contacts", "contact", _contacts)
SUPPRESSIONS = ExportList("suppressions", "Suppressions", "suppression", _suppressions)
OUTBOX = ExportList("outbox", "Outbox", "outbox", _outbox)
