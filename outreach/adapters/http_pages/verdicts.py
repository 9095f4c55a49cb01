"""From an answer to its outcome: facts, or the named reason there are none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from outreach.adapters.http_pages.challenge import is_challenge
from outreach.adapters.http_pages.policy import Refused
from outreach.ports.pages import FailureKind, FetchFailure, PageFacts, PageRequest
from outreach.reading import Unreadable, read

if TYPE_CHECKING:
    from outreach.adapters.http_pages.client import Answer

_HTML = ("text/html", "application/xhtml+xml")
_LONGEST_WAIT_S = 30 * 24 * 3600


def outcome_of(
    request: PageRequest, answer: Answer, final_url: str, redirects: tuple[str, ...], now: datetime
) -> PageFacts | FetchFailure:
    """Judge a complete answer that is no redirect."""
    headers = answer.headers
    if is_challenge(answer.status, headers, answer.body):
        kind = FailureKind.CHALLENGE
    elif answer.status == 304:
        return PageFacts(
            request.url,
            final_url,
            304,
            redirects=redirects,
            etag=headers.get("ETag", request.etag),
            last_modified=headers.get("Last-Modified", request.last_modified),
        )
    elif not 200 <= answer.status < 300:
        kind = FailureKind.STATUS
    elif not _is_html(answer):
        kind = FailureKind.NOT_HTML
    else:
        return _facts(request, answer, final_url, redirects)
    return FetchFailure(
        request.url,
        kind,
        detail=str(answer.status),
        status=answer.status,
        final_url=final_url,
        retry_after_s=retry_after(headers.get("Retry-After", ""), now),
        redirects=redirects,
    )


def failure_of(
    request: PageRequest, refused: Refused, final_url: str, redirects: tuple[str, ...]
) -> FetchFailure:
    """Report a look that we or the network ended."""
    return FetchFailure(
        request.url,
        refused.kind,
        detail=refused.detail[:200],
        final_url=final_url,
        redirects=redirects,
    )


def retry_after(text: str, now: datetime) -> int | None:
    """Read a Retry-After header, seconds or date, as seconds from now; None when unreadable."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), _LONGEST_WAIT_S)
    try:
        then = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max(0, min(int((then - now).total_seconds()), _LONGEST_WAIT_S))


def _facts(
    request: PageRequest, answer: Answer, final_url: str, redirects: tuple[str, ...]
) -> PageFacts | FetchFailure:
    try:
        facts = read(
            answer.body,
            url=request.url,
            final_url=final_url,
            status=answer.status,
            headers=tuple(answer.headers.items()),
            is_truncated=answer.is_truncated,
        )
    except Unreadable as error:
        refused = Refused(FailureKind.UNREADABLE, str(error))
        return failure_of(request, refused, final_url, redirects)
    return replace(facts, redirects=redirects)


def _is_html(answer: Answer) -> bool:
    kind = answer.headers.get("Content-Type", "").split(";", 1)[0].strip().lower()
    beginning = answer.body[:1024]
    if b"\0" in beginning and beginning[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return False
    return kind in _HTML or (kind == "" and b"<" in beginning)
