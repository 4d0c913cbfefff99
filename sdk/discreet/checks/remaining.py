"""What remains when a purpose is withdrawn: for each offer of a placement, the least consents under which it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from discreet.model.progress import Progress, unheard

from .proofs import Undecided, falls_back, wins

if TYPE_CHECKING:
    from .proofs import Prover, Requirement, Rules

Consents: TypeAlias = tuple[frozenset[str], ...]


def remaining(
    prover: Prover, rules: Rules, progress: Progress = unheard
) -> Mapping[tuple[str, str], Consents]:
    """For every placement, each of its offers and its fallback: the least sets of purposes under which it can show.

    A set is least when no smaller one does; sensitive items stand in it as `sensitive:ITEM`, and what is essential
    does not. No set at all: it never shows. A pair is left out where the budget of the proof was spent.
    """
    asked = list(_asked(rules))
    found: dict[tuple[str, str], Consents] = {}
    undecided: set[tuple[str, str]] = set()
    for done, (placement, offer, requirement) in enumerate(asked):
        progress("working out what each offer asks", done, len(asked))
        # A fallback that competes as well is always eligible: never shown as a fallback, it is told of once.
        try:
            least = prover.least_consents(requirement)
        except Undecided:
            undecided.add((placement, offer))
            continue
        found[placement, offer] = (*found.get((placement, offer), ()), *least)
    progress("working out what each offer asks", len(asked), len(asked))
    return {pair: least for pair, least in found.items() if pair not in undecided}


def _asked(rules: Rules) -> list[tuple[str, str, Requirement]]:
    return [
        each
        for placement in rules.placements
        for each in (
            *(
                (placement.id, rules.offers[number].id, wins(rules, placement, number))
                for number in dict.fromkeys(offer for _, offer in placement.ranked)
            ),
            (placement.id, rules.offers[placement.fallback].id, falls_back(rules, placement)),
        )
    ]
