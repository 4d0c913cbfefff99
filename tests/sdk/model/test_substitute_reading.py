"""Substitutes in an author's file: what they become, and where their mistakes stand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from discreet.errors import ModelError
from discreet.model import Stated, models_from_dicts, read_models, read_scenarios
from discreet_consent import SENSITIVE, Coarsening
from support.authoring import LIMITED, Document, as_json, changed, document, problems, read

ANALYTICS = ["analytics"]


def substitute(**keys: object) -> Document:
    return {"coarsens": "country", "by": {"characters": 1}, "purposes": ANALYTICS, **keys}


def with_substitute(**keys: object) -> Document:
    return changed(lambda m: m["attributes"].update(area=substitute(**keys)))


def without(key: str) -> Document:
    return changed(
        lambda m: m["attributes"].update(area={name: v for name, v in substitute().items() if name != key})
    )


@pytest.mark.parametrize(
    ("parent", "by", "coarsening"),
    [
        ("country", {"characters": 2}, Coarsening("country", "characters", 2)),
        ("country", {"network": True}, Coarsening("country", "network")),
        ("purchases", {"decimals": 1}, Coarsening("purchases", "decimals", 1)),
        ("purchases", {"bands": [0, 18, 35.5]}, Coarsening("purchases", "bands", [0, 18, 35.5])),
    ],
)
def test_a_substitute_has_all_else_from_its_parent(parent: str, by: Document, coarsening: Coarsening) -> None:
    model = read(with_substitute(coarsens=parent, by=by, sensitive="health"))
    declared = {each.name: each for each in model.attributes}
    area, exact = declared["area"], declared[parent]

    assert area.coarsens == coarsening
    assert (area.purposes, area.sensitive) == (("analytics",), "health")
    assert (area.type, area.provenance, area.retention_s) == (exact.type, exact.provenance, exact.retention_s)


def test_a_substitute_may_stand_before_its_parent_and_be_used_like_any_attribute() -> None:
    def first(m: Document) -> None:
        m["attributes"] = {"area": substitute(), **m["attributes"]}
        m["offers"][1].update(when='area == "I"', content={"title": "{area|here}"})

    model = read(changed(first))

    assert [each.name for each in model.attributes][:2] == ["area", "purchases"]


def test_a_substitute_may_come_from_a_shared_file(tmp_path: Path) -> None:
    (tmp_path / "shared.json").write_text(as_json({"attributes": document()["attributes"]}))
    own = {**document(), "include": ["shared.json"], "attributes": {"area": substitute()}}
    (tmp_path / "m.json").write_text(as_json(own))
    (model,) = read_models([tmp_path / "m.json"])

    assert {"area", "country"} <= {each.name for each in model.attributes}


@pytest.mark.parametrize("item", sorted(SENSITIVE))
def test_every_sensitive_item_can_be_named(item: str) -> None:
    model = read(changed(lambda m: m["attributes"]["country"].update(sensitive=item)))

    assert [each.sensitive for each in model.attributes if each.name == "country"] == [item]


def test_sensitive_false_is_not_sensitive() -> None:
    assert read(changed(lambda m: m["attributes"]["country"].update(sensitive=False))) == read(document())


MISTAKES: dict[str, tuple[Document, list[str]]] = {
    "no parent": (without("coarsens"), ["area missing-key"]),
    "no method": (without("by"), ["area missing-key"]),
    "no purposes": (without("purposes"), ["area missing-key"]),
    "empty purposes": (with_substitute(purposes=[]), ["area.purposes no-purpose"]),
    "unknown parent": (with_substitute(coarsens="contry"), ["area.coarsens unknown-name"]),
    "parent of the wrong type": (with_substitute(coarsens=5), ["area.coarsens wrong-type"]),
    "itself": (with_substitute(coarsens="area"), ["area.coarsens substitute-twice"]),
    "a condition": (with_substitute(coarsens="returning"), ["area.coarsens unknown-name"]),
    "type": (with_substitute(type="string"), ["area.type inherited-key"]),
    "provenance": (with_substitute(provenance="contextual"), ["area.provenance inherited-key"]),
    "category": (with_substitute(category="user"), ["area.category inherited-key"]),
    "retention": (with_substitute(retention="1d"), ["area.retention inherited-key"]),
    "lower": (with_substitute(lower=True), ["area.lower inherited-key"]),
    "unknown key": (with_substitute(coarsen="x"), ["area.coarsen unknown-key"]),
    "sensitive true": (with_substitute(sensitive=True), ["area.sensitive wrong-type"]),
    "method as text": (with_substitute(by="characters"), ["area.by wrong-type"]),
    "no method in it": (with_substitute(by={}), ["area.by bad-coarsening"]),
    "two methods": (with_substitute(by={"characters": 1, "network": True}), ["area.by bad-coarsening"]),
    "unknown method": (with_substitute(by={"character": 1}), ["area.by.character unknown-key"]),
    "no character": (with_substitute(by={"characters": 0}), ["area.by.characters bad-coarsening"]),
    "characters true": (with_substitute(by={"characters": True}), ["area.by.characters bad-coarsening"]),
    "network of 24": (with_substitute(by={"network": 24}), ["area.by.network bad-coarsening"]),
    "descending bands": (
        with_substitute(coarsens="purchases", by={"bands": [2, 1]}),
        ["area.by.bands bad-coarsening"],
    ),
    "decimals of a string": (with_substitute(by={"decimals": 1}), ["area.by.decimals wrong-type"]),
    "characters of a number": (with_substitute(coarsens="purchases"), ["area.by.characters wrong-type"]),
    "a set": (with_substitute(coarsens="interests"), ["area.by.characters wrong-type"]),
    "a datetime": (
        with_substitute(coarsens="last_seen", by={"bands": [0]}),
        ["area.by.bands wrong-type"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("model", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_a_substitute_is_found(model: Document, expected: list[str]) -> None:
    assert problems(model) == [f"attributes.{each}" for each in expected]


def test_a_substitute_of_a_substitute_is_refused() -> None:
    both = changed(lambda m: m["attributes"].update(area=substitute(), spot=substitute(coarsens="area")))

    assert problems(both) == ["attributes.spot.coarsens substitute-twice"]


def test_a_parent_that_is_declared_wrongly_is_reported_alone() -> None:
    wrong = with_substitute()
    wrong["attributes"]["country"]["type"] = "text"

    assert problems(wrong) == ["attributes.country.type unknown-word"]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            {"sensitive": True},
            "attribute `area`: `sensitive` names the item that needs a grant of its own: write `sensitive: health`",
        ),
        ({"sensitive": "helth"}, "attribute `area`: `sensitive` cannot be `helth`; did you mean `health`?"),
        ({"coarsens": "contry"}, "attribute `area`: unknown attribute `contry`; did you mean `country`?"),
        ({"coarsens": "area"}, "attribute `area` cannot coarsen `area`, which is a substitute itself"),
        ({"type": "string"}, "attribute `area`: `type` comes from the attribute that it coarsens; leave it out"),
        (
            {"by": {}},
            "attribute `area`: `by` is one of `characters`, `decimals`, `bands`, `network`",
        ),
        (
            {"by": {"bands": [1]}},
            "attribute `area`: `bands` is for the type `number`, and `country` is of type `string`",
        ),
        ({"by": {"characters": "2"}}, "attribute `area`: `characters` takes a whole number from 1 to 64"),
        (
            {"by": {"charcters": 2}},
            "attribute `area`: `by`: unknown key `charcters`; did you mean `characters`?",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_said_in_words_that_help(keys: Document, message: str) -> None:
    with pytest.raises(ModelError) as caught:
        models_from_dicts([with_substitute(**keys)])

    assert [each.message for each in caught.value.problems] == [message]


def test_no_condition_may_rest_on_a_substitute_of_a_third_partys_fact() -> None:
    resting = changed(
        lambda m: (
            m["attributes"].update(sold=substitute(coarsens="bought", by={"bands": [1]})),
            m["offers"][1].update(when="sold == 1"),
        )
    )

    assert problems(resting) == ["offers[1].when never-permitted"]


def mail(change: Callable[[Document], object]) -> Document:
    def other(m: Document) -> None:
        m.update(model="mail", channel="mail", placements={"mail.top": {"fallback": "welcome"}})
        m["offers"][1]["placements"] = ["mail.top"]
        change(m)

    return changed(other)


@pytest.mark.parametrize(
    ("keys", "fields"),
    [
        ({"by": {"characters": 2}}, "`by`"),
        ({"coarsens": "city"}, "`coarsens`"),
        ({"purposes": [LIMITED]}, "`purposes`"),
    ],
)
def test_two_models_declare_a_substitute_alike(keys: Document, fields: str) -> None:
    def declare(**more: object) -> Callable[[Document], object]:
        return lambda m: m["attributes"].update(
            city=dict(m["attributes"]["country"]), area=substitute(**more)
        )

    with pytest.raises(ModelError) as caught:
        models_from_dicts([changed(declare()), mail(declare(**keys))])

    (problem,) = caught.value.problems
    assert problem.code == "declared-differently"
    assert problem.message.endswith(f"they differ in {fields}")


def test_a_scenario_cannot_say_what_a_substitute_is(tmp_path: Path) -> None:
    visit: dict[str, Any] = {
        "name": "A visit",
        "now": "2026-03-01",
        "placement": "home.hero",
        "never": "shoes",
    }
    models = models_from_dicts([with_substitute(sensitive="health")])
    (tmp_path / "s.json").write_text(as_json([{**visit, "consent": "all", "attributes": {"country": "IT"}}]))
    (tmp_path / "w.json").write_text(as_json([{**visit, "consent": "all", "attributes": {"area": "I"}}]))
    (scenario,) = read_scenarios(tmp_path / "s.json", models)
    with pytest.raises(ModelError) as caught:
        read_scenarios(tmp_path / "w.json", models)

    assert scenario.consent == Stated(("analytics", LIMITED), ("health",))
    (problem,) = caught.value.problems
    assert problem.code == "substitute-given"
    assert problem.message == "scenario `A visit`: `area` is worked out from `country`; say what that is"
