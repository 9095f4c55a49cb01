"""Begin to pitch opportunities: everything that speaks against one is said before anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.activity.services import Subject, record
from outreach.core.addresses import parse_mail_address
from outreach.core.errors import Invalid, OutreachError
from outreach.mail.mailboxes import get_mailbox
from outreach.pitches.rendering import PitchSubject, pitch_subject
from outreach.prospects.words import Review
from outreach.sequences.queries import (
    calendar_for_contact,
    enrollments_of_opportunity,
    get_sequence,
    live_enrollments,
    steps_of,
)
from outreach.sequences.services import NewEnrollment, enroll, lock_recipient
from outreach.suppression.queries import collisions, find_suppression
from outreach.workflows.compose_pitch import fill_in_all

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from outreach.contacts.models import Contact
    from outreach.core.addresses import MailAddress
    from outreach.core.db import Database, Scope, Session

_SUPPRESSED = {
    "unsubscribed": "asked not to be written to",
    "complained": "complained about our mail",
    "erased": "had their data erased",
}


@dataclass(frozen=True, slots=True)
class PitchOutcome:
    """What became of one opportunity: enrolled, or refused for these reasons."""

    opportunity_id: int
    enrollment_id: int | None = None
    refusals: tuple[str, ...] = ()
    can_be_overridden: bool = False  # only a recent contact speaks against it

    @property
    def is_enrolled(self) -> bool:
        """True when its first mail is on its way."""
        return self.enrollment_id is not None


def start_pitching(
    database: Database,
    scope: Scope,
    opportunity_ids: Iterable[int],
    now: datetime,
    override_reason: str = "",
) -> list[PitchOutcome]:
    """Enroll the contacts of opportunities in their campaigns' sequences.

    Args:
        database: Where they are.
        scope: The person who pitches, and their workspace.
        opportunity_ids: Which; each in a transaction of its own.
        now: When; the first step is due in the recipient's next open hours.
        override_reason: Why to write although somebody here did so lately; logged.

    Returns:
        One outcome for each, in order; refusals are whole sentences.
    """
    outcomes = []
    for opportunity_id in opportunity_ids:
        with database.writing(scope) as session:
            outcomes.append(_start(session, opportunity_id, now, override_reason.strip()))
    return outcomes


def why_not_to_pitch(session: Session, opportunity_id: int, now: datetime) -> PitchOutcome:
    """Say what would keep an opportunity from being pitched, changing nothing."""
    about = pitch_subject(session, opportunity_id)
    refusals = _refusals(session, about)
    recent = _recent_contact(session, about, now)
    return PitchOutcome(
        opportunity_id,
        refusals=(*refusals, *recent),
        can_be_overridden=bool(recent) and not refusals,
    )


def _start(
    session: Session, opportunity_id: int, now: datetime, override_reason: str
) -> PitchOutcome:
    about = pitch_subject(session, opportunity_id)
    lock_recipient(session, about.prospect.key, about.opportunity.contact_id)
    found = why_not_to_pitch(session, opportunity_id, now)
    overridden = found.can_be_overridden and bool(override_reason)
    if found.refusals and not overridden:
        return found
    enrollment_id = _enroll(session, about, now)
    subject = Subject("opportunity", opportunity_id)
    record(session, "enrolled", subject, "Started the sequence.", now=now)
    if overridden:
        said = f"Wrote although {' '.join(found.refusals)} Reason: {override_reason}"
        record(session, "overrode", subject, said, now=now)
    return PitchOutcome(opportunity_id, enrollment_id)


def _enroll(session: Session, about: PitchSubject, now: datetime) -> int:
    campaign, contact = about.campaign, about.contact
    assert contact is not None
    assert campaign.sequence_id is not None
    assert campaign.mailbox_id is not None
    sequence = get_sequence(session, campaign.sequence_id)
    new = NewEnrollment(
        sequence_id=sequence.key,
        opportunity_id=about.opportunity.key,
        contact_id=contact.key,
        mailbox_id=campaign.mailbox_id,
        domain=about.prospect.domain,
        due_at=calendar_for_contact(session, contact, sequence).next_opening(now),
    )
    return enroll(session, new).key


def _refusals(session: Session, about: PitchSubject) -> list[str]:
    """List what a person has to mend before this can be pitched, in the order they would."""
    found = [*_of_opportunity(about), *_of_contact(session, about), *_of_campaign(about)]
    if found:
        return found
    return [*_of_enrollments(session, about), *_of_templates(session, about)]


def _of_opportunity(about: PitchSubject) -> list[str]:
    said = []
    if about.opportunity.stage.is_over:
        said.append("This opportunity is over; move it back to pitch again.")
    if about.prospect.review is Review.REJECTED:
        said.append(f"{about.prospect.domain} was rejected in the review.")
    return said


def _of_contact(session: Session, about: PitchSubject) -> list[str]:
    contact = about.contact
    if contact is None or not contact.address:
        return ["There is nobody to write to: choose a contact with an address."]
    if not contact.is_current:
        return ["This contact was merged into another, or erased; choose another."]
    address = parse_mail_address(contact.address)
    if address is None:
        return [f"“{contact.address}” cannot be written to; mend the address."]
    return _of_address(session, about.prospect.domain, contact, address)


def _of_address(
    session: Session, company: str, contact: Contact, address: MailAddress
) -> list[str]:
    if address.is_refused:
        return [f"{address.shown} is read by nobody; choose another contact."]
    if not contact.is_reachable:
        because = contact.undeliverable_because or "mail to it failed"
        return [f"{address.shown} cannot be reached: {because.rstrip('.')}."]
    for domain in dict.fromkeys((company, address.domain)):
        found = find_suppression(session, person_key=contact.person_key, domain=domain)
        if found is not None:
            why = _SUPPRESSED.get(found.reason.value, f"is suppressed ({found.reason.value})")
            return [f"{address.shown} {why}, so nobody here writes to it."]
    return []


def _of_campaign(about: PitchSubject) -> list[str]:
    said = []
    if about.campaign.sequence_id is None:
        said.append("The campaign has no sequence: choose one in the campaign.")
    if about.campaign.mailbox_id is None:
        said.append("The campaign has no mailbox: choose one in the campaign.")
    return said


def _of_enrollments(session: Session, about: PitchSubject) -> list[str]:
    assert about.contact is not None
    contact_id, domain = about.contact.key, about.prospect.domain
    if any(
        view.enrollment.contact_id == contact_id
        for view in enrollments_of_opportunity(session, about.opportunity.key)
    ):
        return [f"{about.contact.display_name} was enrolled for this opportunity already."]
    live = live_enrollments(session, contact_id=contact_id, domain=domain)
    if live:
        who = "This person" if live[0].contact_id == contact_id else f"Somebody at {domain}"
        return [f"{who} is going through a sequence already."]
    return []


def _of_templates(session: Session, about: PitchSubject) -> list[str]:
    """Fill in every step, so that no later one meets a hole."""
    assert about.campaign.sequence_id is not None
    assert about.campaign.mailbox_id is not None
    steps = steps_of(session, about.campaign.sequence_id)
    if not steps:
        return ["The campaign’s sequence has no steps."]
    mailbox = get_mailbox(session, about.campaign.mailbox_id)
    try:
        fill_in_all(
            [(step.wait_business_days, template) for step, template in steps], about, mailbox
        )
    except Invalid as error:
        return [str(error)]
    except OutreachError as error:
        return [f"The pitch cannot be written: {error}"]
    return []


def _recent_contact(session: Session, about: PitchSubject, now: datetime) -> list[str]:
    if about.contact is None:
        return []
    found = collisions(
        session,
        person_key=about.contact.person_key,
        domain=about.prospect.domain,
        workspace_id=session.workspace_id,
        now=now,
    )
    if not found:
        return []
    return [f"Contacted lately: {found[0].sentence(now)}."]
