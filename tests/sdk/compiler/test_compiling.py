"""From sound models to a program: certificates, proofs, refusals with their numbers, and the same bytes each time."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from discreet.compiler import compile_models
from discreet.errors import ModelError
from discreet.model import (
    All,
    Compare,
    Comparison,
    Condition,
    Expression,
    Model,
    Named,
    Not,
    Offer,
    Stage,
    Window,
    models_from_dicts,
)
from discreet.runtime.trees import MAX_DEPTH
from support.compiled import (
    ATTRIBUTES,
    NOW_S,
    OTHER_PURPOSE,
    B,
    D,
    N,
    S,
    T,
    chosen,
    document,
    evaluator,
    loaded,
    offer,
    payload_of,
    permitted,
)
from support.products import bundle_bytes, evaluator_of

JOURNEY = [{"id": "first"}, {"id": "later", "when": "known(d) and b"}, {"id": "last", "when": "n > 1"}]
FLAG = Compare("b", Comparison.EQUAL, True)


def model(*offers: dict[str, Any], **fields: Any) -> Model:
    (made,) = models_from_dicts([document(*offers, **fields)])
    return made


def with_offer(one: Model, **changes: Any) -> Model:
    """The model with its last offer changed in a way that no reader would let through."""
    last = one.offers[-1]
    fields = {name: getattr(last, name) for name in Offer.__slots__} | changes
    return with_fields(one, offers=(*one.offers[:-1], Offer(**fields)))


def with_fields(one: Model, **changes: Any) -> Model:
    return Model(**{name: getattr(one, name) for name in Model.__slots__} | changes)


def refusal(*models: Model) -> str:
    with pytest.raises(ModelError) as caught:
        compile_models(models)
    (problem,) = caught.value.problems
    return f"{problem.code}: {problem.message}"


def test_the_certificate_names_trees_stages_and_tokens_and_nothing_else() -> None:
    bundle = evaluator(
        offer("plain"),
        offer("asks", when="c", stages=["first"]),
        offer("prints", content={"x": ["{s|you}"]}, stages=["last"]),
        offer("waives", when="unknown(t)", waive="withdrawal", stages=["first"]),
        conditions={"c": {"says": "It is so", "when": "n > 1 or b"}},
        stages=JOURNEY,
    ).bundle

    certificate = bundle.models[0].certificate

    assert certificate.offers == {
        "none": (), "plain": (B, D, N), "asks": (B, N), "prints": (N, S), "waives": (T,),
    }  # fmt: skip
    assert certificate.placements == {"p": (B, D, N, S, T)}
    assert certificate.waived == {"waives"}


def test_a_placement_depends_on_every_stage_because_a_decision_names_the_stage() -> None:
    bundle = evaluator(offer(stages=["first"]), stages=JOURNEY).bundle

    assert bundle.models[0].certificate.placements == {"p": (B, D, N)}
    assert bundle.models[0].certificate.offers["it"] == ()


@pytest.mark.parametrize(
    "change",
    [
        {"when": FLAG, "placements": ()},
        {"valid": Window(from_ms=0), "placements": ()},
        {"valid": Window(until_ms=0), "placements": ()},
        {"content": {"deep": [{"x": "{s|you}"}]}, "placements": ()},
    ],
)
def test_a_fallback_is_proven_to_depend_on_nothing(change: dict[str, Any]) -> None:
    sound = model(
        {"id": "also", "content": {}}, placements={"p": {"fallback": "none"}, "q": {"fallback": "also"}}
    )

    assert refusal(with_offer(sound, **change)) == (
        "fallback-depends: `also`, the fallback of placement `q`, depends on something"
    )


def nested(depth: int) -> Expression:
    expression: Expression = FLAG
    for _ in range(depth - 1):
        expression = Not(expression)
    return expression


def chained(length: int) -> tuple[Condition, ...]:
    """Conditions that name each other in a row, two levels each."""
    first = Condition("c0", "", FLAG, "")
    return (
        first,
        *(
            Condition(f"c{n}", "", All((Named(f"c{n - 1}"), Named(f"c{n - 1}"))), "")
            for n in range(1, length)
        ),
    )


def test_what_nests_too_deep_is_refused_with_the_number() -> None:
    deepest = with_offer(model(offer()), when=nested(MAX_DEPTH))

    assert compile_models([deepest])
    assert refusal(with_offer(model(offer()), when=nested(MAX_DEPTH + 1))) == (
        f"too-deep: offer `it` is nested deeper than {MAX_DEPTH} levels, with all that it names"
    )


def test_depth_counts_through_names() -> None:
    sound = model(offer())

    assert compile_models([with_fields(sound, conditions=chained(75))])
    assert refusal(with_fields(sound, conditions=chained(76))).startswith("too-deep: condition `c75`")


def test_a_stage_is_held_to_the_same_depth() -> None:
    stages = (Stage("first", None), Stage("deep", nested(MAX_DEPTH + 1)))

    assert refusal(with_fields(model(offer()), stages=stages)).startswith("too-deep: stage `deep`")


def test_conditions_that_double_sixty_times_compile_and_decide() -> None:
    shared = with_fields(model(offer()), conditions=chained(60))

    program = compile_models([with_offer(shared, when=Named("c59"))])

    assert len(program.models[0].index.clause_offers) == 1


def test_twenty_pairs_of_alternatives_compile_fast_and_decide_right() -> None:
    pairs = " and ".join(f'(n == {step} or s != "{step}")' for step in range(20))
    wide = evaluator(offer(when=pairs))

    assert chosen(wide, {"s": "x"}) == "it"
    assert chosen(wide, {"s": "7", "n": 7}) == "it"
    assert chosen(wide, {"s": "7", "n": 8}) == "none"
    assert chosen(wide, {"s": "7"}) == "none"
    assert chosen(wide, {"n": 7}) == "none"


def test_a_stage_with_too_many_clauses_is_confirmed_by_its_condition() -> None:
    pairs = " and ".join(f'(n == {step} or s != "{step}")' for step in range(20))
    journey = evaluator(
        offer("late", stages=["late"]),
        offer("early", stages=["first"]),
        stages=[{"id": "first"}, {"id": "late", "when": pairs}],
    )

    assert chosen(journey, {"s": "7", "n": 7}) == "late"
    assert chosen(journey, {"s": "7", "n": 8}) == "early"
    assert chosen(journey, {}) == "early"


def test_the_better_stage_wins_before_priority_and_priority_before_the_id() -> None:
    ranked = evaluator(
        offer("b", priority=1, stages=["first"]),
        offer("a", priority=1, stages=["first"]),
        offer("c", priority=9, stages=["first"], when="b"),
        offer("d", priority=-5, stages=["first", "last"]),
        stages=JOURNEY,
    )

    assert chosen(ranked, {}) == "a"
    assert chosen(ranked, {"b": True}) == "c"
    assert chosen(ranked, {"b": True, "n": 2}) == "d"


def test_an_empty_window_is_never_open() -> None:
    closed = with_offer(model(offer()), valid=Window(from_ms=NOW_S * 1000.0, until_ms=NOW_S * 1000.0))

    (program,) = compile_models([closed]).models

    assert program.index.clause_offers == ()


def test_no_model_is_refused() -> None:
    assert refusal() == "no-model: there is no model to compile"


def test_models_read_apart_are_held_against_each_other() -> None:
    other = {**ATTRIBUTES, "n": {**ATTRIBUTES["n"], "purposes": [OTHER_PURPOSE]}}
    mail = model(model="mail", channel="mail", placements={"q": {"fallback": "none"}})
    (disagreeing,) = models_from_dicts([
        document(model="mail", channel="mail", placements={"q": {"fallback": "none"}}, attributes=other)
    ])  # fmt: skip

    assert refusal(model(), model()) == "declared-twice: placement `p` is declared twice"
    assert refusal(model(), disagreeing) == "conflicting-attribute: attribute `n` is declared differently"
    assert len(compile_models([model(), mail]).models) == 2


def test_the_same_model_gives_the_same_bytes() -> None:
    assert bundle_bytes([rich()]) == bundle_bytes([rich()])


def test_the_bytes_do_not_depend_on_the_hash_seed() -> None:
    script = (
        "import hashlib, test_compiling as t; from support.products import bundle_bytes;"
        "print(hashlib.sha256(bundle_bytes([t.rich()])).hexdigest())"
    )
    folders = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

    def digest(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(folders)}
        ran = subprocess.run(
            [sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True
        )
        return ran.stdout.strip()

    assert {digest("0"), digest("1"), digest("4242")} == {hashlib.sha256(bundle_bytes([rich()])).hexdigest()}


def rich() -> dict[str, Any]:
    """A model with something of everything that could depend on an order of sets."""
    return document(
        offer("one", when='any_of(t, "x", "y", "z") and not any_of(t, "v", "w")', content={"a": "{s|x} {n|1}"}),
        offer("two", when='s in ["IT", "FR", "DE"] or starts_with(s, "U") or contains(s, "q") and c2'),
        offer("three", when="n in [1, 2, 3] and (b or m < 3)", stages=["last", "first"]),
        offer("four", when="unknown(t) and unknown(s)", waive="withdrawal"),
        conditions={
            name: {"says": "It is so", "when": when}
            for name, when in (("c2", "c1 and c0"), ("c1", "b"), ("c0", "n > 1"))
        },
        stages=JOURNEY,
    )  # fmt: skip


def test_attributes_travel_in_the_order_of_their_names() -> None:
    backwards = dict(reversed(ATTRIBUTES.items()))
    payload = payload_of(bundle_bytes([document(offer(when="b"), attributes=backwards)]))

    assert [each[0] for each in payload["attributes"]] == ["b", "d", "m", "n", "s", "t"]


def test_two_models_in_one_bundle_decide_each_for_their_own_placements() -> None:
    mail = document(offer("letter", when="b", placements=["mail.top"]), model="mail", channel="mail",
                    placements={"mail.top": {"fallback": "none"}})  # fmt: skip
    both = evaluator_of([document(offer("page", when="not b")), mail])
    known = permitted(both, {"b": True})

    page = both.decide_all(known, now_s=NOW_S)

    assert {name: (each.offer, each.channel) for name, each in page.items()} == {
        "p": ("none", "web"), "mail.top": ("letter", "mail")
    }  # fmt: skip


def test_what_compiles_loads() -> None:
    assert loaded(bundle_bytes([rich()])).placements == ("p",)
