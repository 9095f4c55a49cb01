"""Being told to stop."""

from __future__ import annotations

import signal
import time
from typing import Any


class StopSignal:
    """Remembers SIGTERM and SIGINT.

    The handler only sets a flag: taking a lock there (as `threading.Event.set` does) can deadlock
    with the main thread waiting on the same lock when two signals come at once.
    """

    def __init__(self) -> None:
        self.is_set = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._remember)

    def wait(self, seconds: float = 0.25) -> bool:
        """Sleep a little; return whether it is time to stop."""
        if not self.is_set:
            time.sleep(seconds)
        return self.is_set

    def _remember(self, *_: Any) -> None:
        self.is_set = True
