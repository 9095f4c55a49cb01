"""Tables of the sites a workspace weighs up."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from outreach.core.tables import JSON, ScopedRecord, belongs_to, one_of, scoped, str_enum
from outreach.prospects.words import Review, TextBasis

_SORTED_FIGURES = (
    "relevance", "ahrefs_dr", "moz_da", "majestic_tf", "semrush_as", "traffic",
    "last_contact_at", "owner_id",
)  # fmt: skip
_SORTED_WORDS = ("stage", "tactic", "topic", "country", "language")


def _sorted_by(name: str, is_known: str) -> sa.Index:
    """Index the rows that have a value; those without stand in the index of the whole list."""
    known = sa.text(is_known)
    return sa.Index(
        f"ix_prospect_by_{name}", "workspace_id", name, "id",
        sqlite_where=known, postgresql_where=known,
    )  # fmt: skip


class Prospect(ScopedRecord, table=True):
    """A site one workspace is weighing up, at most once.

    What lists sort and filter on is copied here from other packages, by `prospects.services.note_…`
    only; `outreach doctor` proves it equal to a recount.
    """

    __table_args__ = scoped(
        sa.UniqueConstraint("workspace_id", "site_id"),
        one_of("review", Review),
        sa.Index(
            "ix_prospect_list",  # in list order, with all that a list is narrowed by
            *("workspace_id", "score_order", "id", "review", "has_contact", "authority_order"),
            *("relevance", "stage", "tactic", "topic", "country", "language", "owner_id"),
            *("ahrefs_dr", "moz_da", "majestic_tf", "semrush_as", "traffic"),
            *("last_contact_at", "cool_down_until", "created_at", "source", "domain", "title"),
        ),
        *(_sorted_by(name, f"{name} IS NOT NULL") for name in _SORTED_FIGURES),
        *(_sorted_by(name, f"{name} <> ''") for name in _SORTED_WORDS),
        sa.Index(None, "workspace_id", "review", "score_order", "id"),
        sa.Index(None, "workspace_id", "authority_order", "id"),
        sa.Index(None, "workspace_id", "domain", "title"),  # searched without reading the table
        sa.Index(
            "ix_prospect_search_stale",
            "workspace_id",
            "id",
            sqlite_where=sa.text("is_search_stale"),
            postgresql_where=sa.text("is_search_stale"),
        ),
        sa.Index(  # what was put aside, by when it is shown again
            "ix_prospect_put_aside",
            "workspace_id",
            "review_after",
            sqlite_where=sa.text("review_after IS NOT NULL"),
            postgresql_where=sa.text("review_after IS NOT NULL"),
        ),
        sa.Index(  # the few that somebody is looking at
            "ix_prospect_claimed",
            "workspace_id",
            "claimed_by_id",
            sqlite_where=sa.text("claimed_until IS NOT NULL"),
            postgresql_where=sa.text("claimed_until IS NOT NULL"),
        ),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name="score_range"),
    )

    site_id: int = Field(foreign_key="site.id", index=True)
    domain: str = Field(max_length=253)
    title: str = Field(default="", max_length=300)
    notes: str = ""
    review: Review = Field(default=Review.NEW, sa_type=str_enum(Review))
    rejected_because: str = ""
    review_after: datetime | None = None  # for "later"
    owner_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    source: str = Field(default="manual", max_length=64)
    country: str = Field(default="", max_length=2)  # ISO 3166, upper case
    language: str = Field(default="", max_length=8)
    topic: str = Field(default="", max_length=120)
    tactic: str = Field(default="", max_length=32)  # why it might link, a Tactic; "" not said

    page_count: int = 0
    best_page_id: int | None = None
    best_asset_id: int | None = None
    score: int | None = None  # 0-100; None: not scored yet
    score_order: int = 101  # 100 - score; 101 when unscored, so that one index serves the list
    relevance: int | None = None
    authority: int | None = None
    authority_low: int | None = None
    authority_high: int | None = None
    is_authority_known: bool = False
    authority_order: int = 101  # 100 - authority; 101 when unknown

    ahrefs_dr: int | None = None  # the vendors' latest figures, copied to be listed by
    moz_da: int | None = None
    majestic_tf: int | None = None
    semrush_as: int | None = None
    traffic: int | None = None  # visits a month, of the newest vendor who says
    is_search_stale: bool = True  # its words are not in the search index yet

    claimed_by_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    claimed_until: datetime | None = None  # while somebody is looking at it in the review

    stage: str = Field(default="", max_length=32)  # furthest stage of its open opportunities
    has_contact: bool = False
    last_contact_at: datetime | None = None
    cool_down_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """True while a person may still decide on this prospect."""
        return self.review in {Review.NEW, Review.LATER}


class ProspectPage(ScopedRecord, table=True):
    """One page of a prospect's site that a file, a person or a look at the web brought."""

    __table_args__ = scoped(
        belongs_to("prospect"),
        one_of("text_basis", TextBasis),
        sa.UniqueConstraint("workspace_id", "url_key"),
        sa.Index(None, "workspace_id", "prospect_id"),
    )

    prospect_id: int
    url: str = Field(max_length=2048)
    url_key: str = Field(max_length=2048)
    title: str = ""
    description: str = ""
    topic: str = Field(default="", max_length=200)
    language: str = Field(default="", max_length=8)
    text: str = ""  # main text once read
    text_basis: TextBasis = Field(default=TextBasis.NONE, sa_type=str_enum(TextBasis))
    links_to: str = Field(default="", max_length=2048)  # the target URL a vendor saw
    anchor: str = ""
    rel: str = Field(default="", max_length=32)
    first_seen_on: date | None = None
    last_seen_on: date | None = None
    # Vendors' figures of the page: source → [value, the day it was measured].
    figures: dict[str, list[object]] = Field(default_factory=dict, sa_type=JSON)
    gives_links_to: list[str] = Field(default_factory=list, sa_type=JSON)  # sites, once read
    read_at: datetime | None = None
    read_failure: str = ""
    relevance: int | None = None
    import_file_id: int | None = None  # the file that brought it


class ProspectTag(ScopedRecord, table=True):
    """A tag on a prospect."""

    __table_args__ = scoped(
        belongs_to("prospect"),
        belongs_to("tag"),
        sa.UniqueConstraint("workspace_id", "tag_id", "prospect_id"),
        sa.Index(None, "workspace_id", "prospect_id"),
    )

    prospect_id: int
    tag_id: int


class VendorMetric(ScopedRecord, table=True):
    """A vendor's figure for a prospect's site, from a file this workspace paid for."""

    __table_args__ = scoped(
        belongs_to("prospect"),
        sa.UniqueConstraint("workspace_id", "prospect_id", "source"),
    )

    prospect_id: int
    source: str = Field(max_length=48)  # such as "ahrefs_dr"
    value: float
    measured_on: date
    import_file_id: int | None = None


class PageVector(ScopedRecord, table=True):
    """The weighted terms of one page, ready to be compared with an asset's."""

    __table_args__ = scoped(
        belongs_to("prospect_page"), sa.UniqueConstraint("workspace_id", "prospect_page_id")
    )

    prospect_page_id: int
    engine: str = Field(max_length=32)
    language: str = Field(default="", max_length=8)
    terms: dict[str, float] = Field(default_factory=dict, sa_type=JSON)
    token_count: int
