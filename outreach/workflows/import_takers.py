"""Who takes in the rows of a file: prospects, or the lists that guard people."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from outreach.assets.properties import own_domains
from outreach.contacts.intake import PeopleRules
from outreach.core.db import take_turn
from outreach.desk.recount import heard_of, true_columns
from outreach.imports import guard_lists
from outreach.imports.guard_lists import GuardRules
from outreach.imports.queries import first_import_of
from outreach.imports.rows import ParsedRow, RowKind
from outreach.prospects import disavowals, intake, intake_writes
from outreach.prospects.intake import IntakeRules, Memory
from outreach.prospects.queries import prospect_ids
from outreach.prospects.services import note_columns
from outreach.sites.queries import site_ids
from outreach.workflows.own_contacts import OwnContactTaker
from outreach.workflows.own_prospects import OwnProspectTaker
from outreach.workflows.people_taker import PeopleTaker

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.imports.models import ImportFile
    from outreach.imports.rows import BadRow
    from outreach.imports.verdicts import Entry

    Row = ParsedRow | BadRow
    SubjectOf = Callable[[Entry], tuple[str, int | None]]

GUARD_KINDS = frozenset({RowKind.SUPPRESSION, RowKind.TOUCH})
PEOPLE_KINDS = frozenset({RowKind.PERSON, RowKind.PARTNER, RowKind.COVERAGE})


class Taker(Protocol):
    """Decides about rows, and takes them in."""

    def note(self, row: Row) -> None:
        """Remember a row that was taken in before a restart."""

    def preview(self, session: Session, rows: Sequence[Row]) -> list[Entry]:
        """Decide about a set of rows without changing anything."""

    def take(
        self, session: Session, rows: Sequence[Row], now: datetime
    ) -> tuple[list[Entry], SubjectOf]:
        """Take a set of rows in; return the verdicts, and what each is about."""


def make_taker(
    session: Session,
    file: ImportFile | None,
    kind: RowKind,
    key: str,
    *,
    today: datetime | None = None,
    is_mending: bool = False,
) -> Taker:
    """Choose who takes in a file's rows; without a file the taker can only preview."""
    first = first_import_of(session, file) if file else None
    file_id = first.key if first else 0
    if kind in GUARD_KINDS:
        return GuardTaker(GuardRules(kind=kind, key=key, import_file_id=file_id))
    if kind is RowKind.DISAVOW:
        return DisavowalTaker(file.key if file else 0)
    moment = first.created_at if first else today
    assert moment is not None
    rules = IntakeRules(
        own_domains=frozenset(own_domains(session)),
        measured_on=moment.date(),
        import_file_id=file.key if file else 0,
        is_repeat=file is not None and file_id != file.key,
        is_mending=is_mending,
    )
    prospects = ProspectTaker(rules, file.key if file else 0)
    if file is not None and file.layout == "outreach_prospects":
        return OwnProspectTaker(rules, prospects)
    if kind not in PEOPLE_KINDS:
        return prospects
    people = PeopleRules(
        kind=kind,
        key=key,
        import_file_id=file.key if file else 0,
        filename=file.filename if file else "",
        may_replace=not rules.is_repeat,
    )
    taker = PeopleTaker(people, None if kind is RowKind.PERSON else prospects)
    is_own = file is not None and file.layout == "outreach_contacts"
    return OwnContactTaker(taker) if is_own else taker


class ProspectTaker:
    """Takes rows in as prospects, their pages and their vendors' figures."""

    def __init__(self, rules: IntakeRules, import_file_id: int) -> None:
        self._rules = rules
        self._import_file_id = import_file_id
        self._memory = Memory()

    def note(self, row: Row) -> None:
        """Remember a row that was taken in before a restart."""
        if isinstance(row, ParsedRow):
            self._memory.note(row)

    def preview(self, session: Session, rows: Sequence[Row]) -> list[Entry]:
        """Decide about a set of rows without changing anything."""
        rules = replace(self._rules, is_preview=True)
        return intake.plan(session, rows, self._memory, rules).entries

    def take(
        self, session: Session, rows: Sequence[Row], now: datetime
    ) -> tuple[list[Entry], SubjectOf]:
        """Take a set of rows in; each verdict is about a page, else about the prospect."""
        take_turn(session, "import")
        made = intake.plan(session, rows, self._memory, self._rules)
        pages = intake_writes.apply(
            session, made, self._rules, import_file_id=self._import_file_id, now=now
        )
        _count_new(session, made.new_sites, made.prospect_ids)

        def subject_of(entry: Entry) -> tuple[str, int | None]:
            if entry.key:
                return "prospect_page", pages[entry.key]
            return "prospect", made.prospect_ids[entry.site]

        return made.entries, subject_of


class DisavowalTaker:
    """Takes rows in as sites never to ask."""

    def __init__(self, import_file_id: int) -> None:
        self._import_file_id = import_file_id
        self._seen: set[str] = set()

    def note(self, row: Row) -> None:
        """What was rejected before a restart is stored; nothing to remember."""

    def preview(self, session: Session, rows: Sequence[Row]) -> list[Entry]:
        """Decide about a set of rows without changing anything."""
        return disavowals.plan(session, rows, self._seen).entries

    def take(
        self, session: Session, rows: Sequence[Row], now: datetime
    ) -> tuple[list[Entry], SubjectOf]:
        """Reject the sites of a set of rows."""
        take_turn(session, "import")
        made = disavowals.plan(session, rows, self._seen)
        disavowals.apply(session, made, import_file_id=self._import_file_id, now=now)
        _count_new(session, made.new_sites, made.prospect_ids)
        return made.entries, lambda entry: ("prospect", made.prospect_ids[entry.site])


def _count_new(session: Session, new: Collection[str], prospects: Mapping[str, int]) -> None:
    """Count the copied columns of new prospects whose sites were heard of before."""
    if new:
        heard = heard_of(session, site_ids(session, new))
        note_columns(session, true_columns(session, [prospects[site] for site in heard]))


class GuardTaker:
    """Takes rows in as suppressions, or as past contacts."""

    def __init__(self, rules: GuardRules) -> None:
        self._rules = rules
        self._seen: set[str] = set()

    def note(self, row: Row) -> None:
        """Rows of these lists are known by what is stored; nothing to remember."""

    def preview(self, session: Session, rows: Sequence[Row]) -> list[Entry]:
        """Decide about a set of rows without changing anything."""
        return guard_lists.plan(session, rows, self._seen, self._rules).entries

    def take(
        self, session: Session, rows: Sequence[Row], now: datetime
    ) -> tuple[list[Entry], SubjectOf]:
        """Take a set of rows in, and let prospects written to before rest."""
        made = guard_lists.plan(session, rows, self._seen, self._rules)
        guard_lists.apply(session, made, self._rules, now=now)
        domains = {touch.domain for touch in made.touches if touch.domain}
        if domains:
            touched = list(prospect_ids(session, domains).values())
            note_columns(session, true_columns(session, touched))
        return made.entries, lambda _entry: (self._rules.kind.value.replace(" ", "_"), None)
