"""A web that lives in a dictionary: answers at the port, without a socket."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from outreach.ports.pages import (
    FailureKind,
    FetchFailure,
    FoundAddress,
    LinkOnPage,
    PageFacts,
    PageRequest,
    PageResult,
    Placement,
    Rel,
)

Outcome = PageFacts | FetchFailure
FETCHED_AT = datetime(2024, 3, 4, 9, 0, tzinfo=UTC)


def link(url: str, anchor: str = "a guide", rel: Rel = Rel.FOLLOW, **given: Any) -> LinkOnPage:
    """A link in the text."""
    values: dict[str, Any] = {
        "raw_rel": "" if rel is Rel.FOLLOW else rel.value,
        "placement": Placement.EDITORIAL,
        "context": f"We like {anchor} a lot.",
    }
    return LinkOnPage(url=url, anchor=anchor, rel=rel, **{**values, **given})


def page(*links: LinkOnPage, url: str = "https://blog.example/post", **given: Any) -> PageFacts:
    """A page that answered 200."""
    body = given.pop("body", b"<html><body>" + b"A long text. " * 30 + b"</body></html>")
    values: dict[str, Any] = {
        "final_url": url,
        "status": 200,
        "text": "A long text. " * 30,
        "links": links,
        "body": body,
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    return PageFacts(url=url, **{**values, **given})


def not_modified(url: str = "https://blog.example/post") -> PageFacts:
    """The answer 304."""
    return PageFacts(url=url, final_url=url, status=304)


def failure(
    kind: FailureKind, url: str = "https://blog.example/post", **given: Any
) -> FetchFailure:
    """A look that gave no facts."""
    return FetchFailure(url=url, kind=kind, **given)


def status(code: int, url: str = "https://blog.example/post", **given: Any) -> FetchFailure:
    """An answer with an error status."""
    return failure(FailureKind.STATUS, url, status=code, detail=str(code), **given)


def shows(address: str) -> FoundAddress:
    """An address a page shows."""
    return FoundAddress(address=address, source="mailto", context=f"Write to {address}.")


@dataclass
class FakePages:
    """Answers requests from `pages`; a page nobody made is gone. `asked` lists what came in."""

    pages: dict[str, Outcome] = field(default_factory=dict)
    asked: list[PageRequest] = field(default_factory=list)
    on_fetch: Callable[[PageRequest], None] = lambda _request: None

    def fetch(self, requests: Sequence[PageRequest]) -> Iterator[PageResult]:
        for request in requests:
            self.asked.append(request)
            self.on_fetch(request)
            outcome = self.pages.get(request.url) or status(404, request.url)
            yield PageResult(request, replace(outcome, url=request.url), FETCHED_AT)
