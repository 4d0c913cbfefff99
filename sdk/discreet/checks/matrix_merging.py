"""The matrix made short: rows that remain alike become one, told by few grants and refusals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from .matrix import Matrix
    from .matrix_cells import Cell

Pattern: TypeAlias = tuple[bool | None, ...]  # for each key of the matrix: granted, refused, or either


@dataclass(frozen=True, slots=True)
class Stages:
    """Furthest stages at which the same remains."""

    stages: tuple[str, ...]
    cell: Cell


@dataclass(frozen=True, slots=True)
class Merged:
    """Combinations under which the same remains.

    Attributes:
        patterns: Together they are met by exactly these combinations; the most granted first.
        rows: How many combinations there are.
        cells: What remains, in the matrix' order.
    """

    patterns: tuple[Pattern, ...]
    rows: int
    cells: tuple[Cell, ...]

    def stages(self, placement: str) -> tuple[Stages, ...]:
        """What remains in `placement`, for stages that are alike together."""
        alike: dict[Cell, list[str]] = {}
        for cell in self.cells:
            if cell.placement == placement:
                alike.setdefault(replace(cell, stage=""), []).append(cell.stage)
        return tuple(Stages(tuple(stages), cell) for cell, stages in alike.items())

    def as_json(self, keys: Sequence[str]) -> dict[str, Any]:
        """For machines: patterns from key to whether it is granted; a key that may be either is left out."""
        patterns = [
            {key: given for key, given in zip(keys, each, strict=True) if given is not None}
            for each in self.patterns
        ]
        return {
            "patterns": patterns,
            "combinations": self.rows,
            "cells": [each.as_json() for each in self.cells],
        }


def merged(matrix: Matrix, placement: str | None = None) -> tuple[Merged, ...]:
    """The rows with equal cells as one, in the order of the first of each; of one placement, or of all."""
    alike: dict[tuple[Cell, ...], list[Pattern]] = {}
    for row in matrix.rows:
        cells = tuple(each for each in row.cells if placement in (None, each.placement))
        alike.setdefault(cells, []).append(tuple(key in row.granted for key in matrix.keys))
    return tuple(Merged(tuple(_patterns(rows)), len(rows), cells) for cells, rows in alike.items())


def placements_of(matrix: Matrix) -> tuple[str, ...]:
    """The ids of the placements in the matrix, in its order."""
    return tuple(dict.fromkeys(cell.placement for cell in matrix.rows[0].cells))


def _patterns(rows: Sequence[Pattern]) -> Iterator[Pattern]:
    """Few patterns that are met by exactly `rows`."""
    inside = frozenset(rows)
    left = dict.fromkeys(rows)
    while left:
        pattern = _widened(next(iter(left)), inside)
        yield pattern
        for row in [row for row in left if _meets(row, pattern)]:
            del left[row]


def _widened(row: Pattern, inside: frozenset[Pattern]) -> Pattern:
    """`row` with as many keys left open, one after another, as only combinations in `inside` then meet it."""
    open_rows = [row]
    pattern = list(row)
    for at in range(len(row)):
        turned = [(*each[:at], not each[at], *each[at + 1 :]) for each in open_rows]
        if inside.issuperset(turned):
            open_rows += turned
            pattern[at] = None
    return tuple(pattern)


def _meets(row: Pattern, pattern: Pattern) -> bool:
    return all(asked is None or given is asked for given, asked in zip(row, pattern, strict=True))


def as_json(matrix: Matrix) -> dict[str, Any]:
    """The whole matrix for machines: every combination, and those that are alike as one."""
    return {
        "now_ms": matrix.now_ms,
        "purposes": list(matrix.keys),
        "always_granted": list(matrix.always),
        "indifferent": list(matrix.indifferent),
        "unread": list(matrix.unread),
        "proven": matrix.is_proven,
        "rows": [_row(row.granted, row.cells) for row in matrix.rows],
        "merged": [each.as_json(matrix.keys) for each in merged(matrix)],
        "placements": {
            name: [each.as_json(matrix.keys) for each in merged(matrix, name)]
            for name in placements_of(matrix)
        },
    }


def _row(granted: Sequence[str], cells: Sequence[Cell]) -> Mapping[str, Any]:
    return {"granted": list(granted), "cells": [each.as_json() for each in cells]}
