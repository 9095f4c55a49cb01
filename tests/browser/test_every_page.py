"""Every page of the app on the sample workspace: axe, the console, nothing too wide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from outreach.accounts.queries import all_workspaces, get_user
from outreach.accounts.services import join_workspace, sign_in
from outreach.accounts.words import Role
from outreach.adapters.capture import CaptureSender
from outreach.core.clock import utc_now
from outreach.core.db import SYSTEM, Database
from outreach.core.tokens import SecretBox
from outreach.registry import metadata
from outreach.workflows.load_sample import load_sample
from outreach.workflows.sample_files import SampleTools
from tests.browser.page_check import PageChecker
from tests.browser.served_app import KEY, served_app

pytestmark = pytest.mark.browser
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
    with served_app(sqlite_template, tmp_path_factory.mktemp("every-page"), workspaces=()) as at:
        tools = SampleTools(
            data_dir=at.folder,
            key=KEY,
            box=SecretBox(KEY),
            capture=CaptureSender(),
            on_progress=lambda _said: None,
        )
        load_sample(at.database, tools, now=utc_now())
        with at.database.system() as session:
            user = get_user(session, at.user_id)
            workspaces = all_workspaces(session)
            for workspace in workspaces:
                join_workspace(session, user, workspace.key, Role.OWNER)
            token = sign_in(session, user, now=utc_now(), workspace_id=workspaces[0].key)
        cookies = [{"name": "sid", "value": token, "url": at.url}]
        yield Site(at.url, at.app, at.database, workspaces[0].key, cookies)


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
    # 204: a card of the review that somebody else holds. 403: a note, for the one who wrote it.
    assert answer.status_code in {200, 204, 302, 303, 403, 404}, path
    return (
        answer.status_code == 200
        and answer.mimetype == "text/html"
        and "Content-Disposition" not in answer.headers
        and "<html" in answer.text
    )


def _name(path: str) -> str:
    return "page-" + (path.strip("/").replace("/", "-") or "today")
