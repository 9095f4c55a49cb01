"""Tables of people, workspaces and sign-in."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from outreach.accounts.words import LinkPurpose, Role, TokenPurpose
from outreach.core.tables import JSON, Record, one_of, str_enum


class User(Record, table=True):
    """A person who signs in."""

    email: str = Field(max_length=254, unique=True)  # lower case
    name: str = Field(max_length=120)
    password_hash: str = Field(max_length=255)
    time_zone: str = Field(default="UTC", max_length=64)
    locale: str = Field(default="en", max_length=16)
    density: str = Field(default="comfortable", max_length=16)  # or "compact"
    theme: str = Field(default="system", max_length=16)  # or "light", "dark"
    has_single_keys: bool = True
    is_operator: bool = False  # may change settings of the whole installation
    is_active: bool = True


class Workspace(Record, table=True):
    """One client or brand."""

    name: str = Field(max_length=120, unique=True)
    country: str = Field(default="", max_length=2)
    postal_address: str = Field(default="", max_length=500)
    currency: str = Field(default="USD", max_length=3)  # ISO 4217
    is_sample: bool = False


class Membership(Record, table=True):
    """A person's role in one workspace."""

    __table_args__ = (
        sa.UniqueConstraint("user_id", "workspace_id"),
        one_of("role", Role),
    )

    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE")
    workspace_id: int = Field(foreign_key="workspace.id", index=True, ondelete="CASCADE")
    role: Role = Field(sa_type=str_enum(Role))


class WebSession(Record, table=True):
    """One signed-in browser; only the hash of its token is kept."""

    token_hash: str = Field(max_length=64, unique=True)
    user_id: int = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    workspace_id: int | None = Field(default=None, foreign_key="workspace.id", ondelete="SET NULL")
    last_seen_at: datetime
    expires_at: datetime
    user_agent: str = Field(default="", max_length=200)


class OneTimeLink(Record, table=True):
    """A link that may be used once: to set up, to join, to choose a new password."""

    __table_args__ = (one_of("purpose", LinkPurpose),)

    token_hash: str = Field(max_length=64, unique=True)
    purpose: LinkPurpose = Field(sa_type=str_enum(LinkPurpose))
    email: str = Field(default="", max_length=254)
    user_id: int | None = Field(default=None, foreign_key="user.id", ondelete="CASCADE")
    workspace_id: int | None = Field(default=None, foreign_key="workspace.id", ondelete="CASCADE")
    role: str = Field(default="", max_length=32)
    expires_at: datetime
    used_at: datetime | None = None


class AccessToken(Record, table=True):
    """A token that lets a tool act for one person in one workspace, for one purpose."""

    __table_args__ = (one_of("purpose", TokenPurpose),)

    token_hash: str = Field(max_length=64, unique=True)
    purpose: TokenPurpose = Field(sa_type=str_enum(TokenPurpose))
    name: str = Field(default="", max_length=120)
    user_id: int = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    workspace_id: int = Field(foreign_key="workspace.id", index=True, ondelete="CASCADE")
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class RateBucket(Record, table=True):
    """A token bucket that several processes share."""

    name: str = Field(max_length=120, unique=True)
    tokens: float
    filled_at: datetime


class InstallationSetting(Record, table=True):
    """A switch of the whole installation, such as web access."""

    name: str = Field(max_length=64, unique=True)
    value: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
