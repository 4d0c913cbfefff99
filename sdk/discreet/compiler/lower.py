"""Lowering: the author's expressions become the runtime's condition trees, names become numbers."""

from __future__ import annotations

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
    TextTest,
    Unknown,
)
from discreet.runtime import kleene as k
from discreet_consent.values import EXACT_INTEGER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from discreet.model import Condition, Expression, Literal
    from discreet.runtime.kleene import Tree

_COMPARISONS = {
    Comparison.EQUAL: k.EQUAL,
    Comparison.UNEQUAL: k.UNEQUAL,
    Comparison.LESS: k.LESS,
    Comparison.AT_MOST: k.AT_MOST,
    Comparison.MORE: k.MORE,
    Comparison.AT_LEAST: k.AT_LEAST,
}
_TEXTS = {
    TextTest.STARTS_WITH: k.STARTS_WITH,
    TextTest.ENDS_WITH: k.ENDS_WITH,
    TextTest.CONTAINS: k.CONTAINS,
}


def in_order(conditions: tuple[Condition, ...]) -> list[Condition]:
    """The conditions such that each comes after all that it names; otherwise in the author's order."""
    by_id = {each.id: each for each in conditions}
    ordered: dict[str, Condition] = {}

    def place(condition: Condition) -> None:
        if condition.id not in ordered:
            for name in sorted(names_in(condition.when)):
                place(by_id[name])
            ordered[condition.id] = condition

    for condition in conditions:
        place(condition)
    return list(ordered.values())


def names_in(expression: Expression | None) -> set[str]:
    """The ids of the conditions that an expression names directly."""
    match expression:
        case All(parts) | Some(parts):
            return set[str]().union(*(names_in(part) for part in parts))
        case Not(part):
            return names_in(part)
        case Named(condition):
            return {condition}
        case _:
            return set()


class Lowering:
    """Numbers attributes by the bundle's catalogue and conditions by their order in one model."""

    def __init__(self, attributes: Mapping[str, int], conditions: list[Condition]) -> None:
        self._attributes = attributes
        self._conditions = {each.id: number for number, each in enumerate(conditions)}

    def tree(self, expression: Expression) -> Tree:
        """The condition tree of `expression`; spec/bundle-format.md has the table of operations."""
        match expression:
            case All(parts):
                return [k.ALL, *map(self.tree, parts)]
            case Some(parts):
                return [k.SOME, *map(self.tree, parts)]
            case Not(part):
                return [k.NOT, self.tree(part)]
            case Named(condition):
                return [k.NAMED, self._conditions[condition]]
            case _:
                return self._leaf(expression)

    def _leaf(self, test: Compare | Among | Includes | Text | Known | Unknown) -> Tree:
        number = self._attributes[test.attribute]
        match test:
            case Compare(_, comparison, literal, days):
                operation = k.DAYS_COMPARE if days else k.COMPARE
                return [operation, number, _COMPARISONS[comparison], portable(literal)]
            case Among(_, literals, days):
                return [k.DAYS_AMONG if days else k.AMONG, number, [portable(each) for each in literals]]
            case Includes(_, members, every):
                return [k.INCLUDES_ALL if every else k.INCLUDES_SOME, number, sorted(set(members))]
            case Text(_, how, text):
                return [_TEXTS[how], number, text]
            case Known():
                return [k.KNOWN, number]
            case Unknown():
                return [k.UNKNOWN, number]


def portable(literal: Literal) -> Literal:
    """A literal as it travels: numbers as doubles, whole ones up to 2^53 as integers (and so -0.0 as 0)."""
    if isinstance(literal, (str, bool)):
        return literal
    number = float(literal)
    return int(number) if number.is_integer() and abs(number) <= EXACT_INTEGER else number
