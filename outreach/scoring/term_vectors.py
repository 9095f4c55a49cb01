"""A document as weighted terms: built once, kept as a few kilobytes, compared many times."""

from __future__ import annotations

import json
import math
import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from outreach.scoring.words import stem, telling_words, tokens, vote_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_TERMS = 400
_DAMPING = 0.75  # of repeated terms; measured best for long resource pages


class Field(NamedTuple):
    """One part of a document and how much a word in it counts."""

    name: str
    text: str
    weight: float


@dataclass(slots=True)
class CollectionStats:
    """In how many of the workspace's pages each term occurs."""

    page_count: int = 0
    page_counts: Counter[str] = field(default_factory=Counter)

    def add(self, vector: TermVector) -> None:
        """Count one more page."""
        self.page_count += 1
        self.page_counts.update(vector.weights.keys())

    def remove(self, vector: TermVector) -> None:
        """Take a page out again, before its text is replaced."""
        self.page_count -= 1
        self.page_counts.subtract(vector.weights.keys())

    def idf(self, term: str) -> float:
        """Return how telling a term is: 1 when every page has it, more when few do."""
        return math.log((1 + self.page_count) / (1 + self.page_counts[term])) + 1


@dataclass(frozen=True, slots=True)
class TermVector:
    """A document's heaviest terms.

    Attributes:
        weights: Term → damped count, each occurrence weighted by its field; without idf, which
            changes as the workspace grows.
        fields: Term → names of the fields it stands in, heaviest first.
        token_count: Words of the whole document, stop words included.
        language: ISO 639-1 code, "" when it cannot be told.
        words: Term → a word as written; only for vectors just built, not kept.
    """

    weights: Mapping[str, float]
    fields: Mapping[str, tuple[str, ...]]
    token_count: int
    language: str = ""
    words: Mapping[str, str] = field(default_factory=dict, compare=False)

    def to_bytes(self) -> bytes:
        """Serialise to about 2 kB for a page of 400 terms."""
        names = sorted({name for found in self.fields.values() for name in found})
        rows = [
            [term, weight, [names.index(name) for name in self.fields[term]]]
            for term, weight in self.weights.items()
        ]
        content = [1, self.token_count, self.language, names, rows]
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return zlib.compress(text.encode(), level=6)

    @classmethod
    def from_bytes(cls, data: bytes) -> TermVector:
        """Read what to_bytes wrote."""
        _, token_count, language, names, rows = json.loads(zlib.decompress(data))
        return cls(
            weights={term: weight for term, weight, _ in rows},
            fields={term: tuple(names[at] for at in places) for term, _, places in rows},
            token_count=token_count,
            language=language,
        )


def document_vector(fields: Iterable[Field], *, language: str = "") -> TermVector:
    """Weigh the terms of a document.

    Args:
        fields: Its parts, heaviest first.
        language: What the document declares, as in html lang; "" to vote by stop words.
    """
    counts: dict[str, float] = {}
    places: dict[str, tuple[str, ...]] = {}
    written: dict[str, str] = {}
    everything: list[str] = []
    for part in fields:
        words = tokens(part.text)
        everything += words
        for token, count in Counter(words).items():
            for word in telling_words(token):
                term = stem(word)
                counts[term] = counts.get(term, 0.0) + count * part.weight
                written.setdefault(term, word)
                found = places.get(term, ())
                if part.name not in found:
                    places[term] = (*found, part.name)
    # By damped count alone: with idf, rare words of long pages push the topic out.
    kept = sorted(counts, key=counts.__getitem__, reverse=True)[:MOST_TERMS]
    return TermVector(
        weights={term: round(counts[term] ** _DAMPING, 3) for term in kept},
        fields={term: places[term] for term in kept},
        token_count=len(everything),
        language=language[:2].lower() or vote_language(everything),
        words={term: written[term] for term in kept},
    )
