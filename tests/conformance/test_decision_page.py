"""The example at the end of spec/decision.md comes out as the page says, by the reference and by the product."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

import discreet
from discreet.compiler import build
from discreet.model import read_models
from discreet_consent import Consent
from support.products import TEST_KEY, TEST_RING
from support.reference import reference_decide
from support.reference.permission import instant_ms

PAGE = (Path(__file__).parents[2] / "spec" / "decision.md").read_text(encoding="utf-8")
EXAMPLE = PAGE.partition("## 7. One example by hand")[2]
YAML_TEXT = EXAMPLE.partition("```yaml\n")[2].partition("```")[0]
PURPOSES = {
    "P": "personalize.content.profiled",
    "L": "personalize.content.limited",
    "S": "functional.storage",
}
BUNDLE: dict[str, Any] = {
    "name": "the year 2026",
    "version": 1,
    "created_s": 1_767_225_600,
    "expires_s": 1_798_761_600,
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One row of the page's table."""

    number: str
    attributes: Mapping[str, object]
    grants: frozenset[str]
    now_s: float
    expect: tuple[str, str, str, str]


def visits() -> list[Visit]:
    rows = [line for line in EXAMPLE.splitlines() if line.startswith("| ") and line[2].isdigit()]
    found: list[Visit] = []
    for row in rows:
        number, attributes, grants, now, offer, stage, reason, title = (
            cell.strip().strip("`") for cell in row.strip("|").split("|")
        )
        known = found[-1].attributes if attributes == "the same" else json.loads(attributes)
        granted = frozenset(PURPOSES[letter] for letter in grants.split())
        instant = instant_ms(now)
        assert instant is not None
        found.append(Visit(number, known, granted, instant / 1_000, (offer, stage, reason, title)))
    return found


VISITS = visits()


@pytest.fixture(scope="module")
def evaluator(tmp_path_factory: pytest.TempPathFactory) -> discreet.Evaluator:
    path = tmp_path_factory.mktemp("page") / "spring.yaml"
    path.write_text(YAML_TEXT, encoding="utf-8")
    data = build(read_models([path]), [TEST_KEY], **BUNDLE)
    return discreet.load_bytes(data, TEST_RING, now_s=BUNDLE["created_s"])


def test_the_page_has_its_eight_visits() -> None:
    assert [visit.number for visit in VISITS] == list("12345678")


@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: visit.number)
def test_the_product_decides_as_the_page_says(evaluator: discreet.Evaluator, visit: Visit) -> None:
    permitted = evaluator.permit(visit.attributes, Consent.granting(*visit.grants), now_s=visit.now_s)
    decision = evaluator.decide("home.hero", permitted, now_s=visit.now_s)

    found = (decision.offer, decision.stage, decision.reason.value, decision.content["title"])
    assert found == visit.expect


@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: visit.number)
def test_the_reference_decides_as_the_page_says(visit: Visit) -> None:
    document: dict[str, Any] = yaml.load(YAML_TEXT, Loader=yaml.BaseLoader)  # noqa: S506 - texts only, no tags
    for offer in document["offers"]:
        offer["priority"] = int(offer.get("priority", 0))

    outcome = reference_decide(
        [document], "home.hero", visit.attributes, visit.grants, visit.now_s, expires_s=BUNDLE["expires_s"]
    )

    assert (outcome.offer, outcome.stage, outcome.reason, outcome.content["title"]) == visit.expect


def test_what_the_page_says_of_the_second_and_seventh_visit_is_reported(
    evaluator: discreet.Evaluator,
) -> None:
    second, seventh = (
        evaluator.decide(
            "home.hero",
            evaluator.permit(visit.attributes, Consent.granting(*visit.grants), now_s=visit.now_s),
            now_s=visit.now_s,
        )
        for visit in (VISITS[1], VISITS[6])
    )

    assert second.withheld == ("purchases",)
    assert seventh.malformed == ("purchases",)
