"""The whole way, on some of the customers: consistent numbers, files that hold no value, predictions that come true."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

import discreet
from discreet.demo import FolderRefused, NobodyYet, Report, run
from discreet.demo.histories import CDNOW, customer_attributes, midnight_s, read_histories
from discreet.demo.run import LAST_DAY, TODAY
from discreet_consent import Observed
from discreet_consent.signals.tcf import decode

LIMIT = 400
RECORD = {
    "row", "consent", "placement", "offer", "stage", "reason", "version", "withheld", "malformed", "stale",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "out"


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    return run(folder, limit=LIMIT)


@pytest.fixture(scope="module")
def records(folder: Path, report: Report) -> list[dict[str, Any]]:
    lines = (folder / "decisions.jsonl").read_text("utf-8").splitlines()
    assert report.own.decisions == len(lines)
    return [json.loads(line) for line in lines]


def table_of_readme(first: str) -> list[dict[str, str]]:
    """The rows of the table in README.md whose head begins with the columns `first`."""
    lines = (CDNOW / "README.md").read_text("utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(first))
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return [dict(zip(rows[0], row, strict=True)) for row in rows[2:]]


def test_every_customer_gets_one_decision_for_each_placement(report: Report) -> None:
    for tally in report.tallies:
        assert tally.customers.total() == report.customers == LIMIT
        assert tally.decisions == LIMIT * len(report.placements)
        shown = sum(offers.total() for offers in tally.offers.values())
        assert shown + tally.fallbacks.total() == tally.decisions


def test_every_stage_has_customers_and_offers_under_full_consent(report: Report) -> None:
    for stage in report.stages:
        assert report.full.customers[stage] > 0
        assert report.full.offers[stage].total() > 0


def test_without_consent_everybody_is_a_stranger_and_every_slot_falls_back(report: Report) -> None:
    assert dict(report.none.customers) == {"discover": LIMIT}
    assert report.none.fallback_share == 1.0


def test_own_consent_lies_between_none_and_full(report: Report) -> None:
    assert report.full.fallback_share < report.own.fallback_share < report.none.fallback_share


def test_a_withdrawal_takes_offers_and_never_adds_one(report: Report) -> None:
    assert len(report.withdrawals) == 4
    for withdrawal in report.withdrawals:
        assert withdrawal.gained == 0
        assert withdrawal.lost >= withdrawal.changed > 0
        assert withdrawal.changed >= withdrawal.fell_back


def test_every_customer_and_string_has_an_outcome(report: Report) -> None:
    assert sum(count.customers for count in report.consents) == LIMIT
    assert sum(count.strings for count in report.consents) == 40


def test_the_report_is_json(report: Report) -> None:
    document = json.loads(json.dumps(report.as_dict(), allow_nan=False))

    assert document["customers"] == LIMIT
    assert document["bundle_bytes"] > 0
    assert document["full"]["us_per_decision"] > 0


@pytest.mark.parametrize("consent", ["full", "own", "none"])
def test_in_json_the_stages_are_in_the_order_of_the_journey(report: Report, consent: str) -> None:
    counted = report.as_dict()[consent]

    assert tuple(counted["customers_by_stage"]) == tuple(counted["offers_by_stage"]) == report.stages
    assert tuple(counted["fallbacks_by_placement"]) == report.placements
    assert sum(counted["customers_by_stage"].values()) == LIMIT


def test_the_folder_holds_a_bundle_that_its_keyring_vouches_for_and_no_private_key(
    folder: Path, report: Report
) -> None:
    keyring = discreet.Keyring.read(folder / "trusted-keys.json")
    evaluator = discreet.load(folder / "shop.bundle", keyring, now_s=midnight_s(TODAY))

    assert evaluator.placements == report.placements
    assert {each.name for each in folder.iterdir()} == {"shop.bundle", "trusted-keys.json", "decisions.jsonl"}


def test_the_decisions_hold_names_and_no_values(records: list[dict[str, Any]]) -> None:
    for record in records:
        assert record.keys() == RECORD


def test_no_value_of_a_customer_is_in_their_records(folder: Path, records: list[dict[str, Any]]) -> None:
    by_row = dict.fromkeys(range(1, LIMIT + 1), "")
    for record in records:
        by_row[record["row"]] += json.dumps({**record, "row": None})
    for history in read_histories(LIMIT):
        found = customer_attributes(history.before(TODAY))
        for name in ("customer_since", "last_purchase", "spend", "mean_order"):
            value = found[name]
            assert isinstance(value, Observed)
            assert str(value.value) not in by_row[history.row]


@pytest.mark.parametrize("row", table_of_readme("| row | customer_since"), ids=lambda row: row["row"])
def test_the_customers_of_the_readme_are_as_it_says(row: dict[str, str]) -> None:
    history = read_histories(int(row["row"]))[-1]
    found = {name: each.value for name, each in customer_attributes(history.before(TODAY)).items()
             if isinstance(each, Observed)}  # fmt: skip

    for name, said in row.items():
        if name in {"customer_since", "last_purchase"}:
            assert found[name] == midnight_s(datetime.date.fromisoformat(said)) * 1_000
        elif name != "row":
            assert f"{float(str(found[name])):.{len(said.partition('.')[2])}f}" == said


@pytest.mark.parametrize(
    "said",
    table_of_readme("| row | consent | placement"),
    ids=lambda said: f"{said['row']}-{said['placement']}",
)
def test_the_predictions_of_the_readme_come_true(said: dict[str, str], records: list[dict[str, Any]]) -> None:
    decided = {(str(record["row"]), record["placement"]): record for record in records}
    record = decided[said["row"], said["placement"]]

    assert {name: str(record[name]) for name in said} == said


@pytest.mark.parametrize(
    "said", table_of_readme("| row | consent | TCF"), ids=lambda said: f"{said['row']}-{said['consent']}"
)
def test_the_strings_of_the_readme_grant_what_it_says(said: dict[str, str]) -> None:
    lines = map(json.loads, (CDNOW / "consents.jsonl").read_text("utf-8").splitlines())
    text = next(line["tc"] for line in lines if line["id"] == said["consent"])
    publisher: Any = decode(text).as_dict()["publisher_tc"]
    granted = {purpose for purpose in publisher["purposes_consent"] if purpose <= 11}

    if said["TCF purposes granted"] == "all":
        assert granted == set(range(1, 12))
    else:
        assert granted == {int(purpose) for purpose in said["TCF purposes granted"].split(", ")}


def test_an_earlier_day_knows_less(tmp_path: Path) -> None:
    report = run(tmp_path, today=datetime.date(2025, 1, 3), limit=LIMIT)

    assert 0 < report.customers < LIMIT
    assert report.full.customers["lapsing"] == 0


def test_before_the_first_purchase_there_is_nobody(tmp_path: Path) -> None:
    with pytest.raises(NobodyYet):
        run(tmp_path / "new", today=datetime.date(2025, 1, 1), limit=10)
    assert not (tmp_path / "new").exists()


def test_on_the_last_day_the_bundle_expires_within_the_year_9999(tmp_path: Path) -> None:
    run(tmp_path, today=LAST_DAY, limit=3)

    keyring = discreet.Keyring.read(tmp_path / "trusted-keys.json")
    bundle = discreet.load(tmp_path / "shop.bundle", keyring, now_s=midnight_s(LAST_DAY)).bundle
    assert bundle.expires_s == midnight_s(datetime.date.max)


def test_a_day_after_the_last_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at the latest"):
        run(tmp_path / "new", today=LAST_DAY + datetime.timedelta(1), limit=3)
    assert not (tmp_path / "new").exists()


def test_an_interrupted_demo_leaves_no_decisions(tmp_path: Path) -> None:
    def interrupt(_: str, done: int, __: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, limit=3, advance=interrupt)
    assert {each.name for each in tmp_path.iterdir()} == {"shop.bundle", "trusted-keys.json"}


def test_the_decisions_get_their_name_when_all_are_written(tmp_path: Path) -> None:
    seen: list[bool] = []

    run(tmp_path, limit=3, advance=lambda *_: seen.append((tmp_path / "decisions.jsonl").exists()))

    assert seen == [False, False, *[True] * 6]


def test_what_a_killed_demo_left_is_replaced(tmp_path: Path) -> None:
    run(tmp_path, limit=3)
    (tmp_path / "decisions.jsonl").rename(tmp_path / "decisions.jsonl.part")
    run(tmp_path, limit=3)

    assert {each.name for each in tmp_path.iterdir()} == {
        "shop.bundle",
        "trusted-keys.json",
        "decisions.jsonl",
    }


def test_a_former_demo_is_replaced(tmp_path: Path) -> None:
    run(tmp_path, limit=5)
    run(tmp_path, limit=3)

    assert len((tmp_path / "decisions.jsonl").read_text("utf-8").splitlines()) == 3 * 4


@pytest.mark.parametrize("name", ["thesis.txt", "decisions.jsonl"])
def test_a_folder_that_is_not_a_former_demo_is_refused_and_untouched(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")

    with pytest.raises(FolderRefused, match=name):
        run(tmp_path, limit=3)
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {name: "mine"}


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")

    with pytest.raises(FolderRefused):
        run(tmp_path / "file", limit=3)


def test_progress_is_told_from_nothing_to_all(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []

    run(tmp_path, limit=3, advance=lambda step, done, total: told.append((step, done, total)))

    steps = list(dict.fromkeys(step for step, _, _ in told))
    assert told == [each for step in steps for each in ((step, 0, 3), (step, 3, 3))]
