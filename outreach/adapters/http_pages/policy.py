"""What the fetcher allows itself, and how it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from outreach.ports.pages import FailureKind

ROBOT_NAME = "OutreachBot"


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """Limits and manners of one fetcher.

    `allowed_hosts` is the operator's allow-list: "host" opens private addresses for that name on
    the usual ports, "host:port" opens them on that port. It never opens anything for other names.
    """

    contact_url: str = ""
    allowed_hosts: frozenset[str] = frozenset()
    ports: frozenset[int] = frozenset({80, 443})
    deadline_s: float = 15.0  # one look: names, connections, TLS, robots.txt, every hop, body
    lookup_s: float = 3.0
    max_wire: int = 2 << 20
    max_body: int = 6 << 20
    max_redirects: int = 5
    concurrency: int = 8
    spacing_s: float = 1.0
    max_crawl_delay_s: float = 30.0
    robots_age_s: float = 24 * 3600.0

    @property
    def user_agent(self) -> str:
        """Who we say we are, with the page that explains us where the operator gave one."""
        contact = f" (+{self.contact_url})" if self.contact_url else ""
        return f"Mozilla/5.0 (compatible; {ROBOT_NAME}/0.1){contact}"


class Refused(Exception):
    """We will not go on, for a named reason.

    Not an OSError and not a RuntimeError: aiohttp takes those as "try the next address".
    """

    def __init__(self, kind: FailureKind, detail: str = "") -> None:
        super().__init__(detail or kind.value)
        self.kind = kind
        self.detail = detail
