"""Files of visitors: all three kinds are decided as `permit` and `decide` would, row by row, in bounded memory."""

from __future__ import annotations

import csv
import json
import tracemalloc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped] # it has no types
import pyarrow.csv as pcsv  # type: ignore[import-untyped] # it has no types
import pyarrow.parquet as pq  # type: ignore[import-untyped] # it has no types
import pytest

import discreet
from discreet.offline import RefusedColumn, RowConsents, UnreadableVisitors, array_of, decide_file
from discreet_consent import Consent, Observed, resolve
from support.compiled import EVERYTHING, NOW_S, evaluator, offer

OF = evaluator(
    offer("yes", when="b", priority=6),
    offer("many", when="n >= 3", priority=5),
    offer("a", when='s == "a"', priority=4),
    offer("runner", when='"running" in t', priority=3),
    offer("new", when='d >= "2026-01-01"', priority=2),
    offer("known", when="known(m)", priority=1),
)
ENDINGS = (".parquet", ".csv", ".jsonl")
VISITORS: Sequence[Mapping[str, Any]] = (
    {"id": "v1", "b": True, "n": 1, "s": "z"},
    {"id": "v2", "b": False, "n": 3.5, "t": ["running"]},
    {"id": "v3", "s": "a", "n": None},
    {"id": "v4", "t": ["running", "chess"], "s": ""},
    {"id": "v5", "d": "2026-02-01T10:00:00Z", "t": []},
    {"id": "v6", "m": -2},
    {"id": "v7"},
    {"id": "v8", "s": 'quoted "text", with\na line', "d": "1999-12-31"},
)
NAMES = ("id", "b", "n", "m", "s", "t", "d")


def one_by_one(visitors: Sequence[Mapping[str, Any]], consents: Sequence[Consent]) -> list[dict[str, Any]]:
    """What `permit` and `decide` say, beside each visitor's id."""
    return [
        {"id": each["id"], **OF.decide("p", OF.permit(each, consent, now_s=NOW_S), now_s=NOW_S).as_record()}
        for each, consent in zip(visitors, consents, strict=True)
    ]


def write_visitors(path: Path, visitors: Sequence[Mapping[str, Any]], names: Sequence[str] = NAMES) -> Path:
    """The visitors in a file of the kind that its ending says."""
    if path.suffix == ".parquet":
        columns = {name: array_of([each.get(name) for each in visitors]) for name in names}
        pq.write_table(pa.table(columns), path, row_group_size=3)
    elif path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(names)
            for each in visitors:
                file.write(",".join(_cell(each.get(name)) for name in names) + "\r\n")
    else:
        path.write_text("".join(json.dumps(each) + "\n\n" for each in visitors), encoding="utf-8")
    return path


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value)
    return '"' + text.replace('"', '""') + '"' if isinstance(value, str | list) else text


def read_decisions(path: Path) -> list[dict[str, Any]]:
    """The records in a file of decisions."""
    if path.suffix == ".parquet":
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return rows
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    with path.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    lists = ("withheld", "malformed", "stale")
    return [
        {**row, "version": int(row["version"]), **{name: json.loads(row[name]) for name in lists}}
        for row in found
    ]


@pytest.mark.parametrize("target", ENDINGS)
@pytest.mark.parametrize("source", ENDINGS)
@pytest.mark.parametrize("batch_rows", [2, 65_536])
def test_a_file_is_decided_like_its_rows(tmp_path: Path, source: str, target: str, batch_rows: int) -> None:
    visitors = write_visitors(tmp_path / f"visitors{source}", VISITORS)
    decisions = tmp_path / f"decisions{target}"

    summary = decide_file(
        OF, visitors, decisions, EVERYTHING, ["p"], now_s=NOW_S, keep=["id"], batch_rows=batch_rows
    )

    expected = one_by_one(VISITORS, [EVERYTHING] * len(VISITORS))
    assert read_decisions(decisions) == expected
    assert summary.rows == summary.decisions == len(VISITORS)
    assert summary.offers["p", "many"] == 1
    assert summary.reasons == {"matched": 6, "fallback": 2}
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([visitors.name, decisions.name])


@pytest.mark.parametrize("ending", ENDINGS)
def test_each_row_has_the_consent_that_its_signals_come_to(tmp_path: Path, ending: str) -> None:
    signals: Sequence[Mapping[str, Any]] = (
        {"us_privacy": "1YNN", "region": "US-CA"},
        {"us_privacy": "1YYN", "region": "US-CA"},
        {"us_privacy": "1YNN", "region": "US-CA", "gpc": True},
        {"region": "US-VA", "age": 9},
        {"us_privacy": "broken", "region": "US-CA"},
        {"region": "DE"},
        {},
        {"us_privacy": "1YNN", "region": "US-CA"},
    )
    rows = [{**visitor, **signal} for visitor, signal in zip(VISITORS, signals, strict=True)]
    visitors = write_visitors(
        tmp_path / f"visitors{ending}", rows, (*NAMES, "us_privacy", "region", "gpc", "age")
    )
    by_row = RowConsents(
        {"us_privacy": "us_privacy", "region": "region", "gpc": "gpc", "age_years": "age"},
        region=None, policy=None, now_s=NOW_S,
    )  # fmt: skip

    summary = decide_file(OF, visitors, tmp_path / "out.jsonl", by_row, ["p"], now_s=NOW_S, keep=["id"])

    consents = [
        resolve(us_privacy=each.get("us_privacy"), region=each.get("region"), gpc=each.get("gpc"),
                age_years=each.get("age"), now_s=NOW_S)
        for each in signals
    ]  # fmt: skip
    assert read_decisions(tmp_path / "out.jsonl") == one_by_one(rows, consents)
    assert len({consent.grants for consent in consents}) > 1
    assert summary.undeclared == set()


def test_every_visitor_is_decided_for_every_placement_in_turn(tmp_path: Path) -> None:
    of = evaluator(
        offer("a", when='s == "a"'),
        placements={"p": {"fallback": "none"}, "q": {"fallback": "none"}},
    )
    visitors = write_visitors(tmp_path / "v.jsonl", [{"id": "1", "s": "a"}, {"id": "2"}])

    summary = decide_file(
        of, visitors, tmp_path / "d.jsonl", EVERYTHING, ["q", "p"], now_s=NOW_S, keep=["id"]
    )

    found = [(each["id"], each["placement"], each["offer"]) for each in read_decisions(tmp_path / "d.jsonl")]
    assert found == [("1", "q", "none"), ("1", "p", "a"), ("2", "q", "none"), ("2", "p", "none")]
    assert (summary.rows, summary.decisions) == (2, 4)


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_keep_the_order_of_rows(tmp_path: Path, threads: int) -> None:
    rows = [{"id": str(number), "n": number % 7} for number in range(5_000)]
    visitors = write_visitors(tmp_path / "v.parquet", rows, ("id", "n"))

    seen: list[tuple[int, int | None]] = []
    decide_file(
        OF, visitors, tmp_path / "d.parquet", EVERYTHING, ["p"], now_s=NOW_S, keep=["id"], threads=threads,
        batch_rows=700, advance=lambda done, total: seen.append((done, total)),
    )  # fmt: skip

    assert read_decisions(tmp_path / "d.parquet") == one_by_one(rows, [EVERYTHING] * len(rows))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (5_000, 5_000)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_of_nobody_becomes_a_file_of_no_decisions(tmp_path: Path, ending: str) -> None:
    visitors = write_visitors(tmp_path / f"v{ending}", [])

    summary = decide_file(OF, visitors, tmp_path / "d.parquet", EVERYTHING, ["p"], now_s=NOW_S)

    assert summary.rows == 0
    assert pq.read_schema(tmp_path / "d.parquet").names[0] == "placement"


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_without_any_attribute_is_one_of_strangers(tmp_path: Path, ending: str) -> None:
    visitors = write_visitors(tmp_path / f"v{ending}", [{"id": "x"}, {"id": "y"}], ("id",))

    summary = decide_file(OF, visitors, tmp_path / "d.jsonl", EVERYTHING, ["p"], now_s=NOW_S)

    assert [each["offer"] for each in read_decisions(tmp_path / "d.jsonl")] == ["none", "none"]
    assert summary.undeclared == {"id"}


def test_cells_of_a_csv_file_that_are_not_of_their_type_are_malformed(tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    path.write_text(
        "id,b,n,t,d\n"
        "1,true,3,\"[\"\"a\"\"]\",1772323200000\n"
        "2,yes,three,a,soon\n"
        "3,1,\"[3]\",[1],\n"
        "4,false,1e2,[],2026-03-01\n",
        encoding="utf-8",
    )  # fmt: skip

    decide_file(OF, path, tmp_path / "d.jsonl", EVERYTHING, ["p"], now_s=NOW_S)

    found = read_decisions(tmp_path / "d.jsonl")
    assert [each["malformed"] for each in found] == [[], ["b", "d", "n", "t"], ["b", "n", "t"], []]
    assert [each["offer"] for each in found] == ["yes", "none", "none", "many"]


def test_a_json_value_may_say_when_it_was_observed(tmp_path: Path) -> None:
    path = tmp_path / "v.jsonl"
    path.write_text(
        '{"n": {"value": 3, "observed": "2026-02-01T00:00:00Z"}}\n{"n": 3}\n{"n": {"value": 3}}\n'
    )

    decide_file(OF, path, tmp_path / "d.jsonl", EVERYTHING, ["p"], now_s=NOW_S)

    found = read_decisions(tmp_path / "d.jsonl")
    at = Observed(3, at_s=1_769_904_000)
    expected: list[dict[str, Any]] = [{"id": "", "n": at}, {"id": "", "n": 3}, {"id": "", "n": {"value": 3}}]
    assert [{"id": "", **each} for each in found] == one_by_one(expected, [EVERYTHING] * 3)


CANARY = "canary-5c1d"
BROKEN = {
    "v.jsonl": [
        (b'{"s": "a"}\n{"s": "' + CANARY.encode() + b'"\n', "line 2: not JSON at column"),
        (b'["' + CANARY.encode() + b'"]\n', "line 1: not a JSON object"),
        (b'{"s": "' + CANARY.encode() + b'", "s": "a"}', "line 1: a name stands twice"),
        (b'{"n": NaN}', "line 1: NaN and infinities"),
        (b'\n\n{"s": "\xff"}', "line 3: not UTF-8"),
        (b'{"n": {"value": 1, "observed": "' + CANARY.encode() + b'"}}', "line 1: `observed` of `n` is not"),
    ],
    "v.csv": [
        (b"", "does not begin with a line of names"),
        (b"s,n\na,1\n" + CANARY.encode() + b"\n", "is not CSV in UTF-8"),
        (b"s\n\xff" + CANARY.encode() + b"\n", "is not CSV in UTF-8"),
    ],
    "v.parquet": [(CANARY.encode(), "is not a Parquet file")],
    "v.txt": [(b"", "the ending is none of .parquet, .csv, .jsonl")],
}


@pytest.mark.parametrize(
    ("name", "content", "reason"), [(name, *case) for name, cases in BROKEN.items() for case in cases]
)
def test_a_broken_file_is_refused_with_its_place_and_no_value(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    target = tmp_path / "d.jsonl"
    target.write_text("as it was")

    with pytest.raises(UnreadableVisitors) as caught:
        decide_file(OF, path, target, EVERYTHING, ["p"], now_s=NOW_S)

    assert reason in str(caught.value)
    assert CANARY not in str(caught.value)
    assert str(path) in str(caught.value)
    assert target.read_text() == "as it was"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_damaged_parquet_file_is_refused_where_it_is_damaged(tmp_path: Path) -> None:
    path = write_visitors(tmp_path / "v.parquet", VISITORS)
    data = bytearray(path.read_bytes())
    data[4:400] = bytes(396)
    path.write_bytes(data)

    with pytest.raises(UnreadableVisitors, match="damaged after row 0"):
        decide_file(OF, path, tmp_path / "d.jsonl", EVERYTHING, ["p"], now_s=NOW_S)


@pytest.mark.parametrize(
    ("keep", "reason"),
    [
        (["s"], "`s` is an attribute"),
        (["offer"], "two columns of that name"),
        (["id", "id"], "two columns of that name"),
        (["idd"], "there is no column `idd`; did you mean `id`"),
    ],
)
def test_what_may_not_be_kept_is_refused(tmp_path: Path, keep: list[str], reason: str) -> None:
    visitors = write_visitors(tmp_path / "v.parquet", VISITORS)

    with pytest.raises(RefusedColumn, match=reason):
        decide_file(OF, visitors, tmp_path / "d.jsonl", EVERYTHING, ["p"], now_s=NOW_S, keep=keep)


def test_two_columns_of_one_attribute_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    path.write_text("s,s\na,b\n")

    with pytest.raises(RefusedColumn, match="2 columns are called `s`"):
        decide_file(OF, path, tmp_path / "d.jsonl", EVERYTHING, ["p"], now_s=NOW_S)


def test_an_unknown_placement_writes_nothing(tmp_path: Path) -> None:
    visitors = write_visitors(tmp_path / "v.csv", VISITORS)

    with pytest.raises(discreet.UnknownPlacement):
        decide_file(OF, visitors, tmp_path / "d.jsonl", EVERYTHING, ["q"], now_s=NOW_S)
    assert [each.name for each in tmp_path.iterdir()] == ["v.csv"]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Python's own memory and Arrow's, at their highest, for ten times as many rows."""

    def peak(rows: int) -> int:
        table = pa.table({"n": pa.array(range(rows)), "s": pa.array([f"text {row}" for row in range(rows)])})
        pq.write_table(table, tmp_path / "v.parquet", row_group_size=5_000)
        del table
        highest = 0
        base = pa.total_allocated_bytes()
        tracemalloc.start()

        def look(_: int, __: int | None) -> None:
            nonlocal highest
            highest = max(highest, pa.total_allocated_bytes() - base)

        decide_file(
            OF, tmp_path / "v.parquet", tmp_path / "d.parquet", EVERYTHING, ["p"], now_s=NOW_S,
            batch_rows=5_000, advance=look,
        )  # fmt: skip
        _, traced = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest + traced

    peak(5_000)  # whatever is made once
    few, many = peak(20_000), peak(200_000)

    assert many < 1.5 * few


def test_arrow_reads_what_was_written_as_csv(tmp_path: Path) -> None:
    visitors = write_visitors(tmp_path / "v.jsonl", VISITORS)
    decide_file(OF, visitors, tmp_path / "d.csv", EVERYTHING, ["p"], now_s=NOW_S, keep=["id"])

    assert pcsv.read_csv(tmp_path / "d.csv").column("offer").to_pylist()[0] == "yes"
