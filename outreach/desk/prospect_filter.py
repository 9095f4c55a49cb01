"""What the list of prospects is narrowed to and sorted by, as the parts of an address."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from outreach.prospects.words import Review

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Figures that may be given a least and a most; the names stand in addresses.
FIGURES = ("score", "relevance", "authority", "dr", "da", "tf", "as", "traffic")
# Words that may be one of several.
WORDS = ("stage", "tactic", "topic", "country", "language")
# What the list is sorted by, and whether the largest comes first.
SORTS = {
    "score": True, "relevance": True, "authority": True, "dr": True, "da": True, "tf": True,
    "as": True, "traffic": True, "contacted": True, "newest": True, "domain": False,
    "stage": False, "tactic": False, "topic": False, "country": False, "language": False,
    "owner": False,
}  # fmt: skip
ME, NOBODY = "me", "nobody"

_FIELD = re.compile(r"field_(\d{1,9})(_min|_max)?")
_LARGEST = 2**31 - 1
_YES_NO = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Span:
    """The least and the most a figure may be; None is no limit."""

    figure: str
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class FieldTest:
    """What a custom field must hold: a text, or a number or day between two."""

    field_id: int
    equals: str = ""
    low: str = ""
    high: str = ""


@dataclass(frozen=True, slots=True)
class ProspectFilter:
    """What the list is narrowed to; the defaults show everything, best score first."""

    review: Review | None = None
    asset_id: int | None = None
    is_unknown: bool = False
    has_contact: bool | None = None
    is_resting: bool | None = None
    contacted_after: date | None = None
    contacted_before: date | None = None
    is_uncontacted: bool = False
    added_since: date | None = None
    import_file_id: int | None = None
    owner: str = ""  # "me", "nobody" or a person's id
    tag_ids: tuple[int, ...] = ()  # any of them
    is_untagged: bool = False
    spans: tuple[Span, ...] = ()
    words: tuple[tuple[str, tuple[str, ...]], ...] = ()  # name → any of these
    fields: tuple[FieldTest, ...] = ()
    search: str = ""
    sort: str = "score"
    is_reversed: bool = False

    @classmethod
    def from_arguments(cls, given: Mapping[str, str]) -> ProspectFilter:
        """Read a filter out of an address; what makes no sense is left out."""
        found: dict[str, Any] = {}
        for name, (attribute, read, _) in _SCALARS.items():
            value = read(given.get(name, "").strip())
            if value is not None:
                found[attribute] = value
        if given.get("tag", "") == "none":
            found["is_untagged"] = True
        return cls(**found, spans=_spans(given), words=_words(given), fields=_field_tests(given))

    def to_arguments(self) -> dict[str, str]:
        """Return the filter as the parts of an address, without what is left at its default."""
        said = {
            name: write(getattr(self, attribute))
            for name, (attribute, _, write) in _SCALARS.items()
            if getattr(self, attribute) != getattr(_EVERYTHING, attribute)
        }
        if self.is_untagged:
            said["tag"] = "none"
        for span in self.spans:
            said |= _limits(span.figure, span.low, span.high)
        said |= {name: ",".join(values) for name, values in self.words}
        for test in self.fields:
            name = f"field_{test.field_id}"
            said |= {name: test.equals} if test.equals else {}
            said |= _limits(name, test.low or None, test.high or None)
        return said

    def without(self, *names: str) -> ProspectFilter:
        """Return the same filter without some parts of its address."""
        left = {name: value for name, value in self.to_arguments().items() if name not in names}
        return ProspectFilter.from_arguments(left)

    def sorted_by(self, sort: str, *, is_reversed: bool = False) -> ProspectFilter:
        """Return the same filter in another order."""
        return replace(self, sort=sort, is_reversed=is_reversed)

    @property
    def is_descending(self) -> bool:
        """True while the largest, newest or best comes first."""
        return SORTS[self.sort] is not self.is_reversed

    @property
    def narrowing(self) -> dict[str, str]:
        """The parts of the address that leave prospects out; empty for everything."""
        order = {"sort", "dir"}
        return {name: value for name, value in self.to_arguments().items() if name not in order}


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 11 and int(text) <= _LARGEST else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _true_if(word: str) -> Callable[[str], bool | None]:
    return lambda text: True if text == word else None


def _ids(text: str) -> tuple[int, ...] | None:
    found = [_whole(part) for part in text.split(",")]
    return tuple(sorted({number for number in found if number is not None})) or None


def _owner(text: str) -> str | None:
    return text if text in {ME, NOBODY} or _whole(text) is not None else None


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"


# Part of the address → attribute, how it is read (None: it makes no sense), how it is written.
_SCALARS: dict[str, tuple[str, Callable[[str], Any], Callable[[Any], str]]] = {
    "review": ("review", lambda text: Review(text) if text in set(Review) else None, str),
    "asset": ("asset_id", _whole, str),
    "unknown": ("is_unknown", _true_if("1"), lambda _: "1"),
    "contact": ("has_contact", _YES_NO.get, _yes_no),
    "resting": ("is_resting", _YES_NO.get, _yes_no),
    "contacted": ("is_uncontacted", _true_if("never"), lambda _: "never"),
    "contacted_after": ("contacted_after", _day, date.isoformat),
    "contacted_before": ("contacted_before", _day, date.isoformat),
    "added": ("added_since", _day, date.isoformat),
    "file": ("import_file_id", _whole, str),
    "owner": ("owner", _owner, str),
    "tag": ("tag_ids", _ids, lambda ids: ",".join(map(str, ids))),
    "q": ("search", lambda text: text[:200] or None, str),
    "sort": ("sort", lambda text: text if text in SORTS else None, str),
    "dir": ("is_reversed", _true_if("reversed"), lambda _: "reversed"),
}
_EVERYTHING = ProspectFilter()


def _spans(given: Mapping[str, str]) -> tuple[Span, ...]:
    found = []
    for figure in FIGURES:
        low = _whole(given.get(f"{figure}_min", "").strip())
        if figure == "score" and low is None:
            low = _whole(given.get("min", ""))  # as links of older pages say it
        high = _whole(given.get(f"{figure}_max", "").strip())
        if low is not None or high is not None:
            found.append(Span(figure, low, high))
    return tuple(found)


def _words(given: Mapping[str, str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = []
    for name in WORDS:
        text = given.get(name, "").strip()[:400]
        parts = [text] if name == "topic" else [part.strip() for part in text.split(",")]
        if values := tuple(dict.fromkeys(part for part in parts if part)):
            found.append((name, values))
    return tuple(found)


def _field_tests(given: Mapping[str, str]) -> tuple[FieldTest, ...]:
    found: dict[int, dict[str, str]] = {}
    for name, value in given.items():
        match = _FIELD.fullmatch(name)
        if match and value.strip():
            part = {"_min": "low", "_max": "high"}.get(match[2] or "", "equals")
            found.setdefault(int(match[1]), {})[part] = value.strip()[:200]
    return tuple(FieldTest(field_id, **parts) for field_id, parts in sorted(found.items()))


def _limits(name: str, low: object, high: object) -> dict[str, str]:
    both = {f"{name}_min": low, f"{name}_max": high}
    return {key: str(value) for key, value in both.items() if value is not None}
