"""What every view uses: who is asking, sessions for their workspace, and permission."""

from __future__ import annotations

from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import current_app, flash, g, redirect, request, url_for

from outreach.accounts.rules import POLICY, may
from outreach.core.db import Scope, open_session
from outreach.core.errors import Forbidden, NotFound, OutreachError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from outreach.accounts.models import User, Workspace
    from outreach.accounts.queries import SignedIn
    from outreach.accounts.words import Role
    from outreach.core.db import Session
    from outreach.wiring.web import WebServices

    View = TypeVar("View", bound=Callable[..., Any])


def services() -> WebServices:
    """The process's settings, database and keys."""
    return cast("WebServices", current_app.extensions["outreach"])


def find_signed_in() -> SignedIn | None:
    """Who asks, or None for a stranger."""
    return cast("SignedIn | None", g.get("signed_in"))


def signed_in() -> SignedIn:
    """Who asks; a stranger never gets as far as calling this."""
    found = find_signed_in()
    if found is None:
        raise Forbidden("Sign in first.")
    return found


def person() -> User:
    """The signed-in person."""
    return signed_in().user


def workspace() -> Workspace:
    """The workspace the person works in."""
    found = signed_in().workspace
    if found is None:
        raise NotFound("Choose a workspace first.")
    return found


def role() -> Role:
    """The person's role in the workspace."""
    found = signed_in().role
    if found is None:
        raise NotFound("Choose a workspace first.")
    return found


def scope() -> Scope:
    """The scope of this request: the person in their workspace."""
    return Scope(workspace_id=workspace().key, user_id=person().key)


def reading() -> Session:
    """The request's read-only session, opened at first use."""
    session = g.get("reading")
    if session is None:
        session = g.reading = open_session(services().database, scope(), readonly=True)
    return cast("Session", session)


@contextmanager
def writing() -> Iterator[Session]:
    """Open a writing transaction; do everything slow before it. Ends the reading one first."""
    close_reading()
    with services().database.writing(scope()) as session:
        yield session


def close_reading(_error: BaseException | None = None) -> None:
    """End the request's read-only session, if one is open."""
    session = g.pop("reading", None)
    if session is not None:
        session.close()


def wake(queue: str, task: str, row_id: int) -> None:
    """Tell a queue that a row waits; call it after the transaction has ended."""
    services().wake(queue, task, workspace().key, row_id)


def requires(thing: str, action: str) -> Callable[[View], View]:
    """Let a view run only for people whose role may do this, by the policy table."""
    if (thing, action) not in POLICY:
        raise LookupError(f"The policy table has no entry for {thing}, {action}.")

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            found = find_signed_in()
            if found is None:
                return _ask_to_sign_in()
            if found.workspace is None:
                return redirect(url_for("workspaces.choose"))
            if not may(role(), thing, action):
                raise Forbidden("Your role in this workspace does not allow this.")
            return view(*args, **kwargs)

        guarded.policy = (thing, action)  # type: ignore[attr-defined]
        return cast("View", guarded)

    return decorate


def requires_person(view: View) -> View:
    """Let a view run for anybody signed in, with or without a workspace."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs) if find_signed_in() else _ask_to_sign_in()

    guarded.policy = ("person", "any")  # type: ignore[attr-defined]
    return cast("View", guarded)


def requires_operator(view: View) -> View:
    """Let a view run for people who run the installation."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if find_signed_in() is None:
            return _ask_to_sign_in()
        if not person().is_operator:
            raise Forbidden("Only an operator of this installation may do this.")
        return view(*args, **kwargs)

    guarded.policy = ("installation", "operate")  # type: ignore[attr-defined]
    return cast("View", guarded)


def public(view: View) -> View:
    """Mark a view that strangers may see; a test keeps the list short."""
    view.policy = ("public", "view")  # type: ignore[attr-defined]
    return view


def _ask_to_sign_in() -> Any:
    if request.headers.get("HX-Request"):
        return "", 401, {"HX-Redirect": url_for("auth.sign_in")}
    target = request.full_path if request.method == "GET" else url_for("today.show")
    return redirect(url_for("auth.sign_in", next=target.rstrip("?")))


def say(text: str, kind: str = "done", *, undo_url: str | None = None) -> None:
    """Show a toast on the next page; `undo_url` is posted to by its Undo button."""
    flash({"text": text, "kind": kind, "undo_url": undo_url})  # type: ignore[arg-type]


def complain(error: OutreachError) -> None:
    """Show what went wrong as a toast on the next page."""
    say(str(error), "problem")
