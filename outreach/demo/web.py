"""A small web of our own on loopback: several hosts on one port, pages that change."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

from outreach.demo.cast import CAST, EXTRAS, OUR_PATH, OUR_SITE, page_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.demo.cast import Publisher

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title>
<meta name="description" content="{description}"></head>
<body>
<header><nav><a href="/">Home</a> <a href="/about">About</a></nav></header>
<main><article><h1>{title}</h1>
{body}
</article></main>
<footer><p>{footer}</p></footer>
</body></html>
"""
_SOIL = (
    "Good soil is half of a garden. Sand drains and warms early, clay holds water and food, and "
    "most gardens have something between. A map of the soils around a place tells a gardener what "
    "to expect before the first spade goes in: how deep the roots will reach, how fast the rain "
    "runs off, and how much compost or lime a bed can use."
)


@dataclass(frozen=True, slots=True)
class Page:
    """What a path answers with."""

    html: str
    status: int = 200


@dataclass(slots=True)
class DemoWeb:
    """The web server; a context manager."""

    pages: dict[tuple[str, str], Page] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)  # host, path, user agent
    _server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self._fill()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    @property
    def port(self) -> int:
        """The port all hosts share."""
        assert self._server is not None
        return int(self._server.server_address[1])

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """The hosts as an operator's allow-list names them."""
        return frozenset(f"{host}:{self.port}" for host in self.hosts)

    @property
    def hosts(self) -> frozenset[str]:
        """The names that lead here."""
        return frozenset({OUR_SITE, *(who.site for who in CAST), *(site for site, *_ in EXTRAS)})

    def show(self, who: Publisher, link: str = "", status: int = 200) -> None:
        """Set a publisher's page, with a paragraph about us where there is a link."""
        about = ""
        if link:
            about = f"<p>New on the list: {link}, forty soils with their layers and colours.</p>"
        body = f"<p>{escape(who.words)}</p>\n<p>{_SOIL}</p>\n{about}"
        footer = f'Kept by {who.name}, <a href="mailto:{who.address}">{who.address}</a>'
        self.pages[who.site, who.path] = Page(_page(who.title, who.words, body, footer), status)

    def link(self, anchor: str, rel: str = "") -> str:
        """Return a link to our page."""
        marked = f' rel="{rel}"' if rel else ""
        return f'<a href="{page_url(OUR_SITE, OUR_PATH, self.port)}"{marked}>{anchor}</a>'

    def _fill(self) -> None:
        body = (
            f"<p>{_SOIL}</p><p>The Soil Atlas maps forty soils in layers, with their colours, "
            "depth and drainage, and says for each what grows in it. Gardeners, teachers and "
            "students may print every map.</p>"
        )
        words = "Maps of forty garden soils: layers, drainage, compost and what grows in each."
        self.pages[OUR_SITE, OUR_PATH] = Page(_page("The Soil Atlas", words, body, "The Almanac"))
        for who in CAST:
            self.show(who)


class LoopbackResolver:
    """Leads the demo's names to 127.0.0.1, and no other name anywhere."""

    def __init__(self, hosts: frozenset[str]) -> None:
        self._hosts = hosts

    async def addresses_of(self, host: str) -> Sequence[str]:
        """Return the loopback address of a host that plays."""
        if host not in self._hosts:
            raise OSError(f"{host} does not play")
        return ["127.0.0.1"]

    def close(self) -> None:
        """Nothing to give back."""


def _page(title: str, description: str, body: str, footer: str) -> str:
    return _PAGE.format(
        title=escape(title), description=escape(description), body=body, footer=footer
    )


def _handler_for(web: DemoWeb) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            host = self.headers.get("Host", "").partition(":")[0]
            web.asked.append((host, self.path, self.headers.get("User-Agent", "")))
            if self.path == "/robots.txt":
                self._answer(Page("User-agent: *\nAllow: /\n"), "text/plain")
                return
            self._answer(web.pages.get((host, self.path), Page("Not here", 404)), "text/html")

        def _answer(self, page: Page, kind: str) -> None:
            body = page.html.encode()
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            unchanged = page.status == 200 and self.headers.get("If-None-Match") == tag
            self.send_response(304 if unchanged else page.status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("ETag", tag)
            self.send_header("Content-Length", "0" if unchanged else str(len(body)))
            self.end_headers()
            if not unchanged:
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: the demo tells what happens in its own words."""

    return Handler
