"""The sample's links: looks at pages of our own making, judged and kept as real looks are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from outreach.links.checks import Finding, record_checks
from outreach.links.claims import claim
from outreach.links.evidence import evidence_of
from outreach.links.judging import judge
from outreach.links.queries import watches
from outreach.links.services import Agreement, Win, expect_link
from outreach.reading.page import read
from outreach.workflows.note_transition import note_transition
from outreach.workflows.sample_prospects import days_before

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from outreach.core.db import Database, Scope, Session
    from outreach.ports.pages import PageFacts
    from outreach.workflows.sample_files import SampleFiles, StoryClock

_HEADERS = (("Content-Type", "text/html; charset=utf-8"),)


class LinkHistory:
    """Every look at every link of the sample."""

    def __init__(
        self, database: Database, scope: Scope, files: SampleFiles, clock: StoryClock
    ) -> None:
        self._database, self._scope = database, scope
        self._files, self._clock = files, clock
        self._urls = {row["key"]: row["url"] for row in files.workspace["assets"]}
        self._known: dict[str, int] = {}  # page → its backlink

    def events(
        self, assets: dict[str, int], opportunities: dict[str, int], now: datetime
    ) -> list[tuple[datetime, Callable[[], None]]]:
        """List the looks and when each took place; the first makes the link known."""
        found: list[tuple[datetime, Callable[[], None]]] = []
        for row in self._files.story["links"]:
            opportunity_id = opportunities.get(row.get("opportunity", ""))
            for days, state in row["looks"]:
                act = self._act(row, state, assets[row["asset"]], opportunity_id)
                found.append((days_before(now, days), act))
        return found

    def _act(
        self, row: dict[str, Any], state: str, asset_id: int, opportunity_id: int | None
    ) -> Callable[[], None]:
        def look() -> None:
            facts = self._page(row, state)
            with self._database.writing(self._scope) as session:
                if row["url"] not in self._known:
                    self._known[row["url"]] = self._expect(session, row, asset_id, opportunity_id)
                self._look(session, self._known[row["url"]], facts)

        return look

    def _expect(
        self, session: Session, row: dict[str, Any], asset_id: int, opportunity_id: int | None
    ) -> int:
        win = Win(
            page_url=row["url"],
            agreement=Agreement(target_url=self._urls[row["asset"]]),
            asset_id=asset_id,
            opportunity_id=opportunity_id,
        )
        return expect_link(session, win, now=self._clock()).key

    def _look(self, session: Session, backlink_id: int, facts: PageFacts) -> None:
        now = self._clock()
        claimed = claim(session, [backlink_id], now)[0]
        watch = watches(session, [backlink_id])[backlink_id]
        verdict = judge(facts, watch.expected)
        finding = Finding(claimed, verdict, evidence_of(facts, verdict))
        (transition,) = record_checks(session, [finding], now)
        note_transition(session, transition, now=now)

    def _page(self, row: dict[str, Any], state: str) -> PageFacts:
        """Set the page as it stood at that look, and read it as a fetched one is read."""
        link = row["anchor"]
        if state != "gone":
            rel = ' rel="nofollow"' if state == "nofollow" else ""
            link = f'<a href="{self._urls[row["asset"]]}"{rel}>{row["anchor"]}</a>'
        title = row["url"].split("/")[2].partition(".")[0].title()
        words = {"title": title, "description": f"{title} recommends.", "link": link}
        body = self._files.linking_page.substitute(words).encode()
        return read(body, url=row["url"], final_url=row["url"], status=200, headers=_HEADERS)
