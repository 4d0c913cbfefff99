"""What follows from another finding is not told again; what is accepted is silent, and only that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from discreet.checks import Finding, Severity, check_models, review_models
from discreet.model import Place, models_from_dicts
from support.authoring import LIMITED

Document = dict[str, Any]
NOW_MS = 1_777_593_600_000.0  # 2026-05-01
IMPOSSIBLE = {"says": "Few and many", "when": "n < 1 and n > 5", "basis": "deductive"}


def shop(change: Callable[[Document], object] = lambda _: None, **fields: Any) -> Document:
    """A model of which there is nothing to say, after `change`."""
    made: Document = {
        "model": "web",
        "channel": "web",
        "attributes": {"n": {"type": "number", "provenance": "contextual", "purposes": [LIMITED]}},
        "conditions": {"many": {"says": "Many", "when": "n > 5", "basis": "inductive"}},
        "stages": [{"id": "s0"}, {"id": "s1", "when": "many"}],
        "placements": {"top": {"fallback": "none"}},
        "offers": [
            {"id": "none", "content": {"title": "None"}},
            {"id": "some", "placements": ["top"], "when": "n > 1", "content": {"title": "Some"}},
        ],
        **fields,
    }
    change(made)
    return made


def codes(*documents: Document) -> list[tuple[str, str]]:
    found = check_models(models_from_dicts(documents), now_ms=NOW_MS)
    return [(each.code, each.subject) for each in found]


def offer(name: str, **fields: Any) -> Document:
    return {"id": name, "placements": ["top"], "content": {"title": name}, **fields}


def impossible(m: Document) -> object:
    return m["conditions"].update(few_and_many=IMPOSSIBLE)


def test_there_is_nothing_to_say_of_a_model_without_faults() -> None:
    assert codes(shop()) == []


@pytest.mark.parametrize(
    "resting",
    [
        lambda m: m["offers"].append(offer("x", when="few_and_many", priority=9)),
        lambda m: m["offers"].append(offer("x", when=["many", "few_and_many"], priority=9)),
        lambda m: m["stages"].append({"id": "s2", "when": "few_and_many"}),
        lambda m: (
            m["conditions"].update(
                rest={"says": "Rests on it", "when": "few_and_many and n == 3", "basis": "deductive"}
            )
            or m["offers"].append(offer("x", when="rest", priority=9))
        ),
    ],
    ids=["offer", "offer with more", "stage", "condition"],
)
def test_what_rests_on_a_contradiction_is_told_of_at_the_contradiction(
    resting: Callable[[Document], object],
) -> None:
    assert codes(shop(lambda m: (impossible(m), resting(m)))) == [("D101", "few_and_many")]


def test_offers_of_a_stage_that_nobody_reaches_are_told_of_at_the_stage() -> None:
    def change(m: Document) -> None:
        m["stages"].append({"id": "s2", "when": ["many", "n < 2"]})
        m["offers"].append(offer("x", stages=["s2"]))

    assert codes(shop(change)) == [("D201", "s2")]


def test_a_placement_whose_offer_cannot_show_is_told_of_at_the_offer() -> None:
    def change(m: Document) -> None:
        m["placements"]["side"] = {"fallback": "none"}
        m["offers"].append({**offer("x", when="n > 1 and n < 0"), "placements": ["side"]})

    assert codes(shop(change)) == [("D101", "x")]


def test_an_alternative_is_no_contradiction() -> None:
    def change(m: Document) -> None:
        m["conditions"]["few_and_many"] = IMPOSSIBLE
        m["offers"].append(offer("x", when={"any": ["few_and_many", "n == 7"]}, priority=9))

    assert codes(shop(change)) == [("D101", "few_and_many")]


def test_an_offer_that_wins_at_one_placement_is_told_of_for_the_other_only() -> None:
    def change(m: Document) -> None:
        m["placements"]["side"] = {"fallback": "none"}
        m["offers"] += [
            {**offer("x", when="n > 7"), "placements": ["top", "side"]},
            {**offer("y", when="n > 6", priority=9), "placements": ["top"]},
        ]

    found = check_models(models_from_dicts([shop(change)]), now_ms=NOW_MS)

    assert [(each.code, each.subject) for each in found] == [("D301", "x")]
    assert found[0].message.startswith("offer `x` never wins `top`: ")


def test_an_offer_that_wins_for_a_while_is_no_finding() -> None:
    def change(m: Document) -> None:
        m["offers"].append(offer("x", when="n > 1", priority=9, valid={"from": "2027-01-01"}))

    assert codes(shop(change)) == []


def test_what_is_known_through_a_name_may_be_a_stage() -> None:
    def change(m: Document) -> None:
        m["conditions"]["is_known"] = {"says": "Counted", "when": "known(n)", "basis": "deductive"}
        m["stages"] = [{"id": "s0"}, {"id": "s1", "when": "is_known"}, {"id": "s2", "when": "many"}]

    assert codes(shop(change)) == []


def test_a_purpose_below_a_listed_one_is_within_it() -> None:
    listed = {"top": {"fallback": "none", "purposes": ["personalize.content"]}}

    assert codes(shop(placements=listed)) == []
    assert codes(shop(placements={"top": {"fallback": "none", "purposes": []}})) == [("D304", "top")]


def test_a_stage_alone_makes_a_decision_depend_on_its_purposes() -> None:
    def change(m: Document) -> None:
        m["attributes"]["m"] = {
            "type": "number",
            "provenance": "declared",
            "purposes": ["functional.storage"],
        }
        m["stages"].append({"id": "s2", "when": "m > 1"})
        m["placements"]["top"]["purposes"] = [LIMITED]

    (finding,) = check_models(models_from_dicts([shop(change)]), now_ms=NOW_MS)

    assert finding.code == "D304"
    assert finding.witness is not None
    assert finding.message.startswith("the stage that `top` reports depends on `m`")
    assert finding.witness.purposes == ("functional.storage",)


def test_a_group_of_one_excludes_nothing() -> None:
    alone = shop(lambda m: m["offers"][1].update(exclusive="price"))
    mail = shop(
        lambda m: m["offers"][1].update(id="letter", placements=["letter"], exclusive="price", when="n < 1"),
        model="mail",
        channel="mail",
        placements={"letter": {"fallback": "none"}},
    )

    assert codes(alone) == [("D504", "some")]
    assert codes(alone, mail) == []


# --- accepted ---------------------------------------------------------------------------------------------------


def accepted(check: str, of: str) -> Document:
    return {"check": check, "of": of, "because": "It is meant"}


def unused(m: Document) -> None:
    m["conditions"]["unused"] = {"says": "Seven", "when": "n == 7", "basis": "inductive"}


def test_an_accepted_finding_is_listed_with_its_reason() -> None:
    models = models_from_dicts([shop(unused, accepted=[accepted("D104", "unused")])])
    review = review_models(models, now_ms=NOW_MS)

    assert review.findings == ()
    assert [(each.finding.code, each.because) for each in review.accepted] == [("D104", "It is meant")]


@pytest.mark.parametrize(
    ("check", "of", "message"),
    [
        ("D104", "many", "`D104` of `many` is accepted, and is not found"),
        ("D105", "unused", "`D105` of `unused` is accepted, and is not found"),
        ("D404", "top", "`D404` of `top` is accepted, and is not found"),
        ("D405", "many", "there is no check `D405` to accept; did you mean `D404`?"),
    ],
)
def test_an_acceptance_of_nothing_is_told(check: str, of: str, message: str) -> None:
    both = [accepted("D104", "unused"), accepted(check, of)]
    (finding,) = check_models(models_from_dicts([shop(unused, accepted=both)]), now_ms=NOW_MS)

    assert (finding.code, finding.subject, finding.message) == ("D901", of, message)


def test_an_acceptance_counts_for_its_own_model() -> None:
    mail = shop(
        lambda m: m["offers"][1].update(placements=["letter"]),
        model="mail",
        channel="mail",
        placements={"letter": {"fallback": "none"}},
        accepted=[accepted("D303", "some")],
    )
    ended = {"valid": {"until": "2026-01-01"}}
    web = shop(lambda m: m["offers"].append(offer("other", **ended)))
    mail["offers"][1] |= ended

    assert codes(web, mail) == [("D303", "other")]
    web["accepted"] = [accepted("D303", "some")]
    assert codes(web, mail) == [("D901", "some"), ("D303", "other")]


@pytest.mark.parametrize(
    ("check", "of"), [("D303", "some"), ("D902", "some"), ("D501", "some"), ("D502", "some")]
)
def test_an_acceptance_may_wait_for_its_day(check: str, of: str) -> None:
    later = shop(
        lambda m: m["offers"][1].update(valid={"until": "2030-01-01"}), accepted=[accepted(check, of)]
    )

    assert codes(later) == []


# --- findings ---------------------------------------------------------------------------------------------------


def test_findings_are_in_the_order_of_their_places() -> None:
    one, two = (Finding(Place("m.yaml", line, 1), "D104", "x", "unused", Severity.NOTE) for line in (9, 10))

    assert sorted([two, one]) == [one, two]


@pytest.mark.parametrize(
    ("severity", "reached"), [(Severity.ERROR, 3), (Severity.WARNING, 2), (Severity.NOTE, 1)]
)
def test_a_severity_reaches_those_that_are_no_worse(severity: Severity, reached: int) -> None:
    assert sum(severity.reaches(each) for each in Severity) == reached


def test_long_work_tells_how_far_it_has_come() -> None:
    heard: dict[str, tuple[int, int]] = {}

    def progress(step: str, done: int, total: int) -> None:
        heard[step] = (done, total)

    check_models(models_from_dicts([shop()]), now_ms=NOW_MS, progress=progress)

    assert {"compiling offers", "proving conditions", "proving stages", "proving offers"} <= heard.keys()
    assert all(done == total for done, total in heard.values())


@pytest.mark.parametrize(
    ("offers", "says"),
    [
        ([], "nothing competes with its fallback `none`"),
        ([offer("x")], "all of them get `x`"),
        ([offer("x", when="n > 3", content={"title": "None"})], "the content of `x` and `none` is the same"),
        (
            [offer("x", priority=1, when="n > 3"), offer("y", content={"title": "x"})],
            "all of them get `x` or `y`",
        ),
    ],
)
def test_a_placement_says_in_which_way_it_shows_everybody_the_same(offers: list[Document], says: str) -> None:
    def change(m: Document) -> None:
        m["placements"]["side"] = {"fallback": "none"}
        m["offers"] += [{**each, "placements": ["side"]} for each in offers]

    (finding,) = check_models(models_from_dicts([shop(change)]), now_ms=NOW_MS)

    assert (finding.code, finding.subject) == ("D302", "side")
    assert finding.message == f"placement `side` shows every visitor the same: {says}"


def test_a_message_names_a_few_of_many_offers_that_take_all_visitors() -> None:
    def change(m: Document) -> None:
        del m["offers"][1]
        m["offers"] += [offer(f"o{at}", when=f"n == {at}", priority=9) for at in range(8)]
        m["offers"].append(offer("x", when="n in [0, 1, 2, 3, 4, 5, 6, 7]"))

    (finding,) = check_models(models_from_dicts([shop(change)]), now_ms=NOW_MS)

    assert (finding.code, finding.subject, len(finding.also)) == ("D301", "x", 8)
    assert " and 2 more instead, better ranked" in finding.message
