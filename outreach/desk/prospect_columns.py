"""The columns the list of prospects can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what its heading says, what of a prospect it needs, how it is sorted."""

    name: str
    label: str
    needs: tuple[str, ...]  # columns of the table `prospect`
    sort: str = ""  # a name of `prospect_filter.SORTS`
    is_number: bool = False


ALL_COLUMNS = (
    Column("score", "Score", ("score",), "score"),
    Column("relevance", "Relevance", ("relevance",), "relevance", is_number=True),
    Column("authority", "Authority", ("authority", "authority_low", "authority_high"),
           "authority", is_number=True),
    Column("review", "Review", ("review",)),
    Column("stage", "Stage", ("stage",), "stage"),
    Column("tactic", "Tactic", ("tactic",), "tactic"),
    Column("pages", "Pages", ("page_count",), is_number=True),
    Column("contact", "Contact", ("has_contact",)),
    Column("contacted", "Last written to", ("last_contact_at", "cool_down_until"), "contacted"),
    Column("owner", "Owner", ("owner_id",), "owner"),
    Column("tags", "Tags", ()),
    Column("topic", "Topic", ("topic",), "topic"),
    Column("country", "Country", ("country",), "country"),
    Column("language", "Language", ("language",), "language"),
    Column("dr", "Ahrefs DR", ("ahrefs_dr",), "dr", is_number=True),
    Column("da", "Moz DA", ("moz_da",), "da", is_number=True),
    Column("tf", "Majestic TF", ("majestic_tf",), "tf", is_number=True),
    Column("as", "Semrush AS", ("semrush_as",), "as", is_number=True),
    Column("traffic", "Traffic", ("traffic",), "traffic", is_number=True),
    Column("source", "From", ("source",)),
    Column("added", "Added", ("created_at",), "newest"),
)  # fmt: skip
BY_NAME = {column.name: column for column in ALL_COLUMNS}
USUAL = ("score", "relevance", "authority", "review", "stage", "pages", "contact", "contacted")
FIELD_PREFIX = "field_"


def chosen_columns(names: Sequence[str], fields: Iterable[tuple[int, str]]) -> list[Column]:
    """Return the columns of these names, in this order; what is gone is left out.

    Args:
        names: As a person chose them; empty for the usual ones.
        fields: Custom fields of prospects: id and name.
    """
    own = [Column(f"{FIELD_PREFIX}{key}", name, ()) for key, name in fields]
    known = BY_NAME | {column.name: column for column in own}
    wanted = dict.fromkeys(names or USUAL)
    found = [known[name] for name in wanted if name in known]
    return found or [BY_NAME[name] for name in USUAL]


def needed_by(columns: Iterable[Column]) -> tuple[str, ...]:
    """Return the columns of the table that these columns show, each once."""
    return tuple(dict.fromkeys(need for column in columns for need in column.needs))
