"""Straight-line source lets through what the loop over the slots does: by slot the same, by clause only what holds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet.compiler.index import SPARSE_FROM
from discreet.runtime.bundle import CompiledModel
from discreet.runtime.index import WARM_UP
from discreet.runtime.straight import (
    MAX_CLAUSE_BY_CLAUSE,
    TEMPLATES,
    clause_by_clause,
    slot_by_slot,
    straight_line,
)
from support import strategies as s
from support.compiled import CATALOGUE, NOW_S, chosen, document, evaluator, offer
from support.products import evaluator_of

NOW_MS = NOW_S * 1000.0
STEP_MS = 500.0
MOMENTS = (0.0, *(NOW_MS + step * STEP_MS for step in range(-3, 700, 13)), NOW_MS + 1.0)
Values = Sequence[Any]


def confirmed(model: CompiledModel, values: Values, now_ms: float) -> int:
    """The clauses that hold exactly: the loop's, of which those to confirm by checks are confirmed."""
    index = model.index
    alive = index.alive_plainly(values, now_ms)
    for bit in range(index.bits):
        if (alive >> bit) & 1 and not index.checks.hold(bit, values, now_ms, {}):
            alive ^= 1 << bit
    return alive


def faults(
    model: CompiledModel, visitors: Sequence[Values], moments: Sequence[float] = (NOW_MS,)
) -> list[object]:
    """Where a straight line lets other clauses through than it may."""
    by_slot, by_clause = slot_by_slot(model.index), clause_by_clause(model.index)
    unsure = int(model.clauses.unsure[::-1] or "0", 2) << model.clauses.first
    stages = (1 << model.clauses.first) - 1
    found: list[object] = []
    for values in visitors:
        for now_ms in moments:
            plain, exact = model.index.alive_plainly(values, now_ms), confirmed(model, values, now_ms)
            straight = by_clause(values, now_ms)
            if by_slot(values, now_ms) != plain:
                found.append(("slot by slot differs", values))
            if (straight ^ plain) & ~(unsure | stages):
                found.append(("a sure clause differs", values))
            if straight & ~plain:
                found.append(("more generous than the loop", values))
            if exact & ~straight:
                found.append(("a clause that holds is lost", values))
            if straight & ~exact & ~_with_trees(model):
                found.append(("a clause that its checks refuse", values))
    return found


def _with_trees(model: CompiledModel) -> int:
    """The clauses that a tree confirms: those of offers that have one, and those of stages."""
    row = (1 << model.clauses.first) - 1
    for bit, number in enumerate(model.clauses.offers, model.clauses.first):
        if number in model.offers.trees:
            row |= 1 << bit
    return row


@given(data=st.data())
def test_both_forms_agree_with_the_loop_on_any_model_and_visitor(data: st.DataObject) -> None:
    documents = data.draw(s.bundles(waivers=True))
    evaluator = evaluator_of(documents)
    attributes = s.attributes_of(documents)
    visitors = [
        evaluator.permit(data.draw(s.visitors(attributes)), data.draw(s.consents()), now_s=NOW_S).values
        for _ in range(4)
    ]
    everybody: list[Values] = [[None] * len(evaluator.catalogue), *visitors]
    moments = (NOW_MS, data.draw(st.sampled_from([0.0, NOW_MS + 250, NOW_MS - s.DAY_MS, NOW_MS + s.DAY_MS])))

    for model in evaluator.bundle.models:
        assert faults(model, everybody, moments) == []


def model_of(*whens: str, **fields: Any) -> CompiledModel:
    made = document(*(offer(f"o{at:05}", when=when, **fields) for at, when in enumerate(whens)))
    return evaluator_of([made]).bundle.models[0]


def visitor(**known: Any) -> Values:
    return [known.get(attribute.name) for attribute in CATALOGUE]


def near(value: float) -> list[float]:
    return [math.nextafter(value, -math.inf), value, math.nextafter(value, math.inf)]


def test_thinned_numbers_are_tested_exactly_by_clause() -> None:
    model = model_of(*(f"n {('<', '>=', '==', '!=')[at % 4]} {at / 4}" for at in range(300)))
    visitors = [visitor(n=value) for at in range(0, 300, 17) for value in near(at / 4)]

    assert model.index.checks.bits()
    assert faults(model, [visitor(), *visitors]) == []


def test_thinned_days_are_tested_exactly_by_clause() -> None:
    model = model_of(*(f"days_since(d) {('<', '>=')[at % 2]} {at / 2}" for at in range(300)))
    visitors = [
        visitor(d=NOW_MS - at * s.DAY_MS / 2 + shift) for at in range(0, 310, 19) for shift in (-1, 0, 1)
    ]

    assert model.index.checks.bits()
    assert faults(model, [visitor(), *visitors]) == []


def moment(step: int) -> str:
    return f"2026-03-01T00:{step // 120:02}:{step // 2 % 60:02}.{step % 2 * 500:03}Z"


def test_thinned_windows_are_tested_exactly_by_clause() -> None:
    offers = (
        offer(f"o{at}", valid={"from": moment(at), "until": moment(at + 5)}, when="b")
        for at in range(0, 600, 2)
    )
    model = evaluator_of([document(*offers)]).bundle.models[0]

    assert model.index.checks.bits()
    assert faults(model, [visitor(), visitor(b=True)], MOMENTS) == []


_MEMBERS = st.lists(st.sampled_from("abcd"), min_size=1, max_size=3).map(
    lambda members: ", ".join(f'"{each}"' for each in members)
)
_SET_TEST = st.tuples(st.sampled_from(("all_of", "any_of", "not any_of")), _MEMBERS).map(
    lambda parts: f"{parts[0]}(t, {parts[1]})"
)


@given(
    whens=st.lists(st.lists(_SET_TEST, min_size=1, max_size=3).map(" and ".join), min_size=1, max_size=8),
    sets=st.lists(st.frozensets(st.sampled_from("abcde")), min_size=1, max_size=8),
)
def test_groups_of_members_are_tested_exactly_by_clause(whens: list[str], sets: list[frozenset[str]]) -> None:
    assert faults(model_of(*whens), [visitor(), *(visitor(t=each) for each in sets)]) == []


def test_sparse_rows_are_tested_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("discreet.compiler.index.SPARSE_SET_BYTES", 0)
    count = SPARSE_FROM + 10
    model = model_of(
        *(f's == "k{at}"' for at in range(count)), *(f'"k{at}" in t' for at in range(count)), 's != "k7"'
    )
    visitors = [visitor(s=text, t=frozenset((text, "k8"))) for text in ("", "k7", "k8", "k1030", "other")]

    assert all(slot.sparse is not None for slot in model.index.slots)  # type: ignore[union-attr] # both have keys
    assert faults(model, [visitor(), visitor(s="k7"), *visitors]) == []


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 200])
def test_sets_of_every_size_are_tested_alike(size: int) -> None:
    model = model_of(*(f'any_of(t, "m{at}", "x")' for at in range(50)))

    assert faults(model, [visitor(t=frozenset(f"m{at}" for at in range(0, 3 * size, 3)))]) == []


LETTERS = "abcdefghij"


def test_a_stage_that_its_tree_confirms_is_at_least_let_through() -> None:
    pairs = " and ".join(f'(contains(s, "{letter}") or "{letter}" in t)' for letter in LETTERS)
    made = document(offer(stages=["late"]), stages=[{"id": "first"}, {"id": "late", "when": pairs}])
    model = evaluator_of([made]).bundle.models[0]

    assert model.clauses.confirms_stages
    halves = visitor(s=LETTERS[:5], t=frozenset(LETTERS[5:]))
    assert faults(model, [visitor(), halves, visitor(s=LETTERS), visitor(s="a", t=frozenset("b"))]) == []


@pytest.mark.parametrize(
    ("count", "form"), [(MAX_CLAUSE_BY_CLAUSE, clause_by_clause), (MAX_CLAUSE_BY_CLAUSE + 1, slot_by_slot)]
)
def test_the_number_of_clauses_chooses_the_form(count: int, form: Any) -> None:
    index = model_of(*(f"n == {at} and m == {at}" for at in range(count))).index

    assert code_of(straight_line(index)) == code_of(form(index))
    assert index.bits == count


def code_of(alive: Any) -> object:
    code = alive.__code__
    return code.co_code, code.co_consts


@pytest.mark.parametrize("count", [3, MAX_CLAUSE_BY_CLAUSE + 10], ids=["clause by clause", "slot by slot"])
def test_decisions_stay_the_same_when_the_straight_line_takes_over(count: int) -> None:
    shop = evaluator(*(offer(f"o{at}", when=f"n >= {at}", priority=at) for at in range(count)))

    first = [chosen(shop, {"n": at / 2}) for at in range(8)]
    for _ in range(WARM_UP):
        chosen(shop, {})

    assert shop.bundle.models[0].index.alive.__name__ == "alive"
    assert [chosen(shop, {"n": at / 2}) for at in range(8)] == first


HOSTILE = ('"); import os; ("', "'''", "\\", "\n", "{s}", "é\u2028", "None")


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
@pytest.mark.parametrize("test", ["s == {}", "s != {}", "starts_with(s, {})", "{} in t", "s in [{}, {}]"])
def test_no_text_of_the_bundle_enters_the_source(test: str, text: str) -> None:
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    model = model_of(test.replace("{}", quoted))
    visitors = [visitor(s=text, t=frozenset((text,))), visitor(s="other", t=frozenset(("other",))), visitor()]

    assert faults(model, visitors) == []
    for form in (slot_by_slot, clause_by_clause):
        names: Mapping[str, Any] = form(model.index).__globals__
        assert all(name == "__builtins__" or name.isidentifier() for name in names)


def test_every_operation_that_is_read_back_has_a_template() -> None:
    from discreet.runtime import kleene as k

    assert set(TEMPLATES) == set(k.OPERATIONS) - {k.NAMED}
