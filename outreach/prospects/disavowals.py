"""Take in a list of sites whose links we disowned: they are prospects nobody is to ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlmodel import col, update

from outreach.core.db import bulk_update, rows_by_key
from outreach.imports.rows import ParsedRow
from outreach.imports.verdicts import Entry, refused
from outreach.imports.words import Verdict
from outreach.prospects.models import Prospect
from outreach.prospects.replay import SAID
from outreach.prospects.rules import Decision, import_source
from outreach.prospects.services import NewProspect, add_missing
from outreach.prospects.words import Review
from outreach.sites import services as sites

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.imports.rows import BadRow
    from outreach.prospects.replay import LaterRow

DISAVOWED = "disavowed"
_REJECTED = Decision(Review.REJECTED, DISAVOWED)


@dataclass(slots=True)
class DisavowalPlan:
    """What a set of rows will reject, and the verdict on each."""

    entries: list[Entry] = field(default_factory=list)
    new_sites: list[str] = field(default_factory=list)
    rejected: list[int] = field(default_factory=list)
    prospect_ids: dict[str, int] = field(default_factory=dict)


def plan(session: Session, rows: Sequence[ParsedRow | BadRow], seen: set[str]) -> DisavowalPlan:
    """Decide what each row rejects, without changing anything; `seen` are sites of rows before."""
    made = DisavowalPlan()
    named = {row.site for row in rows if isinstance(row, ParsedRow)}
    columns = ("id", "review", "rejected_because")
    known = {
        domain: (prospect_id, Decision(review, because))
        for domain, prospect_id, review, because in rows_by_key(
            session, Prospect, "domain", named, columns
        )
    }
    made.prospect_ids = {domain: found[0] for domain, found in known.items()}
    for row in rows:
        if isinstance(row, ParsedRow):
            made.entries.append(_decide(made, row, known.get(row.site), seen))
        else:
            made.entries.append(refused(row.line, row.raw, row.reason))
    return made


def _decide(
    made: DisavowalPlan, row: ParsedRow, known: tuple[int, Decision] | None, seen: set[str]
) -> Entry:
    if known and known[1].review is Review.APPROVED:
        reason = f"{row.site} is approved here: decide about it first."
        return refused(row.line, row.url or row.site, reason)
    is_repeated = row.site in seen
    seen.add(row.site)
    if is_repeated or (known and known[1].review is Review.REJECTED):
        said: dict[str, object] | None = None if is_repeated else {SAID: {DISAVOWED: True}}
        return Entry(row.line, Verdict.KNOWN, row.site, "", "", "", said)
    was = known[1] if known else Decision(Review.NEW)
    before: dict[str, object] = {
        "review": [was.review.value, Review.REJECTED.value],
        "because": was.reason,
    }
    if known:
        made.rejected.append(known[0])
    else:
        made.new_sites.append(row.site)
    verdict = Verdict.UPDATED if known else Verdict.ADDED
    return Entry(row.line, verdict, row.site, "", "", "", before)


def apply(session: Session, made: DisavowalPlan, *, import_file_id: int, now: datetime) -> None:
    """Reject what was planned; a date until which a prospect was put aside stays for an undo."""
    if made.new_sites:
        ids = sites.add_missing(session, sorted(made.new_sites), now=now)
        new = {domain: NewProspect(ids[domain]) for domain in made.new_sites}
        source = import_source(import_file_id)
        added = add_missing(session, new, source=source, now=now, decided=_REJECTED)
        made.prospect_ids.update(added)
    rows = ((Review.REJECTED, DISAVOWED, prospect_id) for prospect_id in made.rejected)
    bulk_update(session, Prospect, ("review", "rejected_because"), rows)


def restore_review(
    session: Session, prospect_id: int, before: Mapping[str, Any], later: Sequence[LaterRow]
) -> None:
    """Give a prospect's review back as it was, unless somebody decided on it since.

    A later list that disavows it too keeps it rejected, and gives it back once that is undone.
    """
    if "review" not in before:
        return
    for row in later:
        if row.before.get(SAID, {}).pop(DISAVOWED, False):
            row.before |= {"review": before["review"], "because": before["because"]}
            row.is_rewritten = True
            return
    session.execute(
        update(Prospect)
        .where(
            col(Prospect.id) == prospect_id,
            col(Prospect.review) == Review.REJECTED,
            col(Prospect.rejected_because) == DISAVOWED,
        )
        .values(review=Review(before["review"][0]), rejected_because=before["because"])
        .execution_options(synchronize_session=False)
    )
