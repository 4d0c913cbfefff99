"""The edge server under load, beside a bare JSON endpoint: `python -m benchmarks.serving [--seconds 30]`.

Prints the table and writes it into benchmarks/README.md. Exit code 1: what must hold does not. `--quick` takes some
twenty seconds, writes nothing, and allows a little less, for machines that others use too.

It shows what the decision costs beside HTTP and JSON, in Python, in one process. It does not show a network, TLS, or
how many visitors a machine serves: wrk takes a core of its own, and says nothing while its connections wait.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .report import PAGE, filled, say
from .serving_load import ROOT, Ask, Load, bare_command, free_port, load, missing, running, serve_command

sys.path.append(str(Path(__file__).parents[1] / "tests"))  # `support`, as pytest has it

from support.tc_strings import ALL_PURPOSES, encode_tc

MUST: Final = 0.7  # of the bare endpoint's throughput
QUICK_MUST: Final = 0.6
ROUNDS: Final = 6  # each subject's turn comes so often
BARE: Final = "bare"
READS: Final = "bare, body read as JSON"
BARE_GRANIAN: Final = "bare, granian"
SECTION: Final = "serving"


@dataclass(frozen=True, slots=True)
class Subject:
    """One row of the table.

    Attributes:
        options: Of `discreet serve`; None: a bare endpoint.
        judged_beside: The bare subject of which it must reach a share; None: it is only shown.
    """

    name: str
    ask: Ask
    server: str = "uvicorn"
    options: Sequence[str] | None = ()
    judged_beside: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one subject, and its throughput as a share of bare ones on the same HTTP server, by name."""

    subject: Subject
    loads: Sequence[Load]
    shares: Mapping[str, float]

    @property
    def errors(self) -> int:
        return sum(each.errors for each in self.loads)


def subjects(folder: Path, now_s: float) -> tuple[Subject, ...]:
    """The rows: the bare endpoints, then what is judged, then its variants."""
    one = json.dumps({"placement": "home.hero", "attributes": {"weekday": "wednesday", "purchase_days": 3}})
    choice = encode_tc(ALL_PURPOSES, ALL_PURPOSES, created_s=now_s - now_s % 86_400 - 10 * 86_400)
    asks = Ask("/v1/decide", one)
    consenting = Ask("/v1/decide", one, {"Cookie": f"euconsent-v2={choice}"})
    italy, journal = ("--region", "IT"), ("--journal", str(folder / "journal.jsonl"))
    return (
        Subject(BARE, Ask("/bare", one), options=None),
        Subject(READS, Ask("/reads", one), options=None),
        Subject("decide, no consent", asks, options=italy, judged_beside=READS),
        Subject("decide, TC string", consenting, options=italy, judged_beside=READS),
        Subject("decide, TC string, journal", consenting, options=(*italy, *journal)),
        Subject(BARE_GRANIAN, Ask("/bare", one), server="granian", options=None),
        Subject("decide, TC string, granian", consenting, server="granian", options=(*italy, "--server", "granian")),
    )  # fmt: skip


def measure(seconds: float, connections: int) -> list[Row]:
    """Put every subject under load, in turns; each gets `seconds` in all."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = subjects(folder, time.time())
        bundle, ring = _demo(folder)
        ports = {each.name: free_port() for each in made}
        commands = [(ports[each.name], _command(each, ports[each.name], bundle, ring)) for each in made]
        loads: dict[str, list[Load]] = {each.name: [] for each in made}
        with running(commands):
            for turn in range(ROUNDS):
                say(f"load, turn {turn + 1} of {ROUNDS}")
                for each in made:
                    found = load(
                        ports[each.name], each.ask, folder, seconds=seconds / ROUNDS, connections=connections
                    )
                    loads[each.name].append(found)
    return [Row(each, loads[each.name], _shares(each, loads)) for each in made]


def _shares(subject: Subject, loads: Mapping[str, Sequence[Load]]) -> dict[str, float]:
    """Of which bare subjects `subject` reaches which share; of none, if it is one of them."""
    if subject.options is None:
        return {}
    beside = (BARE, READS) if subject.server == "uvicorn" else (BARE_GRANIAN,)
    return {name: share(loads[subject.name], loads[name]) for name in beside}


def _demo(folder: Path) -> tuple[Path, Path]:
    say("building the demo's bundle")
    out = folder / "demo"
    command = [sys.executable, "-m", "discreet", "demo", "--out", str(out)]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return out / "shop.bundle", out / "trusted-keys.json"


def _command(subject: Subject, port: int, bundle: Path, ring: Path) -> list[str]:
    if subject.options is None:
        return bare_command(port, server=subject.server)
    return serve_command(port, bundle, ring, *subject.options)


def share(ours: Sequence[Load], bare: Sequence[Load]) -> float:
    """The median of the rounds' ratios: each round's subjects stood side by side."""
    return statistics.median(one.per_second / other.per_second for one, other in zip(ours, bare, strict=True))


def table(rows: Sequence[Row]) -> str:
    """The rows, as the page has them."""
    head = (
        "| subject | requests/s | of the bare one | of the one that reads JSON | p50 ms | p99 ms | errors |",
        "|:---|---:|---:|---:|---:|---:|---:|",
    )
    return "\n".join([*head, *map(_line, rows)])


def _line(row: Row) -> str:
    rate = statistics.median(each.per_second for each in row.loads)
    p50_ms = statistics.median(each.p50_us for each in row.loads) / 1_000
    p99_ms = statistics.median(each.p99_us for each in row.loads) / 1_000
    bare, reads = _said(row, BARE, BARE_GRANIAN), _said(row, READS)
    return f"| {row.subject.name} | {rate:,.0f} | {bare} | {reads} | {p50_ms:.2f} | {p99_ms:.2f} | {row.errors} |"


def _said(row: Row, *names: str) -> str:
    """The share of the one of `names` that it was measured beside; what is judged stands out."""
    for name in names:
        if name in row.shares:
            bold = "**" if name == row.subject.judged_beside else ""
            return f"{bold}{row.shares[name]:.2f}{bold}"
    return ""


def broken(rows: Sequence[Row], *, must: float) -> list[str]:
    """What must hold and does not."""
    slow = [
        f"{row.subject.name}: {row.shares[beside]:.2f} of `{beside}`, must be {must}"
        for row in rows
        if (beside := row.subject.judged_beside) is not None and row.shares[beside] < must
    ]
    return slow + [f"{row.subject.name}: {row.errors} errors" for row in rows if row.errors]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="for each subject")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--quick", action="store_true", help="a second each time, and write nothing")
    given = parser.parse_args(arguments)
    why_not = missing()
    if why_not is not None:
        print(why_not, file=sys.stderr)
        return 2
    if not given.quick and places_missing_of(SECTION):
        raise SystemExit(f"benchmarks/README.md has no place for: {SECTION}")
    rows = measure(ROUNDS if given.quick else given.seconds, given.connections)
    print(table(rows))
    if not given.quick:
        _write({SECTION: table(rows)})
    found = broken(rows, must=QUICK_MUST if given.quick else MUST)
    for each in found:
        print(f"broken: {each}", file=sys.stderr)
    return 1 if found else 0


def places_missing_of(section: str) -> bool:
    """Whether the page lacks the place for `section`."""
    return f"<!-- {section}:begin -->" not in PAGE.read_text(encoding="utf-8")


def _write(sections: Mapping[str, str]) -> None:
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), sections), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
