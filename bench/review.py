"""The review at any size: what the next prospect costs the server, and where its order comes from.

`python -m bench.review [--prospects 100000] [--decided 40000] [--requests 60] [--database URL]`

Each request is a real decision over WSGI, answered by the next prospect's card: session,
permission, decision with its line on the timeline, claims on two prospects, facts and HTML. A part
of the list was decided on before, best first, because that is where a queue without its own index
grows slow. Without `--database` a fresh SQLite file is filled; a PostgreSQL one must be empty.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import g
from sqlmodel import col, select, update

from bench.list_page import KEY
from outreach.accounts.models import Membership
from outreach.accounts.services import create_user, create_workspace, sign_in
from outreach.adapters import migrations
from outreach.app import create_app
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, make_engine
from outreach.core.settings import Settings
from outreach.core.tokens import SecretBox
from outreach.desk.prospect_filter import ProspectFilter
from outreach.desk.review import next_to_review
from outreach.prospects.models import Prospect
from outreach.prospects.services import NewProspect, Scores, add_missing, note_scores
from outreach.prospects.words import Review
from outreach.sites.services import add_missing as add_sites
from outreach.wiring.web import WebServices

if TYPE_CHECKING:
    from flask import Flask

QUESTIONS = {
    "everything": {},
    "score of 60 or more": {"score_min": "60"},
    "country is DE (one in ten)": {"country": "DE"},
    "a word one domain has": {"q": "garden-4711."},
}


def fill(url: str, count: int, decided: int) -> tuple[Database, Scope, str]:
    """Make a database of scored prospects, the best of them decided on, and a person's token."""
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
            given = {
                name: NewProspect(
                    ids[name],
                    f"The {name} journal",
                    facts=("DE" if n % 10 == 0 else "FR", "", ""),
                )
                for n, name in enumerate(chosen)
            }
            prospects = add_missing(session, given, source="manual", now=now)
            note_scores(session, [_scores(row) for row in prospects.values()])
    with database.writing(scope) as session:
        best = session.exec(
            select(Prospect.id).order_by(col(Prospect.score_order), col(Prospect.id)).limit(decided)
        ).all()
        for start in range(0, decided, 5_000):
            session.execute(
                update(Prospect)
                .where(col(Prospect.id).in_(best[start : start + 5_000]))
                .values(review=Review.APPROVED)
                .execution_options(synchronize_session=False)
            )
    return database, scope, token


def _scores(prospect_id: int) -> Scores:
    dice = prospect_id * 7919
    score = None if dice % 5 == 0 else dice % 101
    return Scores(prospect_id, score, score, None, None, None, None, None)


def post(app: Flask, path: str, cookie: str, form: dict[str, str]) -> str:
    """Answer one WSGI call as htmx makes it."""
    body = urlencode(form).encode()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
        "HTTP_COOKIE": f"sid={cookie}", "REMOTE_ADDR": "127.0.0.1", "HTTP_HX_REQUEST": "true",
        "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body)),
    }  # fmt: skip
    status: list[str] = []
    answer = app.wsgi_app(environ, lambda code, *_: status.append(code))  # type: ignore[arg-type]
    text = b"".join(answer).decode()
    close = getattr(answer, "close", None)
    if close:
        close()
    if not status[0].startswith("200"):
        raise RuntimeError(f"{path}: {status[0]}")
    return text


def decisions(
    app: Flask, token: str, first: int, requests: int
) -> tuple[list[float], list[float], int]:
    """Decide on one after the other; return milliseconds and CPU of each, and the card's size."""
    following, size = first, 0
    took: list[float] = []
    cpu: list[float] = []
    for number in range(requests + 5):
        began, spent = time.perf_counter(), time.process_time()
        card = post(app, f"/review/{following}", token, {"do": "approved"})
        if number >= 5:  # templates and statements are compiled by the first ones
            took.append(1_000 * (time.perf_counter() - began))
            cpu.append(1_000 * (time.process_time() - spent))
        size = len(card)
        following = int(card.split('action="/review/')[1].split('"')[0])
    return took, cpu, size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prospects", type=int, default=100_000)
    parser.add_argument("--decided", type=int, default=40_000)
    parser.add_argument("--requests", type=int, default=60)
    parser.add_argument("--database", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        url = given.database or f"sqlite:///{Path(name) / 'outreach.db'}"
        database, scope, token = fill(url, given.prospects, given.decided)
        services = WebServices(
            Settings(data_dir=Path(name), environment="test"), database, KEY, SecretBox(KEY),
            lambda *_: None,
        )  # fmt: skip
        app = create_app(services)
        app.config.update(WTF_CSRF_CHECK_DEFAULT=False)  # there is no form to read a token from
        app.before_request(lambda: setattr(g, "csrf_valid", True))
        print(f"{given.prospects:,} prospects, the best {given.decided:,} decided on")
        _time_queue(database, scope)
        with database.reading(scope) as session:
            [first] = next_to_review(session, now=utc_now(), limit=1)
        took, cpu, size = decisions(app, token, first, given.requests)
        print(
            f"decision and next card ({size / 1e3:.0f} kB): median {statistics.median(took):.1f} "
            f"ms, p95 {statistics.quantiles(took, n=20)[-1]:.1f}, slowest {max(took):.1f}; "
            f"CPU median {statistics.median(cpu):.1f} ms"
        )
        database.engine.dispose()


def _time_queue(database: Database, scope: Scope) -> None:
    for what, arguments in QUESTIONS.items():
        wanted, times = ProspectFilter.from_arguments(arguments), []
        for _ in range(9):
            began = time.perf_counter()
            with database.reading(scope) as session:
                next_to_review(session, wanted, now=utc_now())
            times.append(1_000 * (time.perf_counter() - began))
        print(f"next of: {what:28} {statistics.median(times):7.1f} ms, slowest {max(times):.1f}")


if __name__ == "__main__":
    main()
