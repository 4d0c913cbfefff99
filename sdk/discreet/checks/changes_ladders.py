"""Ladders: a choice as the list of what is tried, best first.

A placement's ladder has a rung for each of its offers in each of the offer's stages, and the fallback at its foot; a
journey's has its stages, the furthest first. A visitor stands on the first rung that holds for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .proofs import Either, falls_back, furthest, wins

if TYPE_CHECKING:
    from .proofs import Requirement, Rules


@dataclass(frozen=True, slots=True)
class Rung:
    """What is tried: a stage and an offer, `offer` being "" on the ladder of the stages; the last always holds.

    `stage` is "" at the foot of a placement's ladder: its fallback.
    """

    stage: str
    offer: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs of one choice, best first, and what a visitor must fulfil to come to an outcome."""

    rules: Rules
    rungs: tuple[Rung, ...]
    lands: Callable[[str], Requirement]

    @property
    def outcomes(self) -> tuple[str, ...]:
        """All that it can lead to, each once, the best first."""
        return tuple(dict.fromkeys(rung.outcome for rung in self.rungs))


def placement_ladder(rules: Rules, placement: str) -> Ladder:
    """How the offer for a placement is chosen. An outcome is the id of the offer that shows, fallback or not."""
    placed = rules.placement(placement)
    fallback = rules.offers[placed.fallback].id

    def shown(offer: str) -> Requirement:
        return shows(rules, placement, offer)

    ranked = (
        Rung(rules.stages[stage].id, rules.offers[offer].id, rules.offers[offer].id)
        for stage, offer in placed.ranked
    )
    return Ladder(rules, (*ranked, Rung("", fallback, fallback)), shown)


def stage_ladder(rules: Rules) -> Ladder:
    """How the stage of a decision is found. An outcome is the id of a stage."""
    rungs = tuple(Rung(stage.id, "", stage.id) for stage in reversed(rules.stages))

    def stands(stage: str) -> Requirement:
        return furthest(rules, rules.stage(stage).number)

    return Ladder(rules, rungs, stands)


def shows(rules: Rules, placement: str, offer: str) -> Requirement:
    """A visitor who is shown the offer at the placement: because it wins, or because nothing is eligible."""
    placed = rules.placement(placement)
    number = rules.offer(offer).number
    competes = any(each == number for _, each in placed.ranked)
    ways: list[Requirement] = [wins(rules, placement, offer)] if competes else []
    if number == placed.fallback:
        ways.append(falls_back(rules, placement))
    return ways[0] if len(ways) == 1 else Either(tuple(ways))
