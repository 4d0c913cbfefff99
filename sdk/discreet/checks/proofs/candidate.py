"""A candidate: one visitor made up from a branch, whose truths are worked out by the runtime's own kleene."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from discreet.runtime import kleene as k

from .requirements import FALSE, TRUE, UNKNOWN, Either, Every, Holds, Outranking, Requirement, Within, Without
from .trees import swapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discreet.runtime.kleene import Tree

    from .families import Raw
    from .trees import Mask, Needs

# A way out of a violation: something to assert of a branch. A tree with what is wanted of it, or a requirement.
Way: TypeAlias = "tuple[Tree, int] | Requirement"
_BITS = {True: TRUE, False: FALSE, None: UNKNOWN}
_JOINS = (k.ALL, k.SOME)
# Of which joins all parts must be as wanted; of the others one.
_EVERY = {(k.ALL, TRUE), (k.ALL, TRUE | UNKNOWN), (k.SOME, FALSE), (k.SOME, FALSE | UNKNOWN)}


@dataclass(frozen=True, slots=True)
class Made:
    """What a candidate is made of: the raw value of each family that has one, by the number of a member; the tick; and
    the attributes that must be known.
    """

    raws: Mapping[int, Raw]
    tick: int
    known: Mask


class Candidate:
    """One visitor at one instant; remembers the truths of trees."""

    __slots__ = ("_conditions", "_known", "_needs", "_truths", "_visit", "now_ms")

    def __init__(
        self, values: Sequence[Any], now_ms: float, conditions: Sequence[Tree], needs: Needs
    ) -> None:
        self.now_ms = now_ms
        self._conditions = conditions
        self._needs = needs
        self._visit = k.Visit(values, now_ms, conditions)
        self._known = sum(1 << number for number, value in enumerate(values) if value is not None)
        self._truths: dict[int, int] = {}

    def truth(self, tree: Tree) -> int:
        """The truth of `tree`, as one of the bits."""
        found = self._truths.get(id(tree))
        if found is None:
            found = self._truths[id(tree)] = _BITS[self._visit.truth(tree)]
        return found

    def is_so(self, tree: Tree, want: int) -> bool:
        """Whether the truth of `tree` is one of `want`; without looking, where too little is known for another."""
        if want & UNKNOWN:
            true, false = self._needs.of(tree)
            if (want & TRUE or true & ~self._known) and (want & FALSE or false & ~self._known):
                return True
        return bool(self.truth(tree) & want)

    def fulfils(self, requirement: Requirement) -> bool:
        """Whether this visitor fulfils `requirement`."""
        match requirement:
            case Holds(tree, want):
                return self.is_so(tree, want.value)
            case Every(parts):
                if isinstance(parts, Outranking):
                    return next(self._against(parts), None) is None
                return all(map(self.fulfils, parts))
            case Either(parts):
                if isinstance(parts, Outranking):
                    return next(self._for(parts), None) is not None
                return any(map(self.fulfils, parts))
            case Within(from_ms, until_ms):
                return self._is_open(from_ms, until_ms)
            case Without(from_ms, until_ms):
                return not self._is_open(from_ms, until_ms)

    def _is_open(self, from_ms: float | None, until_ms: float | None) -> bool:
        return (from_ms is None or from_ms <= self.now_ms) and (until_ms is None or self.now_ms < until_ms)

    def violations(self, requirement: Requirement) -> Iterator[list[Way]]:
        """For each part that this visitor violates, the ways in which it may come to hold: of any, one does."""
        match requirement:
            case Every(parts) if isinstance(parts, Outranking):
                for part in self._against(parts):
                    yield from self.violations(part)
            case Every(parts):
                for part in parts:
                    yield from self.violations(part)
            case Holds(tree, want):
                if not self.is_so(tree, want.value):
                    yield self.ways(tree, want.value)
            case _:
                if not self.fulfils(requirement):
                    yield list(_flat(requirement))

    def _against(self, parts: Outranking) -> Iterator[Requirement]:
        """The parts that are violated, of those that say what must not be (or, `shown`, what must)."""
        if parts.shown:
            yield from (each for each in parts if not self.fulfils(each))
        else:
            for rank in self._eligible(parts):
                yield parts.rivals.hidden[rank]

    def _for(self, parts: Outranking) -> Iterator[Requirement]:
        if parts.shown:
            for rank in self._eligible(parts):
                yield parts.rivals.shown[rank]
        else:
            yield from (each for each in parts if self.fulfils(each))

    def _eligible(self, parts: Outranking) -> Iterator[int]:
        """The ranks above, best offers first, at which an offer is eligible."""
        rivals, above = parts.rivals, parts.above
        stages, offers, unknown = rivals.rules.stages, rivals.rules.offers, ~self._known
        for needed, number, ranks in self._needs.of_rivals(rivals):
            if ranks[0] >= above:
                return
            if needed & unknown:
                continue
            offer = offers[number]
            if not self._is_open(offer.from_ms, offer.until_ms):
                continue
            if offer.tree is not None and self.truth(offer.tree) != TRUE:
                continue
            for rank in ranks:
                if rank >= above:
                    break
                entry = stages[rivals.ranked[rank][0]].tree
                if entry is None or self._is_true(entry):
                    yield rank

    def _is_true(self, tree: Tree) -> bool:
        return not self._needs.of(tree)[0] & ~self._known and self.truth(tree) == TRUE

    def ways(self, tree: Tree, want: int) -> list[Way]:
        """The ways in which `tree`, which is not as wanted, may come to be so; where all parts must be, the first's."""
        while True:
            operation = tree[0]
            if operation == k.NOT:
                tree, want = tree[1], swapped(want)
            elif operation == k.NAMED:
                number: int = tree[1]
                tree = self._conditions[number]
            elif want == UNKNOWN and operation in _JOINS:
                want = FALSE | UNKNOWN if self.truth(tree) == TRUE else TRUE | UNKNOWN
            elif (operation, want) in _EVERY:
                tree = next(part for part in tree[1:] if not self.truth(part) & want)
            else:
                return list(_flat_tree(tree, want, self._conditions))


def _flat(requirement: Requirement) -> Iterator[Way]:
    match requirement:
        case Either(parts):
            for part in parts:
                yield from _flat(part)
        case Holds(tree, want):
            yield tree, want.value
        case _:
            yield requirement


def _flat_tree(tree: Tree, want: int, conditions: Sequence[Tree]) -> Iterator[Way]:
    operation = tree[0]
    if operation == k.NOT:
        yield from _flat_tree(tree[1], swapped(want), conditions)
    elif operation == k.NAMED:
        number: int = tree[1]
        yield from _flat_tree(conditions[number], want, conditions)
    elif operation not in _JOINS:
        yield from ((tree, bit) for bit in (UNKNOWN, FALSE, TRUE) if want & bit)
    elif (operation, want) in _EVERY or want == UNKNOWN:
        yield tree, want
    elif want == TRUE | FALSE:
        yield from ((tree, TRUE), (tree, FALSE))
    else:
        for part in tree[1:]:
            yield from _flat_tree(part, want, conditions)
