"""The real application on a real database, asked as different people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache

from outreach.accounts.queries import get_user
from outreach.accounts.services import sign_in
from outreach.accounts.words import Role
from outreach.app import create_app
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope
from outreach.core.settings import Settings
from outreach.core.tokens import SecretBox
from outreach.wiring.web import WebServices
from tests.factories import make_member


class _KeptBytecode(BytecodeCache):
    """Compiles each template once a session instead of once an app."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_BYTECODE = _KeptBytecode()
TEST_KEY = "a key for tests only, long enough"


@pytest.fixture
def woken() -> list[tuple[str, str, int, int]]:
    """What the web process told the queues: (queue, task, workspace id, row id)."""
    return []


@pytest.fixture
def app(database: Database, tmp_path: Path, woken: list[tuple[str, str, int, int]]) -> Flask:
    settings = Settings(data_dir=tmp_path, environment="test")
    services = WebServices(
        settings=settings,
        database=database,
        key=TEST_KEY,
        box=SecretBox(TEST_KEY),
        wake=lambda *what: woken.append(what),
    )
    app = create_app(services)
    app.jinja_env.bytecode_cache = _BYTECODE
    app.config.update(TESTING=True, WTF_CSRF_CHECK_DEFAULT=False, PROPAGATE_EXCEPTIONS=True)

    @app.before_request
    def _skip_the_token() -> None:
        g.csrf_valid = True  # test_security.py asks with the check on

    return app


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """A browser nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def client(app: Flask, database: Database, scope: Scope) -> FlaskClient:
    """The owner's browser."""
    return browser_of(app, database, scope)


@pytest.fixture
def client_as(app: Flask, database: Database, scope: Scope) -> Callable[[Role], FlaskClient]:
    """Make the browser of a new member with a role in the same workspace."""
    return lambda role: browser_of(app, database, make_member(database, scope, role))


def browser_of(app: Flask, database: Database, scope: Scope) -> FlaskClient:
    """A browser signed in as the person of a scope."""
    with database.system() as session:
        user = get_user(session, scope.user_id or 0)
        token = sign_in(session, user, now=utc_now(), workspace_id=scope.workspace_id or 0)
    browser = app.test_client()
    browser.set_cookie("sid", token)
    return browser
