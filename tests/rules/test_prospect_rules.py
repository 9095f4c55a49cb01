"""What a file may change of a known page, and how lists order scores."""

from __future__ import annotations

from datetime import date

import pytest

from outreach.prospects import rules


def facts(**given: object) -> list[object]:
    empty: dict[str, object] = dict.fromkeys(rules.PAGE_FACTS, "")
    empty["first_seen_on"] = empty["last_seen_on"] = None
    return [{**empty, **given}[name] for name in rules.PAGE_FACTS]


def test_what_is_empty_is_filled_in() -> None:
    known = facts(title="")

    changes = rules.merge_facts(known, facts(title="Soil"), may_replace=False)

    assert changes == {"title": ("", "Soil")}
    assert known == facts(title="Soil")


def test_what_is_known_is_replaced_only_where_allowed() -> None:
    known = facts(title="Old")

    assert rules.merge_facts(known, facts(title="New"), may_replace=False) == {}
    assert rules.merge_facts(known, facts(title="New"), may_replace=True) == {
        "title": ("Old", "New")
    }


def test_an_empty_cell_says_nothing() -> None:
    assert rules.merge_facts(facts(title="Old"), facts(), may_replace=True) == {}


def test_days_seen_only_widen() -> None:
    known = facts(first_seen_on=date(2026, 3, 1), last_seen_on=date(2026, 6, 1))
    narrower = facts(first_seen_on=date(2026, 4, 1), last_seen_on=date(2026, 5, 1))
    wider = facts(first_seen_on=date(2026, 1, 1), last_seen_on=date(2026, 9, 1))

    assert rules.merge_facts(known, narrower, may_replace=True) == {}
    assert rules.merge_facts(known, wider, may_replace=False) == {
        "first_seen_on": (date(2026, 3, 1), date(2026, 1, 1)),
        "last_seen_on": (date(2026, 6, 1), date(2026, 9, 1)),
    }


def test_merging_the_same_facts_again_changes_nothing() -> None:
    known, given = facts(), facts(title="Soil", rel="nofollow", last_seen_on=date(2026, 5, 1))
    rules.merge_facts(known, given, may_replace=True)

    assert rules.merge_facts(known, given, may_replace=True) == {}


@pytest.mark.parametrize(
    ("rel", "words"),
    [
        (None, ""),
        (frozenset(), "follow"),
        (frozenset({"ugc", "nofollow"}), "nofollow ugc"),
    ],
)
def test_a_links_rel_is_said_in_words(rel: frozenset[str] | None, words: str) -> None:
    assert rules.rel_words(rel) == words


def test_the_best_score_sorts_first_and_unknown_after_zero() -> None:
    assert sorted([None, 0, 100, 50], key=rules.order_of) == [100, 50, 0, None]


@pytest.mark.parametrize("source", ["manual", "import:", "import:x", "found:3", ""])
def test_only_an_imports_mark_names_an_import(source: str) -> None:
    assert rules.source_import_id(rules.import_source(7)) == 7
    assert rules.source_import_id(source) is None


def test_only_the_words_a_page_is_scored_by_make_it_score_anew() -> None:
    assert rules.changes_words(["anchor", "title"])
    assert not rules.changes_words(["anchor", "rel", "last_seen_on"])


def test_days_survive_being_kept_as_json() -> None:
    kept = rules.to_json(date(2026, 5, 1))

    assert rules.from_json("last_seen_on", kept) == date(2026, 5, 1)
    assert rules.from_json("title", rules.to_json("Soil")) == "Soil"
    assert rules.from_json("last_seen_on", rules.to_json(None)) is None
