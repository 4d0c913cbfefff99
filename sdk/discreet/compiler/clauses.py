"""Clauses: what the index can look up. A condition tree becomes a bounded disjunction of conjunctions of tests.

Kleene-faithful: with negations pushed to the leaves, a formula is definitely true exactly when one of its clauses
has only definitely true tests (min and max distribute), and a test is true only of a known value. Tests of one
attribute merge by set algebra; a clause that no value satisfies is dropped; nothing else is simplified, for
`a or not a` is not true of a visitor whose `a` is unknown.

No exponential surprise: a formula with more than `MAX_CLAUSES` clauses is *weakened*, some of its parts are left out,
until it fits. The weakened clauses hold whenever the formula does; `exact` is then False, and the evaluator
confirms candidates by the tree itself.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from discreet.runtime import index as slots
from discreet.runtime import kleene as k
from discreet_consent import AttributeType, Catalogue

if TYPE_CHECKING:
    from discreet.runtime.kleene import Tree

MAX_CLAUSES = 64  # of one condition; what is left out costs a confirmation, not correctness

Interval: TypeAlias = tuple[float, float]  # low <= value < high
Question: TypeAlias = tuple[int, int]  # slot kind, attribute number
ABSENT = -1  # the pseudo slot kind of `unknown(attribute)`

EVERYWHERE: tuple[Interval, ...] = ((-math.inf, math.inf),)


@dataclass(frozen=True, slots=True)
class Values:
    """Strings or booleans: one of `named`, or with `others` any known value but those."""

    named: frozenset[str | bool]
    others: bool = False

    def merge(self, other: Values) -> Values | None:
        if self.others and other.others:
            return Values(self.named | other.named, True)
        if self.others or other.others:
            positive, negative = (other, self) if self.others else (self, other)
            left = positive.named - negative.named
        else:
            left = self.named & other.named
        return Values(left) if left else None

    def join(self, other: Values) -> Values:
        if self.others and other.others:
            return Values(self.named & other.named, True)
        if self.others or other.others:
            positive, negative = (other, self) if self.others else (self, other)
            return Values(negative.named - positive.named, True)
        return Values(self.named | other.named)


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number in one of some disjoint ascending half-open intervals."""

    intervals: tuple[Interval, ...]

    def merge(self, other: Numbers) -> Numbers | None:
        both = _overlaps(self.intervals, other.intervals)
        return Numbers(both) if both else None

    def join(self, other: Numbers) -> Numbers:
        return Numbers(_outside(_outside(sorted((*self.intervals, *other.intervals)))))


@dataclass(frozen=True, slots=True)
class Members:
    """A set with a member in each of the groups `wanted`, and none of `unwanted`."""

    wanted: tuple[frozenset[str], ...] = ()
    unwanted: frozenset[str] = frozenset()

    def merge(self, other: Members) -> Members | None:
        unwanted = self.unwanted | other.unwanted
        groups = {group - unwanted for group in (*self.wanted, *other.wanted)}
        if frozenset() in groups:
            return None
        asked = [group for group in groups if not any(less < group for less in groups)]  # the others follow
        return Members(tuple(sorted(asked, key=lambda group: (len(group), sorted(group)))), unwanted)

    def join(self, other: Members) -> Members | None:
        if self.unwanted or other.unwanted or len(self.wanted) != 1 or len(other.wanted) != 1:
            return None  # no single test says it
        return Members((self.wanted[0] | other.wanted[0],))


@dataclass(frozen=True, slots=True)
class Absent:
    """The attribute is unknown."""

    def merge(self, other: Absent) -> Absent:
        return other

    def join(self, other: Absent) -> Absent:
        return other


Test: TypeAlias = Values | Numbers | Members | Absent
Clause: TypeAlias = Mapping[Question, Test]


@dataclass(frozen=True, slots=True)
class Clauses:
    """A disjunction of clauses; when not `exact`, a necessary condition only."""

    clauses: tuple[Clause, ...]
    exact: bool = True


ANYTHING = Clauses(({},))
WEAKENED = Clauses(({},), exact=False)


def merge(one: Clause, other: Clause) -> Clause | None:
    """The conjunction of two clauses; None when no visitor can satisfy both."""
    merged = dict(one)
    for question, test in other.items():
        known = merged.get(question)
        if known is None:
            merged[question] = test
            continue
        both = known.merge(test)  # type: ignore[arg-type] # a question has one type of test
        if both is None:
            return None
        merged[question] = both
    absent = {attribute for kind, attribute in merged if kind == ABSENT}
    if absent and any(kind != ABSENT and attribute in absent for kind, attribute in merged):
        return None
    return merged


def every(parts: Sequence[Clauses]) -> Clauses:
    """The conjunction, at most `MAX_CLAUSES` clauses: parts that would make more are left out, widest first."""
    if len(parts) == 1:
        return parts[0]
    product: list[Clause] = [{}]
    exact = True
    for part in sorted(parts, key=lambda each: len(each.clauses)):
        if len(product) * len(part.clauses) > MAX_CLAUSES:
            exact = False
            continue
        merged = [merge(one, other) for one in product for other in part.clauses]
        product = _distinct([clause for clause in merged if clause is not None])
        exact = exact and part.exact
    return Clauses(tuple(product), exact)


def some(parts: Sequence[Clauses]) -> Clauses:
    """The disjunction; of one of more than `MAX_CLAUSES` clauses only a test of each clause is kept."""
    union = _distinct(_joined([clause for part in parts for clause in part.clauses]))
    if len(union) > MAX_CLAUSES:
        return _weakened(union)
    return Clauses(tuple(union), all(part.exact for part in parts))


def _weakened(clauses: Sequence[Clause]) -> Clauses:
    """What holds whenever one of many clauses does: one test of each, those of one question joined.

    The questions that most clauses ask come first, so that few tests say it; if that is still too much, nothing does.
    """
    left = list(clauses)
    kept: list[Clause] = []
    while left:
        asked = Counter(question for clause in left for question in clause)
        if not asked:
            return WEAKENED  # a clause that asks nothing
        question = min(asked, key=lambda each: (-asked[each], each))
        kept += _joined([{question: clause[question]} for clause in left if question in clause])
        left = [clause for clause in left if question not in clause]
    kept = _distinct(kept)
    return WEAKENED if len(kept) > MAX_CLAUSES else Clauses(tuple(kept), exact=False)


def _joined(clauses: list[Clause]) -> list[Clause]:
    """The same disjunction with the single tests of one question joined: twenty countries are one clause."""
    single: dict[Question, Clause] = {}
    others: list[Clause] = []
    for clause in clauses:
        if len(clause) != 1:
            others.append(clause)
            continue
        ((question, test),) = clause.items()
        known = single.setdefault(question, clause)[question]
        both = known.join(test)  # type: ignore[arg-type] # a question has one type of test
        if both is None:
            others.append(clause)
        else:
            single[question] = {question: both}
    return [*single.values(), *others]


def _distinct(clauses: list[Clause]) -> list[Clause]:
    return list({frozenset(clause.items()): clause for clause in clauses}.values())


class Clausifier:
    """Turns the trees of one model into clauses; each named condition is worked out once per polarity."""

    def __init__(self, catalogue: Catalogue, conditions: Sequence[Tree]) -> None:
        self._catalogue = catalogue
        self._conditions = conditions
        self._named: dict[tuple[int, bool], Clauses] = {}

    def clauses(self, tree: Tree | None) -> Clauses:
        """The clauses under which `tree` is definitely true."""
        return ANYTHING if tree is None else self._of(tree, wanted=True)

    def _of(self, tree: Tree, *, wanted: bool) -> Clauses:
        operation = tree[0]
        if operation == k.NOT:
            return self._of(tree[1], wanted=not wanted)
        if operation == k.NAMED:
            return self._of_named(tree[1], wanted=wanted)
        if operation in (k.ALL, k.SOME):
            parts = [self._of(part, wanted=wanted) for part in tree[1:]]
            return every(parts) if (operation == k.ALL) == wanted else some(parts)
        return Clauses(tuple(LEAVES[operation](self._catalogue, tree, wanted)))

    def _of_named(self, number: int, *, wanted: bool) -> Clauses:
        key = (number, wanted)
        if key not in self._named:
            self._named[key] = self._of(self._conditions[number], wanted=wanted)
        return self._named[key]


def is_conjunction(tree: Tree | None) -> bool:
    """Whether `tree` is nothing but tests, or their negations, that must all hold, in the author's own words.

    Such a tree can be read back from its clause. A named condition cannot: the index does not know its name; and what
    asks for the unknown stays visible as it was written.
    """
    if tree is None:
        return True
    if tree[0] == k.ALL:
        return all(map(is_conjunction, tree[1:]))
    operation: int = tree[1][0] if tree[0] == k.NOT else tree[0]
    return operation > k.NAMED and operation != k.UNKNOWN


def presence(catalogue: Catalogue, attribute: int) -> Clause:
    """The clause that holds when `attribute` is known, whatever its value."""
    kind = catalogue.attributes[attribute].type
    if kind in (AttributeType.NUMBER, AttributeType.DATETIME):
        return {(slots.NUMBER, attribute): Numbers(EVERYWHERE)}
    if kind is AttributeType.STRINGS:
        return {(slots.MEMBERS, attribute): Members()}
    if kind is AttributeType.BOOLEAN:
        return {(slots.FLAG, attribute): Values(frozenset[str | bool]((False, True)))}
    return {(slots.VALUE, attribute): Values(frozenset(), True)}


def _point(value: float) -> Interval:
    low = float(value) + 0.0  # -0.0 is 0.0
    return (low, math.nextafter(low, math.inf))


def _overlaps(one: Sequence[Interval], other: Sequence[Interval]) -> tuple[Interval, ...]:
    """What two ascending runs of intervals share, in one pass over both."""
    shared: list[Interval] = []
    first = second = 0
    while first < len(one) and second < len(other):
        (low, high), (start, end) = one[first], other[second]
        if max(low, start) < min(high, end):
            shared.append((max(low, start), min(high, end)))
        if high < end:
            first += 1
        else:
            second += 1
    return tuple(shared)


def _outside(intervals: Sequence[Interval]) -> tuple[Interval, ...]:
    gaps: list[Interval] = []
    start = -math.inf
    for low, high in intervals:
        if start < low:
            gaps.append((start, low))
        start = max(start, high)
    if start < math.inf:
        gaps.append((start, math.inf))
    return tuple(gaps)


def _compared(comparison: int, literal: float) -> tuple[Interval, ...]:
    low, above = _point(literal)
    return _COMPARED[comparison](low, above)


# The doubles that a comparison with a number lets through, by that number and the next double above it.
_COMPARED: Mapping[int, Callable[[float, float], tuple[Interval, ...]]] = {
    k.EQUAL: lambda low, above: ((low, above),),
    k.UNEQUAL: lambda low, above: _outside([(low, above)]),
    k.LESS: lambda low, _: ((-math.inf, low),),
    k.AT_MOST: lambda _, above: ((-math.inf, above),),
    k.MORE: lambda _, above: _outside([(-math.inf, above)]),
    k.AT_LEAST: lambda low, _: ((low, math.inf),),
}


def _numbers(kind: int, attribute: int, intervals: Sequence[Interval], wanted: bool) -> list[Clause]:
    kept = tuple(intervals) if wanted else _outside(intervals)
    return [{(kind, attribute): Numbers(kept)}] if kept else []


def _compare(catalogue: Catalogue, tree: Tree, wanted: bool) -> list[Clause]:
    _, attribute, comparison, literal = tree
    kind = catalogue.attributes[attribute].type
    if kind in (AttributeType.NUMBER, AttributeType.DATETIME):
        return _numbers(slots.NUMBER, attribute, _compared(comparison, literal), wanted)
    return _valued(kind, attribute, frozenset((literal,)), wanted == (comparison == k.EQUAL))


def _among(catalogue: Catalogue, tree: Tree, wanted: bool) -> list[Clause]:
    _, attribute, literals = tree
    kind = catalogue.attributes[attribute].type
    if kind in (AttributeType.NUMBER, AttributeType.DATETIME):
        return _numbers(slots.NUMBER, attribute, _points(literals), wanted)
    return _valued(kind, attribute, frozenset(literals), wanted)


def _points(literals: Sequence[float]) -> list[Interval]:
    return sorted({_point(literal) for literal in literals})


def _valued(kind: AttributeType, attribute: int, named: frozenset[str | bool], wanted: bool) -> list[Clause]:
    if kind is AttributeType.BOOLEAN:
        flags = frozenset[str | bool](flag for flag in (False, True) if (flag in named) == wanted)
        return [{(slots.FLAG, attribute): Values(flags)}] if flags else []
    return [{(slots.VALUE, attribute): Values(named, not wanted)}]


def _includes_some(_: Catalogue, tree: Tree, wanted: bool) -> list[Clause]:
    members = frozenset(tree[2])
    test = Members((members,)) if wanted else Members((), members)
    return [{(slots.MEMBERS, tree[1]): test}]


def _includes_all(_: Catalogue, tree: Tree, wanted: bool) -> list[Clause]:
    groups = [frozenset((member,)) for member in tree[2]]
    if wanted:
        return [{(slots.MEMBERS, tree[1]): Members(tuple(groups))}]
    return [{(slots.MEMBERS, tree[1]): Members((), group)} for group in groups]


def _text(kind: int) -> Callable[[Catalogue, Tree, bool], list[Clause]]:
    def clauses(_: Catalogue, tree: Tree, wanted: bool) -> list[Clause]:
        text = frozenset((tree[2],))
        return [{(kind, tree[1]): Members((text,)) if wanted else Members((), text)}]

    return clauses


def _known(catalogue: Catalogue, tree: Tree, wanted: bool) -> list[Clause]:
    return [presence(catalogue, tree[1])] if wanted else []  # `known` is never false


def _unknown(catalogue: Catalogue, tree: Tree, wanted: bool) -> list[Clause]:
    return [{(ABSENT, tree[1]): Absent()}] if wanted else [presence(catalogue, tree[1])]


LEAVES: Mapping[int, Callable[[Catalogue, Tree, bool], list[Clause]]] = {
    k.COMPARE: _compare,
    k.AMONG: _among,
    k.DAYS_COMPARE: lambda _, tree, wanted: _numbers(
        slots.DAYS, tree[1], _compared(tree[2], tree[3]), wanted
    ),
    k.DAYS_AMONG: lambda _, tree, wanted: _numbers(slots.DAYS, tree[1], _points(tree[2]), wanted),
    k.INCLUDES_SOME: _includes_some,
    k.INCLUDES_ALL: _includes_all,
    k.STARTS_WITH: _text(slots.PREFIXES),
    k.ENDS_WITH: _text(slots.SUFFIXES),
    k.CONTAINS: _text(slots.SUBSTRINGS),
    k.KNOWN: _known,
    k.UNKNOWN: _unknown,
}
