"""Nulls, substitutes, lower case and rows far down in a column: a batch reads them as `permit` reads each value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped] # it has no types
import pytest

from discreet.runtime.batch import decide_batch
from support.compiled import ATTRIBUTES, EVERYTHING, NOW_S, Document, evaluator, offer

LOWER: Document = {
    **ATTRIBUTES,
    "s": {**ATTRIBUTES["s"], "lower": True},
    "t": {**ATTRIBUTES["t"], "lower": True},
}
ROWS = 8_192 + 700  # more than are searched together


def shown(of: Any, **columns: Any) -> list[tuple[str, list[str]]]:
    batch = pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))
    rows = decide_batch(of, batch, EVERYTHING, "p", now_s=NOW_S).to_pylist()
    return [(row["offer"], row["malformed"]) for row in rows]


def over_nulls(values: Any, kind: Any) -> Any:
    """A column of nulls but the first, over values that nobody wrote as such."""
    valid = pa.py_buffer(np.packbits([1] + [0] * (len(values) - 1), bitorder="little").tobytes())
    return pa.Array.from_buffers(kind, len(values), [valid, pa.py_buffer(values)])


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("n", over_nulls(np.array([np.nan, np.nan, 1.0]), pa.float64())),
        ("d", over_nulls(np.array([2**62, 2**62, 1], np.int64), pa.int64())),
    ],
    ids=["number", "datetime"],
)
def test_what_stands_under_a_null_is_not_malformed(name: str, column: Any) -> None:
    of = evaluator(offer("it", when=f"known({name})"))

    assert shown(of, **{name: column}) == [("none", [name]), ("none", []), ("none", [])]


def test_a_malformed_text_under_a_null_is_not_malformed() -> None:
    indices = over_nulls(np.array([0, 0, 0], np.int32), pa.int32())
    column = pa.DictionaryArray.from_arrays(indices, pa.array(["x" * 2_000]))

    assert shown(evaluator(offer("it", when="known(s)")), s=column) == [
        ("none", ["s"]), ("none", []), ("none", [])
    ]  # fmt: skip


def test_text_and_members_that_are_declared_in_lower_case_are_read_so() -> None:
    of = evaluator(
        offer("s", when='s == "rome"'), offer("t", when='"chess" in t', priority=1), attributes=LOWER
    )

    assert shown(of, s=pa.array(["ROME", "Rome", "Bari"]))[:2] == [("s", []), ("s", [])]
    assert shown(of, t=pa.array([["CHESS"], ["x"]])) == [("t", []), ("none", [])]


def test_a_candidate_far_down_is_confirmed_by_its_own_row() -> None:
    tree = "n == 1 or (b and m > 1)"
    many = [
        offer(f"o{at:03}", when=[f"n >= {at} or m >= {at + 0.5}", tree, "known(b)"], priority=at % 7)
        for at in range(70)
    ]
    of = evaluator(*many)
    numbers = [float(at % 97) for at in range(ROWS)]
    visitors = [{"n": at % 3, "m": number, "b": at % 5 == 0} for at, number in enumerate(numbers)]
    found = shown(of, **{name: pa.array([each[name] for each in visitors]) for name in ("n", "m", "b")})

    for row in (*range(0, ROWS, 401), *range(8_192, ROWS, 7)):
        alone = of.decide("p", of.permit(visitors[row], EVERYTHING, now_s=NOW_S), now_s=NOW_S)
        assert found[row] == (alone.offer, [])
