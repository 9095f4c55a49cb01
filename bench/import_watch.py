"""Somebody else at work while a file is imported: one who writes, or one who reads the list.

`python -m bench.import_watch writer|reader URL FOLDER DONE` goes on until the file DONE is there.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sqlmodel import select

from bench.list_page import ask
from outreach.accounts.models import Membership, Workspace
from outreach.accounts.services import create_user, sign_in
from outreach.accounts.words import Role
from outreach.app import create_app
from outreach.core.clock import utc_now
from outreach.core.db import Database, make_engine
from outreach.core.settings import Settings
from outreach.core.tokens import SecretBox
from outreach.wiring.web import WebServices

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "a key for measuring only, long enough"
_PAUSE = 0.02


def writer(database: Database) -> Callable[[], None]:
    """Change one row, in a transaction of its own."""

    def write() -> None:
        with database.system() as session:
            workspace = session.exec(select(Workspace)).one()
            workspace.name = f"Bench {time.monotonic()}"

    return write


def reader(database: Database, folder: Path) -> Callable[[], None]:
    """Ask for the list of prospects as a signed-in person."""
    with database.system() as session:
        user = create_user(session, email="a@outreach.example", name="Ann", password_hash="!")
        session.add(Membership(workspace_id=1, user_id=user.key, role=Role.OWNER))
        token = sign_in(session, user, now=utc_now())
    services = WebServices(
        Settings(data_dir=folder, environment="test"),
        database,
        KEY,
        SecretBox(KEY),
        lambda *_: None,
    )
    app = create_app(services)
    ask(app, "/prospects/", token)

    def read() -> None:
        ask(app, "/prospects/", token)

    return read


def main() -> None:
    """Do one thing over and over, and tell how long it took."""
    what, url, folder, done = sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
    database = Database(make_engine(url))
    act = writer(database) if what == "writer" else reader(database, folder)
    took = []
    while not done.exists():
        began = time.perf_counter()
        act()
        took.append(1_000 * (time.perf_counter() - began))
        time.sleep(_PAUSE)
    took.sort()
    p95 = took[int(len(took) * 0.95)]
    print(
        f"while it runs, {what}: median {statistics.median(took):.1f} ms, p95 {p95:.1f}, "
        f"longest {took[-1]:.1f} of {len(took):,}",
        flush=True,
    )


if __name__ == "__main__":
    main()
