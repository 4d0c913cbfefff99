"""Checking condition trees: shapes, types, depth; and on which attributes they depend.

`Trees` reads the trees of one model in order; a tree may name only conditions that came before it, so there is no
cycle. Depth counts through names, so evaluation has a bound that the loader has seen.
"""

from __future__ import annotations

from discreet_consent import AttributeType
from discreet_consent.values import EXACT_INTEGER

from . import kleene as k

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    from discreet_consent import Catalogue

    from .kleene import Tree

    Check: TypeAlias = Callable[[Tree], bool]

MAX_DEPTH = 150  # nesting of a condition with everything that it names


class TooDeep(ValueError):
    """A tree nests deeper than `MAX_DEPTH`, counted through the conditions that it names."""


class Needs:
    """What a checked tree depends on: attribute numbers, whether it asks for `unknown`, its depth."""

    __slots__ = ("attributes", "depth", "waives")

    def __init__(self, attributes: frozenset[int], waives: bool, depth: int) -> None:
        self.attributes = attributes
        self.waives = waives
        self.depth = depth


_NO_NEEDS = Needs(frozenset(), False, 0)


class Trees:
    """Checks trees against one catalogue, and remembers the needs of the named conditions."""

    __slots__ = ("_attributes", "_checks", "_met", "_named", "_waives")

    def __init__(self, catalogue: Catalogue) -> None:
        self._checks = [CHECKS[attribute.type] for attribute in catalogue]
        self._named: list[Needs] = []
        self._attributes: set[int] = set()  # what the tree in hand has shown so far
        self._met: set[int] = set()  # the conditions that it named
        self._waives = False

    def add_named(self, tree: Any) -> Needs:
        """Check the next named condition's tree. Raises ValueError when it is not a tree."""
        needs = self.needs(tree)
        self._named.append(needs)
        return needs

    def needs(self, tree: Any) -> Needs:
        """Check `tree`, which may be None for no condition, and say what it depends on.

        Raises:
            TooDeep: it nests too deep.
            ValueError: it is not a tree over the catalogue and the conditions added so far.
        """
        if tree is None:
            return _NO_NEEDS
        self._attributes = set()
        self._met = set()
        self._waives = False
        depth = self._depth(tree, MAX_DEPTH)
        return Needs(frozenset(self._attributes), self._waives, depth)

    def _depth(self, tree: Any, left: int) -> int:
        """Check `tree`, note what it needs, and give its depth, which is at most `left`."""
        if type(tree) is not list or len(tree) < 2:
            raise ValueError("not a condition tree")
        if left <= 0:
            raise TooDeep("conditions nest too deep")
        operation = tree[0]
        if type(operation) is not int:
            raise ValueError("not a condition tree")
        if operation > k.NAMED:
            return self._leaf(operation, tree)
        if operation == k.NAMED:
            return self._name(tree, left)
        if operation < k.ALL or (operation == k.NOT and len(tree) != 2):
            raise ValueError("not a condition tree")
        deepest = 0
        for part in tree[1:]:
            deepest = max(deepest, self._depth(part, left - 1))
        return 1 + deepest

    def _name(self, tree: Tree, left: int) -> int:
        number = tree[1]
        if len(tree) != 2 or type(number) is not int or not 0 <= number < len(self._named):
            raise ValueError("names a condition that does not come before it")
        named = self._named[number]
        if named.depth >= left:
            raise TooDeep("conditions name each other too deep")
        if number not in self._met:  # the same name may stand in a tree a million times
            self._met.add(number)
            self._attributes |= named.attributes
            self._waives = self._waives or named.waives
        return 1 + named.depth

    def _leaf(self, operation: int, tree: Tree) -> int:
        number = tree[1]
        if type(number) is not int or not 0 <= number < len(self._checks):
            raise ValueError("a test of no attribute")
        check = self._checks[number].get(operation)
        if check is None or not check(tree):
            raise ValueError("a test that does not fit its attribute")
        self._attributes.add(number)
        if operation == k.UNKNOWN:
            self._waives = True
        return 1


_ONLY_STRINGS = frozenset((str,))
_ONLY_BOOLEANS = frozenset((bool,))


def is_number(value: Any) -> bool:
    """A finite double, or an integer that is one exactly."""
    if type(value) is float:
        return value - value == 0
    return type(value) is int and -EXACT_INTEGER <= value <= EXACT_INTEGER


def _numbers(value: Any) -> bool:
    return type(value) is list and bool(value) and all(map(is_number, value))


def _strings(value: Any) -> bool:
    return type(value) is list and bool(value) and _ONLY_STRINGS.issuperset(map(type, value))


def _booleans(value: Any) -> bool:
    return type(value) is list and bool(value) and _ONLY_BOOLEANS.issuperset(map(type, value))


def _sign(value: Any, last: int) -> bool:
    return type(value) is int and k.EQUAL <= value <= last


def _alone(tree: Tree) -> bool:
    return len(tree) == 2


def _text(tree: Tree) -> bool:
    return len(tree) == 3 and type(tree[2]) is str


def _members(tree: Tree) -> bool:
    return len(tree) == 3 and _strings(tree[2])


def _number_compared(tree: Tree) -> bool:
    return len(tree) == 4 and _sign(tree[2], k.AT_LEAST) and is_number(tree[3])


def _number_among(tree: Tree) -> bool:
    return len(tree) == 3 and _numbers(tree[2])


# What may be asked of an attribute of each type; a check sees a list of at least two items.
_ALWAYS: Mapping[int, Check] = {k.KNOWN: _alone, k.UNKNOWN: _alone}
_NUMERIC: Mapping[int, Check] = {**_ALWAYS, k.COMPARE: _number_compared, k.AMONG: _number_among}
CHECKS: Mapping[AttributeType, Mapping[int, Check]] = {
    AttributeType.BOOLEAN: {
        **_ALWAYS,
        k.COMPARE: lambda tree: len(tree) == 4 and _sign(tree[2], k.UNEQUAL) and type(tree[3]) is bool,
        k.AMONG: lambda tree: len(tree) == 3 and _booleans(tree[2]),
    },
    AttributeType.NUMBER: _NUMERIC,
    AttributeType.STRING: {
        **_ALWAYS,
        k.COMPARE: lambda tree: len(tree) == 4 and _sign(tree[2], k.UNEQUAL) and type(tree[3]) is str,
        k.AMONG: lambda tree: len(tree) == 3 and _strings(tree[2]),
        k.STARTS_WITH: _text,
        k.ENDS_WITH: _text,
        k.CONTAINS: _text,
    },
    AttributeType.STRINGS: {**_ALWAYS, k.INCLUDES_SOME: _members, k.INCLUDES_ALL: _members},
    AttributeType.DATETIME: {**_NUMERIC, k.DAYS_COMPARE: _number_compared, k.DAYS_AMONG: _number_among},
}
