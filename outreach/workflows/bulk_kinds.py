"""Every kind of bulk action there is, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.workflows import bulk_opportunities

if TYPE_CHECKING:
    from outreach.workflows.bulk import BulkKind

# A module here says what can be done to its records in KINDS.
_MODULES = (bulk_opportunities,)

KINDS: dict[str, BulkKind] = {kind.name: kind for module in _MODULES for kind in module.KINDS}
