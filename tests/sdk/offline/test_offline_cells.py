"""What single cells, lines and signals of a file of visitors stand for, and how decisions are written."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped] # it has no types
import pytest

import discreet
from discreet.offline import RefusedColumn, RowConsents, UnreadableVisitors, array_of, decide_file
from discreet.runtime.batch import decide_batch
from discreet_consent import Observed
from support.compiled import EVERYTHING, NOW_S, evaluator, offer

OF = evaluator(
    offer("empty", when='s == ""', priority=9),
    offer("text", when="known(s)", priority=8),
    offer("number", when="known(n)", priority=7),
    offer("datetime", when="known(d)", priority=6),
)


def decided(tmp_path: Path, name: str, content: str | bytes, **options: Any) -> list[dict[str, Any]]:
    """The records of the decisions for a file of this content."""
    source, target = tmp_path / name, tmp_path / "decisions.jsonl"
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    decide_file(OF, source, target, EVERYTHING, ["p"], now_s=NOW_S, **options)
    return [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]


def shown(rows: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    return [(row["offer"], row["malformed"]) for row in rows]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('s,n\n"",1\n,1\n', [("empty", []), ("number", [])]),
        ("n\nNaN\n1\n", [("none", ["n"]), ("number", [])]),
        ("n\nInfinity\n-Infinity\n[1]\n", [("none", ["n"])] * 3),
        (
            "d\n-1000\n1772323200000\n2026-03-01\n[2026]\ntrue\n",
            [("datetime", [])] * 3 + [("none", ["d"])] * 2,
        ),
        ("d\n-1000\n", [("datetime", [])]),
        ("id\n1\n2\n", [("none", [])] * 2),
    ],
    ids=["quoted empty", "nan", "infinite", "datetimes", "before 1970", "no attribute"],
)
def test_a_cell_of_csv_is_what_its_attribute_takes(
    tmp_path: Path, content: str, expected: list[tuple[str, list[str]]]
) -> None:
    assert shown(decided(tmp_path, "v.csv", content)) == expected


def test_a_line_break_in_a_quoted_cell_is_part_of_it(tmp_path: Path) -> None:
    content = "id,s\n" + "".join(f'{row},"one\ntwo"\n' for row in range(300))

    rows = decided(tmp_path, "v.csv", content, batch_rows=2)
    assert shown(rows) == [("text", [])] * 300


def test_a_byte_order_mark_before_the_first_line_of_json_is_no_part_of_it(tmp_path: Path) -> None:
    assert shown(decided(tmp_path, "v.jsonl", b'\xef\xbb\xbf{"n": 1}\n')) == [("number", [])]


def test_an_object_with_more_than_a_value_and_its_instant_is_no_observation(tmp_path: Path) -> None:
    line = '{"n": {"value": 1, "observed": "2026-02-01T00:00:00Z", "by": "x"}}\n'

    assert shown(decided(tmp_path, "v.jsonl", line)) == [("none", ["n"])]


def test_a_kept_name_that_no_line_of_a_batch_has_is_null(tmp_path: Path) -> None:
    rows = decided(tmp_path, "v.jsonl", '{"n": 1}\n{"id": "x"}\n', keep=["id"], batch_rows=1)

    assert [row["id"] for row in rows] == [None, "x"]


def test_a_kept_text_with_a_lone_surrogate_is_written_with_a_question_mark(tmp_path: Path) -> None:
    rows = decided(tmp_path, "v.jsonl", '{"id": "a\\ud800", "s": "\\ud800"}\n', keep=["id"])

    assert [(row["id"], row["malformed"]) for row in rows] == [("a?", ["s"])]


@pytest.mark.parametrize("name", ["V.JSONL", "v.NdJson"])
def test_endings_are_read_and_written_in_any_case(tmp_path: Path, name: str) -> None:
    source, target = tmp_path / name, tmp_path / f"d{Path(name).suffix}"
    source.write_text('{"n": 1}\n')

    assert decide_file(OF, source, target, EVERYTHING, ["p"], now_s=NOW_S).rows == 1
    assert json.loads(target.read_text())["offer"] == "number"


def test_lists_in_csv_are_json_and_text_is_written_as_it_is(tmp_path: Path) -> None:
    source = tmp_path / "v.jsonl"
    source.write_text('{"id": "Zo\u00eb", "n": "x"}\n', encoding="utf-8")
    for ending in ("csv", "jsonl"):
        decide_file(OF, source, tmp_path / f"d.{ending}", EVERYTHING, ["p"], now_s=NOW_S, keep=["id"])

    assert '"[""n""]"' in (tmp_path / "d.csv").read_text(encoding="utf-8")
    assert "Zo\u00eb" in (tmp_path / "d.jsonl").read_text(encoding="utf-8")


def test_the_file_of_decisions_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        decided(tmp_path, "v.jsonl", '{"n": 1}\n')
    finally:
        os.umask(before)
    assert (tmp_path / "decisions.jsonl").stat().st_mode & 0o777 == 0o640


def by_signals(columns: Mapping[str, str], region: str | None = None) -> RowConsents:
    return RowConsents(columns, region=region, policy=None, now_s=NOW_S)


def test_a_column_of_signals_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("n\n1\n")

    with pytest.raises(RefusedColumn, match="there is no column `usp`"):
        decide_file(
            OF, tmp_path / "v.csv", tmp_path / "d.csv", by_signals({"us_privacy": "usp"}), ["p"], now_s=NOW_S
        )


def grants(name: str, values: list[object], region: str = "US-VA") -> list[object]:
    batch = pa.RecordBatch.from_arrays([array_of(values)], names=["it"])
    return [each.grants for each in by_signals({name: "it"}, region).of(batch)]


def test_an_age_that_is_no_number_counts_as_a_childs() -> None:
    child, text, listed, grown = (grants("age_years", [each])[0] for each in (9.0, "nine", ["40"], 40.0))

    assert child == text == listed != grown


def reasons(sent: Mapping[str, list[object]]) -> list[object]:
    columns = list(map(array_of, sent.values()))
    batch = pa.RecordBatch.from_arrays(columns, names=list(sent))
    return [each.reasons for each in by_signals({name: name for name in sent}, "US-CA").of(batch)]


def test_a_flag_is_set_by_one_and_true_alone() -> None:
    (yes,), (no,) = reasons({"gpc": [True]}), reasons({"gpc": [False]})

    assert yes != no
    assert [reasons({"gpc": [each]})[0] for each in (1, 1.0, "1", "true", "True")] == [yes] * 5
    assert [reasons({"gpc": [each]})[0] for each in (0, 2, -1, 0.5, "0", "")] == [no] * 6


def test_rows_that_differ_in_their_last_signal_have_their_own_consents() -> None:
    sent: Mapping[str, list[object]] = {"region": ["US-CA"] * 3, "gpc": [None, True, None]}
    first, second, third = reasons(sent)

    assert first == third != second


@pytest.mark.parametrize(
    ("name", "value"),
    [("s", "\ud800"), ("n", 10**400), ("t", ["a", "\ud800"]), ("n", Observed(1, at_s=math.nan))],
    ids=["surrogate", "beyond the doubles", "surrogate in a set", "observed at no instant"],
)
def test_what_arrow_cannot_hold_stays_malformed(name: str, value: object) -> None:
    batch = pa.RecordBatch.from_arrays([array_of([value, None])], names=[name])

    rows = decide_batch(OF, batch, EVERYTHING, "p", now_s=NOW_S).to_pylist()
    assert [row["malformed"] for row in rows] == [[name], []]


def test_a_damaged_file_is_an_error_of_discreet() -> None:
    assert issubclass(UnreadableVisitors, discreet.DiscreetError)


def test_a_cell_that_nests_too_deep_is_malformed(tmp_path: Path) -> None:
    assert shown(decided(tmp_path, "v.csv", f"n\n{'[' * 100_000}\n")) == [("none", ["n"])]
