"""Open one page as people see it, light and dark, desk and phone, and report all that is wrong."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SCREENSHOTS = Path(__file__).parents[2] / "screenshots"

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WIDTHS = (1280, 390)

# The console shows a refused inline style or script too; only the event says which directive.
_WATCH_POLICY = """
window.refusals = [];
addEventListener("securitypolicyviolation", (e) => window.refusals.push(
  `${e.effectiveDirective} refused ${e.blockedURI} at ${e.sourceFile}:${e.lineNumber}`));
"""
_RUN_AXE = """
(rules) => axe.run(document, {runOnly: rules, resultTypes: ["violations"]}).then((result) =>
  result.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target} ${n.failureSummary}`)))
"""
_WIDER_THAN_SCREEN = """
() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 5).map((element) => element.outerHTML.slice(0, 120))
"""


@dataclass
class Watched:
    """A page with everything it complained about so far."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def policy_refusals(self) -> list[str]:
        """What the Content-Security-Policy refused on the page now open."""
        refusals: list[str] = self.page.evaluate("() => window.refusals ?? []")
        return refusals


@contextmanager
def watched_page(
    browser: Browser,
    *,
    scheme: Scheme = "light",
    width: int = 1280,
    cookies: Sequence[Any] = (),
    **options: Any,
) -> Iterator[Watched]:
    """Yield a fresh page that notes console errors, uncaught exceptions and refused requests.

    Args:
        browser: The session's browser.
        scheme: What the system is said to prefer.
        width: Of the window, in CSS pixels.
        cookies: As `BrowserContext.add_cookies` takes them; how a test signs in.
        options: Anything else `Browser.new_context` takes, such as `java_script_enabled`.
    """
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        reduced_motion="reduce",
        **options,
    )
    context.set_default_timeout(10_000)
    context.add_cookies(list(cookies))
    context.add_init_script(_WATCH_POLICY)
    watched = Watched(context.new_page())
    _listen(watched)
    try:
        yield watched
    finally:
        context.close()


def _listen(watched: Watched) -> None:
    note = watched.complaints.append

    def console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            note(f"console: {message.text}")

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the person went on before it was answered
            note(f"failed: {request.url} {request.failure}")

    watched.page.on("console", console)
    watched.page.on("pageerror", lambda error: note(f"uncaught: {error}"))
    watched.page.on("requestfailed", failed)


def problems_of(watched: Watched) -> list[str]:
    """All that is wrong with the page now open: complaints, policy, axe, and sideways overflow."""
    page = watched.page
    page.evaluate(AXE)
    found = [*watched.complaints, *watched.policy_refusals()]
    found += [f"axe: {line}" for line in page.evaluate(_RUN_AXE, AXE_RULES)]
    found += [f"wider than the screen: {html}" for html in page.evaluate(_WIDER_THAN_SCREEN)]
    return found


@dataclass(frozen=True)
class PageChecker:
    """Checks a page in every scheme and width; fails with everything found, not just the first."""

    browser: Browser

    def __call__(
        self,
        url: str,
        *,
        name: str = "",
        status: int = 200,
        cookies: Sequence[Any] = (),
        prepare: Callable[[Page], object] | None = None,
        schemes: Sequence[Scheme] = (),
        widths: Sequence[int] = (),
    ) -> None:
        """Open `url` and fail unless nothing at all is wrong with it.

        By default at a desk in the light and on a phone in the dark, which shows each scheme and
        each width once; in all four combinations where `OUTREACH_SCREENSHOTS` is set.

        Args:
            url: The whole address.
            name: Writes screenshots/<name>-<scheme>-<width>.png when given.
            status: The answer expected; a 404 page is checked like any other.
            cookies: As `BrowserContext.add_cookies` takes them.
            prepare: Called with each opened page before it is judged: open a dialog, tick a row.
            schemes: Colour schemes to look at.
            widths: Window widths to look at, in CSS pixels.
        """
        found: list[str] = []
        for scheme, width in _views(schemes, widths):
            with watched_page(self.browser, scheme=scheme, width=width, cookies=cookies) as watched:
                answer = watched.page.goto(url, wait_until="load")
                assert answer is not None
                assert answer.status == status, f"{url} answered {answer.status}"
                if status >= 400:  # the browser reports the page's own status as an error
                    watched.complaints.clear()
                if prepare is not None:
                    prepare(watched.page)
                found += [f"{scheme} {width}: {line}" for line in problems_of(watched)]
                if name:
                    _shoot(watched.page, f"{name}-{scheme}-{width}")
        assert not found, f"{url}\n" + "\n".join(found)


def _views(schemes: Sequence[Scheme], widths: Sequence[int]) -> list[tuple[Scheme, int]]:
    if not schemes and not widths and not os.environ.get("OUTREACH_SCREENSHOTS"):
        return list(zip(SCHEMES, WIDTHS, strict=True))
    return list(product(schemes or SCHEMES, widths or WIDTHS))


def _shoot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True, animations="disabled")
