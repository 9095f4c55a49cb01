"""Every kind of bulk action there is, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.workflows import bulk_additions, bulk_opportunities, bulk_prospects, bulk_tags

if TYPE_CHECKING:
    from outreach.workflows.bulk import BulkKind

# A module here says what can be done to its records in KINDS.
_MODULES = (bulk_additions, bulk_opportunities, bulk_prospects, bulk_tags)

KINDS: dict[str, BulkKind] = {kind.name: kind for module in _MODULES for kind in module.KINDS}
