"""A batch of visitors on Arrow columns, against calling `permit` and `decide` for one after the other.

    python -m benchmarks.batch [ROWS]

The visitors are drawn like those of `offers-N`, each anew: 12 of the 20 attributes, the same values, the same spread.
Every decision of the batch is compared with that of the loop. Both are timed as CPU time of the measuring thread, part
by part in turns, so that a machine that is slower for a while is so for both; making the visitors, as columns and as
dicts, is in neither time. Two threads are timed by the clock on the wall, beside one thread by the same clock.
What it does not show: reading files (`discreet decide --input`), and consents that differ from row to row.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped] # it has no types

from discreet.runtime.batch import decide_batch

from . import workload
from .subjects import EVERYTHING, NOW_S, permit_and_decide, subject
from .workload import PLACEMENT

OFFERS: Final = 1_000
ROWS: Final = 1_000_000
PART: Final = 65_536  # rows of one record batch
SIDE_BY_SIDE: Final = 8  # record batches for two threads


def batches(rows: int, *, seed: int = 7) -> Iterator[Any]:
    """Record batches of so many visitors altogether."""
    dice = np.random.default_rng(seed)
    for begin in range(0, rows, PART):
        yield _batch(min(PART, rows - begin), dice)


def _batch(rows: int, dice: np.random.Generator) -> Any:
    shuffled = np.argsort(dice.random((rows, len(workload.ATTRIBUTES))), axis=1)
    has = np.zeros((rows, len(workload.ATTRIBUTES)), np.bool_)
    np.put_along_axis(has, shuffled[:, : workload.PRESENT], True, axis=1)
    columns = [_column(name, has[:, place], rows, dice) for place, name in enumerate(workload.ATTRIBUTES)]
    return pa.RecordBatch.from_arrays(columns, names=list(workload.ATTRIBUTES))


def _column(name: str, has: Any, rows: int, dice: np.random.Generator) -> Any:
    if name in workload.STRINGS:
        codes = pa.array(dice.integers(workload.STRINGS[name], size=rows, dtype=np.int32), mask=~has)
        return pa.DictionaryArray.from_arrays(codes, _words(name, workload.STRINGS[name])).dictionary_decode()
    if name in workload.NUMBERS:
        whole = dice.integers(workload.NUMBERS[name], size=rows)
        decimals = dice.integers(100, size=rows) / 100
        return pa.array(whole + decimals if name in workload.DECIMALS else whole, mask=~has)
    if name in workload.BOOLEANS:
        return pa.array(dice.random(rows) < workload.BOOLEANS[name], mask=~has)
    size, each = workload.SETS[name], workload.INTERESTS_PER_VISITOR
    chosen = np.argpartition(dice.random((int(has.sum()), size)), each, axis=1)[:, :each]
    members = pa.DictionaryArray.from_arrays(pa.array(chosen.ravel().astype(np.int32)), _words(name, size))
    offsets = np.concatenate(([0], np.cumsum(has * each))).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), members.dictionary_decode(), mask=pa.array(~has))


def _words(name: str, size: int) -> Any:
    return pa.array([f"{name}-{number}" for number in range(size)])


def as_dictionaries(batch: Any) -> Any:
    """The same batch with its text as dictionaries, as it comes from Parquet files."""
    columns = [
        column.dictionary_encode() if pa.types.is_string(column.type) else column for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def as_visitors(batch: Any) -> list[dict[str, Any]]:
    """The rows as a caller has them: dicts without what is absent."""
    return [{name: value for name, value in row.items() if value is not None} for row in batch.to_pylist()]


def measure_batch(rows: int = ROWS, rounds: int = 1, offers: int = OFFERS) -> dict[str, float]:
    """Rows a second of both ways, their ratio, and how many decisions differ.

    Args:
        rounds: How often every part is decided in each way; the fastest counts, of both.
    """
    evaluator = subject(offers).evaluator
    ratios: list[float] = []
    as_read: list[float] = []
    spent = {"batch": 0.0, "loop": 0.0}
    wrong = 0
    for part in batches(rows):
        visitors = as_visitors(part)
        of = partial(decide_batch, evaluator, consents=EVERYTHING, placement=PLACEMENT, now_s=NOW_S)
        batch_s = _fastest(partial(of, part), rounds)
        dictionaries_s = _fastest(partial(of, as_dictionaries(part)), rounds)
        loop_s = _fastest(partial(permit_and_decide(offers), visitors), rounds)
        wrong += _differences(evaluator, part, visitors)
        ratios.append(loop_s / batch_s)
        as_read.append(loop_s / dictionaries_s)
        spent["batch"] += batch_s
        spent["loop"] += loop_s
    one, two = _side_by_side(evaluator, max(rounds, 3)) if rows >= PART else (1.0, 1.0)
    return {
        "rows": rows,
        "batch_rows_per_s": rows / spent["batch"],
        "loop_rows_per_s": rows / spent["loop"],
        "ratio": statistics.median(ratios),
        "ratio_dictionaries": statistics.median(as_read),
        "two_threads": one / two,
        "wrong": wrong,
    }


def _differences(evaluator: Any, part: Any, visitors: Sequence[dict[str, Any]]) -> int:
    """In how many rows a field of the record differs."""
    found = decide_batch(evaluator, part, EVERYTHING, PLACEMENT, now_s=NOW_S)
    columns = [found.column(name).to_pylist() for name in found.schema.names]
    permit, decide = evaluator.permit, evaluator.decide
    return sum(
        list(one)
        != list(decide(PLACEMENT, permit(each, EVERYTHING, now_s=NOW_S), now_s=NOW_S).as_record().values())
        for one, each in zip(zip(*columns, strict=True), visitors, strict=True)
    )


def _fastest(run: Callable[[], object], rounds: int) -> float:
    """CPU seconds of this thread."""
    seconds: list[float] = []
    for _ in range(rounds):
        begin = time.thread_time()
        run()
        seconds.append(time.thread_time() - begin)
    return min(seconds)


def _side_by_side(evaluator: Any, rounds: int) -> tuple[float, float]:
    """Seconds by the clock on the wall for some batches, one after the other and in two threads."""
    parts = list(batches(SIDE_BY_SIDE * PART))

    def decide(part: Any) -> Any:
        return decide_batch(evaluator, part, EVERYTHING, PLACEMENT, now_s=NOW_S)

    one: list[float] = []
    two: list[float] = []
    with ThreadPoolExecutor(2) as pool:
        for _ in range(rounds):
            begin = time.perf_counter()
            list(map(decide, parts))
            middle = time.perf_counter()
            list(pool.map(decide, parts))
            one.append(middle - begin)
            two.append(time.perf_counter() - middle)
    return min(one), min(two)


def main(arguments: Sequence[str]) -> int:
    """Print the figures. Exit code 1: a decision differs."""
    found = measure_batch(int(arguments[0]) if arguments else ROWS)
    print(f"{found['rows']:,.0f} visitors, {OFFERS:,} offers, {found['wrong']:.0f} decisions differ")
    print(f"loop  {found['loop_rows_per_s']:>12,.0f} rows a second of CPU")
    print(
        f"batch {found['batch_rows_per_s']:>12,.0f} rows a second of CPU, {found['ratio']:.1f} times as many"
    )
    print(f"with text as dictionaries, as Parquet gives it: {found['ratio_dictionaries']:.1f} times as many")
    print(f"two threads decide {found['two_threads']:.2f} times as many as one, by the clock on the wall")
    return 1 if found["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
