"""Under which purposes something can be at all: an offer shown, a stage reached. What the page's switches ask.

All of it is proven. Where the proof's budget was spent, nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from discreet.checks.proofs import Every, Prover, Undecided, furthest, journeys_of, reached, wins
from discreet.checks.remaining import remaining
from discreet.model.progress import told

if TYPE_CHECKING:
    from discreet.checks.proofs import Requirement, Rules
    from discreet.model import Model, Progress

    from .drawing import Leasts


@dataclass(frozen=True, slots=True)
class Permissions:
    """The least sets of purposes; None: it could not be decided.

    Attributes:
        shown: By placement and offer: somebody is shown it there.
        cells: By placement, stage and offer: somebody is whose furthest stage is that one, which is one of the offer's.
        reached: By model and stage.
    """

    shown: Mapping[tuple[str, str], Leasts | None]
    cells: Mapping[tuple[str, str, str], Leasts | None]
    reached: Mapping[tuple[str, str], Leasts | None]


def permissions_of(models: Sequence[Model], *, now_ms: float, progress: Progress) -> Permissions:
    """What every offer and stage of `models` asks, whoever comes and whenever: `now_ms` is only where to begin.

    Raises:
        ModelError: they cannot share a bundle.
    """
    journeys = journeys_of(models, progress)
    prover = Prover(journeys, now_ms=now_ms)
    shown: dict[tuple[str, str], Leasts | None] = {}
    stages: dict[tuple[str, str], Leasts | None] = {}
    cells: dict[tuple[str, str, str], Leasts | None] = {}
    for rules in journeys.rules:
        proven = remaining(prover, rules, progress)
        for placement in rules.placements:
            for _, number in placement.ranked:
                pair = placement.id, rules.offers[number].id
                shown[pair] = proven.get(pair)
        for stage in rules.stages:
            stages[rules.id, stage.id] = _leasts(prover, reached(rules, stage))
        cells |= _cells(prover, rules, progress)
    return Permissions(shown, cells, stages)


def _cells(prover: Prover, rules: Rules, progress: Progress) -> Mapping[tuple[str, str, str], Leasts | None]:
    """What each card of the journey asks: that it wins, and that no further stage than its own is reached."""
    asked = [(placement, stage, offer) for placement in rules.placements for stage, offer in placement.ranked]
    return {
        (placement.id, rules.stages[stage].id, rules.offers[offer].id): _leasts(
            prover, Every((furthest(rules, stage), wins(rules, placement, offer)))
        )
        for placement, stage, offer in told("working out what each stage asks", asked, progress)
    }


def _leasts(prover: Prover, requirement: Requirement) -> Leasts | None:
    try:
        return prover.least_consents(requirement)
    except Undecided:
        return None
