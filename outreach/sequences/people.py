"""Enrollments of a contact that was merged into another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.sequences.models import Enrollment
from outreach.sequences.services import stop_enrollments
from outreach.sequences.words import StopCause

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Session


def repoint_contact(session: Session, gone_id: int, kept_id: int, *, now: datetime) -> None:
    """Let the enrollments of a merged contact go on for the one that stays.

    Where both were enrolled for one opportunity, the one that goes is stopped: one person is
    pitched once.
    """
    taken = set(
        session.exec(
            select(Enrollment.opportunity_id).where(Enrollment.contact_id == kept_id)
        ).all()
    )
    theirs = session.exec(
        select(Enrollment).where(Enrollment.contact_id == gone_id).order_by(col(Enrollment.id))
    ).all()
    twice = [row for row in theirs if row.opportunity_id in taken]
    stop_enrollments(session, twice, StopCause.MANUAL, now=now)
    for enrollment in theirs:
        if enrollment.opportunity_id not in taken:
            enrollment.contact_id = kept_id
    session.flush()
