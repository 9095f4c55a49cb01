"""What is known of a contact, each fact with where it came from and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.accounts.queries import names_of_users
from outreach.contacts.people_rows import given_name
from outreach.imports.models import ImportFile, ImportRow
from outreach.imports.queries import rows_about

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from outreach.activity.models import Activity
    from outreach.contacts.models import Contact
    from outreach.core.db import Session

_SHOWN = (
    ("Name", "name"), ("Role", "role"), ("Outlet", "outlet"), ("Beat", "beat"),
    ("Country", "country"), ("Location", "location"), ("Phone", "phone"),
    ("Time zone", "time_zone"), ("Language", "language"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact came from: a line of a file, a page, or somebody here."""

    text: str
    at: datetime | None
    url: str = ""  # of the page, or of the import


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known of a contact."""

    label: str
    value: str
    source: Source


def facts_of(
    session: Session, contact: Contact, domain: str, story: Sequence[Activity]
) -> list[Fact]:
    """Say what is known of a contact, each fact with its source; what is unknown is left out.

    A fact that still is as a file gave it came from that file; the rest was typed here.

    Args:
        session: Open session of a workspace.
        contact: Whose facts.
        domain: Of their site, "" for none.
        story: Their timeline, newest first.
    """
    files = _files(session, contact)
    typed = _typed(session, contact, story)
    brought = files.get("", typed)

    def source_of(name: str, value: str) -> Source:
        return files.get(name, brought) if contact.file_facts.get(name) == value else typed

    page = _page(contact)
    is_told = bool(page) and contact.file_facts.get("source_url") == contact.source_url
    facts = [Fact(label, value, source_of(name, value))
             for label, name in _SHOWN if (value := getattr(contact, name))]  # fmt: skip
    if domain:
        facts.insert(1, Fact("Site", domain, files.get("site", brought)))
    if contact.address:
        source = page if page and not is_told else files.get("address", brought)
        facts.insert(1, Fact("Address", contact.address, source))
    if is_told:
        facts.append(Fact("Page", contact.source_url, source_of("source_url", contact.source_url)))
    return facts + [
        Fact(network.replace("_", " "), handle, source_of(given_name(network), handle))
        for network, handle in contact.profiles.items()
    ]


def by_source(facts: Sequence[Fact]) -> list[tuple[Source, list[Fact]]]:
    """Put facts of one source together, so that it is named once, in the order of the facts."""
    groups: dict[Source, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(fact.source, []).append(fact)
    return list(groups.items())


def _page(contact: Contact) -> Source | None:
    url = contact.source_url
    return Source(url.split("://")[-1], contact.found_at, url) if url else None


def _typed(session: Session, contact: Contact, story: Sequence[Activity]) -> Source:
    """Return who last typed a contact's facts here; without a trace, when it was added."""
    last = next((line for line in story if line.verb in {"edited", "added", "merged"}), None)
    if last is None:
        return Source("added here", contact.created_at)
    name = names_of_users(session, {last.user_id}).get(last.user_id) if last.user_id else None
    return Source(f"typed by {name or 'somebody here'}", last.at)


def _files(session: Session, contact: Contact) -> dict[str, Source]:
    """Return the line of a file each fact came from, by column; "" stands for all others."""
    sources: dict[str, Source] = {}
    names: dict[str, tuple[int, int]] = {}  # column → file, line
    if contact.import_file_id is not None:
        names[""] = contact.import_file_id, contact.import_line or 0
    about = rows_about(session, "contact", [contact.key], but=0)
    lines = _lines(session, [row for _, row, *_ in about])
    for _, row, file_id, _, before in sorted(about, key=lambda found: found[1]):
        changed = before.get("contact") or {}
        given = [*changed.get("texts", ()), *map(given_name, changed.get("profiles", ()))]
        given += [name for name in ("address", "site") if name in changed]
        names |= dict.fromkeys(given, (file_id, lines[row]))
    files = _named(session, {file_id for file_id, _ in names.values()})
    for name, (file_id, line) in names.items():
        if file_id in files:
            filename, at = files[file_id]
            sources[name] = Source(f"{filename}, line {line}", at, f"/imports/{file_id}")
    return sources


def _lines(session: Session, rows: Sequence[int]) -> dict[int, int]:
    if not rows:
        return {}
    found = session.exec(
        select(ImportRow.id, ImportRow.line_number).where(col(ImportRow.id).in_(rows))
    )
    return {key: line for key, line in found if key is not None}


def _named(session: Session, file_ids: set[int]) -> dict[int, tuple[str, datetime]]:
    if not file_ids:
        return {}
    found = session.exec(
        select(ImportFile.id, ImportFile.filename, ImportFile.created_at).where(
            col(ImportFile.id).in_(sorted(file_ids))
        )
    )
    return {key: (filename, at) for key, filename, at in found if key is not None}
