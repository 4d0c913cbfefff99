"""The consent matrix of small models whose cells are known by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import pytest

from discreet.checks.matrix import Matrix, TooManyPurposes, consent_of, matrix_of
from discreet.checks.matrix_cells import Question
from discreet.checks.matrix_merging import Merged, as_json, merged
from discreet.checks.proofs import Prover, journeys_of
from discreet.cli.scenario_run import throw_away_evaluator
from discreet_consent import Consent
from support.example_models import sound
from support.random_models import Document

NOW_MS = 1_775_000_000_000.0  # 2026-03-31T23:33:20Z
PROFILED, LIMITED, STORAGE = (
    "personalize.content.profiled",
    "personalize.content.limited",
    "functional.storage",
)


def attribute(*purposes: str, kind: str = "number", **fields: Any) -> Document:
    return {"type": kind, "provenance": "first_party", "purposes": [*purposes], **fields}


def offer(name: str, when: str | None = None, priority: int = 0, **fields: Any) -> Document:
    asked = {} if when is None else {"when": when}
    return {"id": name, "placements": ["p"], "priority": priority, "content": {"t": name}, **asked, **fields}


def model(attributes: Mapping[str, Document], *offers: Document, **fields: Any) -> Document:
    return {
        "model": "m", "channel": "web", "attributes": {**attributes}, "stages": [{"id": "first"}],
        "placements": {"p": {"fallback": "none"}},
        "offers": [{"id": "none", "content": {"t": "none"}}, *offers], **fields,
    }  # fmt: skip


def matrix(document: Document, purposes: Sequence[str] = (), asked: Question | None = None) -> Matrix:
    models = sound(document)
    journeys = journeys_of(models)
    prover = Prover(journeys, now_ms=NOW_MS)
    evaluator = throw_away_evaluator(models)
    return matrix_of(evaluator, journeys, prover, now_ms=NOW_MS, purposes=purposes, asked=asked)


def told(made: Matrix, stage: str = "first") -> dict[tuple[str, ...], list[str]]:
    """What remains at one stage of the only placement, by what is granted."""
    return {row.granted: [*cell.offers] for row in made.rows for cell in row.cells if cell.stage == stage}


def patterns(groups: Sequence[Merged]) -> list[list[str]]:
    marks = {True: "+", False: "-", None: "."}
    return [["".join(marks[part] for part in each) for each in group.patterns] for group in groups]


def test_each_purpose_and_each_sensitive_item_that_is_read_varies() -> None:
    made = matrix(
        model(
            {"n": attribute(PROFILED, STORAGE), "h": attribute(PROFILED, sensitive="health")},
            offer("bought", "n > 1", 2),
            offer("ill", "h > 1", 1),
        )
    )

    assert made.keys == (STORAGE, PROFILED, "sensitive:health")
    assert told(made) == {
        (STORAGE, PROFILED, "sensitive:health"): ["bought", "ill", "none"],
        (STORAGE, PROFILED): ["bought", "none"],
        (STORAGE, "sensitive:health"): ["none"],
        (PROFILED, "sensitive:health"): ["ill", "none"],
        (STORAGE,): ["none"],
        (PROFILED,): ["none"],
        ("sensitive:health",): ["none"],
        (): ["none"],
    }
    assert patterns(merged(made)) == [["+++"], ["++-"], [".-.", "-.-"], ["-++"]]
    assert [group.rows for group in merged(made)] == [1, 1, 5, 1]


def test_what_is_essential_or_third_party_or_read_by_nobody_does_not_vary() -> None:
    made = matrix(
        model(
            {
                "e": attribute("essential.service"),
                "t": attribute("analytics", provenance="third_party"),
                "name": attribute(LIMITED, kind="string"),
                "n": attribute(PROFILED),
            },
            offer("sure", "e > 1", content={"t": "Hi {name|you}"}),
            offer("maybe", "n > 1", 1),
        )
    )

    assert made.keys == (PROFILED,)
    assert made.unread == ("analytics", LIMITED)
    assert told(made) == {(PROFILED,): ["maybe", "sure", "none"], (): ["sure", "none"]}


def test_a_key_covers_the_keys_below_it() -> None:
    made = matrix(
        model(
            {"a": attribute("personalize.content"), "b": attribute(PROFILED)},
            offer("wide", "a > 1", 2),
            offer("narrow", "b > 1", 1),
        )
    )

    assert told(made) == {
        ("personalize.content", PROFILED): ["wide", "narrow", "none"],
        ("personalize.content",): ["wide", "narrow", "none"],
        (PROFILED,): ["narrow", "none"],
        (): ["none"],
    }
    assert patterns(merged(made)) == [["+."], ["-+"], ["--"]]


def test_an_offer_that_always_shows_leaves_no_fallback_and_a_purpose_without_effect_is_said() -> None:
    made = matrix(model({"n": attribute(PROFILED)}, offer("always", priority=9), offer("never", "n > 1")))

    assert told(made) == {(PROFILED,): ["always"], (): ["always"]}
    assert made.indifferent == (PROFILED,)
    assert patterns(merged(made)) == [["."]]
    assert all(cell.fallback is None for row in made.rows for cell in row.cells)


def test_stages_that_nobody_can_be_at_are_empty() -> None:
    made = matrix(
        model(
            {"n": attribute(PROFILED)},
            offer("late", stages=["second"]),
            stages=[{"id": "first"}, {"id": "second", "when": "n > 1"}],
        )
    )

    assert told(made) == {(PROFILED,): ["none"], (): ["none"]}
    assert told(made, "second") == {(PROFILED,): ["late"], (): []}


def test_what_is_over_is_gone_and_what_is_to_come_remains() -> None:
    made = matrix(
        model(
            {},
            offer("over", priority=3, valid={"until": "2026-03-31T00:00Z"}),
            offer("on", priority=2, valid={"from": "2026-03-01", "until": "2026-04-01"}),
            offer("to_come", priority=1, valid={"from": "2026-12-01"}),
        )
    )

    assert made.keys == ()
    assert told(made) == {(): ["on", "to_come", "none"]}
    assert patterns(merged(made)) == [[""]]


def test_a_waived_offer_shows_where_its_attribute_is_withheld() -> None:
    made = matrix(
        model(
            {"n": attribute(PROFILED)},
            offer("stranger", "unknown(n)", waive="withdrawal"),
            offer("known", "n > 1", 1),
        )
    )

    assert told(made) == {(PROFILED,): ["known", "stranger", "none"], (): ["stranger"]}


def test_an_offer_can_be_lost_by_a_grant_where_a_substitute_comes_with_it() -> None:
    made = matrix(
        model(
            {
                "n": attribute(PROFILED),
                "round": {"coarsens": "n", "by": {"decimals": 0}, "purposes": [LIMITED]},
            },
            offer("rounded", "known(round)", 2),
            offer("exact", "known(n)", 1),
        )
    )

    assert told(made) == {
        (LIMITED, PROFILED): ["rounded", "none"],
        (LIMITED,): ["rounded", "none"],
        (PROFILED,): ["exact", "none"],
        (): ["none"],
    }


def test_only_what_is_named_varies_and_nothing_above_a_refused_key_counts_as_granted() -> None:
    document = model(
        {"a": attribute("personalize.content"), "b": attribute(PROFILED), "s": attribute(STORAGE)},
        offer("wide", "a > 1", 3),
        offer("narrow", "b > 1", 2),
        offer("kept", "s > 1", 1),
    )
    made = matrix(document, [PROFILED])

    assert (made.keys, made.always) == ((PROFILED,), (STORAGE, "personalize.content"))
    assert told(made) == {(PROFILED,): ["wide", "narrow", "kept", "none"], (): ["kept", "none"]}
    assert told(matrix(document, ["personalize"])) == {
        ("personalize",): ["wide", "narrow", "kept", "none"],
        (): ["kept", "none"],
    }


def test_too_many_purposes_are_refused_by_name() -> None:
    keys = [f"{PROFILED}.topic_{number:02}" for number in range(13)]
    attributes = {f"a{number}": attribute(key) for number, key in enumerate(keys)}
    document = model(attributes, *(offer(f"o{number}", f"a{number} > 1") for number in range(13)))

    with pytest.raises(TooManyPurposes, match=r"13 purposes .* at most 12; .*`--purposes`: `personalize"):
        matrix(document)
    assert len(matrix(document, keys[:2]).rows) == 4


def test_placements_and_stages_narrow_what_is_asked() -> None:
    document = model(
        {"n": attribute(PROFILED), "s": attribute(STORAGE)},
        offer("kept", "s > 1", placements=["q"]),
        offer("bought", "n > 1"),
        placements={"p": {"fallback": "none"}, "q": {"fallback": "none"}},
        stages=[{"id": "first"}, {"id": "second", "when": "n > 3"}],
    )
    one = matrix(document, asked=Question(frozenset({"p"}), frozenset({"second"})))

    assert one.keys == (PROFILED,)
    assert told(one, "second") == {(PROFILED,): ["bought"], (): []}
    assert {cell.placement for row in one.rows for cell in row.cells} == {"p"}
    assert matrix(document).keys == (STORAGE, PROFILED)


def test_machines_get_every_combination_and_the_merged_ones() -> None:
    document = as_json(matrix(model({"n": attribute(PROFILED)}, offer("bought", "n > 1"))))

    assert document["purposes"] == [PROFILED]
    assert [row["granted"] for row in document["rows"]] == [[PROFILED], []]
    assert document["rows"][1]["cells"] == [
        {"placement": "p", "stage": "first", "offers": ["none"], "fallback": "none"}
    ]
    assert [each["patterns"] for each in document["merged"]] == [[{PROFILED: True}], [{PROFILED: False}]]
    assert document["placements"]["p"] == document["merged"]


def test_a_consent_grants_exactly_what_its_row_says() -> None:
    keys = ("personalize", "sensitive:health", STORAGE)

    assert consent_of((), (), keys) == Consent.refusing()
    assert consent_of(("personalize", "sensitive:health"), (), keys) == Consent.granting(
        "personalize", sensitive=["health"]
    )


@pytest.mark.parametrize("keys", range(7))
def test_patterns_are_met_by_exactly_their_rows(keys: int) -> None:
    from discreet.checks.matrix import Row
    from discreet.checks.matrix_cells import Cell

    dice = Random(keys)  # noqa: S311 - chosen, not secret
    names = tuple(f"k{number}" for number in range(keys))
    kinds = [Cell("p", "first", (str(number),)) for number in range(3)]
    granted = [tuple(name for at, name in enumerate(names) if row >> at & 1) for row in range(2**keys)]
    rows = tuple(Row(each, (dice.choice(kinds),)) for each in granted)

    for group in merged(Matrix(names, (), (), rows, NOW_MS)):
        met = {
            row
            for row in rows
            for pattern in group.patterns
            if all(asked in (None, name in row.granted) for name, asked in zip(names, pattern, strict=True))
        }
        assert met == {row for row in rows if row.cells == group.cells}


def test_what_cannot_be_proven_in_time_is_undecided_and_never_left_out() -> None:
    models = sound(
        model(
            {"n": attribute(PROFILED)},
            *(
                offer(f"o{number}", f"n > {number} and n < 9 or n < -{number}", number)
                for number in range(1, 6)
            ),
        )
    )
    journeys, evaluator = journeys_of(models), throw_away_evaluator(models)
    steps: list[tuple[int, int]] = []
    hasty, patient = (
        matrix_of(
            evaluator,
            journeys,
            Prover(journeys, now_ms=NOW_MS, budget=budget),
            now_ms=NOW_MS,
            progress=lambda _, done, total: steps.append((done, total)),
        )
        for budget in (1, 20_000)
    )

    assert not hasty.is_proven
    assert patient.is_proven
    for some, every in zip(hasty.rows, patient.rows, strict=True):
        assert {*some.cells[0].offers} <= {*every.cells[0].offers}
        assert {*every.cells[0].offers} <= {*some.cells[0].offers, *some.cells[0].undecided}
    assert any("undecided" in cell for row in as_json(hasty)["rows"] for cell in row["cells"])
    assert steps == [(0, 2), (1, 2), (2, 2)] * 2
