"""What a page or a site would hold had one row of a file never been taken in.

Each row keeps in `before` what it changed, as [old, new], and under "said" what else it said. That
is enough to let the rows after it speak again: what they found is rewritten, and what stands at the
end is what they would have made of it. What a person changed in between, or since, stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from outreach.prospects.rules import PAGE_FACTS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

BROUGHT: Any = object()  # stands for what the row that brought a page or site gave it
PAGE, FIGURES, SITE, METRICS = "page", "figures", "site", "metrics"
SAID, SAME, FILLS, TITLE, BRINGS = "said", "same", "fills", "title", "brings"
_BITS = {name: 1 << at for at, name in enumerate(PAGE_FACTS)}


@dataclass(slots=True)
class LaterRow:
    """A row of another import about the same page or site, taken in after."""

    order: tuple[bool, int]
    import_file_id: int
    is_heir: bool = False  # of an import of the same bytes: whatever this file said, it said too
    before: dict[str, Any] = field(default_factory=dict)
    is_rewritten: bool = False

    def change_of(self, part: str, name: str) -> list[Any] | None:
        """Return [old, new] of a column this row changed."""
        found: list[Any] | None = self.before.get(part, {}).get(name)
        return found

    def says(self, part: str, name: str, held: Any) -> Any:
        """Return what the row says of a column it did not change; None for nothing."""
        said = self.before.get(SAID, {})
        if part == PAGE and said.get(SAME, 0) & _BITS[name]:
            return held
        return said.get(part, {}).get(name)

    def note(self, part: str, name: str, old: Any, said: Any, new: Any) -> None:
        """Keep what the row now finds, and makes of it."""
        self.is_rewritten = True
        self._forget(part, name)
        if new != old:
            self.before.setdefault(part, {})[name] = [old, new]
            return
        besides = self.before.setdefault(SAID, {})
        if part == PAGE and said == old:
            besides[SAME] = besides.get(SAME, 0) | _BITS[name]
        else:
            besides.setdefault(part, {})[name] = said

    def take_over(self, part: str) -> None:
        """Be the row that brought the page or site, as the one before it is taken back."""
        self.is_rewritten = True
        self.before[BRINGS] = [*self.before.get(BRINGS, ()), part]

    def inherit(self, before: Mapping[str, Any], parts: Collection[str]) -> None:
        """Have made the changes of a row of the same bytes, which is taken back."""
        self.is_rewritten = True
        for part in parts:
            mine = self.before.get(part, {})
            given = {
                name: [old, mine[name][1] if name in mine else self._as_mine(part, new)]
                for name, (old, new) in before.get(part, {}).items()
            }
            if given:
                self.before[part] = {**mine, **given}
        if SAID in before:
            self.before[SAID] = {**before[SAID], **self.before.get(SAID, {})}

    def _as_mine(self, part: str, new: Any) -> Any:
        return [*new[:2], self.import_file_id] if part == METRICS else new

    def _forget(self, part: str, name: str) -> None:
        besides = self.before.get(SAID, {})
        if part == PAGE and SAME in besides:
            besides[SAME] &= ~_BITS[name]
        for holder in (self.before, besides):
            if name in holder.get(part, {}):
                del holder[part][name]
                if not holder[part]:
                    del holder[part]


def nothing(part: str, name: str) -> Any:
    """Return what a column holds of which nobody said anything."""
    return None if part in {FIGURES, METRICS} or name.endswith("_on") else ""


def replay(
    part: str, name: str, change: tuple[Any, Any], later: Sequence[LaterRow], held: Any
) -> Any:
    """Take one row's say over one column out; return what the column holds without it.

    Args:
        part: PAGE, FIGURES, SITE or METRICS.
        name: The column, or the figure's source.
        change: What the row found and what it made of it, or BROUGHT.
        later: The rows after it, in order; what they found is rewritten.
        held: What the column holds now.
    """
    would, was = change
    if was is BROUGHT:
        was = _first_found(part, name, later, held)
    for row in later:
        if would == was:
            return held
        changed = row.change_of(part, name)
        if changed is not None and changed[0] != was:
            return held  # somebody changed it in between, so from here on all is as it was
        said = changed[1] if changed is not None else row.says(part, name, was)
        was = changed[1] if changed is not None else was
        if said:
            made = _made_of(part, name, would, said, fills=FILLS in row.before.get(SAID, {}))
            row.note(part, name, would, said, made)
            would = made
    return would if held == was else held


def _first_found(part: str, name: str, later: Sequence[LaterRow], held: Any) -> Any:
    """Return what stood when the first row after changed it, or what stands if none did."""
    changes = (row.change_of(part, name) for row in later)
    return next((change[0] for change in changes if change is not None), held)


def _made_of(part: str, name: str, old: Any, said: Any, *, fills: bool) -> Any:
    """Return what a row makes of what it finds, as `merge_facts` and its like decide."""
    if not old:
        return said
    if part in {FIGURES, METRICS}:
        return _newer(part, old, said)
    if name == "first_seen_on":
        return min(old, said)
    if name == "last_seen_on":
        return max(old, said)
    return old if fills or part == SITE else said


def _newer(part: str, old: list[Any], said: list[Any]) -> list[Any]:
    if str(said[1]) < str(old[1]):
        return old
    is_same = part == METRICS and said[:2] == old[:2]  # whoever said it first keeps having said it
    return old if is_same else said


def said_besides(
    known: Sequence[Any], given: Sequence[Any], changed: Sequence[str] | dict[str, Any]
) -> dict[str, Any]:
    """Return what a row says of a page's facts without changing them, in JSON's terms.

    Args:
        known: The page's facts as the row leaves them, in the order of PAGE_FACTS.
        given: The row's.
        changed: The columns it changed.
    """
    same, unheard = 0, dict[str, Any]()
    for at, value in enumerate(given):
        name = PAGE_FACTS[at]
        if not value or name in changed:
            continue
        if value == known[at]:
            same |= 1 << at
        else:
            unheard[name] = value.isoformat() if hasattr(value, "isoformat") else value
    return {**({SAME: same} if same else {}), **({PAGE: unheard} if unheard else {})}
