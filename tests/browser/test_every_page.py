"""Every page of the app on the sample workspace: axe, the console, nothing too wide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from outreach.accounts.queries import all_workspaces
from outreach.accounts.services import create_user, join_workspace, sign_in
from outreach.accounts.words import Role
from outreach.adapters.capture import CaptureSender
from outreach.app import create_app
from outreach.core.clock import utc_now
from outreach.core.db import SYSTEM, Database, make_engine
from outreach.core.settings import Settings
from outreach.core.tokens import SecretBox
from outreach.registry import metadata
from outreach.wiring.web import WebServices
from outreach.workflows.load_sample import load_sample
from outreach.workflows.sample_files import SampleTools
from tests.browser.live_server import serve
from tests.browser.page_check import PageChecker

pytestmark = pytest.mark.browser
KEY = "a key for tests only, long enough"
SHARES = 8  # so that several processes divide the pages among themselves
# Not pages of a person: files to download, fragments, one-time links.
NOT_PAGES = {"static"}


@dataclass
class Site:
    """The running app on the sample workspace, and a browser's way into it."""

    url: str
    app: Flask
    database: Database
    workspace_id: int
    cookies: list[dict[str, str]]


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("every-page")
    path = folder / "outreach.db"
    path.write_bytes(sqlite_template.read_bytes())
    database, now = Database(make_engine(f"sqlite:///{path}")), utc_now()
    tools = SampleTools(
        data_dir=folder,
        key=KEY,
        box=SecretBox(KEY),
        capture=CaptureSender(),
        on_progress=lambda _said: None,
    )
    load_sample(database, tools, now=now)
    with database.system() as session:
        user = create_user(
            session, email="ana@outreach.example", name="Ana Ruiz", password_hash="!",
            is_operator=True,
        )  # fmt: skip
        workspaces = all_workspaces(session)
        for workspace in workspaces:
            join_workspace(session, user, workspace.key, Role.OWNER)
        token = sign_in(session, user, now=now, workspace_id=workspaces[0].key)
    settings = Settings(data_dir=folder, environment="test")
    app = create_app(WebServices(settings, database, KEY, SecretBox(KEY), lambda *_: None))
    with serve(app) as url:
        cookies = [{"name": "sid", "value": token, "url": url}]
        yield Site(url, app, database, workspaces[0].key, cookies)
    database.engine.dispose()


@pytest.mark.parametrize("share", range(SHARES))
def test_every_page_of_the_sample_workspace_is_right(
    site: Site, page_check: PageChecker, share: int
) -> None:
    wrong: list[str] = []
    pages = _pages(site)
    for path in pages[share::SHARES]:
        try:
            page_check(site.url + path, cookies=site.cookies, name=_name(path))
        except AssertionError as error:
            wrong.append(str(error))
    assert not wrong, "\n\n".join(wrong)
    assert len(pages) > 40


def _pages(site: Site) -> list[str]:
    """The address of every page, with the ids of the sample's first rows."""
    paths = set()
    for rule in site.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in NOT_PAGES:
            continue
        values = {name: _first_id(site, name) for name in rule.arguments}
        if None in values.values():
            continue
        path = site.app.url_map.bind("localhost").build(rule.endpoint, values)
        if _is_page(site, path):
            paths.add(path)
    return sorted(paths)


def _first_id(site: Site, argument: str) -> int | None:
    table = metadata.tables.get(argument.removesuffix("_id"))
    if table is None or "workspace_id" not in table.c or not argument.endswith("_id"):
        return None
    with site.database.reading(SYSTEM) as session:
        found = session.execute(
            sa.select(sa.func.min(table.c.id)).where(table.c.workspace_id == site.workspace_id)
        ).scalar()
    return int(found) if found is not None else None


def _is_page(site: Site, path: str) -> bool:
    """Whether an address answers with a whole page: not a redirect, a download or a fragment."""
    client = site.app.test_client()
    client.set_cookie("sid", site.cookies[0]["value"])
    answer = client.get(path)
    assert answer.status_code in {200, 302, 303, 404}, path
    return (
        answer.status_code == 200
        and answer.mimetype == "text/html"
        and "Content-Disposition" not in answer.headers
        and "<html" in answer.text
    )


def _name(path: str) -> str:
    return "page-" + (path.strip("/").replace("/", "-") or "today")
