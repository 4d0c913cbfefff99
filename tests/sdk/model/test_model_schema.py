"""The published schema takes sound models, refuses the plainest mistakes, and is the file in `spec/`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from discreet.model import model_schema, scenario_schema
from discreet.model.nodes import plain
from discreet.model.report import Report
from discreet.model.source import read_file
from discreet_consent.purposes import is_data_use
from support.authoring import Document, changed, document
from support.naming import named

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
FILE = ROOT / "spec" / "model.schema.json"
SOUND = sorted([*(HERE / "sound").rglob("*.yaml"), *(ROOT / "sdk" / "discreet").rglob("*.yaml")])
MODELS = [path for path in SOUND if not path.name.endswith(".scenarios.yaml")]


def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(model_schema())


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(model_schema())


def test_the_file_in_spec_is_the_schema() -> None:
    assert json.loads(FILE.read_text(encoding="utf-8")) == model_schema()


def test_each_call_gives_a_new_copy() -> None:
    model_schema()["$defs"]["model"]["properties"].clear()

    assert model_schema()["$defs"]["model"]["properties"]


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.name)
def test_a_sound_file_is_valid(path: Path) -> None:
    report = Report()
    node = read_file(path, path.name, report)

    assert report.problems == ()
    assert node is not None
    validator().validate(plain(node))


def test_a_sound_document_is_valid() -> None:
    validator().validate(document())


def test_what_says_nothing_is_valid() -> None:
    validator().validate(changed(lambda m: m["attributes"]["purchases"].update(lower=False, range=[None, 1])))


def coarse(**keys: object) -> Document:
    return {"coarsens": "country", "by": {"characters": 1}, "purposes": ["analytics"], **keys}


@pytest.mark.parametrize(
    "by", [{"characters": 1}, {"decimals": 0}, {"bands": [0, 17.5]}, {"network": True}], ids=named
)
def test_a_substitute_is_valid(by: Document) -> None:
    validator().validate(changed(lambda m: m["attributes"].update(x=coarse(by=by, sensitive="health"))))
    validator().validate(changed(lambda m: m["attributes"]["country"].update(sensitive=False)))


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.update(ofers=[]),
        lambda m: m.pop("stages"),
        lambda m: m.update(placements={}),
        lambda m: m.update(stages=[]),
        lambda m: m.update(model="a b"),
        lambda m: m["attributes"]["country"].update(type="text"),
        lambda m: m["attributes"]["country"].update(purposes=[]),
        lambda m: m["attributes"]["country"].update(purposes=["ads"]),
        lambda m: m["attributes"]["country"].update(retention="1 year"),
        lambda m: m["attributes"]["country"].update(colour="red"),
        lambda m: m["attributes"]["country"].update(sensitive=True),
        lambda m: m["attributes"]["country"].update(sensitive="helth"),
        lambda m: m["attributes"].update(x=coarse(type="string")),
        lambda m: m["attributes"].update(x=coarse(by={})),
        lambda m: m["attributes"].update(x=coarse(by={"characters": 2, "network": True})),
        lambda m: m["attributes"].update(x=coarse(by={"characters": 0})),
        lambda m: m["attributes"].update(x=coarse(by={"decimals": 4})),
        lambda m: m["attributes"].update(x=coarse(by={"bands": []})),
        lambda m: m["attributes"].update(x=coarse(by={"network": False})),
        lambda m: m["attributes"].update(x={"coarsens": "country", "purposes": ["analytics"]}),
        lambda m: m["attributes"].update(x={"by": {"network": True}, "purposes": ["analytics"]}),
        lambda m: m["attributes"]["purchases"].update(range=[1]),
        lambda m: m["attributes"]["purchases"].update(range=["a", 1]),
        lambda m: m["attributes"].update(x=coarse(range=[0, 1])),
        lambda m: m["attributes"]["purchases"].update(range=[None, None]),
        lambda m: m["attributes"]["purchases"].update(range=[0, 2**53 + 2]),
        lambda m: m["attributes"]["country"].update(range=[0, 1]),
        lambda m: m["attributes"]["purchases"].update(lower=True),
        lambda m: m.update(owner=""),
        lambda m: m.update(owner=" "),
        lambda m: m["placements"]["home.hero"].update(shows=[" "]),
        lambda m: m["offers"][0].update(exclusive="group"),
        lambda m: m["offers"][0].update(promises=["mail"]),
        lambda m: m.update(accepted=[{"check": "D104", "of": "returning"}]),
        lambda m: m.update(accepted=[{"check": "104", "of": "returning", "because": "so"}]),
        lambda m: m["placements"]["home.hero"].update(shows=[]),
        lambda m: m["placements"]["home.hero"].update(purposes=["ads"]),
        lambda m: m["offers"][1].update(exclusive="a b"),
        lambda m: m["offers"][1].update(promises=[]),
        lambda m: m["conditions"]["returning"].pop("says"),
        lambda m: m["conditions"]["returning"].update(basis="guess"),
        lambda m: m["conditions"].update({"is-it": m["conditions"]["returning"]}),
        lambda m: m["offers"][1].update(prority=1),
        lambda m: m["offers"][1].update(priority=1.5),
        lambda m: m["offers"][1].update(priority=2**31),
        lambda m: m["offers"][1].update(waive="consent"),
        lambda m: m["offers"][1].update(valid={}),
        lambda m: m["offers"][1].update(valid={"from": "noon"}),
        lambda m: m["offers"][1].update(when=[]),
        lambda m: m["offers"][1].update(when={"any": ["a"], "all": ["b"]}),
        lambda m: m["offers"][1].update(content=[]),
        lambda m: m["offers"][1].update(stages=["a", "a"]),
        lambda m: m["offers"][1].pop("id"),
    ],
)
def test_a_plain_mistake_is_not_valid(change: Callable[[Document], Any]) -> None:
    assert not validator().is_valid(changed(change))


@pytest.mark.parametrize(
    "purpose",
    [
        "personalize",
        "personalize.content.profiled",
        "personalize.content.profiled.homepage",
        "essential.mine",
        "ads",
        "",
    ],
)
def test_the_schema_knows_the_purposes_that_the_reader_knows(purpose: str) -> None:
    with_purpose = changed(lambda m: m["attributes"]["country"].update(purposes=[purpose]))

    assert validator().is_valid(with_purpose) is is_data_use(purpose)


SCENARIOS = [
    path for path in [*SOUND, *(ROOT / "examples").rglob("*.yaml")] if path.name.endswith(".scenarios.yaml")
]
SCENARIO = {"name": "So it is", "consent": "all", "now": "2026-03-01", "placement": "p", "never": "o"}


def test_the_file_in_spec_is_the_schema_of_scenarios() -> None:
    file = ROOT / "spec" / "scenarios.schema.json"

    assert json.loads(file.read_text(encoding="utf-8")) == scenario_schema()
    jsonschema.Draft202012Validator.check_schema(scenario_schema())


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.name)
def test_sound_scenarios_are_valid(path: Path) -> None:
    node = read_file(path, path.name, Report())

    assert node is not None
    jsonschema.Draft202012Validator(scenario_schema()).validate(plain(node))


@pytest.mark.parametrize(
    "changes",
    [
        {"consent": "some"},
        {"consent": {}},
        {"consent": {"purposes": [], "tcf": "C"}},
        {"consent": {"purposes": ["ads"]}},
        {"consent": {"age": 151}},
        {"now": "noon"},
        {"expect": {"offer": "o"}},
        {"attributes": {"a": {"b": 1}}},
        {"attributes": {"a": [1]}},
        {"placment": "p"},
    ],
    ids=named,
)
def test_a_plain_mistake_in_a_scenario_is_not_valid(changes: Document) -> None:
    alone = jsonschema.Draft202012Validator(scenario_schema())

    assert alone.is_valid([SCENARIO])
    assert alone.is_valid({"scenarios": [SCENARIO]})
    assert not alone.is_valid([{**SCENARIO, **changes}])
    assert validator().is_valid(changed(lambda m: m.update(scenarios=[SCENARIO])))
    assert not validator().is_valid(changed(lambda m: m.update(scenarios=[{**SCENARIO, **changes}])))


def described(schema: object, at: str = "") -> list[str]:
    """The properties without a description."""
    missing: list[str] = []
    if isinstance(schema, dict):
        for key, value in schema.items():
            missing += described(value, f"{at}/{key}")
        for name, each in schema.get("properties", {}).items():
            resolved = model_schema()["$defs"].get(str(each.get("$ref", "")).rpartition("/")[2], each)
            missing += [] if resolved.get("description") or name in ("id", "any", "all") else [f"{at}/{name}"]
    return missing


def test_every_key_is_described() -> None:
    assert described(model_schema()["$defs"]) == []
    assert described(scenario_schema()["$defs"]) == []
