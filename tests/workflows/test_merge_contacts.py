"""Merging two contacts and parting them again: nothing is lost, nothing is left behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from outreach.activity.models import Activity
from outreach.activity.services import keep_blob
from outreach.campaigns.models import Opportunity
from outreach.contacts import merges
from outreach.contacts.duplicates import twin_page
from outreach.contacts.models import Contact, ContactTag
from outreach.contacts.queries import get_contact, possible_duplicates
from outreach.contacts.services import details_of
from outreach.contacts.tagging import add_tags
from outreach.core.db import Database, Scope, Session
from outreach.core.errors import Conflict
from outreach.fields.models import CustomField, CustomValue
from outreach.fields.services import set_value
from outreach.fields.words import FieldSubject
from outreach.mail.models import Conversation, OutboxMessage
from outreach.notes.models import Attachment, Note
from outreach.reminders.models import Reminder
from outreach.sequences.models import Enrollment, Sequence
from outreach.tags.services import ensure_tag
from outreach.workflows.merge_contacts import Merge, merge_contacts, part_contacts
from tests import factories
from tests.factories_annotations import make_field
from tests.factories_campaigns import (
    KEY,
    NOW,
    details,
    make_contact,
    make_opportunity,
    make_outbox_message,
)

_TABLES: tuple[Any, ...] = (
    Contact, Opportunity, Conversation, OutboxMessage, Enrollment, ContactTag, CustomValue, Note,
    Attachment, Reminder,
)  # fmt: skip
_MOMENTS = {"updated_at", "is_search_stale"}


def everything(database: Database, scope: Scope) -> dict[str, list[dict[str, Any]]]:
    """Every row that may point at a contact, but for when it was written."""
    with database.reading(scope) as session:
        found = {
            table.__name__: [
                row.model_dump(exclude=_MOMENTS)
                for row in session.exec(select(table).order_by(col(table.id))).all()
            ]
            for table in _TABLES
        }
        story = session.exec(
            select(Activity)
            .where(col(Activity.verb).not_in(["merged", "parted"]))
            .order_by(col(Activity.id))
        )
        found["Activity"] = [row.model_dump(exclude=_MOMENTS) for row in story.all()]
        return found


def merge(database: Database, scope: Scope, kept: Contact, gone: Contact, **chosen: Any) -> int:
    with database.reading(scope) as session:
        choice = details_of(get_contact(session, kept.key))
    values = {name: getattr(choice, name) for name in choice.__dataclass_fields__}
    wanted = Merge(kept.key, gone.key, type(choice)(**{**values, **chosen}))
    return merge_contacts(database, scope, wanted, key=KEY, now=NOW).id


def two(database: Database, scope: Scope) -> tuple[Contact, Contact]:
    with database.writing(scope) as session:
        one = make_contact(session, "mia@firm.example", name="Mia Hart")
        return one, make_contact(session, "m.hart@firm.example", name="M. Hart", role="Editor")


def enroll(session: Session, contact: Contact) -> None:
    opportunity = make_opportunity(session, contact_id=contact.key)
    sequence = Sequence(name=f"Steps {opportunity.key}")
    factories.add(session, sequence)
    mailbox_id = make_outbox_message(session, contact).mailbox_id
    factories.add(session, Enrollment(
        sequence_id=sequence.key, opportunity_id=opportunity.key, contact_id=contact.key,
        mailbox_id=mailbox_id, domain="firm.example", due_at=NOW + timedelta(days=3)))  # fmt: skip


def attach(session: Session, contact: Contact, what: str) -> None:
    if what == "opportunity":
        make_opportunity(session, contact_id=contact.key)
    elif what == "mail":
        make_outbox_message(session, contact)
    elif what in {"red", "blue"}:
        add_tags(session, [contact.key], [ensure_tag(session, what).key])
    elif what == "enrollment":
        enroll(session, contact)
    elif what in {"price", "rank"}:  # a contact has one value of each
        named = select(CustomField).where(CustomField.name == what)
        field = session.exec(named).first() or make_field(
            session, what, subject=FieldSubject.CONTACT
        )
        set_value(session, field, contact.key, f"{what} of {contact.key}", now=NOW)
    elif what == "file":
        blob_id = keep_blob(session, b"pdf", "attachment").key
        file = Attachment(subject_type="contact", subject_id=contact.key, filename="brief.pdf",
                          size_bytes=3, blob_id=blob_id)  # fmt: skip
        factories.add(session, file)
    elif what == "note":
        factories.add(session, Note(subject_type="contact", subject_id=contact.key, body="Rang."))
    else:
        factories.add(session, Reminder(text="Ask", subject_type="contact",
                                        subject_id=contact.key, due_at=NOW))  # fmt: skip


_THINGS = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from(
            [
                "opportunity",
                "mail",
                "red",
                "blue",
                "note",
                "reminder",
                "enrollment",
                "price",
                "rank",
                "file",
            ]
        ),
    ),
    max_size=8,
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(things=_THINGS, takes_address=st.booleans(), takes_role=st.booleans())
def test_merging_and_parting_again_changes_nothing(
    database: Database, scope: Scope, things: list[Any], takes_address: bool, takes_role: bool
) -> None:
    with database.writing(scope) as session:
        pair = make_contact(session), make_contact(session, name="M. Hart", role="Editor")
        for is_second, what in things:
            attach(session, pair[is_second], what)
        address = details_of(pair[1]).address
    before = everything(database, scope)
    chosen: dict[str, Any] = {"address": address} if takes_address else {}
    chosen |= {"role": "Editor"} if takes_role else {}

    merge_id = merge(database, scope, *pair, **chosen)
    assert everything(database, scope) != before
    part_contacts(database, scope, merge_id, now=NOW)

    assert everything(database, scope) == before


def test_what_happened_since_stays_with_the_contact_that_was_kept(
    database: Database, scope: Scope
) -> None:
    kept, gone = two(database, scope)
    merge_id = merge(database, scope, kept, gone, role="Editor")
    with database.writing(scope) as session:
        since = make_opportunity(session, contact_id=kept.key).key
        row = get_contact(session, kept.key)
        row.beat, row.role = "Soil", "Chief editor"

    part_contacts(database, scope, merge_id, now=NOW + timedelta(days=1))

    with database.reading(scope) as session:
        assert session.get_one(Opportunity, since).contact_id == kept.key
        row = get_contact(session, kept.key)
        assert (row.beat, row.role) == ("Soil", "Chief editor")
        back = get_contact(session, gone.key)
        assert back.is_current
        assert back.role == "Editor"


def test_merges_are_parted_last_first(database: Database, scope: Scope) -> None:
    kept, gone = two(database, scope)
    with database.writing(scope) as session:
        third = make_contact(session)
    first = merge(database, scope, kept, gone)
    second = merge(database, scope, kept, third)

    with pytest.raises(Conflict, match="later"):
        part_contacts(database, scope, first, now=NOW)
    part_contacts(database, scope, second, now=NOW)
    part_contacts(database, scope, first, now=NOW)
    with pytest.raises(Conflict, match="already"):
        part_contacts(database, scope, first, now=NOW)


def test_a_contact_merged_further_is_parted_from_where_it_went_first(
    database: Database, scope: Scope
) -> None:
    kept, gone = two(database, scope)
    with database.writing(scope) as session:
        third = make_contact(session)
    first = merge(database, scope, kept, gone)
    second = merge(database, scope, third, kept)

    with pytest.raises(Conflict, match="further"):
        part_contacts(database, scope, first, now=NOW)
    part_contacts(database, scope, second, now=NOW)
    with database.reading(scope) as session:
        assert get_contact(session, gone.key).merged_into_id == kept.key
    part_contacts(database, scope, first, now=NOW)


def test_likely_twins_are_suggested_until_somebody_says_they_are_two(
    database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        site_id = factories.make_site(session, "firm.example").key
        full = make_contact(session, "mia@firm.example", name="Mia Hart", site_id=site_id)
        short = make_contact(session, "hart@firm.example", name="M. Hart", site_id=site_id)
        bare = make_contact(session, "m.hart@firm.example", name="", site_id=site_id)
        make_contact(session, "mark@firm.example", name="Mark Hart", site_id=site_id)
        make_contact(session, "mia@other.example", name="Mia Hart",
                     site_id=factories.make_site(session).key)  # fmt: skip

    def pairs() -> set[tuple[int, int]]:
        with database.reading(scope) as session:
            return {(row.one_id, row.other_id) for row in twin_page(session).rows}

    assert {(full.key, short.key), (full.key, bare.key), (short.key, bare.key)} <= pairs()
    with database.writing(scope) as session:
        merges.set_apart(session, short.key, full.key)
    assert (full.key, short.key) not in pairs()
    with database.reading(scope) as session:
        alike = possible_duplicates(session, get_contact(session, full.key))
        assert [row.key for row in alike] == [bare.key]
    with database.writing(scope) as session:
        merges.unset_apart(session, full.key, short.key)
    assert (full.key, short.key) in pairs()


def test_the_pages_of_twins_name_each_pair_once(database: Database, scope: Scope) -> None:
    with database.writing(scope) as session:
        for number in range(5):
            site_id = factories.make_site(session).key
            for host in ("firm", "mail"):
                make_contact(session, f"ann@{host}{number}.example", name="Ann Lee",
                             site_id=site_id)  # fmt: skip

    found, cursor = [], ""
    with database.reading(scope) as session:
        while True:
            page = twin_page(session, cursor=cursor, limit=2)
            found += [(row.one_id, row.other_id) for row in page.rows]
            if page.next_cursor is None:
                break
            cursor = page.next_cursor
    assert len(found) == len(set(found)) == 5


def test_twins_that_meet_by_name_only_elsewhere_are_not_alike(
    database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        one = make_contact(session, details("ann@a.example").address.text, name="Ann Lee")  # type: ignore[union-attr]
        make_contact(session, "ann@b.example", name="Ann Lee")
        assert possible_duplicates(session, one) == []
