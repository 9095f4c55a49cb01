"""Silence for somebody who asked for it: everywhere, at once, for good.

Suppressing, emptying the queue and stopping every sequence are one transaction over all
workspaces. What each workspace notes about it follows in its own; it only tells people, and a
mail that was claimed meanwhile meets the suppression at its commit point.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.activity.services import Subject, record
from outreach.campaigns.queries import get_opportunity
from outreach.campaigns.rules import problem_with_move
from outreach.campaigns.words import Stage
from outreach.contacts.queries import contacts_of_person
from outreach.core.db import Scope
from outreach.core.errors import NotFound
from outreach.mail.people import cancel_queued_to
from outreach.sequences.services import stop_enrollments_of_person
from outreach.sequences.words import StopCause
from outreach.suppression.queries import find_suppression, find_unsubscribe_token
from outreach.suppression.services import (
    settle_touches,
    suppress_person,
    use_unsubscribe_token,
)
from outreach.suppression.words import SuppressionReason, TouchOutcome
from outreach.workflows.move_opportunities import move

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Database, Session

_CAUSES = {
    SuppressionReason.UNSUBSCRIBED: StopCause.UNSUBSCRIBED,
    SuppressionReason.COMPLAINED: StopCause.COMPLAINED,
    SuppressionReason.ERASED: StopCause.ERASED,
    SuppressionReason.BOUNCED: StopCause.BOUNCED,
}
_SENTENCES = {
    SuppressionReason.UNSUBSCRIBED: "They unsubscribed; nobody writes to them any more.",
    SuppressionReason.COMPLAINED: "They reported our mail as spam; nobody writes to them any more.",
}


@dataclass(frozen=True, slots=True)
class _Concerned:
    """Whom a silence concerns, as (workspace id, row id)."""

    contacts: list[tuple[int, int]]
    opportunities: list[tuple[int, int]]

    def of(self, workspace_id: int) -> tuple[list[int], list[int]]:
        return (
            [row_id for owner, row_id in self.contacts if owner == workspace_id],
            sorted({row_id for owner, row_id in self.opportunities if owner == workspace_id}),
        )

    @property
    def workspace_ids(self) -> list[int]:
        return sorted({owner for owner, _ in [*self.contacts, *self.opportunities]})


def honour_unsubscribe(database: Database, token: str, *, now: datetime) -> None:
    """Unsubscribe whoever a link stands for; following it again changes nothing.

    Raises:
        NotFound: We never issued such a link.
    """
    with database.system() as session:
        found = find_unsubscribe_token(session, token)
        if found is None:
            raise NotFound("This unsubscribe link is not one of ours.")
        person_key = found.person_key
        concerned = silence(session, person_key, SuppressionReason.UNSUBSCRIBED, now=now)
        use_unsubscribe_token(session, token, now=now)
    _tell_workspaces(database, concerned, person_key, SuppressionReason.UNSUBSCRIBED, now)


def silence_person(
    database: Database, person_key: str, reason: SuppressionReason, *, now: datetime
) -> None:
    """Never write to a person again: they unsubscribed by mail, or complained to their provider.

    Doing it again changes nothing.
    """
    with database.system() as session:
        concerned = silence(session, person_key, reason, now=now)
    _tell_workspaces(database, concerned, person_key, reason, now)


def silence(
    session: Session, person_key: str, reason: SuppressionReason, *, now: datetime
) -> _Concerned:
    """Suppress a person and stop all that is under way, within a system transaction."""
    before = find_suppression(session, person_key=person_key, domain="")
    is_news = before is None or before.reason is not reason
    suppress_person(session, person_key, reason, now=now)
    cancel_queued_to(session, [person_key], because=f"The recipient {reason.value}.")
    stopped = stop_enrollments_of_person(
        session, person_key=person_key, cause=_CAUSES.get(reason, StopCause.SUPPRESSED), now=now
    )
    people = contacts_of_person(session, person_key) if is_news or stopped else []
    return _Concerned(
        contacts=[(row.workspace_id, row.key) for row in people],
        opportunities=[(row.workspace_id, row.opportunity_id) for row in stopped],
    )


def _tell_workspaces(
    database: Database,
    concerned: _Concerned,
    person_key: str,
    reason: SuppressionReason,
    now: datetime,
) -> None:
    sentence = _SENTENCES.get(reason, f"They are suppressed: {reason.value}.")
    for workspace_id in concerned.workspace_ids:
        contact_ids, opportunity_ids = concerned.of(workspace_id)
        with database.writing(Scope(workspace_id)) as session:
            settle_touches(session, TouchOutcome.DECLINED, person_key=person_key)
            for contact_id in contact_ids:
                record(session, reason.value, Subject("contact", contact_id), sentence, now=now)
            for opportunity_id in opportunity_ids:
                _decline(session, opportunity_id, sentence, now)


def _decline(session: Session, opportunity_id: int, sentence: str, now: datetime) -> None:
    opportunity = get_opportunity(session, opportunity_id)
    if opportunity.stage.is_over or problem_with_move(opportunity.stage, Stage.DECLINED):
        subject = Subject("opportunity", opportunity.key)
        record(session, "stopped", subject, sentence, now=now)
        return
    move(session, opportunity, Stage.DECLINED, now=now, reason=sentence)
