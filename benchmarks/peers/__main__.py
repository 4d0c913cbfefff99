"""Measure all engines side by side and print it: `python -m benchmarks.peers`.

Needs `pip install -r benchmarks/peers/engines.txt`; what is not installed is skipped, and said so.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from .measure import measure
from .tables import faster_table, form_lines, speed_table, start_table

SIZES: Final = (10, 100, 1_000, 10_000)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Exit code 1: an answer is wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N", help="numbers of offers")
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--budget-s", type=float, default=240.0, help="seconds for all of it, about")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    given = parser.parse_args(arguments)
    report = measure(given.sizes, rounds=given.rounds, budget_s=given.budget_s, say=_say)
    sections = (speed_table(report), faster_table(report), start_table(report), form_lines(report))
    print("\n\n".join(sections))
    if given.json is not None:
        given.json.write_text(json.dumps(report.to_dict(), indent=1) + "\n", encoding="utf-8")
    return 1 if report.wrong() else 0


def _say(what: str) -> None:
    print(f"... {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
