"""The list of our pages worth linking to, with how many prospects fit each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col

from outreach.assets.queries import all_assets
from outreach.scoring.models import ScoreCard

if TYPE_CHECKING:
    from outreach.assets.models import Asset
    from outreach.core.db import Session

GOOD_SCORE = 50


@dataclass(frozen=True, slots=True)
class AssetLine:
    """One row of the list: an asset, how many prospects are scored, how many score well."""

    asset: Asset
    scored_count: int
    good_count: int


def asset_lines(session: Session, *, with_archived: bool) -> list[AssetLine]:
    """Return the assets by title, each with its prospects counted."""
    scored = dict(_counts(session, at_least=0))
    good = dict(_counts(session, at_least=GOOD_SCORE))
    return [
        AssetLine(asset, scored.get(asset.key, 0), good.get(asset.key, 0))
        for asset in all_assets(session, with_archived=with_archived)
    ]


def _counts(session: Session, *, at_least: int) -> list[tuple[int, int]]:
    rows = session.execute(
        sa.select(col(ScoreCard.asset_id), sa.func.count())
        .where(col(ScoreCard.score) >= at_least)
        .group_by(col(ScoreCard.asset_id))
    )
    return [(asset_id, count) for asset_id, count in rows]
