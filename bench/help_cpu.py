"""`outreach --help` beside a bare click group: CPU of whole processes, alternating, medians.

Goal: at most 1.3 times.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

OURS = "from outreach.cli.main import main; main(['--help'])"
BARE = """
import click
@click.group()
def group(): pass
for name in "abcdefghijklm":
    group.command(name, help="One line of help.")(lambda: None)
group.main(["--help"], prog_name="bare")
"""


def cpu_of(code: str) -> float:
    """CPU seconds (user and system) of a Python process."""
    before = os.times()
    subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True)
    after = os.times()
    return (
        after.children_user + after.children_system - before.children_user - before.children_system
    )


def main() -> int:
    """Print the median ratio of alternating pairs."""
    cpu_of(OURS), cpu_of(BARE)
    pairs = [(cpu_of(OURS), cpu_of(BARE)) for _ in range(15)]
    ours = statistics.median(pair[0] for pair in pairs)
    bare = statistics.median(pair[1] for pair in pairs)
    ratio = ours / bare
    print(f"outreach --help {ours * 1000:.0f} ms CPU, bare click group {bare * 1000:.0f} ms")
    print(f"ratio of medians {ratio:.2f} (goal: at most 1.30)")
    return int(ratio > 1.3)


if __name__ == "__main__":
    sys.exit(main())
