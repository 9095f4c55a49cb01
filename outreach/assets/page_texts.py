"""What a look at the web says about our own pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.assets.models import Asset

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from outreach.core.db import Session

_LANGUAGE_LENGTH = 8


def note_asset_text(
    session: Session, asset_id: int, text: str, *, language: str = "", now: datetime
) -> None:
    """Keep what one of our pages says; a language somebody chose stays."""
    asset = session.exec(select(Asset).where(Asset.id == asset_id)).first()
    if asset is None:
        return
    asset.page_text, asset.read_at, asset.read_failure = text, now, ""
    asset.language = asset.language or language[:_LANGUAGE_LENGTH]
    session.flush()


def note_asset_unreadable(session: Session, asset_id: int, sentence: str) -> None:
    """Keep why one of our pages could not be read; what was read before stays."""
    asset = session.exec(select(Asset).where(Asset.id == asset_id)).first()
    if asset is not None:
        asset.read_failure = sentence
        session.flush()


def assets_to_read(session: Session, asset_ids: Collection[int]) -> Sequence[tuple[int, str]]:
    """List id and URL of these assets, in the order of their ids."""
    rows = session.exec(
        select(Asset.id, Asset.url)
        .where(col(Asset.id).in_(sorted(asset_ids)))
        .order_by(col(Asset.id))
    ).all()
    return [(asset_id, url) for asset_id, url in rows if asset_id is not None]


def count_unreadable(session: Session, asset_ids: Collection[int]) -> int:
    """Count those of the assets whose last reading failed."""
    rows = session.exec(
        select(Asset.id).where(col(Asset.id).in_(sorted(asset_ids)), Asset.read_failure != "")
    ).all()
    return len(rows)
