"""The file that imports are measured with: an Ahrefs-shaped export from a fixed seed."""

from __future__ import annotations

import csv
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SEED = 20_261_121
COLUMNS = (
    "Referring page title", "Referring page URL", "Language", "Platform",
    "Referring page HTTP code", "Domain rating", "UR", "Domain traffic", "Referring domains",
    "Linked domains", "External links", "Page traffic", "Keywords", "Target URL", "Left context",
    "Anchor", "Right context", "Redirect Chain URLs", "Redirect Chain status codes", "Type",
    "Is spam", "Content", "Nofollow", "UGC", "Sponsored", "Rendered", "Raw", "Lost status",
    "Drop reason", "Discovered status", "First seen", "Last seen", "Lost",
)  # fmt: skip
_WORDS = (
    "garden", "soil", "guide", "compost", "worms", "clay", "field", "notes", "spring", "harvest",
    "seeds", "water", "light", "tools", "journal", "city", "roof", "balcony", "winter", "market",
    "bees", "orchard",
)  # fmt: skip


def write_export(path: Path, rows: int) -> None:
    """Write an export with 13 % distinct sites and 14 % repeated pages."""
    dice = random.Random(SEED)
    sites = [
        f"{dice.choice(_WORDS)}-{number}.example" for number in range(max(1, rows * 13 // 100))
    ]
    pages = max(1, rows * 86 // 100)
    with path.open("w", encoding="utf-16", newline="") as file:
        writer = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_ALL)
        writer.writerow(COLUMNS)
        for number in range(rows):
            page = number if number < pages else dice.randrange(pages)
            writer.writerow(_row(dice, sites[page % len(sites)], page))


def _row(dice: random.Random, site: str, page: int) -> tuple[object, ...]:
    title = " ".join(dice.choices(_WORDS, k=7)).capitalize()
    left, right = " ".join(dice.choices(_WORDS, k=12)), " ".join(dice.choices(_WORDS, k=12))
    rating = len(site) * 3 % 90
    return (
        title, f"https://www.{site}/{_WORDS[page % 21]}/{page}?utm_source=list", "en", "wordpress",
        200, rating, rating // 2, rating * 113, rating * 7, 55, 41, dice.randrange(900),
        dice.randrange(40), f"https://ours.example/guide-{page % 40}", left, dice.choice(_WORDS),
        right, "", "", "text", "false", "true", "true" if page % 5 == 0 else "false", "false",
        "false", "false", "true", "", "", "", "2026-01-02 10:00:00", "2026-11-01 10:00:00", "",
    )  # fmt: skip
