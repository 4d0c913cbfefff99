"""What differs between two ladders is as little as can be: only that is asked of the prover."""

from __future__ import annotations

from typing import Any

import pytest

from discreet.checks.changes_alike import Likeness
from discreet.checks.changes_ladders import placement_ladder, stage_ladder
from discreet.checks.changes_moves import Moves, moves
from discreet.checks.proofs import Prover, journeys_of, side_by_side
from discreet.model import models_from_dicts
from support.compiled import document, offer

Document = dict[str, Any]
STAGES = [{"id": "first"}, {"id": "loyal", "when": "n >= 5"}, {"id": "fond", "when": "m >= 5"}]


def moved(old: Document, new: Document, *, stages: bool = False) -> Moves:
    was, becomes = side_by_side(*(journeys_of(models_from_dicts([each])) for each in (old, new)))
    likeness = Likeness(was, becomes, Prover((was, becomes), now_ms=0))
    ladders = [
        stage_ladder(each.rules[0]) if stages else placement_ladder(each.rules[0], "p")
        for each in (was, becomes)
    ]
    return moves(ladders[0], ladders[1], likeness)


def ranked(*names: str, **changed: Document) -> Document:
    """Offers of these names, best first; some with other fields."""
    offers = [offer(name, when=f"n > {ord(name)}", priority=-place) for place, name in enumerate(names)]
    return document(*({**each, **changed.get(each["id"], {})} for each in offers), stages=STAGES)


@pytest.mark.parametrize(
    ("new", "not_kept"),
    [
        (ranked(*"abcdef"), ""),
        (ranked(*"fabcde"), "f"),
        (ranked(*"bcdefa"), "a"),
        (ranked(*"abdcef"), "c"),
        (ranked(*"abcdef", c={"when": "n > 1"}), "c"),
        (ranked(*"abcdef", c={"when": f"not n <= {ord('c')}"}), ""),
        (ranked(*"abcdef", c={"valid": {"from": "2026-03-01"}}), "c"),
        (ranked(*"abdef"), "c"),
        (ranked(*"abcdef", c={"stages": ["fond"]}), "c"),
    ],
    ids=["nothing", "up", "down", "swapped", "condition", "in other words", "window", "removed", "stages"],
)  # fmt: skip
def test_only_what_differs_is_not_kept(new: Document, not_kept: str) -> None:
    found = moved(ranked(*"abcdef"), new)

    assert {*found.leave, *found.arrive} == {*not_kept}


def test_a_stage_that_says_something_else_bears_on_all_that_stand_in_it() -> None:
    old = ranked(*"abc", a={"stages": ["fond"]}, b={"stages": ["loyal"]})
    new = {**old, "stages": [STAGES[0], {"id": "loyal", "when": "n >= 6"}, STAGES[2]]}

    assert moved(old, new).leave == {"b", "c"}
    assert moved(old, new, stages=True).leave == {"loyal"}


def test_another_fallback_is_not_kept() -> None:
    old = ranked(*"ab")
    other = {"id": "other", "content": {}}
    new = {**old, "offers": [other, *old["offers"][1:]], "placements": {"p": {"fallback": "other"}}}
    found = moved(old, new)

    assert (found.leave, found.arrive) == ({"none"}, {"other"})
