"""The pipeline at 100,000 opportunities, beside the least its board can cost.

`python -m bench.board [--opportunities 100000] [--requests 40] [--rounds 5] [--engine sqlite]`

Floor: a bare Flask view with the ORM queries of the same cards (a LIMIT query for each stage, one
for the tally) and one template of ours-like cards. Ours: the real page as a signed-in person gets
it. Both answer WSGI calls in this process, in turns. Six campaigns, six stages, generated
with a fixed seed. On a busy machine read the CPU of this process, which on SQLite is all there is.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask, render_template_string
from sqlmodel import col, select

from bench.databases import start_server
from bench.list_page import KEY, ask
from outreach.accounts.models import Membership
from outreach.accounts.services import create_user, create_workspace, sign_in
from outreach.app import create_app
from outreach.assets.models import Asset
from outreach.campaigns.models import Campaign, Opportunity, PipelineTally
from outreach.campaigns.tally import Shift, note_shifts, place_of
from outreach.campaigns.words import Stage
from outreach.contacts.models import Contact
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, bulk_write, make_engine
from outreach.core.settings import Settings
from outreach.core.tokens import SecretBox
from outreach.prospects.models import Prospect
from outreach.prospects.services import NewProspect, Scores, add_missing, note_scores
from outreach.prospects.words import Tactic
from outreach.sites.services import add_missing as add_sites
from outreach.suppression.models import ContactTouch
from outreach.suppression.words import TouchOutcome
from outreach.wiring.web import WebServices

SEED = 20261121
CAMPAIGNS = STAGES = 6
CHUNK = 5_000
TABLES = ("newest", "age", "score", "value", "domain", "owner")
FLOOR_TEMPLATE = (
    "<!doctype html><title>Pipeline</title>{% for stage, count, cards in columns %}<h2>{{ stage }} "
    "{{ count }}</h2><ul>{% for card in cards %}<li><a href='/opportunities/{{ card[0] }}'>"
    "{{ card[2] }}</a> {{ card[3] }} {{ card[4] }} {{ card[1] }} {{ card[5] }}</li>{% endfor %}"
    "</ul>{% endfor %}"
)


def fill(database: Database, count: int) -> tuple[Scope, str]:
    """Make campaigns of scored prospects with contacts; return a member's scope and token."""
    now, dice = utc_now(), random.Random(SEED)
    with database.system() as session:
        user = create_user(session, email="b@outreach.example", name="Ann", password_hash="!")
        create_workspace(session, "Board", owner=user)
        found = session.exec(select(Membership).where(Membership.user_id == user.key)).one()
        token = sign_in(session, user, now=now, workspace_id=found.workspace_id)
    scope = Scope(found.workspace_id, user.key)
    with database.writing(scope) as session:
        asset = Asset(url="https://ours.example/a", url_key="ours.example/a", title="Guide")
        session.add(asset)
        session.flush()
        campaigns = [
            Campaign(name=f"Campaign {number}", tactic=Tactic.GUEST_POST, asset_id=asset.key)
            for number in range(CAMPAIGNS)
        ]
        session.add_all(campaigns)
        session.flush()
        keys = [campaign.key for campaign in campaigns]
    for start in range(0, count, CHUNK):
        names = [f"garden-{number}.example" for number in range(start, min(start + CHUNK, count))]
        with database.writing(scope) as session:
            _add(session, names, keys, dice, now)
    return scope, token


def _add(
    session: Any, names: list[str], campaigns: list[int], dice: random.Random, now: Any
) -> None:
    ids = add_sites(session, names, now=now)
    prospects = add_missing(
        session,
        {name: NewProspect(ids[name], f"The {name} journal") for name in names}, source="manual",
        now=now,
    )  # fmt: skip
    scores = {name: dice.randrange(101) for name in names}
    rows = [(prospects[name], scores[name]) for name in names]
    note_scores(
        session, [Scores(key, score, score, None, 0, 100, None, None) for key, score in rows]
    )
    session.add_all(
        Contact(
            name=f"Editor {number}",
            address=f"editor@{name}",
            site_id=ids[name],
            person_key=f"key-{name}",
        )
        for number, name in enumerate(names)
    )
    session.flush()
    with_contact = select(Contact).where(col(Contact.site_id).in_([ids[name] for name in names]))
    by_site = {row.site_id: row.key for row in session.exec(with_contact)}
    owner, stages = session.scope.user_id, list(Stage)[:STAGES]
    session.add_all(
        opportunities := [
            Opportunity(
                campaign_id=dice.choice(campaigns), prospect_id=prospects[name],
                contact_id=by_site[ids[name]], owner_id=dice.choice([None, owner]),
                stage=dice.choice(stages), value_cents=dice.choice([0, 250_00, 400_00]),
                stage_changed_at=now - timedelta(minutes=dice.randrange(100_000)),
            )
            for name in names
        ]
    )  # fmt: skip
    session.flush()
    note_shifts(session, [Shift(None, place_of(row), 0, row.value_cents) for row in opportunities])
    _touch(session, dice.sample(names, len(names) // 10), now)
    session.expunge_all()


def _touch(session: Any, names: list[str], now: Any) -> None:
    """Let a tenth of the sites have been written to lately, so that collisions are looked up."""
    columns = (
        *("source_key", "at", "person_key", "domain", "outcome", "in_workspace_id"),
        *("created_at", "updated_at"),
    )
    rows = [
        (f"bench:{name}", now - timedelta(days=9), "", name, TouchOutcome.AWAITING,
         session.workspace_id, now, now)
        for name in names
    ]  # fmt: skip
    bulk_write(session, ContactTouch, columns, rows)


def floor_app(database: Database, scope: Scope) -> Flask:
    """The bare ORM queries of the same cards, and one template."""
    app = Flask("floor")
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
        return render_template_string(FLOOR_TEMPLATE, columns=columns)

    return app


def timed(app: Flask, path: str, cookie: str, requests: int) -> list[float]:
    """Return the milliseconds each request took."""
    times = []
    for _ in range(requests):
        began = time.perf_counter()
        ask(app, path, cookie)
        times.append(1_000 * (time.perf_counter() - began))
    return times


def measure(url: str, folder: Path, given: argparse.Namespace) -> None:
    """Fill one database and print what its board and table cost."""
    database = Database(make_engine(url))
    began = time.perf_counter()
    scope, token = fill(database, given.opportunities)
    print(f"{given.opportunities:,} opportunities in {time.perf_counter() - began:.0f} s")
    services = WebServices(
        Settings(data_dir=folder, environment="test"),
        database,
        KEY,
        SecretBox(KEY),
        lambda *_: None,
    )
    ours, floor = create_app(services), floor_app(database, scope)
    print(f"the board is {len(ask(ours, '/opportunities/', token)) / 1e3:.0f} kB")
    timed(ours, "/opportunities/", token, 10)
    timed(floor, "/", "", 10)
    ours_ms, floor_ms, cpu_ms, ratios = [], [], [], []
    for _ in range(given.rounds):
        floor_ms.append(statistics.median(timed(floor, "/", "", given.requests)))
        before = time.process_time()
        ours_ms.append(statistics.median(timed(ours, "/opportunities/", token, given.requests)))
        cpu_ms.append(1_000 * (time.process_time() - before) / given.requests)
        ratios.append(ours_ms[-1] / floor_ms[-1])
    print(
        f"board p50 {statistics.median(ours_ms):.1f} ms (CPU {statistics.median(cpu_ms):.1f}), "
        f"floor {statistics.median(floor_ms):.1f} ms: {statistics.median(ratios):.1f} x"
    )
    for what, path in (
        ("lanes by campaign", "/opportunities/?lanes=campaign"),
        ("lanes by owner", "/opportunities/?lanes=owner"),
        ("board of one campaign", "/opportunities/?campaign=1"),
    ):
        _report(what, timed(ours, path, token, given.requests), ask(ours, path, token))
    for sort in TABLES:
        for what in ("", "&stage=ready&campaign=2"):
            _walk(ours, token, f"/opportunities/table?sort={sort}{what}")
    database.engine.dispose()


def _walk(app: Flask, token: str, path: str) -> None:
    """Follow "next" through twenty pages; each is timed thrice."""
    times: list[float] = []
    url, page = path, b""
    for _ in range(20):
        times += timed(app, url, token, 3)[1:]
        page = ask(app, url, token)
        before, found, _ = page.decode().partition('" rel="next"')
        if not found:
            break
        url = before.rsplit('href="', 1)[1].replace("&amp;", "&")
    _report(path.removeprefix("/opportunities/"), times, page)


def _report(what: str, times: list[float], page: bytes) -> None:
    ordered = sorted(times)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    size = len(page) / 1e3
    print(f"{what:46} p50 {statistics.median(times):5.1f} ms, p95 {p95:5.1f}, {size:.0f} kB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--opportunities", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--engine", choices=("sqlite", "postgresql", "both"), default="both")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        for engine in ("sqlite", "postgresql"):
            if given.engine not in {engine, "both"}:
                continue
            print(f"-- {engine}", flush=True)
            server = start_server(engine, Path(name))
            try:
                measure(server.make("board"), Path(name), given)
            finally:
                server.close()


if __name__ == "__main__":
    main()
