"""The memory that an engine adds by loading `offers-N`: `python -m benchmarks.peers.memory ENGINE N` prints bytes."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from .added import added_bytes
from .table import ENGINES


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the bytes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.memory", description=__doc__)
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("n", type=int, help="how many offers")
    given = parser.parse_args(arguments)
    print(added_bytes(given.engine, given.n))


if __name__ == "__main__":
    main()
