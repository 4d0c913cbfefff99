"""Random visitors of any models, with values at, below and above what conditions ask. The dice are seeded."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, TypeAlias

from discreet.checks.proofs import Journeys
from discreet.runtime import kleene as k
from discreet_consent import Attribute, AttributeType

Raw: TypeAlias = dict[str, Any]
DAY_MS = 86_400_000
_PROBES = ("192.0.2.7", "2001:db8:1:2::1", "zebra", "")  # texts that few models ask for


class NearLiterals:
    """Makes visitors up: each attribute is absent now and then, else close to something that a condition asks.

    Attributes:
        clocks: Instants in epoch milliseconds at which something changes, and those beside them.
    """

    def __init__(self, journeys: Journeys, now_ms: float, seed: str) -> None:
        self._dice = Random(seed)  # noqa: S311 - chosen, not secret
        self._attributes = {each.name: each for each in journeys.attributes}
        self._literals: dict[str, list[Any]] = {name: [] for name in self._attributes}
        self._days: dict[str, list[float]] = {name: [] for name in self._attributes}
        self._now_ms = now_ms
        names = [each.name for each in journeys.attributes]
        for tree in _trees(journeys):
            self._collect(tree, names)
        edges = [
            edge
            for rules in journeys.rules
            for each in rules.offers
            for edge in (each.from_ms, each.until_ms)
        ]
        near = [edge + step for edge in edges if edge is not None for step in (-1.0, 0.0, float(DAY_MS))]
        self.clocks = [each for each in (now_ms, *near) if each >= now_ms]

    def clock(self) -> float:
        """An instant, in epoch milliseconds, not before the first."""
        return self._dice.choice(self.clocks)

    def visitors(self, number: int, now_ms: float) -> Iterator[Raw]:
        """Raw attributes of so many visitors at one instant."""
        declared = [each for each in self._attributes.values() if each.coarsens is None]
        for _ in range(number):
            gap = self._dice.choice((0.1, 0.4, 0.8))
            made = {each.name: self._value(each, now_ms) for each in declared if self._dice.random() > gap}
            yield {name: value for name, value in made.items() if value is not None}

    def _collect(self, tree: Any, names: Sequence[str]) -> None:
        if tree[0] in (k.ALL, k.SOME, k.NOT):
            for part in tree[1:]:
                self._collect(part, names)
        elif tree[0] in (k.DAYS_COMPARE, k.DAYS_AMONG):
            self._days[self._raw(names[int(tree[1])])] += _literals(tree)
        elif tree[0] not in (k.NAMED, k.KNOWN, k.UNKNOWN):
            self._literals[self._raw(names[int(tree[1])])] += _literals(tree)

    def _raw(self, name: str) -> str:
        coarsens = self._attributes[name].coarsens
        return name if coarsens is None else coarsens.parent

    def _value(self, attribute: Attribute, now_ms: float) -> Any:
        near = self._literals[attribute.name]
        dice = self._dice
        if attribute.type is AttributeType.BOOLEAN:
            return dice.choice((True, False))
        if attribute.type is AttributeType.NUMBER:
            return _beside(dice, dice.choice([*near, 0, 7]))
        if attribute.type is AttributeType.DATETIME:
            days = [now_ms - each * DAY_MS for each in self._days[attribute.name]]
            instant = dice.choice([*near, *days, now_ms - 400 * DAY_MS])
            return instant + dice.choice((-1, 0, 1, -DAY_MS, DAY_MS, 20 * DAY_MS))
        if attribute.type is AttributeType.STRINGS:
            pool = [*dict.fromkeys([*near, "zebra"])]
            return dice.sample(pool, dice.randint(0, min(len(pool), 4)))
        text = dice.choice([*near, *_PROBES])
        return dice.choice((text, text, text, text + "z", "z" + text, text[:1]))


def _trees(journeys: Journeys) -> Iterator[Any]:
    yield from journeys.conditions
    for rules in journeys.rules:
        trees = [*(each.tree for each in rules.stages), *(each.tree for each in rules.offers)]
        yield from (tree for tree in trees if tree is not None)


def _literals(tree: Any) -> list[Any]:
    literal = tree[3] if tree[0] in (k.COMPARE, k.DAYS_COMPARE) else tree[2]
    return list(literal) if isinstance(literal, list | tuple) else [literal]


def _beside(dice: Random, literal: float) -> float:
    near = (literal, literal, literal + 1, literal - 1, literal + 0.5, math.nextafter(literal, math.inf))
    return dice.choice((*near, math.nextafter(literal, -math.inf), literal * 3 + 10))
