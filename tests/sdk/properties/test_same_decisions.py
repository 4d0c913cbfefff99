"""Single and batch decisions are the same, and the reference's: 100,000 visitors of five models that say everything.

Also that this stays so: the models use every operator and make the index take every form, and the visitors tell
the offers apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import pytest

import discreet
from discreet.runtime import index as slots
from discreet.runtime.bundle import CompiledModel
from discreet.runtime.straight import MAX_CLAUSE_BY_CLAUSE
from support.operators_said import operators_said
from support.products import warmed
from support.quick_visitor import let_the_reference_remember
from support.random_models import SIZES, RandomModel, random_model
from support.random_visitors import Chunk, chunks_of, granted
from support.reference import reference_decide
from support.vectors.cases import BUNDLE

CHUNKS, ROWS = 20, 1_000  # of each model
LONG, PART = 36_000, 7_000  # more rows than are read at once, and fewer
# How many of each chunk the reference decides, too: 2,000 in all, and few enough that a new evaluator stays cold.
OF_THE_REFERENCE = {"few": 40, "hundreds": 24, "thresholds": 12, "keys": 12, "exploding": 12}
MODELS = [pytest.param(name, marks=pytest.mark.xdist_group(f"random model {name}")) for name in SIZES]

LEAST_WINNERS = {"few": 12, "hundreds": 150, "thresholds": 250, "keys": 150, "exploding": 60}


def one_by_one(of: discreet.Evaluator, chunk: Chunk) -> Iterator[discreet.Decision]:
    """What `permit` and `decide` say of the rows of a chunk."""
    for visitor, consent in zip(chunk.visitors(), chunk.consents, strict=True):
        permitted = of.permit(visitor, consent, now_s=chunk.now_s)
        yield of.decide(chunk.placement, permitted, now_s=chunk.now_s)


@pytest.mark.parametrize("name", MODELS)
def test_single_and_batch_decisions_are_the_same(name: str) -> None:
    pytest.importorskip("numpy")
    pytest.importorskip("pyarrow")
    model = random_model(name)
    together = model.loaded()
    seen: Counter[tuple[str, str]] = Counter()
    for number, chunk in enumerate(chunks_of(model, chunks=CHUNKS, rows=ROWS)):
        cold = model.loaded()  # in plain loops at first, in straight lines from the 64th visitor on
        batch = chunk.as_batch()

        decided = together.decide_batch(batch, chunk.consents, chunk.placement, now_s=chunk.now_s).to_pylist()

        alone = [decision.as_record() for decision in one_by_one(cold, chunk)]
        assert not differing(chunk, alone, decided), f"chunk {number}"
        for record in alone:
            seen.update((field, str(record[field])) for field in ("offer", "stage", "reason"))
            seen.update(
                (field, each) for field in ("withheld", "malformed", "stale") for each in record[field]
            )
    assert_telling(name, seen)


@pytest.mark.parametrize("name", [each for each in MODELS if each.values[0] in ("few", "thresholds")])
def test_a_long_batch_is_decided_like_its_slices(name: str) -> None:
    pytest.importorskip("numpy")
    pytest.importorskip("pyarrow")
    of = random_model(name).loaded()
    chunk = next(chunks_of(random_model(name), chunks=CHUNKS, rows=LONG))
    batch = chunk.as_batch()

    def decided(begin: int, size: int) -> list[Any]:
        consents = chunk.consents[begin : begin + size]
        part = of.decide_batch(batch.slice(begin, size), consents, chunk.placement, now_s=chunk.now_s)
        rows: list[Any] = part.to_pylist()
        return rows

    parts = [row for begin in range(0, LONG, PART) for row in decided(begin, PART)]
    assert not differing(chunk, parts, decided(0, LONG))


def differing(chunk: Chunk, alone: Sequence[Any], decided: Sequence[Any]) -> list[Any]:
    """The first rows in which they differ, with the visitor, for whoever must find out why."""
    visitors = [*chunk.visitors()]
    assert len(alone) == len(decided) == len(visitors)
    rows = [row for row, (one, other) in enumerate(zip(alone, decided, strict=True)) if one != other]
    return [
        (row, chunk.now_s, chunk.consents[row], visitors[row], alone[row], decided[row]) for row in rows[:2]
    ]


def assert_telling(name: str, seen: Mapping[tuple[str, str], int]) -> None:
    """The visitors of a model tell its offers and stages apart, and something is wrong with some of each attribute."""
    of = {field: {word for each, word in seen if each == field} for field, _ in seen}
    assert of["reason"] == {"matched", "fallback", "expired"}
    assert of["stage"] == {"s0", "s1", "s2", "s3"}
    assert len(of["offer"]) >= LEAST_WINNERS[name]
    declared = {each.name for each in random_model(name).loaded().catalogue}
    essential = {"b", "m", "band"}
    assert of["withheld"] == declared - essential
    assert of["malformed"] == declared - {"a"}
    assert of["stale"] == {"d", "n", "t", "band", "round"}


@pytest.mark.parametrize("name", MODELS)
def test_single_decisions_are_the_references(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    let_the_reference_remember(monkeypatch)
    model = random_model(name)
    warm = warmed(model.loaded())
    for chunk in chunks_of(model, chunks=CHUNKS, rows=ROWS):
        cold = model.loaded()
        both = zip(one_by_one(cold, chunk), one_by_one(warm, chunk), strict=True)
        for row, (visitor, (first, later)) in enumerate(
            islice(zip(chunk.visitors(), both, strict=True), OF_THE_REFERENCE[name])
        ):
            expected = wanted(model, chunk, visitor, row)

            assert first.as_dict() == expected
            assert later.as_dict() == expected


def wanted(model: RandomModel, chunk: Chunk, visitor: Mapping[str, object], row: int) -> dict[str, Any]:
    """What the reference decides for a visitor, as a decision says it."""
    purposes, beside = granted(chunk.consents[row], chunk.now_s)
    asked = (model.documents, chunk.placement, visitor, purposes, chunk.now_s)
    outcome = reference_decide(*asked, expires_s=BUNDLE["expires_s"], beside=beside)
    said = {field: getattr(outcome, field) for field in type(outcome).__slots__}
    as_lists = {field: [*value] if isinstance(value, tuple) else value for field, value in said.items()}
    return {**as_lists, "version": BUNDLE["version"]}


# --- That it stays so ------------------------------------------------------------------------------------------

_LISTED = ("==", "!=", "in", "not in")
_ORDERED = (*_LISTED, "<", "<=", ">", ">=", "chain", "literal first")
_BY_TYPE = {
    "boolean": (*_LISTED, "known"),
    "number": (*_ORDERED, "known", "unknown"),  # `unknown` of one type is that of all
    "string": (*_LISTED, "starts_with", "ends_with", "contains", "known"),
    "strings": ("in", "not in", "any_of", "all_of", "known"),
    "datetime": (*_ORDERED, "known"),
    "days": _ORDERED,
}
OPERATORS = {
    *(f"{kind} {word}" for kind, words in _BY_TYPE.items() for word in words),
    *("boolean", "condition", "segment", "and", "or", "not", "list", "any", "all"),
}  # all of spec/expressions.md

KINDS = (
    "value", "flag", "number", "days", "members", "prefixes", "suffixes", "substrings", "clock"
)  # fmt: skip
_SLOTS = {*KINDS}
FORMS: Mapping[str, set[str]] = {
    "few": {*_SLOTS, "clause by clause"},
    "hundreds": {*_SLOTS, "slot by slot", "two models"},
    "thresholds": {*_SLOTS, *(f"checked {kind}" for kind in ("number", "days", "clock", "members"))},
    "keys": {*_SLOTS, "sparse value", "sparse members", "checked members"},
    "exploding": {*_SLOTS, "stage confirmed by its tree", "offer confirmed by its tree", "two models"},
}


@pytest.mark.parametrize("name", MODELS)
def test_every_operator_is_used(name: str) -> None:
    assert operators_said(random_model(name).documents) >= OPERATORS


@pytest.mark.parametrize("name", MODELS)
def test_the_index_takes_its_forms(name: str) -> None:
    models = random_model(name).loaded().bundle.models

    forms = {form for model in models for form in forms_of(model)} | (
        {"two models"} if len(models) > 1 else set()
    )

    assert forms >= FORMS[name]


@pytest.mark.parametrize("name", MODELS)
def test_single_decisions_go_both_ways(name: str) -> None:
    cold, warm = random_model(name).loaded(), warmed(random_model(name).loaded())

    assert all(model.index.alive == model.index.alive_plainly for model in cold.bundle.models)
    assert not any(model.index.alive == model.index.alive_plainly for model in warm.bundle.models)


def forms_of(model: CompiledModel) -> Iterator[str]:
    """The forms that the index of a model has taken."""
    index, clauses = model.index, model.clauses
    yield "clause by clause" if index.bits <= MAX_CLAUSE_BY_CLAUSE else "slot by slot"
    for slot in index.slots:
        yield KINDS[slot.kind]
        if not isinstance(slot, slots.NumberSlot) and slot.sparse is not None:
            yield f"sparse {KINDS[slot.kind]}"
    for bit in index.checks.bits():
        for number, _, _ in index.checks.of(bit):
            yield f"checked {KINDS[index.slots[number].kind]}"
    if clauses.confirms_stages:
        yield "stage confirmed by its tree"
    unsure = (offer for offer, digit in zip(clauses.offers, clauses.unsure, strict=True) if digit == "1")
    if any(offer in model.offers.trees for offer in unsure):
        yield "offer confirmed by its tree"
