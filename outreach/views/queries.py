"""Reading saved views and the columns people chose."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.accounts.models import User
from outreach.core.errors import NotFound
from outreach.views.models import ListLayout, SavedView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.core.db import Session


def views_of(session: Session, list_name: str) -> Sequence[SavedView]:
    """Return the views of a list this person may use: their own and the shared, in order."""
    given = {"list_name": list_name, "user_id": session.scope.user_id}
    return session.execute(_views(), given).scalars().all()


def setup_of(session: Session, list_name: str) -> tuple[list[SavedView], list[str]]:
    """Return the views of a list and the columns this person chose, in one statement."""
    given = {"list_name": list_name, "user_id": session.scope.user_id}
    rows = session.execute(_setup(), given).all()
    views = [view for view, _ in rows if view is not None]
    return views, list((rows[0][1] if rows else None) or ())


def get_view(session: Session, view_id: int) -> SavedView:
    """Return a view this person may use.

    Raises:
        NotFound: There is none, or it is somebody else's own.
    """
    found = session.exec(select(SavedView).where(SavedView.id == view_id)).first()
    if found is None or not (found.is_shared or found.user_id == session.scope.user_id):
        raise NotFound("There is no such view here.")
    return found


def chosen_layout(session: Session, list_name: str) -> list[str]:
    """Return the columns this person chose for a list; empty for the usual ones."""
    given = {"list_name": list_name, "user_id": session.scope.user_id}
    return list(session.execute(_layout(), given).scalar() or ())


@cache
def _views() -> Any:
    """Build the statement once: each page of a list asks it."""
    list_name: Any = sa.bindparam("list_name", type_=sa.String())
    user_id: Any = sa.bindparam("user_id", type_=sa.Integer())
    mine = col(SavedView.user_id) == user_id
    return (
        sa.select(SavedView)
        .where(col(SavedView.list_name) == list_name, mine | col(SavedView.is_shared))
        .order_by(col(SavedView.position), col(SavedView.id))
    )


@cache
def _setup() -> Any:
    """Begin at the person, whom there is always one of, whatever they saved or chose."""
    list_name: Any = sa.bindparam("list_name", type_=sa.String())
    user_id: Any = sa.bindparam("user_id", type_=sa.Integer())
    is_offered = (col(SavedView.user_id) == user_id) | col(SavedView.is_shared)
    return (
        sa.select(SavedView, col(ListLayout.columns))
        .select_from(User)
        .outerjoin(
            ListLayout,
            (col(ListLayout.user_id) == User.id) & (col(ListLayout.list_name) == list_name),
        )
        .outerjoin(SavedView, (col(SavedView.list_name) == list_name) & is_offered)
        .where(col(User.id) == user_id)
        .order_by(col(SavedView.position), col(SavedView.id))
    )


@cache
def _layout() -> Any:
    list_name: Any = sa.bindparam("list_name", type_=sa.String())
    user_id: Any = sa.bindparam("user_id", type_=sa.Integer())
    return sa.select(col(ListLayout.columns)).where(
        col(ListLayout.list_name) == list_name, col(ListLayout.user_id) == user_id
    )
