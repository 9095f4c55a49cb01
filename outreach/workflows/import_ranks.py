"""Import an open list of ranks that was dropped like any other file.

Figures of sites are shared by the whole installation and kept for known sites only. No verdict is
kept for each of a million rows, only how many there were, and a row for each site whose figure is
new. Such an import cannot be taken back: the next release of the list replaces it.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from outreach.activity.services import note_progress
from outreach.core.db import SYSTEM
from outreach.imports.metric_files import release_of
from outreach.imports.parsing import read_rows
from outreach.imports.rows import ParsedRow
from outreach.imports.services import set_counts
from outreach.imports.words import Verdict
from outreach.prospects.rules import metric_source
from outreach.sites.queries import all_site_ids
from outreach.sites.services import ConsultedList, note_list, record_metrics

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from outreach.activity.models import Job
    from outreach.core.db import Database, Scope
    from outreach.imports.models import ImportFile
    from outreach.imports.recognition import Recognised
    from outreach.imports.rows import BadRow
    from outreach.workflows.import_file import ImportTools

    Figures = dict[str, list[tuple[int, float]]]

_ROWS_AT_ONCE = 20_000
LASTS = "These figures are of sites, shared by all workspaces: they cannot be taken back."


def import_ranks(
    database: Database,
    scope: Scope,
    job: Job,
    file: ImportFile,
    recognised: Recognised,
    tools: ImportTools,
) -> bool:
    """Keep what the list says about known sites; False when somebody stopped it.

    A restart begins anew: what is kept already is not changed by the same figure again.
    """
    with database.reading(SYSTEM) as session:
        known = all_site_ids(session)
    release, named = release_of(file.filename)
    day = named or file.created_at.date()
    counts, lengths = Counter[str](), Counter[str]()
    for chunk in _sets(read_rows(recognised)):
        figures = _figures(chunk, known, counts, lengths)
        changed = _record(database, figures, day, tools)
        counts[Verdict.UPDATED] += changed
        counts[Verdict.KNOWN] += sum(map(len, figures.values())) - changed
        with database.writing(scope) as session:
            job.done_count += len(chunk)
            said = f"{job.done_count:,} ranks read."
            if not note_progress(session, job, now=tools.clock(), sentence=said):
                return False
        tools.on_progress(job.done_count, job.total_count or 0)
    with database.system() as session:
        for source, length in lengths.items():
            consulted = ConsultedList(source, release, length, day)
            note_list(session, consulted, now=tools.clock())
    with database.writing(scope) as session:
        set_counts(session, file.key, {str(verdict): count for verdict, count in counts.items()})
    return True


def _figures(
    rows: list[ParsedRow | BadRow],
    known: dict[str, int],
    counts: Counter[str],
    lengths: Counter[str],
) -> Figures:
    figures: Figures = {}
    for row in rows:
        if not isinstance(row, ParsedRow):
            counts[Verdict.REFUSED] += 1
            continue
        site_id = known.get(row.site)
        for name, value in row.site_metrics.items():
            source = metric_source(*name)
            lengths[source] += 1
            if site_id is None:
                counts[Verdict.SKIPPED] += 1
            else:
                figures.setdefault(source, []).append((site_id, value))
    return figures


def _record(database: Database, figures: Figures, day: date, tools: ImportTools) -> int:
    changed = 0
    for source, values in figures.items():
        with database.system() as session:
            changed += record_metrics(session, source, values, measured_on=day, now=tools.clock())
    return changed


def _sets(rows: Iterator[ParsedRow | BadRow]) -> Iterator[list[ParsedRow | BadRow]]:
    while found := list(islice(rows, _ROWS_AT_ONCE)):
        yield found
