"""The harness itself: it finds what is wrong, and says where."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.browser.live_server import serve
from tests.browser.page_check import PageChecker

pytestmark = pytest.mark.browser

FAULTS = {
    "color-contrast": '<p class="pale">pale words</p>',
    "button-name": "<button></button>",
    "wider than the screen": '<div class="wide">wide</div>',
    "style-src": '<p style="color: red">styled</p>',
    "uncaught: ": '<script nonce="n">throw new Error("planted")</script>',
    "console: ": '<script nonce="n">console.error("planted")</script>',
}
SHEET = ".pale { color: #ccc; background: #fff } .wide { width: 3000px }"
PAGE = (
    '<!doctype html><html lang="en"><head><title>Planted</title>'
    '<link rel="icon" href="data:,"><link rel="stylesheet" href="/sheet.css"></head>'
    "<body><main><h1>Planted</h1>{}</main></body></html>"
)


@pytest.mark.parametrize("finding", FAULTS)
def test_a_planted_fault_is_found(page_check: PageChecker, finding: str) -> None:
    app = Flask(__name__)
    policy = "default-src 'self'; script-src 'nonce-n'; style-src 'self'; img-src data:"
    app.add_url_rule("/sheet.css", "sheet", lambda: (SHEET, 200, {"Content-Type": "text/css"}))
    app.add_url_rule(
        "/",
        "page",
        lambda: (PAGE.format(FAULTS[finding]), 200, {"Content-Security-Policy": policy}),
    )
    with serve(app) as url, pytest.raises(AssertionError, match=finding):
        page_check(url, schemes=["light"], widths=[390])
