"""Building the predicate index: bits for clauses, rows for answers. Source: spec/bundle-format.md, "Index"."""

from __future__ import annotations

import struct
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from discreet.runtime import index as slots
from discreet.runtime.rows import row_bytes
from discreet_consent import Catalogue

from .clauses import ABSENT, Absent, Clause, Members, Numbers, Question, Test, Values, presence

MAX_BREAKS = 255  # so at most 256 cells a number; beyond it cells are coarser and winners are confirmed
CLOCK_QUESTION: Question = (slots.CLOCK, -1)


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot, ready for the wire."""

    kind: int
    attribute: int | None
    keys: list[str] | bytes
    unwanted: list[str]
    rows: bytes


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

    `inexact` are the bits whose clause the index only narrows down.
    """

    catalogue: Catalogue
    clauses: list[Clause] = field(default_factory=list)
    inexact: set[int] = field(default_factory=set)

    def add(self, clause: Clause, *, exact: bool) -> int:
        """Give `clause` the next bit."""
        self.clauses.append(clause)
        if not exact:
            self.inexact.add(len(self.clauses) - 1)
        return len(self.clauses) - 1

    def slots(self) -> list[Slot]:
        """The slots of all clauses added, in the order of (attribute, kind)."""
        asked: defaultdict[Question, dict[int, Test]] = defaultdict(dict)
        for bit, clause in enumerate(self.clauses):
            for question, test in clause.items():
                asked[self._slot_of(question)][bit] = test
        rows = Rows(len(self.clauses))
        ordered = sorted(asked, key=lambda question: (question[1], question[0]))
        return [self._slot(rows, question, asked[question]) for question in ordered]

    def _slot_of(self, question: Question) -> Question:
        """`unknown(attribute)` is answered by the attribute's main slot."""
        kind, attribute = question
        if kind != ABSENT:
            return question
        (main,) = presence(self.catalogue, attribute)
        return main

    def _slot(self, rows: Rows, question: Question, tests: Mapping[int, Test]) -> Slot:
        kind = question[0]
        if kind in (slots.NUMBER, slots.DAYS, slots.CLOCK):
            return self._number_slot(rows, question, tests)
        if kind in (slots.VALUE, slots.FLAG):
            return _equal_slot(rows, question, tests)
        return self._members_slot(rows, question, tests)

    def _number_slot(self, rows: Rows, question: Question, tests: Mapping[int, Test]) -> Slot:
        wanted = {bit: test for bit, test in tests.items() if isinstance(test, Numbers)}
        breaks = _breaks(wanted.values())
        opens: defaultdict[int, list[int]] = defaultdict(list)
        closes: defaultdict[int, list[int]] = defaultdict(list)
        for bit, test in wanted.items():
            for first, last, exact in _cells(test, breaks):
                opens[first].append(bit)
                closes[last + 1].append(bit)
                if not exact:
                    self.inexact.add(bit)
        do_not_ask, absent = _quiet(rows, tests)
        made, current = [absent], do_not_ask
        for cell in range(len(breaks) + 1):
            current = (current & ~rows.row(closes[cell])) | rows.row(opens[cell])
            made.append(current)
        kind, attribute = question
        keys = struct.pack(f"<{len(breaks)}d", *breaks)
        return Slot(kind, None if kind == slots.CLOCK else attribute, keys, [], rows.blob(made))

    def _members_slot(self, rows: Rows, question: Question, tests: Mapping[int, Test]) -> Slot:
        wanted: defaultdict[str, list[int]] = defaultdict(list)
        unwanted: defaultdict[str, list[int]] = defaultdict(list)
        base: list[int] = []
        for bit, test in tests.items():
            if not isinstance(test, Members):
                continue
            for member in test.unwanted:
                unwanted[member].append(bit)
            if not test.wanted:
                base.append(bit)
                continue
            for member in test.wanted[0]:
                wanted[member].append(bit)
            if len(test.wanted) > 1:
                self.inexact.add(bit)
        do_not_ask, absent = _quiet(rows, tests)
        keys, refused = sorted(wanted), sorted(unwanted)
        made = [absent, do_not_ask | rows.row(base)]
        made += [rows.row(wanted[key]) for key in keys] + [rows.row(unwanted[key]) for key in refused]
        return Slot(question[0], question[1], keys, refused, rows.blob(made))


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
    flags = question[0] == slots.FLAG
    keys = [False, True] if flags else sorted({*plus, *minus})
    made = [(other | rows.row(plus[key])) & ~rows.row(minus[key]) for key in keys]
    wire_keys = [] if flags else [str(key) for key in keys]
    return Slot(question[0], question[1], wire_keys, [], rows.blob([absent, other, *made]))


def _breaks(tests: Iterable[Numbers]) -> list[float]:
    """The ends of all intervals, thinned evenly to at most `MAX_BREAKS`."""
    ends = sorted({
        end
        for test in tests
        for interval in test.intervals
        for end in interval
        if end - end == 0
    })  # fmt: skip
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
