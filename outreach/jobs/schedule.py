"""Everything that runs by the clock, and every task it may wake; docs/jobs.md lists them."""

from __future__ import annotations

from outreach.jobs import long_work
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from outreach.jobs.work import ScheduledTick, Task

_MODULES = (long_work,)

TASKS: dict[str, Task] = {task.name: task for module in _MODULES for task in module.TASKS}
TICKS: tuple[ScheduledTick, ...] = tuple(tick for module in _MODULES for tick in module.TICKS)
