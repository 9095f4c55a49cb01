"""Takes the people of a file back: what it changed is restored, what it added removed.

Whoever was written to, put into a campaign, edited, merged, tagged, noted or reported by another
file since stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from outreach.contacts import removal
from outreach.desk.contacts_in_use import contacts_in_use
from outreach.imports.queries import witnesses_of
from outreach.prospects.tagging import remove_tags
from outreach.workflows.keep_contacts import note_sites
from outreach.workflows.own_undo import take_own_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.core.db import Session
    from outreach.imports.models import ImportRow


def take_people_back(session: Session, import_file_id: int, rows: Sequence[ImportRow]) -> None:
    """Take back what these rows of a file, last first, did to contacts."""
    take_own_back(session, rows)
    ids: set[int] = set()
    pairs: set[tuple[int, int]] = set()
    for row in rows:
        before: dict[str, Any] = row.before or {}
        if found := before.get("prospect_tags"):
            remove_tags(session, [found["id"]], found["tags"])
        contact_id = row.subject_id if row.subject_type == "contact" else before.get("contact_id")
        if contact_id is None:
            continue
        ids.add(contact_id)
        pairs |= {(contact_id, tag_id) for tag_id in before.get("contact_tags", ())}
        if before.get("contact"):
            removal.restore_contact(session, contact_id, before["contact"])
    removal.remove_tags_of_import(session, pairs)
    lines = {row.line_number for row in rows}
    brought = removal.contacts_brought_by(session, import_file_id, lines, ids)
    if not brought and not ids:
        return
    free = set(brought) - contacts_in_use(session, set(brought))
    seen_elsewhere = witnesses_of(session, "contact", free, but=import_file_id)
    removal.hand_over_contacts(session, seen_elsewhere)
    removal.remove_contacts(session, free - set(seen_elsewhere))
    note_sites(session, [*brought.values(), *removal.sites_of_contacts(session, ids)])
