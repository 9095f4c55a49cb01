"""Everything that runs by the clock, and every task it may wake; docs/jobs.md lists the ticks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.jobs import bulk, clearing, crawl, inbox, long_work, mail, prospects, search

if TYPE_CHECKING:
    from outreach.jobs.work import ScheduledTick, Task

# A module here says what it does in TASKS, TICKS and LONG_WORK.
_MODULES = (long_work, crawl, prospects, inbox, mail, bulk, clearing, search)

TASKS: dict[str, Task] = {task.name: task for module in _MODULES for task in module.TASKS}
TICKS: tuple[ScheduledTick, ...] = tuple(tick for module in _MODULES for tick in module.TICKS)

for _module in _MODULES:
    long_work.KINDS.update(_module.LONG_WORK)
