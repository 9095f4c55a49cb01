"""The rows of an import as a person reads them: what each is about, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlmodel import col, select

from outreach.contacts.models import Contact
from outreach.desk.in_use import prospects_in_use
from outreach.imports.changes import changes_in_words
from outreach.imports.words import Verdict
from outreach.prospects.models import Prospect, ProspectPage
from outreach.prospects.rules import import_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.core.db import Session
    from outreach.imports.models import ImportFile, ImportRow

_SITES_LOOKED_AT = 2_000
_SITES_AT_ONCE = 500
_NAMED = 5
_NEW = {
    Verdict.ADDED: "New.",
    Verdict.PAGE_ADDED: "A new page of a known site.",
    Verdict.KNOWN: "Known as it is.",
    Verdict.SKIPPED: "Left out.",
}


@dataclass(frozen=True, slots=True)
class RowShown:
    """One row of a file: `link` is the record's address, empty where it has none (any more)."""

    line: int
    verdict: Verdict
    name: str
    link: str
    said: str
    raw: str
    is_mended: bool


@dataclass(frozen=True, slots=True)
class UndoOutlook:
    """What taking an import back would leave: prospects somebody has worked on since."""

    brought_count: int
    staying: tuple[str, ...]  # the first few, by domain
    staying_count: int
    is_whole: bool  # False where only the first of its prospects were looked at


def rows_shown(session: Session, rows: Sequence[ImportRow]) -> list[RowShown]:
    """Name what each of a page's rows is about, in one statement for each kind of record."""
    names = {kind: _names(session, kind, rows) for kind in {row.subject_type for row in rows}}
    return [_shown(row, names[row.subject_type]) for row in rows]


def _shown(row: ImportRow, names: dict[int, tuple[str, str]]) -> RowShown:
    name, link = names.get(row.subject_id or 0, ("", ""))
    told = changes_in_words(row.before) if row.verdict is Verdict.UPDATED else ""
    said = " ".join(part for part in (told, row.reason) if part)
    return RowShown(
        line=row.line_number,
        verdict=row.verdict,
        name=name or _general_name(row),
        link=link,
        said=said or _NEW.get(row.verdict, ""),
        raw=row.raw,
        is_mended=row.mended_at is not None,
    )


def _general_name(row: ImportRow) -> str:
    if row.verdict in {Verdict.REFUSED, Verdict.SKIPPED}:
        return ""
    if row.subject_type == "suppression":
        return "an address or domain never to write to"
    if row.subject_type == "past_contact":
        return "a past contact"
    return "no longer here"


def _names(session: Session, kind: str, rows: Sequence[ImportRow]) -> dict[int, tuple[str, str]]:
    """Return the name and address of each record of one kind."""
    wanted = [row.subject_id for row in rows if row.subject_type == kind]
    ids = sorted({subject_id for subject_id in wanted if subject_id is not None})
    if not ids:
        return {}
    found: Any
    columns: Any
    if kind == "prospect_page":
        columns = (ProspectPage.id, ProspectPage.prospect_id, ProspectPage.url)
        found = session.exec(select(*columns).where(col(ProspectPage.id).in_(ids)))
        return {key: (url, f"/prospects/{prospect}") for key, prospect, url in found}
    if kind == "prospect":
        columns = (Prospect.id, Prospect.domain)
        found = session.exec(select(*columns).where(col(Prospect.id).in_(ids)))
        return {key: (domain, f"/prospects/{key}") for key, domain in found}
    if kind == "contact":
        columns = (Contact.id, Contact.name, Contact.address)
        found = session.exec(select(*columns).where(col(Contact.id).in_(ids)))
        return {
            key: (" · ".join(part for part in (name, address) if part), f"/contacts/{key}")
            for key, name, address in found
        }
    return {}


def undo_outlook(session: Session, file: ImportFile) -> UndoOutlook:
    """Say which of the prospects an import brought would stay, by its first ones."""
    brought = dict(
        session.exec(
            select(Prospect.id, Prospect.domain)
            .where(Prospect.source == import_source(file.key))
            .limit(_SITES_LOOKED_AT + 1)
        ).all()
    )
    ids = [key for key in brought if key is not None][:_SITES_LOOKED_AT]
    staying: list[int] = []
    for at in range(0, len(ids), _SITES_AT_ONCE):
        staying += sorted(prospects_in_use(session, ids[at : at + _SITES_AT_ONCE]))
    return UndoOutlook(
        brought_count=len(ids),
        staying=tuple(brought[key] for key in staying[:_NAMED]),
        staying_count=len(staying),
        is_whole=len(brought) <= _SITES_LOOKED_AT,
    )
