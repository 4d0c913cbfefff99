"""The slow reference gives what the vectors say: both come from spec/decision.md, and neither from the product."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from support.reference import Beside, Outcome, reference_top
from support.vectors import FILES, read_file, visitor
from support.vectors.cases import number

CASES = [
    pytest.param(file, case, id=case["name"])
    for each in FILES
    for file in [read_file(each.path)]
    for case in file.cases
]


def as_map(outcome: Outcome) -> Mapping[str, Any]:
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name in Outcome.__slots__
        for value in [getattr(outcome, name)]
    }


@pytest.mark.parametrize(("file", "case"), CASES)
def test_the_reference_follows_every_vector(file: Any, case: Mapping[str, Any]) -> None:
    outcomes = reference_top(
        file.models[case["model"]],
        case["placement"],
        visitor(case["attributes"]),
        set(case["grants"]),
        number(case["now_s"]),
        case.get("k", 1),
        expires_s=file.bundle["expires_s"],
        beside=Beside(frozenset(case.get("sensitive", ())), case.get("contextual_only", False)),
    )

    if "k" in case:
        assert [outcome.offer for outcome in outcomes] == case["expect"]
    else:
        found = as_map(outcomes[0])
        assert {name: found[name] for name in case["expect"]} == case["expect"]
