"""Say in words what a file changed of what was known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LONGEST_VALUE = 60
_NAMES = {
    "links_to": "link to",
    "rel": "rel",
    "first_seen_on": "first seen",
    "last_seen_on": "last seen",
    "ahrefs_dr": "DR",
    "ahrefs_ur": "UR",
    "moz_da": "DA",
    "moz_pa": "PA",
    "majestic_tf": "Trust Flow",
    "majestic_cf": "Citation Flow",
    "semrush_as": "Authority Score",
}


def changes_in_words(before: Mapping[str, Any] | None) -> str:
    """Say what changed in an updated row: "title: “a” → “b”; DR 40 → 45"."""
    return "; ".join(_told(before or {}))


def _told(before: Mapping[str, Any]) -> Iterator[str]:
    for part in ("page", "site"):
        for name, (old, new) in before.get(part, {}).items():
            yield f"{_name(name)}: {_quoted(old)} → {_quoted(new)}"
    for part in ("metrics", "figures"):
        for source, (old, new) in before.get(part, {}).items():
            yield f"{_name(source)} {_number(old and old[0])} → {_number(new[0])}"
    yield from _of_person(before.get("contact", {}))
    if "review" in before:
        old, new = before["review"]
        yield f"review: {old} → {new}"


def _of_person(before: Mapping[str, Any]) -> Iterator[str]:
    for part in ("texts", "profiles"):
        for name, (old, new) in before.get(part, {}).items():
            yield f"{_name(name)}: {_quoted(old)} → {_quoted(new)}"
    for name in ("address", "site"):
        if name in before:
            yield f"{name}: nothing → {_quoted(before[name])}"


def _name(name: str) -> str:
    return _NAMES.get(name, name.replace("_", " "))


def _quoted(value: object) -> str:
    text = str(value or "")
    if not text:
        return "nothing"
    return f"“{text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + '…'}”"


def _number(value: float | None) -> str:
    if value is None:
        return "nothing"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,}"
