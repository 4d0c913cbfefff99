"""Which Arrow type is read as what: the table of docs/batch.md, and `permit` as its measure."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Sequence
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped] # it has no types
import pytest

from discreet.offline import array_of
from discreet.runtime.batch import decide_batch
from discreet_consent import Observed
from support.compiled import EVERYTHING, NOTHING, NOW_S, PURPOSE, TYPES, document, evaluator, offer
from support.products import evaluator_of

BEYOND = 2**53 + 1
LONG = "x" * 1_025
UTC = datetime.UTC
MOMENT = datetime.datetime(2026, 3, 1, 8, 30, 0, 125_999, UTC)
MOMENT_MS = 1_772_353_800_125
BEFORE_1970 = datetime.datetime(1969, 12, 31, 23, 59, 59, 999_500, UTC)

OF = evaluator(
    offer("b", when="b", priority=9),
    offer("not-b", when="not b", priority=8),
    offer("n3", when="n == 3", priority=7),
    offer("n-big", when=f"n == {2**53}", priority=6),
    offer("n", when="known(n)", priority=5),
    offer("sa", when='s == "a"', priority=5),
    offer("se", when='s == "\u00e9"', priority=5),
    offer("s", when="known(s)", priority=4),
    offer("ta", when='"a" in t', priority=3),
    offer("te", when='"\u00e9" in t', priority=3),
    offer("t", when="known(t)", priority=2),
    offer("d-moment", when='d == "2026-03-01T08:30:00.125Z"', priority=2),
    offer("d", when="known(d)", priority=1),
)


def decided(name: str, column: Any) -> list[tuple[str, bool]]:
    """For each row what shows, and whether the one attribute is malformed."""
    batch = pa.RecordBatch.from_arrays([column], names=[name])
    rows = decide_batch(OF, batch, EVERYTHING, "p", now_s=NOW_S).to_pylist()
    return [(row["offer"], row["malformed"] == [name]) for row in rows]


def alone(name: str, values: Sequence[object]) -> list[tuple[str, bool]]:
    """The same of Python values, by `permit` and `decide`."""
    found = [OF.decide("p", OF.permit({name: each}, EVERYTHING, now_s=NOW_S), now_s=NOW_S) for each in values]
    return [(each.offer, each.malformed == (name,)) for each in found]


def column(values: Sequence[object], kind: Any) -> Any:
    return pa.array(values, kind)


def dictionary(values: Sequence[object], kind: Any, index: Any = None) -> Any:
    return pa.array(values, kind).dictionary_encode().cast(pa.dictionary(index or pa.int8(), kind))


INTEGERS = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]
TEXTS = [pa.string(), pa.large_string(), pa.string_view()]
LISTS = [pa.list_, pa.large_list, pa.list_view, pa.large_list_view]

# The attribute, the column, and the Python values that its rows stand for.
READ_AS: dict[str, tuple[str, Any, Sequence[object]]] = {
    **{f"number from {kind}": ("n", column([3, 0, None], kind), [3, 0, None]) for kind in INTEGERS},
    "number from int64 beyond 2^53": ("n", column([BEYOND, -BEYOND], pa.int64()), [BEYOND, -BEYOND]),
    "number from uint64 beyond 2^63": ("n", column([2**64 - 1], pa.uint64()), [2**64 - 1]),
    "number from float16": ("n", column([3.0, 0.5, None], pa.float16()), [3.0, 0.5, None]),
    "number from float": ("n", column([3.0, 0.1, None], pa.float32()), [3.0, 0.1, None]),
    "number from double": (
        "n",
        column([3.0, -0.0, None, float("nan"), float("inf"), -float("inf")], pa.float64()),
        [3.0, -0.0, None, float("nan"), float("inf"), -float("inf")],
    ),
    "number from a dictionary of doubles": ("n", dictionary([3.0, None, 3.0], pa.float64()), [3.0, None, 3.0]),
    "number from bool": ("n", column([True, None], pa.bool_()), [True, None]),
    "number from text": ("n", column(["3", None], pa.string()), ["3", None]),
    "number from a decimal": (
        "n",
        column([decimal.Decimal("3"), None], pa.decimal128(9, 2)),
        [decimal.Decimal("3.00"), None],
    ),
    "boolean": ("b", column([True, False, None], pa.bool_()), [True, False, None]),
    "boolean from a dictionary": ("b", dictionary([True, None], pa.bool_()), [True, None]),
    "boolean from int8": ("b", column([1, 0, None], pa.int8()), [1, 0, None]),
    "boolean from text": ("b", column(["true", None], pa.string()), ["true", None]),
    **{
        f"string from {kind}": (
            "s",
            column(["a", "", None, "e\u0301", LONG, "z"], kind),
            ["a", "", None, "e\u0301", LONG, "z"],
        )
        for kind in TEXTS
    },
    "string from a dictionary": ("s", dictionary(["a", None, "a", "z"], pa.string()), ["a", None, "a", "z"]),
    "string from a dictionary of large text": (
        "s", dictionary(["a", None, LONG], pa.large_string(), pa.uint16()), ["a", None, LONG]
    ),
    "string from a dictionary that holds a null": (
        "s",
        pa.DictionaryArray.from_arrays(pa.array([0, 1, 2], pa.int8()), pa.array(["a", None, "z"])),
        ["a", None, "z"],
    ),
    "string from a dictionary with more than these rows": (
        "s", pa.DictionaryArray.from_arrays(pa.array([2], pa.int8()), pa.array(["z", "y", "a"])), ["a"]
    ),
    "string from binary": ("s", column([b"a", None], pa.binary()), [b"a", None]),
    "string from numbers": ("s", column([1, None], pa.int64()), [1, None]),
    "string from a list": ("s", column([["a"], None], pa.list_(pa.string())), [["a"], None]),
    **{
        f"strings from {kind(pa.string())}": (
            "t",
            column([["a"], [], None, ["b", "e\u0301"], [None], ["b", LONG]], kind(pa.string())),
            [["a"], [], None, ["b", "e\u0301"], [None], ["b", LONG]],
        )
        for kind in LISTS
    },
    "strings from lists of large text": (
        "t", column([["a", "a"], None], pa.list_(pa.large_string())), [["a", "a"], None]
    ),
    "strings from lists of dictionaries": (
        "t",
        pa.ListArray.from_arrays(pa.array([0, 2, 2, 3], pa.int32()), dictionary(["b", "a", "b"], pa.string())),
        [["b", "a"], [], ["b"]],
    ),
    "strings from lists of one length": ("t", column([["a", "b"], None], pa.list_(pa.string(), 2)), [["a", "b"], None]),
    "strings from long lists": (
        "t",
        column([["a"] * 1_024, ["a"] * 1_025, [f"m{n}" for n in range(40)] + ["a"]], pa.list_(pa.string())),
        [["a"] * 1_024, ["a"] * 1_025, [f"m{n}" for n in range(40)] + ["a"]],
    ),
    "strings from lists of numbers": ("t", column([[1], [], None], pa.list_(pa.int64())), [[1], [], None]),
    "strings from text": ("t", column(["a", None], pa.string()), ["a", None]),
    "datetime from a timestamp in s": ("d", column([MOMENT, None], pa.timestamp("s", "UTC")), [MOMENT_MS - 125, None]),
    "datetime from a timestamp in ms": ("d", column([MOMENT, None], pa.timestamp("ms", "UTC")), [MOMENT, None]),
    "datetime from a timestamp in us": (
        "d", column([MOMENT, None, BEFORE_1970], pa.timestamp("us", "Europe/Rome")), [MOMENT, None, BEFORE_1970]
    ),
    "datetime from a timestamp in ns": (
        "d", column([MOMENT_MS * 1_000_000 + 999_999], pa.int64()).cast(pa.timestamp("ns", "UTC")), [MOMENT_MS]
    ),
    "datetime from a timestamp beyond a date's range": (
        "d", column([9 * 10**15, 8_640_000_000_000_000], pa.int64()).cast(pa.timestamp("ms", "UTC")),
        [9 * 10**15, 8_640_000_000_000_000],
    ),
    "datetime from seconds beyond 64 bits of milliseconds": (
        "d", column([2**62], pa.int64()).cast(pa.timestamp("s", "UTC")), [2**62 * 1_000]
    ),
    "datetime from a timestamp without a zone": (
        "d", column([MOMENT.replace(tzinfo=None), None], pa.timestamp("us")), [MOMENT.replace(tzinfo=None), None]
    ),
    "datetime from date32": ("d", column([MOMENT.date(), None], pa.date32()), [MOMENT.date(), None]),
    "datetime from date64": ("d", column([MOMENT.date(), None], pa.date64()), [MOMENT.date(), None]),
    "datetime from text": (
        "d",
        column(["2026-03-01T08:30:00.125Z", "2026-03-01", "2026-02-30", "2026-03-01 08:30", None], pa.string()),
        ["2026-03-01T08:30:00.125Z", "2026-03-01", "2026-02-30", "2026-03-01 08:30", None],
    ),
    "datetime from a dictionary of text": ("d", dictionary(["2026-03-01", None], pa.string()), ["2026-03-01", None]),
    "datetime from numbers": (
        "d",
        column([float(MOMENT_MS), 9e15, float("nan"), None], pa.float64()),
        [float(MOMENT_MS), 9e15, float("nan"), None],
    ),
    "datetime from int64": ("d", column([MOMENT_MS, 0, 2**62], pa.int64()), [MOMENT_MS, 0, 2**62]),
    "anything from null": ("s", pa.nulls(2), [None, None]),
    "a time of day": ("d", column([1], pa.time32("s")), [datetime.time(0, 0, 1)]),
    "a duration": ("n", column([1, None], pa.duration("s")), [datetime.timedelta(seconds=1), None]),
    "a struct of other fields": ("n", column([{"value": 3}], pa.struct([("value", pa.int64())])), [{"value": 3}]),
    "a map": ("t", column([[("a", "b")]], pa.map_(pa.string(), pa.string())), [[("a", "b")]]),
}  # fmt: skip


@pytest.mark.parametrize("case", READ_AS)
def test_a_column_is_read_as_its_python_values(case: str) -> None:
    name, arrow, values = READ_AS[case]

    assert decided(name, arrow) == alone(name, values)
    wider = pa.concat_arrays([arrow, arrow]) if not _is_union(arrow) else arrow
    assert decided(name, wider.slice(len(arrow))) == alone(name, values)[: len(wider) - len(arrow)]


def _is_union(arrow: Any) -> bool:
    return bool(pa.types.is_union(arrow.type))


def test_the_cases_see_every_type_known_unknown_and_malformed() -> None:
    seen = {
        (name, outcome)
        for name, arrow, _ in READ_AS.values()
        for offer_id, malformed in decided(name, arrow)
        for outcome in (["malformed"] if malformed else ["unknown"] if offer_id == "none" else ["known"])
    }

    kinds = TYPES.keys() - {"m"}
    assert seen >= {(name, outcome) for name in kinds for outcome in ("known", "unknown", "malformed")}


def test_text_that_is_not_utf_8_is_malformed_and_its_neighbours_are_not() -> None:
    offsets = pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0")
    broken = pa.StringArray.from_buffers(2, offsets, pa.py_buffer(b"\xffa"))

    assert decided("s", broken) == [("none", True), ("sa", False)]


class TestObserved:
    """A struct of `value` and `observed` says when a value was observed; so does no column beside it."""

    OLD = evaluator_of(
        [
            document(
                offer("known", when="known(x)"),
                attributes={
                    "x": {
                        "type": "number",
                        "provenance": "first_party",
                        "purposes": [PURPOSE],
                        "retention": "1d",
                    }
                },
            )
        ]
    )

    def of(self, values: Sequence[object], instants: Any) -> list[tuple[str, list[str], list[str]]]:
        structs = pa.StructArray.from_arrays([pa.array(values), instants], names=["value", "observed"])
        batch = pa.RecordBatch.from_arrays([structs], names=["x"])
        rows = decide_batch(self.OLD, batch, EVERYTHING, "p", now_s=NOW_S).to_pylist()
        return [(row["offer"], row["malformed"], row["stale"]) for row in rows]

    def test_numbers_are_unix_seconds(self) -> None:
        ages = [0, 86_400, 86_401, -86_400, -86_401]
        instants = [NOW_S - age for age in ages]
        found = self.of([1] * 5, pa.array(instants, pa.float64()))

        assert found == [
            ("known", [], []), ("known", [], []), ("none", [], ["x"]), ("known", [], []), ("none", ["x"], [])
        ]  # fmt: skip
        single = [
            self.OLD.permit({"x": Observed(1, at_s=each)}, EVERYTHING, now_s=NOW_S) for each in instants
        ]
        assert [list(each.stale) for each in single] == [stale for _, _, stale in found]

    def test_text_and_timestamps_are_instants(self) -> None:
        moment = datetime.datetime.fromtimestamp(NOW_S - 90_000, UTC)
        text = moment.isoformat().replace("+00:00", "Z")

        assert self.of([1], pa.array([moment], pa.timestamp("us", "UTC"))) == [("none", [], ["x"])]
        assert self.of([1, 1], pa.array([text, "yesterday"])) == [
            ("none", [], ["x"]), ("none", ["x"], [])
        ]  # fmt: skip

    def test_an_instant_that_is_missing_or_has_no_zone_cannot_be_meant(self) -> None:
        naive = datetime.datetime(2026, 3, 1)

        assert self.of([1], pa.nulls(1, pa.float64())) == [("none", ["x"], [])]
        assert self.of([1], pa.array([naive], pa.timestamp("s"))) == [("none", ["x"], [])]

    def test_a_value_that_is_missing_is_absent_whenever_it_was_observed(self) -> None:
        assert self.of([None], pa.array([float("nan")])) == [("none", [], [])]


ODD = {
    "string_view": pa.array(["a", None, "z", "a"], pa.string_view()),
    "binary_view": pa.array([b"a", None, b"z", b"a"], pa.binary_view()),
    "run-end encoded": pa.RunEndEncodedArray.from_arrays([1, 3, 4], ["a", "z", "a"]),
    "a list of views": pa.array([["a"], None, ["z"], ["a"]], pa.list_(pa.string_view())),
    "a sparse union": pa.UnionArray.from_sparse(
        pa.array([1, 0, 1, 0], pa.int8()), [pa.array([1, 3, 4, 5]), pa.array(["a", "b", "c", "d"])]
    ),
    "a dense union": pa.UnionArray.from_dense(
        pa.array([1, 0, 1, 0], pa.int8()), pa.array([0, 0, 1, 1], pa.int32()),
        [pa.array([3, 5]), pa.array(["a", "c"])],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ["n", "s", "t"])
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_any_part_of_a_column_is_read_as_the_whole_is(name: str, odd: Any) -> None:
    whole = decided(name, odd)

    for begin in range(len(odd)):
        assert decided(name, odd.slice(begin)) == whole[begin:]
    consents = [EVERYTHING, NOTHING, EVERYTHING, EVERYTHING]
    batch = pa.RecordBatch.from_arrays([odd], names=[name])
    rows = decide_batch(OF, batch, consents, "p", now_s=NOW_S).to_pylist()
    assert [row["offer"] for row in rows] == [whole[0][0], "none", whole[2][0], whole[3][0]]
    assert [row["malformed"] for row in rows[::2]] == [[name] if bad else [] for _, bad in whole[::2]]


def test_an_instant_is_no_number() -> None:
    at = pa.array([0, None], pa.timestamp("s", tz="UTC"))

    assert decided("n", at) == [("none", True), ("none", False)]


@pytest.mark.parametrize("name", ["d", "n", "s"])
def test_a_datetime_of_python_is_read_as_permit_reads_it(name: str) -> None:
    values = [
        MOMENT,
        None,
        MOMENT.replace(tzinfo=None),
        BEFORE_1970,
        MOMENT.date(),
        Observed(MOMENT, at_s=NOW_S),
        "a",
    ]

    assert decided(name, array_of(values)) == alone(name, values)
    assert decided(name, array_of(values[:2])) == alone(name, values[:2])
