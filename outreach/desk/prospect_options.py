"""What the form of the list's filter offers to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.assets.queries import asset_titles
from outreach.campaigns.words import Stage
from outreach.desk.prospect_cells import all_own_fields
from outreach.desk.prospect_words import people_names
from outreach.imports.models import ImportFile
from outreach.prospects.models import Prospect
from outreach.prospects.words import Review, Tactic
from outreach.tags.queries import all_tags

if TYPE_CHECKING:
    from outreach.core.db import Session

_MOST = 60
_LATEST_FILES = 50


@dataclass(frozen=True, slots=True)
class FilterOptions:
    """The words, people, files, tags and fields a filter may name."""

    reviews: list[str]
    words: dict[str, list[str]]  # by name of the filter's part
    assets: dict[int, str]
    people: dict[int, str]
    files: dict[int, str]
    tags: dict[int, str]
    fields: list[tuple[int, str]]


def filter_options(session: Session) -> FilterOptions:
    """Read what a filter may name in this workspace."""
    files = session.exec(
        select(col(ImportFile.id), ImportFile.filename)
        .order_by(col(ImportFile.id).desc())
        .limit(_LATEST_FILES)
    )
    return FilterOptions(
        reviews=[review.value for review in Review],
        words={
            "stage": [stage.value for stage in Stage],
            "tactic": [tactic.value for tactic in Tactic],
            "topic": _known_words(session, col(Prospect.topic)),
            "country": _known_words(session, col(Prospect.country)),
            "language": _known_words(session, col(Prospect.language)),
        },
        assets=asset_titles(session),
        people=people_names(session),
        files={key: name for key, name in files if key is not None},
        tags={tag.key: tag.name for tag in all_tags(session)},
        fields=all_own_fields(session),
    )


def _known_words(session: Session, column: Any) -> list[str]:
    """Return words in use, by stepping from one to the next in the column's index."""
    found: list[str] = []
    last = ""
    while len(found) < _MOST:
        following = sa.select(sa.func.min(column)).where(
            column > last, column != sa.literal("", literal_execute=True)
        )
        word = session.execute(following.select_from(Prospect)).scalar_one()
        if word is None:
            break
        found.append(word)
        last = word
    return found
