"""`discreet replay` on the log of a server of the demo's models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.command_line import document, invoke
from support.demo_log import DAY_S, NOW_S, DemoLog, demo_bundle, write_demo_log
from support.journals import SCHEMA, lines

VISITORS = 2_000
BY_THEN = ("--now", "2026-07-02T00:00:00Z")
YEARS_LATER = ("--now", "2031-07-02T00:00:00Z")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoLog:
    return write_demo_log(tmp_path_factory.mktemp("demo"), VISITORS)


@pytest.fixture
def small(tmp_path: Path) -> DemoLog:
    return write_demo_log(tmp_path, 20)


def arguments(demo: DemoLog, *more: str | Path, log: Path | None = None) -> tuple[str | Path, ...]:
    return (
        "replay", demo.bundle, "--trust", demo.ring, "--log", log or demo.log, "--secret", demo.secret, *BY_THEN, *more,
    )  # fmt: skip


def test_every_decision_for_two_thousand_visitors_comes_out_the_same(demo: DemoLog) -> None:
    result = invoke(*arguments(demo, "--json"))

    assert result.exit_code == 0, result.output
    answer = document(result)
    assert demo.records == VISITORS * 4
    assert 0 < demo.detailed < demo.records
    assert answer == {
        "records": demo.records, "same": demo.detailed, "different": 0, "unopened": 0, "unreadable": 0,
        "not_replayable": {"no_grant": demo.records - demo.detailed}, "differences": [], "broken": [], "unsealed": [],
        "unverified": [],
    }  # fmt: skip


def test_long_work_says_how_far_it_is(demo: DemoLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("discreet.cli.progress.PATIENCE_S", 0)

    result = invoke(*arguments(demo))

    assert result.stderr.startswith("replaying, in bytes: ")


def test_the_log_is_as_the_schema_says_and_varied(demo: DemoLog) -> None:
    records = lines(demo.log)

    for record in records[::50]:
        SCHEMA.validate(record)
    detailed = [each for each in records if "inputs" in each]
    for name, least in {
        "offer": 8,
        "stage": 4,
        "reason": 2,
        "known": 50,
        "withheld": 6,
        "malformed": 20,
    }.items():
        assert len({json.dumps(each[name]) for each in detailed}) >= least, name


def test_exactly_the_altered_line_is_named(demo: DemoLog, tmp_path: Path) -> None:
    log = tmp_path / "altered.jsonl"
    records: list[Any] = lines(demo.log)
    at = next(number for number, each in enumerate(records) if number > 3_000 and "inputs" in each)
    records[at]["stage"] = "canary-5e11"
    log.write_text("".join(json.dumps(each) + "\n" for each in records))

    result = invoke(*arguments(demo, log=log))

    assert result.exit_code == 1
    first, *_, last = result.stdout.splitlines()
    assert first == f"{demo.records} records: {demo.detailed - 1:,} the same, 1 different"
    assert last == f"different: {log}:{at + 1}: stage"
    assert "canary" not in result.output


def test_a_bundle_that_has_expired_is_judged_by_the_records_clock(small: DemoLog) -> None:
    result = invoke(*arguments(small, *YEARS_LATER, "--json"))

    assert result.exit_code == 0
    assert document(result)["same"] == small.detailed


def test_the_log_may_stand_last(small: DemoLog) -> None:
    result = invoke(
        "replay", small.bundle, small.log, "--trust", small.ring, "--secret", small.secret, "--json"
    )

    assert document(result)["same"] == small.detailed


def test_detail_whose_inputs_are_gone_is_named(small: DemoLog) -> None:
    records = lines(small.log)
    at = next(number for number, each in enumerate(records) if "inputs" in each)
    del records[at]["inputs"]
    small.log.write_text("".join(json.dumps(each) + "\n" for each in records))

    said, shown = invoke(*arguments(small)), invoke(*arguments(small, "--json"))

    assert f"without inputs: {small.log}:{at + 1}" in said.stdout
    assert document(shown)["unsealed"] == [{"file": str(small.log), "line": at + 1}]


def test_without_the_secret_it_says_so(small: DemoLog) -> None:
    result = invoke("replay", small.bundle, small.log, "--trust", small.ring, *BY_THEN)

    assert result.exit_code == 0
    assert "its inputs are sealed, and no secret was given" in result.stdout
    assert f"{small.records} records: 0 the same, 0 different" in result.stdout
    assert result.stderr == (
        "discreet: note: nothing could be replayed; --secret opens the inputs of a log that has them\n"
    )


def test_another_bundle_is_said(small: DemoLog, tmp_path: Path) -> None:
    other = demo_bundle(tmp_path, version=2)
    future = demo_bundle(tmp_path, version=3, created_s=NOW_S + 400 * DAY_S)
    command = ("--trust", small.ring, "--log", small.log, "--secret", small.secret, *BY_THEN)

    result = invoke("replay", other, future, *command)

    assert result.exit_code == 0
    assert "its bundle is not among the files" in result.stdout
    assert result.stderr == (
        f"discreet: note: `{future}` was in force at no record's clock; --now states an instant at which it was\n"
        "discreet: note: nothing could be replayed\n"
    )


def test_what_is_broken_is_listed_and_the_answer_is_no(small: DemoLog) -> None:
    small.log.write_text("torn\n" * 30 + small.log.read_text())

    result = invoke(*arguments(small))

    assert result.exit_code == 1
    assert "lines that are no record: 30" in result.stdout
    assert f"  {small.log}:20" in result.stdout
    assert f"  {small.log}:21" not in result.stdout
    assert "  and 10 more lines" in result.stdout


def test_what_cannot_run_is_2(small: DemoLog, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere.jsonl"
    for wrong in (
        ("replay", small.bundle, "--trust", small.ring, "--log", nowhere),
        ("replay", small.log, "--trust", small.ring),
        ("replay", small.bundle, small.log, "--trust", small.ring, "--secret", small.ring),
    ):
        result = invoke(*wrong)
        assert result.exit_code == 2, result.output


def test_a_file_that_is_no_bundle_is_refused(small: DemoLog) -> None:
    result = invoke("replay", small.secret, "--log", small.log, "--trust", small.ring)

    assert result.exit_code == 1
    assert f"`{small.secret}`: " in result.stderr
