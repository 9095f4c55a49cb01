"""Suppressing people and domains, and remembering whom somebody here wrote to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import col, delete, select, update

from outreach.activity.services import Subject, record
from outreach.core.db import bulk_write
from outreach.core.errors import Conflict, Invalid, NotFound
from outreach.core.tokens import new_token, token_hash
from outreach.suppression.models import ContactTouch, Suppression, UnsubscribeToken
from outreach.suppression.queries import find_unsubscribe_token
from outreach.suppression.rules import (
    LASTING_REASONS,
    PUBLIC_MAIL_HOSTS,
    SuppressionEntry,
    TouchEntry,
    comparable_domain,
    is_liftable,
    person_key,
)
from outreach.suppression.words import SuppressionKind, SuppressionReason, TouchOutcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from outreach.core.addresses import MailAddress
    from outreach.core.db import Session


@dataclass(frozen=True, slots=True)
class Counts:
    """What a set of entries changed."""

    added: int
    known: int


def suppress_address(
    session: Session,
    address: MailAddress,
    reason: SuppressionReason,
    *,
    key: str,
    now: datetime,
    note: str = "",
) -> Suppression:
    """Never write to this person again, in any workspace; a lasting reason replaces others."""
    label = "" if reason is SuppressionReason.ERASED else address.text
    entry = _New(SuppressionKind.ADDRESS, person_key(key, address), label, reason, note)
    return _suppress(session, entry, now)


def suppress_person(
    session: Session, person: str, reason: SuppressionReason, *, now: datetime, note: str = ""
) -> Suppression:
    """Suppress a person known only by their key: an unsubscribe link, an erasure."""
    return _suppress(session, _New(SuppressionKind.ADDRESS, person, "", reason, note), now)


def suppress_domain(
    session: Session, domain: str, reason: SuppressionReason, *, now: datetime, note: str = ""
) -> Suppression:
    """Never write to anyone at this registrable domain again, in any workspace.

    Raises:
        Invalid: It is no domain, or a mail host that millions of strangers share.
    """
    name = _suppressible_domain(domain)
    return _suppress(session, _New(SuppressionKind.DOMAIN, name, name, reason, note), now)


def _suppressible_domain(domain: str) -> str:
    name = comparable_domain(domain)
    if "." not in name or "@" in name or " " in name:
        raise Invalid(f"“{domain}” is not a domain. Give one such as example.com.")
    if name in PUBLIC_MAIL_HOSTS:
        raise Invalid(f"{name} is shared by millions of people. Suppress the address instead.")
    return name


@dataclass(frozen=True, slots=True)
class _New:
    kind: SuppressionKind
    match_key: str
    label: str
    reason: SuppressionReason
    note: str


def _suppress(session: Session, new: _New, now: datetime) -> Suppression:
    _insert(session, [new], now)
    row = session.exec(
        select(Suppression).where(
            Suppression.kind == new.kind, Suppression.match_key == new.match_key
        )
    ).one()
    if new.reason is SuppressionReason.ERASED:
        row.reason, row.label, row.note = new.reason, "", ""
    elif new.reason in LASTING_REASONS and row.reason not in LASTING_REASONS:
        row.reason, row.note = new.reason, new.note or row.note
    session.flush()
    return row


def _insert(session: Session, rows: Iterable[_New], now: datetime) -> int:
    """Insert what is not there yet; two unsubscribing clicks at once are one row."""
    by = (session.scope.workspace_id, session.scope.user_id, now, now)
    return bulk_write(
        session,
        Suppression,
        (
            *("kind", "match_key", "label", "reason", "note"),
            *("added_in_workspace_id", "added_by_id", "created_at", "updated_at"),
        ),
        [(row.kind, row.match_key, row.label, row.reason, row.note, *by) for row in rows],
        unique=("kind", "match_key"),
    )


def lift_suppression(session: Session, row: Suppression, *, reason: str, now: datetime) -> None:
    """Allow writing again, for a reason that is logged without the address.

    Raises:
        Invalid: No reason was given.
        Conflict: The person themselves, a complaint or an erasure asked for silence.
    """
    if not reason.strip():
        raise Invalid("Say why this suppression is lifted.")
    if not is_liftable(row.reason):
        raise Conflict(f"This one {row.reason.value}: only they can undo that, so it stays.")
    record(
        session,
        "lifted",
        Subject("suppression", row.key),
        f"Lifted a suppression ({row.reason.value}): {reason.strip()}",
        now=now,
    )
    session.delete(row)
    session.flush()


def add_suppressions(
    session: Session,
    entries: Iterable[SuppressionEntry],
    *,
    key: str,
    now: datetime,
    reason: SuppressionReason = SuppressionReason.IMPORTED,
    note: str = "",
) -> Counts:
    """Suppress many addresses and domains; those already suppressed stay as they are.

    Args:
        session: Open session; flushed, not committed.
        entries: Addresses and domains; public mail hosts are refused by `refuse_entry` before.
        key: The installation's secret key.
        now: When.
        reason: Kept with each new one.
        note: Kept with each new one that brings none of its own, such as `import_note(7)`.

    Returns:
        How many are new and how many were known, counting repeats within the set.
    """
    rows = [_New(*_identity(entry, key), reason, entry.note or note) for entry in entries]
    added = _insert(session, rows, now)
    return Counts(added=added, known=len(rows) - added)


def refuse_entry(entry: SuppressionEntry) -> None:
    """Check one entry before it joins a set.

    Raises:
        Invalid: It names no address and no domain that may be suppressed.
    """
    if entry.address is None:
        _suppressible_domain(entry.domain)


def _identity(entry: SuppressionEntry, key: str) -> tuple[SuppressionKind, str, str]:
    if entry.address is not None:
        return SuppressionKind.ADDRESS, person_key(key, entry.address), entry.address.text
    name = _suppressible_domain(entry.domain)
    return SuppressionKind.DOMAIN, name, name


def add_touches(session: Session, entries: Iterable[TouchEntry], *, now: datetime) -> Counts:
    """Remember many past contacts of this workspace; one source key is one touch."""
    scope = session.scope
    rows = [
        (
            *(entry.source_key, entry.at, entry.person_key, comparable_domain(entry.domain)),
            *(entry.outcome, scope.workspace_id, scope.user_id, now, now),
        )
        for entry in entries
    ]
    added = bulk_write(
        session,
        ContactTouch,
        (
            *("source_key", "at", "person_key", "domain", "outcome"),
            *("in_workspace_id", "user_id", "created_at", "updated_at"),
        ),
        rows,
        unique=("source_key",),
    )
    return Counts(added=added, known=len(rows) - added)


def import_note(import_file_id: int) -> str:
    """Note that marks the suppressions a file brought."""
    return f"Import {import_file_id}"


def hand_over_import(
    session: Session,
    import_file_id: int,
    suppressed: Mapping[str, int],
    touched: Mapping[str, tuple[int, int]],
) -> None:
    """Let what other lists of this workspace said too count as theirs before one is withdrawn.

    Args:
        session: Open session; flushed, not committed.
        import_file_id: The list that is to be withdrawn.
        suppressed: Match key → another list that has it.
        touched: Source key → another list that has it, and its line there.
    """
    mine = select(Suppression).where(
        Suppression.note == import_note(import_file_id),
        Suppression.added_in_workspace_id == session.workspace_id,
    )
    for row in session.exec(mine):
        if row.match_key in suppressed:
            row.note = import_note(suppressed[row.match_key])
    for touch in session.exec(
        select(ContactTouch).where(
            col(ContactTouch.source_key).startswith(f"import:{import_file_id}:", autoescape=True),
            ContactTouch.in_workspace_id == session.workspace_id,
        )
    ):
        if touch.source_key in touched:
            file_id, line = touched[touch.source_key]
            touch.source_key = f"import:{file_id}:{line}"
    session.flush()


def withdraw_import(session: Session, import_file_id: int) -> Counts:
    """Undo what a file brought here; what a person or a bounce confirmed since stays."""
    gone = session.execute(
        delete(Suppression).where(
            col(Suppression.reason) == SuppressionReason.IMPORTED,
            col(Suppression.note) == import_note(import_file_id),
            col(Suppression.added_in_workspace_id) == session.workspace_id,
        )
    )
    touches = session.execute(
        delete(ContactTouch).where(
            col(ContactTouch.source_key).startswith(f"import:{import_file_id}:", autoescape=True),
            col(ContactTouch.in_workspace_id) == session.workspace_id,
        )
    )
    return Counts(added=0, known=_changed(gone) + _changed(touches))


def note_touch(session: Session, entry: TouchEntry, *, now: datetime) -> bool:
    """Remember that this workspace wrote to somebody; False when it was known."""
    return add_touches(session, [entry], now=now).added == 1


def set_touch_outcome(session: Session, source_key: str, outcome: TouchOutcome) -> bool:
    """Set what came of one touch; False when there is none of this workspace."""
    changed = session.execute(
        update(ContactTouch)
        .where(
            col(ContactTouch.source_key) == source_key,
            col(ContactTouch.in_workspace_id) == session.workspace_id,
        )
        .values(outcome=outcome)
        .execution_options(synchronize_session=False)
    )
    return _changed(changed) == 1


def settle_touches(
    session: Session, outcome: TouchOutcome, *, person_key: str = "", domain: str = ""
) -> int:
    """Set what came of all this workspace's open touches of a person or a company.

    Returns:
        How many were still awaiting an answer, or only replied to.
    """
    same = (
        col(ContactTouch.person_key) == person_key
        if person_key
        else col(ContactTouch.domain) == comparable_domain(domain)
    )
    if not (person_key or domain):
        return 0
    changed = session.execute(
        update(ContactTouch)
        .where(
            same,
            col(ContactTouch.in_workspace_id) == session.workspace_id,
            col(ContactTouch.outcome).in_([TouchOutcome.AWAITING, TouchOutcome.REPLIED]),
        )
        .values(outcome=outcome)
        .execution_options(synchronize_session=False)
    )
    return _changed(changed)


def issue_unsubscribe_token(session: Session, person_key: str, domain: str) -> str:
    """Make the opaque token of one mail's unsubscribe link; it never expires."""
    token = new_token()
    session.add(
        UnsubscribeToken(
            token_hash=token_hash(token),
            person_key=person_key,
            domain=comparable_domain(domain),
            in_workspace_id=session.scope.workspace_id,
        )
    )
    session.flush()
    return token


def use_unsubscribe_token(session: Session, token: str, *, now: datetime) -> UnsubscribeToken:
    """Suppress whoever an unsubscribe link stands for; using it again changes nothing.

    Raises:
        NotFound: We never issued it.
    """
    row = find_unsubscribe_token(session, token)
    if row is None:
        raise NotFound("This unsubscribe link is not one of ours.")
    suppress_person(session, row.person_key, SuppressionReason.UNSUBSCRIBED, now=now)
    row.used_at = row.used_at or now
    session.flush()
    return row


def _changed(result: object) -> int:
    return int(result.rowcount)  # type: ignore[attr-defined]
