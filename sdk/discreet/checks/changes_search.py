"""The search for visitors who come to another outcome, until it is proven that there is no further pair of outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .changes_found import Unproven
from .changes_moves import moves
from .proofs import Every, Undecided, negated

if TYPE_CHECKING:
    from discreet.model import Progress

    from .changes_alike import Likeness
    from .changes_found import Consents
    from .changes_ladders import Ladder
    from .proofs import Prover, Requirement, Visitor


@dataclass(frozen=True, slots=True)
class Landing:
    """A visitor who comes to `was` on the old side and to `becomes` on the new one."""

    was: str
    becomes: str
    witness: Visitor
    consents: Consents


@dataclass(frozen=True, slots=True)
class Comparison:
    """Asks the prover, and keeps what it had to give up."""

    prover: Prover
    quick: Prover  # which gives up soon
    likeness: Likeness
    progress: Progress
    unproven: list[Unproven] = field(default_factory=list)

    def landings(self, where: str, old: Ladder, new: Ladder, step: str) -> Iterator[Landing]:
        """Every pair of different outcomes that some visitor meets, each once."""
        differs = moves(old, new, self.likeness)
        work = [(each, True) for each in old.outcomes if each in differs.leave]
        work += [(each, False) for each in new.outcomes if each in differs.arrive]
        met: set[tuple[str, str]] = set()
        for done, (outcome, forwards) in enumerate(work):
            self.progress(step, done, len(work))
            one, other = (old, new) if forwards else (new, old)
            known = {pair[forwards] for pair in met if pair[not forwards] == outcome}
            lands = Every((one.lands(outcome), differs.region))
            avoided = {*known, outcome} & {*other.outcomes}
            doubt = Unproven(where, "old" if forwards else "new", outcome)
            for partner, witness in self._partners(lands, other, avoided, doubt):
                was, becomes = (outcome, partner) if forwards else (partner, outcome)
                met.add((was, becomes))
                both = Every((old.lands(was), new.lands(becomes)))
                yield Landing(was, becomes, *self.least(both, witness))
        self.progress(step, len(work), len(work))

    def least(self, requirement: Requirement, witness: Visitor) -> tuple[Visitor, Consents]:
        """Somebody who fulfils it under one of the least consents, if need be not `witness`; and these consents.

        None in their place where the budget was spent.
        """
        try:
            consents = self.prover.least_consents(requirement)
            if not consents or _granted(witness) in consents:
                return witness, consents
            return self.prover.find(requirement, granted=consents[0]) or witness, consents
        except Undecided:
            return witness, None

    def doubt(self, about: Unproven) -> None:
        """Keep what had to be given up, once."""
        if about not in self.unproven:
            self.unproven.append(about)

    def _partners(
        self, lands: Requirement, other: Ladder, avoided: set[str], doubt: Unproven
    ) -> Iterator[tuple[str, Visitor]]:
        """What those who fulfil `lands` come to on the other side, but for what is avoided."""
        try:
            yield from self._one_after_another(lands, other, avoided)
            return
        except Undecided:  # one by one they are smaller questions
            left = [each for each in other.outcomes if each not in avoided]
        for partner in left:
            try:
                found = self.prover.find(Every((lands, other.lands(partner))))
            except Undecided:
                self.doubt(doubt)
                continue
            if found is not None:
                yield partner, found

    def _one_after_another(
        self, lands: Requirement, other: Ladder, avoided: set[str]
    ) -> Iterator[tuple[str, Visitor]]:
        """Outcomes on the other side that are not among `avoided`, to which each that is found is added.

        Raises:
            Undecided: the quick prover's budget was spent.
        """
        while True:
            elsewhere = (negated(other.lands(each)) for each in other.outcomes if each in avoided)
            witness = self.quick.find(Every((lands, *elsewhere)))
            if witness is None:
                return
            partner = next(
                each
                for each in other.outcomes
                if each not in avoided and self.prover.holds(other.lands(each), witness)
            )
            avoided.add(partner)
            yield partner, witness


def _granted(visitor: Visitor) -> frozenset[str]:
    return frozenset((*visitor.purposes, *(f"sensitive:{item}" for item in visitor.sensitive)))
