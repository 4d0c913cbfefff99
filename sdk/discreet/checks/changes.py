"""The semantic difference of two models or bundles: for whom, and under which consent, another offer wins.

Not what was rewritten, but what visitors meet. Every change comes with a visitor who meets it, and where the search
ends by itself it is proven that there is no other. Expiry is left out: both sides are compared as they are in force.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING

from discreet.model.progress import Progress, unheard

from .changes_alike import Likeness
from .changes_contents import content_changes
from .changes_declared import declared_changes, paired_models
from .changes_found import (
    ContentChange,
    DeclarationChange,
    Difference,
    Outcome,
    StageChange,
    Unproven,
    WinnerChange,
)
from .changes_ladders import placement_ladder, stage_ladder
from .changes_search import Comparison
from .proofs import Prover, falls_back, side_by_side
from .proofs.prover import BUDGET

if TYPE_CHECKING:
    from .changes_search import Landing
    from .proofs import Journeys, Rules

__all__ = [
    "ContentChange",
    "DeclarationChange",
    "Difference",
    "Outcome",
    "StageChange",
    "Unproven",
    "WinnerChange",
    "difference",
]

QUICK = (
    60  # candidates that a question for anything else may look at before it is asked for each thing by itself
)


def difference(
    old: Journeys,
    new: Journeys,
    *,
    now_ms: float,
    placements: Collection[str] | None = None,
    limit: int | None = None,
    budget: int | None = None,
    progress: Progress = unheard,
) -> Difference:
    """Everything that changes for visitors from `old` to `new`.

    Args:
        now_ms: The instant that witnesses prefer, in epoch milliseconds; changes at any other are found, too.
        placements: Look at these only, and at no stages and declarations; None: at everything.
        limit: Stop after so many changes of winners, contents and stages; None: never.
        budget: The prover's, for each of its questions; None: as it has it.
    """
    declared = () if placements is not None else tuple(declared_changes(old, new))
    was, becomes = side_by_side(old, new)
    whole = BUDGET if budget is None else budget
    prover = Prover((was, becomes), now_ms=now_ms, budget=whole)
    quick = Prover((was, becomes), now_ms=now_ms, budget=min(whole, QUICK))
    comparison = Comparison(prover, quick, Likeness(was, becomes, prover), progress)
    sides = _Sides(was, becomes, placements)
    found = chain(_winners(sides, comparison), _contents(sides, comparison), _stages(sides, comparison))
    changes = list(found if limit is None else islice(found, limit + 1))
    cut = limit is not None and len(changes) > limit
    kept = changes[:limit] if cut else changes
    return Difference(
        winners=tuple(each for each in kept if isinstance(each, WinnerChange)),
        contents=tuple(each for each in kept if isinstance(each, ContentChange)),
        stages=tuple(each for each in kept if isinstance(each, StageChange)),
        declarations=declared,
        unproven=tuple(comparison.unproven),
        cut=cut,
        placements=None if placements is None else tuple(placements),
    )


@dataclass(frozen=True, slots=True)
class _Sides:
    """Both sides over one joint numbering."""

    old: Journeys
    new: Journeys
    placements: Collection[str] | None

    def shared(self) -> Iterator[tuple[str, Rules, Rules]]:
        """The placements of both sides that are asked for, each with its models."""
        new = {placement.id: rules for rules in self.new.rules for placement in rules.placements}
        for rules in self.old.rules:
            for placement in rules.placements:
                asked = self.placements is None or placement.id in self.placements
                if asked and placement.id in new:
                    yield placement.id, rules, new[placement.id]


def _winners(sides: _Sides, comparison: Comparison) -> Iterator[WinnerChange]:
    for placement, one, other in sides.shared():
        old, new = placement_ladder(one, placement), placement_ladder(other, placement)
        for landing in comparison.landings(placement, old, new, f"comparing {placement}"):
            yield WinnerChange(
                placement,
                _outcome(comparison.prover, one, placement, landing, landing.was),
                _outcome(comparison.prover, other, placement, landing, landing.becomes),
                landing.witness,
                landing.consents,
            )


def _outcome(prover: Prover, rules: Rules, placement: str, landing: Landing, offer: str) -> Outcome:
    return Outcome(offer, prover.holds(falls_back(rules, placement), landing.witness))


def _contents(sides: _Sides, comparison: Comparison) -> Iterator[ContentChange]:
    return content_changes(list(sides.shared()), sides.old, sides.new, comparison)


def _stages(sides: _Sides, comparison: Comparison) -> Iterator[StageChange]:
    if sides.placements is not None:
        return
    for one, other in paired_models(sides.old, sides.new):
        old, new = stage_ladder(one), stage_ladder(other)
        for each in comparison.landings(one.id, old, new, f"comparing the stages of {one.id}"):
            yield StageChange(one.id, each.was, each.becomes, each.witness, each.consents)
