"""Suppressing at a person's word: from that moment nothing more goes there, from any workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.sequences.queries import live_enrollments
from outreach.sequences.services import stop_enrollments
from outreach.sequences.words import StopCause
from outreach.suppression import services
from outreach.suppression.rules import person_key
from outreach.workflows.honour_unsubscribe import silence_person

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Database, Scope
    from outreach.suppression.rules import SuppressionEntry
    from outreach.suppression.words import SuppressionReason


def suppress(
    database: Database,
    scope: Scope,
    entry: SuppressionEntry,
    reason: SuppressionReason,
    *,
    key: str,
    now: datetime,
) -> None:
    """Never write to this person, or to anyone at this domain, again; stop what is under way.

    Raises:
        Invalid: It is no domain, or a mail host that millions of strangers share.
    """
    if entry.address is None:
        _suppress_domain(database, scope, entry, reason, now)
        return
    with database.writing(scope) as session:
        row = services.suppress_address(
            session, entry.address, reason, key=key, now=now, note=entry.note
        )
        kept_reason = row.reason  # what they asked for outranks what we say
    silence_person(database, person_key(key, entry.address), kept_reason, now=now)


def _suppress_domain(
    database: Database,
    scope: Scope,
    entry: SuppressionEntry,
    reason: SuppressionReason,
    now: datetime,
) -> None:
    with database.writing(scope) as session:
        row = services.suppress_domain(session, entry.domain, reason, now=now, note=entry.note)
        domain = row.match_key
    with database.system() as session:
        live = live_enrollments(session, domain=domain)
        stop_enrollments(session, live, StopCause.SUPPRESSED, now=now)
