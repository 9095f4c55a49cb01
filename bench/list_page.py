"""The list of prospects at 100,000 rows, beside the bare query and template of the same page.

`python -m bench.list_page [--prospects 100000] [--requests 40] [--rounds 7] [--postgres URL]`

Floor: a view that makes one ORM select of the same fifty rows' columns under the same two filters
and sort, and draws one plain template. Ours: the real page as a signed-in person gets it, with
session, workspace, navigation, permission, views, filters and badges. Both answer WSGI calls in
this process, alternating; the ratio is the median of each round's CPU per request. Every question
of the list is timed beside it.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlmodel import col, select

from outreach.accounts.models import Membership
from outreach.accounts.services import create_user, create_workspace, sign_in
from outreach.adapters import migrations
from outreach.app import create_app
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, make_engine
from outreach.core.settings import Settings
from outreach.core.tokens import SecretBox
from outreach.prospects.models import Prospect
from outreach.prospects.services import NewProspect, Scores, add_missing, note_scores
from outreach.sites.services import add_missing as add_sites
from outreach.wiring.web import WebServices

KEY = "a key for measuring only, long enough"
MEASURED = "?country=DE&relevance_min=60&sort=dr"
COLUMNS = (
    "id", "domain", "title", "score", "relevance", "authority", "authority_low", "authority_high",
    "review", "stage", "has_contact", "page_count", "last_contact_at", "cool_down_until",
)  # fmt: skip
FLOOR_PAGE = """<!doctype html><title>Prospects</title><table>
{% for row in rows %}<tr><th><a href="/prospects/{{ row[0] }}">{{ row[1] }}</a></th>
{% for cell in row[2:] %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"""
QUESTIONS = {
    "the first page": "",
    "to review": "?review=new",
    "score of 60 or more": "?score_min=60",
    "two filters and a sort": MEASURED,
    "the same, the other way": f"{MEASURED}&dir=reversed",
    "three filters, by traffic": "?country=DE&review=new&da_min=20&sort=traffic",
    "a rare country, by authority": "?country=IS&sort=authority",
    "by authority": "?sort=authority",
    "by domain": "?sort=domain",
    "newest first": "?sort=newest",
    "by last contact": "?sort=contacted",
    "with a contact (none has)": "?contact=yes",
    "none has, by Ahrefs DR": "?contact=yes&sort=dr",
    "a rare word": "?q=garden-99991",
    "a word nobody uses": "?q=zzzz",
}


# What a vendor's file and people's work would have put there, the same for every run.
SPREAD = """UPDATE prospect SET
  country = CASE WHEN id * 7919 % 10 < 3 THEN 'DE' WHEN id * 7919 % 10 < 5 THEN 'FR'
    WHEN id % 5000 = 1 THEN 'IS' WHEN id * 7919 % 10 < 8 THEN 'US' ELSE '' END,
  language = CASE WHEN id * 7919 % 10 < 3 THEN 'de' ELSE 'en' END,
  topic = CASE WHEN id % 3 = 0 THEN 'Gardening' ELSE '' END,
  ahrefs_dr = CASE WHEN id * 104729 % 7 = 0 THEN NULL ELSE id * 104729 % 91 END,
  moz_da = CASE WHEN id * 15485863 % 3 = 0 THEN NULL ELSE id * 15485863 % 83 END,
  traffic = CASE WHEN id * 32452843 % 4 = 0 THEN NULL ELSE id * 32452843 % 900001 END,
  stage = CASE WHEN id % 20 = 0 THEN 'qualified' ELSE '' END"""


def fill(url: str, count: int) -> tuple[Database, Scope, str]:
    """Make a database of scored prospects, its workspace and a signed-in person's token."""
    migrations.upgrade(url)
    database, now = Database(make_engine(url)), utc_now()
    with database.system() as session:
        user = create_user(session, email="a@outreach.example", name="Ann", password_hash="!")
        create_workspace(session, "Bench", owner=user)
        membership = session.exec(select(Membership)).one()
        token = sign_in(session, user, now=now)
    scope = Scope(membership.workspace_id, user.key)
    names = [f"garden-{number}.example" for number in range(count)]
    for start in range(0, count, 5_000):
        chosen = names[start : start + 5_000]
        with database.writing(scope) as session:
            ids = add_sites(session, chosen, now=now)
            given = {name: NewProspect(ids[name], f"The {name} journal") for name in chosen}
            prospects = add_missing(session, given, source="manual", now=now)
            note_scores(session, [_scores(row, row * 7919) for row in prospects.values()])
    with database.system() as session:
        session.execute(sa.text(SPREAD))
    admin = make_engine(url, gated=False).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    return database, scope, token


def _scores(prospect_id: int, dice: int) -> Scores:
    authority = None if dice % 4 == 0 else dice % 90
    score = None if dice % 5 == 0 else dice % 101
    low, high = max(0, (authority or 25) - 8), min(100, (authority or 25) + 8)
    return Scores(prospect_id, score, score, authority, low, high, None, None)


def floor_app(database: Database, scope: Scope) -> Flask:
    """A page of the same rows: one ORM query, one plain template, nothing of the product."""
    app = Flask("floor")
    page = app.jinja_env.from_string(FLOOR_PAGE)

    @app.get("/")
    def show() -> str:
        with database.reading(scope) as session:
            rows = session.execute(
                sa.select(*(getattr(Prospect, name) for name in COLUMNS))
                .where(col(Prospect.country) == "DE", col(Prospect.relevance) >= 60)
                .order_by(col(Prospect.ahrefs_dr).desc(), col(Prospect.id).desc())
                .where(col(Prospect.ahrefs_dr).is_not(None))
                .limit(50)
            ).all()
        return page.render(rows=rows)

    return app


def ask(app: Flask, path: str, cookie: str = "") -> bytes:
    """Answer one WSGI call."""
    path, _, query = path.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
        "HTTP_COOKIE": f"sid={cookie}", "REMOTE_ADDR": "127.0.0.1",
    }  # fmt: skip
    status: list[str] = []

    def begin(code: str, *_: Any) -> Any:
        status.append(code)

    answer = app.wsgi_app(environ, begin)
    body = b"".join(answer)
    close = getattr(answer, "close", None)
    if close:
        close()
    if not status[0].startswith("200"):
        raise RuntimeError(f"{path}: {status[0]}")
    return body


def cost(app: Flask, path: str, cookie: str, requests: int) -> float:
    """Return CPU milliseconds for each request."""
    began = time.process_time()
    for _ in range(requests):
        ask(app, path, cookie)
    return 1_000 * (time.process_time() - began) / requests


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prospects", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--postgres", default="", help="an empty database instead of SQLite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = given.postgres or f"sqlite:///{folder / 'outreach.db'}"
        database, scope, token = fill(url, given.prospects)
        services = WebServices(
            Settings(data_dir=folder, environment="test"), database, KEY, SecretBox(KEY),
            lambda *_: None,
        )  # fmt: skip
        ours, floor = create_app(services), floor_app(database, scope)
        size = len(ask(ours, f"/prospects/{MEASURED}", token))
        print(f"{given.prospects:,} prospects; the page is {size / 1e3:.0f} kB")
        _compare(floor, ours, token, given)
        for what, query in QUESTIONS.items():
            print(f"{what:28} {_timed(ours, f'/prospects/{query}', token)}")
        print(f"{'far into the list':28} {_timed(ours, _far(ours, token), token)}")
        database.engine.dispose()


def _timed(app: Flask, path: str, token: str, times: int = 20) -> str:
    ask(app, path, token)
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        ask(app, path, token)
        taken.append(1_000 * (time.perf_counter() - began))
    taken.sort()
    return f"p50 {statistics.median(taken):6.1f} ms, p95 {taken[int(times * 0.95) - 1]:6.1f}"


def _far(app: Flask, token: str) -> str:
    """Return the address of a page some way into the measured list."""
    path = f"/prospects/{MEASURED}"
    for _ in range(30):
        page = ask(app, path, token).decode()
        if 'rel="next"' not in page:
            break
        path = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
        path = path.replace("&amp;", "&")
    return path


def _compare(floor: Flask, ours: Flask, token: str, given: argparse.Namespace) -> None:
    ratios, ours_ms, floor_ms = [], [], []
    cost(floor, "/", "", given.requests)
    cost(ours, f"/prospects/{MEASURED}", token, given.requests)
    for _ in range(given.rounds):
        floor_ms.append(cost(floor, "/", "", given.requests))
        ours_ms.append(cost(ours, f"/prospects/{MEASURED}", token, given.requests))
        ratios.append(ours_ms[-1] / floor_ms[-1])
    print(
        f"CPU per request: ours {statistics.median(ours_ms):.2f} ms, floor "
        f"{statistics.median(floor_ms):.2f} ms: {statistics.median(ratios):.1f} x"
    )


if __name__ == "__main__":
    main()
