"""Texts as words, and what people type as a question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.core.words import MOST_WORDS, Question, index_words, parse_question, words_in


def test_a_domain_is_found_by_its_parts_and_joined() -> None:
    words = index_words(["garden-journal.example"])
    assert {"wgarden", "wjournal", "wexample", "wgardenjournal"} <= set(words)


def test_accents_case_and_width_do_not_matter() -> None:
    assert list(words_in("Café ＧＡＲＤＥＮ straße")) == ["cafe", "garden", "strasse"]


def test_beginnings_are_kept_of_names_only() -> None:
    words = index_words(["Gardener"], ["Compost"])
    assert "pgard" in words
    assert "wcompost" in words
    assert "pcomp" not in words


def test_writing_without_spaces_is_kept_in_pairs() -> None:
    assert list(words_in("園芸雑誌")) == ["園芸", "芸雑", "雑誌"]


def test_a_record_without_words_keeps_nothing() -> None:
    assert index_words(["", " — "], ["..."]) == []


def test_a_record_keeps_so_many_words_at_most_and_each_once() -> None:
    words = index_words([], [" ".join(f"word{number} again" for number in range(9_000))])
    assert len(words) == MOST_WORDS + 1
    assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("garden compost ", (("wgarden",), ("wcompost",)), ()),
        ("garden comp", (("wgarden",), ("wcomp", "pcomp")), ()),
        ("ga", (("wga",),), ()),
        ('"garden"', (("wgarden",),), ()),
        ("garden -casino", (("wgarden",),), ("wcasino",)),
        ("-casino", (), ("wcasino",)),
        ("garden-journal.exa", (("wgarden",), ("wjournal",), ("wexa", "pexa")), ()),
        ("", (), ()),
        ('- "" -- *', (), ()),
    ],
)
def test_a_question_is_read_as_people_mean_it(
    text: str, wanted: tuple[tuple[str, ...], ...], unwanted: tuple[str, ...]
) -> None:
    assert parse_question(text) == Question(wanted, unwanted)


@given(st.text(max_size=300))
def test_no_question_is_an_error(text: str) -> None:
    question = parse_question(text)
    words = [word for group in question.wanted for word in group] + list(question.unwanted)
    assert all(word[0] in "wp" and not {"'", '"', " ", "\0"} & set(word) for word in words)
