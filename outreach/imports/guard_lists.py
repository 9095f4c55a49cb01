"""Take in lists of people never to write to, and of people written to before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from outreach.core.addresses import parse_mail_address
from outreach.core.errors import Invalid
from outreach.imports.queries import known_touches
from outreach.imports.rows import BadRow, ParsedRow, RowKind
from outreach.imports.verdicts import GUARDS, Entry, refused
from outreach.imports.words import Verdict
from outreach.suppression.queries import suppressed_among
from outreach.suppression.rules import (
    SuppressionEntry,
    TouchEntry,
    company_domain,
    comparable_domain,
    person_key,
)
from outreach.suppression.services import (
    add_suppressions,
    add_touches,
    import_note,
    refuse_entry,
)
from outreach.suppression.words import TouchOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.core.db import Session

_NOTE_CHARACTERS = 500
_OUTCOMES = {
    "awaiting": TouchOutcome.AWAITING,
    "awaiting answer": TouchOutcome.AWAITING,
    "no answer yet": TouchOutcome.AWAITING,
    "replied": TouchOutcome.REPLIED,
    "reply": TouchOutcome.REPLIED,
    "answered": TouchOutcome.REPLIED,
    "declined": TouchOutcome.DECLINED,
    "rejected": TouchOutcome.DECLINED,
    "no": TouchOutcome.DECLINED,
    "won": TouchOutcome.WON,
    "link won": TouchOutcome.WON,
    "placed": TouchOutcome.WON,
    "bounced": TouchOutcome.BOUNCED,
    "bounce": TouchOutcome.BOUNCED,
}


@dataclass(frozen=True, slots=True)
class GuardRules:
    """How a list is taken in: the installation's key, and the import its entries are named by."""

    kind: RowKind
    key: str
    import_file_id: int


@dataclass(slots=True)
class GuardPlan:
    """What a set of rows will add, and the verdict on each."""

    entries: list[Entry] = field(default_factory=list)
    suppressions: list[SuppressionEntry] = field(default_factory=list)
    touches: list[TouchEntry] = field(default_factory=list)


def plan(
    session: Session, rows: Sequence[ParsedRow | BadRow], seen: set[str], rules: GuardRules
) -> GuardPlan:
    """Decide what each row of a set adds, without adding it; `seen` are names from rows before."""
    made = GuardPlan()
    is_touch = rules.kind is RowKind.TOUCH
    named: list[tuple[ParsedRow | BadRow, str]] = []
    for row in rows:
        if isinstance(row, BadRow):
            named.append((row, ""))
            continue
        named.append(_touch(made, row, rules) if is_touch else _suppression(made, row, rules))
    names = {name for _, name in named if name}
    known = known_touches(session, names) if is_touch else set(_suppressed(session, names))
    for row, name in named:
        if isinstance(row, BadRow):
            made.entries.append(refused(row.line, row.raw, row.reason))
            continue
        is_known = name in known or name in seen
        verdict = Verdict.KNOWN if is_known else Verdict.ADDED
        # what another file brought is this one's too, once that is taken back
        before: dict[str, object] | None = {GUARDS: name} if name in known - seen else None
        seen.add(name)
        made.entries.append(Entry(row.line, verdict, row.site, "", "", "", before))
    return made


def apply(session: Session, made: GuardPlan, rules: GuardRules, *, now: datetime) -> None:
    """Add what was planned; what is known stays as it is."""
    note = import_note(rules.import_file_id)
    add_suppressions(session, made.suppressions, key=rules.key, now=now, note=note)
    add_touches(session, made.touches, now=now)


def _suppression(
    made: GuardPlan, row: ParsedRow, rules: GuardRules
) -> tuple[ParsedRow | BadRow, str]:
    address = parse_mail_address(row.email) if row.email else None
    if row.email and address is None:
        return BadRow(row.line, row.email, f"“{row.email}” is not an email address."), ""
    entry = SuppressionEntry(address=address, domain="" if address else row.site)
    try:
        refuse_entry(entry)
    except Invalid as problem:
        return BadRow(row.line, row.site, str(problem)), ""
    made.suppressions.append(entry)
    return row, person_key(rules.key, address) if address else comparable_domain(row.site)


def _touch(made: GuardPlan, row: ParsedRow, rules: GuardRules) -> tuple[ParsedRow | BadRow, str]:
    address = parse_mail_address(row.email) if row.email else None
    if row.email and address is None:
        return BadRow(row.line, row.email, f"“{row.email}” is not an email address."), ""
    if row.contacted_on is None:
        return BadRow(row.line, row.email or row.site, "The date is missing."), ""
    source_key = f"import:{rules.import_file_id}:{row.line}"
    made.touches.append(
        TouchEntry(
            source_key=source_key,
            at=datetime.combine(row.contacted_on, time(12), UTC),
            person_key=person_key(rules.key, address) if address else "",
            domain=company_domain(address, "" if address else row.site),
            outcome=_OUTCOMES.get(row.outcome.casefold(), TouchOutcome.UNKNOWN),
        )
    )
    return row, source_key


def _suppressed(session: Session, names: set[str]) -> set[str]:
    return set(suppressed_among(session, person_keys=names, domains=names))
