"""What is to be reached, as data: two tables of rows, each with what must hold, the goal, and the figures they judge.

`must` is held by every run of the report where it is a ratio within that run: see `Part.judged`. A goal that is missed
is said, with the reason from reasons.py; it breaks nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .reasons import REASONS

SLACK: Final = 1.25  # with `--quick`, on machines that others use too, for what is close to its limit
LOAD_SLACK: Final = 1.5  # the same for loads: memory that others use too moves them more


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number; `value` is None when it was not measured, and then `note` says why."""

    value: float | None
    note: str = ""


Figures = Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Part:
    """One figure of a row, and its limits.

    Attributes:
        figure: Its name among the figures.
        shown: How it is printed, with `{}` for the number as `digits` has it.
        at_least: Whether the limits are lower ones.
        judged: Whether a miss of `must` makes the report fail: ratios within one run, and counts.
        quick: The same with `--quick`, where the limit is `must` times this; None: not judged there.
    """

    figure: str
    shown: str
    must: float | None = None
    goal: float | None = None
    digits: str = ".1f"
    at_least: bool = False
    judged: bool = True
    quick: float | None = None

    def holds(self, value: float, limit: float | None, slack: float = 1.0) -> bool:
        """Whether `value` is within `limit`; within no limit everything is."""
        if limit is None:
            return True
        return value >= limit / slack if self.at_least else value <= limit * slack


@dataclass(frozen=True, slots=True)
class Target:
    """One row: its words, its two limits in words, and its figures."""

    name: str
    must: str
    goal: str
    parts: tuple[Part, ...]


def _call(n: int, must: float, goal: float, words: str, peer: float, *more: Part) -> Target:
    quick = SLACK if n <= 100 else 1.0
    parts = (
        Part(f"call {n}", "**{} cal**", must, goal, quick=quick),
        Part(f"best peer {n}", "{} x the best peer", goal=peer, at_least=True),
        *more,
    )
    return Target(f"{n:,}", f"{must:.0f} cal", f"{goal:.0f} cal, {words}", parts)


CALLS: Final = (
    _call(10, 8, 5, "faster than every peer", 1),
    _call(100, 14, 9, "3 x the best peer", 3),
    _call(
        1_000, 22, 10, "12 x the best peer, 400 x GrowthBook", 12,
        Part("growthbook 1000", "{} x GrowthBook", goal=400, digits=".0f", at_least=True),
    ),
    _call(10_000, 42, 20, "100 x the best peer", 100),
    _call(100_000, 160, 60, "500 x the best peer", 500),
    Target(
        "p99 of visitors / median", "2", "1.6",
        tuple(Part(f"p99 {n}", f"{n:,}: **{{}}**", 2, 1.6, ".2f") for n in (10, 100, 1_000, 10_000)),
    ),
    Target(
        "memory kept per visitor, over 1,000,000 with ever new attribute sets", "none", "none",
        (Part("kept", "**{} blocks**", 0.001, 0.001, ".4f"),),
    ),
)  # fmt: skip

LOADS: Final = (
    Target(
        "bytes to first answer, signature verified / `json.loads` of GrowthBook's payload", "1 x", "0.4 x",
        tuple(Part(f"answer {n}", f"{n:,}: **{{}} x**", 1, 0.4, ".2f", quick=LOAD_SLACK) for n in (1_000, 10_000)),
    ),
    Target(
        "the same at 10 offers", "1.5 ms", "0.5 ms",
        (Part("answer ms", "**{} ms**", 1.5, 0.5, ".2f", judged=False),),
    ),
    Target(
        "download / the model's own JSON, both gzip, content left out", "1.1 x", "0.9 x",
        tuple(Part(f"download {n}", f"{n:,}: **{{}} x**", 1.1, 0.9, ".2f", quick=1) for n in (100, 1_000, 10_000)),
    ),
    Target(
        "memory added by load / GrowthBook's", "0.5 x", "0.25 x",
        tuple(Part(f"memory {n}", f"{n:,}: **{{}} x**", 0.5, 0.25, ".2f") for n in (1_000, 10_000)),
    ),
    Target(
        "index, bytes per condition", "150", "100",
        tuple(Part(f"index {n}", f"{n:,}: **{{}}**", 150, 100, ".0f", quick=1) for n in (1_000, 10_000, 100_000)),
    ),
    Target(
        "import of the decision core over a bare interpreter / with signature verification",
        "20 / 35 ms", "10 / 25 ms",
        (
            Part("import core", "**{} ms**", 20, 10, judged=False),
            Part("import verify", "verifying: **{} ms**", 35, 25, judged=False),
        ),
    ),
    Target(
        "batch of 1,000,000 visitors, 1,000 offers: rows a second / `permit` + `decide` in a loop", "5 x", "15 x",
        (Part("batch", "**{} x**", 5, 15, at_least=True),),
    ),
)  # fmt: skip


def table(head: str, targets: Sequence[Target], figures: Figures) -> str:
    """A row per target with both limits, the figures and the verdict; below it, the reasons for what is missed."""
    lines = [f"| {head} | must | goal | measured | verdict |", "|:---|---:|---:|:---|:---|"]
    lines += [
        f"| {each.name} | {each.must} | {each.goal} | {_measured(each, figures)} | {verdict(each, figures)} |"
        for each in targets
    ]
    reasons = [line for each in targets for line in _reasons(each, figures)]
    return "\n".join([*lines, "", *reasons] if reasons else lines)


def _measured(target: Target, figures: Figures) -> str:
    cells = [
        part.shown.format(format(figure.value, f",{part.digits}"))
        + (f" ({figure.note})" if figure.note else "")
        for part in target.parts
        if (figure := figures[part.figure]).value is not None
    ]
    missing = dict.fromkeys(
        figure.note for part in target.parts if (figure := figures[part.figure]).value is None
    )
    return "; ".join([*cells, *(f"not measured: {each}" for each in missing)])


def verdict(target: Target, figures: Figures) -> str:
    """In a few words, what is held; what was not measured is held by nobody."""
    musts = [
        held for part in target.parts if part.must is not None for held in _held(part, part.must, figures)
    ]
    goals = [
        held for part in target.parts if part.goal is not None for held in _held(part, part.goal, figures)
    ]
    if False in musts:
        return "**must missed**"
    if all(held is None for held in (*musts, *goals)):
        return "not measured"
    if None in musts:
        return "must held as far as measured" + (", goal missed" if False in goals else "")
    if False in goals:
        return "must held, **goal missed**"
    return "goal held as far as measured" if None in goals else "goal held"


def _held(part: Part, limit: float, figures: Figures) -> Iterator[bool | None]:
    value = figures[part.figure].value
    yield None if value is None else part.holds(value, limit)


def _reasons(target: Target, figures: Figures) -> Iterator[str]:
    if "missed" not in verdict(target, figures):
        return
    reason = REASONS.get(target.name)
    if reason is None:
        yield f"- {target.name}: no reason is written down."
    else:
        yield f"- {target.name}: {reason.because} Tried: {reason.tried}"


def broken(figures: Figures, *, quick: bool) -> list[str]:
    """The figures that miss what must hold, of those that this kind of run judges: in words, with the limit."""
    found: list[str] = []
    for target in (*CALLS, *LOADS):
        for part in target.parts:
            value, slack = figures[part.figure].value, part.quick if quick else 1.0
            judged = part.judged and slack is not None and value is not None
            if judged and not part.holds(value or 0.0, part.must, slack or 1.0):
                found.append(f"{part.figure}: {value:,.3g}, and {target.must} must hold")
    return found
