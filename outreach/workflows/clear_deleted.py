"""Clearing away for good what was deleted over a day ago, and the bytes of files nobody has."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, delete, select

from outreach.accounts.queries import all_workspaces
from outreach.activity.models import Blob
from outreach.contacts.models import ContactTag
from outreach.core.db import SYSTEM, Scope
from outreach.links.models import LinkCheck
from outreach.notes.models import Attachment, Note
from outreach.notes.services import BLOB_KIND
from outreach.prospects.models import ProspectTag
from outreach.tags.models import Tag

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Database, Session

KEPT_FOR = timedelta(days=1)
_DELETABLE: tuple[Any, ...] = (Note, Attachment, Tag)
_AT_ONCE = 2_000

_columns: Any = sa.select  # its typing knows tables, not single columns


def is_anything_to_clear(database: Database, now: datetime) -> bool:
    """Tell whether something was deleted long enough ago, in any workspace."""
    with database.reading(SYSTEM) as session:
        return any(_first_gone(session, table, now) is not None for table in _DELETABLE)


def clear_deleted(database: Database, *, now: datetime) -> int:
    """Remove what was deleted over a day ago, workspace by workspace; returns how many rows."""
    with database.reading(SYSTEM) as session:
        scopes = [Scope(workspace.key) for workspace in all_workspaces(session)]
    return sum(_clear_workspace(database, scope, now) for scope in scopes)


def drop_unused_files(session: Session) -> int:
    """Remove the bytes of attached files that no row needs any more; returns how many."""
    used = _columns(Attachment.blob_id).union_all(
        _columns(LinkCheck.blob_id).where(col(LinkCheck.blob_id).is_not(None))
    )
    ids = session.exec(
        select(Blob.id).where(Blob.kind == BLOB_KIND, col(Blob.id).not_in(used))
    ).all()
    if ids:
        session.exec(delete(Blob).where(col(Blob.id).in_(ids)))
    return len(ids)


def _clear_workspace(database: Database, scope: Scope, now: datetime) -> int:
    removed = 0
    with database.writing(scope) as session:
        for table in (Note, Attachment):
            gone = session.execute(delete(table).where(_is_gone(table, now)))
            removed += gone.rowcount  # type: ignore[attr-defined]
        drop_unused_files(session)
    while True:
        with database.writing(scope) as session:
            tag_id = _first_gone(session, Tag, now)
            if tag_id is None:
                return removed
            uses = [_drop_uses(session, links, tag_id) for links in (ProspectTag, ContactTag)]
            if not any(uses):
                session.exec(delete(Tag).where(col(Tag.id) == tag_id))
                removed += 1


def _drop_uses(session: Session, links: Any, tag_id: int) -> int:
    """Take a tag off the next two thousand records."""
    ids = session.exec(select(links.id).where(links.tag_id == tag_id).limit(_AT_ONCE)).all()
    if ids:
        session.exec(delete(links).where(col(links.id).in_(ids)))
    return len(ids)


def _first_gone(session: Session, table: Any, now: datetime) -> int | None:
    return session.exec(select(table.id).where(_is_gone(table, now)).limit(1)).first()


def _is_gone(table: Any, now: datetime) -> Any:
    return col(table.deleted_at) < now - KEPT_FOR
