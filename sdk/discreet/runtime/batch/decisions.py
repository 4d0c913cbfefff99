"""The decisions of a batch as columns. Needs the extra `offline`. Source: docs/batch.md, "Decisions"."""

from __future__ import annotations

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped] # it has no types

from ..decision import Reason
from .tables import NO_OFFER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from ..decision import Decision
    from .facts import Cells, Facts, Flags

_REASONS = tuple(Reason)


class Names:
    """A list of names for each row, of which few are different."""

    __slots__ = ("_codes", "_lists")

    def __init__(self, rows: int) -> None:
        self._lists: dict[tuple[str, ...], int] = {(): 0}
        self._codes = np.zeros(rows, np.int32)

    def put(self, rows: Cells, names: Collection[str]) -> None:
        """Give all `rows` the same names."""
        self._codes[rows] = self._code(names)

    def mark(self, rows: Cells, marked: Mapping[str, Flags]) -> None:
        """Give each of `rows` the names that are marked in it."""
        if not marked:
            return
        names = sorted(marked)
        packed = np.packbits(np.stack([marked[name] for name in names], axis=1), axis=1)
        different, places = np.unique(packed, axis=0, return_inverse=True)
        bits = np.unpackbits(different, axis=1, count=len(names))
        codes = [self._code([name for name, bit in zip(names, each, strict=True) if bit]) for each in bits]
        self._codes[rows] = np.array(codes, np.int32)[places.reshape(-1)]

    def as_array(self) -> Any:
        """The lists as an Arrow array."""
        lists = pa.array(list(map(list, self._lists)), pa.list_(pa.string()))
        return lists.take(pa.array(self._codes))

    def _code(self, names: Collection[str]) -> int:
        return self._lists.setdefault(tuple(sorted(names)), len(self._lists))


class Decisions:
    """One decision for each row of a batch, at first that of a visitor of whom nothing is known."""

    __slots__ = ("_malformed", "_nobody", "_offers", "_reasons", "_stages", "_stale", "_withheld")

    def __init__(self, nobody: Decision, rows: int) -> None:
        self._nobody = nobody
        self._offers = np.full(rows, nobody.placed.fallback, np.int32)
        self._stages = np.zeros(rows, np.int32)
        reason = Reason.EXPIRED if nobody.reason is Reason.EXPIRED else Reason.FALLBACK
        self._reasons = np.full(rows, _REASONS.index(reason), np.int32)
        self._withheld, self._malformed, self._stale = Names(rows), Names(rows), Names(rows)

    def withhold(self, rows: Cells, names: Collection[str]) -> None:
        """Say what is not permitted in `rows`."""
        self._withheld.put(rows, names)

    def spoil(self, rows: Cells, facts: Mapping[str, Facts]) -> None:
        """Say of `rows` what is malformed or stale."""
        malformed = {name: each.malformed for name, each in facts.items() if each.malformed is not None}
        self._malformed.mark(rows, malformed)
        stale = {name: each.stale for name, each in facts.items() if each.stale is not None}
        self._stale.mark(rows, stale)

    def decide(self, rows: Cells, offers: NDArray[np.int32], stages: NDArray[np.int32]) -> None:
        """Say of `rows` which offer is best, `NO_OFFER` where there is none, and which stage is reached."""
        matched = offers != NO_OFFER
        self._stages[rows] = stages
        self._offers[rows[matched]] = offers[matched]
        self._reasons[rows[matched]] = _REASONS.index(Reason.MATCHED)

    def as_record_batch(self, bundle: str, digest: str, undeclared: Sequence[str]) -> Any:
        """The decisions in the columns of `Decision.as_record`; about the batch as a whole, metadata."""
        import json

        placed = self._nobody.placed
        model, rows = placed.model, len(self._offers)
        columns = {
            "placement": _chosen(np.zeros(rows, np.int32), [placed.id]),
            "offer": _chosen(self._offers, model.offers.ids),
            "stage": _chosen(self._stages, model.stages),
            "reason": _chosen(self._reasons, [each.value for each in _REASONS]),
            "version": pa.array(np.full(rows, model.version, np.int64)),
            "withheld": self._withheld.as_array(),
            "malformed": self._malformed.as_array(),
            "stale": self._stale.as_array(),
        }
        about = {
            "discreet.bundle": bundle,
            "discreet.digest": digest,
            "discreet.undeclared": json.dumps(undeclared),
        }
        batch = pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))
        return batch.replace_schema_metadata(about)


def _chosen(codes: NDArray[np.int32], words: Sequence[str]) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(words, pa.string()))
