"""The files of the sample workspace, read from `seed_data`; its README names their sources."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from string import Template
from typing import TYPE_CHECKING, Any

from outreach.core.paths import shipped

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from outreach.core.tokens import SecretBox
    from outreach.ports.mail import MailSender

# What is imported, in this order, as somebody would: three files dropped on the page.
IMPORTED = ("resource-sites.csv", "publishers.csv", "referring-domains.csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTools:
    """What loading needs beside the database.

    Attributes:
        data_dir: Where imported files are kept.
        key: The installation's secret key.
        box: Seals mailbox passwords; the sample's mailbox has none.
        capture: Takes every mail and hands it to nobody.
        on_progress: Told what is being done, in words.
    """

    data_dir: Path
    key: str
    box: SecretBox
    capture: MailSender
    on_progress: Callable[[str], None] = lambda _said: None


@dataclass(slots=True)
class StoryClock:
    """The sample's own present moment, which its history moves through."""

    now: datetime

    def __call__(self) -> datetime:
        """Return the moment the history has reached."""
        return self.now


@dataclass(frozen=True, slots=True)
class SampleFiles:
    """Everything the sample is made of."""

    folder: Path
    workspace: dict[str, Any]
    story: dict[str, Any]
    people: list[dict[str, str]]
    ranks: list[dict[str, str]]
    linking_page: Template


def read_sample() -> SampleFiles:
    """Read the shipped files."""
    folder = shipped("seed_data")
    return SampleFiles(
        folder=folder,
        workspace=_json(folder / "workspace.json"),
        story=_json(folder / "story.json"),
        people=_rows(folder / "people.csv"),
        ranks=_rows(folder / "open-ranks.csv"),
        linking_page=Template((folder / "linking-page.html").read_text(encoding="utf-8")),
    )


def _json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
