"""What is kept of one look: enough to show a person, years later, what was on the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from outreach.ports.pages import FetchFailure, PageFacts

if TYPE_CHECKING:
    from outreach.links.judging import Verdict

_LONGEST_URL = 2_048
_MOST_REDIRECTS = 6
_LONGEST_ETAG, _LONGEST_DATE = 255, 64
LARGEST_KEPT_PAGE = 2 * 1024 * 1024  # what a blob may hold


@dataclass(frozen=True, slots=True)
class Evidence:
    """One look, cut to what its row holds; `body` only of pages small enough to keep."""

    status: int | None = None
    final_url: str = ""
    redirects: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    target_url: str = ""
    anchor: str = ""
    rel: str = ""
    placement: str = ""
    context: str = ""
    body_sha256: str = ""
    body: bytes = field(default=b"", repr=False)
    etag: str = ""
    last_modified: str = ""


def evidence_of(outcome: PageFacts | FetchFailure, verdict: Verdict) -> Evidence:
    """Cut one look down to what is kept of it."""
    redirects = [url[:_LONGEST_URL] for url in outcome.redirects[:_MOST_REDIRECTS]]
    if isinstance(outcome, FetchFailure):
        return Evidence(
            status=outcome.status,
            final_url=outcome.final_url[:_LONGEST_URL],
            redirects=redirects,
        )
    link = verdict.link
    return Evidence(
        status=outcome.status,
        final_url=outcome.final_url[:_LONGEST_URL],
        redirects=redirects,
        headers={name.lower(): value for name, value in outcome.headers},
        target_url=link.url[:_LONGEST_URL] if link else "",
        anchor=link.anchor if link else "",
        rel=link.rel.value if link else "",
        placement=link.placement.value if link else "",
        context=link.context if link else "",
        body_sha256=outcome.sha256,
        body=outcome.body if len(outcome.body) <= LARGEST_KEPT_PAGE else b"",
        # A value cut short would never match, so one too long is not kept at all.
        etag=outcome.etag if len(outcome.etag) <= _LONGEST_ETAG else "",
        last_modified=outcome.last_modified if len(outcome.last_modified) <= _LONGEST_DATE else "",
    )
