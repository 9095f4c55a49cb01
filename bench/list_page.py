"""The list of prospects, beside the bare query and template of the same page.

`python -m bench.list_page [--prospects 100000] [--engine postgresql] [--requests 40] [--rounds 9]
[--database URL]`

Floor: a view that makes one ORM select of the same fifty rows' columns, in the same workspace,
under the same two filters and sort, and draws one template with the same cells; no scope, no
session, no frame. Ours: the page as a signed-in person with a cookie gets it. Both answer WSGI
calls in this process, alternating; the ratio is the median of each round's CPU per request. Every
question of the list is timed beside it, and pages in its middle and at its end. A database given
by its URL is filled once and kept.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from sqlmodel import col

from bench.databases import start_server
from bench.list_data import fill
from outreach.app import create_app
from outreach.core.clock import utc_now
from outreach.core.db.engine import sqlite_dbapi
from outreach.core.paging import encode_cursor
from outreach.core.settings import Settings
from outreach.core.tokens import SecretBox
from outreach.prospects.models import Prospect
from outreach.web.filters import when
from outreach.wiring.web import WebServices

KEY = "a key for measuring only, long enough"
MEASURED = "?country=DE&relevance_min=60&sort=dr"
COLUMNS = (
    "id", "domain", "title", "score", "relevance", "authority", "authority_low", "authority_high",
    "review", "stage", "page_count", "has_contact", "last_contact_at", "cool_down_until",
)  # fmt: skip
FLOOR_PAGE = """<!doctype html><title>Prospects</title><table>
{% for p in rows %}<tr>
<td><input type="checkbox" name="pick" value="{{ p.id }}" aria-label="Select {{ p.domain }}"></td>
<th><a href="/prospects/{{ p.id }}" title="{{ p.title }}">{{ p.domain }}</a></th>
<td>{{ "unknown" if p.score is none else p.score }}</td>
<td>{{ "unknown" if p.relevance is none else p.relevance }}</td>
<td>{% if p.authority is none %}unknown{% else %}{{ p.authority }}
({{ p.authority_low }}–{{ p.authority_high }}){% endif %}</td>
<td>{{ p.review.value }}</td><td>{{ p.stage | replace("_", " ") }}</td>
<td>{{ p.page_count }}</td><td>{{ "yes" if p.has_contact }}</td>
<td>{% if p.last_contact_at %}{{ p.last_contact_at | when(now) }}
{% if p.cool_down_until and p.cool_down_until > now %}resting{% endif %}{% endif %}</td>
</tr>{% endfor %}</table>"""
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


def floor_app(url: str, workspace_id: int) -> Flask:
    """A page of the same rows: one ORM query, one template, nothing of the product."""
    app = Flask("floor")
    module = {"module": sqlite_dbapi} if url.startswith("sqlite") else {}
    engine = sa.create_engine(url, **module)
    app.jinja_env.filters["when"] = when
    page = app.jinja_env.from_string(FLOOR_PAGE)

    @app.get("/")
    def show() -> str:
        with Session(engine) as session:
            rows = session.execute(
                sa.select(*(getattr(Prospect, name) for name in COLUMNS))
                .where(
                    col(Prospect.workspace_id) == workspace_id,
                    col(Prospect.country) == "DE",
                    col(Prospect.relevance) >= 60,
                    col(Prospect.ahrefs_dr).is_not(None),
                )
                .order_by(col(Prospect.ahrefs_dr).desc(), col(Prospect.id).desc())
                .limit(50)
            ).all()
        return page.render(rows=rows, now=utc_now())

    return app


def _at(*place: object) -> str:
    """Return the part of an address that asks for the page behind this place."""
    return urlencode({"at": encode_cursor(*place)})


# Pages reached by Next: in the middle of their list, and at the last rows.
ENDS = {
    "two filters, in the middle": f"{MEASURED}&{_at(0, 45, 50_000, False)}",
    "two filters, near the end": f"{MEASURED}&{_at(0, 1, 50_000, False)}",
    "two filters, back from there": f"{MEASURED}&{_at(0, 1, 50_000, True)}",
    "everything, in the middle": f"?{_at(0, 50, 50_000, False)}",
    "by domain, in the middle": f"?sort=domain&{_at(0, 'garden-5', 50_000, False)}",
}


def ask(app: Flask, path: str, cookie: str = "") -> bytes:
    """Answer one WSGI call."""
    path, _, query = path.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
        "HTTP_COOKIE": f"sid={cookie}" if cookie else "", "REMOTE_ADDR": "127.0.0.1",
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
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--database", default="", help="the URL of a database that is kept")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.database:
            _measure(given.database, folder, given)
            return
        server = start_server(given.engine, folder)
        try:
            _measure(server.make("prospects"), folder, given)
        finally:
            server.close()


def _measure(url: str, folder: Path, given: argparse.Namespace) -> None:
    database, scope, token = fill(url, given.prospects)
    services = WebServices(
        Settings(data_dir=folder, environment="test"), database, KEY, SecretBox(KEY),
        lambda *_: None,
    )  # fmt: skip
    ours, floor = create_app(services), floor_app(url, scope.workspace_id or 0)
    size = len(ask(ours, f"/prospects/{MEASURED}", token))
    print(f"{given.prospects:,} prospects on {database.engine.name}; the page is {size:,} bytes")
    _compare(floor, ours, token, given)
    for what, query in QUESTIONS.items():
        print(f"{what:30} {_timed(ours, f'/prospects/{query}', token)}")
    for what, query in ENDS.items():
        print(f"{what:30} {_timed(ours, f'/prospects/{query}', token)}")
    database.engine.dispose()


def _timed(app: Flask, path: str, token: str, times: int = 60) -> str:
    ask(app, path, token)
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        ask(app, path, token)
        taken.append(1_000 * (time.perf_counter() - began))
    taken.sort()
    return f"p50 {statistics.median(taken):6.1f} ms, p95 {taken[int(times * 0.95) - 1]:6.1f}"


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
        f"{statistics.median(floor_ms):.2f} ms: {statistics.median(ratios):.2f} x"
    )


if __name__ == "__main__":
    main()
