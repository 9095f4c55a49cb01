"""The frame's own pages as people see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from outreach.accounts.services import (
    create_user,
    create_workspace,
    make_link,
    sign_in,
)
from outreach.accounts.words import LinkPurpose
from outreach.app import create_app
from outreach.core.clock import utc_now
from outreach.core.db import Database, make_engine
from outreach.core.settings import Settings
from outreach.core.tokens import SecretBox
from outreach.wiring.web import WebServices
from tests.browser.live_server import serve
from tests.browser.page_check import PageChecker

pytestmark = pytest.mark.browser
KEY = "a key for tests only, long enough"


@dataclass
class Site:
    """The running app and a browser's way into it."""

    url: str
    database: Database
    cookies: list[dict[str, str]]


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    path = folder / "outreach.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(make_engine(f"sqlite:///{path}"))
    with database.system() as session:
        user = create_user(
            session, email="ana@outreach.example", name="Ana Ruiz", password_hash="!",
            is_operator=True,
        )  # fmt: skip
        create_workspace(session, "Acme", owner=user)
        create_workspace(session, "Bolt", owner=user)
        token = sign_in(session, user, now=utc_now())
    services = WebServices(
        Settings(data_dir=folder, environment="test"),
        database,
        KEY,
        SecretBox(KEY),
        lambda *_: None,
    )
    with serve(create_app(services)) as url:
        yield Site(url, database, [{"name": "sid", "value": token, "url": url}])
    database.engine.dispose()


def test_strangers_see_right_pages_too(site: Site, page_check: PageChecker) -> None:
    page_check(site.url + "/sign-in", name="sign-in")
    page_check(site.url + "/nowhere", name="not-found", status=404)
    with site.database.system() as session:
        token = make_link(session, LinkPurpose.SETUP, now=utc_now())
    page_check(f"{site.url}/setup/{token}", name="setup")
