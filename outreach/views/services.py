"""Saving, naming, ordering and deleting views of lists, and choosing columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.core.errors import Conflict, Forbidden
from outreach.views.models import ListLayout, SavedView
from outreach.views.queries import get_view, views_of
from outreach.views.rules import view_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from outreach.core.db import Session


def save_view(
    session: Session,
    list_name: str,
    name: str,
    query: Mapping[str, str],
    *,
    columns: Sequence[str] = (),
    is_shared: bool = False,
) -> SavedView:
    """Keep a filter and order under a name, as the last tab.

    Raises:
        Invalid: The name is empty or too long.
        Conflict: This person has a view of that name.
    """
    name = view_name(name)
    _refuse_taken(session, list_name, name)
    view = SavedView(
        list_name=list_name,
        name=name,
        user_id=_me(session),
        is_shared=is_shared,
        query=dict(query),
        columns=list(columns),
        position=max((row.position for row in views_of(session, list_name)), default=0) + 1,
    )
    session.add(view)
    session.flush()
    return view


def rename_view(session: Session, view_id: int, name: str, *, is_shared: bool) -> SavedView:
    """Change a view's name and who sees it.

    Raises:
        Forbidden: It is somebody else's.
        Conflict: This person has another view of that name.
    """
    view, name = _own_view(session, view_id), view_name(name)
    if name != view.name:
        _refuse_taken(session, view.list_name, name)
    view.name, view.is_shared = name, is_shared
    session.flush()
    return view


def delete_view(session: Session, view_id: int) -> SavedView:
    """Delete a view, and return what it was.

    Raises:
        Forbidden: It is somebody else's.
    """
    view = _own_view(session, view_id)
    session.delete(view)
    session.flush()
    return view


def move_view(session: Session, view_id: int, *, is_up: bool) -> None:
    """Change places with the neighbouring view.

    Raises:
        Forbidden: It is somebody else's.
    """
    view = _own_view(session, view_id)
    views = list(views_of(session, view.list_name))
    here = views.index(view)
    there = here - 1 if is_up else here + 1
    if there in range(len(views)):
        views[here], views[there] = views[there], views[here]
    for position, row in enumerate(views, start=1):
        row.position = position
    session.flush()


def choose_columns(session: Session, list_name: str, columns: Sequence[str]) -> None:
    """Keep which columns this person shows, in their order; none: the usual ones."""
    found = session.exec(
        select(ListLayout).where(
            ListLayout.list_name == list_name, col(ListLayout.user_id) == _me(session)
        )
    ).first()
    if found is None:
        found = ListLayout(list_name=list_name, user_id=_me(session))
        session.add(found)
    found.columns = list(dict.fromkeys(columns))
    session.flush()


def _own_view(session: Session, view_id: int) -> SavedView:
    view = get_view(session, view_id)
    if view.user_id != session.scope.user_id:
        raise Forbidden("Only the person who saved this view may change it.")
    return view


def _refuse_taken(session: Session, list_name: str, name: str) -> None:
    taken = session.exec(
        select(SavedView.id).where(
            SavedView.list_name == list_name,
            SavedView.name == name,
            SavedView.user_id == session.scope.user_id,
        )
    ).first()
    if taken is not None:
        raise Conflict(f"You have a view named “{name}” already.")


def _me(session: Session) -> int:
    user_id = session.scope.user_id
    if user_id is None:
        raise Forbidden("A view belongs to a person.")
    return user_id
