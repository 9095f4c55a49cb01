"""Leave room between a long work's transactions, so that other writers are not starved."""

from __future__ import annotations

import time

# SQLite's waiting writers look again every 25 ms once they have waited a moment: a longer gap
# between two transactions is never missed.
GAP_SECONDS = 0.03


class WriteGaps:
    """Keeps a gap after each transaction; the time spent preparing the next one counts."""

    def __init__(self) -> None:
        self._ended = time.monotonic() - GAP_SECONDS

    def wait(self) -> None:
        """Wait for what is left of the gap; called before a transaction."""
        left = self._ended + GAP_SECONDS - time.monotonic()
        if left > 0:
            time.sleep(left)

    def start(self) -> None:
        """Begin a gap; called after a transaction."""
        self._ended = time.monotonic()
