"""Reading our pages worth linking to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.assets.models import Asset
from outreach.core.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.core.db import Session


def get_asset(session: Session, asset_id: int) -> Asset:
    """Return an asset.

    Raises:
        NotFound: There is none in this workspace.
    """
    found = session.exec(select(Asset).where(Asset.id == asset_id)).first()
    if found is None:
        raise NotFound("There is no such asset here.")
    return found


def find_asset_by_key(session: Session, url_key: str) -> Asset | None:
    """Return the asset known under a page's key."""
    return session.exec(select(Asset).where(Asset.url_key == url_key)).first()


def all_assets(session: Session, *, with_archived: bool = False) -> Sequence[Asset]:
    """Return the workspace's assets, by title; archived ones only on demand."""
    statement = select(Asset).order_by(col(Asset.title), col(Asset.id))
    if not with_archived:
        statement = statement.where(col(Asset.is_archived).is_(False))
    return session.exec(statement).all()


def asset_titles(session: Session) -> dict[int, str]:
    """Return the titles of all assets, archived ones too, by id."""
    rows = session.exec(select(Asset.id, Asset.title)).all()
    return {asset_id: title for asset_id, title in rows if asset_id is not None}
