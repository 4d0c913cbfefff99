"""`discreet decide --input --output`: a whole file of visitors, and what does not go with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped] # it has no types
import pyarrow.parquet as pq  # type: ignore[import-untyped] # it has no types
import pytest

from support.command_line import Shop, document, invoke

CANARY = "canary-91b2"
GRANTS = ("--grant", "personalize.content", "--grant", "functional.storage")
VISITORS: Sequence[Mapping[str, Any]] = (
    {"id": "v1", "visits_30d": 3, "interests": ["running"], "first_name": CANARY},
    {"id": "v2", "visits_30d": None, "interests": None, "first_name": None},
    {"id": "v3", "visits_30d": 1, "interests": [], "first_name": "Ada"},
)


@pytest.fixture
def visitors(tmp_path: Path) -> Path:
    path = tmp_path / "visitors.parquet"
    pq.write_table(pa.Table.from_pylist([dict(each) for each in VISITORS]), path)
    return path


def batch(shop: Shop, visitors: Path, *more: str | Path) -> tuple[str | Path, ...]:
    target = visitors.with_name("decisions.jsonl")
    hero = ("--placement", "home.hero")
    return ("decide", *shop.trusted, *hero, "--input", visitors, "--output", target, *more)


def decided(visitors: Path) -> list[dict[str, Any]]:
    text = visitors.with_name("decisions.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_the_decisions_are_those_of_one_visitor_at_a_time(shop: Shop, visitors: Path) -> None:
    result = invoke(*batch(shop, visitors, "--keep", "id", *GRANTS))

    assert result.exit_code == 0, result.output
    for each, found in zip(VISITORS, decided(visitors), strict=True):
        attributes = json.dumps({name: value for name, value in each.items() if name != "id"})
        single = document(
            invoke("decide", *shop.trusted, "--placement", "home.hero", "--attributes", attributes, *GRANTS, "--json")
        )  # fmt: skip
        (decision,) = single["decisions"]
        assert found["id"] == each["id"]
        assert [found[name] for name in ("offer", "stage", "reason")] == [
            decision[name] for name in ("offer", "stage", "reason")
        ]
        assert found["withheld"] == single["withheld"]
    assert CANARY not in result.output + json.dumps(decided(visitors))


def test_it_says_what_was_decided(shop: Shop, visitors: Path) -> None:
    result = invoke(*batch(shop, visitors, *GRANTS))

    lines = result.stdout.splitlines()
    assert lines[0].startswith("3 visitors, 3 decisions: `")
    assert lines[1].split() == ["placement", "offer", "decisions"]
    assert lines[-1] == "undeclared: id"
    assert result.stderr == ""


def test_machines_get_one_document(shop: Shop, visitors: Path) -> None:
    answer = document(invoke(*batch(shop, visitors, "--keep", "id", *GRANTS, "--json")))

    assert answer["visitors"] == answer["decisions"] == 3
    assert sum(each["decisions"] for each in answer["offers"]) == 3
    assert sum(answer["reasons"].values()) == 3
    assert answer["undeclared"] == []


def test_every_placement_is_decided_when_none_is_named(shop: Shop, visitors: Path) -> None:
    target = visitors.with_name("all.parquet")
    result = invoke("decide", *shop.trusted, "--input", visitors, "--output", target, *GRANTS)

    assert result.exit_code == 0, result.output
    placements = pq.read_table(target).column("placement").to_pylist()
    assert len(placements) == 3 * len(set(placements))
    assert placements[: len(set(placements))] == list(dict.fromkeys(placements))


def test_signals_may_stand_in_columns(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "visitors.jsonl"
    path.write_text(
        '{"visits_30d": 3, "usp": "1YNN"}\n{"visits_30d": 3, "usp": "1YYN"}\n{"visits_30d": 3, "usp": "'
        + CANARY
        + '"}\n'
    )

    result = invoke(*batch(shop, path, "--us-privacy-column", "usp", "--region", "US-CA"))

    assert result.exit_code == 0, result.output
    assert CANARY not in result.output
    withheld = [each["withheld"] for each in decided(path)]
    assert withheld[2] == max(withheld, key=len)
    single = document(
        invoke("decide", *shop.trusted, "--us-privacy", "1YNN", "--region", "US-CA", "--json")
    )  # fmt: skip
    assert withheld[0] == single["withheld"]


def test_without_a_region_a_note_says_that_the_strictest_rules_apply(shop: Shop, visitors: Path) -> None:
    result = invoke(*batch(shop, visitors, "--tcf-column", "id"))

    assert result.exit_code == 0
    assert result.stderr == (
        "discreet: note: no region was stated; the strictest rules apply\n"
        "discreet: note: 3 of 3 visitors had a signal that cannot be read, which refuses\n"
    )


def test_places_that_are_none_are_counted(shop: Shop, visitors: Path) -> None:
    result = invoke(*batch(shop, visitors, "--region-column", "id"))

    assert result.exit_code == 0
    assert "3 of 3 visitors had no region in the table; the strictest rules apply" in result.stderr


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--attributes", "{}"), "--attributes is for one visitor"),
        (("--top", "2"), "--top is for one visitor"),
        (("--explain",), "--explain is for one visitor"),
        (("--tcf-column", "id", "--grant", "personalize"), "not from both"),
        (("--tcf-column", "id", "--grant-all"), "not from both"),
        (("--tcf-column", "id", "--us-privacy", "1YNN"), "only --region may"),
        (("--region-column", "id", "--region", "IT"), "not from both"),
        (("--tcf-column", "id", "--tcf", "x", "--region", "IT"), "only --region may"),
        (("--threads", "0"), "--threads"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(
    shop: Shop, visitors: Path, options: Sequence[str], reason: str
) -> None:
    result = invoke(*batch(shop, visitors, *options))

    assert result.exit_code == 2
    assert reason in result.stderr.replace("`", "")
    assert not visitors.with_name("decisions.jsonl").exists()


@pytest.mark.parametrize(
    "options", [("--output", "d.jsonl"), ("--keep", "id"), ("--tcf-column", "tcf"), ("--region-column", "r")]
)
def test_options_for_a_file_go_with_a_file(shop: Shop, options: Sequence[str]) -> None:
    result = invoke("decide", *shop.trusted, *options)

    assert result.exit_code == 2
    assert "go with --input" in result.stderr


def test_a_file_needs_an_output(shop: Shop, visitors: Path) -> None:
    result = invoke("decide", *shop.trusted, "--input", visitors)

    assert result.exit_code == 2
    assert "--input needs --output" in result.stderr


def test_what_is_read_is_never_overwritten(shop: Shop, visitors: Path) -> None:
    policy = visitors.with_name("policy.jsonl")
    policy.write_text("")
    before = visitors.read_bytes()
    for target in (visitors, shop.bundle, shop.ring, policy):
        options = ("--input", visitors, "--output", target, "--policy", policy, "--tcf-column", "id")
        result = invoke("decide", *shop.trusted, *options)
        assert result.exit_code == 2
        assert "is also read by this command" in result.stderr
    assert visitors.read_bytes() == before
    assert policy.read_text() == ""


@pytest.mark.parametrize("name", ["decisions.txt", "decisions"])
def test_an_unknown_ending_is_refused_before_anything_is_read(shop: Shop, visitors: Path, name: str) -> None:
    result = invoke("decide", *shop.trusted, "--input", visitors, "--output", visitors.with_name(name))

    assert result.exit_code == 2
    assert "the ending is none of .parquet, .csv, .jsonl" in result.stderr


def test_a_broken_line_is_named_by_its_number(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "visitors.jsonl"
    path.write_text('{"visits_30d": 3}\n{"first_name": ' + CANARY + "}\n")

    result = invoke(*batch(shop, path, *GRANTS))

    assert result.exit_code == 2
    assert f"`{path}`, line 2: not JSON at column" in result.stderr
    assert CANARY not in result.output


def test_a_column_that_is_not_there_is_named_with_the_nearest(shop: Shop, visitors: Path) -> None:
    result = invoke(*batch(shop, visitors, "--keep", "ids", *GRANTS))

    assert result.exit_code == 2
    assert result.stderr == "discreet: there is no column `ids`; did you mean `id`?\n"


def test_an_unknown_placement_is_refused(shop: Shop, visitors: Path) -> None:
    target = visitors.with_name("d.jsonl")
    result = invoke(
        "decide", *shop.trusted, "--placement", "home.hera", "--input", visitors, "--output", target
    )

    assert result.exit_code == 2
    assert "unknown placement `home.hera`" in result.stderr
    assert not target.exists()
