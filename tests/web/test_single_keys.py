"""Single keys, switched off and on: in the profile and on the sheet, for every page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from outreach.accounts.queries import get_user
from outreach.core.db import SYSTEM

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from outreach.core.db import Database, Scope

PAGES = ("/", "/prospects/", "/profile/", "/search/")
PROFILE = {
    "name": "Ann", "time_zone": "UTC", "locale": "en", "density": "compact", "theme": "dark",
}  # fmt: skip


def _is_off(client: FlaskClient, path: str) -> bool:
    page = client.get(path, follow_redirects=True).get_data(as_text=True)
    return 'data-keys="off"' in page.split("<head>")[0]


def _is_on_for(database: Database, scope: Scope) -> bool:
    with database.reading(SYSTEM) as session:
        return get_user(session, scope.user_id or 0).has_single_keys


@pytest.mark.parametrize("path", PAGES)
def test_every_page_obeys_the_setting(client: FlaskClient, path: str) -> None:
    assert not _is_off(client, path)
    assert client.post("/profile/single-keys", data={"on": "no"}).status_code == 204
    assert _is_off(client, path)
    client.post("/profile/single-keys", data={"on": "yes"})
    assert not _is_off(client, path)


def test_the_profile_writes_the_same_setting(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    client.post("/profile/", data=PROFILE)
    assert not _is_on_for(database, scope)
    client.post("/profile/", data={**PROFILE, "has_single_keys": "y"})
    assert _is_on_for(database, scope)


def test_nobody_switches_without_signing_in(
    stranger: FlaskClient, database: Database, scope: Scope
) -> None:
    stranger.post("/profile/single-keys", data={"on": "no"})
    assert _is_on_for(database, scope)
