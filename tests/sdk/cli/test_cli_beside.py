"""Sensitive items and substitutes on the command line: shown, granted, explained, tried in scenarios."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.command_line import BUILT, OPENED, Shop, document, invoke

MODEL = """\
model: place
channel: web
attributes:
  latitude: {type: number, provenance: contextual, purposes: [personalize.content.profiled],
             sensitive: precise_geolocation}
  latitude_1: {coarsens: latitude, by: {decimals: 1}, purposes: [personalize.content.limited]}
  age: {type: number, provenance: declared, purposes: [personalize.content.profiled], sensitive: false}
  age_band: {coarsens: age, by: {bands: [0, 18, 65]}, purposes: [personalize.content.limited]}
  ip: {type: string, provenance: contextual, purposes: [essential.service.security]}
  ip_network: {coarsens: ip, by: {network: true}, purposes: [personalize.content.limited]}
stages: [{id: only}]
placements: {tip: {fallback: nothing}}
offers:
  - {id: nothing, content: {}}
  - {id: corner, placements: [tip], priority: 2, when: 45.46 <= latitude < 45.47, content: {}}
  - {id: around, placements: [tip], priority: 1, when: latitude_1 == 45.5, content: {text: "{age_band|} {ip_network|}"}}
scenarios:
  - {name: Exact, consent: all, now: 2026-03-01, placement: tip,
     attributes: {latitude: 45.4642}, expect: {offer: corner}}
  - {name: Around, consent: {purposes: [personalize.content]}, now: 2026-03-01, placement: tip,
     attributes: {latitude: 45.4642}, expect: {offer: around}}
  - {name: Item, consent: {purposes: [personalize.content], sensitive: [precise_geolocation]}, now: 2026-03-01,
     placement: tip, attributes: {latitude: 45.4642}, expect: {offer: corner}}
"""
VISITOR = '{"latitude": 45.4642, "age": 44, "ip": "203.0.113.77"}'


@pytest.fixture(scope="module")
def place(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> tuple[str | Path, ...]:
    """A bundle of the model above, and whom to trust."""
    folder = tmp_path_factory.mktemp("place")
    (folder / "place.yaml").write_text(MODEL)
    bundle = folder / "place.bundle"
    built = invoke("build", folder / "place.yaml", "--key", shop.secret, "-o", bundle, "--created", BUILT)
    assert built.exit_code == 0, built.output
    return (bundle, "--trust", shop.ring, "--now", OPENED)


def decided(place: tuple[str | Path, ...], *more: str) -> Any:
    return document(invoke("decide", *place, "--attributes", VISITOR, *more, "--explain", "--json"))


def test_show_lists_items_and_what_is_coarsened_how(place: tuple[str | Path, ...]) -> None:
    shown = invoke("show", *place).stdout
    answer = document(invoke("show", *place, "--json"))
    attributes = {each["name"]: each for each in answer["attributes"]}

    assert "personalize.content.profiled; sensitive: precise_geolocation\n" in shown
    assert "personalize.content.limited; coarsens latitude by 1 decimal\n" in shown
    assert "personalize.content.limited; coarsens age by bands from 0, 18, 65\n" in shown
    assert "personalize.content.limited; coarsens ip by network\n" in shown
    assert "    sensitive   precise_geolocation\n" in shown
    assert attributes["age"]["sensitive"] is None
    assert attributes["age_band"]["coarsens"] == {"attribute": "age", "by": {"bands": [0, 18, 65]}}
    assert attributes["ip_network"]["coarsens"] == {"attribute": "ip", "by": {"network": True}}


def test_what_an_offer_depends_on_is_the_substitute(place: tuple[str | Path, ...]) -> None:
    (model,) = document(invoke("show", *place, "--json"))["models"]
    offers = {each["id"]: each for each in model["offers"]}

    assert offers["around"]["attributes"] == ["age_band", "ip_network", "latitude_1"]
    assert offers["around"]["purposes"] == ["personalize.content.limited"]
    assert (offers["around"]["sensitive"], offers["corner"]["sensitive"]) == ([], ["precise_geolocation"])


def test_an_item_is_granted_beside_the_purposes(place: tuple[str | Path, ...]) -> None:
    weak = decided(place, "--grant", "personalize.content")
    strong = decided(place, "--grant", "personalize.content", "--grant-sensitive", "precise_geolocation")

    assert weak["decisions"][0]["content"] == {"text": "18 203.0.113.0"}
    assert weak["withheld"] == ["latitude"]
    assert strong["decisions"][0]["offer"] == "corner"
    assert strong["consent"]["sensitive"] == ["precise_geolocation"]
    assert decided(place, "--grant-all")["withheld"] == []


def test_an_explanation_says_which_item_was_not_granted(place: tuple[str | Path, ...]) -> None:
    asked = ("decide", *place, "--attributes", VISITOR, "--explain")
    weak = invoke(*asked, "--grant", "personalize.content").stdout
    none = invoke(*asked).stdout

    item = "the sensitive item precise_geolocation"
    assert f"            latitude: withheld, needs {item}\n" in weak
    assert f"            latitude: withheld, needs personalize.content.profiled and {item}\n" in none
    assert "            latitude_1: withheld, needs personalize.content.limited\n" in none
    assert "sensitive items: precise_geolocation\n" in invoke(*asked, "--grant-all").stdout


def test_an_item_that_nothing_asks_for_is_noted(place: tuple[str | Path, ...]) -> None:
    noted = invoke("decide", *place, "--grant-sensitive", "health")
    refused = invoke("decide", *place, "--grant-sensitive", "helth")

    assert noted.exit_code == 0
    assert "no attribute of this bundle asks for the sensitive item `health`" in noted.stderr
    assert refused.exit_code == 2


def test_a_value_under_the_name_of_a_substitute_is_noted(place: tuple[str | Path, ...]) -> None:
    noted = invoke("decide", *place, "--attributes", '{"age_band": 65}', "--grant-all", "--json")

    assert "`age_band` is worked out from `age`; what is given under its own name is not read" in noted.stderr
    assert document(noted)["decisions"][0]["offer"] == "nothing"


def test_scenarios_grant_items(tmp_path: Path) -> None:
    (tmp_path / "place.yaml").write_text(MODEL)

    assert invoke("test", tmp_path / "place.yaml").exit_code == 0
