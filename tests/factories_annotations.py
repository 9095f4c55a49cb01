"""Tags, notes, files and custom fields for tests."""

from __future__ import annotations

from typing import Any

from outreach.contacts.models import Contact
from outreach.core.clock import utc_now
from outreach.core.db import Session
from outreach.fields.models import CustomField
from outreach.fields.services import add_field
from outreach.fields.words import FieldKind, FieldSubject
from outreach.notes.models import Note
from outreach.tags.models import Tag
from outreach.tags.services import ensure_tag
from tests.factories import add


def make_tag(session: Session, name: str = "guest post") -> Tag:
    return ensure_tag(session, name)


def make_note(session: Session, subject_type: str, subject_id: int, **given: Any) -> Note:
    values = {"body": "They answered by phone.", "user_id": session.scope.user_id, **given}
    note = Note(subject_type=subject_type, subject_id=subject_id, **values)
    add(session, note)
    return note


def make_field(
    session: Session,
    name: str = "Price",
    kind: FieldKind = FieldKind.TEXT,
    subject: FieldSubject = FieldSubject.PROSPECT,
    choices: tuple[str, ...] = (),
) -> CustomField:
    return add_field(session, subject, name, kind, choices, now=utc_now())


def make_person(session: Session, name: str = "Rosa Blum", **given: Any) -> Contact:
    contact = Contact(name=name, name_order=name.lower(), **given)
    add(session, contact)
    return contact
