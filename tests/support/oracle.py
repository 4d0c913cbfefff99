"""An oracle for proofs: the same questions, asked of a SAT solver (CaDiCaL) over atomised domains. Needs python-sat.

It shares nothing with the prover: it reads the author's expressions, not the compiled trees. The visitor is encoded
by what is known and, of each attribute, by cells: the different ways in which values answer all tests that the model
asks of it, found by trying values. Each node has two variables, whether it is true and whether it is false. The clock
is fixed. An attribute may be known or not as it likes, so there are no substitutes here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise, product
from typing import Any, Final, TypeAlias

from pysat.solvers import Solver  # type: ignore[import-untyped] # it has no types

from discreet.model import (
    All,
    Among,
    Compare,
    Comparison,
    Expression,
    Includes,
    Known,
    Model,
    Named,
    Not,
    Offer,
    Some,
    Text,
    TextTest,
    Unknown,
    walk,
)

from .oracle_models import TEXTS

Node: TypeAlias = tuple[int, int]  # the variables that say it is true, and that it is false
_DAY_MS = 86_400_000
_SIGNS: Final[Mapping[Comparison, Callable[[Any, Any], bool]]] = {
    Comparison.EQUAL: lambda value, literal: value == literal,
    Comparison.UNEQUAL: lambda value, literal: value != literal,
    Comparison.LESS: lambda value, literal: value < literal,
    Comparison.AT_MOST: lambda value, literal: value <= literal,
    Comparison.MORE: lambda value, literal: value > literal,
    Comparison.AT_LEAST: lambda value, literal: value >= literal,
}
_TEXT_TESTS: Final[Mapping[TextTest, Callable[[str, str], bool]]] = {
    TextTest.STARTS_WITH: str.startswith,
    TextTest.ENDS_WITH: str.endswith,
    TextTest.CONTAINS: str.__contains__,
}


class Oracle:
    """Answers questions about one model at one instant."""

    def __init__(self, model: Model, now_ms: float) -> None:
        self._model = model
        self._now_ms = now_ms
        self._solver = Solver(name="cadical153")
        self._last = 0
        self._always = self._variable()
        self._solver.add_clause([self._always])
        self._conditions = {each.id: each.when for each in model.conditions}
        self._known = {each.name: self._variable() for each in model.attributes}
        self._tests: dict[Expression, int] = {}
        self._nodes: dict[Expression, Node] = {}
        self._atomise()
        self._reached = [
            self._always if stage.when is None else self.node(stage.when)[0] for stage in model.stages
        ]
        self._eligible = {offer.id: self._eligibility(offer) for offer in model.offers}

    def can(self, variable: int) -> bool:
        """Whether some visitor makes the variable true."""
        return bool(self._solver.solve(assumptions=[variable]))

    def can_differ(self, one: Expression, other: Expression) -> bool:
        """Whether two expressions have different values for some visitor."""
        (a, b), (c, d) = self.node(one), self.node(other)
        return self.can(self._or([self._xor(a, c), self._xor(b, d)]))

    def reached(self, stage: int) -> int:
        """The stage's entry condition holds."""
        return self._reached[stage]

    def furthest(self, stage: int) -> int:
        """It is the furthest that is reached."""
        return self._and([self._reached[stage], *(-each for each in self._reached[stage + 1 :])])

    def wins(self, placement: str, offer: Offer) -> int:
        """The offer is eligible, and so is none that ranks before it; as spec/decision.md, section 4, has it."""
        rivals = [each for each in self._model.offers if placement in each.placements and each.id != offer.id]
        ways: list[int] = []
        for stage, ranks_here in self._ranks(offer):
            beaten = [self._behind(rival, stage, (-offer.priority, offer.id)) for rival in rivals]
            ways.append(self._and([ranks_here, self._eligible[offer.id], *beaten]))
        return self._or(ways) if placement in offer.placements else -self._always

    def falls_back(self, placement: str) -> int:
        """Nothing is eligible."""
        return self._and([
            -self._eligible[each.id] for each in self._model.offers if placement in each.placements
        ])  # fmt: skip

    def _ranks(self, offer: Offer) -> Iterable[tuple[int, int]]:
        """For each stage of an offer, that it is the furthest of its stages that is reached."""
        own = [number for number, stage in enumerate(self._model.stages) if stage.id in offer.stages]
        for stage in own:
            later = [-self._reached[each] for each in own if each > stage]
            yield stage, self._and([self._reached[stage], *later])

    def _behind(self, rival: Offer, stage: int, order: tuple[int, str]) -> int:
        """A rival is not eligible, or ranks behind an offer with that stage and that order within it."""
        before = [
            ranks_there
            for other, ranks_there in self._ranks(rival)
            if other > stage or (other == stage and (-rival.priority, rival.id) < order)
        ]
        return self._or([-self._eligible[rival.id], -self._or(before)])

    def _eligibility(self, offer: Offer) -> int:
        window = offer.valid
        is_open = (window.from_ms is None or window.from_ms <= self._now_ms) and (
            window.until_ms is None or self._now_ms < window.until_ms
        )
        if not is_open:
            return -self._always
        when = self._always if offer.when is None else self.node(offer.when)[0]
        return self._and([when, self._or([reached for _, reached in self._ranks(offer)])])

    # --- Nodes ---------------------------------------------------------------------------------------------------

    def node(self, expression: Expression) -> Node:
        """The two variables of an expression."""
        found = self._nodes.get(expression)
        if found is None:
            found = self._nodes[expression] = self._node(expression)
        return found

    def _node(self, expression: Expression) -> Node:
        match expression:
            case All(parts):
                nodes = [self.node(part) for part in parts]
                return self._and([true for true, _ in nodes]), self._or([false for _, false in nodes])
            case Some(parts):
                nodes = [self.node(part) for part in parts]
                return self._or([true for true, _ in nodes]), self._and([false for _, false in nodes])
            case Not(part):
                true, false = self.node(part)
                return false, true
            case Named(condition):
                return self.node(self._conditions[condition])
            case Known(attribute):
                return self._known[attribute], -self._always
            case Unknown(attribute):
                return -self._known[attribute], self._known[attribute]
            case _:
                known, passed = self._known[expression.attribute], self._tests[expression]
                return self._and([known, passed]), self._and([known, -passed])

    def _variable(self) -> int:
        self._last += 1
        return self._last

    def _and(self, parts: Sequence[int]) -> int:
        joined = self._variable()
        for part in parts:
            self._solver.add_clause([-joined, part])
        self._solver.add_clause([joined, *(-part for part in parts)])
        return joined

    def _or(self, parts: Sequence[int]) -> int:
        return -self._and([-part for part in parts])

    def _xor(self, one: int, other: int) -> int:
        return self._or([self._and([one, -other]), self._and([-one, other])])

    # --- Atoms ---------------------------------------------------------------------------------------------------

    def _atomise(self) -> None:
        """A variable for each test, tied to the others of its attribute by the cells that values can be in."""
        asked: dict[str, dict[Expression, None]] = {}
        whens = [*self._conditions.values(), *(each.when for each in self._model.stages)]
        for when in (*whens, *(each.when for each in self._model.offers)):
            for each in walk(when) if when is not None else ():
                if isinstance(each, (Compare, Among, Includes, Text)):
                    asked.setdefault(each.attribute, {})[each] = None
        kinds = {each.name: each for each in self._model.attributes}
        for name, tests in asked.items():
            values = _VALUES[kinds[name].type.value]([*tests], self._now_ms, kinds[name].lower)
            answers = {tuple(self._passes(test, value) for test in tests) for value in values}
            self._tests.update({test: self._variable() for test in tests})
            cells = [
                self._and(
                    [
                        self._tests[test] if passed else -self._tests[test]
                        for test, passed in zip(tests, each, strict=True)
                    ]
                )
                for each in answers
            ]
            self._solver.add_clause(cells)

    def _passes(self, test: Any, value: Any) -> bool:
        if isinstance(test, Includes):
            held = [member in value for member in test.members]
            return all(held) if test.every else any(held)
        if isinstance(test, Text):
            return _TEXT_TESTS[test.test](value, test.text)
        if test.days_since:
            value = (self._now_ms - value) / _DAY_MS
        if isinstance(test, Compare):
            return _SIGNS[test.comparison](value, test.literal)
        return value in test.literals


def _literals(tests: Iterable[Any], *, days: bool = False) -> list[Any]:
    found: set[Any] = set()
    for test in tests:
        if test.days_since == days:
            found.update([test.literal] if isinstance(test, Compare) else test.literals)
    return sorted(found)


def _numbers(tests: Sequence[Any], _: float, __: bool) -> list[float]:
    points = _literals(tests) or [0.0]
    between = [(one + other) / 2 for one, other in pairwise(points)]
    return [points[0] - 1, *points, *between, points[-1] + 1]


def _instants(tests: Sequence[Any], now_ms: float, _: bool) -> list[float]:
    points = {*_literals(tests), *(now_ms - each * _DAY_MS for each in _literals(tests, days=True)), now_ms}
    return [point + beside for point in points for beside in (-0.5, 0, 0.5)]


def _sets(tests: Sequence[Any], _: float, __: bool) -> list[frozenset[str]]:
    members = sorted({member for test in tests for member in test.members})
    return [
        frozenset(member for member, has in zip(members, having, strict=True) if has)
        for having in product((False, True), repeat=len(members))
    ]


@cache
def _texts(lower: bool) -> tuple[str, ...]:
    """Every short text over the letters of the literals and one more, and literals in a row, held apart or not."""
    short = ["".join(letters) for length in range(5) for letters in product("abB\u00e9z", repeat=length)]
    rows = [apart.join(row) for row in product(TEXTS, repeat=4) for apart in ("", "z")]
    texts = {unicodedata.normalize("NFC", each) for each in (*short, *rows)}
    return tuple(sorted({each.lower() for each in texts} if lower else texts))


_VALUES: Final[Mapping[str, Callable[[Sequence[Any], float, bool], Iterable[Any]]]] = {
    "boolean": lambda _, __, ___: (False, True),
    "number": _numbers,
    "string": lambda _, __, lower: _texts(lower),
    "strings": _sets,
    "datetime": _instants,
}
