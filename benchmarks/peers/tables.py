"""The report in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from .results import PeerReport, Skipped, Speed, Start
from .table import OWN


def speed_table(report: PeerReport) -> str:
    """A row per engine, fastest first at the middle size: microseconds, and in bold the multiple of cal."""
    head = ["| engine | " + " | ".join(f"{n:,}" for n in report.sizes) + " |", _rule(report, 1)]
    rows = [
        f"| {name} {report.engines[name].version or ''} | "
        + " | ".join(_speed(report.engines[name].speed[n]) for n in report.sizes)
        + " |"
        for name in _ordered(report)
    ]
    return "\n".join([*head, *rows])


def _speed(speed: Speed | Skipped) -> str:
    if isinstance(speed, Skipped):
        return "-"
    wrong = f", **{speed.wrong} of {speed.checked} wrong**" if speed.wrong else ""
    return f"{_short(speed.us.median)} us, **{_short(speed.ratio.median)}** cal{wrong}"


def faster_table(report: PeerReport) -> str:
    """How many times faster ours is than the best peer and than each, in cal."""
    head = ["| ours is faster | " + " | ".join(f"{n:,}" for n in report.sizes) + " |", _rule(report, 1)]
    best = [
        "-" if name is None else f"**{_times(report, name, n)}** ({name})"
        for n in report.sizes
        for name in [report.best_peer(n)]
    ]
    rows = [f"| than the best peer | {' | '.join(best)} |"]
    rows += [
        f"| than {name} | {' | '.join(_times(report, name, n) for n in report.sizes)} |"
        for name in _ordered(report)
        if name != OWN
    ]
    return "\n".join([*head, *rows])


def _times(report: PeerReport, name: str, n: int) -> str:
    times = report.times_faster(name, n)
    return "-" if times is None else f"{_short(times)} x"


def start_table(report: PeerReport) -> str:
    """A row per engine: milliseconds from the configuration's bytes to the first answer, its size gzipped."""
    head = ["| engine | " + " | ".join(f"{n:,}" for n in report.sizes) + " |", _rule(report, 1)]
    rows = [
        f"| {name} | " + " | ".join(_start(report.engines[name].start[n]) for n in report.sizes) + " |"
        for name in _ordered(report)
    ]
    return "\n".join([*head, *rows])


def _start(start: Start | Skipped) -> str:
    if isinstance(start, Skipped):
        return "-"
    return f"**{_short(start.ms)}** ms ({_short(start.cpu_ms)} CPU), {start.gzip_bytes:,} B"


def form_lines(report: PeerReport) -> str:
    """How each engine is used, by which clock it is timed, and why it was skipped where it was."""
    lines: list[str] = []
    for name, each in report.engines.items():
        lines.append(f"- {name}: {each.distribution} {each.version or ''}: {each.form}; {each.clock} time.")
        reasons = [
            f"  - not at {n:,}: {found.skipped}"
            for n in report.sizes
            for found in (each.speed[n], each.start[n])
            if isinstance(found, Skipped)
        ]
        lines += dict.fromkeys(reasons)
    return "\n".join(lines)


def _rule(report: PeerReport, labels: int) -> str:
    return "|" + ":---|" * labels + "---:|" * len(report.sizes)


def _ordered(report: PeerReport) -> Sequence[str]:
    """Ours first, then by the ratio at the largest size at which most were measured; what was not measured last."""
    middle = max(report.sizes, key=lambda n: (sum(bool(report.ratio(name, n)) for name in report.engines), n))
    return sorted(
        report.engines, key=lambda name: (name != OWN, report.ratio(name, middle) or float("inf"), name)
    )


def _short(value: float) -> str:
    """Three digits that mean something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
