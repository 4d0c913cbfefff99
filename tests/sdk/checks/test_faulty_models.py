"""Every seeded fault is found, that one only, at its line; and its visitor is shown what the finding says."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from discreet.checks import CHECKS, Finding, check_models
from discreet.model import read_models
from discreet_consent.values import epoch_ms
from support.command_line import document, invoke
from support.faulty import FAULTY, NOW, Faulty

SHOWN = [each for each in FAULTY if each.shown]


@dataclass(frozen=True)
class Keys:
    secret: Path
    ring: Path


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    folder = tmp_path_factory.mktemp("keys")
    ring = folder / "ring.json"
    assert invoke("keys", "new", "shop", "--out", folder).exit_code == 0
    assert invoke("keys", "trust", folder / "shop.pub.json", "-o", ring).exit_code == 0
    return Keys(folder / "shop.key", ring)


def named(faulty: Faulty) -> str:
    return faulty.name


def findings(faulty: Faulty) -> tuple[Finding, ...]:
    now_ms = epoch_ms(NOW)
    assert now_ms is not None
    return check_models(read_models(faulty.paths), now_ms=now_ms)


def decisions(faulty: Faulty, command: str, keys: Keys, folder: Path) -> Mapping[str, Any]:
    """What a bundle of the models decides for the visitor of `command`, by placement."""
    bundle = folder / "shop.bundle"
    built = ("--key", keys.secret, "-o", bundle, "--created", "2026-04-01", "--lifetime", "365d")
    assert invoke("build", *faulty.paths, *built).exit_code == 0
    words = [{"BUNDLE": str(bundle), "RING": str(keys.ring)}.get(word, word) for word in shlex.split(command)]
    decided = document(invoke(*words[1:], "--json"))
    return {each["placement"]: each for each in decided["decisions"]}


@pytest.mark.parametrize("faulty", FAULTY, ids=named)
def test_a_fault_is_found_and_nothing_else(faulty: Faulty) -> None:
    found = [(f"{each.place.file}:{each.place.line}", each.code, each.subject) for each in findings(faulty)]

    assert found == [faulty.fault]


@pytest.mark.parametrize("faulty", FAULTY, ids=named)
def test_what_is_found_has_a_visitor_who_shows_it_or_a_proof(faulty: Faulty) -> None:
    (found,) = findings(faulty)

    assert (found.witness is not None) == bool(faulty.shown)
    assert found.witness is not None or found.proof is not None
    assert found.suggestion
    assert found.severity is CHECKS[found.code].severity


@pytest.mark.parametrize("faulty", SHOWN, ids=named)
def test_a_real_bundle_shows_the_visitor_what_the_finding_says(
    faulty: Faulty, keys: Keys, tmp_path: Path
) -> None:
    answer = document(invoke("check", *faulty.paths, "--now", NOW, "--json"))
    decided = decisions(faulty, answer["findings"][0]["reproduce"], keys, tmp_path)

    for each in faulty.shown:
        assert decided[each.placement]["offer"] in each.offers
        assert each.stage in (None, decided[each.placement]["stage"])


def test_the_visitor_of_missing_content_meets_the_gap(keys: Keys, tmp_path: Path) -> None:
    faulty = next(each for each in FAULTY if each.name == "missing_content")
    (found,) = findings(faulty)
    assert found.witness is not None
    decided = decisions(faulty, found.witness.command(), keys, tmp_path)

    assert "image" not in decided["home.hero"]["content"]


def test_the_visitor_of_a_decision_beyond_its_purposes_is_lost_without_them(
    keys: Keys, tmp_path: Path
) -> None:
    faulty = next(each for each in FAULTY if each.name == "beyond_purposes")
    (found,) = findings(faulty)
    assert found.witness is not None
    command = found.witness.command().replace(found.witness.purposes[0], "personalize.content.limited")

    assert decisions(faulty, command, keys, tmp_path)["home.hero"]["reason"] == "fallback"


def test_every_check_that_a_model_can_fail_has_a_faulty_model() -> None:
    assert {each.fault[1] for each in FAULTY} == CHECKS.keys() - {"D902"}
    assert len(FAULTY) >= 20


def test_a_proof_without_budget_says_that_it_is_undecided() -> None:
    models = read_models(next(each for each in FAULTY if each.name == "shadowed_by_two").paths)
    found = check_models(models, now_ms=0, budget=0)

    assert {each.code for each in found} == {"D902"}
