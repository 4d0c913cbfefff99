"""Measure everything side by side and write it down: `python -m benchmarks.report [--peers PYTHON]`.

Prints both tables of targets with what must hold, the goal, the figure and a verdict, then the tables behind them, and
writes all of it into benchmarks/README.md with two pictures beside it. `--peers` names an interpreter that has the
other engines installed; without it they are looked for in this one. `--quick` measures a little and writes nothing.
Exit code 1: something that must hold does not, or an answer is wrong. See README.md for what `--quick` judges.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from . import (
    batch_report,
    checking,
    growth,
    loading,
    peers_report,
    seen,
    signals_report,
    speed,
    starting,
    targets,
    worst_cases,
)
from .peers import OWN, PeerReport
from .reasons import REASONS
from .subjects import LARGEST, SIZES
from .targets import Figure
from .workload import VISITORS

PAGE: Final = Path(__file__).with_name("README.md")
SECTIONS: Final = (
    "calls", "loads", "speed", "growth", "peers", "peers start", "peers forms", "worst", "load", "download", "batch",
    "import", "signals", "hostile", "signals budget", "seen", "check", "machine",
)  # fmt: skip
LEFT_OUT: Final = Figure(None, "left out")


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured."""

    quick: bool
    sizes: Sequence[int]
    rounds: int  # of each of three runs
    loads: Mapping[int, int]  # rounds by number of offers
    starts: int
    signals: int  # rounds too
    checked: Mapping[int, int]
    batch: int  # rows
    python: str = sys.executable  # for the peers
    peer_rounds: int = 21
    peers_s: float = 600.0


LOADS: Final = {10: 101, 100: 101, 1_000: 61, 10_000: 21, LARGEST: 3}
FULL: Final = Effort(
    quick=False, sizes=(*SIZES, LARGEST), rounds=41, loads=LOADS, starts=41, signals=101,
    checked=speed.CHECKED, batch=1_000_000,
)  # fmt: skip
QUICK: Final = Effort(
    quick=True, sizes=SIZES, rounds=9, loads=dict.fromkeys(SIZES, 9), starts=7, signals=15,
    checked=dict.fromkeys(SIZES, 50), batch=20_000,
)  # fmt: skip


@dataclass(slots=True)
class Report:
    """What was found so far: the figures of the targets, the sections of the page, and what must hold and does not."""

    figures: dict[str, Figure] = field(default_factory=dict[str, Figure])
    sections: dict[str, str] = field(default_factory=dict[str, str])
    pictures: dict[str, str] = field(default_factory=dict[str, str])
    broken: list[str] = field(default_factory=list[str])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write. Returns the exit code."""
    effort = _effort(arguments)
    missing = places_missing(PAGE.read_text(encoding="utf-8"))
    if missing:  # before half an hour is spent
        raise SystemExit(f"benchmarks/README.md has no place for: {', '.join(missing)}")
    report = Report()
    answers = measure_ours(effort, report)
    measure_growth(effort, report)
    measure_peers(effort, report)
    measure_batch(effort, report)
    measure_signals(effort, report)
    sizes = checking.SIZES if effort.quick else (*checking.SIZES, checking.LARGEST)
    report.sections["check"] = checking.table(checking.measure(sizes, say))
    report.sections["machine"] = machine_lines(effort, answers)
    report.sections["calls"] = targets.table("public call, N offers", targets.CALLS, report.figures)
    report.sections["loads"] = targets.table("load, wire, start", targets.LOADS, report.figures)
    report.broken += targets.broken(report.figures, quick=effort.quick)
    print("\n\n".join(report.sections[name] for name in SECTIONS if name in report.sections))
    if not effort.quick:
        write(report)
    for each in report.broken:
        print(f"broken: {each}", file=sys.stderr)
    return 1 if report.broken else 0


def _effort(arguments: Sequence[str] | None) -> Effort:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="measure a little and write nothing")
    parser.add_argument(
        "--peers", metavar="PYTHON", default=sys.executable, help="who has the engines installed"
    )
    given = parser.parse_args(arguments)
    if given.quick:
        return QUICK
    return Effort(**{name: getattr(FULL, name) for name in Effort.__slots__} | {"python": given.peers})


def say(what: str) -> None:
    """Progress, for whoever waits."""
    print(f"... {what}", file=sys.stderr, flush=True)


# --- Measuring ---------------------------------------------------------------------------------------------


def measure_ours(effort: Effort, report: Report) -> dict[int, int]:
    """The public call, load, download, index and import. Returns the wrong answers by number of offers."""
    say("building the bundles")
    wrong = speed.wrong_answers(effort.sizes, effort.checked)
    report.broken += [f"{each} wrong answers at {n:,} offers" for n, each in wrong.items() if each]
    say("measuring, interleaved")
    timed = speed.measure_speed(effort.sizes, effort.rounds)
    report.figures |= speed.figures(timed)
    report.sections["speed"] = speed.table(effort.sizes, timed)

    say("loading")
    loads = {n: loading.measure_loading(n, effort.loads[n]) for n in effort.sizes}
    downloads = loading.measure_downloads()
    report.figures |= loading.loading_figures(loads) | loading.download_figures(downloads)
    report.figures |= loading.measure_index(effort.sizes)
    report.sections["load"] = loading.loading_table(loads)
    report.sections["download"] = loading.download_table(downloads)

    say("starting")
    starts = starting.measure_start(effort.starts)
    report.figures |= starting.figures(starts)
    report.sections["import"] = starting.lines(starts)
    return wrong


def measure_growth(effort: Effort, report: Report) -> None:
    """Visitor by visitor, over a million of them, and the worst cases."""
    grown = growth.measure_growth(effort.quick, say)
    kept = growth.measure_memory_kept(effort.quick, say)
    worst = worst_cases.measure_worst(effort.quick, say)
    report.figures |= {f"p99 {each.n}": Figure(each.slowest) for each in grown}
    report.figures["kept"] = Figure(max(0, kept.blocks) / kept.decisions, f"{kept.blocks:+,} in all")
    report.sections["growth"] = f"{growth.growth_table(grown)}\n\n{growth.kept_line(kept)}"
    report.sections["worst"] = f"{worst_cases.table(worst)}\n\n{worst_lines(worst)}"
    if not effort.quick:
        report.broken += [
            f"worst case `{each.name}`: {each.times:.0f} times the plain median, and no reason is written down"
            for each in worst
            if each.times > worst_cases.LIMIT and each.name not in REASONS
        ]


def worst_lines(cases: Sequence[worst_cases.WorstCase]) -> str:
    """How far the worst is from the limit, and why each case beyond it is."""
    most = max(cases, key=lambda each: each.times)
    over = [each for each in cases if each.times > worst_cases.LIMIT]
    first = (
        f"The most is {most.times:.1f} times the median of the plain workload (`{most.name}`);"
        f" {worst_cases.LIMIT:.0f} are allowed: {'**missed**' if over else 'held'}."
    )
    reasons = [
        f"- {each.name}: {reason.because} Tried: {reason.tried}"
        if (reason := REASONS.get(each.name))
        else f"- {each.name}: no reason is written down."
        for each in over
    ]
    return "\n".join([first, "", *reasons] if reasons else [first])


def measure_peers(effort: Effort, report: Report) -> None:
    """Other engines, and the memory that one of them takes."""
    found: PeerReport | None = None
    if effort.quick:
        report.figures |= {f"memory {n}": LEFT_OUT for n in (1_000, 10_000)}
    else:
        say("other engines")
        found = peers_report.measure_peers(effort.python, effort.peer_rounds, effort.peers_s)
        if found is None:  # the rest is worth keeping
            report.broken.append("the other engines were not measured")
        else:
            _add_peers(found, effort, report)
        say("memory")
        report.figures |= loading.measure_memory(effort.python, repeats=3)
    report.figures |= peers_report.figures(found)


def _add_peers(found: PeerReport, effort: Effort, report: Report) -> None:
    ours = {n: report.figures[f"call {n}"].value or 0.0 for n in effort.sizes}
    report.sections |= peers_report.sections(found)
    report.pictures |= peers_report.pictures(found, ours)
    report.broken += [f"{name} answers wrong at {n:,} offers" for name, n in found.wrong() if name == OWN]


def measure_batch(effort: Effort, report: Report) -> None:
    """A batch against a loop."""
    say("batch")
    measured = batch_report.measure(effort.batch, quick=effort.quick)
    report.figures["batch"] = batch_report.figure(measured)
    report.sections["batch"] = batch_report.lines(measured)
    if batch_report.wrong(measured):
        report.broken.append(
            f"{batch_report.wrong(measured)} decisions of a batch differ from those of the loop"
        )


def measure_signals(effort: Effort, report: Report) -> None:
    """Consent signals."""
    say("consent signals")
    realistic = signals_report.measure_realistic(effort.signals)
    hostile = signals_report.measure_hostile(effort.signals)
    again = seen.measure_seen(effort.signals)
    report.sections |= {
        "signals": signals_report.realistic_table(realistic),
        "hostile": signals_report.hostile_table(hostile),
        "signals budget": signals_report.budget_lines(realistic, hostile),
        "seen": seen.table(again),
    }
    if not signals_report.held(realistic, hostile):
        report.broken.append("a budget of the consent signals")
    if not seen.held(again):
        report.broken.append("the budget of consent signals that come again")


# --- Writing -----------------------------------------------------------------------------------------------


def machine_lines(effort: Effort, wrong: Mapping[int, int]) -> str:
    """What it ran on, and what was checked beside it."""
    answers = ", ".join(f"{n} wrong of {effort.checked[size]:,} at {size:,}" for size, n in wrong.items())
    return (
        f"{platform.python_implementation()} {platform.python_version()} on {platform.system()}"
        f" {platform.machine()}, {os.cpu_count()} cores; {speed.RUNS} runs of {effort.rounds} rounds, each one pass"
        f" over {VISITORS:,} visitors per subject.\nAgainst a naive scan: {answers}."
    )


def places_missing(page: str) -> list[str]:
    """The sections without exactly one place in the page."""
    marks = {name: (page.count(begin), page.count(end)) for name in SECTIONS for begin, end in [_marks(name)]}
    return [name for name, counts in marks.items() if counts != (1, 1)]


def _marks(name: str) -> tuple[str, str]:
    return f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->\n"


def filled(page: str, sections: Mapping[str, str]) -> str:
    """The page with each section between its marks."""
    for name, content in sections.items():
        begin, end = _marks(name)
        head, _, rest = page.partition(begin)
        _, _, tail = rest.partition(end)
        page = f"{head}{begin}{content}\n{end}{tail}"
    return page


def write(report: Report) -> None:
    """Put each section into its place in the README, and the pictures beside it."""
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), report.sections), encoding="utf-8")
    for name, svg in report.pictures.items():
        (PAGE.parent / name).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
