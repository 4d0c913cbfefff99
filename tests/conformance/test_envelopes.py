"""Bundles as bytes: each loads, or is refused with the error that the vector names."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

import discreet
from support.vectors import envelopes

CASES = envelopes.read()


def load(case: Mapping[str, Any]) -> discreet.Evaluator:
    keyring = discreet.Keyring.parse(json.dumps(case["keyring"]).encode())
    data = base64.b64decode(case["bundle"])
    return discreet.load_bytes(data, keyring, now_s=case["now_s"], floor=case["floor"])


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_bundles_load_or_are_refused_as_the_vectors_say(case: Mapping[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(getattr(discreet, case["error"])) as caught:
            load(case)
        assert type(caught.value).__name__ == case["error"]
    else:
        evaluator = load(case)
        bundle = evaluator.bundle
        found = {"name": bundle.name, "version": bundle.version, "floor": bundle.floor}
        assert {**found, "placements": list(evaluator.placements)} == case["loads"]


def test_the_file_is_what_the_table_says() -> None:
    assert envelopes.PATH.read_text(encoding="utf-8") == envelopes.text(), "run python tests/make_vectors.py"


def test_the_case_names_are_unique() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES) >= 80
