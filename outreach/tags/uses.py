"""Which records of one kind carry which tags; prospects and contacts each keep such a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, delete, update

from outreach.core.clock import utc_now
from outreach.core.db import bulk_write
from outreach.tags.models import Tag
from outreach.tags.queries import known_among

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from outreach.core.db import Session

    Pair = tuple[int, int]  # the id of a record, the id of a tag

_columns: Any = sa.select  # its typing knows tables, not single columns
_AT_ONCE = 1_000
_MOVED_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class TagUses:
    """One kind of record and the table of its tags."""

    records: Any  # the table of the records
    links: Any  # the table of pairs
    column: str  # of the pair, naming the record

    @property
    def record_id(self) -> Any:
        """The column of the pair that names the record."""
        return getattr(self.links, self.column)

    def add(self, session: Session, ids: Collection[int], tag_ids: Collection[int]) -> list[Pair]:
        """Put every tag on every record; returns the pairs that are new."""
        tags = sorted(known_among(session, tag_ids))
        added: list[Pair] = []
        for chunk in _chunks(ids):
            here = session.execute(
                _columns(self.records.id).where(col(self.records.id).in_(chunk))
            ).scalars()
            has = set(self._pairs(session, chunk, tags))
            pairs = sorted({(key, tag) for key in here for tag in tags} - has)
            now = utc_now()
            bulk_write(
                session,
                self.links,
                (self.column, "tag_id", "created_at", "updated_at"),
                [(*pair, now, now) for pair in pairs],
                unique=("tag_id", self.column),
            )
            added += pairs
        self._index_anew(session, added)
        return added

    def remove(
        self, session: Session, ids: Collection[int], tag_ids: Collection[int]
    ) -> list[Pair]:
        """Take every one of the tags off every record; returns the pairs that were there."""
        removed: list[Pair] = []
        for chunk in _chunks(ids):
            pairs = self._pairs(session, chunk, sorted(tag_ids))
            if pairs:
                session.exec(
                    delete(self.links).where(
                        col(self.record_id).in_(chunk), col(self.links.tag_id).in_(sorted(tag_ids))
                    )
                )
            removed += pairs
        self._index_anew(session, removed)
        return removed

    def index_anew(self, session: Session, tag_id: int, *, after: int, limit: int) -> int:
        """Let the search read the next records of a tag again; the last one's id, 0 for none."""
        rows = session.execute(
            _columns(self.record_id)
            .where(self.links.tag_id == tag_id, self.record_id > after)
            .order_by(self.record_id)
            .limit(limit)
        )
        ids = list(rows.scalars())
        self._index_anew(session, [(key, tag_id) for key in ids])
        return int(ids[-1]) if ids else 0

    def _index_anew(self, session: Session, pairs: Collection[Pair]) -> None:
        """A tag's name is among the words its records are found by."""
        for chunk in _chunks({key for key, _ in pairs}):
            session.execute(
                update(self.records)
                .where(
                    col(self.records.id).in_(chunk), col(self.records.is_search_stale).is_(False)
                )
                .values(is_search_stale=True, updated_at=self.records.updated_at)
                .execution_options(synchronize_session=False)
            )

    def of_records(
        self, session: Session, ids: Collection[int]
    ) -> dict[int, list[tuple[int, str, str]]]:
        """Return (id, name, tone) of each record's tags by name, in one statement a thousand."""
        found: dict[int, list[tuple[int, str, str]]] = {}
        for chunk in _chunks(ids):
            rows = session.execute(
                _columns(self.record_id, Tag.id, Tag.name, Tag.tone)
                .join(Tag, col(Tag.id) == self.links.tag_id)
                .where(col(self.record_id).in_(chunk), col(Tag.deleted_at).is_(None))
                .order_by(self.record_id, Tag.name_key)
            )
            for record_id, *tag in rows:
                found.setdefault(record_id, []).append((tag[0], tag[1], tag[2]))
        return found

    def counts(self, session: Session) -> dict[int, int]:
        """Count the records of each tag."""
        rows = session.execute(
            _columns(self.links.tag_id, sa.func.count(self.links.id)).group_by(self.links.tag_id)
        )
        return {tag_id: int(count) for tag_id, count in rows}

    def move(self, session: Session, from_tag: int, to_tag: int) -> int:
        """Give the next two thousand records of a tag another in its stead; 0 when none is left."""
        rows = session.execute(
            _columns(self.record_id)
            .where(self.links.tag_id == from_tag)
            .order_by(self.record_id)
            .limit(_MOVED_AT_ONCE)
        )
        ids = list(rows.scalars())
        if ids:
            self.add(session, ids, [to_tag])
            self.remove(session, ids, [from_tag])
        return len(ids)

    def _pairs(self, session: Session, ids: Sequence[int], tag_ids: Sequence[int]) -> list[Pair]:
        rows = session.execute(
            _columns(self.record_id, self.links.tag_id)
            .where(col(self.record_id).in_(ids), col(self.links.tag_id).in_(tag_ids))
            .order_by(self.record_id, self.links.tag_id)
        )
        return [(record_id, tag_id) for record_id, tag_id in rows]


def _chunks(ids: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]
