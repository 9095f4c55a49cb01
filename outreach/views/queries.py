"""Reading saved views and the columns people chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.core.errors import NotFound
from outreach.views.models import ListLayout, SavedView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.core.db import Session


def views_of(session: Session, list_name: str) -> Sequence[SavedView]:
    """Return the views of a list this person may use: their own and the shared, in order."""
    return session.exec(
        select(SavedView)
        .where(
            SavedView.list_name == list_name,
            (col(SavedView.user_id) == session.scope.user_id) | col(SavedView.is_shared),
        )
        .order_by(col(SavedView.position), col(SavedView.id))
    ).all()


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
    found = session.exec(
        select(ListLayout.columns).where(
            ListLayout.list_name == list_name, ListLayout.user_id == session.scope.user_id
        )
    ).first()
    return list(found or ())
