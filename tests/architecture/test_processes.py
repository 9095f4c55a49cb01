"""What each process loads: a slow import is paid by everyone who starts it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {"numpy", "pandas", "polars", "lxml", "aiohttp", "alembic"}


def _loaded_after(code: str) -> set[str]:
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name.split(".", 1)[0] for name in json.loads(done.stdout.splitlines()[-1])}


def test_help_loads_nothing_of_the_app() -> None:
    code = (
        "import sys\nfrom outreach.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass"
    )
    assert not _loaded_after(code) & {"flask", "sqlalchemy", "sqlmodel", "structlog", *HEAVY}


def test_the_web_process_never_loads_what_only_workers_need(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from outreach.core.settings import Settings
from outreach.wiring.web import web_services
from outreach.app import create_app
from outreach.jobs.queues import LazyWaker
settings = Settings(data_dir=Path({str(tmp_path)!r}), environment="test")
app = create_app(web_services(settings, LazyWaker(settings, "k" * 40).wake))
assert app.test_client().get("/sign-in").status_code == 200
"""
    assert not _loaded_after(code) & (HEAVY | {"selectolax", "imap_tools", "apscheduler"})


@pytest.mark.parametrize(
    ("module", "never"),
    [
        ("outreach.wiring.mail_plugs", {"aiohttp", "protego"}),
        ("outreach.wiring.crawl_plugs", {"imap_tools", "smtplib"}),
    ],
)
def test_mail_and_crawl_do_not_load_each_other(module: str, never: set[str]) -> None:
    assert not _loaded_after(f"import {module}") & never
