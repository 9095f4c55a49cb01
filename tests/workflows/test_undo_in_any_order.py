"""Files and people's edits in any order, some files taken back: as if those had never been there.

Each trial plays one story of a fixed seed in two workspaces. In one, every file is imported and
some are taken back, in any order; in the other these are never imported. Both must hold the same.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from outreach.core.db import Database, Scope
from outreach.desk.recount import wrong_columns
from outreach.imports.models import ImportFile
from outreach.imports.queries import count_verdicts, get_import_file
from outreach.prospects.models import Prospect, ProspectPage, VendorMetric
from outreach.prospects.page_texts import PageText, note_page_texts
from outreach.prospects.services import PageDraft, edit_page
from outreach.workflows import import_file, undo_import
from outreach.workflows.import_file import run_import
from tests.factories import make_workspace
from tests.factories_imports import NOW, drop_file, start_file, tools_in, undo

SEEDS = range(6)  # forty of them held when this was written
FILES, LINES, SITES, PAGES = 4, 7, 3, 3
HEADER = (
    "Referring page title", "Referring page URL", "Language", "Domain rating", "UR", "Page traffic",
    "Domain traffic", "Target URL", "Anchor", "Nofollow", "First seen", "Last seen",
)  # fmt: skip
DISAVOWED = "domain:site{}.example"


@dataclass(frozen=True)
class Step:
    """A file somebody drops, or something a person or a look at the web does."""

    kind: str
    text: str
    file: int = -1
    day: datetime = NOW


def story(dice: random.Random) -> list[Step]:
    days = sorted(dice.sample(range(30), FILES))
    if dice.random() < 0.3:
        dice.shuffle(days)  # figures of an older day say nothing over a newer
    steps = []
    for number, day in enumerate(days):
        is_disavowal = dice.random() < 0.2
        text = disavowal(dice) if is_disavowal else export(dice)
        steps.append(Step("file", text, number, NOW - timedelta(days=day)))
        while dice.random() < 0.4:
            kind = dice.choice(("edit", "read"))
            steps.append(Step(kind, f"{kind} {len(steps)}", day=NOW))
    return steps


def disavowal(dice: random.Random) -> str:
    chosen = dice.sample(range(SITES), 2)
    return "# not these\n" + "\n".join(DISAVOWED.format(n) for n in chosen) + "\n"


def export(dice: random.Random) -> str:
    return "\n".join("\t".join(row) for row in (HEADER, *(line(dice) for _ in range(LINES)))) + "\n"


def line(dice: random.Random) -> tuple[str, ...]:
    def maybe(*choices: str) -> str:
        return dice.choice(("", *choices))

    site, page = dice.randrange(SITES), dice.randrange(PAGES)
    return (
        maybe("Soil", "Worms", "Clay"),
        f"https://site{site}.example/page-{page}",
        maybe("en", "de"),
        maybe("10", "20", "30"),
        maybe("1", "2"),
        maybe("100", "200"),
        maybe("1000", "2000"),
        maybe("https://garden.example/a", "https://garden.example/b"),
        maybe("soil", "worms"),
        dice.choice(("true", "false")),
        maybe("2026-01-01", "2026-02-01", "2026-03-01"),
        maybe("2026-08-01", "2026-09-01", "2026-10-01"),
    )


class World:
    """One workspace in which the story is played."""

    def __init__(self, database: Database, scope: Scope, data_dir: Path) -> None:
        self.database, self.scope, self.data_dir = database, scope, data_dir
        self.files: dict[int, int] = {}

    def drop(self, step: Step) -> None:
        file_id = drop_file(
            self.database, self.scope, self.data_dir, step.text, name=f"{step.file}.csv"
        )
        with self.database.writing(self.scope) as session:
            get_import_file(session, file_id).created_at = step.day
        job_id = start_file(self.database, self.scope, file_id)
        run_import(self.database, self.scope, job_id, tools_in(self.data_dir))
        self.files[step.file] = file_id

    def keys(self) -> set[str]:
        with self.database.reading(self.scope) as session:
            return set(session.exec(select(ProspectPage.url_key)))

    def change(self, step: Step, key: str) -> None:
        with self.database.writing(self.scope) as session:
            page = session.exec(select(ProspectPage).where(ProspectPage.url_key == key)).one()
            if step.kind == "read":
                read = PageText(page.key, step.text, f"About {step.text}", "fr", "Text")
                note_page_texts(session, [read], now=NOW)
            elif not page.read_at:
                edit_page(session, page, PageDraft(step.text, "By hand", "gardens"))

    def contents(self) -> dict[str, Any]:
        """All business columns, with files named by their number in the story."""
        hidden = {"id", "workspace_id", "site_id", "prospect_id", "created_at", "updated_at"}
        hidden |= {"read_at", "is_search_stale"}
        names = {file_id: number for number, file_id in self.files.items()}
        with self.database.reading(self.scope) as session:
            assert wrong_columns(session) == []
            domains = {row.id: row.domain for row in session.exec(select(Prospect))}
            found: dict[str, Any] = {}
            for model in (Prospect, ProspectPage, VendorMetric):
                for row in session.exec(select(model).order_by(col(model.id))):
                    said = row.model_dump(exclude=hidden)
                    file_id = said.pop("import_file_id", None)
                    said["file"] = names.get(file_id, file_id)
                    kind, _, number = said.pop("source", "").partition(":")
                    named = (names.get(int(number)) if number else None, kind)
                    site = domains.get(getattr(row, "prospect_id", row.id), "")
                    key = (model.__name__, site, said.get("url_key", kind))
                    found[str(key)] = {**said, "source": named}
            return found

    def prove_counts(self) -> None:
        with self.database.reading(self.scope) as session:
            for file in session.exec(select(ImportFile)):
                assert count_verdicts(session, file.key) == file.counts


def differences(full: dict[str, Any], lean: dict[str, Any]) -> dict[Any, Any]:
    return {
        (key, name): (full.get(key, {}).get(name), lean.get(key, {}).get(name))
        for key in full.keys() | lean.keys()
        for name in full.get(key, {}).keys() | lean.get(key, {}).keys()
        if full.get(key, {}).get(name) != lean.get(key, {}).get(name)
    }


@pytest.fixture(autouse=True)
def _few_rows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_file, "ROWS_AT_ONCE", 4)
    monkeypatch.setattr(undo_import, "ROWS_AT_ONCE", 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_files_taken_back_in_any_order_leave_what_the_others_said(
    database: Database, scope: Scope, tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)
    steps = story(dice)
    gone = dice.sample(range(FILES), dice.randrange(1, FILES))
    full = World(database, scope, tmp_path / "full")
    lean = World(database, make_workspace(database), tmp_path / "lean")
    for step in steps:
        if step.kind == "file":
            full.drop(step)
            if step.file not in gone:
                lean.drop(step)
            elif dice.random() < 0.3:
                undo(database, scope, full.files[step.file])
                gone.remove(step.file)
        elif shared := sorted(full.keys() & lean.keys()):
            key = dice.choice(shared)
            full.change(step, key)
            lean.change(step, key)

    for number in gone:
        undo(database, scope, full.files[number])

    assert differences(full.contents(), lean.contents()) == {}
    full.prove_counts()
