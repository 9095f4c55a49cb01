"""What the documents promise to list, they list."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from outreach.core.settings import Settings
from outreach.jobs.schedule import TICKS

ROOT = Path(__file__).parents[2]


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `OUTREACH_([A-Z_]+)`", text, flags=re.MULTILINE))
    assert documented == {item.name.upper() for item in fields(Settings)}


def test_every_scheduled_job_is_documented_and_nothing_else_is() -> None:
    text = (ROOT / "docs" / "jobs.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([a-z_]+)`", text, flags=re.MULTILINE))
    assert documented == {tick.name for tick in TICKS}
    assert documented


def test_every_package_is_on_the_map() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    packages = {path.parent.name for path in (ROOT / "outreach").glob("*/__init__.py")}
    missing = {name for name in packages if f"`{name}`" not in text}
    assert missing == set()


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "LICENSE"])
def test_the_documents_everyone_looks_for_are_there(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8")) > 200


def test_no_registry_is_named_in_what_we_ship() -> None:
    files = [*(ROOT / "requirements").glob("*.lock"), ROOT / "pyproject.toml", ROOT / "Makefile"]
    host = re.compile(r"index-url|https?://[\w.]*pypi|files\.pythonhosted")
    assert [path.name for path in files if host.search(path.read_text(encoding="utf-8"))] == []
