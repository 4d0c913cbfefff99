"""Which conditions hold for the same visitors: told apart by made-up visitors first, by the prover only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .proofs import Every, negated

if TYPE_CHECKING:
    from discreet.model import Condition
    from discreet.runtime.kleene import Visit

    from .proofs import Visitor
    from .survey import Sheet, Survey


class Alike:
    """The conditions of one model seen so far, in groups of one meaning each.

    A group is known by its first condition and by one visitor for whom that holds. Most conditions differ already
    for the visitors of each other, who know little: no proof is asked then.
    """

    def __init__(self, survey: Survey, sheet: Sheet) -> None:
        self._survey, self._sheet = survey, sheet
        self._groups: list[tuple[Condition, int, Visit]] = []

    def first_like(self, condition: Condition, visitor: Visitor) -> Condition | None:
        """The first condition that holds for exactly the same visitors; None makes `condition` a first one.

        Args:
            visitor: One for whom `condition` holds.
        Raises:
            Undecided: the budget was spent. The condition is then compared with no later one.
        """
        number, own = self._sheet.numbers[condition.id], self._survey.visit(visitor)
        for first, other, visit in self._groups:
            if visit.named(number) and own.named(other) and self._same(first, condition):
                return first
        self._groups.append((condition, number, own))
        return None

    def _same(self, first: Condition, other: Condition) -> bool:
        one, two = self._sheet.holds(first.id), self._sheet.holds(other.id)
        only_one = Every((one, negated(two)))
        only_two = Every((two, negated(one)))
        return all(self._survey.prover.find(each) is None for each in (only_one, only_two))
