"""What fades is what nobody can be shown: the page's switches against live decisions, and against the prover."""

from __future__ import annotations

from itertools import combinations
from random import Random
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from discreet.blueprint import draw
from discreet.checks.proofs import Every, Prover, furthest, journeys_of, wins
from discreet.cli.scenario_run import throw_away_evaluator
from discreet.model import models_from_dicts
from discreet_consent import Consent
from support.storefront import guest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from discreet.blueprint import Drawing
    from discreet.checks.proofs import Requirement, Rules
    from discreet.model import Model

    from .conftest import Shown

pytestmark = pytest.mark.slow
NOW_MS = 1_782_864_000_000.0  # 2026-07-01
P, R, L, S = (
    "personalize.content",
    "personalize.content.profiling",
    "personalize.content.limited",
    "functional.storage",
)
WIDE: list[dict[str, Any]] = [
    {
        "model": "nested", "channel": "web",
        "attributes": {
            "wide": {"type": "boolean", "provenance": "declared", "purposes": [P]},
            "narrow": {"type": "boolean", "provenance": "declared", "purposes": [R]},
            "both": {"type": "boolean", "provenance": "declared", "purposes": [L, S]},
            "ill": {"type": "boolean", "provenance": "declared", "purposes": [L], "sensitive": "health"},
            "free": {"type": "boolean", "provenance": "first_party", "purposes": ["essential.service"]},
        },
        "stages": [{"id": "first"}, {"id": "second", "when": "both"}],
        "placements": {"slot": {"fallback": "plain"}},
        "offers": [
            {"id": "plain", "content": {}},
            {"id": "a", "stages": ["first"], "placements": ["slot"], "when": "wide", "priority": 4, "content": {}},
            {"id": "b", "stages": ["first"], "placements": ["slot"], "when": "narrow or both", "priority": 3,
             "content": {}},
            {"id": "c", "stages": ["second"], "placements": ["slot"], "when": {"any": ["ill", "free"]}, "content": {}},
            {"id": "d", "placements": ["slot"], "when": "free and ill", "priority": 9, "content": {}},
            {"id": "never", "stages": ["first"], "placements": ["slot"], "when": "wide and narrow", "content": {}},
        ],
    }
]  # fmt: skip


Card: TypeAlias = tuple[str, str, str]  # where it is, at which stage, and of which offer


def shown_at(rules: Rules, placement: str, stage: str, offer: str) -> Requirement:
    """Somebody's furthest stage is this one, and the offer is what they are shown."""
    return Every((furthest(rules, stage), wins(rules, placement, offer)))


def grants(drawing: Drawing) -> Iterator[frozenset[str]]:
    """Every consent that the switches can show: what is below a granted purpose is granted too."""
    keys = [mark.key for mark in drawing.marks if not mark.key.startswith("essential")]
    for size in range(len(keys) + 1):
        for chosen in map(frozenset, combinations(keys, size)):
            covered = {key for key in keys if any(key.startswith(f"{grant}.") for grant in chosen)}
            if covered <= chosen:
                yield chosen


def consent_of(granted: frozenset[str]) -> Consent:
    items = {each.removeprefix("sensitive:") for each in granted if each.startswith("sensitive:")}
    return Consent(sorted(granted - {f"sensitive:{each}" for each in items}), sensitive=sorted(items))


def faded(found: Any) -> dict[Card, bool]:
    """Whether each card is gone; by its row, the id of its stage, and its offer."""
    keys = [
        "'[data-row]').dataset.row",
        "'[data-stage-id]').dataset.stageId",
        "'[data-offer]').dataset.offer",
    ]
    told = ", ".join(f"each.closest({key}" for key in keys)
    rows = found.page.locator("#boards .card").evaluate_all(
        f"all => all.map(each => [{told}, each.classList.contains('gone')])"
    )
    return {(row, stage, offer): gone for row, stage, offer, gone in rows}


def switch_to(found: Any, drawing: Drawing, granted: frozenset[str]) -> None:
    """Grant everything, general things last, then withdraw special things before general ones."""
    order = sorted(range(len(drawing.marks)), key=lambda number: -len(drawing.marks[number].key))
    for number in order:
        switch = found.page.locator(f"[data-switch='{number}']")
        if switch.count() and switch.get_attribute("aria-checked") == "false":
            switch.click()
    for number in reversed(order):
        switch = found.page.locator(f"[data-switch='{number}']")
        if (
            switch.count()
            and drawing.marks[number].key not in granted
            and switch.get_attribute("aria-checked") == "true"
        ):
            switch.click()


def test_for_every_consent_exactly_what_cannot_be_shown_fades(browser: Browser, shown: Shown) -> None:
    models = models_from_dicts(WIDE)
    drawing = draw(models, now_ms=NOW_MS)
    prover, rules = prover_of(models)
    with guest(browser, shown(drawing)) as found:
        found.goes("")
        for granted in grants(drawing):
            switch_to(found, drawing, granted)
            expected = {
                ("0.0", stage, f"0.{number}"): prover.find(
                    shown_at(rules, "slot", stage, each.offer.id), granted=granted
                )
                is None
                for number, each in enumerate(drawing.models[0].offers)
                if each.offer.placements
                for stage in each.offer.stages
            }
            assert faded(found) == expected, granted


def prover_of(models: tuple[Model, ...]) -> tuple[Prover, Any]:
    journeys = journeys_of(models)
    return Prover(journeys, now_ms=NOW_MS), journeys.rules[0]


def test_no_visitor_is_shown_a_faded_offer_and_a_witness_is_shown_each_other(
    browser: Browser, shown: Shown, demo: Drawing
) -> None:
    models = tuple(each.model for each in demo.models)
    evaluator = throw_away_evaluator(models)
    journeys = journeys_of(models)
    prover = Prover(journeys, now_ms=NOW_MS)
    dice = Random(6)  # noqa: S311 - no secret
    witnesses = [
        found
        for rules in journeys.rules
        for placement in rules.placements
        for stage, number in placement.ranked
        if (
            found := prover.find(
                shown_at(rules, placement.id, rules.stages[stage].id, rules.offers[number].id)
            )
        )
        is not None
    ]
    with guest(browser, shown(demo)) as reader:
        reader.goes("")
        for granted in dice.sample(list(grants(demo)), 6):
            switch_to(reader, demo, granted)
            gone = named(demo, faded(reader))
            seen: set[Card] = set()
            for each in witnesses:
                permitted = evaluator.permit(each.given(), consent_of(granted), now_s=each.now_s)
                decisions = evaluator.decide_all(permitted, now_s=each.now_s)
                seen |= {
                    (place, told.stage, told.offer)
                    for place, told in decisions.items()
                    if told.reason.value == "matched"
                }
            assert not {card for card in seen if gone.get(card)}
            for (placement, stage, offer), away in gone.items():
                rules = next(
                    each for each in journeys.rules if placement in {one.id for one in each.placements}
                )
                one = prover.find(shown_at(rules, placement, stage, offer), granted=granted)
                assert (one is None) is away, (granted, placement, stage, offer)
                if one is not None:
                    permitted = evaluator.permit(one.given(), consent_of(granted), now_s=one.now_s)
                    decision = evaluator.decide(placement, permitted, now_s=one.now_s)
                    assert (decision.stage, decision.offer) == (stage, offer)


def named(drawing: Drawing, gone: dict[Card, bool]) -> dict[Card, bool]:
    """The same by ids of placement, stage and offer."""
    told: dict[Card, bool] = {}
    for (row, stage, offer), away in gone.items():
        model, place = map(int, row.split("."))
        drawn = drawing.models[model]
        placement = drawn.placements[place].placement.id
        told[placement, stage, drawn.offers[int(offer.partition(".")[2])].offer.id] = away
    return told
