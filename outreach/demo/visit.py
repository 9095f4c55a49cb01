"""A look at the pages of the app on what the play has left."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from outreach.core.clock import monotonic
from outreach.demo.cast import QUIET, STRANGER, UNWILLING, WILLING
from outreach.demo.stage import Stage, expect

if TYPE_CHECKING:
    from flask import Flask

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_PLACE = re.compile(r'href="(/(?:[a-z-]+/)?)"')
_SHOWN = {
    "/prospects/": WILLING.site,
    "/contacts/": QUIET.name,
    "/links/": "The Soil Atlas",
    "/conversations/": STRANGER,
    "/opportunities/": UNWILLING.site,
}


def visit_pages(app: Flask, stage: Stage) -> str:
    """Sign in through the form, and open every place of the rail."""
    browser = app.test_client()
    found = _TOKEN.search(browser.get("/sign-in").text)
    expect(found, "the sign-in form carries its token")
    assert found is not None
    given = {"email": stage.email, "password": stage.password, "csrf_token": found[1]}
    answer = browser.post("/sign-in", data=given)
    expect(answer.status_code == 303, f"the owner signs in, not {answer.status_code}")
    home = browser.get(answer.location)
    expect(home.status_code == 200, f"the first page opens, not {home.status_code}")
    places = dict.fromkeys(_PLACE.findall(home.text))
    missing = set(_SHOWN) - set(places)
    expect(not missing, f"the rail leads everywhere, not past {missing}")
    slowest, began = 0.0, monotonic()
    for place in places:
        page = browser.get(place, follow_redirects=True)
        expect(page.status_code == 200, f"{place} opens, not {page.status_code}")
        expect(_SHOWN.get(place, "") in page.text, f"{place} shows {_SHOWN.get(place)}")
        slowest, began = max(slowest, monotonic() - began), monotonic()
    stage.note("Pages opened, slowest", f"{len(places)}, {slowest * 1000:.0f} ms")
    return f"{len(places)} places of the rail opened, the slowest in {slowest * 1000:.0f} ms."
