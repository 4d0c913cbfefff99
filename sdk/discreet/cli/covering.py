"""What scenarios see of the models, and what more scenarios would: for `discreet test`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .files import OutputRefused, check_output
from .options import clock_s
from .output import line
from .progress import long_work
from .refusals import count
from .scenario_run import consent_of, permitted_of

if TYPE_CHECKING:
    from discreet_consent import Policy

    from .. import Evaluator
    from ..checks.coverage import Coverage, Point
    from ..checks.suggestions import Suggestion
    from ..model import Model, Scenario

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Covered:
    """What the scenarios see, and the fewest more that would see the rest.

    Attributes:
        undecided: Of these it could not be proven whether any visitor sees them; they count as missing.
        of_children: Only known children see these; they count as missing, and are not suggested.
        suggested: None where no suggestions were asked for.
    """

    coverage: Coverage
    undecided: frozenset[Point]
    of_children: frozenset[Point]
    suggested: tuple[Suggestion, ...] | None


def cover(
    models: Sequence[Model],
    evaluator: Evaluator,
    scenarios: Sequence[Scenario],
    policy: Policy | None,
    *,
    suggesting: bool,
) -> Covered:
    """Say what `scenarios` see of `models`; of what they do not, prove whether anybody can see it."""
    from ..checks.coverage import Seen, Watch
    from ..checks.proofs import Prover, journeys_of
    from ..checks.suggestions import suggest, visitors_for

    watch = Watch(evaluator)
    visits = (
        Seen(each.placement, permitted_of(evaluator, each, consent_of(each, policy)), each.now_s)
        for each in scenarios
    )
    coverage = watch.coverage(visits)
    journeys = journeys_of(models)
    prover = Prover(journeys, now_ms=_instant_ms(scenarios))
    with long_work() as progress:
        found = visitors_for(coverage.missing, journeys, prover, progress)
    suggested = suggest(found, evaluator, watch) if suggesting else None
    known = replace(coverage, impossible=found.impossible)
    return Covered(known, found.undecided, found.of_children, suggested)


def _instant_ms(scenarios: Sequence[Scenario]) -> float:
    """When made-up visits happen, where it does not matter: with the latest scenario; without any, today."""
    latest_s = max((each.now_s for each in scenarios), default=clock_s() // DAY_S * DAY_S)
    return float(int(latest_s) * 1_000)


def check_suggestions(output: Path, read: Iterable[Path]) -> None:
    """See that `output` is new, or a file of suggestions that nobody has touched at its beginning.

    Raises:
        OutputRefused: it is another file.
    """
    from ..checks.suggestions_text import HEADER

    check_output(output, read)
    if output.exists() and not output.read_bytes().startswith(HEADER.encode()):
        raise OutputRefused(f"`{output}` is there, and no file of suggestions; name another output")


def as_dict(covered: Covered, names: Iterable[str]) -> dict[str, Any]:
    """For machines."""
    from ..checks.coverage import Aspect
    from ..checks.suggestions_text import scenarios_of

    coverage = covered.coverage
    counts = {f"{each.value}s": coverage.counts(each) for each in Aspect}
    told: dict[str, Any] = {
        "percent": coverage.percent,
        "counts": {aspect: {"seen": seen, "of": possible} for aspect, (seen, possible) in counts.items()},
        "missing": [each.as_json() for each in coverage.missing],
        "impossible": [each.as_json() for each in coverage.points if each in coverage.impossible],
        "undecided": [each.as_json() for each in coverage.points if each in covered.undecided],
        "of_children": [each.as_json() for each in coverage.points if each in covered.of_children],
    }
    if covered.suggested is None:
        return {"coverage": told}
    return {"coverage": told, "suggested": scenarios_of(covered.suggested, names)}


def print_coverage(covered: Covered) -> None:
    """The summary, what is missing, and what nobody can see."""
    from ..checks.coverage import Aspect

    coverage = covered.coverage
    line(f"coverage  {in_percent(coverage.percent)}")
    for aspect in Aspect:
        seen, possible = coverage.counts(aspect)
        line(f"  {aspect.value + 's':<11} {seen} of {possible}")
    models = {model for each in coverage.points for model in each.models}
    for what, told, style in (
        ("not seen by any scenario", {*coverage.missing} - covered.undecided - covered.of_children, "yellow"),
        (
            "not seen, and only by known children; state their consent by signals, with an `age`",
            covered.of_children,
            "",
        ),
        ("proven: no visitor can see this", coverage.impossible, ""),
        ("not seen, and the proof whether anybody can took too long", covered.undecided, "yellow"),
    ):
        if told:
            line(f"  {what}:", style)
        for each in _together([each for each in coverage.points if each in told], models):
            line(f"    {each}")


def _together(points: Iterable[Point], models: Set[str]) -> Iterator[str]:
    """The points in words, a line for each subject; the model is named where not all have it."""
    truths: dict[str, list[str]] = {}
    for point in points:
        subject, mark, truth = str(point).partition("` ")
        where = "" if set(point.models) == models else f"{', '.join(point.models)}: "
        truths.setdefault(where + subject + mark, []).append(truth)
    return (subject + " or ".join(told) for subject, told in truths.items())


def in_percent(percent: float) -> str:
    """`97.4 %`, rounded down: 100 means everything."""
    return f"{math.floor(percent * 10) / 10:g} %"


def print_suggested(suggested: Sequence[Suggestion], output: Path) -> None:
    """What became of the suggestions."""
    line()
    if suggested:
        line(f"made {output}: {count(len(suggested), 'scenario')} that nobody has agreed to yet")
    else:
        line("nothing to suggest")
