"""The benchmark of the edge server: its arithmetic, what breaks it, and one short load that is all answered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import serving
from benchmarks.serving_load import Ask, Load, load
from support.served import serving as serving_shelf
from support.served import shelf
from support.system import needs


def rows(*rates: float, errors: int = 0) -> list[serving.Row]:
    """The bare endpoint at 100 requests a second, and a judged subject at `rates` in the same rounds."""
    bare = serving.Subject("bare", Ask("/bare"), options=None)
    ours = serving.Subject("decide", Ask("/v1/decide"), judged_beside=serving.BARE)
    loads = [Load(int(rate * 10), 10.0, 1_500.0, 3_000.0, errors) for rate in rates]
    plain = [Load(1_000, 10.0, 1_000.0, 2_000.0, 0) for _ in rates]
    return [
        serving.Row(bare, plain, {}),
        serving.Row(ours, loads, {serving.BARE: serving.share(loads, plain)}),
    ]


def test_the_share_is_the_median_of_the_rounds() -> None:
    assert rows(10, 80, 90)[1].shares[serving.BARE] == pytest.approx(0.8)


def test_what_is_too_slow_or_fails_breaks_it() -> None:
    assert serving.broken(rows(80), must=0.7) == []
    assert serving.broken(rows(60), must=0.7) == ["decide: 0.60 of `bare`, must be 0.7"]
    assert serving.broken(rows(80, errors=2), must=0.7) == ["decide: 2 errors"]


def test_the_table_has_a_row_for_each_subject() -> None:
    assert serving.table(rows(80)).splitlines()[2:] == [
        "| bare | 100 |  |  | 1.00 | 2.00 | 0 |",
        "| decide | 80 | **0.80** |  | 1.50 | 3.00 | 0 |",
    ]


def test_a_script_for_wrk_quotes_what_it_sends() -> None:
    script = Ask("/", '{"a": "\\\\"}', {"Cookie": 'a="b"'}).lua()

    assert 'wrk.body = "{\\"a\\": \\"\\\\\\\\\\"}"' in script
    assert 'wrk.headers["Cookie"] = "a=\\"b\\""' in script


def test_under_load_every_request_is_answered_and_counted(tmp_path: Path) -> None:
    needs("wrk")
    with serving_shelf(shelf(tmp_path), "--region", "IT") as server:
        found = load(server.port, Ask("/v1/decide", "{}"), tmp_path, seconds=2, connections=64)
        text = server.ask("GET", "/metrics")[2].decode()

    counted = re.search(r"^discreet_requests_total\{[^}]*decide[^}]*200[^}]*\} (\S+)$", text, re.MULTILINE)
    assert found.errors == 0
    assert found.requests > 100
    assert counted is not None
    assert found.requests <= float(counted[1]) <= found.requests + 64 + 1  # under way when wrk stopped
