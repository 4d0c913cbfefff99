"""What a condition means: its tree, evaluated in Kleene's three values. Exact, and not fast.

The index finds candidates; this module confirms them where the index is only a filter, and explains. A tree is a
list that begins with an operation code; spec/bundle-format.md has the table. Attributes and conditions are numbers:
positions in the catalogue and in the model's condition list. Truth is True, False, or None for unknown.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TypeAlias

    Tree: TypeAlias = list[Any]
    Truth: TypeAlias = bool | None

ALL, SOME, NOT, NAMED = 0, 1, 2, 3
COMPARE, AMONG, DAYS_COMPARE, DAYS_AMONG = 4, 5, 6, 7
INCLUDES_SOME, INCLUDES_ALL = 8, 9
STARTS_WITH, ENDS_WITH, CONTAINS = 10, 11, 12
KNOWN, UNKNOWN = 13, 14

EQUAL, UNEQUAL, LESS, AT_MOST, MORE, AT_LEAST = 0, 1, 2, 3, 4, 5
COMPARISON_SIGNS = ("==", "!=", "<", "<=", ">", ">=")

MS_PER_DAY = 86_400_000


class Visit:
    """One visitor at one instant, as conditions see them; shares the truth of named conditions."""

    __slots__ = ("_shared", "conditions", "now_ms", "values")

    def __init__(self, values: Sequence[Any], now_ms: float, conditions: Sequence[Tree]) -> None:
        self.values = values
        self.now_ms = now_ms
        self.conditions = conditions
        self._shared: dict[int, Truth] = {}

    def truth(self, tree: Tree) -> Truth:
        """The truth of `tree`. Total for every tree that `decode` accepted."""
        return OPERATIONS[tree[0]](self, tree)

    def named(self, number: int) -> Truth:
        """The truth of a named condition, worked out once per visit however often it is used."""
        if number not in self._shared:
            self._shared[number] = self.truth(self.conditions[number])
        return self._shared[number]

    def days_since(self, attribute: int) -> float | None:
        """(now - attribute) in days, as a double; None when the attribute is unknown."""
        instant = self.values[attribute]
        return None if instant is None else (self.now_ms - instant) / MS_PER_DAY


def _all(visit: Visit, tree: Tree) -> Truth:
    truth: Truth = True
    for part in tree[1:]:
        each = visit.truth(part)
        if each is False:
            return False
        if each is None:
            truth = None
    return truth


def _some(visit: Visit, tree: Tree) -> Truth:
    truth: Truth = False
    for part in tree[1:]:
        each = visit.truth(part)
        if each is True:
            return True
        if each is None:
            truth = None
    return truth


def _not(visit: Visit, tree: Tree) -> Truth:
    truth = visit.truth(tree[1])
    return None if truth is None else not truth


def _compare(value: Any, comparison: int, literal: Any) -> Truth:
    return None if value is None else COMPARISONS[comparison](value, literal)


def _includes_some(visit: Visit, tree: Tree) -> Truth:
    members = visit.values[tree[1]]
    return None if members is None else not members.isdisjoint(tree[2])


def _includes_all(visit: Visit, tree: Tree) -> Truth:
    members = visit.values[tree[1]]
    return None if members is None else members.issuperset(tree[2])


def _text(test: Callable[[str, str], bool]) -> Callable[[Visit, Tree], Truth]:
    def truth(visit: Visit, tree: Tree) -> Truth:
        value = visit.values[tree[1]]
        return None if value is None else test(value, tree[2])

    return truth


def _among(value: Any, literals: Sequence[Any]) -> Truth:
    return None if value is None else value in literals


COMPARISONS: Sequence[Callable[[Any, Any], bool]] = (
    lambda value, literal: value == literal,
    lambda value, literal: value != literal,
    lambda value, literal: value < literal,
    lambda value, literal: value <= literal,
    lambda value, literal: value > literal,
    lambda value, literal: value >= literal,
)

OPERATIONS: Mapping[int, Callable[[Visit, Tree], Truth]] = {
    ALL: _all,
    SOME: _some,
    NOT: _not,
    NAMED: lambda visit, tree: visit.named(tree[1]),
    COMPARE: lambda visit, tree: _compare(visit.values[tree[1]], tree[2], tree[3]),
    AMONG: lambda visit, tree: _among(visit.values[tree[1]], tree[2]),
    DAYS_COMPARE: lambda visit, tree: _compare(visit.days_since(tree[1]), tree[2], tree[3]),
    DAYS_AMONG: lambda visit, tree: _among(visit.days_since(tree[1]), tree[2]),
    INCLUDES_SOME: _includes_some,
    INCLUDES_ALL: _includes_all,
    STARTS_WITH: _text(str.startswith),
    ENDS_WITH: _text(str.endswith),
    CONTAINS: _text(str.__contains__),
    KNOWN: lambda visit, tree: None if visit.values[tree[1]] is None else True,
    UNKNOWN: lambda visit, tree: visit.values[tree[1]] is None,
}
