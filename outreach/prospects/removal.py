"""Take back what a file brought: restore what it changed, remove what it added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlmodel import col, delete, func, select, update

from outreach.prospects.models import Prospect, ProspectPage, VendorMetric
from outreach.prospects.rules import changes_words, from_json, import_source, to_json
from outreach.prospects.services import (
    copy_vendor_figures,
    forget_vectors,
    mark_stale,
    recount_pages,
)
from outreach.prospects.words import Review, TextBasis

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

    from outreach.core.db import Session


def restore_page(session: Session, page_id: int, before: Mapping[str, Any]) -> None:
    """Give a page's facts back as they were, but for those that were changed since."""
    page = session.exec(select(ProspectPage).where(ProspectPage.id == page_id)).first()
    if page is None:
        return
    page.figures = _restored_figures(page.figures, before.get("figures", {}))
    restored = [] if page.text_basis is TextBasis.READ else _restore_facts(page, before)
    session.flush()
    if changes_words(restored):
        forget_vectors(session, [page_id])
        mark_stale(session, [page.prospect_id])


def _restore_facts(page: ProspectPage, before: Mapping[str, Any]) -> list[str]:
    restored = []
    for name, (old, new) in before.get("page", {}).items():
        if to_json(getattr(page, name)) == new:
            setattr(page, name, from_json(name, old))
            restored.append(name)
    if "basis" in before and not (page.title or page.description):
        page.text_basis = TextBasis(before["basis"])
    return restored


def _restored_figures(
    known: dict[str, list[object]], before: Mapping[str, Any]
) -> dict[str, list[object]]:
    figures = dict(known)
    for source, (old, new) in before.items():
        if figures.get(source) != new:
            continue
        if old is None:
            del figures[source]
        else:
            figures[source] = old
    return figures


def restore_site(
    session: Session, prospect_id: int, before: Mapping[str, Any], import_file_id: int
) -> None:
    """Give a site's facts and vendors' figures back, where this file's are still the last."""
    for name, (old, new) in before.get("site", {}).items():
        column = getattr(Prospect, name)
        _set(session, Prospect, (Prospect.id == prospect_id, column == new), {name: old})
        mark_stale(session, [prospect_id])
    for source, (value, on, file_id, _) in before.get("metrics", {}).items():
        if value is None:
            continue  # this file added it; `withdraw_metrics` takes it away
        ours = (
            VendorMetric.prospect_id == prospect_id,
            VendorMetric.source == source,
            VendorMetric.import_file_id == import_file_id,
        )
        values = {"value": value, "measured_on": _day(on), "import_file_id": file_id}
        _set(session, VendorMetric, ours, values)


def _set(
    session: Session, model: type[Any], where: Iterable[Any], values: Mapping[str, Any]
) -> None:
    session.execute(
        update(model).where(*where).values(**values).execution_options(synchronize_session=False)
    )


def withdraw_metrics(session: Session, import_file_id: int, prospects: Collection[int]) -> None:
    """Take away those figures of the prospects that are still this file's; copy what is left."""
    if prospects:
        session.exec(
            delete(VendorMetric).where(
                col(VendorMetric.prospect_id).in_(sorted(prospects)),
                col(VendorMetric.import_file_id) == import_file_id,
            )
        )
        copy_vendor_figures(session, prospects)


def prospects_of_pages(session: Session, pages: Collection[int]) -> dict[int, int]:
    """Return the prospect of each of these pages that is still there."""
    rows = session.exec(
        select(ProspectPage.id, ProspectPage.prospect_id).where(
            col(ProspectPage.id).in_(sorted(pages))
        )
    )
    return {page_id: prospect_id for page_id, prospect_id in rows if page_id is not None}


def pages_brought_by(
    session: Session, import_file_id: int, pages: Collection[int]
) -> dict[int, int]:
    """Return those of the pages that this file brought and nobody has read, with their prospect."""
    rows = session.exec(
        select(ProspectPage.id, ProspectPage.prospect_id).where(
            col(ProspectPage.id).in_(sorted(pages)),
            ProspectPage.import_file_id == import_file_id,
            ProspectPage.text_basis != TextBasis.READ,
        )
    )
    return {page_id: prospect_id for page_id, prospect_id in rows if page_id is not None}


def untouched_prospects(session: Session, prospects: Collection[int]) -> set[int]:
    """Return those of the prospects whose own row shows no work of a person."""
    rows = session.exec(
        select(Prospect.id).where(
            col(Prospect.id).in_(sorted(prospects)),
            Prospect.review == Review.NEW,
            Prospect.notes == "",
            col(Prospect.owner_id).is_(None),
            Prospect.stage == "",
        )
    )
    return {prospect_id for prospect_id in rows if prospect_id is not None}


def hand_over_pages(session: Session, witnesses: Mapping[int, int]) -> None:
    """Let pages count as brought by another file that reported them too, given as page → file."""
    for page_id, import_file_id in witnesses.items():
        session.execute(
            update(ProspectPage)
            .where(col(ProspectPage.id) == page_id)
            .values(import_file_id=import_file_id)
            .execution_options(synchronize_session=False)
        )


def hand_over_prospects(session: Session, witnesses: Mapping[int, int]) -> None:
    """Let prospects count as brought by another file that reported them too."""
    for prospect_id, import_file_id in witnesses.items():
        session.execute(
            update(Prospect)
            .where(col(Prospect.id) == prospect_id)
            .values(source=import_source(import_file_id))
            .execution_options(synchronize_session=False)
        )


def remove_pages(session: Session, pages: Mapping[int, int]) -> None:
    """Remove pages, given as page → prospect, with everything computed from them."""
    if pages:
        session.exec(delete(ProspectPage).where(col(ProspectPage.id).in_(sorted(pages))))
        recount_pages(session, set(pages.values()))
        mark_stale(session, set(pages.values()))


def empty_prospects_of(
    session: Session, import_file_id: int, prospects: Collection[int]
) -> set[int]:
    """Return those of the prospects that this file brought and that have no page left."""
    rows = session.exec(
        select(Prospect.id).where(
            col(Prospect.id).in_(sorted(prospects)),
            Prospect.source == import_source(import_file_id),
            Prospect.page_count == 0,
        )
    )
    return {prospect_id for prospect_id in rows if prospect_id is not None}


def remove_prospects(session: Session, prospects: Collection[int]) -> None:
    """Remove prospects; their sites stay, as they belong to the whole installation."""
    if prospects:
        session.exec(delete(Prospect).where(col(Prospect.id).in_(sorted(prospects))))


def _day(text: str) -> date:
    found = from_json("measured_on", text)
    assert found is not None
    return found  # type: ignore[no-any-return]


def count_kept(session: Session, import_file_id: int) -> int:
    """Count the prospects that are still there as this file's."""
    return session.exec(
        select(func.count())
        .select_from(Prospect)
        .where(Prospect.source == import_source(import_file_id))
    ).one()
