"""`discreet check` of large models, and how its time grows with the offers: `python -m benchmarks.checking`.

`journey-N`: the tests of `offers-N` (see `workload`), with N / 4 named conditions, 8 stages and 10 placements. Four
offers name one condition of two tests, and each asks for a test of its own. Seeded: every run reviews the same models.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from math import log
from typing import Any, Final

from discreet.checks import Review, review_models
from discreet.model import Model, models_from_dicts

from . import workload
from .subjects import NOW_S
from .workload import Test

SIZES: Final = (100, 300, 1_000)
LARGEST: Final = 3_000  # takes some ten seconds
STAGES: Final = 8
PLACEMENTS: Final = 10
_PER_CONDITION: Final = 4  # offers that name the same one, on average


@cache
def journey(n: int) -> tuple[Model, ...]:
    """The model with `n` offers, read and sound."""
    return models_from_dicts([_document(n)])


def review(n: int) -> Review:
    """All checks of `journey-n`, from the sound model on: compiling it is part of it."""
    return review_models(journey(n), now_ms=NOW_S * 1000)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What the review of one model took, in CPU seconds of its thread, and how much it found."""

    n: int
    conditions: int
    seconds: float
    findings: int


def measure(sizes: Sequence[int], say: Callable[[str], None] = lambda _: None) -> tuple[Reviewed, ...]:
    """Review `journey-n` once for each of `sizes`; reading it does not count."""
    return tuple(_measured(n, say) for n in sizes)


def table(measured: Sequence[Reviewed]) -> str:
    """The times, per offer too, how they grow from size to size, and what was found, in Markdown."""
    lines = [
        "| offers | conditions | `check` | an offer | time grows as N to the power of | findings |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for before, each in zip((None, *measured), measured, strict=False):
        power = "" if before is None else f"{log(each.seconds / before.seconds) / log(each.n / before.n):.1f}"
        lines.append(
            f"| {each.n:,} | {each.conditions:,} | {each.seconds:.2f} s | {each.seconds / each.n * 1000:.2f} ms "
            f"| {power} | {each.findings:,} |"
        )
    return "\n".join(lines)


def _measured(n: int, say: Callable[[str], None]) -> Reviewed:
    say(f"checking {n:,} offers")
    (model,) = journey(n)
    begun = time.thread_time()
    found = review(n).findings
    return Reviewed(n, len(model.conditions), time.thread_time() - begun, len(found))


def _document(n: int) -> dict[str, Any]:
    made = workload.make(n)
    dice = random.Random(f"journey {n}")
    named = {f"c{at}": _both(made.offers[at * _PER_CONDITION][1]) for at in range(-(-n // _PER_CONDITION))}
    stages = [{"id": "s0"}, *({"id": f"s{at}", "when": f"tenure >= {at * 200}"} for at in range(1, STAGES))]
    offers = (_offer(at, tests, dice) for at, (_, tests) in enumerate(made.offers))
    return {
        **made.document,
        "conditions": {
            name: {"says": f"Principle {name}", "when": when, "basis": "inductive"}
            for name, when in named.items()
        },
        "stages": stages,
        "placements": {f"p{at}": {"fallback": workload.FALLBACK} for at in range(PLACEMENTS)},
        "offers": [{"id": workload.FALLBACK, "content": {"title": "Welcome"}}, *offers],
    }


def _both(tests: Sequence[Test]) -> str:
    return f"{tests[0].text} and {tests[1].text}"


def _offer(at: int, tests: Sequence[Test], dice: random.Random) -> dict[str, Any]:
    return {
        "id": f"o{at}",
        "stages": sorted({f"s{dice.randrange(STAGES)}" for _ in range(2)}),
        "placements": [f"p{at % PLACEMENTS}"],
        "when": [f"c{at // _PER_CONDITION}", tests[2].text],
        "priority": dice.randrange(100),
        "content": {"title": f"Offer {at}"},
    }


if __name__ == "__main__":
    print(table(measure((*SIZES, LARGEST))))
