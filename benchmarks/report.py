"""Measure everything side by side and write it down: `python -m benchmarks.report`.

Prints the tables, says whether the budget holds, and puts both into benchmarks/README.md and the curve into
benchmarks/growth.svg. `--quick` measures a little, prints, and writes nothing. Exit code 1: the budget is broken
or an answer is wrong.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import discreet

from . import seen, signals_report, subjects
from .curve import Chart, draw
from .subjects import SIZES
from .workload import VISITORS

HERE: Final = Path(__file__).parent
BUDGET: Final = {1_000: 22.0, 10_000: 42.0}  # `permit` and `decide` together, in cal
CHECKED: Final = {10: VISITORS, 100: VISITORS, 1_000: VISITORS, 10_000: 300}  # visitors; a naive scan is slow


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured."""

    rounds: int
    starts: int
    signals: int  # rounds too
    checked: Mapping[int, int]


FULL: Final = Effort(rounds=101, starts=41, signals=101, checked=CHECKED)
QUICK: Final = Effort(rounds=21, starts=7, signals=15, checked=dict.fromkeys(SIZES, 50))


@dataclass(frozen=True, slots=True)
class Measured:
    """One subject's times over all rounds, per visitor, and as a ratio to the cal of the same round."""

    us: float
    ratio: float
    spread: tuple[float, float]  # of the ratio: 10 % and 90 % of the rounds lie below


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="measure a little and write nothing")
    quick: bool = parser.parse_args(arguments).quick
    effort = QUICK if quick else FULL

    say("building the bundles")
    wrong = {n: _wrong(n, effort.checked[n]) for n in SIZES}
    say("measuring, interleaved")
    speed = measure_speed(effort.rounds)
    loading = {n: measure_loading(n, 7 if quick else 31) for n in SIZES}
    start = measure_start(effort.starts)
    realistic = signals_report.measure_realistic(effort.signals)
    hostile = signals_report.measure_hostile(effort.signals)
    seen_before = seen.measure_seen(effort.signals)

    held = {n: speed[f"both {n}"].ratio <= limit for n, limit in BUDGET.items()}
    sections = {
        "speed": speed_table(speed),
        "budget": budget_lines(speed, held),
        "load": load_table(loading),
        "import": start_lines(start),
        "signals": signals_report.realistic_table(realistic),
        "hostile": signals_report.hostile_table(hostile),
        "signals budget": signals_report.budget_lines(realistic, hostile),
        "seen": seen.table(seen_before),
        "machine": machine_lines(effort, wrong),
    }
    print("\n\n".join(sections.values()))
    if not quick:
        write(sections, curve(speed))
    broken = not all(held.values()) or not signals_report.held(realistic, hostile)
    broken = broken or not seen.held(seen_before)
    return 1 if broken or any(wrong.values()) else 0


def say(what: str) -> None:
    """Progress, for whoever waits."""
    print(f"... {what}", file=sys.stderr)


def _wrong(n: int, checked: int) -> int:
    return subjects.wrong_answers(n, subjects.subject(n).workload.visitors[:checked])


# --- Measuring ---------------------------------------------------------------------------------------------


def measure_speed(rounds: int) -> dict[str, Measured]:
    """Time one pass over 1,000 visitors per subject and round; all subjects take turns in every round.

    `cal` is timed right before and right after each of them, so that a machine that is slower for a while is so for
    both.
    """
    visitors: Sequence[Any] = subjects.subject(SIZES[0]).workload.visitors
    passes: dict[str, tuple[Callable[[Any], None], Sequence[Any]]] = {"cal": (subjects.cal, visitors)}
    for n in SIZES:
        passes[f"both {n}"] = (subjects.permit_and_decide(n), visitors)
        passes[f"decide {n}"] = (subjects.decide_only(n), subjects.permitted(n))
    passes["permit"] = (subjects.permit_only(SIZES[0]), visitors)
    passes["stripped"] = (subjects.permit_and_decide(1_000, subjects.NOTHING), visitors)

    times: dict[str, list[tuple[float, float]]] = {name: [] for name in passes}
    for run, over in passes.values():  # once unmeasured: whatever is built on first use is built now
        run(over)
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, (run, over) in passes.items():
                before = _seconds(subjects.cal, visitors)
                taken = _seconds(run, over)
                times[name].append((taken, (before + _seconds(subjects.cal, visitors)) / 2))
    finally:
        gc.enable()
    return {name: _summary(each) for name, each in times.items()}


def _seconds(run: Callable[[Any], object], over: Any) -> float:
    """CPU seconds of this thread: what others do on the machine in the meantime does not count."""
    begin = time.thread_time()
    run(over)
    return time.thread_time() - begin


def _summary(times: Sequence[tuple[float, float]]) -> Measured:
    ratios = [taken / cal for taken, cal in times]
    tenths = statistics.quantiles(ratios, n=10)
    us = statistics.median(taken for taken, _ in times) / VISITORS * 1e6
    return Measured(us, statistics.median(ratios), (tenths[0], tenths[-1]))


def measure_loading(n: int, rounds: int) -> dict[str, float]:
    """Median milliseconds to verify and to load `offers-n`, and the bundle's size."""
    made = subjects.subject(n)

    def verify(_: object) -> None:
        discreet.verify(made.bundle, made.keyring, now_s=subjects.NOW_S)

    def load(_: object) -> None:
        discreet.load_bytes(made.bundle, made.keyring, now_s=subjects.NOW_S)

    verifying, whole = [], []
    for _ in range(rounds):
        verifying.append(_seconds(verify, None))
        whole.append(_seconds(load, None))
    return {
        "verify_ms": statistics.median(verifying) * 1e3,
        "load_ms": statistics.median(whole) * 1e3,
        "bytes": len(made.bundle),
    }


def measure_start(starts: int) -> dict[str, float]:
    """Median milliseconds of a fresh process, by what it imports; the processes take turns.

    They are closed off from the environment (`-I`), which may forbid them to keep compiled modules.
    """
    codes = {"nothing": "pass", "discreet": "import discreet", "typing": "import typing, dataclasses"}
    times: dict[str, list[float]] = {name: [] for name in codes}
    for _ in range(starts + 1):
        for name, code in codes.items():
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-I", "-c", code], check=True)
            times[name].append(time.perf_counter() - begin)
    return {name: statistics.median(each[1:]) * 1e3 for name, each in times.items()}  # the first compiles


# --- Writing -----------------------------------------------------------------------------------------------


def speed_table(speed: Mapping[str, Measured]) -> str:
    """Times and ratios by number of offers."""
    rows = [
        f"| {n:,} | {speed[f'both {n}'].us:.2f} | **{_ratio(speed[f'both {n}'])}** |"
        f" {speed[f'decide {n}'].us:.2f} | {_ratio(speed[f'decide {n}'])} |"
        for n in SIZES
    ]
    head = [
        "| offers | `permit` + `decide`, us | x cal | `decide` alone, us | x cal |",
        "|---:|---:|---:|---:|---:|",
    ]
    foot = (
        f"cal: {speed['cal'].us:.2f} us. `permit` alone: {speed['permit'].us:.2f} us,"
        f" {_ratio(speed['permit'])} cal.\nBoth at 1,000 offers when the consent refuses everything:"
        f" {speed['stripped'].us:.2f} us, {_ratio(speed['stripped'])} cal."
    )
    return "\n".join([*head, *rows, "", foot])


def _ratio(measured: Measured) -> str:
    low, high = measured.spread
    return f"{measured.ratio:.1f} ({low:.1f}-{high:.1f})"


def budget_lines(speed: Mapping[str, Measured], held: Mapping[int, bool]) -> str:
    """Whether the budget holds, one line per size."""
    return "\n".join(
        f"- At {n:,} offers: {speed[f'both {n}'].ratio:.1f} cal of {limit:.0f}: "
        f"{'held' if held[n] else '**broken**'}."
        for n, limit in BUDGET.items()
    )


def load_table(loading: Mapping[int, Mapping[str, float]]) -> str:
    """Size and loading by number of offers."""
    rows = [
        f"| {n:,} | {each['bytes']:,.0f} | {each['verify_ms']:.2f} | {each['load_ms']:.2f} |"
        for n, each in loading.items()
    ]
    head = ["| offers | bundle, bytes | verify, ms | verify and load, ms |", "|---:|---:|---:|---:|"]
    return "\n".join([*head, *rows])


def start_lines(start: Mapping[str, float]) -> str:
    """What an import costs on top of a bare interpreter."""
    bare, ours, other = start["nothing"], start["discreet"], start["typing"]
    return (
        f"A process that imports nothing takes {bare:.1f} ms, one that imports `discreet` {ours:.1f} ms"
        f" ({ours / bare:.1f} times as long),\none that imports `typing` and `dataclasses` {other:.1f} ms."
    )


def machine_lines(effort: Effort, wrong: Mapping[int, int]) -> str:
    """What it ran on, and what was checked beside it."""
    answers = ", ".join(f"{n} wrong of {effort.checked[size]:,} at {size:,}" for size, n in wrong.items())
    return (
        f"{platform.python_implementation()} {platform.python_version()} on {platform.system()}"
        f" {platform.machine()}, {os.cpu_count()} cores; median of {effort.rounds} rounds, each one pass over"
        f" {VISITORS:,} visitors per subject.\nAgainst a naive scan: {answers}."
    )


def curve(speed: Mapping[str, Measured]) -> str:
    """The growth of `permit` + `decide` with the number of offers, with the budget, as SVG."""
    chart = Chart(
        title="permit + decide: growth with the number of offers",
        x_label="offers in the placement",
        y_label="times the cost of 12 dict reads (cal)",
        lines={
            "permit + decide": [(n, speed[f"both {n}"].ratio) for n in SIZES],
            "decide": [(n, speed[f"decide {n}"].ratio) for n in SIZES],
        },
        marks={"budget": list(BUDGET.items())},
    )
    return draw(chart)


def write(sections: Mapping[str, str], svg: str) -> None:
    """Put each section between its markers in the README, and the curve beside it."""
    page = HERE / "README.md"
    text = page.read_text(encoding="utf-8")
    for name, content in sections.items():
        head, begin, rest = text.partition(f"<!-- {name}:begin -->\n")
        _, end, tail = rest.partition(f"<!-- {name}:end -->")
        if not begin or not end:
            raise SystemExit(f"benchmarks/README.md has no markers for `{name}`")
        text = f"{head}{begin}{content}\n{end}{tail}"
    page.write_text(text, encoding="utf-8")
    (HERE / "growth.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
