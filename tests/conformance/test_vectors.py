"""The product gives what the vectors say, before and after its evaluators have warmed up."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

import discreet
from discreet_consent import Consent, Permitted
from support.products import evaluator_of, warmed
from support.vectors import FILES, VectorFile, read_file, visitor
from support.vectors.cases import number

VECTORS = {file.name: file for each in FILES for file in [read_file(each.path)]}
CASES = [pytest.param(file, case, id=case["name"]) for file in VECTORS.values() for case in file.cases]


@cache
def evaluators(file: str, model: str) -> tuple[discreet.Evaluator, discreet.Evaluator]:
    """A fresh evaluator and a warm one, loaded from the same documents."""
    documents, bundle = VECTORS[file].models[model], VECTORS[file].bundle
    return evaluator_of(documents, bundle), warmed(evaluator_of(documents, bundle))


def permitted(evaluator: discreet.Evaluator, case: Mapping[str, Any]) -> Permitted:
    consent = Consent(
        case["grants"],
        sensitive=case.get("sensitive", ()),
        contextual_only=case.get("contextual_only", False),
    )
    return evaluator.permit(visitor(case["attributes"]), consent, now_s=number(case["now_s"]))


def found(decision: discreet.Decision) -> Mapping[str, Any]:
    return decision.as_dict()


@pytest.mark.parametrize(("file", "case"), CASES)
def test_the_product_follows_every_vector(file: VectorFile, case: Mapping[str, Any]) -> None:
    placement, now_s, expect = case["placement"], number(case["now_s"]), case["expect"]
    for evaluator in evaluators(file.name, case["model"]):
        visitor_is = permitted(evaluator, case)
        if "k" in case:
            top = evaluator.decide_top(placement, visitor_is, case["k"], now_s=now_s)
            assert [decision.offer for decision in top] == expect
        else:
            for decision in (
                evaluator.decide(placement, visitor_is, now_s=now_s),
                evaluator.decide_all(visitor_is, now_s=now_s)[placement],
                evaluator.explain(placement, visitor_is, now_s=now_s).decision,
            ):
                assert {name: found(decision)[name] for name in expect} == expect


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_files_are_what_the_tables_say(file: VectorFile) -> None:
    assert file.path.read_text(encoding="utf-8") == file.text(), "run python tests/make_vectors.py"


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 300
