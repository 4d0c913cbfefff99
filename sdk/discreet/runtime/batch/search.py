"""The search of a batch: for every row of a slice the furthest stage and the best offer, as `decide` finds them.

The slots' rows are ANDed for thousands of visitors at once, few words at a time from the best rank down; whoever has
found an offer drops out. What the index only narrows down is confirmed by the same code as for one visitor.
Needs the extra `offline`.
"""

from __future__ import annotations

import numpy as np

from .tables import NO_OFFER, Lane

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from ..bundle import CompiledPlacement
    from .facts import Cells, Facts
    from .tables import Tables

ROWS = 8_192  # searched together: their bits stay in a processor's cache
_FEW_STAGE_BITS = 12
_FEWER = 0.75  # of the rows are still searching: then it pays to leave the others behind


class Search:
    """One model's search over one slice, at one instant."""

    __slots__ = ("_clock", "_facts", "_lanes", "_now_ms", "_places", "_tables")

    def __init__(self, tables: Tables, facts: Mapping[int, Facts], rows: int, now_ms: float) -> None:
        self._tables = tables
        self._facts = facts
        self._now_ms = now_ms
        self._clock = tables.clock_row(now_ms)
        self._lanes = tables.lanes(facts, rows, now_ms)
        self._places = tables.intervals.places(facts, rows, now_ms)

    def best(
        self, placement: CompiledPlacement, begin: int, end: int
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """For each row the number of the best offer, or `NO_OFFER`, and that of the furthest stage."""
        lanes = [Lane(each.table, *(cells[begin:end] for cells in each.cells)) for each in self._lanes]
        patterns, cells = self._stages(lanes, begin, end - begin)
        outcomes = [self._tables.model.clauses.stages(pattern) for pattern in patterns]
        reached = self._tables.table([row & placement.row & self._clock for _, row in outcomes])
        stages = np.array([stage for stage, _ in outcomes], np.int32)[cells]
        return self._offers([Lane(reached, cells), *lanes], begin, end - begin), stages

    # --- Stages ------------------------------------------------------------------------------------------------

    def _stages(self, lanes: Sequence[Lane], begin: int, rows: int) -> tuple[Sequence[int], Cells]:
        """The different outcomes of the stages' clauses, as bits, and which of them each row has."""
        first = self._tables.first
        if not first:
            return (0,), np.zeros(rows, np.intp)
        words = self._stage_words(lanes, rows)
        if first <= _FEW_STAGE_BITS:
            bits = words[:, 0].astype(np.intp)
            seen = np.flatnonzero(np.bincount(bits, minlength=1 << first))
            cell_of = np.zeros(1 << first, np.intp)
            cell_of[seen] = np.arange(len(seen))
            patterns, cells = seen.tolist(), cell_of[bits]
        else:
            different, cells = np.unique(words, axis=0, return_inverse=True)
            patterns = [sum(word << 64 * at for at, word in enumerate(each)) for each in different.tolist()]
        if self._tables.model.clauses.confirms_stages:
            return self._confirmed(patterns, cells.reshape(-1), begin)
        return patterns, cells.reshape(-1)

    def _stage_words(self, lanes: Sequence[Lane], rows: int) -> NDArray[np.uint64]:
        """The words that hold the stages' clauses, the lowest first; bits of offers are 0."""
        first, blocks = self._tables.first, self._tables.blocks
        count = -(-first // 64)
        found: list[NDArray[np.uint64]] = []
        block = blocks - 1
        while len(found) < count:
            table = self._tables.table([self._clock & ((1 << first) - 1)])
            alive = _alive([Lane(table, np.zeros(rows, np.intp)), *lanes], block)
            found += [alive[:, at] for at in range(alive.shape[1] - 1, -1, -1)]
            block -= 1
        return np.stack(found[:count], axis=1)

    def _confirmed(self, patterns: Sequence[int], cells: Cells, begin: int) -> tuple[Sequence[int], Cells]:
        """The same with each stage taken out that the index only narrows down and that is not reached."""
        model = self._tables.model
        order: dict[int, int] = {}
        confirmed = np.zeros(len(cells), np.intp)
        for row, cell in enumerate(cells.tolist()):
            bits = patterns[cell]
            unsure = list(model.clauses.unsure_stages(bits))
            visit = model.visit(self._values(begin + row), self._now_ms) if unsure else None
            for bit, stage in unsure:
                tree = model.stage_trees[stage]
                if visit is not None and tree is not None and visit.truth(tree) is not True:
                    bits ^= bit
            confirmed[row] = order.setdefault(bits, len(order))
        return list(order), confirmed

    def _values(self, row: int) -> Any:
        return _Row(self._facts, row)

    # --- Offers ------------------------------------------------------------------------------------------------

    def _offers(self, lanes: Sequence[Lane], begin: int, rows: int) -> NDArray[np.int32]:
        """The number of each row's best offer."""
        found = np.full(rows, NO_OFFER, np.int32)
        left: Cells = np.arange(rows, dtype=np.intp)
        for block in range(self._tables.blocks):
            alive = _alive(lanes, block)
            hits = np.flatnonzero((any_bit(alive) != 0) & (found[left] == NO_OFFER))
            if not len(hits):
                continue
            hit = left.take(hits)
            found[hit] = self._best(alive.take(hits, axis=0), block, hit + begin)
            going = np.flatnonzero(found[left] == NO_OFFER)
            if len(going) > _FEWER * len(left):
                continue
            left = left.take(going)
            if not len(left):
                break
            lanes = [Lane(each.table, *(cells.take(going) for cells in each.cells)) for each in lanes]
        return found

    def _best(self, alive: NDArray[np.uint64], block: int, rows: Cells) -> NDArray[np.int32]:
        """The best offer of each row's words of a block; `NO_OFFER` where none of it really holds."""
        tables, intervals = self._tables, self._tables.intervals
        best = np.full(len(rows), NO_OFFER, np.int32)
        going = np.arange(len(rows))
        while len(going):
            lengths = tables.lengths(alive.take(going, axis=0), block)
            held = tables.sure[lengths]
            if held.all():
                best[going] = tables.offers[lengths]
                break
            simple = np.flatnonzero(intervals.simple[lengths])
            held[simple] = intervals.hold(lengths[simple], self._places, rows[going[simple]])
            best[going[held]] = tables.offers[lengths[held]]
            hard = ~held & ~intervals.simple[lengths]
            for at in going[hard].tolist():
                best[at] = self._confirm(tables.row(alive[at], block), int(rows[at]))
            going, lengths = going[~held & ~hard], lengths[~held & ~hard]
            tables.clear(alive, going, lengths, block)
            going = going[any_bit(alive[going]) != 0]
        return best

    def _confirm(self, bits: int, row: int) -> int:
        """The best offer of these bits that really holds, as for one visitor."""
        offer = self._tables.model.first(bits, self._values(row), self._now_ms)
        return NO_OFFER if offer is None else offer


class _Row:
    """One row's values, read when they are asked for: what conditions see of a visitor."""

    __slots__ = ("_facts", "_row")

    def __init__(self, facts: Mapping[int, Facts], row: int) -> None:
        self._facts = facts
        self._row = row

    def __getitem__(self, attribute: int) -> Any:
        fact = self._facts.get(attribute)
        return None if fact is None else fact.value(self._row)


def _alive(lanes: Sequence[Lane], block: int) -> NDArray[np.uint64]:
    """The AND of all lanes' rows in one block; there is one at least."""
    alive = np.take(lanes[0].table[block], lanes[0].cells[0], axis=0, mode="clip")
    row, other = np.empty_like(alive), np.empty_like(alive)
    for lane in lanes[1:]:
        table = lane.table[block]
        np.take(table, lane.cells[0], axis=0, out=row, mode="clip")
        for cells in lane.cells[1:]:
            np.take(table, cells, axis=0, out=other, mode="clip")
            np.bitwise_or(row, other, out=row)
        np.bitwise_and(alive, row, out=alive)
    return alive


def any_bit(alive: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Per row the OR of its words."""
    found = alive[:, 0]
    for word in range(1, alive.shape[1]):
        found = found | alive[:, word]
    return found
