"""The workload as other engines have it: they answer as the naive scan does, each in a process of its own."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks import workload
from benchmarks.peers import ENGINES, OWN, PeerReport, Speed, Start, added_bytes, growthbook_payload, measure
from benchmarks.peers.process import Failed, Worker
from benchmarks.workload import Operation, Value

ASKED = 200
SIZES = (10, 100)
# Of the offers as they were drawn when the first figures were published.
DRAWN = {
    10: "6393f2104a2fdd1233b8c2d9c1d5ff5255929071dcd8f6d3dac6da3dea0ad440",
    1_000: "b3a7d5526f60c32f2d84fda7a733bd40055d08e34677e3a12b86c2fbae1ec29f",
}


@pytest.fixture(params=ENGINES)
def installed(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    missing = ENGINES[name].missing()
    if missing is not None:
        pytest.skip(missing)
    return name


@pytest.fixture
def worker(installed: str) -> Iterator[Worker]:
    started = Worker(installed)
    yield started
    started.end()


def test_every_engine_answers_as_the_naive_scan_does(installed: str, worker: Worker, tmp_path: Path) -> None:
    for n in SIZES:
        made = workload.make(n)
        config = tmp_path / str(n)
        config.write_bytes(ENGINES[installed].config(made))
        answers = [workload.winner(made, visitor) for visitor in made.visitors[:ASKED]]

        worker.ask("prepare", config=str(config))
        checked = worker.ask("check", answers=answers, within_s=60)

        assert (checked["wrong"], checked["checked"]) == (0, ASKED)


def test_a_wrong_answer_is_counted_and_a_config_that_is_none_is_refused(tmp_path: Path) -> None:
    made = workload.make(10)
    config = tmp_path / "config"
    config.write_bytes(ENGINES[OWN].config(made))
    answers = [workload.winner(made, visitor) for visitor in made.visitors[:ASKED]]
    answers[7] = "no such offer"
    worker = Worker(OWN)
    try:
        worker.ask("prepare", config=str(config))
        assert worker.ask("check", answers=answers, within_s=60)["wrong"] == 1

        config.write_bytes(b"{}")
        with pytest.raises(Failed, match="Bundle"):
            worker.ask("prepare", config=str(config))
    finally:
        worker.end()


def test_one_run_measures_ours_and_says_why_another_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in set(ENGINES) - {OWN, "flagd"}:
        monkeypatch.delitem(ENGINES, name)
    said: list[str] = []

    report = measure((10,), rounds=2, budget_s=2, say=said.append)

    ours = report.engines[OWN]
    assert isinstance(ours.speed[10], Speed)
    assert isinstance(ours.start[10], Start)
    assert (ours.speed[10].wrong, report.wrong()) == (0, [])
    assert said
    if ENGINES["flagd"].missing() is not None:
        assert json.dumps(report.to_dict()).count("pip install -r benchmarks/peers/engines.txt") == 2
    assert PeerReport.from_dict(json.loads(json.dumps(report.to_dict()))) == report


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_a_loaded_model_takes_memory() -> None:
    assert added_bytes(OWN, 1_000) > 10_000


def test_the_growthbook_payload_holds_every_offer_with_its_content() -> None:
    made = workload.make(100)

    (feature,) = json.loads(growthbook_payload(made))["features"].values()

    assert feature["defaultValue"] == {"id": "welcome", "title": "Welcome"}
    assert [(rule["id"], rule["force"]) for rule in feature["rules"]] == [
        (offer["id"], {"id": offer["id"], **offer["content"]}) for offer in made.document["offers"][1:]
    ]
    assert all(len(rule["condition"]) == workload.CONDITIONS for rule in feature["rules"])


@pytest.mark.parametrize("n", DRAWN)
def test_the_same_offers_are_drawn_as_ever(n: int) -> None:
    document = json.dumps(workload.make(n).document, sort_keys=True)

    assert hashlib.sha256(document.encode()).hexdigest() == DRAWN[n]


def test_the_parts_of_a_test_say_what_the_test_does() -> None:
    made = workload.make(300)
    for _, tests in made.offers:
        for test in tests:
            for visitor in made.visitors[:ASKED]:
                value = visitor.get(test.attribute)
                assert value is None or _holds(test, value) == test.holds(value)


def _holds(test: workload.Test, value: Value) -> bool:
    first, last = test.operands[0], test.operands[-1]
    number: Any = value
    if test.operation is Operation.AT_LEAST:
        return bool(number >= first)
    if test.operation is Operation.AT_MOST:
        return bool(number <= last)
    if test.operation is Operation.BETWEEN:
        return bool(first <= number <= last)
    if test.operation is Operation.ANY_OF:
        return isinstance(value, list) and any(member in test.operands for member in value)
    return value in test.operands
