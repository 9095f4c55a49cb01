"""Plain functions with defaults that make rows for tests."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from outreach.accounts.models import Membership, User, Workspace
from outreach.accounts.words import Role
from outreach.core.db import SYSTEM, Database, Scope, Session
from outreach.prospects.models import Prospect, ProspectPage
from outreach.sites.models import Site

if TYPE_CHECKING:
    from sqlmodel import SQLModel

_serial = count(1)


def add(session: Session, row: SQLModel) -> None:
    """Add a row and flush, so that it has an id."""
    session.add(row)
    session.flush()


def make_user(session: Session, **given: Any) -> User:
    number = next(_serial)
    values: dict[str, Any] = {
        "email": f"person{number}@outreach.example",
        "name": f"Colleague {number}",
        "password_hash": "!",
    }
    user = User(**{**values, **given})
    add(session, user)
    return user


def make_workspace(database: Database, *, role: Role = Role.OWNER, **given: Any) -> Scope:
    """Commit a workspace and one member; return the member's scope."""
    with database.writing(SYSTEM) as session:
        user = make_user(session)
        workspace = Workspace(**{"name": f"Workspace {next(_serial)}", **given})
        add(session, workspace)
        session.add(Membership(user_id=user.key, workspace_id=workspace.key, role=role))
        return Scope(workspace_id=workspace.key, user_id=user.key)


def make_site(session: Session, domain: str = "") -> Site:
    site = Site(domain=domain or f"site{next(_serial)}.example")
    add(session, site)
    return site


def make_prospect(session: Session, *, domain: str = "", **given: Any) -> Prospect:
    site = make_site(session, domain)
    prospect = Prospect(**{"site_id": site.key, "domain": site.domain, **given})
    add(session, prospect)
    return prospect


def make_page(session: Session, prospect: Prospect, **given: Any) -> ProspectPage:
    number = next(_serial)
    values: dict[str, Any] = {
        "prospect_id": prospect.key,
        "url": f"https://{prospect.domain}/page-{number}",
        "url_key": f"{prospect.domain}/page-{number}",
    }
    page = ProspectPage(**{**values, **given})
    add(session, page)
    return page


def make_member(database: Database, scope: Scope, role: Role) -> Scope:
    """Commit another member of a workspace; return their scope."""
    with database.writing(SYSTEM) as session:
        user = make_user(session)
        session.add(Membership(user_id=user.key, workspace_id=scope.workspace_id or 0, role=role))
        return Scope(workspace_id=scope.workspace_id, user_id=user.key)
