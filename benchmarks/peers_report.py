"""The report's part on other engines: measured by a coordinator of their own, and turned into figures and pictures."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from .curve import Bars, Chart, draw, draw_bars
from .loading import ENVIRONMENT, ROOT
from .peers import OWN, PeerReport, Start
from .peers.tables import faster_table, form_lines, speed_table, start_table
from .subjects import LARGEST, SIZES
from .targets import CALLS, Figure

ALL_SIZES: Final = (*SIZES, LARGEST)
START_AT: Final = 1_000  # offers, in the picture of cold starts


def measure_peers(python: str, rounds: int, budget_s: float) -> PeerReport | None:
    """Run `python -m benchmarks.peers` under `python`, which has the engines or has not; they are told apart there.

    None: it ended without figures, and standard error says why.
    """
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder, "peers.json")
        sizes = [str(n) for n in ALL_SIZES]
        command = [python, "-m", "benchmarks.peers", "--rounds", str(rounds), "--budget-s", str(budget_s)]
        subprocess.run(
            [*command, "--json", str(found), "--sizes", *sizes],
            cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        if not found.exists():
            return None
        return PeerReport.from_dict(json.loads(found.read_text(encoding="utf-8")))


def figures(report: PeerReport | None) -> dict[str, Figure]:
    """How many times faster than the best peer and than GrowthBook; why not, where a peer was not measured."""
    if report is None:
        return dict.fromkeys(_names(), Figure(None, "the peers"))
    found = {f"best peer {n}": _faster(report, report.best_peer(n), n) for n in ALL_SIZES}
    return {**found, "growthbook 1000": _faster(report, "growthbook", 1_000, named=False)}


def _names() -> Sequence[str]:
    return (*(f"best peer {n}" for n in ALL_SIZES), "growthbook 1000")


def _faster(report: PeerReport, peer: str | None, n: int, *, named: bool = True) -> Figure:
    times = None if peer is None else report.times_faster(peer, n)
    if times is None:
        return Figure(None, f"peers at {n:,}, see below")
    return Figure(times, peer or "" if named else "")


def sections(report: PeerReport) -> dict[str, str]:
    """The tables, by the markers' names."""
    return {
        "peers": f"{speed_table(report)}\n\n{faster_table(report)}",
        "peers start": start_table(report),
        "peers forms": form_lines(report),
    }


def pictures(report: PeerReport, ours: Mapping[int, float]) -> dict[str, str]:
    """Both pictures as SVG, by file name. `ours`: the public call in cal, where the peers' run has none of it."""
    lines = {
        name: points
        for name in _ordered(report)
        if (points := [(float(n), ratio) for n in report.sizes if (ratio := report.ratio(name, n))])
    }
    lines.setdefault(OWN, [(float(n), ratio) for n, ratio in ours.items()])
    limits = [
        (target.parts[0].must or 0.0, target.parts[0].goal or 0.0) for target in CALLS[: len(ALL_SIZES)]
    ]
    chart = Chart(
        title="One decision, by the number of offers",
        x_label="offers in the placement",
        y_label="times the cost of 12 dict reads (cal)",
        lines=lines,
        marks={
            "must hold": [(n, must) for n, (must, _) in zip(ALL_SIZES, limits, strict=True)],
            "goal": [(n, goal) for n, (_, goal) in zip(ALL_SIZES, limits, strict=True)],
        },
        strong=(OWN,),
    )
    made = {"growth.svg": draw(chart)}
    starts = {
        name: start.ms
        for name, each in report.engines.items()
        if isinstance(start := each.start.get(START_AT), Start)
    }
    if starts:
        made["start.svg"] = draw_bars(
            Bars(
                title=f"Cold start at {START_AT:,} offers",
                x_label="milliseconds from bytes to the first answer, fresh process",
                unit="ms",
                values=dict(sorted(starts.items(), key=lambda pair: pair[1])),
                strong=(OWN,),
            )
        )
    return made


def _ordered(report: PeerReport) -> list[str]:
    """Ours first, the others as the table of engines has them: a colour stays with its engine."""
    return [OWN, *(name for name in report.engines if name != OWN)]
