"""What a pitch template may do to a value: seven filters, each with constant arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONGEST_ARGUMENT = 500
_MOST_CHARACTERS = 2_000


class Unfilled:
    """Stands for a merge field without a value.

    It is false in a condition and equal to nothing but the empty text; printed, it notes its name,
    so that a message with a hole in it is never sent.
    """

    __slots__ = ("_field", "_holes")

    def __init__(self, field: str, holes: list[str]) -> None:
        self._field = field
        self._holes = holes

    def __str__(self) -> str:
        if self._field not in self._holes:
            self._holes.append(self._field)
        return ""

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return other == ""

    def __hash__(self) -> int:
        return hash("")

    def __iter__(self) -> Iterator[str]:
        return iter(())


class Listed(list[str]):
    """Several texts; printed, they are parted by commas."""

    def __str__(self) -> str:
        return ", ".join(self)


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter: what it does, the type of its argument (None: it takes none), and its help."""

    apply: Callable[..., object]
    argument: type | None
    help: str


def _on_text(change: Callable[[str], str]) -> Callable[[object], object]:
    def apply(value: object) -> object:
        return value if isinstance(value, Unfilled) else change(str(value))

    return apply


def _default(value: object, fallback: str) -> object:
    return fallback if value == "" else value


def _truncate(value: object, length: int) -> object:
    """Cut at a word where there is one, and show that something is missing."""
    if isinstance(value, Unfilled):
        return value
    text, length = str(value), max(1, min(length, _MOST_CHARACTERS))
    if len(text) <= length:
        return text
    kept = text[: length - 1]
    at_word = kept.rsplit(None, 1)[0] if " " in kept else kept
    return at_word.rstrip(" ,;:–-") + "…"


def _join(value: object, separator: str) -> object:
    return separator.join(value) if isinstance(value, Listed) else value


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]


FILTERS: dict[str, Filter] = {
    "default": Filter(_default, str, '|default("there"): used when the field is empty'),
    "lower": Filter(_on_text(str.lower), None, "|lower: small letters"),
    "upper": Filter(_on_text(str.upper), None, "|upper: capital letters"),
    "capitalize": Filter(_on_text(_capitalize), None, "|capitalize: first letter large"),
    "trim": Filter(_on_text(str.strip), None, "|trim: no blanks around it"),
    "truncate": Filter(_truncate, int, "|truncate(80): at most so many characters"),
    "join": Filter(_join, str, '|join(" or "): a list with words between'),
}
