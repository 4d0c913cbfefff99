"""The report's part on consent signals: measured in turns, in one process, and written as tables."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from discreet_consent.signals import tcf

from . import signals
from .signals import LENGTHS

FASTER: Final = 6.0  # `decode` than the peer, at least, at every length
LIMIT: Final = 400.0  # passes of base64 for a hostile string, decoded: some 5 ms on a machine of 2026
CALLS: Final = {44: 200, 86: 100, 742: 20}  # in one round

Run = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Times:
    """Microseconds of a call, and a ratio to the other call of the same round: medians over all rounds."""

    us: float
    ratio: float
    spread: tuple[float, float]  # of the ratio: 10 % and 90 % of the rounds lie below

    def __str__(self) -> str:
        low, high = self.spread
        return f"{self.ratio:.1f} ({low:.1f}-{high:.1f})"


@dataclass(frozen=True, slots=True)
class Against:
    """At one length: the peer's microseconds, None when it is not installed, and how often ours fit into them."""

    peer_us: float | None
    decode: Times
    read: Times


def measure_realistic(rounds: int) -> dict[int, Against]:
    """By length: the peer, `decode` alone, and `decode` with every field read take turns in every round."""
    peer = signals.peer()
    found: dict[int, Against] = {}
    for length in LENGTHS:
        runs = (peer or tcf.decode, tcf.decode, signals.decode_and_read)
        others, *ours = in_turns(runs, signals.realistic(length), rounds, CALLS[length])
        decode, read = (times(each, others, each) for each in ours)
        found[length] = Against(statistics.median(others) if peer else None, decode, read)
    return found


def measure_hostile(rounds: int) -> dict[str, tuple[Times, Times]]:
    """By what a string is full of: decoded, and decoded and read. The ratio is to one pass of base64."""
    found: dict[str, tuple[Times, Times]] = {}
    for name, text in signals.hostile().items():
        runs = (signals.base64_pass, signals.decode_hostile, signals.read_hostile)
        floor, *ours = in_turns(runs, text, rounds, 1)
        decode, read = (times(each, each, floor) for each in ours)
        found[name] = decode, read
    return found


def in_turns(runs: Sequence[Run], text: str, rounds: int, calls: int) -> list[list[float]]:
    """By run, the microseconds of a call in each round: CPU time of this thread, without garbage collection."""
    taken_us: list[list[float]] = [[] for _ in runs]
    for run in runs:  # once unmeasured: whatever is built on first use is built now
        run(text)
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for run, taken in zip(runs, taken_us, strict=True):
                begin = time.thread_time()
                for _ in range(calls):
                    run(text)
                taken.append((time.thread_time() - begin) / calls * 1e6)
    finally:
        gc.enable()
    return taken_us


def times(us: Sequence[float], numerators: Sequence[float], denominators: Sequence[float]) -> Times:
    """The medians of `us`, and of the ratios of the two others, round by round."""
    ratios = [one / other for one, other in zip(numerators, denominators, strict=True)]
    tenths = statistics.quantiles(ratios, n=10)
    return Times(statistics.median(us), statistics.median(ratios), (tenths[0], tenths[-1]))


def held(realistic: Mapping[int, Against], hostile: Mapping[str, tuple[Times, Times]]) -> bool:
    """Whether both budgets hold, which are ratios; what was not measured does not break one."""
    return _least(realistic) >= FASTER and _slowest(hostile).ratio <= LIMIT


def _least(realistic: Mapping[int, Against]) -> float:
    return min((each.decode.ratio for each in realistic.values() if each.peer_us is not None), default=FASTER)


def _slowest(hostile: Mapping[str, tuple[Times, Times]]) -> Times:
    return max((decode for decode, _ in hostile.values()), key=lambda each: each.ratio)


def realistic_table(measured: Mapping[int, Against]) -> str:
    """Times, and how many times faster than the peer, by length."""
    head = [
        "| characters | `iab-tcf`, us | `decode`, us | times faster | and every field read, us | times faster |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    rows = [
        f"| {length} | {each.peer_us:.1f} | {each.decode.us:.1f} | **{each.decode}** | {each.read.us:.1f} |"
        f" {each.read} |"
        if each.peer_us is not None
        else f"| {length} | not installed | {each.decode.us:.1f} | | {each.read.us:.1f} | |"
        for length, each in measured.items()
    ]
    return "\n".join([*head, *rows])


def hostile_table(measured: Mapping[str, tuple[Times, Times]]) -> str:
    """Times, and as multiples of one pass of base64."""
    head = [
        "| 4,096 characters of | decoded, ms | x base64 | decoded and read, ms | x base64 |",
        "|:---|---:|---:|---:|---:|",
    ]
    rows = [
        f"| {name} | **{decode.us / 1e3:.2f}** | {decode.ratio:.0f} | {read.us / 1e3:.2f} | {read.ratio:.0f} |"
        for name, (decode, read) in measured.items()
    ]
    return "\n".join([*head, *rows])


def budget_lines(realistic: Mapping[int, Against], hostile: Mapping[str, tuple[Times, Times]]) -> str:
    """Whether the two budgets hold, one line each."""
    least, slowest = _least(realistic), _slowest(hostile)
    first = f"{least:.1f}, and {FASTER:.0f} are asked: {'held' if least >= FASTER else '**broken**'}"
    if any(each.peer_us is None for each in realistic.values()):
        first = "not measured, the peer is not installed: `pip install -r benchmarks/peers/requirements.txt`"
    return (
        f"- How many times faster than the peer `decode` is, at the least: {first}.\n"
        f"- The slowest hostile string is decoded in {slowest.us / 1e3:.1f} ms, which are {slowest.ratio:.0f} passes"
        f" of base64 of {LIMIT:.0f}: {'held' if slowest.ratio <= LIMIT else '**broken**'}."
    )
