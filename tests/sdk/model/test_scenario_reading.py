"""What a file of scenarios becomes, and where its mistakes stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from discreet.errors import ModelError
from discreet.model import (
    Expected,
    Given,
    Outcome,
    Scenario,
    Signalled,
    Stated,
    has_scenarios,
    models_from_dicts,
    read_scenarios,
)
from support.authoring import LIMITED, as_json, changed, document, read

MODELS = (read(document()),)
NOON = "2026-03-01T12:00:00Z"
NOON_S = 1_772_366_400.0
PLAIN = {"name": "A visit", "consent": "none", "now": NOON, "placement": "home.hero", "never": "shoes"}


def scenarios(folder: Path, *items: object) -> tuple[Scenario, ...]:
    (folder / "s.json").write_text(as_json(list(items)))
    return read_scenarios(folder / "s.json", MODELS)


def found(folder: Path, *items: object) -> list[str]:
    with pytest.raises(ModelError) as caught:
        scenarios(folder, *items)
    return [f"{each.place.column} {each.code}" for each in caught.value.problems]


def test_a_scenario_is_a_visit_and_its_outcome(tmp_path: Path) -> None:
    full = {
        "name": "A loyal Italian",
        "attributes": {
            "country": {"value": "IT", "observed": "2026-02-01"},
            "purchases": 3,
            "interests": ["RUN"],
            "last_seen": "2026-02-01",
        },
        "consent": {"purposes": [LIMITED]},
        "now": NOON,
        "placement": "home.hero",
        "expect": {"offer": "shoes", "reason": "matched", "stage": "stay"},
    }
    (scenario,) = scenarios(tmp_path, full)

    assert scenario == Scenario(
        "A loyal Italian",
        "home.hero",
        NOON_S,
        {
            "country": Given("IT", 1_769_904_000.0),
            "purchases": Given(3),
            "interests": Given(("RUN",)),
            "last_seen": Given("2026-02-01"),
        },
        Stated((LIMITED,)),
        Expected("shoes", Outcome.MATCHED, "stay"),
    )
    assert str(scenario.place).endswith("s.json:1:11")


@pytest.mark.parametrize(
    ("consent", "meant"),
    [
        ("all", Stated((LIMITED,))),
        ("none", Stated(())),
        ({"purposes": []}, Stated(())),
        ({"purposes": ["personalize", "analytics"]}, Stated(("analytics", "personalize"))),
        (
            {"purposes": ["analytics"], "sensitive": ["religion", "health"]},
            Stated(("analytics",), ("health", "religion")),
        ),
        ({"tcf": "CQ...", "region": "IT"}, Signalled("CQ...", "IT")),
        ({"region": "US-CA"}, Signalled(None, "US-CA")),
    ],
)
def test_consent_is_stated_or_comes_from_a_signal(tmp_path: Path, consent: object, meant: object) -> None:
    (scenario,) = scenarios(tmp_path, {**PLAIN, "consent": consent})

    assert scenario.consent == meant
    assert (scenario.expect, scenario.never) == (None, "shoes")


def test_scenarios_may_stand_in_a_model_or_under_their_own_key(tmp_path: Path) -> None:
    for name, text in (("a", {"scenarios": [PLAIN]}), ("b", changed(lambda m: m.update(scenarios=[PLAIN])))):
        (tmp_path / f"{name}.json").write_text(as_json(text))
    one, other = (read_scenarios(tmp_path / f"{name}.json", MODELS) for name in ("a", "b"))

    assert one == other
    assert len(one) == 1
    assert models_from_dicts([changed(lambda m: m.update(scenarios=[PLAIN]))]) == MODELS


@pytest.mark.parametrize(
    ("text", "expected"),
    [("model: x\nscenarios: []\n", True), ("model: x\n", False), ("[]", False), ("a: b: c", False)],
)
def test_whether_a_model_holds_its_scenarios_can_be_asked(tmp_path: Path, text: str, expected: bool) -> None:
    (tmp_path / "x.yaml").write_text(text)

    assert has_scenarios(tmp_path / "x.yaml") is expected
    assert has_scenarios(tmp_path) is False


def test_what_a_visitor_has_and_sent_is_in_no_repr(tmp_path: Path) -> None:
    given = {**PLAIN, "attributes": {"country": "Atlantis"}, "consent": {"tcf": "CQsecret"}}
    (scenario,) = scenarios(tmp_path, given)

    assert "Atlantis" not in repr(scenario)
    assert "Atlantis" not in repr(scenario.attributes)
    assert "CQsecret" not in repr(scenario)


def test_nothing_is_no_value(tmp_path: Path) -> None:
    (scenario,) = scenarios(
        tmp_path, {**PLAIN, "attributes": {"country": None, "purchases": {"value": None}}}
    )

    assert scenario.attributes == {}


def test_yaml_scenarios_are_read_with_their_places(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(
        f"- name: Norway\n  attributes: {{country: NO}}\n  consent: all\n  now: {NOON}\n"
        "  placement: home.hero\n  expect: {offer: welcme}\n"
    )
    with pytest.raises(ModelError) as caught:
        read_scenarios(tmp_path / "s.yaml", MODELS)

    (problem,) = caught.value.problems
    assert (problem.place.line, problem.place.column) == (6, 19)
    assert problem.message == "scenario `Norway`: `offer`: unknown offer `welcme`; did you mean `welcome`?"


MISTAKES: dict[str, tuple[dict[str, object], list[str]]] = {
    "unknown key": ({"nevr": 1}, ["unknown-key"]),
    "no name": ({"name": ""}, ["empty-text"]),
    "unknown placement": ({"placement": "home"}, ["unknown-placement"]),
    "unknown offer": ({"never": "shoe"}, ["unknown-offer"]),
    "unknown attribute": ({"attributes": {"contry": "IT"}}, ["unknown-name"]),
    "value of the wrong type": ({"attributes": {"purchases": "3"}}, ["wrong-type"]),
    "boolean for a number": ({"attributes": {"purchases": True}}, ["wrong-type"]),
    "observed at noon": ({"attributes": {"purchases": {"value": 1, "observed": "noon"}}}, ["bad-datetime"]),
    "value without value": ({"attributes": {"purchases": {"observed": NOON}}}, ["missing-key"]),
    "now without offset": ({"now": "2026-03-01T12:00"}, ["bad-datetime"]),
    "unknown consent": ({"consent": "some"}, ["bad-consent"]),
    "empty consent": ({"consent": {}}, ["bad-consent"]),
    "consent of two kinds": ({"consent": {"purposes": [], "region": "IT"}}, ["bad-consent"]),
    "unknown purpose": ({"consent": {"purposes": ["ads"]}}, ["unknown-purpose"]),
    "unknown sensitive item": ({"consent": {"purposes": [], "sensitive": ["helth"]}}, ["unknown-word"]),
    "sensitive items alone": ({"consent": {"sensitive": ["health"]}}, ["missing-key"]),
    "two outcomes": ({"expect": {"offer": "shoes"}}, ["no-outcome"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_scenario_is_found(tmp_path: Path, mistake: str) -> None:
    keys, expected = MISTAKES[mistake]

    assert [each.split()[1] for each in found(tmp_path, {**PLAIN, **keys})] == expected


@pytest.mark.parametrize(
    ("expect", "expected"),
    [
        ({}, ["missing-key"]),
        ({"offer": "shoes", "reason": "luck"}, ["unknown-word"]),
        ({"offer": "shoes", "stage": "staye"}, ["unknown-stage"]),
        ({"offer": "shoes", "resaon": "matched"}, ["unknown-key"]),
    ],
)
def test_a_mistake_in_an_expectation_is_found(tmp_path: Path, expect: object, expected: list[str]) -> None:
    expecting = {key: value for key, value in PLAIN.items() if key != "never"}

    assert [each.split()[1] for each in found(tmp_path, {**expecting, "expect": expect})] == expected


def test_all_mistakes_of_a_file_are_said_in_one_run(tmp_path: Path) -> None:
    assert (
        len(found(tmp_path, *({**PLAIN, "name": name, **keys} for name, (keys, _) in MISTAKES.items()))) >= 14
    )


def test_two_scenarios_need_two_names(tmp_path: Path) -> None:
    assert [each.split()[1] for each in found(tmp_path, PLAIN, PLAIN)] == ["declared-twice"]


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        read_scenarios(tmp_path / "none.yaml", MODELS)

    assert [each.code for each in caught.value.problems] == ["missing-file"]


@pytest.mark.parametrize("text", ["{}", '{"scenario": []}', "5", '[5, "x", []]'])
def test_what_is_no_list_of_scenarios_is_a_problem(tmp_path: Path, text: str) -> None:
    (tmp_path / "s.json").write_text(text)

    with pytest.raises(ModelError):
        read_scenarios(tmp_path / "s.json", MODELS)
