"""How a decision grows: from visitor to visitor, and over a million of them. `python -m benchmarks.growth [--quick]`.

- The slowest visitors: p99 over the median of `permit` + `decide`, each visitor by the least of several rounds.
- Memory kept: a fresh process decides for visitors whose sets of attributes, names, values and members are ever new,
  and counts its blocks of memory before and after. Nothing may be kept of a visitor.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from . import workload
from .worst_cases import Say, built, caller, spread
from .worst_drawing import PLACEMENT, Drawn

SIZES: Final = (10, 100, 1_000, 10_000)
MUST: Final = 2.0  # p99 of visitors over the median, at most
GOAL: Final = 1.6
OFFERS: Final = 100  # while memory is watched
WARM: Final = 100_000  # decisions before the first look
DECISIONS: Final = 1_000_000
NOISE: Final = (
    1_000  # blocks: of the machinery, not of visitors; a leak of one block in 1,000 decisions would show
)


@dataclass(frozen=True, slots=True)
class Growth:
    """`permit` + `decide` over the 1,000 visitors of `offers-n`."""

    n: int
    us: float
    p99_us: float
    cal: float

    @property
    def slowest(self) -> float:
        """p99 over the median."""
        return self.p99_us / self.us


@dataclass(frozen=True, slots=True)
class Kept:
    """What a process has more after so many decisions: blocks that Python allocated, and resident memory."""

    decisions: int
    blocks: int
    rss_kib: int

    @property
    def nothing(self) -> bool:
        """Whether no visitor left anything behind."""
        return self.blocks < NOISE


def measure_growth(quick: bool, say: Say) -> list[Growth]:
    """Visitor by visitor, at every size."""
    return [_growth(n, 5 if quick else 25, say) for n in SIZES]


def _growth(n: int, rounds: int, say: Say) -> Growth:
    say(f"{n:,} offers, visitor by visitor")
    made = workload.make(n)
    evaluator = built(Drawn(made.document, made.visitors)).evaluator
    found = spread(caller(evaluator, "decide"), made.visitors, rounds)
    return Growth(n, found.us, found.p99_us, found.cal)


def growth_table(growth: Sequence[Growth]) -> str:
    """As markdown, with what is asked."""
    head = ["| offers | us, median | p99 | x cal | p99 / median |", "|---:|---:|---:|---:|---:|"]
    rows = [
        f"| {each.n:,} | {each.us:.2f} | {each.p99_us:.2f} | {each.cal:.1f} | **{each.slowest:.2f}** |"
        for each in growth
    ]
    most = max(each.slowest for each in growth)
    verdict = "held, and the goal too" if most <= GOAL else "held" if most <= MUST else "**broken**"
    return "\n".join(
        [*head, *rows, "", f"At most {most:.2f}; {MUST:g} are allowed, {GOAL:g} the goal: {verdict}."]
    )


# --- Memory kept -------------------------------------------------------------------------------------------


def measure_memory_kept(quick: bool, say: Say) -> Kept:
    """What a million decisions for ever new visitors leave behind, in a process of their own."""
    warm, decisions = (5_000, 20_000) if quick else (WARM, DECISIONS)
    say(f"memory kept over {decisions:,} decisions")
    command = [sys.executable, "-m", "benchmarks.growth", "--keep", str(warm), str(decisions)]
    ran = subprocess.run(command, cwd=Path(__file__).parents[1], check=True, capture_output=True, text=True)
    return Kept(**json.loads(ran.stdout))


def kept_line(kept: Kept) -> str:
    """In words."""
    verdict = (
        "none is kept"
        if kept.nothing
        else f"**{kept.blocks / kept.decisions:.3f} blocks a visitor are kept**"
    )
    return (
        f"Memory kept over {kept.decisions:,} decisions with ever new attribute sets: {kept.blocks:+,} blocks and"
        f" {kept.rss_kib:+,} KiB resident in all: {verdict}."
    )


def keep(warm: int, decisions: int) -> Kept:
    """Decide `warm` times, look, decide `decisions` times more, and look again."""
    evaluator = built(Drawn(workload.make(OFFERS).document, ())).evaluator
    call, guests = caller(evaluator, "decide"), strangers()
    _decide(call, guests, warm)
    blocks, rss_kib = _memory()
    _decide(call, guests, decisions)
    after_blocks, after_rss_kib = _memory()
    assert evaluator.placements == (PLACEMENT,)
    return Kept(decisions, after_blocks - blocks, after_rss_kib - rss_kib)


def _decide(call: Callable[[Any], object], guests: Iterator[Any], times: int) -> None:
    for guest in itertools.islice(guests, times):
        call(guest)


def strangers() -> Iterator[dict[str, Any]]:
    """Visitors without end: any of the attributes and one that nobody declared, with values never seen before."""
    dice = random.Random("strangers")
    for number in itertools.count():
        names = dice.sample(workload.ATTRIBUTES, dice.randrange(len(workload.ATTRIBUTES) + 1))
        guest: dict[str, Any] = {name: _value(name, number, dice) for name in names}
        guest[f"stranger_{number}"] = number
        yield guest


def _value(name: str, number: int, dice: random.Random) -> Any:
    if name in workload.STRINGS:
        return f"{name}-{number if dice.random() < 0.5 else dice.randrange(workload.STRINGS[name])}"
    if name in workload.NUMBERS:
        return dice.random() * workload.NUMBERS[name]
    if name in workload.BOOLEANS:
        return dice.random() < 0.5
    return [f"{name}-{number}", f"{name}-{dice.randrange(workload.SETS[name])}"]


def _memory() -> tuple[int, int]:
    """Blocks that Python has allocated, and KiB of resident memory; 0 where the system does not say."""
    gc.collect()
    statm = Path("/proc/self/statm")
    pages = int(statm.read_text().split()[1]) if statm.exists() else 0
    return sys.getallocatedblocks(), pages * os.sysconf("SC_PAGE_SIZE") // 1024 if pages else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Exit code 1: more is kept or slower than allowed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--keep", nargs=2, type=int, metavar=("WARM", "DECISIONS"), help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.keep:
        kept = keep(*asked.keep)
        print(json.dumps({"decisions": kept.decisions, "blocks": kept.blocks, "rss_kib": kept.rss_kib}))
        return 0
    growth = measure_growth(asked.quick, _say)
    print(growth_table(growth))
    kept = measure_memory_kept(asked.quick, _say)
    print(f"\n{kept_line(kept)}")
    return 0 if kept.nothing and all(each.slowest <= MUST for each in growth) else 1


def _say(what: str) -> None:
    print(f"... {what}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
