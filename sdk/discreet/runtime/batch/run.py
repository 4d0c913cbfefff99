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
    from collections.abc import Mapping, Sequence
    from typing import Any

    from ..decision import Decision
    from ..evaluator import Evaluator
    from .facts import Cells, Facts
    from .groups import Group
    from .tables import Tables

_KEPT_BYTES = 31 << 20  # not touched, so it costs nothing
SLICE = 4 * ROWS  # rows whose columns are read together: this bounds the memory beside the batch itself
MOST_BYTES = 32 << 20  # of tables made for what stands in a slice; one that needs more is cut
_LEAST = 64  # rows that are not cut any further


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
    is_over = nobody.reason is Reason.EXPIRED
    tables = None if is_over else tables_of(nobody.placed.model)
    parts = 1 if tables is None else -(-tables.size_bytes(facts) // MOST_BYTES)
    if parts > 1 and end - begin > _LEAST:
        del facts
        size = max(_LEAST, (end - begin) // parts)
        for first in range(begin, end, size):
            _decide(group, first, min(first + size, end), nobody, decisions, now_s)
        return
    decisions.spoil(group.rows[begin:end], {group.names[slot]: fact for slot, fact in facts.items()})
    if tables is not None:
        _search(tables, facts, group.rows[begin:end], nobody, decisions, now_s)


def _search(
    tables: Tables,
    facts: Mapping[int, Facts],
    rows: Cells,
    nobody: Decision,
    decisions: Decisions,
    now_s: float,
) -> None:
    search = Search(tables, facts, len(rows), now_s * 1000)
    for first in range(0, len(rows), ROWS):
        last = min(first + ROWS, len(rows))
        offers, stages = search.best(nobody.placed, first, last)
        decisions.decide(rows[first:last], offers, stages)
