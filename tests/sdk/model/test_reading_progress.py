"""Reading long models: whoever wants to hears how far it is, and no part is looked into again and again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet.model import All, Condition, Expression, Known, Named, Unknown, read_models
from discreet.model.checks import Reaching


def _document(offers: int) -> dict[str, Any]:
    return {
        "model": "many",
        "channel": "web",
        "attributes": {
            "visits": {"type": "number", "provenance": "first_party", "purposes": ["personalize.content"]}
        },
        "stages": [{"id": "visit"}],
        "placements": {"hero": {"fallback": "welcome"}},
        "offers": [
            {"id": "welcome", "content": {}},
            *(
                {"id": f"o{n}", "placements": ["hero"], "when": "visits >= 1", "content": {}}
                for n in range(offers)
            ),
        ],
    }


@pytest.mark.parametrize("name", ["many.json", "many.yaml"])  # JSON is YAML, too
def test_reading_tells_how_much_of_the_text_and_of_the_offers_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(json.dumps(_document(2_500)))
    heard: list[tuple[str, int, int]] = []
    (model,) = read_models([path], progress=lambda *told: heard.append(told))
    steps = list(dict.fromkeys(step for step, _, _ in heard))
    text = [(done, total) for step, done, total in heard if step == steps[0]]
    offers = [(done, total) for step, done, total in heard if step == steps[1]]
    size = path.stat().st_size

    assert len(model.offers) == 2_501
    assert steps[1] == "reading offers"
    assert name in steps[0] or steps[0].endswith("...")  # a long path is cut
    assert text[0] == (0, size)
    assert text[-1] == (size, size)
    assert len(text) > 3
    assert text == sorted(text)
    assert offers == [(0, 2_501), (1_000, 2_501), (2_000, 2_501), (2_501, 2_501)]


@given(st.data())
def test_unknown_is_reached_through_any_names_and_what_is_missing_leaves_it_open(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 8), label="conditions")
    named = {
        f"c{at}": data.draw(
            st.lists(st.sampled_from([f"c{below}" for below in range(at + 1, size + 1)]), max_size=3)
        )
        for at in range(size)
    }  # `c<size>` is nowhere; each names later ones only, so there is no circle
    withdrawn = data.draw(st.sets(st.sampled_from(sorted(named))), label="with unknown(...)")
    trees: Mapping[str, Expression] = {
        name: All((Unknown("a") if name in withdrawn else Known("a"), *map(Named, below)))
        for name, below in named.items()
    }
    reaching = Reaching(Condition(name, "", tree, "") for name, tree in trees.items())

    def expected(name: str) -> bool | None:
        if name not in named:
            return None
        parts = {name in withdrawn, *map(expected, named[name])}
        return True if True in parts else None if None in parts else False

    for name in data.draw(st.permutations(sorted(named)), label="asked"):
        assert reaching(Named(name)) is expected(name)
        assert reaching(trees[name]) is expected(name)


def test_a_long_row_of_conditions_is_no_deep_recursion() -> None:
    trees = {f"c{at}": Named(f"c{at + 1}") for at in range(5_000)}
    trees["c5000"] = Known("a")  # type: ignore[assignment]
    reaching = Reaching(Condition(name, "", tree, "") for name, tree in trees.items())

    assert reaching(Named("c0")) is False
