"""Conditions as phrases: what has a name is said in its author's words, and the rest is shown as an expression."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from discreet.compiler.lower import Lowering
from discreet.model import All, Named, Not, Some, walk
from discreet.runtime.printing import text_of_tree

from .drawing import Asks, Either, Every, Opposite, Phrase, Says

if TYPE_CHECKING:
    from discreet.model import Condition, Expression
    from discreet_consent import Catalogue


class Phrasing:
    """Reads the expressions of one model. `numbers` are its conditions' positions in the drawing, by id."""

    def __init__(
        self, catalogue: Catalogue, conditions: Mapping[str, Condition], numbers: Mapping[str, int]
    ) -> None:
        self._catalogue = catalogue
        self._conditions = conditions
        self._numbers = numbers
        self._lowering = Lowering(catalogue.slots, [])
        self._reads: dict[str, frozenset[str]] = {}

    def asks(self, expression: Expression | None) -> tuple[Phrase, ...]:
        """What must hold, part by part: all parts together."""
        if expression is None:
            return ()
        phrase = self._phrase(expression)
        return phrase.parts if isinstance(phrase, Every) else (phrase,)

    def reads(self, expression: Expression | None) -> frozenset[str]:
        """The attributes that an expression names, also through named conditions."""
        found: set[str] = set()
        for each in () if expression is None else walk(expression):
            if isinstance(each, Named):
                found |= self._read_by(each.condition)
            elif not isinstance(each, (All, Some, Not)):
                found.add(each.attribute)
        return frozenset(found)

    def _read_by(self, condition: str) -> frozenset[str]:
        if condition not in self._reads:
            self._reads[condition] = self.reads(self._conditions[condition].when)
        return self._reads[condition]

    def _phrase(self, expression: Expression) -> Phrase:
        match expression:
            case All(parts):
                return Every(tuple(self._phrase(part) for part in parts))
            case Some(parts):
                return Either(tuple(self._phrase(part) for part in parts))
            case Named(condition):
                return Says(self._numbers[condition])
            case Not(part) if isinstance(part, (All, Some, Named)):
                return Opposite(self._phrase(part))
            case _:
                return Asks(text_of_tree(self._lowering.tree(expression), self._catalogue, ()))
