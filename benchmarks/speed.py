"""`permit` and `decide` by number of offers, and cal beside each: all in turns, in three runs of many rounds."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from . import subjects
from .subjects import LARGEST, SIZES
from .targets import Figure
from .workload import VISITORS

RUNS: Final = 3
CHECKED: Final = {
    10: VISITORS,
    100: VISITORS,
    1_000: VISITORS,
    10_000: 300,
    LARGEST: 30,
}  # a naive scan is slow


@dataclass(frozen=True, slots=True)
class Timed:
    """One subject's times per visitor, and as a ratio to the cal of the same round.

    Attributes:
        us, ratio: The median of the runs' medians.
        runs: The ratio's median of each run.
        spread: Of the ratio: 10 % and 90 % of all rounds lie below.
    """

    us: float
    ratio: float
    runs: tuple[float, ...]
    spread: tuple[float, float]

    def __str__(self) -> str:
        return f"{self.ratio:.1f} ({self.spread[0]:.1f}-{self.spread[1]:.1f})"


Subjects = Mapping[str, tuple[Callable[[Any], object], Sequence[Any]]]


def measure_speed(sizes: Sequence[int], rounds: int) -> dict[str, Timed]:
    """Time one pass over 1,000 visitors per subject and round; all subjects take turns in every round.

    `cal` is timed right before and right after each of them, so that a machine that is slower for a while is so for
    both.
    """
    visitors: Sequence[Any] = subjects.subject(SIZES[0]).workload.visitors
    passes: dict[str, tuple[Callable[[Any], object], Sequence[Any]]] = {"cal": (subjects.cal, visitors)}
    for n in sizes:
        passes[f"both {n}"] = (subjects.permit_and_decide(n), visitors)
        passes[f"decide {n}"] = (subjects.decide_only(n), subjects.permitted(n))
    passes["permit"] = (subjects.permit_only(SIZES[0]), visitors)
    passes["stripped"] = (subjects.permit_and_decide(1_000, subjects.NOTHING), visitors)
    for run, over in passes.values():  # once unmeasured: whatever is built on first use is built now
        run(over)
    runs = [_one_run(passes, rounds) for _ in range(RUNS)]
    return {name: _timed([run[name] for run in runs]) for name in passes}


Pairs = list[tuple[float, float]]  # seconds of a pass, and of cal around it


def _one_run(passes: Subjects, rounds: int) -> dict[str, Pairs]:
    visitors = passes["cal"][1]
    times: dict[str, Pairs] = {name: [] for name in passes}
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, (run, over) in passes.items():
                before = seconds(subjects.cal, visitors)
                taken = seconds(run, over)
                times[name].append((taken, (before + seconds(subjects.cal, visitors)) / 2))
    finally:
        gc.enable()
    return times


def seconds(run: Callable[[Any], object], over: Any) -> float:
    """CPU seconds of this thread: what others do on the machine in the meantime does not count."""
    begin = time.thread_time()
    run(over)
    return time.thread_time() - begin


def _timed(runs: Sequence[Pairs]) -> Timed:
    ratios = [[taken / cal for taken, cal in each] for each in runs]
    medians = tuple(statistics.median(each) for each in ratios)
    tenths = statistics.quantiles([ratio for each in ratios for ratio in each], n=10)
    us = statistics.median(statistics.median(taken for taken, _ in each) for each in runs) / VISITORS * 1e6
    return Timed(us, statistics.median(medians), medians, (tenths[0], tenths[-1]))


def wrong_answers(sizes: Sequence[int], checked: Mapping[int, int]) -> dict[int, int]:
    """By number of offers, how many of the `checked` visitors get another answer than from a naive scan."""
    return {n: subjects.wrong_answers(n, subjects.subject(n).workload.visitors[: checked[n]]) for n in sizes}


def figures(speed: Mapping[str, Timed]) -> dict[str, Figure]:
    """The public call, in cal."""
    return {
        f"call {n}": Figure(speed[f"both {n}"].ratio) if f"both {n}" in speed else Figure(None, "left out")
        for n in (*SIZES, LARGEST)
    }


def table(sizes: Sequence[int], speed: Mapping[str, Timed]) -> str:
    """Times and ratios by number of offers."""
    rows = [
        f"| {n:,} | {both.us:.2f} | **{both}** | {alone.us:.2f} | {alone} |"
        for n in sizes
        for both, alone in [(speed[f"both {n}"], speed[f"decide {n}"])]
    ]
    head = [
        "| offers | `permit` + `decide`, us | x cal | `decide` alone, us | x cal |",
        "|---:|---:|---:|---:|---:|",
    ]
    foot = (
        f"cal: {speed['cal'].us:.2f} us. `permit` alone: {speed['permit'].us:.2f} us, {speed['permit']} cal.\n"
        f"Both at 1,000 offers when the consent refuses everything: {speed['stripped'].us:.2f} us,"
        f" {speed['stripped']} cal."
    )
    return "\n".join([*head, *rows, "", foot])
