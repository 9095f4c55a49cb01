"""Which moves between stages make sense."""

from __future__ import annotations

import pytest

from outreach.campaigns.rules import (
    furthest,
    has_been_pitched,
    is_backward,
    label,
    moves_from,
    needs_reason,
    problem_with_move,
)
from outreach.campaigns.words import Stage


@pytest.mark.parametrize("stage", list(Stage))
def test_no_stage_moves_to_itself_and_every_stage_has_a_way_on(stage: Stage) -> None:
    assert "already" in problem_with_move(stage, stage)
    assert stage not in moves_from(stage)
    assert len(moves_from(stage)) >= 8


@pytest.mark.parametrize("stage", [Stage.IDENTIFIED, Stage.QUALIFIED, Stage.READY])
def test_nobody_answers_or_keeps_silent_before_being_written_to(stage: Stage) -> None:
    assert "Nobody has written" in problem_with_move(stage, Stage.UNRESPONSIVE)
    assert "Nobody has written" in problem_with_move(stage, Stage.DECLINED)
    assert not has_been_pitched(stage)


def test_forward_and_backward_are_both_free() -> None:
    assert problem_with_move(Stage.QUALIFIED, Stage.IN_CONVERSATION) == ""
    assert problem_with_move(Stage.IN_CONVERSATION, Stage.READY) == ""
    assert problem_with_move(Stage.UNRESPONSIVE, Stage.PITCHED) == ""


@pytest.mark.parametrize(
    ("old", "new"), [(Stage.PITCHED, Stage.LOST), (Stage.WON, Stage.IN_CONVERSATION)]
)
def test_a_loss_and_an_undone_win_need_a_reason(old: Stage, new: Stage) -> None:
    assert "Say why" in problem_with_move(old, new, reason="  ")
    assert problem_with_move(old, new, reason="The site closed.") == ""
    assert needs_reason(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (Stage.READY, Stage.PITCHED),
        (Stage.READY, Stage.DECLINED),
        (Stage.WON, Stage.WON),
    ],
)
def test_other_moves_need_no_reason(old: Stage, new: Stage) -> None:
    assert not needs_reason(old, new)


def test_reopening_is_backward() -> None:
    assert is_backward(Stage.WON, Stage.COMMITTED)
    assert is_backward(Stage.UNRESPONSIVE, Stage.LOST)
    assert not is_backward(Stage.READY, Stage.PITCHED)


def test_a_prospect_is_as_far_as_its_furthest_open_opportunity() -> None:
    assert furthest([Stage.READY, Stage.COMMITTED, Stage.WON]) is Stage.COMMITTED
    assert furthest([Stage.DECLINED, Stage.WON]) is Stage.WON
    assert furthest([Stage.UNRESPONSIVE, Stage.DECLINED]) is Stage.DECLINED
    assert furthest([]) is None


def test_stages_read_as_words() -> None:
    assert label(Stage.IN_CONVERSATION) == "in conversation"
