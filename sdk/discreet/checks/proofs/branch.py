"""A branch of the search: what has been settled about the visitor so far, and what is still to be.

Nothing is guessed here: what is asserted follows, and False is a contradiction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from discreet.runtime import kleene as k

from . import clock
from .facts import Fact, anything
from .requirements import (
    ALL_TRUTHS,
    FALSE,
    TRUE,
    UNKNOWN,
    Either,
    Every,
    Holds,
    Outranking,
    Requirement,
    Within,
    Without,
)
from .trees import swapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discreet.runtime.kleene import Tree
    from discreet_consent import Attribute

    from .trees import Mask

Wanted: TypeAlias = tuple["Tree", int]
_JOINS: Final = (k.ALL, k.SOME)


class Branch:
    """What is settled: facts by attribute (None: not known), the clock, the truths of trees; and what is open.

    Attributes:
        trees: By identity, what is asserted of a tree.
        open: Trees with what is wanted of them, of which there are several ways.
        parts: Requirements of which there are several ways.
        known: The attributes that are known.
        steps: How often something was settled; where it stands still, nothing was.
    """

    __slots__ = (
        "_may",
        "attributes",
        "conditions",
        "facts",
        "known",
        "open",
        "parts",
        "steps",
        "ticks",
        "trees",
    )

    def __init__(self, attributes: Sequence[Attribute], conditions: Sequence[Tree], may: Mask) -> None:
        self.attributes = attributes
        self.conditions = conditions
        self._may = may
        self.facts: dict[int, Fact | None] = {}
        self.known: Mask = 0
        self.ticks = clock.ALWAYS
        self.trees: dict[int, int] = {}
        self.open: list[Wanted] = []
        self.parts: list[Requirement] = []
        self.steps = 0

    def copy(self) -> Branch:
        """The same, to be settled further."""
        copied = Branch(self.attributes, self.conditions, self._may)
        copied.facts = self.facts.copy()
        copied.known = self.known
        copied.ticks = self.ticks
        copied.trees = self.trees.copy()
        copied.open = self.open.copy()
        copied.parts = self.parts.copy()
        copied.steps = self.steps
        return copied

    def fulfils(self, requirement: Requirement) -> bool:
        """Assert `requirement`; False when it contradicts what is settled. Raises Doubt."""
        match requirement:
            case Holds(tree, want):
                return self.holds(tree, want.value)
            case Within(from_ms, until_ms):
                return self._at(clock.window(from_ms, until_ms))
            case Without(from_ms, until_ms):
                return self._at(clock.besides(clock.window(from_ms, until_ms)))
            case Every(parts) if not isinstance(parts, Outranking):
                return all(map(self.fulfils, parts))
            case Either(parts) if len(parts) <= 1:
                return bool(parts) and self.fulfils(parts[0])
            case _:
                pass
        if not any(each is requirement for each in self.parts):
            self.parts.append(requirement)
            self.steps += 1
        return True

    def holds(self, tree: Tree, want: int) -> bool:
        """Assert that the truth of `tree` is one of `want`; False when that contradicts. Raises Doubt."""
        was = self.trees.get(id(tree), ALL_TRUTHS)
        want &= was
        if want in (was, 0):
            return want != 0
        self.trees[id(tree)] = want
        self.steps += 1
        operation = tree[0]
        if operation == k.NOT:
            return self.holds(tree[1], swapped(want))
        if operation == k.NAMED:
            number: int = tree[1]
            return self.holds(self.conditions[number], want)
        if operation not in _JOINS:
            return self._tests(tree, want)
        if want == (TRUE if operation == k.ALL else FALSE):
            return all(self.holds(part, want) for part in tree[1:])
        self.open.append((tree, want))
        return True

    def _tests(self, leaf: Tree, want: int) -> bool:
        absent, present = ways_of(leaf, want)
        attribute = leaf[1]
        if attribute in self.facts:
            absent = absent and self.facts[attribute] is None
            present = present if self.facts[attribute] is not None else ()
        elif not self._may >> attribute & 1:
            present = ()
        if absent + len(present) > 1:
            self.open.append((leaf, want))
            return True
        if absent:
            return self.facts.setdefault(attribute, None) is None
        return bool(present) and self._narrow(attribute, leaf, wanted=present[0])

    def _narrow(self, attribute: int, leaf: Tree | None, *, wanted: bool) -> bool:
        if not self._may >> attribute & 1:
            return False
        fact = self.facts[attribute] if attribute in self.facts else anything(self.attributes[attribute])
        if fact is not None and leaf is not None and leaf[0] < k.KNOWN:
            fact = fact.tested(leaf, wanted)
        if fact is None:
            return False
        self.facts[attribute] = fact
        self.known |= 1 << attribute
        return True

    def _at(self, ticks: clock.Ticks) -> bool:
        left = clock.shared(self.ticks, ticks)
        if left != self.ticks:
            self.ticks = left
            self.steps += 1
        return bool(left)


def ways_of(leaf: Tree, want: int) -> tuple[bool, tuple[bool, ...]]:
    """How the truth of a test becomes one of `want`: by being unknown; by a known value, the test true or false.

    For `known` and `unknown`, which ask nothing of the value, the second is (True,) where it must be known.
    """
    if leaf[0] == k.KNOWN:
        return bool(want & UNKNOWN), (True,) if want & TRUE else ()
    if leaf[0] == k.UNKNOWN:
        return bool(want & TRUE), (True,) if want & FALSE else ()
    asked = tuple(truth for truth, bit in ((True, TRUE), (False, FALSE)) if want & bit)
    return bool(want & UNKNOWN), asked
