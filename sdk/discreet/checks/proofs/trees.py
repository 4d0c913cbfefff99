"""Trees of several models over one numbering, and what can be read off them before any visitor is looked at.

Equal trees are one object here, so that proofs may tell and remember them by identity.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, overload

from discreet.runtime import kleene as k

from .requirements import FALSE, TRUE, UNKNOWN

if TYPE_CHECKING:
    from discreet.runtime.kleene import Tree

    from .requirements import Rivals

Mask: TypeAlias = int  # bit i for the attribute number i


class Joint:
    """Renumbers the trees of models one after the other, and shares those that are equal.

    Args:
        attributes: From the numbers in the trees to joint ones; None: they are joint already.
    """

    def __init__(self, conditions: Sequence[Tree] = (), attributes: Sequence[int] | None = None) -> None:
        self.conditions: list[Tree] = [*conditions]
        self.attributes = attributes
        self.shared: dict[Any, Tree] = {}

    def add(self, conditions: Sequence[Tree]) -> int:
        """Number a model's named conditions, each after all that it names; the joint number of the first."""
        first = len(self.conditions)
        for tree in conditions:
            self.conditions.append(self.tree(tree, first))
        return first

    @overload
    def tree(self, tree: Tree, first: int) -> Tree: ...
    @overload
    def tree(self, tree: None, first: int) -> None: ...
    @overload
    def tree(self, tree: Tree | None, first: int) -> Tree | None: ...
    def tree(self, tree: Tree | None, first: int) -> Tree | None:
        """The tree over the joint numbers, of a model whose first condition has the joint number `first`."""
        if tree is None:
            return None
        operation = tree[0]
        if operation in (k.ALL, k.SOME, k.NOT):
            parts = [self.tree(part, first) for part in tree[1:]]
            return self.shared.setdefault((operation, *map(id, parts)), [operation, *parts])
        if operation == k.NAMED:
            return self._leaf([operation, first + tree[1]])
        number = tree[1] if self.attributes is None else self.attributes[tree[1]]
        return self._leaf([operation, number, *tree[2:]])

    def _leaf(self, leaf: Tree) -> Tree:
        key = tuple((type(each), tuple(each) if isinstance(each, list) else each) for each in leaf)
        return self.shared.setdefault(key, leaf)


class Needs:
    """Which attributes must be known for a tree to be true, and for it to be false."""

    def __init__(self, conditions: Sequence[Tree]) -> None:
        self._conditions = conditions
        # By identity; the trees and rivals are kept, so that they stay the ones.
        self._found: dict[int, tuple[Tree, Mask, Mask]] = {}
        self._of_rivals: dict[int, tuple[Rivals, list[tuple[Mask, int, list[int]]]]] = {}

    def of(self, tree: Tree) -> tuple[Mask, Mask]:
        """The attributes without which `tree` is never true, and those without which it is never false."""
        found = self._found.get(id(tree))
        if found is None:
            found = self._found[id(tree)] = (tree, *self._work_out(tree))
        return found[1], found[2]

    def of_rivals(self, rivals: Rivals) -> Sequence[tuple[Mask, int, list[int]]]:
        """Of the offers that compete for a placement, best first: what must be known, the number, and the ranks."""
        found = self._of_rivals.get(id(rivals))
        if found is None:
            trees = {number: rivals.rules.offers[number].tree for number in rivals.of}
            masks = {number: 0 if tree is None else self.of(tree)[0] for number, tree in trees.items()}
            rows = [(masks[number], number, ranks) for number, ranks in rivals.of.items()]
            found = self._of_rivals[id(rivals)] = (rivals, rows)
        return found[1]

    def _work_out(self, tree: Tree) -> tuple[Mask, Mask]:
        operation = tree[0]
        if operation == k.NOT:
            true, false = self.of(tree[1])
            return false, true
        if operation == k.NAMED:
            number: int = tree[1]
            return self.of(self._conditions[number])
        if operation in (k.ALL, k.SOME):
            parts = [self.of(part) for part in tree[1:]]
            every, some = _union, _common
            joins = (every, some) if operation == k.ALL else (some, every)
            return joins[0]([true for true, _ in parts]), joins[1]([false for _, false in parts])
        bit = 1 << tree[1]
        return (0, bit) if operation == k.UNKNOWN else (bit, bit)


def _union(masks: Sequence[Mask]) -> Mask:
    joined = 0
    for each in masks:
        joined |= each
    return joined


def _common(masks: Sequence[Mask]) -> Mask:
    if not masks:
        return 0
    joined = -1
    for each in masks:
        joined &= each
    return joined


def swapped(want: int) -> int:
    """What is wanted of a tree whose negation is wanted to be as `want` says."""
    return (want & UNKNOWN) | (TRUE if want & FALSE else 0) | (FALSE if want & TRUE else 0)
