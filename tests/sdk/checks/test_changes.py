"""The difference of two models: every pair of winners that somebody meets, contents, stages, declarations."""

from __future__ import annotations

from typing import Any

import pytest

from discreet.checks.changes import DeclarationChange, Difference, WinnerChange, difference
from discreet.checks.changes_alike import Likeness
from discreet.checks.changes_words import under
from discreet.checks.proofs import Journeys, Prover, journeys_of, journeys_of_bundle, side_by_side
from discreet.model import models_from_dicts
from support.compiled import ATTRIBUTES, NOW_S, OTHER_PURPOSE, PURPOSE, document, offer
from support.products import evaluator_of
from support.witnesses import decided

Document = dict[str, Any]
LOYAL = {"id": "loyal", "when": "n >= 5"}


def sides(*documents: Document) -> list[Journeys]:
    return [journeys_of(models_from_dicts([each])) for each in documents]


def compared(old: Document, new: Document, **asked: Any) -> Difference:
    return difference(*sides(old, new), now_ms=NOW_S * 1000, **asked)


def pairs(found: Difference) -> list[tuple[str, str]]:
    return [(each.was.offer, each.becomes.offer) for each in found.winners]


def many(number: int) -> list[Document]:
    """Offers that take turns in winning."""
    return [
        offer(
            f"o{each}",
            when=[f"{each} <= n < {each + 20}", f'"t{each % 7}" in t', f's != "x{each % 5}"'],
            priority=each % 11,
        )
        for each in range(number)
    ]


# --- Nothing changes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 300])
def test_equal_models_differ_in_nothing(number: int) -> None:
    found = compared(document(*many(number)), document(*many(number)))

    assert found == Difference()
    assert found.is_empty


@pytest.mark.parametrize("number", [1, 300])
def test_a_model_and_its_own_bundle_differ_in_nothing(number: int) -> None:
    written = document(*many(number), stages=[{"id": "first"}, LOYAL])
    model = journeys_of(models_from_dicts([written]))
    bundle = journeys_of_bundle(evaluator_of([written]).bundle)

    assert difference(bundle, model, now_ms=0).is_empty
    assert difference(model, bundle, now_ms=0).is_empty


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (offer(when="not (n < 1 or n > 3)"), offer(when="1 <= n <= 3")),
        (offer(when='s in ["a", "b"]'), offer(when={"any": ['s == "b"', 's == "a"']})),
        (offer(when="returning"), offer(when="n >= 2 and known(n)")),
    ],
    ids=["de morgan", "a list", "a name"],
)
def test_what_only_says_it_in_other_words_is_no_change(old: Document, new: Document) -> None:
    conditions = {"returning": {"says": "They came back", "when": "n >= 2"}}

    assert compared(document(old, conditions=conditions), document(new, conditions=conditions)).is_empty


def test_an_offer_that_nobody_would_see_is_no_change() -> None:
    old = document(offer("best", priority=9), offer("late", when="n > 1"))

    assert compared(old, document(offer("best", priority=9))).is_empty


# --- Another winner --------------------------------------------------------------------------------------------


def test_every_pair_of_winners_is_found_once() -> None:
    old = document(offer("low", when="n < 3"), offer("high", when="n >= 3"), offer("b", when="b"))
    new = document(offer("low", when="n < 5"), offer("high", when="n >= 5"), offer("b", when="b"))

    assert pairs(compared(old, new)) == [("high", "low")]


def test_a_rank_decides_who_wins() -> None:
    old = document(offer("a", when="n > 1", priority=1), offer("b", when="m > 1"))
    new = document(offer("a", when="n > 1", priority=1), offer("b", when="m > 1", priority=2))
    found = compared(old, new)
    (change,) = found.winners

    assert pairs(found) == [("a", "b")]
    assert change.consents == (frozenset((PURPOSE,)),)
    assert change.witness.purposes == (PURPOSE,)
    for written, wanted in ((old, "a"), (new, "b")):
        assert decided(evaluator_of([written]), change.witness)["p"].offer == wanted


def test_the_fallback_is_told_from_an_offer_that_won() -> None:
    found = compared(document(offer(when="n > 1")), document())
    (change,) = found.winners

    assert (change.was.fallback, change.becomes.fallback) == (False, True)
    assert change.becomes.offer == "none"


def test_an_offer_that_shows_as_the_fallback_instead_is_no_change() -> None:
    fallback = {"id": "none", "content": {"title": "none"}, "placements": ["p"], "priority": -1}
    old = document(offer(when="n > 1"))
    competing = {**old, "offers": [fallback, *old["offers"][1:]]}

    assert compared(old, competing).is_empty


def test_another_fallback_is_seen_by_those_for_whom_nothing_is_eligible() -> None:
    old = document(offer(when="n > 1"))
    other = {"id": "other", "content": {"title": "other"}}
    new = {**old, "offers": [other, *old["offers"][1:]], "placements": {"p": {"fallback": "other"}}}
    found = compared(old, new)

    assert pairs(found) == [("none", "other")]
    assert found.winners[0].consents == (frozenset(),)


def test_a_window_moves_the_winner_in_between_only() -> None:
    old = document(offer(valid={"until": "2026-03-10"}))
    new = document(offer(valid={"until": "2026-03-12"}))
    (change,) = compared(old, new).winners

    assert (change.was.offer, change.becomes.offer) == ("none", "it")
    assert 1_773_100_800_000 <= change.witness.now_ms < 1_773_273_600_000


def test_other_purposes_of_an_attribute_change_winners_under_some_consents_only() -> None:
    stricter = {**ATTRIBUTES, "n": {**ATTRIBUTES["n"], "purposes": [OTHER_PURPOSE]}}
    found = compared(document(offer(when="n > 1")), document(offer(when="n > 1"), attributes=stricter))

    assert {(each.was.offer, each.becomes.offer): each.consents for each in found.winners} == {
        ("it", "none"): (frozenset((PURPOSE,)),),
        ("none", "it"): (frozenset((OTHER_PURPOSE,)),),
    }
    assert found.declarations == (DeclarationChange("attribute", "n", "purposes", PURPOSE, OTHER_PURPOSE),)


def test_what_only_known_children_meet_is_told_as_such() -> None:
    contextual = {**ATTRIBUTES, "n": {**ATTRIBUTES["n"], "provenance": "contextual"}}
    new = document(offer(when="n > 1"), attributes=contextual)
    (change,) = compared(document(offer(when="n > 1")), new).winners

    assert (change.was.offer, change.becomes.offer, change.consents) == ("none", "it", ())
    assert change.witness.contextual_only
    assert decided(evaluator_of([new]), change.witness)["p"].offer == "it"


def test_one_changed_offer_among_300_is_found_with_all_whom_it_beats() -> None:
    old, new = many(300), many(300)
    new[150]["priority"] = 50
    found = compared(document(*old), document(*new))

    assert found.proven
    assert {becomes for _, becomes in pairs(found)} == {"o150"}
    assert len(found.winners) > 5
    for change in found.winners[:3]:
        assert decided(evaluator_of([document(*old)]), change.witness)["p"].offer == change.was.offer


# --- Other content ---------------------------------------------------------------------------------------------


def test_other_content_is_told_with_somebody_who_sees_it() -> None:
    old = document(offer(when="n > 1", content={"title": "a", "size": 10, "kept": True}))
    new = document(offer(when="n > 1", content={"title": "b", "size": 10.0, "kept": True}))
    found = compared(old, new)
    (change,) = found.contents

    assert (change.offer, change.placements, change.fields) == ("it", ("p",), ("size", "title"))
    assert change.consents == (frozenset((PURPOSE,)),)
    assert decided(evaluator_of([new]), change.witness)["p"].content["title"] == "b"
    assert found.winners == ()
    assert not found.is_empty


def test_content_that_nobody_sees_is_no_change() -> None:
    better = offer("better", priority=9)

    assert compared(
        document(better, offer(content={"a": 1})), document(better, offer(content={"a": 2}))
    ).is_empty


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("Hi {s|you}", "Hi {s|there}"),
        ("Hi {s|you}", "Hi you"),
        ("{s|you}", "{n|you}"),
        ("{{s|you}}", "{s|you}"),
    ],
    ids=["default", "no token", "another attribute", "braces"],
)
def test_other_tokens_are_told_with_somebody_who_sees_the_difference(was: str, becomes: str) -> None:
    old, new = (document(offer(content={"title": each})) for each in (was, becomes))
    (change,) = compared(old, new).contents
    seen = [decided(evaluator_of([each]), change.witness)["p"].content for each in (old, new)]

    assert seen[0] != seen[1]


GREETING = offer(content={"title": "Hi {s|you}", "kept": "{n|5}"})
DECLARED = [
    ({"purposes": [OTHER_PURPOSE]}, {(PURPOSE,), (OTHER_PURPOSE,)}),
    ({"sensitive": "health"}, {(PURPOSE,)}),
    ({"retention": "10d"}, {(PURPOSE,)}),
    ({"lower": True}, {(PURPOSE,)}),
]


@pytest.mark.parametrize(("declared", "consents"), DECLARED, ids=lambda each: str(each)[:16])
def test_a_token_reads_otherwise_where_its_attribute_is_declared_otherwise(
    declared: Document, consents: set[tuple[str, ...]]
) -> None:
    old = document(GREETING)
    new = document(GREETING, attributes={**ATTRIBUTES, "s": {**ATTRIBUTES["s"], **declared}})
    found = compared(old, new)
    if (
        "lower" in declared
    ):  # an upper-case letter is no literal of the author's: it is not found, and that is said
        assert found.contents or not found.proven
        return
    (change,) = found.contents
    seen = [decided(evaluator_of([each]), change.witness)["p"].content for each in (old, new)]

    assert change.fields == ("title",)
    assert {tuple(sorted(each)) for each in change.consents or ()} == consents
    assert seen[0]["title"] != seen[1]["title"]


@pytest.mark.parametrize(
    ("when", "was", "becomes"),
    [
        ("known(n)", "Hi {n|you}", "Hi {n|there}"),
        ("n == 5", "You have {n|5}", "You have 5"),
        ("known(s) and s in ['a']", "{s|b}", "{s|c}"),
    ],
    ids=["never the default", "the same value", "a name"],
)
def test_another_template_that_nobody_reads_otherwise_is_no_change(when: str, was: str, becomes: str) -> None:
    sides = [document(offer(when=when, content={"title": each})) for each in (was, becomes)]

    assert compared(sides[0], sides[1]).is_empty


def test_only_the_fields_that_somebody_reads_otherwise_are_told() -> None:
    was, becomes = {"a": "{n|x}", "b": "{s|x}"}, {"a": "{n|y}", "b": "{s|y}"}
    (change,) = compared(
        *(document(offer(when="known(n)", content=each)) for each in (was, becomes))
    ).contents

    assert change.fields == ("b",)


# --- Stages and declarations -----------------------------------------------------------------------------------


def test_whoever_is_in_another_stage_is_told_of() -> None:
    old = document(offer(), stages=[{"id": "first"}, LOYAL])
    new = document(offer(), stages=[{"id": "first"}, {**LOYAL, "when": "n >= 4"}])
    found = compared(old, new)
    (change,) = found.stages

    assert (change.model, change.was, change.becomes) == ("small", "first", "loyal")
    assert [decided(evaluator_of([each]), change.witness)["p"].stage for each in (old, new)] == [
        "first",
        "loyal",
    ]
    assert found.winners == ()


def test_what_is_there_on_one_side_only_is_told() -> None:
    old = document(offer(), stages=[{"id": "first"}, LOYAL])
    new = document(
        offer(),
        attributes={**ATTRIBUTES, "x": ATTRIBUTES["n"]},
        placements={"p": {"fallback": "none"}, "q": {"fallback": "none"}},
    )

    assert [(each.what, each.id, each.how) for each in compared(old, new).declarations] == [
        ("placement", "q", "added"), ("stage", "loyal", "removed"), ("attribute", "x", "added"),
    ]  # fmt: skip
    assert [each.how for each in compared(new, old).declarations] == ["removed", "added", "removed"]


@pytest.mark.parametrize(
    ("field", "was", "becomes"),
    [
        ("retention", {}, {"retention": "90d"}),
        ("sensitive", {}, {"sensitive": "health"}),
        ("provenance", {}, {"provenance": "declared"}),
        ("category", {"category": "user.name"}, {}),
    ],
)
def test_every_declaration_of_an_attribute_is_compared(field: str, was: Document, becomes: Document) -> None:
    old, new = (
        document(attributes={**ATTRIBUTES, "n": {**ATTRIBUTES["n"], **each}}) for each in (was, becomes)
    )
    (change,) = compared(old, new).declarations

    assert (change.id, change.field, change.how) == ("n", field, "changed")


@pytest.mark.parametrize(
    ("field", "key", "was", "becomes"),
    [("id", "model", "small", "renamed"), ("channel", "channel", "web", "app")],
)
def test_another_name_or_channel_of_a_model_is_told_and_its_visitors_are_compared(
    field: str, key: str, was: str, becomes: str
) -> None:
    found = compared(document(offer()), document(offer("other"), **{key: becomes}))

    assert found.declarations == (DeclarationChange("model", "small", field, was, becomes),)
    assert pairs(found) == [("it", "other")]
    assert not compared(document(offer()), document(offer(), **{key: becomes})).is_empty


def test_a_channel_that_is_gone_is_told() -> None:
    mail = document(model="mail", channel="mail", placements={"m": {"fallback": "none"}})
    (one,) = sides(document(offer()))
    both = journeys_of(models_from_dicts([document(offer()), mail]))
    found = difference(both, one, now_ms=0)

    assert [(each.what, each.id, each.how) for each in found.declarations] == [
        ("model", "mail", "removed"), ("placement", "m", "removed"),
    ]  # fmt: skip


# --- How far it looks ------------------------------------------------------------------------------------------


def test_only_the_placements_that_are_asked_for_are_looked_at() -> None:
    placements = {"p": {"fallback": "none"}, "q": {"fallback": "none"}}
    old = document(offer(placements=["p", "q"]), placements=placements)
    new = document(placements=placements)
    found = compared(old, new, placements=["q"])

    assert [each.placement for each in found.winners] == ["q"]
    assert len(compared(old, new).winners) == 2


def test_a_limit_cuts_the_search_and_says_so() -> None:
    old = document(offer("a", when="n > 1"), offer("b", when="n < 1"))
    cut, whole = compared(old, document(), limit=1), compared(old, document(), limit=2)

    assert (len(cut.winners), cut.cut, cut.proven) == (1, True, False)
    assert (len(whole.winners), whole.cut, whole.proven) == (2, False, True)


def test_what_was_too_much_to_prove_is_told_and_is_no_yes() -> None:
    old = document(offer("a", when="n > 1 or m > 1"), offer("b", when="n > 2 or b"))
    found = compared(old, document(offer("b", when="n > 2 and b")), budget=0)

    assert found.unproven
    assert not found.proven
    assert not found.is_empty


def test_each_doubt_is_told_once() -> None:
    old = document(offer("a", when="n > 1 or m > 1"), offer("b", when="n > 2 or b"), offer("c", when="m > 2"))
    new = document(offer("a", when="n > 1"), offer("b", when="n > 2 and b"), offer("c", when="m > 3"))
    unproven = compared(old, new, budget=0).unproven

    assert len(unproven) > 1
    assert len(unproven) == len({*unproven})


def test_what_was_observed_before_the_first_year_is_no_crash() -> None:
    ended = offer(when="n > 1", valid={"until": "0001-01-10"})
    stored = [{**ATTRIBUTES, "n": {**ATTRIBUTES["n"], "retention": each}} for each in ("30d", "60d")]
    found = compared(*(document(ended, attributes=each) for each in stored))

    assert not found.winners or found.proven


def test_what_could_not_be_decided_is_not_alike() -> None:
    one, other = (sides(document(offer(when=each)))[0] for each in ("n > 1 or m > 1", "m > 1 or n > 1"))
    was, becomes = side_by_side(one, other)
    trees = [each.rules[0].offer("it").tree for each in (was, becomes)]

    assert Likeness(was, becomes, Prover((was, becomes), now_ms=0)).same(*trees)
    assert not Likeness(was, becomes, Prover((was, becomes), now_ms=0, budget=0)).same(*trees)


def test_many_consents_are_counted_in_words() -> None:
    consents = tuple(frozenset((f"p{each}",)) for each in range(9))

    assert under(consents[:4]) == "p0 or p1 or p2 or p3"
    assert under(consents) == "p0 or p1 or p2 or one of 6 more"


def test_the_progress_is_told() -> None:
    heard: list[tuple[str, int, int]] = []
    compared(document(offer(when="n > 1")), document(), progress=lambda *step: heard.append(step))

    assert heard[-1][1] == heard[-1][2]
    assert {"comparing p"} <= {step for step, _, _ in heard}


def test_changes_are_plain_json() -> None:
    found = compared(document(offer(when="n > 1")), document())
    change = found.winners[0]

    assert isinstance(change, WinnerChange)
    assert found.as_dict()["winners"] == [
        {
            "placement": "p",
            "was": {"offer": "it", "fallback": False},
            "becomes": {"offer": "none", "fallback": True},
            "consents": [[PURPOSE]],
            "witness": change.witness.as_json(),
        }
    ]
