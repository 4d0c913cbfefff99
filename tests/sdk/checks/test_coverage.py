"""Coverage: what visits see of a model whose points are counted by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from discreet.checks.coverage import Aspect, Coverage, Point, Seen, Watch
from discreet.cli.scenario_run import throw_away_evaluator
from discreet_consent import Consent
from support.compiled import EVERYTHING, NOTHING, PURPOSE, offer
from support.compiled import document as small
from support.example_models import sound
from support.random_models import Document

NOW_S = 1_775_000_000.0


def document(channel: str = "web", placement: str = "p", **fields: Any) -> Document:
    return small(
        offer("rich", when="many", placements=[placement]),
        offer("late", stages=["second"], placements=[placement], priority=-1),
        model=channel, channel=channel, placements={placement: {"fallback": "none"}},
        attributes={"n": {"type": "number", "provenance": "first_party", "purposes": [PURPOSE]}},
        conditions={"many": {"says": "There are many", "when": "n > 5"}},
        stages=[{"id": "first"}, {"id": "second", "when": "n > 2"}], **fields,
    )  # fmt: skip


def coverage(
    *visits: tuple[str, Mapping[str, object], Consent], documents: tuple[Document, ...] = ()
) -> Coverage:
    evaluator = throw_away_evaluator(sound(*(documents or (document(),))))
    return Watch(evaluator).coverage(
        Seen(placement, evaluator.permit(attributes, consent, now_s=NOW_S), NOW_S)
        for placement, attributes, consent in visits
    )


def words(points: object) -> list[str]:
    assert isinstance(points, tuple | frozenset)
    return [str(each) for each in points]


def test_the_points_are_offers_fallbacks_stages_and_each_truth_of_each_condition() -> None:
    found = coverage()

    assert words(found.points) == [
        "offer `rich`", "offer `late`", "fallback of `p`", "stage `first`", "stage `second`",
        "condition `many` true", "condition `many` false", "condition `many` unknown",
    ]  # fmt: skip
    assert found.missing == found.points
    assert (found.percent, found.counts()) == (0.0, (0, 8))


def test_a_visit_sees_its_offer_its_stage_and_the_conditions_as_they_are() -> None:
    rich = coverage(("p", {"n": 9}, EVERYTHING))

    assert set(words(rich.seen)) == {"offer `rich`", "stage `second`", "condition `many` true"}
    assert rich.counts(Aspect.CONDITION) == (1, 3)
    assert rich.counts(Aspect.OFFER) == (1, 2)


def test_a_fallback_is_not_its_offer_and_what_is_withheld_is_unknown() -> None:
    refused = coverage(("p", {"n": 9}, NOTHING))

    assert set(words(refused.seen)) == {"fallback of `p`", "stage `first`", "condition `many` unknown"}


def test_visits_add_up_to_everything() -> None:
    everything = coverage(("p", {"n": 9}, EVERYTHING), ("p", {"n": 3}, EVERYTHING), ("p", {}, NOTHING))

    assert (everything.missing, everything.percent) == ((), 100.0)


def test_what_is_impossible_does_not_count() -> None:
    point = Point(Aspect.OFFER, ("small",), "rich")
    other = Point(Aspect.OFFER, ("small",), "late")

    assert Coverage((point, other), frozenset([other]), frozenset([point])).percent == 100.0
    assert Coverage((point,), frozenset(), frozenset([point])).percent == 100.0
    assert Coverage((point, other), frozenset()).percent == 0.0


@pytest.mark.parametrize("when", ["n > 5", "n >= 5"])
def test_a_condition_that_two_models_share_is_seen_by_a_visit_of_either(when: str) -> None:
    mail = document("mail", "letter")
    mail["conditions"]["many"]["when"] = when
    both = (document(), mail)
    found = coverage(("letter", {"n": 9}, EVERYTHING), documents=both)
    true = [point for point in found.seen if point.aspect is Aspect.CONDITION]

    shared = ("web", "mail") if when == "n > 5" else ("mail",)
    assert [(point.models, point.truth) for point in true] == [(shared, True)]
    assert len(found.points) == (13 if when == "n > 5" else 16)


def test_machines_get_points_by_their_parts() -> None:
    offers, *_, unknown = coverage().points

    assert offers.as_json() == {"aspect": "offer", "models": ["web"], "id": "rich"}
    assert unknown.as_json() == {
        "aspect": "condition", "models": ["web"], "id": "many", "truth": "unknown"
    }  # fmt: skip


def test_named_conditions_are_compared_by_what_they_name() -> None:
    web, mail = document(), document("mail", "letter")
    for each, when in ((web, "n > 1"), (mail, "n > 2")):
        each["conditions"] = {
            "inner": {"says": "Some", "when": when},
            "outer": {"says": "So", "when": "inner"},
        }
    for each in (web, mail):
        each["offers"][1]["when"] = "outer"
    found = coverage(documents=(web, mail))

    assert {point.models for point in found.points if point.aspect is Aspect.CONDITION} == {
        ("web",),
        ("mail",),
    }
