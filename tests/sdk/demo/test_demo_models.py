"""The demo's models are sound, broad enough, honest about their data, and do what their scenarios say."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from discreet.compiler import SigningKey, build
from discreet.demo.consents import Outcome, read_choices
from discreet.demo.histories import CDNOW, History, customer_attributes, midnight_s, read_histories
from discreet.demo.run import MODELS, TODAY
from discreet.model import Model, Scenario, Stated, read_models, read_scenarios
from discreet.runtime import Evaluator, Keyring, load_bytes
from discreet_consent import Consent, Observed, Provenance, resolve

FIRST_PARTY_NEEDS = {"personalize.content.profiled"}


@pytest.fixture(scope="module")
def models() -> tuple[Model, ...]:
    return read_models([CDNOW / name for name in MODELS])


@pytest.fixture(scope="module")
def evaluator(models: tuple[Model, ...]) -> Evaluator:
    key = SigningKey.generate()
    data = build(models, [key], name="cdnow", version=1, created_s=0, expires_s=2**32)
    return load_bytes(data, Keyring([key.public]), now_s=0)


def scenarios() -> list[Scenario]:
    models = read_models([CDNOW / name for name in MODELS])
    files = [CDNOW / name.replace(".yaml", ".scenarios.yaml") for name in MODELS]
    return [scenario for file in files for scenario in read_scenarios(file, models)]


@pytest.fixture(scope="module")
def somebody() -> History:
    return read_histories(3)[2]


def test_there_are_three_channels_five_stages_and_25_competing_offers(models: tuple[Model, ...]) -> None:
    competing = [offer for model in models for offer in model.offers if offer.placements]

    assert {model.channel for model in models} == {"web", "mail", "call_centre"}
    assert all(len(model.stages) >= 5 for model in models)
    assert len(competing) >= 25


def test_one_journey_runs_through_all_channels(models: tuple[Model, ...]) -> None:
    journeys = {tuple((stage.id, stage.when) for stage in model.stages) for model in models}

    assert len(journeys) == 1


def test_every_stage_has_an_offer_in_every_channel_but_the_first(models: tuple[Model, ...]) -> None:
    for model in models:
        served = {stage for offer in model.offers if offer.placements for stage in offer.stages}

        assert served >= {stage.id for stage in model.stages[1:]}


def test_no_offer_waives_a_withdrawal(models: tuple[Model, ...]) -> None:
    assert not [offer.id for model in models for offer in model.offers if offer.waives_withdrawal]


def test_every_condition_says_what_it_means_and_on_what_it_rests(models: tuple[Model, ...]) -> None:
    for condition in models[0].conditions:
        assert condition.says
        assert condition.basis is not None
        assert "not " not in condition.says, "conditions are stated positively"


def test_the_histories_give_exactly_the_declared_first_party_attributes(
    models: tuple[Model, ...], somebody: History
) -> None:
    declared = {each.name for each in models[0].attributes if each.provenance is Provenance.FIRST_PARTY}

    assert set(customer_attributes(somebody.before(TODAY))) == declared


def test_every_history_needs_the_use_of_a_profile_and_is_forgotten(models: tuple[Model, ...]) -> None:
    for attribute in models[0].attributes:
        if attribute.provenance is Provenance.FIRST_PARTY:
            assert set(attribute.purposes) >= FIRST_PARTY_NEEDS
            assert attribute.retention_s is not None


def test_the_consent_strings_come_to_every_outcome() -> None:
    asked = frozenset(
        {
            "functional.storage",
            "personalize.content.limited",
            "personalize.content.profiled",
            "personalize.content.profiling",
        }
    )
    choices = read_choices(midnight_s(TODAY), asked)

    assert {choice.outcome for choice in choices} == set(Outcome)
    assert sum(choice.outcome is Outcome.UNREADABLE for choice in choices) == 6  # as SOURCE.md says


def test_consents_are_lines_of_id_kind_and_string_and_unique() -> None:
    lines = [json.loads(line) for line in (CDNOW / "consents.jsonl").read_text("ascii").splitlines()]

    assert 40 <= len(lines) <= 60
    assert all(line.keys() == {"id", "kind", "tc"} for line in lines)
    assert len({line["id"] for line in lines}) == len(lines)


def test_the_consents_are_copies_of_the_vectors() -> None:
    vectors = Path(__file__).parents[3] / "spec" / "vectors" / "tcf.jsonl"
    given = {each["id"]: each["input"] for each in map(json.loads, vectors.read_text("utf-8").splitlines())}

    for line in map(json.loads, (CDNOW / "consents.jsonl").read_text("ascii").splitlines()):
        assert line["tc"] == given[line["id"]]


def test_every_channel_has_five_to_ten_scenarios() -> None:
    channels = Counter(scenario.placement.partition(".")[0] for scenario in scenarios())

    assert channels["letter"] in range(5, 11)
    assert channels["call"] in range(5, 11)
    assert channels["home"] + channels["page"] in range(5, 11)


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: scenario.name)
def test_the_scenarios_hold(scenario: Scenario, evaluator: Evaluator) -> None:
    given = scenario.consent
    consent = (
        Consent.granting(*given.purposes)
        if isinstance(given, Stated)
        else resolve(tcf=given.tcf, region=given.region or "IT", now_s=scenario.now_s)
    )
    attributes = {
        name: each.value if each.observed_s is None else Observed(each.value, at_s=each.observed_s)
        for name, each in scenario.attributes.items()
    }
    permitted = evaluator.permit(attributes, consent, now_s=scenario.now_s)
    decision = evaluator.decide(scenario.placement, permitted, now_s=scenario.now_s)

    assert decision.offer != scenario.never
    if scenario.expect is not None:
        assert decision.offer == scenario.expect.offer
        assert scenario.expect.stage in {None, decision.stage}
        assert scenario.expect.reason is None or scenario.expect.reason.value == decision.reason.value
