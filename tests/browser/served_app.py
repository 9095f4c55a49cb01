"""The real app with one signed-in person, served on loopback for a module of browser tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from outreach.accounts.services import create_user, create_workspace, sign_in
from outreach.app import create_app
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, make_engine
from outreach.core.settings import Settings
from outreach.core.tokens import SecretBox
from outreach.wiring.web import WebServices
from tests.browser.live_server import serve

KEY = "a key for tests only, long enough"


@dataclass
class ServedApp:
    """The app, its database, and for each workspace a scope and a browser's way into it."""

    url: str
    app: Flask
    database: Database
    folder: Path
    user_id: int
    scopes: list[Scope]
    cookies: list[dict[str, str]]

    @property
    def scope(self) -> Scope:
        """The scope of the first workspace."""
        return self.scopes[0]


@contextmanager
def served_app(
    template: Path,
    folder: Path,
    *,
    key: str = KEY,
    workspaces: Sequence[str] = ("Tidepool Tools",),
) -> Iterator[ServedApp]:
    """Serve the app on a copy of a migrated database, with a person who owns the workspaces."""
    path = folder / "outreach.db"
    path.write_bytes(template.read_bytes())
    database, scopes, tokens = Database(make_engine(f"sqlite:///{path}")), [], []
    with database.system() as session:
        user = create_user(
            session,
            email="jo@outreach.example",
            name="Jo Meyer",
            password_hash="!",
            is_operator=True,
        )
        user_id = user.key
        for name in workspaces:
            workspace = create_workspace(session, name, owner=user)
            scopes.append(Scope(workspace.key, user.key))
            tokens.append(sign_in(session, user, now=utc_now(), workspace_id=workspace.key))
    settings = Settings(data_dir=folder, environment="test")
    app = create_app(WebServices(settings, database, key, SecretBox(key), lambda *_: None))
    with serve(app) as url:
        cookies = [{"name": "sid", "value": token, "url": url} for token in tokens]
        yield ServedApp(url, app, database, folder, user_id, scopes, cookies)
    database.engine.dispose()
