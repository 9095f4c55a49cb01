"""Tags put on, or taken off, many prospects or contacts at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from outreach.contacts import tagging as contact_tags
from outreach.contacts.models import Contact
from outreach.core.errors import Invalid
from outreach.prospects import tagging as prospect_tags
from outreach.prospects.models import Prospect
from outreach.tags.queries import get_tag
from outreach.workflows.bulk import BulkKind, Change, Plan
from outreach.workflows.bulk_choice import (
    find_contacts,
    find_prospects,
    of_contacts,
    of_prospects,
    tell,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.tags.models import Tag
    from outreach.tags.uses import TagUses
    from outreach.workflows.bulk import Chosen

Arguments = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Tagging:
    """Tags of one kind of record."""

    subject: str
    record_id: Any
    uses: TagUses
    choice: Callable[..., Any]
    find: Callable[..., list[int]]

    def kinds(self) -> tuple[BulkKind, BulkKind]:
        """Return what puts a tag on these records, and what takes it off."""
        name, find, back = self.subject, self.find, self.restore
        return (
            BulkKind(f"tag_{name}s", name, "Tagged", self.plan_on, find, self.put_on, back),
            BulkKind(f"untag_{name}s", name, "Untagged", self.plan_off, find, self.take_off, back),
        )

    def plan_on(self, session: Session, chosen: Chosen, arguments: Arguments) -> Plan:
        """Say how many would carry the tag that do not yet."""
        tag = get_tag(session, _tag_id(arguments))
        total, tagged, highest = self._count(session, chosen, tag)
        count = total - tagged
        if not count:
            return Plan(0, total, f"Nothing to do: all of these carry “{tag.name}”.", highest)
        sentence = f"Put the tag “{tag.name}” on {self._said(count)}."
        if tagged:
            sentence += f" {tagged:,} {'carries' if tagged == 1 else 'carry'} it already."
        return Plan(count, total, sentence, highest)

    def plan_off(self, session: Session, chosen: Chosen, arguments: Arguments) -> Plan:
        """Say how many would lose the tag."""
        tag = get_tag(session, _tag_id(arguments))
        total, tagged, highest = self._count(session, chosen, tag)
        if not tagged:
            return Plan(0, total, f"Nothing to do: none of these carry “{tag.name}”.", highest)
        sentence = f"Take the tag “{tag.name}” off {self._said(tagged)}."
        return Plan(tagged, total, sentence, highest)

    def put_on(
        self, session: Session, ids: Sequence[int], arguments: Arguments, now: datetime
    ) -> list[Change]:
        """Tag a few hundred."""
        tag = get_tag(session, _tag_id(arguments))
        changed = [key for key, _ in self.uses.add(session, ids, [tag.key])]
        self._tell(session, "tagged", f"Tagged “{tag.name}” with many others.", changed, now)
        return [Change(key, {}, {"tag_id": tag.key}) for key in changed]

    def take_off(
        self, session: Session, ids: Sequence[int], arguments: Arguments, now: datetime
    ) -> list[Change]:
        """Untag a few hundred."""
        tag = get_tag(session, _tag_id(arguments))
        changed = [key for key, _ in self.uses.remove(session, ids, [tag.key])]
        line = f"Took the tag “{tag.name}” off with many others."
        self._tell(session, "untagged", line, changed, now)
        return [Change(key, {"tag_id": tag.key}, {}) for key in changed]

    def restore(self, session: Session, changes: Sequence[Change], now: datetime) -> int:
        """Take off what was put on, or put on what was taken off."""
        ids = [row.subject_id for row in changes]
        back = self.uses.remove(session, ids, _tags_in(row.after for row in changes))
        back += self.uses.add(session, ids, _tags_in(row.before for row in changes))
        line = "Took the last change of many back."
        self._tell(session, "put back", line, [key for key, _ in back], now)
        return len(back)

    def _count(self, session: Session, chosen: Chosen, tag: Tag) -> tuple[int, int, int]:
        key = self.record_id
        carries = sa.exists().where(self.uses.record_id == key, self.uses.links.tag_id == tag.key)
        has = sa.func.sum(sa.case((carries, 1), else_=0))
        counts = self.choice(session, chosen, sa.func.count(key), sa.func.max(key), has)
        total, highest, tagged = session.execute(counts).one()
        return total, int(tagged or 0), highest or 0

    def _said(self, count: int) -> str:
        return f"{count:,} {self.subject}{'' if count == 1 else 's'}"

    def _tell(
        self, session: Session, verb: str, line: str, ids: Sequence[int], now: datetime
    ) -> None:
        tell(session, self.subject, verb, ((key, line) for key in ids), now=now)


def _tags_in(sides: Iterable[dict[str, object]]) -> set[int]:
    return {int(str(side["tag_id"])) for side in sides if side}


def _tag_id(arguments: Arguments) -> int:
    tag_id = arguments.get("tag_id")
    if not isinstance(tag_id, int):
        raise Invalid("Choose a tag.")
    return tag_id


TAG_PROSPECTS, UNTAG_PROSPECTS = _Tagging(
    "prospect", col(Prospect.id), prospect_tags.USES, of_prospects, find_prospects
).kinds()
TAG_CONTACTS, UNTAG_CONTACTS = _Tagging(
    "contact", col(Contact.id), contact_tags.USES, of_contacts, find_contacts
).kinds()
KINDS = (TAG_PROSPECTS, UNTAG_PROSPECTS, TAG_CONTACTS, UNTAG_CONTACTS)
