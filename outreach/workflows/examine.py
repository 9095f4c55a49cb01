"""Examining an installation: what is wrong, in plain words, and how to mend it."""

from __future__ import annotations

import shutil
import stat
import sys
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlmodel import col, func, select

from outreach.accounts.queries import all_workspaces, has_users, installation_switch
from outreach.accounts.services import MAIL_SENDING, WEB_ACCESS
from outreach.activity.models import Job
from outreach.activity.queries import all_ticks
from outreach.activity.words import JobState
from outreach.core.db import SQLITE_VERSION, SYSTEM, WAL_IS_SAFE, Scope
from outreach.core.errors import OutreachError
from outreach.core.tokens import SecretBox
from outreach.desk.recount import wrong_columns
from outreach.desk.recount_pipeline import wrong_tallies
from outreach.mail.mailboxes import smtp_server
from outreach.mail.models import Mailbox, OutboxMessage
from outreach.mail.words import OutboxState, Transport
from outreach.workflows.index_words import count_waiting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from outreach.core.db import Database, Session
    from outreach.core.settings import Settings

SAFE_PYTHONS = {(3, 11): 10, (3, 12): 5}
LOW_DISK = 512 * 1024**2
LATE_TICK = timedelta(minutes=10)


class Level(StrEnum):
    """How bad a finding is."""

    FINE = "fine"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: a sentence, and for what is wrong the way to mend it."""

    level: Level
    text: str
    mend: str = ""


def examine(
    settings: Settings, database: Database, key: str, *, now: datetime
) -> Iterator[Finding]:
    """Look at everything an operator can get wrong; needs a migrated database."""
    yield from _machine(settings)
    yield from _secrets(settings)
    with database.reading(SYSTEM) as session:
        yield from _people(session)
        yield from _switches(session, settings)
        yield from _clock(session, now)
        yield from _mail(session, key)
        workspaces = [(row.key, row.name) for row in all_workspaces(session)]
    yield _search(database)
    for workspace_id, name in workspaces:
        with database.reading(Scope(workspace_id)) as session:
            yield _copies(session, name)
            yield _pipeline(session, name)


def _search(database: Database) -> Finding:
    waiting = count_waiting(database)
    if not waiting:
        return Finding(Level.FINE, "Search knows the words of every record.")
    return Finding(Level.NOTE, f"{waiting:,} records wait to be indexed for search.")


def _machine(settings: Settings) -> Iterator[Finding]:
    version = sys.version_info
    patch = SAFE_PYTHONS.get(version[:2])
    here = f"Python {version.major}.{version.minor}.{version.micro}"
    if patch is not None and version.micro < patch:
        yield Finding(
            Level.NOTE,
            f"{here} has known holes in its mail and address handling; Outreach works around them.",
            f"Install Python {version.major}.{version.minor}.{patch} or newer when you can.",
        )
    else:
        yield Finding(Level.FINE, f"{here}.")
    if settings.database.startswith("sqlite"):
        yield _sqlite()
    free = shutil.disk_usage(settings.data_dir).free
    if free < LOW_DISK:
        yield Finding(
            Level.BAD,
            f"Only {free / 1e6:,.0f} MB are free where {settings.data_dir} lies.",
            "Make room; at nothing left, imports and mail stop.",
        )


def _sqlite() -> Finding:
    if WAL_IS_SAFE:
        return Finding(Level.FINE, f"SQLite {SQLITE_VERSION} with write-ahead log.")
    return Finding(
        Level.NOTE,
        f"SQLite {SQLITE_VERSION} may corrupt a write-ahead log, so a slower journal is used.",
        "Use a platform with a pysqlite3 wheel, or PostgreSQL.",
    )


def _secrets(settings: Settings) -> Iterator[Finding]:
    path = settings.data_dir / "secret.key"
    if settings.secret_key or not path.exists():
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        yield Finding(
            Level.BAD,
            "Other users of this machine can read the secret key.",
            f"Run: chmod 600 {path}",
        )
    else:
        yield Finding(Level.FINE, "The secret key is readable by its owner only.")


def _people(session: Session) -> Iterator[Finding]:
    if not has_users(session):
        yield Finding(
            Level.BAD, "Nobody has an account yet.", "Run: outreach people setup-link, and open it."
        )


def _switches(session: Session, settings: Settings) -> Iterator[Finding]:
    if not installation_switch(session, WEB_ACCESS):
        yield Finding(
            Level.NOTE,
            "Web access is off: no page is read, no link is checked.",
            "Switch it on in Settings when you are ready.",
        )
    sends = installation_switch(session, MAIL_SENDING)
    if not sends:
        yield Finding(
            Level.NOTE,
            "Mail is captured: nothing leaves this machine.",
            "Prove a mailbox, then switch sending on in Settings.",
        )
    if not settings.public_url:
        yield Finding(
            Level.BAD if sends else Level.NOTE,
            "OUTREACH_PUBLIC_URL is not set, so mails carry no one-click unsubscribe link, only "
            "an address to write to and the line that a plain “no” is enough.",
            "Set it to the https address people reach this installation at.",
        )


def _clock(session: Session, now: datetime) -> Iterator[Finding]:
    ticks = all_ticks(session)
    latest = max((tick.finished_at for tick in ticks if tick.finished_at), default=None)
    if latest is None or now - latest > LATE_TICK:
        yield Finding(
            Level.BAD,
            "No background work has run for ten minutes: nothing is sent, read or checked.",
            "Start it with: outreach run (or outreach worker --queues mail,io and crawl).",
        )
    else:
        yield Finding(Level.FINE, f"Background work last ran at {latest:%Y-%m-%d %H:%M} UTC.")
    for tick in ticks:
        if tick.error:
            name = tick.name.replace("_", " ")
            yield Finding(Level.BAD, f"“{name}” fails: {tick.error}", "The log says more.")
    stuck = session.exec(
        select(func.count())
        .select_from(Job)
        .where(Job.state == JobState.QUEUED, col(Job.created_at) < now - LATE_TICK)
    ).one()
    if stuck:
        yield Finding(
            Level.BAD,
            f"{stuck} pieces of long work have waited for more than ten minutes.",
            "See that both workers run.",
        )


def _mail(session: Session, key: str) -> Iterator[Finding]:
    doubts = session.exec(
        select(func.count())
        .select_from(OutboxMessage)
        .where(OutboxMessage.state == OutboxState.IN_DOUBT)
    ).one()
    if doubts:
        yield Finding(
            Level.BAD,
            f"{doubts} mails are in doubt: they may or may not have gone out.",
            "Decide about each in the outbox; nothing is sent twice by itself.",
        )
    box = SecretBox(key)
    for mailbox in session.exec(select(Mailbox).where(Mailbox.transport == Transport.SMTP)).all():
        yield from _mailbox(mailbox, box)


def _mailbox(mailbox: Mailbox, box: SecretBox) -> Iterator[Finding]:
    where = f"Mailbox {mailbox.id} of workspace {mailbox.workspace_id}"
    if mailbox.sealed_password:
        try:
            smtp_server(mailbox, box)
        except OutreachError as error:
            yield Finding(Level.BAD, f"{where}: {error}", "Type its password again in Settings.")
    if mailbox.is_paused:
        yield Finding(
            Level.BAD,
            f"{where} is paused: {mailbox.paused_because or 'by a person'}.",
            "Mend the cause, then let it send again in Settings.",
        )
    if mailbox.read_failure:
        yield Finding(
            Level.BAD, f"{where} cannot be read: {mailbox.read_failure}", "Check it in Settings."
        )


def _copies(session: Session, name: str) -> Finding:
    wrong = wrong_columns(session)
    if not wrong:
        return Finding(Level.FINE, f"{name}: every list column equals its recount.")
    domain, columns = wrong[0]
    return Finding(
        Level.BAD,
        f"{name}: {len(wrong)} prospects show figures that differ from a recount, such as "
        f"{domain} ({columns}).",
        "This is a bug; report it with the log.",
    )


def _pipeline(session: Session, name: str) -> Finding:
    wrong = wrong_tallies(session)
    if not wrong:
        return Finding(Level.FINE, f"{name}: the pipeline's counts equal a recount.")
    return Finding(
        Level.BAD,
        f"{name}: {len(wrong)} counts of the pipeline are wrong, such as {wrong[0]}.",
        "This is a bug; report it with the log.",
    )
