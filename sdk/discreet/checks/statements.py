"""Conditions that say what is *not* true of the visitor, and what they would say instead.

A negation is unknown where its attribute is, so `not returning` does not hold for those of whom we know nothing: who
reads it as "everybody else" is mistaken. The positive statement says whom it means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from discreet.model import (
    All,
    Among,
    Compare,
    Comparison,
    Includes,
    Known,
    Named,
    Not,
    Some,
    Text,
    Unknown,
    walk,
)
from discreet_consent import AttributeType

from .codes import found
from .survey import conditions_of
from .wording import Types, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from discreet.model import Condition, Expression, Model

    from .findings import Finding
    from .survey import Survey

Ranges = Mapping[str, tuple[float | None, float | None]]

_OPPOSITE = {
    Comparison.EQUAL: Comparison.UNEQUAL,
    Comparison.UNEQUAL: Comparison.EQUAL,
    Comparison.LESS: Comparison.AT_LEAST,
    Comparison.AT_LEAST: Comparison.LESS,
    Comparison.MORE: Comparison.AT_MOST,
    Comparison.AT_MOST: Comparison.MORE,
}


def stated_negatively(survey: Survey) -> Iterator[Finding]:
    """D103, for every condition that can hold; one that only names a negative one is not told of again."""
    for sheet, condition in survey.distinct(conditions_of):
        if is_negative(condition.when) and (sheet.model.id, condition.id) not in survey.contradictory:
            what = "segment" if condition.segment else "condition"
            yield found(
                "D103",
                sheet.place(condition),
                condition.id,
                f"{what} `{condition.id}` says what is not true of the visitor: `{condition.source}`",
                proof="of a visitor of whom we do not know what it asks it is unknown, which is not true",
                suggestion=suggested(condition, sheet.model),
                models=survey.models_with(condition, sheet),
            )


def is_negative(expression: Expression) -> bool:
    """Whether `expression` itself says `not`, `!=` or `not in` anywhere."""
    return any(
        isinstance(each, Not) or (isinstance(each, Compare) and each.comparison is Comparison.UNEQUAL)
        for each in walk(expression)
    )


class Positive:
    """Turns expressions of one model into what they say without a negation."""

    def __init__(self, model: Model) -> None:
        self._types: Types = {each.name: each.type for each in model.attributes}
        self._ranges: Ranges = model.ranges
        self._whens = {each.id: each.when for each in model.conditions}

    def of(self, expression: Expression) -> Expression | None:
        """The same without any negation: it holds for the same visitors. None where there is no such.

        Within the declared ranges only: `purchases != 0` becomes `purchases > 0` where that is all that is left.
        """
        match expression:
            case All(parts):
                return self._joined(parts, All, self.of)
            case Some(parts):
                return self._joined(parts, Some, self.of)
            case Not(part):
                return self._opposite(part)
            case Compare(comparison=Comparison.UNEQUAL):
                return self._other_than(expression)
            case _:
                return expression

    def _opposite(self, expression: Expression) -> Expression | None:
        match expression:
            case All(parts):
                return self._joined(parts, Some, self._opposite)
            case Some(parts):
                return self._joined(parts, All, self._opposite)
            case Not(part):
                return self.of(part)
            case Named(condition):
                return self._opposite(self._whens[condition])
            case Compare(attribute, comparison, literal, days):
                return self.of(Compare(attribute, _OPPOSITE[comparison], literal, days))
            case Unknown(attribute):
                return Known(attribute)
            case Among() | Includes() | Text() | Known():
                return None

    def _other_than(self, test: Compare) -> Expression | None:
        if isinstance(test.literal, bool):
            return Compare(test.attribute, Comparison.EQUAL, not test.literal)
        if isinstance(test.literal, str):
            return None
        low, high = self._ranges.get(test.attribute, (None, None))
        sides = [
            Compare(test.attribute, comparison, test.literal, test.days_since)
            for comparison, edge in ((Comparison.LESS, low), (Comparison.MORE, high))
            if edge is None or edge != test.literal
        ]
        return Some(tuple(sides)) if len(sides) == 2 else sides[0] if sides else None

    @staticmethod
    def _joined(
        parts: tuple[Expression, ...], kind: type[All | Some], turn: Callable[[Expression], Expression | None]
    ) -> Expression | None:
        turned = tuple(each for part in parts if (each := turn(part)) is not None)
        return kind(turned) if len(turned) == len(parts) else None


def suggested(condition: Condition, model: Model) -> str:
    """What to write instead of a negative statement."""
    positive = Positive(model).of(condition.when)
    types = {each.name: each.type for each in model.attributes}
    if positive is not None:
        return f"write `{words(positive, types)}`"
    asked = {each.attribute for each in walk(condition.when) if isinstance(each, (Compare, Among))}
    texts = sorted(name for name in asked if types[name] is AttributeType.STRING)
    if texts:
        return f'name those who are meant: `{texts[0]} in ["...", "..."]`'
    return "say what is true of those who are meant"
