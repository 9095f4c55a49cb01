"""Texts as the words they are found by, and what people type as a question for those words.

Two kinds of word are kept for a record: every word of its texts (`w`), and the beginnings of the
words of its names (`p`), so that a search finds "garden" while somebody has typed "gard". All words
are folded the same way on both sides: case, width and accents do not matter.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_WORDS = 3_000  # of one record
LONGEST_WORD = 40
SHORTEST_BEGINNING, LONGEST_BEGINNING = 3, 12
MOST_ASKED = 12
LONGEST_QUESTION = 200
EVERY = "a"  # the word every record has

_WORD = re.compile(r"[^\W_]+")
_HYPHENATED = re.compile(r"[^\W_]+(?:-[^\W_]+)+")
_PART = re.compile(r'(?<!\S)(-?)(?:"([^"]*)"?|(\S+))')
# Writing that puts no spaces between words is kept as overlapping pairs of letters.
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]{2,}")


@dataclass(frozen=True, slots=True)
class Question:
    """What must be found, each as a choice of words, and what must not."""

    wanted: tuple[tuple[str, ...], ...] = ()
    unwanted: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wanted or self.unwanted)


def folded(text: str) -> str:
    """Fold case, width and accents."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return unicodedata.normalize("NFKC", kept)


def words_in(text: str) -> Iterator[str]:
    """Yield the words of a text, folded, in order and with repetitions."""
    for word in _WORD.findall(folded(text)):
        if word.isascii() or not _UNSPACED.search(word):
            yield word[:LONGEST_WORD]
        else:
            yield from _pairs(word)


def index_words(names: Iterable[str], texts: Iterable[str] = ()) -> list[str]:
    """Return the words to keep for one record, once each.

    Args:
        names: What it is called: domain, title, name, address. Found by their beginnings too.
        texts: What else is said of it.
    """
    found: dict[str, None] = {}
    for name in names:
        for word in words_in(name):
            found.update(_forms(word))
        for joined in _HYPHENATED.findall(name):
            found.update(_forms(folded(joined).replace("-", "")[:LONGEST_WORD]))
    rest = (f"w{word}" for word in chain.from_iterable(words_in(text) for text in texts))
    found.update(dict.fromkeys(islice(rest, 20 * MOST_WORDS)))
    return [EVERY, *islice(found, MOST_WORDS)] if found else []


def parse_question(text: str, *, is_typing: bool = True) -> Question:
    """Read what a person typed: words, "exact" words, -unwanted words. Nothing is an error.

    Args:
        text: As typed.
        is_typing: The last word may be unfinished: it also finds names that begin with it.
    """
    wanted: list[tuple[str, ...]] = []
    unwanted: list[str] = []
    is_open = False
    for minus, quoted, plain in _PART.findall(text[:LONGEST_QUESTION]):
        words = list(words_in(quoted or plain))
        if minus:
            is_open = False
            unwanted += [f"w{word}" for word in words]
            continue
        wanted += [(f"w{word}",) for word in words]
        is_open = bool(plain and words)
    if is_typing and is_open and not text[-1:].isspace():
        wanted[-1] = _or_beginning(wanted[-1][0])
    return Question(tuple(dict.fromkeys(wanted[:MOST_ASKED])), tuple(unwanted[:MOST_ASKED]))


def _or_beginning(word: str) -> tuple[str, ...]:
    letters = word[1:]
    if len(letters) < SHORTEST_BEGINNING:
        return (word,)
    return (word, f"p{letters[:LONGEST_BEGINNING]}")


@lru_cache(maxsize=65_536)
def _forms(word: str) -> dict[str, None]:
    """A word of a name and its beginnings; titles share most of their words."""
    last = min(len(word), LONGEST_BEGINNING)
    beginnings = (f"p{word[:length]}" for length in range(SHORTEST_BEGINNING, last + 1))
    return dict.fromkeys((f"w{word}", *beginnings))


def _pairs(word: str) -> Iterator[str]:
    at = 0
    for run in _UNSPACED.finditer(word):
        if run.start() > at:
            yield word[at : run.start()][:LONGEST_WORD]
        letters = run.group()
        yield from (letters[start : start + 2] for start in range(len(letters) - 1))
        at = run.end()
    if at < len(word):
        yield word[at:][:LONGEST_WORD]
