"""The colours of tokens.css keep their contrast in light and in dark. Needs no browser."""

from __future__ import annotations

import re

import pytest

from outreach.core.paths import static_folder

PAIR = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
TEXT, CONTROL = 4.5, 3.0
SURFACES = ("surface-0", "surface-1", "surface-2", "surface-float")
STATES = ("good", "warn", "bad", "info")
WANTED = [
    *[(front, back, TEXT) for front in ("text", "text-muted", "accent") for back in SURFACES],
    *[(f"state-{state}", f"state-{state}-soft", TEXT) for state in STATES],
    *[(f"state-{state}", back, TEXT) for state in STATES for back in SURFACES],
    *[("text", f"state-{state}-soft", TEXT) for state in STATES],
    *[
        ("text-muted", "surface-3", TEXT),
        ("text", "surface-3", TEXT),
        ("text", "accent-soft", TEXT),
    ],
    *[("text-muted", "accent-soft", TEXT), ("on-accent", "accent", TEXT)],
    ("on-accent", "accent-hover", TEXT),
    *[("line-strong", back, CONTROL) for back in SURFACES],
]


def tokens() -> dict[str, tuple[str, str]]:
    sheet = (static_folder() / "css" / "tokens.css").read_text(encoding="utf-8")
    return {name: (light, dark) for name, light, dark in PAIR.findall(sheet)}


def luminance(colour: str) -> float:
    """Relative luminance, 0-1, as WCAG 2.2 defines it."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_the_standard_does() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#ffffff", "#777777") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), WANTED)
def test_words_and_controls_stand_out(front: str, back: str, least: float, theme: int) -> None:
    found = tokens()
    assert contrast(found[front][theme], found[back][theme]) >= least
