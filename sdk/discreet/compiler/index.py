"""Building the predicate index: bits for clauses, rows for answers. Source: spec/bundle-format.md, "Index"."""

from __future__ import annotations

import math
import struct
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeAlias

from discreet.model.progress import Progress, unheard
from discreet.runtime import index as slots
from discreet.runtime.blobs import row_bytes
from discreet_consent import Catalogue

from .clauses import ABSENT, Absent, Clause, Members, Numbers, Question, Test, Values, presence

MAX_BREAKS = 255  # so at most 256 cells a number; beyond it cells are coarser and winners are confirmed
SPARSE_FROM = 1_024  # keys of a slot from which those with few bits may get no row of their own
SPARSE_SET_BYTES = (
    4 * 1024 * 1024
)  # what the rows of a set must take for that: a visitor's set asks for many at once
FEW_BITS = 16  # at most so many has a sparse row: each costs a decision that asks for it two steps
CLOCK_QUESTION: Question = (slots.CLOCK, -1)


@dataclass(frozen=True, slots=True)
class Sparse:
    """Rows of few bits, of the last keys of a slot: how many bits each has, and the bits, ascending for each."""

    lengths: tuple[int, ...]
    bits: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot, ready for the wire. `more` are unwanted keys; of a number whose breakpoints were thinned, all ends."""

    kind: int
    attribute: int | None
    keys: list[str] | bytes
    more: list[str] | bytes
    rows: bytes
    sparse: Sparse | None = None


Check: TypeAlias = tuple[int, int, int, int]  # bit, slot number, low, high: see discreet.runtime.checks


class Rows:
    """Sets of clauses as bits of integers, written as little-endian rows of one width."""

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self.width = row_bytes(bits)

    def row(self, clauses: Sequence[int]) -> int:
        """The row with these bits set."""
        buffer = bytearray(self.width)
        for bit in clauses:
            buffer[bit >> 3] |= 1 << (bit & 7)
        return int.from_bytes(buffer, "little")

    def blob(self, rows: Sequence[int]) -> bytes:
        """The rows one after the other."""
        return b"".join(row.to_bytes(self.width, "little") for row in rows)


@dataclass(slots=True)
class IndexBuilder:
    """Collects clauses bit by bit, worst rank first; then makes the slots.

    `inexact` are the bits whose clause the index only narrows down; `checks` is what confirms those of them that have
    no tree to confirm them.
    """

    catalogue: Catalogue
    clauses: list[Clause] = field(default_factory=list)
    inexact: set[int] = field(default_factory=set)
    checks: list[Check] = field(default_factory=list)
    with_tree: set[int] = field(default_factory=set)

    def add(self, clause: Clause, *, exact: bool, has_tree: bool) -> int:
        """Give `clause` the next bit. What is not `exact` must have a tree."""
        bit = len(self.clauses)
        self.clauses.append(clause)
        if not exact:
            self.inexact.add(bit)
        if has_tree:
            self.with_tree.add(bit)
        return bit

    def slots(self, progress: Progress = unheard) -> list[Slot]:
        """The slots of all clauses added, in the order of (attribute, kind)."""
        asked: defaultdict[Question, dict[int, Test]] = defaultdict(dict)
        for bit, clause in enumerate(self.clauses):
            for question, test in clause.items():
                asked[self._slot_of(question)][bit] = test
        rows = Rows(len(self.clauses))
        ordered = sorted(asked, key=lambda question: (question[1], question[0]))
        made: list[Slot] = []
        for number, question in enumerate(ordered):
            progress("building the index", number, len(ordered))
            made.append(self._slot(rows, number, question, asked[question]))
        progress("building the index", len(ordered), len(ordered))
        self.checks.sort()
        return made

    def _narrowed(self, number: int, bit: int, checks: Iterable[tuple[int, int]]) -> None:
        """The slot lets more through than the clause `bit` allows: note what is left to check."""
        self.inexact.add(bit)
        if bit not in self.with_tree:
            self.checks += [(bit, number, low, high) for low, high in checks]

    def _slot_of(self, question: Question) -> Question:
        """`unknown(attribute)` is answered by the attribute's main slot."""
        kind, attribute = question
        if kind != ABSENT:
            return question
        (main,) = presence(self.catalogue, attribute)
        return main

    def _slot(self, rows: Rows, number: int, question: Question, tests: Mapping[int, Test]) -> Slot:
        kind = question[0]
        if kind in (slots.NUMBER, slots.DAYS, slots.CLOCK):
            return self._number_slot(rows, number, question, tests)
        if kind in (slots.VALUE, slots.FLAG):
            return _equal_slot(rows, question, tests)
        return self._members_slot(rows, number, question, tests)

    def _number_slot(self, rows: Rows, number: int, question: Question, tests: Mapping[int, Test]) -> Slot:
        wanted = {bit: test for bit, test in tests.items() if isinstance(test, Numbers)}
        ends = _ends(wanted.values())
        breaks = _thinned(ends)
        places = {-math.inf: 0, **{end: place for place, end in enumerate(ends, 1)}, math.inf: len(ends) + 1}
        opens: defaultdict[int, list[int]] = defaultdict(list)
        closes: defaultdict[int, list[int]] = defaultdict(list)
        for bit, test in wanted.items():
            runs = _cells(test, breaks)
            for first, last, _ in runs:
                opens[first].append(bit)
                closes[last + 1].append(bit)
            if not all(exact for _, _, exact in runs):
                self._narrowed(number, bit, [(places[low], places[high]) for low, high in test.intervals])
        do_not_ask, absent = _quiet(rows, tests)
        made = [absent]
        for cell in range(len(breaks) + 1):
            difference = rows.row(closes[cell]) ^ rows.row(opens[cell])
            made.append(difference if cell else do_not_ask | difference)
        kind, attribute = question
        return Slot(
            kind,
            None if kind == slots.CLOCK else attribute,
            _doubles(breaks),
            _doubles(ends if len(breaks) < len(ends) else []),
            rows.blob(made),
        )

    def _members_slot(self, rows: Rows, number: int, question: Question, tests: Mapping[int, Test]) -> Slot:
        wanted: defaultdict[str, list[int]] = defaultdict(list)
        unwanted: defaultdict[str, list[int]] = defaultdict(list)
        base: list[int] = []
        named = _how_often(
            tests.values()
        )  # of several groups the one that fewest clauses name finds the clause
        groups: dict[int, tuple[frozenset[str], ...]] = {}
        for bit, test in tests.items():
            if not isinstance(test, Members):
                continue
            for member in test.unwanted:
                unwanted[member].append(bit)
            if not test.wanted:
                base.append(bit)
                continue
            if len(test.wanted) > 1:
                groups[bit] = test.wanted
            for member in min(
                test.wanted, key=lambda group: (sum(map(named.__getitem__, group)), sorted(group))
            ):
                wanted[member].append(bit)
        for group in chain.from_iterable(groups.values()):
            wanted.update(
                {member: [] for member in group if member not in wanted}
            )  # what only checks ask for
        may_be_sparse = question[0] != slots.MEMBERS or len(wanted) * rows.width > SPARSE_SET_BYTES
        dense, sparse = _split(wanted) if may_be_sparse else (sorted(wanted), [])
        keys, refused = [*dense, *sparse], sorted(unwanted)
        places = {key: place for place, key in enumerate(keys)}
        for bit, asked in groups.items():
            checks = [(group, places[key]) for group, members in enumerate(asked) for key in sorted(members)]
            self._narrowed(number, bit, checks)
        do_not_ask, absent = _quiet(rows, tests)
        made = [absent, do_not_ask | rows.row(base)]
        made += [rows.row(wanted[key]) for key in dense] + [rows.row(unwanted[key]) for key in refused]
        return Slot(question[0], question[1], keys, refused, rows.blob(made), _sparse(sparse, wanted))


def _how_often(tests: Iterable[Test]) -> Counter[str]:
    """How many groups name each member."""
    groups = (group for test in tests if isinstance(test, Members) for group in test.wanted)
    return Counter(chain.from_iterable(groups))


def _split(asked: Mapping[str, Sequence[int]]) -> tuple[list[str], list[str]]:
    """The keys, each half ascending: those that get a row, and those whose few bits are listed instead."""
    if len(asked) <= SPARSE_FROM:
        return sorted(asked), []
    few = sorted(key for key, bits in asked.items() if len(bits) <= FEW_BITS)
    return sorted(asked.keys() - set(few)), few


def _sparse(keys: Sequence[str], bits: Mapping[str, Sequence[int]]) -> Sparse | None:
    if not keys:
        return None
    return Sparse(
        tuple(len(bits[key]) for key in keys), tuple(bit for key in keys for bit in sorted(bits[key]))
    )


def _doubles(numbers: Sequence[float]) -> bytes:
    return struct.pack(f"<{len(numbers)}d", *numbers)


def _quiet(rows: Rows, tests: Mapping[int, Test]) -> tuple[int, int]:
    """The row of the clauses that do not ask, and the row for an unknown value."""
    do_not_ask = ((1 << rows.bits) - 1) & ~rows.row(list(tests))
    absent = [bit for bit, test in tests.items() if isinstance(test, Absent)]
    return do_not_ask, do_not_ask | rows.row(absent)


def _equal_slot(rows: Rows, question: Question, tests: Mapping[int, Test]) -> Slot:
    plus: defaultdict[str | bool, list[int]] = defaultdict(list)
    minus: defaultdict[str | bool, list[int]] = defaultdict(list)
    others: list[int] = []
    for bit, test in tests.items():
        if not isinstance(test, Values):
            continue
        for value in test.named:
            (minus if test.others else plus)[value].append(bit)
        if test.others:
            others.append(bit)
    do_not_ask, absent = _quiet(rows, tests)
    other = do_not_ask | rows.row(others)
    if question[0] == slots.FLAG:
        made = [(other | rows.row(plus[key])) & ~rows.row(minus[key]) for key in (False, True)]
        return Slot(question[0], question[1], [], [], rows.blob([absent, other, *made]))
    differing = {str(key): [*plus[key], *minus[key]] for key in {*plus, *minus}}
    dense, sparse = _split(differing)
    made = [absent, other, *(rows.row(differing[key]) for key in dense)]
    return Slot(question[0], question[1], [*dense, *sparse], [], rows.blob(made), _sparse(sparse, differing))


def _ends(tests: Iterable[Numbers]) -> list[float]:
    """All finite ends of all intervals, ascending."""
    ends = {end for test in tests for interval in test.intervals for end in interval}
    return sorted(ends - {-math.inf, math.inf})


def _thinned(ends: Sequence[float]) -> Sequence[float]:
    """The breakpoints: the ends, thinned evenly to at most `MAX_BREAKS`."""
    if len(ends) <= MAX_BREAKS:
        return ends
    return [ends[(number * len(ends)) // MAX_BREAKS] for number in range(MAX_BREAKS)]


def _cells(test: Numbers, breaks: Sequence[float]) -> list[tuple[int, int, bool]]:
    """The runs of cells that cover the test's intervals, as (first, last, exactly)."""
    runs: list[tuple[int, int, bool]] = []
    for low, high in test.intervals:
        first, last = bisect_right(breaks, low), bisect_left(breaks, high)
        exact = _is_end(low, breaks) and _is_end(high, breaks)
        if runs and first <= runs[-1][1]:
            runs[-1] = (runs[-1][0], max(last, runs[-1][1]), False)
        else:
            runs.append((first, last, exact))
    return runs


def _is_end(end: float, breaks: Sequence[float]) -> bool:
    if end - end != 0:
        return True  # infinite: the first or last cell
    at = bisect_left(breaks, end)
    return at < len(breaks) and breaks[at] == end
