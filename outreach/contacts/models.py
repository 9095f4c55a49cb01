"""Tables of people and role addresses."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from outreach.contacts.words import ContactKind, Deliverability, LawfulBasis
from outreach.core.tables import JSON, ScopedRecord, belongs_to, one_of, scoped, str_enum


def _twins(name: str, column: str) -> sa.Index:
    where = sa.text(f"{column} <> '' AND merged_into_id IS NULL AND erased_at IS NULL")
    return sa.Index(name, "workspace_id", column, "id", sqlite_where=where, postgresql_where=where)


class Contact(ScopedRecord, table=True):
    """A person or a role address at a site."""

    __table_args__ = scoped(
        belongs_to("contact", column="merged_into_id", ondelete="NO ACTION"),
        one_of("kind", ContactKind),
        one_of("deliverability", Deliverability),
        one_of("lawful_basis", LawfulBasis),
        sa.UniqueConstraint("workspace_id", "address_key"),
        sa.Index("ix_contact_at_site", "workspace_id", "site_id", "name_order"),
        sa.Index(None, "person_key", "workspace_id"),
        sa.Index(
            "ix_contact_list",  # all that most lists are narrowed by, so that rows are not read
            *("workspace_id", "name_order", "id", "person_key", "kind", "deliverability"),
            *("country", "site_id", "merged_into_id", "erased_at"),
        ),
        sa.Index(
            "ix_contact_by_outlet",
            *("workspace_id", "outlet_order", "id", "name_order"),
            sqlite_where=sa.text("outlet_order <> ''"),
            postgresql_where=sa.text("outlet_order <> ''"),
        ),
        sa.Index(
            "ix_contact_merged",
            "workspace_id",
            "merged_into_id",
            sqlite_where=sa.text("merged_into_id IS NOT NULL"),
            postgresql_where=sa.text("merged_into_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_contact_brought",  # by a file, for its undo
            "workspace_id",
            "import_file_id",
            "import_line",
            sqlite_where=sa.text("import_file_id IS NOT NULL"),
            postgresql_where=sa.text("import_file_id IS NOT NULL"),
        ),
        _twins("ix_contact_twin", "twin_key"),
        _twins("ix_contact_mailbox_twin", "mailbox_twin_key"),
        sa.Index(
            "ix_contact_search_stale",
            "workspace_id",
            "id",
            sqlite_where=sa.text("is_search_stale"),
            postgresql_where=sa.text("is_search_stale"),
        ),
    )

    site_id: int | None = Field(default=None, foreign_key="site.id")
    kind: ContactKind = Field(default=ContactKind.PERSON, sa_type=str_enum(ContactKind))
    name: str = Field(default="", max_length=200)
    first_name: str = Field(default="", max_length=100)
    role: str = Field(default="", max_length=200)
    address: str | None = Field(default=None, max_length=254)
    address_key: str | None = Field(default=None, max_length=254)  # identity: folded case, A-labels
    person_key: str = Field(default="", max_length=64)  # keyed hash, as in suppression
    name_order: str = Field(default="", max_length=254)  # what lists sort by, folded
    outlet: str = Field(default="", max_length=200)
    outlet_order: str = Field(default="", max_length=200)  # what lists sort by, folded
    beat: str = Field(default="", max_length=300)
    country: str = Field(default="", max_length=2)
    location: str = Field(default="", max_length=200)
    phone: str = Field(default="", max_length=64)
    profiles: dict[str, str] = Field(default_factory=dict, sa_type=JSON)  # network → handle
    time_zone: str = Field(default="", max_length=64)
    language: str = Field(default="", max_length=8)
    deliverability: Deliverability = Field(
        default=Deliverability.UNKNOWN,
        sa_type=str_enum(Deliverability),
    )
    undeliverable_because: str = ""
    lawful_basis: LawfulBasis = Field(
        default=LawfulBasis.LEGITIMATE_INTEREST,
        sa_type=str_enum(LawfulBasis),
    )
    source_url: str = Field(default="", max_length=2048)
    source_snippet: str = ""
    found_at: datetime | None = None
    notes: str = ""
    import_file_id: int | None = None  # the file that brought it
    import_line: int | None = None
    file_facts: dict[str, str] = Field(default_factory=dict, sa_type=JSON)  # as a file gave them
    twin_key: str = Field(default="", max_length=160)  # equal for those who may be one person
    mailbox_twin_key: str = Field(default="", max_length=160)  # the same by name of the mailbox
    merged_into_id: int | None = None
    is_search_stale: bool = True  # its words are not in the search index yet
    erased_at: datetime | None = None  # nothing is known of the person any more

    @property
    def display_name(self) -> str:
        """The name, else the address."""
        return self.name or self.address or ("Erased person" if self.erased_at else "Unnamed")

    @property
    def is_current(self) -> bool:
        """True unless it was merged into another or its person was erased."""
        return self.merged_into_id is None and self.erased_at is None

    @property
    def is_reachable(self) -> bool:
        """True when there is an address that has not failed for good."""
        return bool(self.address) and self.deliverability is not Deliverability.UNDELIVERABLE


class FoundContact(ScopedRecord, table=True):
    """An address a page showed: offered to a person, never added by itself."""

    __table_args__ = scoped(
        sa.UniqueConstraint("workspace_id", "site_id", "address_key"),
    )

    site_id: int = Field(foreign_key="site.id")
    address: str = Field(max_length=254)
    address_key: str = Field(max_length=254)
    source_url: str = Field(max_length=2048)
    snippet: str = ""
    found_at: datetime
    decided_at: datetime | None = None  # accepted or dismissed
    is_accepted: bool = False


class ContactMerge(ScopedRecord, table=True):
    """One contact taken into another, with what it takes to part them again."""

    __table_args__ = scoped(
        belongs_to("contact", column="kept_id"),
        belongs_to("contact", column="gone_id"),
        sa.Index(None, "workspace_id", "kept_id"),
        sa.Index(None, "workspace_id", "gone_id"),
    )

    kept_id: int
    gone_id: int
    user_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    before: dict[str, object] = Field(default_factory=dict, sa_type=JSON)  # of the kept one
    moved: dict[str, list[int]] = Field(default_factory=dict, sa_type=JSON)  # table → ids
    parted_at: datetime | None = None


class ContactDistinction(ScopedRecord, table=True):
    """Two contacts that look alike and are not: somebody said so."""

    __table_args__ = scoped(
        belongs_to("contact", column="low_id"),
        belongs_to("contact", column="high_id"),
        sa.UniqueConstraint("workspace_id", "low_id", "high_id"),
        sa.Index(None, "workspace_id", "high_id"),
    )

    low_id: int
    high_id: int
    user_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")


class ContactTag(ScopedRecord, table=True):
    """A tag on a contact."""

    __table_args__ = scoped(
        belongs_to("contact"),
        belongs_to("tag"),
        sa.UniqueConstraint("workspace_id", "tag_id", "contact_id"),
        sa.Index(None, "workspace_id", "contact_id"),
    )

    contact_id: int
    tag_id: int
