"""Under which purposes something can be at all: an offer be shown, a stage be reached. What the page's switches ask.

All of it is proven. Where the proof's budget was spent, nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from discreet.checks.proofs import Prover, Undecided, journeys_of, reached
from discreet.checks.remaining import remaining

if TYPE_CHECKING:
    from discreet.checks.proofs import Requirement
    from discreet.model import Model, Progress

    from .drawing import Leasts


@dataclass(frozen=True, slots=True)
class Permissions:
    """The least sets of purposes, by placement and offer, and by model and stage; None: it could not be decided."""

    shown: Mapping[tuple[str, str], Leasts | None]
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
    for rules in journeys.rules:
        proven = remaining(journeys, prover, rules, progress)
        for placement in rules.placements:
            for _, number in placement.ranked:
                pair = placement.id, rules.offers[number].id
                shown[pair] = proven.get(pair)
        for stage in rules.stages:
            stages[rules.id, stage.id] = _leasts(prover, reached(rules, stage))
    return Permissions(shown, stages)


def _leasts(prover: Prover, requirement: Requirement) -> Leasts | None:
    try:
        return prover.least_consents(requirement)
    except Undecided:
        return None
