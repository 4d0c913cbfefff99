"""A certificate says on which attributes decisions depend: worked out from the index, and never from what is said."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet.compiler import compile_models
from discreet.errors import MalformedBundle
from discreet.model import models_from_dicts
from discreet.runtime.index import CLOCK, FLAG, MEMBERS, NUMBER, VALUE
from support import strategies as s
from support.compiled import (
    B,
    D,
    Document,
    M,
    N,
    S,
    T,
    chosen,
    evaluator,
    loaded,
    offer,
    tampered,
    words,
)
from support.naming import named
from support.products import evaluator_of

TWO_PLACEMENTS = {"p": {"fallback": "none"}, "q": {"fallback": "none"}}
JOURNEY = [{"id": "first"}, {"id": "later", "when": "known(d) and b"}, {"id": "last", "when": "n > 1"}]


@given(documents=s.bundles(waivers=True))
def test_the_certificate_of_any_bundle_is_what_its_models_read(documents: list[Document]) -> None:
    programs = compile_models(models_from_dicts(documents)).models

    for program, model in zip(programs, evaluator_of(documents).bundle.models, strict=True):
        certificate = model.certificate
        assert certificate.offers == {each.id: each.needs for each in program.offers}
        assert certificate.placements == {each.id: each.needs for each in program.placements}
        assert certificate.waived == {each.id for each in program.offers if each.waives}


def test_an_offer_depends_on_its_condition_its_stages_and_its_tokens() -> None:
    offers = (
        evaluator(
            offer("plain", stages=["first"]),
            offer("asks", when='s == "a" and m > 1', stages=["first"]),
            offer("staged", stages=["last"]),
            offer("prints", content={"x": ["{m|none}"]}, stages=["first"]),
            offer("tree", when="b or m > 1", stages=["later", "first"]),
            stages=JOURNEY,
        )
        .bundle.models[0]
        .certificate.offers
    )

    assert offers == {
        "none": (), "plain": (), "asks": (M, S), "staged": (N,), "prints": (M,), "tree": (B, D, M)
    }  # fmt: skip


def test_a_condition_that_nobody_satisfies_still_names_its_attributes() -> None:
    certificate = evaluator(offer(when="n > 1 and n < 1")).bundle.models[0].certificate

    assert (certificate.offers["it"], certificate.placements["p"]) == ((N,), (N,))


def test_a_window_is_no_attribute() -> None:
    certificate = evaluator(offer(valid={"from": "2026-01-01"})).bundle.models[0].certificate

    assert certificate.placements == {"p": ()}


def test_placements_depend_on_the_offers_that_compete_for_them() -> None:
    certificate = (
        evaluator(
            offer("one", when="n > 1"),
            offer("two", when="b", placements=["q"], content={"x": "{s|you}"}),
            placements=TWO_PLACEMENTS,
        )
        .bundle.models[0]
        .certificate
    )

    assert certificate.placements == {"p": (N,), "q": (B, S)}


def doubles(*values: float) -> bytes:
    return struct.pack(f"<{len(values)}d", *values)


# The tampered model: offer one's clause is bit 0, and asks `b` alone.
ASKS_B = offer("one", when="b")
SLOTS: dict[str, list[Any]] = {
    "a value more": [VALUE, S, ["x"], [], words(0, 0, 1), None],
    "any value but one": [VALUE, S, ["x"], [], words(0, 1, 1), None],
    "a sparse value": [VALUE, S, ["x"], [], words(0, 0), [words(1), words(0)]],
    "a number": [NUMBER, N, doubles(1), b"", words(0, 0, 1), None],
    "any known number": [NUMBER, N, b"", b"", words(0, 1), None],
    "a member": [MEMBERS, T, ["x"], [], words(0, 0, 1), None],
    "a sparse member": [MEMBERS, T, ["x"], [], words(0, 0), [words(1), words(0)]],
    "no such member": [MEMBERS, T, [], ["x"], words(0, 1, 1), None],
    "an unknown value": [VALUE, S, [], [], words(1, 0), None],
    "a slot that nobody passes": [VALUE, S, [], [], words(0, 0), None],
}


def with_slot(slot: list[Any]) -> Callable[[Document], None]:
    def edit(payload: Document) -> None:
        payload["models"][0]["index"]["slots"].append(slot)

    return edit


@pytest.mark.parametrize("slot", SLOTS.values(), ids=SLOTS)
def test_an_index_that_asks_an_attribute_more_than_the_certificate_says_is_refused(slot: list[Any]) -> None:
    with pytest.raises(MalformedBundle, match="it does not say on what the model depends"):
        loaded(tampered(with_slot(slot), ASKS_B))


@pytest.mark.parametrize("slot", SLOTS.values(), ids=SLOTS)
def test_a_certificate_that_names_the_attribute_more_is_sound(slot: list[Any]) -> None:
    def edit(payload: Document) -> None:
        with_slot(slot)(payload)
        said = payload["models"][0]["certificate"]
        said["placements"] = [sorted([B, slot[1]])]
        said["waived"] = [1] if slot[4] == words(1, 0) else []

    certificate = loaded(tampered(edit, ASKS_B)).bundle.models[0].certificate

    assert certificate.offers["one"] == certificate.placements["p"] == tuple(sorted((B, slot[1])))


def test_a_slot_that_no_clause_asks_adds_nothing() -> None:
    harmless = [VALUE, S, ["x"], [], words(1, 1, 0), None]

    assert loaded(tampered(with_slot(harmless), ASKS_B)).bundle.models[0].certificate.placements == {
        "p": (B,)
    }


# A clause that the first two rows say does not ask, while another row tells known values apart.
HIDDEN: dict[str, list[Any]] = {
    "a value's row": [VALUE, S, ["x"], [], words(1, 1, 1), None],
    "a sparse value's bits": [VALUE, S, ["x"], [], words(1, 1), [words(1), words(0)]],
    "a flag's row": [FLAG, B, [], [], words(1, 1, 1, 0), None],
    "a number's cell": [NUMBER, N, doubles(1), b"", words(1, 1, 1), None],
    "an unwanted member": [MEMBERS, T, [], ["x"], words(1, 1, 1), None],
    "a clock's cell": [CLOCK, None, doubles(1), b"", words(1, 1, 1), None],
}


@pytest.mark.parametrize("slot", HIDDEN.values(), ids=HIDDEN)
def test_no_row_asks_behind_the_first_two(slot: list[Any]) -> None:
    with pytest.raises(MalformedBundle, match="a row asks where its slot does not"):
        loaded(tampered(with_slot(slot), offer("one")))


def test_no_check_asks_behind_the_rows() -> None:
    def edit(payload: Document) -> None:
        index = payload["models"][0]["index"]
        index["slots"].append([NUMBER, M, b"", doubles(5), words(1, 1), None])
        index["confirm"] = words(1)
        index["checks"] = [words(0), words(len(index["slots"]) - 1), words(0), words(1)]

    with pytest.raises(MalformedBundle, match="a check of a clause that does not ask"):
        loaded(tampered(edit, ASKS_B))


def test_a_stage_bit_asks_nothing_that_no_certificate_names() -> None:
    def edit(payload: Document) -> None:
        stage, clauses = 0b001, 0b110  # the offer has a clause for each stage
        slot = [VALUE, S, ["x"], [], words(clauses, clauses, stage), None]
        with_slot(slot)(payload)

    with pytest.raises(MalformedBundle, match="it does not say on what the model depends"):
        loaded(tampered(edit, offer(), stages=[{"id": "first"}, {"id": "last", "when": "b"}]))


def test_a_stage_row_has_no_stage_bit() -> None:
    def edit(payload: Document) -> None:
        payload["models"][0]["index"]["stage_rows"] = words(0b011, 0b100)

    with pytest.raises(MalformedBundle, match="`stage_rows`"):
        loaded(tampered(edit, offer(), stages=[{"id": "first"}, {"id": "last", "when": "b"}]))


def test_what_competes_for_a_placement_is_what_its_row_of_offers_says() -> None:
    """There is no second row, of clauses, that could say otherwise."""

    def edit(payload: Document) -> None:
        model = payload["models"][0]
        model["placements"][0][2] = words(0b100)
        model["certificate"]["placements"] = [[N], [N]]

    moved = loaded(
        tampered(edit, ASKS_B, offer("two", when="n > 1", placements=["q"]), placements=TWO_PLACEMENTS)
    )

    assert moved.bundle.models[0].certificate.placements == {"p": (N,), "q": (N,)}
    assert chosen(moved, {"b": True, "n": 2}) == "two"
    assert chosen(moved, {"b": True}) == "none"


@pytest.mark.parametrize(
    "said",
    [{"placements": [[]]}, {"placements": [[B, S]]}, {"placements": [[S]]}, {"waived": [1]}],
    ids=named,
)
def test_a_certificate_that_says_less_or_more_is_refused(said: Document) -> None:
    def edit(payload: Document) -> None:
        payload["models"][0]["certificate"].update(said)

    with pytest.raises(MalformedBundle, match="it does not say on what the model depends"):
        loaded(tampered(edit, ASKS_B))


@given(data=st.data())
def test_an_attribute_that_no_certificate_names_never_changes_what_is_left(data: st.DataObject) -> None:
    """Row by row: whatever a slot answers of such an attribute, the placement's clauses stay the same."""
    documents = data.draw(s.bundles(waivers=True))
    evaluator = evaluator_of(documents)
    values = evaluator.permit(
        data.draw(s.visitors(s.attributes_of(documents))), data.draw(s.consents()), now_s=s.NOW_S
    ).values

    for model in evaluator.bundle.models:
        for name, placement in model.placements.items():
            needs = model.certificate.placements[name]
            kept = [value if number in needs else None for number, value in enumerate(values)]
            before, after = (model.survey(each, s.NOW_MS) for each in (values, kept))
            assert (before[0], before[1] & placement.row) == (after[0], after[1] & placement.row)
