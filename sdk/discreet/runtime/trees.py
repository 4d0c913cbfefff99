"""Checking condition trees: shapes, types, depth; and on which attributes they depend.

`Trees` reads the trees of one model in order; a tree may name only conditions that came before it, so there is no
cycle. Depth counts through names, so evaluation has a bound that the loader has seen.
"""

from __future__ import annotations

from discreet_consent import AttributeType

from . import kleene as k

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    from discreet_consent import Catalogue

    from .kleene import Tree

    Check: TypeAlias = Callable[[Any], bool]

MAX_DEPTH = 150  # nesting of a condition with everything that it names

NUMERIC = frozenset({AttributeType.NUMBER, AttributeType.DATETIME})
_EVERY_TYPE = frozenset(AttributeType)
_TEXT = frozenset({AttributeType.STRING})
_SET = frozenset({AttributeType.STRINGS})
_SINGLE = _EVERY_TYPE - _SET


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

    __slots__ = ("_catalogue", "_named")

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._named: list[Needs] = []

    def add_named(self, tree: Any) -> None:
        """Check the next named condition's tree. Raises ValueError when it is not a tree."""
        self._named.append(self.needs(tree))

    def needs(self, tree: Any) -> Needs:
        """Check `tree`, which may be None for no condition, and say what it depends on.

        Raises:
            ValueError: it is not a tree over the catalogue and the conditions added so far, or too deep.
        """
        return _NO_NEEDS if tree is None else self._check(tree, MAX_DEPTH)

    def _check(self, tree: Any, depth: int) -> Needs:
        if type(tree) is not list or len(tree) < 2 or type(tree[0]) is not int or depth <= 0:
            raise ValueError("not a condition tree, or too deep")
        operation = tree[0]
        if operation in (k.ALL, k.SOME, k.NOT):
            if operation == k.NOT and len(tree) != 2:
                raise ValueError("not a negation")
            return _join([self._check(part, depth - 1) for part in tree[1:]])
        if operation == k.NAMED:
            return self._check_named(tree, depth)
        return self._check_leaf(tree)

    def _check_named(self, tree: Tree, depth: int) -> Needs:
        number = tree[1]
        if len(tree) != 2 or type(number) is not int or not 0 <= number < len(self._named):
            raise ValueError("names a condition that does not come before it")
        if self._named[number].depth >= depth:
            raise ValueError("conditions name each other too deep")
        return _join([self._named[number]])

    def _check_leaf(self, tree: Tree) -> Needs:
        allowed, operands = LEAVES.get(tree[0], (frozenset(), ()))
        number = tree[1]
        if type(number) is not int or not 0 <= number < len(self._catalogue):
            raise ValueError("a test of no attribute")
        kind = self._catalogue.attributes[number].type
        if kind not in allowed or len(tree) != 2 + len(operands):
            raise ValueError("a test that does not fit its attribute")
        if not all(check(kind, tree) for check in operands):
            raise ValueError("a test against a literal of another type")
        return Needs(frozenset((number,)), tree[0] == k.UNKNOWN, 1)


def _join(parts: list[Needs]) -> Needs:
    return Needs(
        frozenset[int]().union(*(part.attributes for part in parts)),
        any(part.waives for part in parts),
        1 + max(part.depth for part in parts),
    )


def _literal(kind: AttributeType, value: Any) -> bool:
    if kind is AttributeType.BOOLEAN:
        return type(value) is bool
    if kind in NUMERIC:
        return type(value) in (int, float) and bool(value - value == 0)
    return type(value) is str


def _comparison(kind: AttributeType, tree: Tree) -> bool:
    ordered = kind in NUMERIC
    return type(tree[2]) is int and k.EQUAL <= tree[2] <= (k.AT_LEAST if ordered else k.UNEQUAL)


def _literals(kind: AttributeType, value: Any) -> bool:
    return type(value) is list and bool(value) and all(_literal(kind, each) for each in value)


LEAVES: Mapping[int, tuple[frozenset[AttributeType], tuple[Callable[[AttributeType, Tree], bool], ...]]] = {
    k.COMPARE: (_SINGLE, (_comparison, lambda kind, tree: _literal(kind, tree[3]))),
    k.AMONG: (_SINGLE, (lambda kind, tree: _literals(kind, tree[2]),)),
    k.DAYS_COMPARE: (
        frozenset({AttributeType.DATETIME}), (_comparison, lambda kind, tree: _literal(kind, tree[3]))
    ),
    k.DAYS_AMONG: (frozenset({AttributeType.DATETIME}), (lambda kind, tree: _literals(kind, tree[2]),)),
    k.INCLUDES_SOME: (_SET, (lambda _, tree: _literals(AttributeType.STRING, tree[2]),)),
    k.INCLUDES_ALL: (_SET, (lambda _, tree: _literals(AttributeType.STRING, tree[2]),)),
    k.STARTS_WITH: (_TEXT, (lambda kind, tree: _literal(kind, tree[2]),)),
    k.ENDS_WITH: (_TEXT, (lambda kind, tree: _literal(kind, tree[2]),)),
    k.CONTAINS: (_TEXT, (lambda kind, tree: _literal(kind, tree[2]),)),
    k.KNOWN: (_EVERY_TYPE, ()),
    k.UNKNOWN: (_EVERY_TYPE, ()),
}  # fmt: skip
