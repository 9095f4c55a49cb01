"""The pipeline's tally beside a recount of its opportunities, for `outreach doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.campaigns.rules import label
from outreach.campaigns.tally import Total, counted_anew, tally

if TYPE_CHECKING:
    from outreach.core.db import Session


def wrong_tallies(session: Session) -> list[str]:
    """Say where the tally of the workspace differs from a recount; empty when all is well."""
    kept, true = tally(session), counted_anew(session)
    return [
        f"campaign {place.campaign_id}, {label(place.stage)}, owner {place.owner_id or 'nobody'}: "
        f"kept {_words(kept.get(place, Total()))}, counted {_words(true.get(place, Total()))}"
        for place in sorted(kept.keys() | true.keys())
        if kept.get(place, Total()) != true.get(place, Total())
    ]


def _words(total: Total) -> str:
    return f"{total.count:,} worth {total.value_cents / 100:,.2f}"
