"""The list of prospects at 100,000 rows, beside the least a page of it can cost.

`python -m bench.list_page [--prospects 100000] [--requests 60] [--rounds 5]`

Floor: a bare Flask view that reads the same 50 rows with sqlite3 and joins strings. Ours: the real
page as a signed-in person gets it, with session, workspace, navigation, permission, filters and
badges. Both answer WSGI calls in this process, alternating; the figures are medians of CPU for
each request. The slow questions of the list are timed beside its first page.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from flask import Flask
from sqlmodel import select

from outreach.accounts.models import Membership
from outreach.accounts.services import create_user, create_workspace, sign_in
from outreach.adapters import migrations
from outreach.app import create_app
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, make_engine, sqlite_dbapi
from outreach.core.settings import Settings
from outreach.core.tokens import SecretBox
from outreach.prospects.services import NewProspect, Scores, add_missing, note_scores
from outreach.sites.services import add_missing as add_sites
from outreach.wiring.web import WebServices

KEY = "a key for measuring only, long enough"
FLOOR_SQL = (
    "SELECT id, domain, title, score, relevance, authority, authority_low, authority_high, review, "
    "stage, has_contact, page_count FROM prospect WHERE workspace_id = 1 "
    "ORDER BY score_order, id LIMIT 51"
)
QUESTIONS = {
    "the first page": "",
    "to review": "?review=new",
    "score of 60 or more": "?min=60",
    "by authority": "?sort=authority",
    "by domain": "?sort=domain",
    "newest first": "?sort=newest",
    "with a contact (none has)": "?contact=yes",
    "a rare word": "?q=garden-99991",
    "a word nobody uses": "?q=zzzz",
}


def fill(folder: Path, count: int) -> tuple[Database, str]:
    """Make a database of scored prospects and a signed-in person's token."""
    url = f"sqlite:///{folder / 'outreach.db'}"
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
    return database, token


def _scores(prospect_id: int, dice: int) -> Scores:
    authority = None if dice % 4 == 0 else dice % 90
    score = None if dice % 5 == 0 else dice % 101
    low, high = max(0, (authority or 25) - 8), min(100, (authority or 25) + 8)
    return Scores(prospect_id, score, score, authority, low, high, None, None)


def floor_app(path: Path) -> Flask:
    """A page of the same rows without any of the product."""
    app = Flask("floor")
    connection = sqlite_dbapi.connect(str(path), check_same_thread=False)

    @app.get("/")
    def show() -> str:
        rows = connection.execute(FLOOR_SQL).fetchall()
        body = "".join(
            f'<tr><th><a href="/prospects/{row[0]}">{row[1]}</a></th>'
            + "".join(f"<td>{cell}</td>" for cell in row[2:])
            + "</tr>"
            for row in rows[:50]
        )
        return f"<!doctype html><title>Prospects</title><table>{body}</table>"

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
    answer = app.wsgi_app(environ, lambda code, *_: status.append(code))
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
    parser.add_argument("--requests", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database, token = fill(folder, given.prospects)
        services = WebServices(
            Settings(data_dir=folder, environment="test"), database, KEY, SecretBox(KEY),
            lambda *_: None,
        )  # fmt: skip
        ours, floor = create_app(services), floor_app(folder / "outreach.db")
        size = len(ask(ours, "/prospects/", token))
        print(f"{given.prospects:,} prospects; the page is {size / 1e3:.0f} kB")
        _compare(floor, ours, token, given)
        for what, query in QUESTIONS.items():
            times = []
            for _ in range(7):
                began = time.perf_counter()
                ask(ours, f"/prospects/{query}", token)
                times.append(1_000 * (time.perf_counter() - began))
            print(f"{what:28} {statistics.median(times):7.1f} ms, slowest {max(times):.1f}")
        database.engine.dispose()


def _compare(floor: Flask, ours: Flask, token: str, given: argparse.Namespace) -> None:
    ratios, ours_ms, floor_ms = [], [], []
    cost(floor, "/", "", given.requests)
    cost(ours, "/prospects/", token, given.requests)
    for _ in range(given.rounds):
        floor_ms.append(cost(floor, "/", "", given.requests))
        ours_ms.append(cost(ours, "/prospects/", token, given.requests))
        ratios.append(ours_ms[-1] / floor_ms[-1])
    print(
        f"CPU per request: ours {statistics.median(ours_ms):.2f} ms, floor "
        f"{statistics.median(floor_ms):.2f} ms: {statistics.median(ratios):.1f} x"
    )


if __name__ == "__main__":
    main()
