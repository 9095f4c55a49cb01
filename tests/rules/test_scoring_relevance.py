from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.scoring.authority import authority
from outreach.scoring.relevance import (
    Basis,
    PageIndex,
    RelevanceState,
    asset_vector,
    page_vector,
    relevance,
    scaled,
)
from outreach.scoring.term_vectors import MOST_TERMS, CollectionStats, TermVector
from outreach.scoring.total import TotalWeights, total
from outreach.scoring.words import stem, telling_words, tokens, vote_language

FILLER = " ".join(f"The reader of chapter {name} will find it here." for name in "abcdefgh")
GARDEN = page_vector(
    title="Growing carrots", description="Compost and soil", text=f"Carrot plants. {FILLER}"
)
CARS = page_vector(
    title="Fast cars", description="Engines and tyres", text=f"Racing weekend. {FILLER}"
)
SOIL = page_vector(title="Soil maps", description="", text=f"Compost, compost. {FILLER}")
PAGES = (GARDEN, CARS, SOIL)
ASSET = asset_vector(
    title="The carrot and soil atlas", description="Compost for carrots", keywords=["mulch"]
)


def collection(*pages: TermVector) -> CollectionStats:
    stats = CollectionStats()
    for page in pages:
        stats.add(page)
    return stats


STATS = collection(*PAGES)


@pytest.mark.parametrize(
    ("similarity", "points"),
    [(0, 5), (0.01, 29), (0.02, 49), (0.03, 64), (0.05, 80), (0.08, 89), (0.2, 98)],
)
def test_the_curve_is_the_documented_one(similarity: float, points: float) -> None:
    value, low, high = scaled(similarity, Basis.PAGE_TEXT)
    assert value == pytest.approx(points, abs=1)
    assert low < value < high


def test_a_page_on_the_topic_scores_above_one_that_is_not() -> None:
    garden, cars = relevance(ASSET, GARDEN, STATS), relevance(ASSET, CARS, STATS)
    assert garden.is_known
    assert garden.value > 90
    assert cars.value == pytest.approx(scaled(0, Basis.PAGE_TEXT)[0])
    assert cars.contributions == ()


def test_a_score_names_its_terms_their_fields_and_what_is_missing() -> None:
    found = relevance(ASSET, GARDEN, STATS)
    assert [(part.word, part.fields) for part in found.contributions] == [
        ("carrot", ("title", "text")),
        ("soil", ("description",)),
        ("compost", ("description",)),
    ]
    assert sum(part.share for part in found.contributions) == pytest.approx(1)
    assert found.missing == ("atlas", "mulch")


def test_cosine_is_that_of_damped_counts_times_idf() -> None:
    asset = asset_vector(title="alpha", description="beta beta")
    page = page_vector(title="alpha", description="", text="gamma " * 60)
    stats = collection(page, SOIL)
    a, b = 2**0.75 * stats.idf("alpha"), 2**0.75 * stats.idf("beta")
    x, y = 3**0.75 * stats.idf("alpha"), 60**0.75 * stats.idf("gamma")
    expected = a * x / math.hypot(a, b) / math.hypot(x, y)
    assert relevance(asset, page, stats).similarity == pytest.approx(expected, rel=1e-3)


def test_idf_counts_pages_and_forgets_those_taken_out() -> None:
    stats = collection(GARDEN, CARS, SOIL)
    assert stats.idf("compost") == pytest.approx(math.log(4 / 3) + 1)
    assert stats.idf("never") == pytest.approx(math.log(4) + 1)
    stats.remove(GARDEN)
    assert stats.idf("compost") == pytest.approx(math.log(3 / 2) + 1)


def test_a_page_of_few_words_has_no_score() -> None:
    short = page_vector(title="Tomato", description="Compost and soil", text="Atlas")
    found = relevance(ASSET, short, STATS)
    assert (found.state, found.is_known) == (RelevanceState.NOT_ENOUGH_TEXT, False)
    assert (found.value, found.low, found.high) == (50, 20, 80)


def test_an_imported_description_is_scored_with_a_wider_interval() -> None:
    short = page_vector(title="Tomato atlas", description="Compost and soil for all")
    by_text = scaled(0.02, Basis.PAGE_TEXT)
    by_description = scaled(0.02, Basis.IMPORTED_DESCRIPTION)
    assert by_description[1] < by_text[1] < by_text[0] == by_description[0]
    found = relevance(ASSET, short, STATS, basis=Basis.IMPORTED_DESCRIPTION)
    assert (found.is_known, found.basis) == (True, Basis.IMPORTED_DESCRIPTION)
    bare = page_vector(title="Tomato", description="")
    found = relevance(ASSET, bare, STATS, basis=Basis.IMPORTED_DESCRIPTION)
    assert found.state is RelevanceState.NOT_ENOUGH_TEXT


def test_pages_in_another_language_have_no_score() -> None:
    german = page_vector(
        title="Tomaten", description="", text="Das ist der Boden und die Erde, nicht mit dem " * 8
    )
    english = asset_vector(
        title="Tomato", description="This is the soil of the garden, and it is not for you"
    )
    assert (german.language, english.language) == ("de", "en")
    assert relevance(english, german, STATS).state is RelevanceState.DIFFERENT_LANGUAGE
    declared = page_vector(title="Tomato", description="soil " * 60, language="fr-FR")
    assert relevance(english, declared, STATS).state is RelevanceState.DIFFERENT_LANGUAGE
    unsure = page_vector(title="Tomato", description="soil " * 60)
    assert relevance(english, unsure, STATS).is_known


def test_many_pages_at_once_give_the_same_cosines() -> None:
    many = PageIndex([*PAGES, page_vector(title="", description="")], STATS).similarities(ASSET)
    for page, similarity in zip(PAGES, many, strict=False):
        assert similarity == pytest.approx(relevance(ASSET, page, STATS).similarity)
    assert many[-1] == 0


def test_a_vector_keeps_its_heaviest_terms_and_survives_storage() -> None:
    long = " ".join(f"word{number}" for number in range(900)) + " topic" * 9
    vector = page_vector(title="A title", description="", text=long)
    assert len(vector.weights) == MOST_TERMS
    assert {"topic", "title"} <= set(vector.weights)
    data = vector.to_bytes()
    assert len(data) < 5_000
    assert TermVector.from_bytes(data) == vector


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_any_text_can_be_scored_and_stored(title: str, description: str, text: str) -> None:
    page = page_vector(title=title, description=description, text=text)
    assert TermVector.from_bytes(page.to_bytes()) == page
    found = relevance(asset_vector(title=text, description=title), page, collection(page))
    assert 0 <= found.low <= found.value <= found.high <= 100
    assert 0 <= found.similarity <= 1


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("libraries", "library"), ("classes", "class"), ("glasses", "glass"), ("maps", "maps"),
        ("gardens", "garden"), ("status", "status"), ("analysis", "analysis"), ("glass", "glass"),
        ("gardening", "garden"), ("reported", "report"), ("quickly", "quick"), ("being", "being"),
        ("ties", "ties"), ("tomatoes", "tomato"), ("indexes", "index"), ("searches", "search"),
        ("shoes", "shoe"), ("caches", "cach"),
    ],
)  # fmt: skip
def test_light_stemming(word: str, expected: str) -> None:
    assert stem(word) == expected


def test_words_are_cut_where_people_cut_them() -> None:
    text = "The C++ and C# don’t node.js state-of-the-art A snake_case 3d"
    assert tokens(text) == [
        "the", "c++", "and", "c#", "don’t", "node.js", "state-of-the-art", "a", "snake", "case",
        "3d",
    ]  # fmt: skip
    assert telling_words("the") == ()
    assert telling_words("state-of-the-art") == ("state-of-the-art", "state", "art")
    assert tokens("The gardener’s tools aren't Ann's") == [
        "the",
        "gardener",
        "tools",
        "aren't",
        "ann",
    ]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("the cat and the dog are in the house of it", "en"),
        ("le chat et les chiens sont dans la maison avec nous pour une nuit", "fr"),
        ("los perros y las casas por el camino con una flor", "es"),
        ("Los Angeles Las Vegas guide", ""),
        ("", ""),
    ],
)
def test_the_commonest_words_vote_for_the_language(text: str, language: str) -> None:
    assert vote_language(tokens(text)) == language


def test_the_total_is_the_product_of_its_factors() -> None:
    relevant = relevance(ASSET, GARDEN, STATS)
    linked = authority([])
    found = total(relevant, linked)
    assert found.value == pytest.approx(relevant.value * (25 / 100) ** 0.5)
    assert found.value == pytest.approx(100 * math.prod(part.factor for part in found.factors))
    assert found.low <= found.value <= found.high
    assert not found.is_known
    assert [part.is_known for part in found.factors] == [True, False]
    assert total(relevant, linked, TotalWeights(authority=0)).value == pytest.approx(relevant.value)
