"""The pipeline at 100,000 opportunities, beside the least its board can cost.

`python -m bench.board [--engine sqlite|postgresql|both] [--opportunities 100000] [--requests 40]
[--rounds 5] [--most RATIO]`

Floor: a bare Flask view with the ORM queries of the same cards (a LIMIT query for each stage, one
for the tally) and one template. Ours: the real page as a signed-in person gets it. Both answer WSGI
calls in this process, one after the other (concurrency 1), in turns. Every figure is given twice:
wall time, and the CPU of this process, which a busy machine does not stretch as much. Fails where
the board costs more CPU than `--most` times its floor, or weighs over 80 kB.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from flask import Flask
from sqlmodel import col, select

from bench.board_data import STAGES, fill
from bench.databases import start_server
from bench.list_page import KEY, ask
from outreach.app import create_app
from outreach.campaigns.models import Campaign, Opportunity, PipelineTally
from outreach.campaigns.words import Stage, TableSort
from outreach.contacts.models import Contact
from outreach.core.db import Database, Scope, make_engine
from outreach.core.settings import Settings
from outreach.core.tokens import SecretBox
from outreach.prospects.models import Prospect
from outreach.wiring.web import WebServices

if TYPE_CHECKING:
    from collections.abc import Iterable

BOARD = "/opportunities/"
HEAVIEST = 80_000  # bytes of a board
MOST = 5.0  # times the floor's CPU, 1.5 times what a quiet machine measured
PAGES = 20  # of each order, following "next"
FLOOR_TEMPLATE = (
    "<!doctype html><title>Pipeline</title>{% for stage, count, cards in columns %}<h2>{{ stage }} "
    "{{ count }}</h2><ul>{% for card in cards %}<li><a href='/opportunities/{{ card[0] }}'>"
    "{{ card[2] }}</a> {{ card[3] }} {{ card[4] }} {{ card[1] }} {{ card[5] }}</li>{% endfor %}"
    "</ul>{% endfor %}"
)


class Taken(NamedTuple):
    """Milliseconds of one request."""

    wall: float
    cpu: float


def floor_app(database: Database, scope: Scope) -> Flask:
    """The bare ORM queries of the same cards, and one template."""
    app = Flask("floor")
    page = app.jinja_env.from_string(FLOOR_TEMPLATE)
    wanted: Any = (
        *(Opportunity.id, Opportunity.stage_changed_at, Prospect.domain, Prospect.score),
        *(Contact.name, Campaign.name),
    )

    @app.get("/")
    def show() -> str:
        with database.reading(scope) as session:
            tally = select(PipelineTally.stage, sa.func.sum(col(PipelineTally.opportunity_count)))
            counts = dict(session.exec(tally.group_by(col(PipelineTally.stage))).all())
            columns = []
            for stage in list(Stage)[:STAGES]:
                cards = session.execute(
                    sa.select(*wanted)
                    .join(Prospect, col(Prospect.id) == Opportunity.prospect_id)
                    .join(Campaign, col(Campaign.id) == Opportunity.campaign_id)
                    .outerjoin(Contact, col(Contact.id) == Opportunity.contact_id)
                    .where(col(Opportunity.stage) == stage)
                    .order_by(col(Opportunity.stage_changed_at).desc(), col(Opportunity.id).desc())
                    .limit(20)
                ).all()
                columns.append((stage.value, counts.get(stage), cards))
        return page.render(columns=columns)

    return app


def timed(app: Flask, path: str, cookie: str, requests: int) -> list[Taken]:
    """Return what each request took."""
    times = []
    for _ in range(requests):
        wall, cpu = time.perf_counter(), time.process_time()
        ask(app, path, cookie)
        times.append(
            Taken(1_000 * (time.perf_counter() - wall), 1_000 * (time.process_time() - cpu))
        )
    return times


def measure(url: str, folder: Path, given: argparse.Namespace) -> bool:
    """Fill one database and print what its board and table cost; True where the gates hold."""
    database = Database(make_engine(url))
    began = time.perf_counter()
    scope, token = fill(database, given.opportunities)
    print(f"{given.opportunities:,} opportunities written in {time.perf_counter() - began:.0f} s")
    settings = Settings(data_dir=folder, environment="test")
    services = WebServices(settings, database, KEY, SecretBox(KEY), lambda *_: None)
    ours, floor = create_app(services), floor_app(database, scope)
    size = len(ask(ours, BOARD, token))
    ratio = _compare(ours, floor, token, given)
    for what, path in (
        ("lanes by campaign", f"{BOARD}?lanes=campaign"),
        ("lanes by owner", f"{BOARD}?lanes=owner"),
        ("board of one campaign", f"{BOARD}?campaign=1"),
    ):
        timed(ours, path, token, 5)
        _report(what, timed(ours, path, token, given.requests), len(ask(ours, path, token)))
    for sort in TableSort:
        for narrowed in ("", "&stage=ready&campaign=2"):
            _walk(ours, token, f"{BOARD}table?sort={sort.value}{narrowed}")
    database.engine.dispose()
    print(
        f"board: {size / 1e3:.1f} kB (at most 80), {ratio:.1f} x its floor (at most {given.most})"
    )
    return ratio <= given.most and size <= HEAVIEST


def _compare(ours: Flask, floor: Flask, token: str, given: argparse.Namespace) -> float:
    """Take turns with the floor; return the median of the rounds' ratios of CPU."""
    timed(ours, BOARD, token, 10)
    timed(floor, "/", "", 10)
    all_floor: list[Taken] = []
    all_ours: list[Taken] = []
    ratios = []
    for _ in range(given.rounds):
        bare = timed(floor, "/", "", given.requests)
        full = timed(ours, BOARD, token, given.requests)
        ratios.append(_mean_cpu(full) / _mean_cpu(bare))
        all_floor += bare
        all_ours += full
    _report("floor of the board", all_floor, len(ask(floor, "/")))
    _report("board", all_ours, len(ask(ours, BOARD, token)))
    return statistics.median(ratios)


def _mean_cpu(times: Iterable[Taken]) -> float:
    return statistics.fmean(one.cpu for one in times)


def _walk(app: Flask, token: str, path: str) -> None:
    """Follow "next" through twenty pages; each is timed thrice, once for nothing."""
    times: list[Taken] = []
    url, page = path, b""
    for _ in range(PAGES):
        timed(app, url, token, 1)
        times += timed(app, url, token, 3)
        page = ask(app, url, token)
        before, found, _ = page.decode().partition('" rel="next"')
        if not found:
            break
        url = before.rsplit('href="', 1)[1].replace("&amp;", "&")
    _report(path.removeprefix(BOARD), times, len(page))


def _report(what: str, times: list[Taken], size: int) -> None:
    wall, cpu = (sorted(one[at] for one in times) for at in (0, 1))
    late = int(0.95 * (len(times) - 1))
    print(
        f"{what:44} wall p50 {statistics.median(wall):5.1f} ms, p95 {wall[late]:5.1f}; "
        f"CPU p50 {statistics.median(cpu):5.1f}, p95 {cpu[late]:5.1f}; {size / 1e3:.0f} kB",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--opportunities", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--most", type=float, default=MOST)
    parser.add_argument("--engine", choices=("sqlite", "postgresql", "both"), default="both")
    given = parser.parse_args()
    holds = True
    with tempfile.TemporaryDirectory() as name:
        for engine in ("sqlite", "postgresql") if given.engine == "both" else (given.engine,):
            print(f"-- {engine}", flush=True)
            server = start_server(engine, Path(name))
            try:
                holds &= measure(server.make("board"), Path(name), given)
            finally:
                server.close()
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
