"""Growth and worst cases, through the public calls only: `python -m benchmarks.worst_cases [--quick] [WORD ...]`.

A visitor's time is the least of several rounds, without what the clock itself costs, so that what the machine does in
between does not count; median and p99 are over the visitors. A case is compared with the median of the plain workload
of as many offers (`offers-N`), both in cal: one loop that reads 12 attributes, timed the same way right beside.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import discreet
from discreet.compiler import SigningKey, build
from discreet.model import models_from_dicts
from discreet_consent import Consent

from . import workload
from .worst_drawing import NOW_S, PLACEMENT, Call, Case, Drawn, Visitor
from .worst_models import CASES

LIMIT: Final = 20.0  # times the median of the plain workload of the same size
TOP: Final = 64
CONSENT: Final = Consent.granting(*workload.PURPOSES)
SEED: Final = bytes(range(32))  # of the key that signs what is measured
ROUNDS: Final = 9
SLOW_US: Final = 2_000.0  # a case whose first visitor takes longer is measured with fewer visitors and rounds

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class WorstCase:
    """What one case costs. `refused` is why it could not be built or loaded; then the times are 0.

    Attributes:
        times: The median in medians of the plain workload of as many offers.
        matched: The share of visitors for whom an offer won.
    """

    name: str
    n: int
    call: str
    build_s: float
    bytes: int
    load_ms: float
    us: float
    p99_us: float
    cal: float
    p99_cal: float
    times: float
    matched: float
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Spread:
    """Over visitors, in microseconds and in cal."""

    us: float
    p99_us: float
    cal_us: float

    @property
    def cal(self) -> float:
        return self.us / self.cal_us

    @property
    def p99_cal(self) -> float:
        return self.p99_us / self.cal_us


@dataclass(frozen=True, slots=True)
class Built:
    """A case that is signed and loaded."""

    evaluator: discreet.Evaluator
    build_s: float
    bytes: int
    load_ms: float


def measure_worst(quick: bool, say: Say, words: Sequence[str] = ()) -> list[WorstCase]:
    """Measure every case whose name holds one of `words`; all where there are none. `quick`: small ones."""
    plain: dict[int, float] = {}
    measured: list[WorstCase] = []
    for case in CASES:
        if words and not any(word in case.name for word in words):
            continue
        n = case.few if quick else case.n
        say(f"{case.name}: {n:,} offers")
        if n not in plain:
            plain[n] = _plain_cal(n)
        measured.append(_measured(case, n, plain[n]))
    return measured


def _plain_cal(n: int) -> float:
    """The median of `offers-n`, in cal."""
    made = workload.make(n)
    return spread(
        caller(built(Drawn(made.document, made.visitors)).evaluator, "decide"), made.visitors[:500]
    ).cal


def _measured(case: Case, n: int, plain: float) -> WorstCase:
    drawn = case.draw(n)
    try:
        made = built(drawn)
    except (discreet.DiscreetError, ValueError) as error:
        return WorstCase(case.name, n, case.call, 0, 0, 0, 0, 0, 0, 0, 0, 0, str(error).partition("\n")[0])
    call = caller(made.evaluator, case.call)
    found = spread(call, drawn.visitors)
    won = sum(_matched(call(visitor)) for visitor in drawn.visitors)
    return WorstCase(
        name=case.name,
        n=n,
        call=case.call,
        build_s=made.build_s,
        bytes=made.bytes,
        load_ms=made.load_ms,
        us=found.us,
        p99_us=found.p99_us,
        cal=found.cal,
        p99_cal=found.p99_cal,
        times=found.cal / plain,
        matched=won / len(drawn.visitors),
    )


def built(drawn: Drawn) -> Built:
    """Build, sign and load a model."""
    key = SigningKey.from_seed(SEED)
    begin = time.thread_time()
    data = build(
        models_from_dicts([drawn.document]),
        [key],
        name="worst",
        version=1,
        created_s=NOW_S - 1,
        expires_s=NOW_S + 1,
    )
    build_s = time.thread_time() - begin
    keyring = discreet.Keyring([key.public])
    begin = time.thread_time()
    evaluator = discreet.load_bytes(data, keyring, now_s=NOW_S)
    return Built(evaluator, build_s, len(data), (time.thread_time() - begin) * 1e3)


def caller(evaluator: discreet.Evaluator, call: Call) -> Callable[[Visitor], Any]:
    """`permit` and the decision, from raw attributes."""
    permit, decide = evaluator.permit, evaluator.decide
    top, everywhere = evaluator.decide_top, evaluator.decide_all

    def one(visitor: Visitor) -> object:
        return decide(PLACEMENT, permit(visitor, CONSENT, now_s=NOW_S), now_s=NOW_S)

    def best(visitor: Visitor) -> object:
        return top(PLACEMENT, permit(visitor, CONSENT, now_s=NOW_S), TOP, now_s=NOW_S)

    def each(visitor: Visitor) -> object:
        return everywhere(permit(visitor, CONSENT, now_s=NOW_S), now_s=NOW_S)

    return {"decide": one, "top 64": best, "all placements": each}[call]


def _matched(decided: Any) -> bool:
    if isinstance(decided, dict):
        return all(each.reason is discreet.Reason.MATCHED for each in decided.values())
    first = decided[0] if isinstance(decided, tuple) else decided
    return first.reason is discreet.Reason.MATCHED


# --- Timing ------------------------------------------------------------------------------------------------


def spread(call: Callable[[Visitor], object], visitors: Sequence[Visitor], rounds: int = ROUNDS) -> Spread:
    """Median and p99 of `call` over `visitors`, and of the loop that reads 12 attributes in the same rounds."""
    for visitor in visitors[:100]:  # what is made on first use is made now
        begin = time.perf_counter()
        call(visitor)
        if (time.perf_counter() - begin) * 1e6 > SLOW_US:
            visitors, rounds = visitors[:50], 3
            break
    least, floor = [float("inf")] * len(visitors), [float("inf")] * len(visitors)
    idle = _idle_ns()
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            _least(call, visitors, least)
            _least(_read_twelve, visitors, floor)
    finally:
        gc.enable()
    us = sorted((each - idle) / 1e3 for each in least)
    cal_us = (statistics.median(floor) - idle) / 1e3
    return Spread(statistics.median(us), us[min(len(us) - 1, round(len(us) * 0.99))], cal_us)


def _least(call: Callable[[Visitor], object], visitors: Sequence[Visitor], least: list[float]) -> None:
    clock = time.perf_counter_ns
    for at, visitor in enumerate(visitors):
        begin = clock()
        call(visitor)
        taken = clock() - begin
        least[at] = min(least[at], taken)


def _idle_ns() -> int:
    """What reading the clock twice costs."""
    clock = time.perf_counter_ns
    least = 10**9
    for _ in range(1_000):
        begin = clock()
        least = min(least, clock() - begin)
    return least


def _read_twelve(visitor: Visitor) -> None:
    for name in _TWELVE:
        visitor.get(name)


_TWELVE: Final = workload.ATTRIBUTES[: workload.PRESENT]


def table(cases: Sequence[WorstCase]) -> str:
    """As markdown, the worst on top."""
    head = [
        "| case | offers | build, s | bundle, MB | load, ms | us, median | p99 | x cal | **x plain** |",
        "|:---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    return "\n".join([*head, *(_row(each) for each in sorted(cases, key=lambda each: -each.times))])


def _row(case: WorstCase) -> str:
    if case.refused:
        return f"| {case.name} | {case.n:,} | refused: {case.refused} |"
    return (
        f"| {case.name} | {case.n:,} | {case.build_s:.1f} | {case.bytes / 1e6:.2f} | {case.load_ms:.0f} |"
        f" {case.us:.1f} | {case.p99_us:.1f} | {case.cal:.0f} | **{case.times:.1f}** |"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Exit code 1: a case is over the limit."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.worst_cases", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("words", nargs="*")
    asked = parser.parse_args(arguments)
    cases = measure_worst(asked.quick, lambda text: print(f"... {text}", file=sys.stderr), asked.words)
    print(table(cases))
    return 1 if any(case.times > LIMIT for case in cases) else 0


if __name__ == "__main__":
    sys.exit(main())
