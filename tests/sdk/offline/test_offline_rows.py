"""Files of visitors row by row: no row changes what another means, and no error tells what stands in one."""

from __future__ import annotations

import json
import math
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped] # it has no types
import pyarrow.parquet as pq  # type: ignore[import-untyped] # it has no types
import pytest

from discreet.offline import RowConsents, UnreadableVisitors, decide_file
from discreet_consent import Consent, resolve
from support.compiled import ATTRIBUTES, EVERYTHING, NOW_S, document, evaluator, offer
from support.products import evaluator_of

OF = evaluator(
    offer("seven", when="n == 7", priority=3),
    offer("dated", when="known(d)", priority=2),
    offer("a", when='s == "a"', priority=1),
)
CANARY = "canary-77d0"


def decided(
    visitors: Path, consent: Consent | RowConsents = EVERYTHING, *, keep: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The decisions for the visitors in a file."""
    target = visitors.with_name("decisions.jsonl")
    decide_file(OF, visitors, target, consent, ["p"], now_s=NOW_S, keep=keep)
    return [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]


def written(path: Path, content: bytes | str | Mapping[str, Any]) -> Path:
    """A file with this content; columns go into Parquet."""
    if isinstance(content, Mapping):
        pq.write_table(pa.table(dict(content)), path)
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


NOT_UTF8 = pa.array([b"a", b"\xff" + CANARY.encode()]).view(pa.string())
NEIGHBOURS = ("abc", "1", "1e3", '"x"', "true", "123456", "2026-03-01", "[1]")


@pytest.mark.parametrize(
    ("name", "cell", "offer_shown"),
    [
        ("n", "7", "seven"), ("n", "7.0", "seven"), ("n", "7e0", "seven"), ("n", " 7 ", "seven"),
        ("n", "007", "none"), ("n", "+7", "none"), ("n", "7.", "none"), ("n", "0x7", "none"),
        ("n", "1e400", "none"), ("n", "nan", "none"), ("n", "9" * 5_000, "none"),
        ("d", "1e3", "dated"), ("d", "1.5e12", "dated"), ("d", " 12", "dated"), ("d", "123456", "dated"),
        ("d", "2026-03-01", "dated"), ("d", "\u00b2", "none"), ("d", "012", "none"),
    ],
)  # fmt: skip
def test_what_a_cell_is_depends_on_no_other_row(
    tmp_path: Path, name: str, cell: str, offer_shown: str
) -> None:
    path = tmp_path / "v.csv"
    for neighbour in (None, *NEIGHBOURS):
        quoted = "" if neighbour is None else '"' + neighbour.replace('"', '""') + '"\n'
        written(path, f"{name}\n{cell}\n{quoted}")

        first = decided(path)[0]

        assert (first["offer"], first["malformed"]) == (offer_shown, [name] if offer_shown == "none" else [])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("v.csv", f"n,s\n1,a\n2,{CANARY},b\n"),
        ("v.csv", b"s\n\xff" + CANARY.encode() + b"\n"),
        ("v.csv", b"\xff" + CANARY.encode() + b"\n"),
        ("v.jsonl", f'{{"s": "{CANARY}"'),
        ("v.jsonl", b'{"s": "\xff' + CANARY.encode() + b'"}'),
        ("v.jsonl", f'{{"n": {{"value": 1, "observed": "{CANARY}"}}}}'),
        ("v.jsonl", "[" * 100_000 + CANARY),
        ("v.parquet", CANARY),
        ("v.parquet", {"id": NOT_UTF8}),
    ],
)
def test_neither_an_error_nor_its_causes_tell_what_stands_in_a_row(
    tmp_path: Path, name: str, content: bytes | str | Mapping[str, Any]
) -> None:
    keep = ["id"] if isinstance(content, Mapping) else []

    with pytest.raises(UnreadableVisitors) as caught:
        decided(written(tmp_path / name, content), keep=keep)

    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_what_cannot_be_kept_as_text_is_named_with_its_decision(tmp_path: Path) -> None:
    visitors = written(tmp_path / "v.parquet", {"id": NOT_UTF8})

    with pytest.raises(UnreadableVisitors, match="`id` of decision 2 cannot be written as text"):
        decided(visitors, keep=["id"])


@pytest.mark.parametrize(
    ("column", "kept"),
    [
        (pa.array([1, 2**60 + 1], pa.timestamp("ns")), "1970-01-01 00:00:00.000000001"),
        (pa.array([0, 1], pa.timestamp("s", tz="Nowhere/Land")), "1970-01-01 00:00:00.000Z"),
        (pa.array([1_125, 2**60], pa.timestamp("ms")), "1970-01-01 00:00:01.125"),
        (pa.array([math.nan, 1.0]), None),
        (pa.array([[math.inf, 2.0], None]), [None, 2.0]),
        (pa.array(["x", None], pa.string_view()), "x"),
    ],
)  # fmt: skip
def test_whatever_is_kept_is_json(tmp_path: Path, column: Any, kept: object) -> None:
    visitors = written(tmp_path / "v.parquet", {"id": column})

    assert decided(visitors, keep=["id"])[0]["id"] == kept


def test_a_kept_view_is_kept_for_every_placement(tmp_path: Path) -> None:
    of = evaluator(offer("a"), placements={"p": {"fallback": "none"}, "q": {"fallback": "none"}})
    visitors = written(tmp_path / "v.parquet", {"id": pa.array(["x", "y"], pa.string_view())})

    decide_file(of, visitors, tmp_path / "d.parquet", EVERYTHING, ["p", "q"], now_s=NOW_S, keep=["id"])

    found = pq.read_table(tmp_path / "d.parquet")
    assert found.column("id").to_pylist() == ["x", "x", "y", "y"]
    assert found.column("placement").to_pylist() == ["p", "q", "p", "q"]


NO_TEXTS = {"a list": pa.array([["x"], ["y"]]), "no UTF-8": NOT_UTF8.slice(1)}


@pytest.mark.parametrize(
    ("signal", "region"), [("tcf", "IT"), ("us_privacy", "US-CA"), ("region", None), ("age_years", "US-CA")]
)
@pytest.mark.parametrize("column", NO_TEXTS.values(), ids=NO_TEXTS)
def test_a_signal_that_is_no_text_grants_nothing(
    tmp_path: Path, signal: str, region: str | None, column: Any
) -> None:
    visitors = written(tmp_path / "v.parquet", {"n": [7] * len(column), "it": column})
    consents = RowConsents({signal: "it"}, region=region, policy=None, now_s=NOW_S)

    assert {each["offer"] for each in decided(visitors, consents)} == {"none"}


@pytest.mark.parametrize("column", NO_TEXTS.values(), ids=NO_TEXTS)
def test_an_objection_that_cannot_be_read_is_one(column: Any) -> None:
    columns = {"gpc": "it", "us_privacy": "usp"}
    consents = RowConsents(columns, region="US-CA", policy=None, now_s=NOW_S)
    objecting, silent = (
        resolve(gpc=gpc, us_privacy="1YNN", region="US-CA", now_s=NOW_S) for gpc in (True, None)
    )

    sent = pa.array(["1YNN"] * len(column))
    found = consents.of(pa.RecordBatch.from_arrays([column, sent], names=["it", "usp"]))

    assert {each.grants for each in found} == {objecting.grants}
    assert objecting.grants != silent.grants


@pytest.mark.parametrize(
    ("name", "content"),
    [("v.jsonl", '{"n": 40}\n'), ("v.csv", "n\n40\n"), ("v.parquet", {"n": [40]})],
)
def test_a_column_may_be_a_signal_and_an_attribute(
    tmp_path: Path, name: str, content: str | Mapping[str, Any]
) -> None:
    essential = {
        **ATTRIBUTES,
        "n": {"type": "number", "provenance": "contextual", "purposes": ["essential.service"]},
    }
    of = evaluator_of([document(offer("forty", when="n == 40"), attributes=essential)])
    consents = RowConsents({"age_years": "n"}, region="IT", policy=None, now_s=NOW_S)

    summary = decide_file(
        of, written(tmp_path / name, content), tmp_path / "d.parquet", consents, ["p"], now_s=NOW_S
    )

    assert summary.offers == {("p", "forty"): 1}
    assert pq.read_table(tmp_path / "d.parquet").column("malformed").to_pylist() == [[]]


@pytest.mark.parametrize(
    ("line", "offer_shown", "malformed"),
    [
        ('{"\\ud800": 1, "n": 7}', "seven", []),
        ('{"n": ' + "9" * 5_000 + "}", "none", ["n"]),
        ('{"n": -' + "9" * 5_000 + "}", "none", ["n"]),
    ],
    ids=["a name that is no text", "a number without an end", "and a negative one"],
)
def test_one_odd_json_line_does_not_stop_the_run(
    tmp_path: Path, line: str, offer_shown: str, malformed: list[str]
) -> None:
    first, second = decided(written(tmp_path / "v.jsonl", line + '\n{"s": "a"}\n'))

    assert (first["offer"], first["malformed"]) == (offer_shown, malformed)
    assert second["offer"] == "a"


def test_a_quoted_name_may_have_several_lines(tmp_path: Path) -> None:
    assert decided(written(tmp_path / "v.csv", '"x\ny",n\n1,7\n'))[0]["offer"] == "seven"


def test_a_link_is_written_through(tmp_path: Path) -> None:
    visitors = written(tmp_path / "v.csv", "n\n7\n")
    target, link = tmp_path / "there.jsonl", tmp_path / "link.jsonl"
    target.write_text("before")
    link.symlink_to(target)

    decide_file(OF, visitors, link, EVERYTHING, ["p"], now_s=NOW_S)

    assert link.is_symlink()
    assert '"seven"' in target.read_text()


def test_decisions_are_for_some_placement(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one placement at least"):
        decide_file(
            OF, written(tmp_path / "v.csv", "n\n7\n"), tmp_path / "d.csv", EVERYTHING, [], now_s=NOW_S
        )
