"""Write what `intake.plan` decided about a set of rows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from outreach.core.db import bulk_update, bulk_write, reserve_ids, rows_by_key
from outreach.prospects.models import Prospect, ProspectPage, VendorMetric
from outreach.prospects.rules import (
    PAGE_FACTS,
    SITE_FACTS,
    import_source,
    vendor_copies,
)
from outreach.prospects.services import (
    NewProspect,
    add_missing,
    copy_vendor_figures,
    forget_vectors,
    recount_pages,
)
from outreach.sites import services as sites

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.prospects.intake import IntakeRules, Plan


def apply(
    session: Session, made: Plan, rules: IntakeRules, *, import_file_id: int, now: datetime
) -> dict[str, int]:
    """Write what was planned; return the id of every page the rows name, by its key."""
    known = dict(made.prospect_ids)
    added = Counter(row.site for row in made.new_pages.values())
    _add_prospects(session, made, added, rules, import_source(import_file_id), now=now)
    ids = _add_pages(session, made, added, known, import_file_id, now=now)
    _change_pages(session, made, now=now)
    _change_sites(session, made)
    _write_metrics(session, made, rules, import_file_id, now=now)
    copy_vendor_figures(session, {known[site] for site, _ in made.metrics if site in known})
    return ids


def _add_prospects(
    session: Session,
    made: Plan,
    added: Counter[str],
    rules: IntakeRules,
    source: str,
    *,
    now: datetime,
) -> None:
    if not made.new_sites:
        return
    site_ids = sites.add_missing(session, sorted(made.new_sites), now=now)
    new = {}
    for domain, site in made.new_sites.items():
        copies = vendor_copies(
            (name, value, rules.measured_on) for name, value in site.metrics.items()
        )
        new[domain] = NewProspect(site_ids[domain], site.title, added[domain], site.facts, copies)
    made.prospect_ids.update(add_missing(session, new, source=source, now=now))


def _add_pages(
    session: Session,
    made: Plan,
    added: Counter[str],
    known: dict[str, int],
    import_file_id: int,
    *,
    now: datetime,
) -> dict[str, int]:
    ids = {key: page.id for key, page in made.pages.items() if page.id is not None}
    if made.new_pages:
        new = dict(
            zip(
                made.new_pages,
                reserve_ids(session, ProspectPage, len(made.new_pages)),
                strict=True,
            )
        )
        if _insert_pages(session, made, new, import_file_id, now=now) != len(new):
            # somebody added one of them at this moment: look what there is
            new = dict(rows_by_key(session, ProspectPage, "url_key", made.new_pages, ("id",)))
            recount_pages(session, {made.prospect_ids[site] for site in added})
            added = Counter[str]()
        ids.update(new)
    stale = {**dict.fromkeys(made.reworded_sites, 0), **added}
    bulk_update(
        session,
        Prospect,
        ("page_count", "is_search_stale"),
        ((more, True, known[site]) for site, more in stale.items() if site in known),
        add=("page_count",),
    )
    return ids


def _insert_pages(
    session: Session, made: Plan, ids: dict[str, int], import_file_id: int, *, now: datetime
) -> int:
    return bulk_write(
        session,
        ProspectPage,
        (
            "id", "prospect_id", "url", "url_key", *PAGE_FACTS, "text_basis", "figures", "text",
            "read_failure", "import_file_id", "created_at", "updated_at",
        ),
        (
            (
                ids[key], made.prospect_ids[row.site], row.url, key,
                *(page := made.pages[key]).facts, page.basis, page.figures, "", "",
                import_file_id, now, now,
            )
            for key, row in made.new_pages.items()
        ),
        unique=("url_key",),
    )  # fmt: skip


def _change_pages(session: Session, made: Plan, *, now: datetime) -> None:
    bulk_update(
        session,
        ProspectPage,
        (*PAGE_FACTS, "text_basis", "figures", "updated_at"),
        (
            (*page.facts, page.basis, page.figures, now, page_id)
            for page_id, page in made.changed_pages.items()
        ),
    )
    forget_vectors(session, made.reworded)


def _change_sites(session: Session, made: Plan) -> None:
    changed = made.changed_sites.items()
    rows = ((*facts, True, prospect_id) for prospect_id, facts in changed)
    bulk_update(session, Prospect, (*SITE_FACTS, "is_search_stale"), rows)


def _write_metrics(
    session: Session, made: Plan, rules: IntakeRules, import_file_id: int, *, now: datetime
) -> None:
    bulk_write(
        session,
        VendorMetric,
        (
            "prospect_id", "source", "value", "measured_on", "import_file_id", "created_at",
            "updated_at",
        ),
        (
            (made.prospect_ids[site], source, value, rules.measured_on, import_file_id, now, now)
            for (site, source), value in made.metrics.items()
        ),
        unique=("prospect_id", "source"),
        update=("value", "measured_on", "import_file_id"),
    )  # fmt: skip
