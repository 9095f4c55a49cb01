"""`make bench`: run every benchmark, each in its own process, and print what it found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
JOBS = (
    "board",
    "bulk",
    "contacts",
    "help_cpu",
    "import_rows",
    "list_page",
    "mail_sink",
    "page_checks",
    "search",
)


def main() -> int:
    """Run the benchmarks named on the command line, or all; fail if one fails."""
    wanted = sys.argv[1:] or [name for name in JOBS if (HERE / f"{name}.py").exists()]
    failed = []
    for name in wanted:
        print(f"\n== {name.replace('_', ' ')}", flush=True)
        if subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"\nFailed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
