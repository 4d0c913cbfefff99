"""What a finding says is so of every visitor it speaks of, and no more is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from discreet.checks import Finding, check_models
from discreet.checks.conflicts import Asked, conflict, in_words
from discreet.checks.proofs import Holds, Prover, Undecided, Want, journeys_of, wins
from discreet.model import models_from_dicts
from discreet.runtime import kleene
from support.authoring import LIMITED

Document = dict[str, Any]
NOW_MS = 1_777_593_600_000.0  # 2026-05-01
STORAGE = "functional.storage"


def attribute(kind: str = "number", purpose: str = LIMITED, **fields: Any) -> Document:
    return {"type": kind, "provenance": "contextual", "purposes": [purpose], **fields}


def offer(name: str, **fields: Any) -> Document:
    return {"id": name, "placements": ["top"], "content": {"title": name}, **fields}


def model(*offers: Document, **fields: Any) -> Document:
    return {
        "model": "web",
        "channel": "web",
        "attributes": {"n": attribute(), "m": attribute(purpose=STORAGE), "s": attribute("string")},
        "stages": [{"id": "first"}],
        "placements": {"top": {"fallback": "none"}},
        "offers": [{"id": "none", "content": {"title": "none"}}, *offers],
        **fields,
    }


def findings(document: Document, code: str, **asked: Any) -> list[Finding]:
    found = check_models(models_from_dicts([document]), now_ms=NOW_MS, **asked)
    return [each for each in found if each.code == code]


# --- D302: the same for all -------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["Hello {s|friend}", "Hello"])
def test_who_is_greeted_by_name_does_not_see_what_all_see(title: str) -> None:
    everybody = offer("hello", content={"title": title})

    assert bool(findings(model(everybody), "D302")) is (title == "Hello")


# --- D304: what a decision depends on ----------------------------------------------------------------------------

LIMITED_ONLY = {"placements": {"top": {"fallback": "none", "purposes": [LIMITED]}}}


@pytest.mark.parametrize(
    "offers",
    [
        (offer("first", when="n > 1", priority=9), offer("second", when="n > 2 and m > 1")),
        (offer("one", when=["n > 1", {"any": ["m > 1", "unknown(m)", "m <= 1"]}], waive="withdrawal"),),
        (offer("named", when="n > 1", content={"title": "{m|5}"}, priority=-1), offer("it", when="n > 1")),
    ],
    ids=["it never wins", "whatever it is", "it is never printed"],
)
def test_what_reads_more_and_decides_nothing_by_it_does_not_depend(offers: tuple[Document, ...]) -> None:
    assert findings(model(*offers, **LIMITED_ONLY), "D304") == []


@pytest.mark.parametrize(
    "one",
    [offer("it", when="m > 1"), offer("it", when="n > 1", content={"title": "{m|5}"})],
    ids=["condition", "token"],
)
def test_what_decides_by_more_has_a_visitor_to_whom_it_matters(one: Document) -> None:
    (finding,) = findings(model(one, **LIMITED_ONLY), "D304")

    assert finding.message.startswith(
        "what placement `top` shows depends on `m`, and so on `functional.storage`,"
    )
    assert finding.witness is not None
    assert STORAGE in finding.witness.purposes
    assert finding.witness.attributes["m"] != 5


def test_attributes_that_stand_in_for_each_other_are_told_together() -> None:
    rounded = {"coarsens": "m", "by": {"decimals": 0}, "purposes": [STORAGE]}
    either = offer("it", when={"any": ["known(m)", "known(rounded)"]})
    attributes = {"m": attribute(purpose=STORAGE), "rounded": rounded}
    (finding,) = findings(model(either, attributes=attributes, **LIMITED_ONLY), "D304")

    assert finding.message.startswith("what placement `top` shows depends on `m` and `rounded`, and so on")


def test_where_only_the_stage_depends_it_is_said_so() -> None:
    staged = model(
        offer("it", when="n > 1", stages=["first", "second"]),
        stages=[{"id": "first"}, {"id": "second", "when": "m > 1"}],
        **LIMITED_ONLY,
    )
    (finding,) = findings(staged, "D304")

    assert finding.message.startswith("the stage that `top` reports depends on `m`")
    assert finding.witness is not None


# --- D203: everybody --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "written"),
    [
        ("n >= 0", "known(n)"),
        ("n > 1 or known(m)", None),
        ("n > 1 or n <= 1 or m > 2 or m <= 2", "known(m) or known(n)"),
    ],
)
def test_what_is_suggested_for_a_stage_of_everybody_means_the_same(when: str, written: str | None) -> None:
    range_of: Document = {"range": [0, None]} if when == "n >= 0" else {}
    ranged = {"n": attribute(**range_of), "m": attribute()}
    stages = [{"id": "first"}, {"id": "second", "when": when}]
    (finding,) = findings(model(attributes=ranged, stages=stages), "D203")

    assert "only those of whom we do not know" in finding.message
    assert finding.suggestion is not None
    assert finding.suggestion.endswith(f"write `{written}`" if written else "everything")
    assert ("that its range allows" in str(finding.proof)) is (when == "n >= 0")


# --- Declared ranges --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("when", "value"), [("n > 5", 7), ("n != 8", 7), ("n < 5", 0)])
def test_a_visitor_has_values_in_their_ranges_where_such_a_one_will_do(when: str, value: float) -> None:
    journeys = journeys_of(models_from_dicts([
        model(offer("it", when=when), attributes={"n": attribute(range=[7, 10])})
    ]))  # fmt: skip
    visitor = Prover(journeys, now_ms=NOW_MS).find(wins(journeys.rules[0], "top", "it"))

    assert visitor is not None
    assert visitor.attributes["n"] == value


# --- Budgets ----------------------------------------------------------------------------------------------------


def test_all_least_consents_together_have_one_budget() -> None:
    purposes = [
        "analytics.reporting.ad_performance", "analytics.reporting.campaign_insights", "collect", "finance",
        "analytics.reporting.content_performance", "employment.recruitment", "functional.service.improve",
        "functional.storage", "marketing.advertising.serving", "marketing.communications.email",
    ]  # fmt: skip
    names = [f"a{each}" for each in range(len(purposes))]
    attributes = {name: attribute("boolean", each) for name, each in zip(names, purposes, strict=True)}
    either = [{"any": [*pair]} for pair in zip(names[::2], names[1::2], strict=True)]
    journeys = journeys_of(models_from_dicts([model(offer("it", when=either), attributes=attributes)]))
    asked = wins(journeys.rules[0], "top", "it")

    assert len(Prover(journeys, now_ms=NOW_MS).least_consents(asked)) == 32
    with pytest.raises(Undecided):
        Prover(journeys, now_ms=NOW_MS, budget=200).least_consents(asked)


def pigeons(m: Document) -> None:
    """Four of them in three holes."""
    holes = [[f"p{pigeon}{hole}" for hole in range(3)] for pigeon in range(4)]
    m["attributes"] = {name: attribute("boolean") for row in holes for name in row}
    apart = [
        {"any": [f"not {one[hole]}", f"not {other[hole]}"]}
        for hole in range(3)
        for at, one in enumerate(holes)
        for other in holes[:at]
    ]
    m["conditions"] = {
        "pigeons": {
            "says": "Pigeons",
            "basis": "deductive",
            "when": [*({"any": row} for row in holes), *apart],
        }
    }


def test_what_rests_on_what_is_too_much_is_not_told_of_again() -> None:
    rests = model(
        *(offer(f"o{each}", when=["pigeons", f"p0{each}"], stages=["second"]) for each in range(3)),
        stages=[{"id": "first"}, {"id": "second", "when": "pigeons"}],
    )
    pigeons(rests)

    assert [each.subject for each in findings(rests, "D902", budget=3)] == ["pigeons"]


def test_nobody_is_blamed_who_may_be_innocent() -> None:
    journeys = journeys_of(models_from_dicts([model(offer("it", when="n > 1"))]))
    asked = [Asked(f"`{each}`", Holds([kleene.COMPARE, 1, kleene.LESS, each], Want.TRUE)) for each in (1, 2)]

    assert "too much to decide" in in_words(conflict(Prover(journeys, now_ms=0, budget=0), asked))


def test_as_few_parts_are_blamed_as_will_do() -> None:
    def of(parts: Callable[[], list[Any]]) -> Finding:
        conditions = {"it": {"says": "It", "basis": "deductive", "when": parts()}}
        (finding,) = findings(model(offer("x", when="it"), conditions=conditions), "D101")
        return finding

    assert of(lambda: ["n > 5", "m > 1", "n < 1"]).message.endswith("`n > 5` and `n < 1` exclude each other")


@pytest.mark.parametrize("nothing", ["", [], {}])
def test_content_that_shows_nothing_is_missing(nothing: object) -> None:
    shown = {"top": {"fallback": "none", "shows": ["title"]}}
    empty = offer("it", when="n > 1", content={"title": nothing})

    assert [each.subject for each in findings(model(empty, placements=shown), "D305")] == ["it"]
