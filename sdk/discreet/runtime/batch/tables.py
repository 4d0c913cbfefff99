"""The adapter from a model's index to numpy: the one place that knows how `Index` and `Clauses` keep their rows.

A row of the index, a Python int, becomes 64-bit words, the best rank first; a table of rows is cut into blocks of few
words, `table[block][cell]`, so that a search stops where a visitor has found an offer. Slots of few answers share a
table of all pairs of their answers. Needs the extra `offline`.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain, islice

import numpy as np

from ..index import ClockSlot, EqualSlot, MembersSlot, NumberSlot
from .facts import Coded, Numbers, Sets
from .numbers import Intervals, Ruler, readings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any, TypeAlias

    from numpy.typing import NDArray

    from ..bundle import CompiledModel
    from ..index import Slot
    from .facts import Cells, Facts

    Table: TypeAlias = NDArray[np.uint64]  # [block, cell, word]

BLOCK = 4  # words: 32 bytes, which numpy copies without a call
NO_OFFER = -1
MOST_MEMBERS = 8  # members by which a set is looked up; the row of a larger set is the slot's work
MOST_KEYS = 4_096  # of a slot with a table of its own; of one with more, rows are made for what comes
MOST_PAIRS = 1_024  # cells of a table that slots share
MOST_MEMBERS_PAIRS = 4_096  # cells of a table of all pairs of members
_ROWS_TOGETHER = 256  # of a table that is being made
_OTHER = "other"  # the answer to values that no clause names; a named one's is a tuple


class Lane:
    """Some slots in every row of a slice: the AND of the index takes a row of `table` by cell, or an OR of several."""

    __slots__ = ("cells", "table")

    def __init__(self, table: Table, *cells: Cells) -> None:
        self.table = table
        self.cells = cells


class Lookup:
    """The table of one slot, or of some that share it: a cell for each answer, the first for an unknown value.

    Attributes:
        cells: For strings and booleans: the cell of each value that the slot names.
        other: Their cell for any other value.
        ruler: For numbers: finds the cell before the one that is meant.
    """

    __slots__ = ("cells", "other", "ruler", "slot", "table")

    def __init__(self, tables: Tables, slot: EqualSlot | NumberSlot) -> None:
        self.slot = slot
        self.cells: dict[Any, int] = {}
        self.other = 1
        self.ruler: Ruler | None = None
        if isinstance(slot, NumberSlot):
            self.ruler = Ruler(slot.breaks)
            self.table = tables.table([slot.absent, *slot.rows])
        else:
            keys = [key for key in slot.rows if key is not None]
            self.cells = {key: 2 + place for place, key in enumerate(keys)}
            self.table = tables.table([slot.absent, slot.other, *(slot.rows[key] for key in keys)])

    def of(self, fact: Facts | None, rows: int, now_ms: float) -> Cells:
        """The cell of each row."""
        if isinstance(fact, Numbers) and self.ruler is not None and isinstance(self.slot, NumberSlot):
            cells = self.ruler.cells(readings(self.slot, fact, now_ms)) + 1
        elif isinstance(fact, Coded):
            get, other = self.cells.get, self.other
            cells_of = [0 if value is None else get(value, other) for value in fact.distinct]
            cells = np.array(cells_of or [0], np.intp).take(fact.codes, mode="clip")
        else:
            return np.zeros(rows, np.intp)
        if fact.known is not None:
            cells *= fact.known
        return cells


class Tables:
    """One model's index, ready for whole columns.

    Attributes:
        first: The lowest bit that belongs to an offer; those below are stages' clauses.
        offers: By the length of the bits that are left: the number of the offer of the highest.
        sure: By that length: whether the index alone says that the highest clause holds.
        intervals: What is left to test of clauses that the index only narrows down, where it is simple.
        everything: A row with every bit.
    """

    __slots__ = (
        "_loose", "_shared", "_width", "blocks", "everything", "first", "intervals", "model", "offers", "sure"
    )  # fmt: skip

    def __init__(self, model: CompiledModel) -> None:
        clauses = model.clauses
        words = max(1, -(-model.index.bits // 64))
        self._width = min(BLOCK, words)
        self.blocks = -(-words // self._width)
        self.everything = (1 << 64 * self._width * self.blocks) - 1
        self.model = model
        self.first = clauses.first
        nothing = [NO_OFFER] * (1 + clauses.first)
        self.offers = np.array([*nothing, *clauses.offers], np.int32)
        unsure = np.frombuffer(b"1" * len(nothing) + clauses.unsure.encode(), np.uint8)
        self.sure = unsure == ord("0")
        self.intervals = Intervals(model, self.sure)
        fixed = [slot for slot in model.index.slots if _is_fixed(slot)]
        self._loose = [
            slot for slot in model.index.slots if slot not in fixed and not isinstance(slot, ClockSlot)
        ]
        lookups = [Lookup(self, slot) for slot in fixed if not isinstance(slot, MembersSlot)]
        self._shared = [(table_of_all(group), group) for group in grouped(lookups)]

    # --- Rows and words ----------------------------------------------------------------------------------------

    def table(self, rows: Iterable[int]) -> Table:
        """Rows of bits as a table with a cell for each; only few of the rows are in memory beside it."""
        size, parts = self._width * self.blocks, iter(rows)
        found: list[Table] = []
        while packed := b"".join([row.to_bytes(8 * size, "big") for row in islice(parts, _ROWS_TOGETHER)]):
            words = np.frombuffer(packed, ">u8").reshape(-1, self.blocks, self._width)
            found.append(words.swapaxes(0, 1).astype(np.uint64, order="C"))
        return found[0] if len(found) == 1 else np.concatenate(found, axis=1)

    def lengths(self, words: NDArray[np.uint64], block: int) -> Cells:
        """For rows that have one, the length of the bits up to the highest, by the words of one block."""
        place = np.full(len(words), self._width - 1, np.int64)
        top = words[:, -1]
        for word in range(self._width - 2, -1, -1):
            has = words[:, word] != 0
            place[has] = word
            top = np.where(has, words[:, word], top)
        high = top >> np.uint64(32)
        is_high = high != 0
        half = np.where(is_high, high, top).astype(
            np.float64
        )  # a double holds 32 bits exactly, and their length
        inside = (half.view(np.int64) >> 52) - 1_022 + 32 * is_high
        lengths: Cells = 64 * (self._width * (self.blocks - block) - 1 - place) + inside
        return lengths

    def clear(self, words: NDArray[np.uint64], rows: Cells, lengths: Cells, block: int) -> None:
        """Take out of `words`, in `rows`, the bits of these lengths."""
        word = self._width * (self.blocks - block) - 1 - (lengths - 1) // 64
        words[rows, word] &= ~(np.uint64(1) << ((lengths - 1) % 64).astype(np.uint64))

    def row(self, words: NDArray[np.uint64], block: int) -> int:
        """The Python int of the words of one block."""
        shift = 64 * self._width * (self.blocks - 1 - block)
        return int.from_bytes(words.astype(">u8").tobytes(), "big") << shift

    # --- What a slice's rows answer ----------------------------------------------------------------------------

    def clock_row(self, now_ms: float) -> int:
        """The clauses that the instant of the decision allows."""
        row = self.everything
        for slot in self.model.index.slots:
            if isinstance(slot, ClockSlot):
                row &= slot.row((), now_ms)
        return row

    def lanes(self, facts: Mapping[int, Facts], rows: int, now_ms: float) -> list[Lane]:
        """Lanes for all slots that ask about the visitor."""
        lanes: list[Lane] = []
        for table, group in self._shared:
            cells = np.zeros(rows, np.intp)
            for lookup in group:
                cells *= lookup.table.shape[1]
                cells += lookup.of(facts.get(lookup.slot.attribute), rows, now_ms)
            lanes.append(Lane(table, cells))
        for slot in self._loose:
            fact = facts.get(slot.attribute)
            if isinstance(fact, Sets) and isinstance(slot, MembersSlot):
                lanes += self._members_lanes(slot, fact, now_ms)
            elif isinstance(fact, Coded):
                lanes.append(self._coded_lane(slot, fact, now_ms))
            else:
                lanes.append(Lane(self.table([_row_of(slot, None, now_ms)]), np.zeros(rows, np.intp)))
        return lanes

    def size_bytes(self, facts: Mapping[int, Facts]) -> int:
        """At most how large the tables are that are made for these facts alone."""
        cells = 0
        for slot in self._loose:
            fact = facts.get(slot.attribute)
            if isinstance(fact, Sets) and isinstance(slot, MembersSlot):
                members = sum(map(slot.named.__contains__, fact.distinct))
                cells += members * (2 if slot.unwanted else 1) + int((fact.counts > MOST_MEMBERS).sum())
            elif isinstance(fact, Coded):
                cells += len(fact.distinct) if isinstance(slot, MembersSlot) else _named(slot, fact)
        return 8 * self._width * self.blocks * cells

    def _coded_lane(self, slot: Slot, fact: Coded, now_ms: float) -> Lane:
        """A lane of the rows of the answers that came."""
        answers = _Different(slot)
        answers.cell(None)
        cells_of = np.array([answers.cell(value) for value in fact.distinct] or [0], np.intp)
        cells = cells_of.take(fact.codes, mode="clip")
        if fact.known is not None:
            cells *= fact.known
        return Lane(self.table(_row_of(slot, value, now_ms) for value in answers.values()), cells)

    def _members_lanes(self, slot: MembersSlot, fact: Sets, now_ms: float) -> list[Lane]:
        """A set's row is the OR of its members' rows, without the OR of those that refuse a member.

        Members that no clause names share the row of a set without any.
        """
        counts, large = fact.counts, np.flatnonzero(fact.counts > MOST_MEMBERS)
        if len(large):
            counts = counts.copy()
            counts[large] = 0
        named = [member for member in fact.distinct if member in slot.named]
        nothing = len(named)
        base = nothing + 2
        last = [0, slot.absent, slot.base, self.everything]
        table = self.table(chain((slot.base | slot.wanted[member] for member in named), last))
        begin = fact.known.astype(np.intp) + (nothing + 1)
        begin[large] = nothing + 3
        codes = fact.codes
        if nothing < len(fact.distinct):
            cell_of = dict(zip(named, range(nothing), strict=True))
            codes = np.array([cell_of.get(each, base) for each in fact.distinct], np.intp).take(codes)
        columns = _columns(codes, fact.starts, counts, begin, nothing)
        lanes = [_paired(table, columns, nothing)]
        if slot.unwanted:
            allowed = (self.everything ^ slot.unwanted[member] for member in named)
            table = self.table(chain(allowed, [self.everything]))
            lanes += [Lane(table, np.minimum(column, nothing)) for column in columns]
        if len(large):
            lanes.append(self._large_sets(slot, fact, large, now_ms))
        return lanes

    def _large_sets(self, slot: MembersSlot, fact: Sets, rows: Cells, now_ms: float) -> Lane:
        answers = _Different(slot)
        whole = np.zeros(len(fact.known), np.intp)
        whole[rows] = [1 + answers.cell(fact.value(int(row))) for row in rows]
        found = (_row_of(slot, value, now_ms) for value in answers.values())
        return Lane(self.table(chain([self.everything], found)), whole)


class _Different:
    """Values by how a slot answers them: those that no clause tells apart share a cell."""

    __slots__ = ("_cells", "_firsts", "_slot")

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self._cells: dict[Any, int] = {}
        self._firsts: list[Any] = []

    def cell(self, value: Any) -> int:
        """The number of the value's answer."""
        slot = self._slot
        if isinstance(slot, MembersSlot):
            answer: Any = None if value is None else frozenset(slot.members(value))
        else:
            answer = (value,) if _is_named(slot, value) else _OTHER
        cell = self._cells.setdefault(answer, len(self._cells))
        if cell == len(self._firsts):
            self._firsts.append(value)
        return cell

    def values(self) -> Iterator[Any]:
        """The first value that had each answer."""
        return iter(self._firsts)


def _is_named(slot: Slot, value: Any) -> bool:
    """Whether the row of a value may be another than that of all others."""
    if not isinstance(slot, EqualSlot):
        return True
    return value in slot.rows or (slot.sparse is not None and value in slot.sparse.places)


def _named(slot: Slot, fact: Coded) -> int:
    return sum(_is_named(slot, value) for value in fact.distinct)


@lru_cache(maxsize=8)
def tables_of(model: CompiledModel) -> Tables:
    """The tables of one model, made once for the few models that batches were last decided with."""
    return Tables(model)


def grouped(lookups: Sequence[Lookup]) -> list[list[Lookup]]:
    """The slots that share a table, so that it has at most `MOST_PAIRS` cells unless it is one slot's alone."""
    groups: list[list[Lookup]] = []
    sizes: list[int] = []
    for each in sorted(lookups, key=lambda each: -each.table.shape[1]):
        size = each.table.shape[1]
        fits = [place for place, other in enumerate(sizes) if other * size <= MOST_PAIRS]
        if fits:
            groups[fits[0]].append(each)
            sizes[fits[0]] *= size
        else:
            groups.append([each])
            sizes.append(size)
    return groups


def table_of_all(group: Sequence[Lookup]) -> Table:
    """The AND of every combination of the group's answers, the last slot's answers the fastest to change."""
    table = group[0].table
    for each in group[1:]:
        pairs = table[:, :, None, :] & each.table[:, None, :, :]
        table = pairs.reshape(len(pairs), -1, pairs.shape[-1])
    return table


def _is_fixed(slot: Slot) -> bool:
    """Whether a table of the slot's own rows says all."""
    if isinstance(slot, EqualSlot):
        return slot.sparse is None and len(slot.rows) <= MOST_KEYS
    return isinstance(slot, NumberSlot) and not isinstance(slot, ClockSlot)


def _row_of(slot: Slot, value: Any, now_ms: float) -> int:
    values: Any = _Only(slot.attribute, value)
    return slot.row(values, now_ms)


class _Only:
    """The values of a visitor of whom one attribute is known."""

    __slots__ = ("_attribute", "_value")

    def __init__(self, attribute: int, value: Any) -> None:
        self._attribute = attribute
        self._value = value

    def __getitem__(self, attribute: int) -> Any:
        return self._value if attribute == self._attribute else None


def _columns(codes: Any, starts: Cells, counts: Cells, begin: Cells, nothing: int) -> list[Cells]:
    """The first members of all rows, the second ones, and so on.

    A row without any begins as `begin` says; further on, one that has no more has `nothing`.
    """
    columns = [begin]
    for place in range(int(counts.max(initial=0))):
        rows = np.flatnonzero(counts > place)
        column = begin if place == 0 else np.full(len(counts), nothing, np.intp)
        column[rows] = codes.take(starts.take(rows) + place)
        columns[place:] = [column]
    return columns


def _paired(table: Table, columns: list[Cells], nothing: int) -> Lane:
    """The OR of all columns' rows; two columns at a time, where the table of all pairs is small and used enough."""
    size = table.shape[1]
    if len(columns) < 2 or size * size > min(MOST_MEMBERS_PAIRS, len(columns[0])):
        return Lane(table, *columns)
    pairs = table[:, :, None, :] | table[:, None, :, :]
    firsts, seconds = columns[::2], columns[1::2]
    cells = [first * size + second for first, second in zip(firsts, seconds, strict=False)]
    cells += [first * size + nothing for first in firsts[len(seconds) :]]
    return Lane(pairs.reshape(len(pairs), -1, pairs.shape[-1]), *cells)
