"""From a file of visitors to a file of decisions, batch by batch, in bounded memory."""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped] # it has no types

from discreet import Evaluator
from discreet.errors import nearest
from discreet.files import whole
from discreet.runtime.batch import decide_batch
from discreet.runtime.batch.values import taken
from discreet_consent import Consent

from .consents import RowConsents
from .errors import RefusedColumn, UnreadableVisitors
from .reading import Visitors, open_visitors
from .writing import check_ending, create_decisions

BATCH_ROWS: Final = 65_536
Advance = Callable[[int, int | None], None]  # rows decided so far, and how many there are


@dataclass
class Summary:
    """What was decided, in numbers.

    Attributes:
        rows: How many visitors there were.
        decisions: How many decisions: one for each visitor and placement.
        reasons, offers: How many decisions for each; offers as placement and id.
        undeclared: The names of columns that no model declares.
        unreadable: How many visitors had a signal that could not be read, where signals stand in columns.
        placeless: How many of those had no region that the table of regimes has a row for.
    """

    rows: int = 0
    decisions: int = 0
    reasons: Counter[str] = field(default_factory=Counter[str])
    offers: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    undeclared: set[str] = field(default_factory=set[str])
    unreadable: int = 0
    placeless: int = 0


def decide_file(
    evaluator: Evaluator,
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    consent: Consent | RowConsents,
    placements: Sequence[str],
    *,
    now_s: float,
    keep: Sequence[str] = (),
    threads: int = 1,
    batch_rows: int = BATCH_ROWS,
    advance: Advance = lambda _, __: None,
) -> Summary:
    """Decide for every visitor in `source` and write `target`: Parquet, CSV or JSON lines, by their endings.

    `target` has a row for each visitor and placement, in the visitors' order, and appears whole or not at all.

    Args:
        consent: One for all visitors, or where their signals stand.
        keep: Columns that are copied before the decisions, such as a visitor's id; never an attribute.
        threads: Batches that are decided side by side; the order of rows stays.
        advance: Called after every batch.
    Raises:
        UnknownPlacement: the bundle has no such placement.
        UnreadableVisitors: `source` is not what its ending says, an ending is unknown, or `target` is `source` or
            cannot hold what is kept. Neither the message nor a cause quotes a row.
        RefusedColumn: a column is not there, or is an attribute where none may be.
        ValueError: no placement is named.
        OSError: a file cannot be read or written.
    """
    if not placements:
        raise ValueError("decisions are for one placement at least")
    source, target = Path(source), Path(target)
    check_ending(target)
    if target.exists() and source.exists() and target.samefile(source):
        raise UnreadableVisitors(f"`{target}`: the decisions would replace the visitors")
    visitors = open_visitors(source, evaluator.catalogue)
    signals = list(consent.columns.values()) if isinstance(consent, RowConsents) else []
    _check_columns(evaluator, visitors, keep, signals)
    job = _Job(evaluator, consent, placements, now_s, tuple(keep))
    batches = visitors.batches(_needed(evaluator), batch_rows, [*keep, *signals])
    summary = Summary()
    with whole(target.resolve()) as path:  # where `target` is a link, what it leads to is meant
        _write(
            path, target.suffix, job, _side_by_side(job.decide, batches, threads), summary, visitors, advance
        )
    if isinstance(consent, RowConsents):
        summary.unreadable, summary.placeless = consent.unreadable, consent.placeless
    everything = set(visitors.columns or ()) | summary.undeclared
    summary.undeclared = everything - evaluator.catalogue.names - {*keep, *signals}
    return summary


@dataclass(frozen=True, slots=True)
class _Job:
    evaluator: Evaluator
    consent: Consent | RowConsents
    placements: Sequence[str]
    now_s: float
    keep: Sequence[str]

    def decide(self, batch: Any) -> tuple[Any, int, set[str]]:
        """The decisions for a batch, how many visitors it has, and the names that came."""
        consents = self.consent.of(batch) if isinstance(self.consent, RowConsents) else self.consent
        kept = [batch.column(name) for name in self.keep]
        parts = [
            self._with(kept, decide_batch(self.evaluator, batch, consents, each, now_s=self.now_s))
            for each in self.placements
        ]
        return _in_turns(parts), batch.num_rows, set(batch.schema.names)

    def _with(self, kept: Sequence[Any], decided: Any) -> Any:
        columns = [*kept, *(_plainly(column) for column in decided.columns)]
        return pa.RecordBatch.from_arrays(columns, names=[*self.keep, *decided.schema.names])


def _plainly(column: Any) -> Any:
    """A column of words with the words themselves: placements differ in theirs."""
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _in_turns(parts: Sequence[Any]) -> Any:
    """The first rows of all batches, their second rows, and so on."""
    if len(parts) == 1:
        return parts[0]
    rows = parts[0].num_rows
    together = pa.Table.from_batches(parts).combine_chunks()
    order = np.arange(len(parts) * rows, dtype=np.intp).reshape(len(parts), rows).T.reshape(-1)
    (batch,) = together.to_batches() or [parts[0]]
    return pa.RecordBatch.from_arrays(
        [taken(each, order) for each in batch.columns], names=batch.schema.names
    )


def _write(
    path: Path,
    ending: str,
    job: _Job,
    decided: Iterable[tuple[Any, int, set[str]]],
    summary: Summary,
    visitors: Visitors,
    advance: Advance,
) -> None:
    file = None
    try:
        for batch, rows, names in decided:
            file = file or create_decisions(path, ending, batch.schema)
            file.write(batch)
            _count(summary, batch, rows, names)
            advance(summary.rows, visitors.rows)
        if file is None:  # nobody came
            nobody = pa.RecordBatch.from_arrays([pa.nulls(0) for _ in job.keep], names=list(job.keep))
            file = create_decisions(path, ending, job.decide(nobody)[0].schema)
    finally:
        if file is not None:
            file.close()


def _count(summary: Summary, batch: Any, rows: int, names: set[str]) -> None:
    summary.rows += rows
    summary.decisions += batch.num_rows
    summary.undeclared |= names
    for each in batch.column("reason").value_counts().to_pylist():
        summary.reasons[each["values"]] += each["counts"]
    counted = pa.Table.from_batches([batch.select(["placement", "offer"])])
    for each in counted.group_by(["placement", "offer"]).aggregate([([], "count_all")]).to_pylist():
        summary.offers[each["placement"], each["offer"]] += each["count_all"]


def _side_by_side(work: Callable[[Any], Any], batches: Iterator[Any], threads: int) -> Iterator[Any]:
    """The results in the order of the batches; no more batches are in memory than threads and one."""
    if threads <= 1:
        yield from map(work, batches)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Any]] = deque()
        for batch in batches:
            waiting.append(pool.submit(work, batch))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _needed(evaluator: Evaluator) -> set[str]:
    """The columns that some consent may let be read; what comes under a substitute's own name is none."""
    return {each.name for each in evaluator.catalogue if each.coarsens is None}


def _check_columns(
    evaluator: Evaluator, visitors: Visitors, keep: Sequence[str], signals: Sequence[str]
) -> None:
    for name in keep:
        if name in evaluator.catalogue.names:
            raise RefusedColumn(f"`{name}` is an attribute; its values do not go into the decisions")
        if name in _DECIDED or list(keep).count(name) > 1:
            raise RefusedColumn(f"`{name}` cannot be kept: the decisions would have two columns of that name")
    if visitors.columns is None:
        return
    for name in (*keep, *signals):
        if name not in visitors.columns:
            raise RefusedColumn(f"there is no column `{name}`{nearest(name, visitors.columns)}")
    for name, times in Counter(visitors.columns).items():
        if times > 1 and name in _needed(evaluator).union(keep, signals):
            raise RefusedColumn(f"{times} columns are called `{name}`")


_DECIDED: Final = ("placement", "offer", "stage", "reason", "version", "withheld", "malformed", "stale")
