"""One command, several processes: starts them, restarts what dies, stops them all cleanly."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from outreach.core.clock import monotonic
from outreach.wiring.signals import StopSignal

if TYPE_CHECKING:
    from collections.abc import Sequence

log = structlog.get_logger(__name__)

STOP_TIMEOUT_S = 20.0
_QUICK_DEATH_S = 5.0
_LONGEST_PAUSE_S = 30.0


@dataclass(slots=True)
class Child:
    """One supervised process: `outreach` with some arguments."""

    name: str
    arguments: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause_s: float = 0.0
    due_at: float = field(default=0.0)

    def start(self) -> None:
        """Start the process, in this process's own group of signals."""
        command = [sys.executable, "-m", "outreach", *self.arguments]
        self.process = subprocess.Popen(command)  # noqa: S603 - our own interpreter and module
        self.started_at = monotonic()

    def look_after(self, now: float) -> None:
        """Start it again when it has died, more and more slowly when it dies at once."""
        if self.process is None:
            if now >= self.due_at:
                self.start()
            return
        status = self.process.poll()
        if status is None:
            return
        lived = now - self.started_at
        longer = min(_LONGEST_PAUSE_S, max(0.5, self.pause_s * 2))
        self.pause_s = longer if lived < _QUICK_DEATH_S else 0.0
        log.warning("process ended", name=self.name, status=status, again_in_s=self.pause_s)
        self.process, self.due_at = None, now + self.pause_s

    def stop(self) -> None:
        """Ask it to stop."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, deadline: float) -> None:
        """Wait for its end; at the deadline it is killed."""
        if self.process is None:
            return
        try:
            self.process.wait(timeout=max(0.1, deadline - monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("process did not stop in time", name=self.name)
            self.process.kill()
            self.process.wait()


def supervise(children: Sequence[Child]) -> None:
    """Run the children until SIGTERM or SIGINT, then stop them all."""
    told = StopSignal()
    try:
        while not told.wait():
            for child in children:
                child.look_after(monotonic())
    finally:
        for child in children:
            child.stop()
        deadline = monotonic() + STOP_TIMEOUT_S
        for child in children:
            child.wait(deadline)
