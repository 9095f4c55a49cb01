"""Play every scene in order, tell what happens, and stop loudly at the first that goes wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from outreach.core.clock import monotonic
from outreach.core.errors import OutreachError
from outreach.demo import scenes_links, scenes_pitching, scenes_prospects

if TYPE_CHECKING:
    from collections.abc import Callable

    from outreach.demo.stage import Stage

    Scene = tuple[str, Callable[[Stage], str]]

SCENES: tuple[Scene, ...] = (
    *scenes_prospects.SCENES,
    *scenes_pitching.SCENES,
    *scenes_links.SCENES,
)


class SceneFailed(OutreachError):
    """A scene did not come out as it should."""

    status = 500


@dataclass(frozen=True, slots=True)
class Told:
    """How one scene went."""

    name: str
    sentence: str
    seconds: float


@dataclass(slots=True)
class Played:
    """How the play went."""

    told: list[Told] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """How long all scenes took."""
        return sum(scene.seconds for scene in self.told)


def play_all(
    stage: Stage,
    *,
    on_begin: Callable[[int, int, str], None],
    on_told: Callable[[Told], None],
    scenes: tuple[Scene, ...] = SCENES,
) -> Played:
    """Play the scenes.

    Args:
        stage: An empty stage.
        on_begin: Told the number of a scene, of how many, and its name.
        on_told: Told how it went.
        scenes: What to play.

    Raises:
        SceneFailed: Names the scene and what was expected of it.
    """
    played = Played()
    for number, (name, act) in enumerate(scenes, start=1):
        on_begin(number, len(scenes), name)
        began = monotonic()
        try:
            sentence = act(stage)
        except Exception as problem:
            what = f"{type(problem).__name__}: {problem}"
            raise SceneFailed(f"Scene {number}, “{name}”, failed. {what}") from problem
        played.told.append(Told(name, sentence, monotonic() - began))
        on_told(played.told[-1])
    return played
