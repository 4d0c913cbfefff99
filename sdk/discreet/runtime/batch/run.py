"""One batch from end to end: its rows by what their consents permit, slice by slice. Needs the extra `offline`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped] # it has no types

from discreet_consent import Consent

from ..decision import Reason
from .decisions import Decisions
from .groups import groups_of
from .search import ROWS, Search
from .tables import tables_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..decision import Decision
    from ..evaluator import Evaluator
    from .groups import Group

_KEPT_BYTES = 31 << 20  # not touched, so it costs nothing
SLICE = 4 * ROWS  # rows whose columns are read together: this bounds the memory beside the batch itself


def run(
    evaluator: Evaluator,
    record_batch: Any,
    consents: Consent | Sequence[Consent],
    placement: str,
    now_s: float,
) -> Any:
    """Decide for every row: see `decide_batch`."""
    if not isinstance(record_batch, pa.RecordBatch):
        raise TypeError("a batch is a pyarrow.RecordBatch; of a table, decide each of `table.to_batches()`")
    # The GNU allocator hands the memory of a slice back to the system, and the next slice pays for getting it anew,
    # until a larger block was freed once: then it keeps as much.
    np.empty(_KEPT_BYTES, np.uint8)
    nobody = evaluator.decide(placement, evaluator.permit({}, Consent.refusing(), now_s=now_s), now_s=now_s)
    decisions = Decisions(nobody, record_batch.num_rows)
    for group in groups_of(evaluator.catalogue, record_batch, consents, now_s):
        decisions.withhold(group.rows, group.withheld)
        for begin in range(0, group.size, SLICE):
            _decide(group, begin, min(begin + SLICE, group.size), nobody, decisions, now_s)
    bundle = evaluator.bundle
    undeclared = sorted(set(record_batch.schema.names) - evaluator.catalogue.names)
    return decisions.as_record_batch(bundle.name, bundle.digest, undeclared)


def _decide(group: Group, begin: int, end: int, nobody: Decision, decisions: Decisions, now_s: float) -> None:
    facts = group.facts(begin, end)
    decisions.spoil(group.rows[begin:end], {group.names[slot]: fact for slot, fact in facts.items()})
    if nobody.reason is Reason.EXPIRED:
        return
    placed = nobody.placed
    search = Search(tables_of(placed.model), facts, end - begin, now_s * 1000)
    for first in range(0, end - begin, ROWS):
        last = min(first + ROWS, end - begin)
        offers, stages = search.best(placed, first, last)
        decisions.decide(group.rows[begin + first : begin + last], offers, stages)
