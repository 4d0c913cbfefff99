"""Models that are too large for a table of all cases: many bounds, many offers, conditions that would explode."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

import pytest

from discreet_consent import Consent
from support.products import evaluator_of
from support.reference import reference_top
from support.vectors.cases import NOW_S

GRANTED = frozenset({"analytics"})
KINDS = {
    "n": "number",
    "s": "string",
    "t": "strings",
    "d": "datetime",
    **{f"b{i}": "boolean" for i in range(14)},
}
ATTRIBUTES = {
    name: {"type": kind, "provenance": "first_party", "purposes": ["analytics"]}
    for name, kind in KINDS.items()
}


def model(whens: Sequence[object], stage: str | None = None) -> dict[str, Any]:
    """One offer for each condition, all for one placement, the first the best."""
    offers = [
        {"id": f"o{number}", "placements": ["slot"], "when": when, "priority": -number, "content": {}}
        for number, when in enumerate(whens)
    ]
    stages = [{"id": "first"}, *([{"id": "second", "when": stage}] if stage else [])]
    return {
        "model": "large",
        "channel": "web",
        "attributes": ATTRIBUTES,
        "stages": stages,
        "placements": {"slot": {"fallback": "nothing"}},
        "offers": [{"id": "nothing", "content": {}}, *offers],
    }


def assert_alike(document: dict[str, Any], visitors: Iterator[Mapping[str, object]]) -> None:
    """The product's whole ranking is the reference's, for every visitor."""
    evaluator = evaluator_of([document])
    seen: set[str] = set()
    for visitor in visitors:
        best = reference_top([document], "slot", visitor, GRANTED, NOW_S, 9_999)
        permitted = evaluator.permit(visitor, Consent.granting(*GRANTED), now_s=NOW_S)

        top = evaluator.decide_top("slot", permitted, 9_999, now_s=NOW_S)

        assert [(d.offer, d.stage) for d in top] == [(o.offer, o.stage) for o in best]
        assert evaluator.decide("slot", permitted, now_s=NOW_S).offer == best[0].offer
        seen |= {outcome.offer for outcome in best}
    assert len(seen) > 3, "the visitors must tell the offers apart"


def booleans(random: Random) -> dict[str, object]:
    return {f"b{i}": random.choice((True, False, None)) for i in range(14)}


def test_more_bounds_than_the_index_keeps_apart() -> None:
    random = Random(1)  # noqa: S311 - chosen, not secret
    whens = [f"{low} <= n < {low + width / 8}" for low in range(300) for width in [random.randint(1, 30)]]
    values = [random.choice((low, low + 0.125, low - 0.125, low + 1e-9)) for low in range(0, 304, 4)]
    assert_alike(model(whens), ({"n": value} for value in values))


def test_more_days_than_the_index_keeps_apart() -> None:
    whens = [f"days_since(d) in [{day}, {day + 0.5}] or days_since(d) > {day + 300}" for day in range(300)]
    assert_alike(model(whens), ({"d": (NOW_S - day * 43_200) * 1_000} for day in range(0, 1_300, 23)))


TEXT_TESTS = (
    's == "{}"',
    's != "{}"',
    'starts_with(s, "{}")',
    'not ends_with(s, "{}")',
    'contains(s, "{}")',
    '"{}" in t',
    '"{}" not in t',
)


def test_many_texts_and_sets() -> None:
    random = Random(2)  # noqa: S311 - chosen, not secret
    letters = [f"{a}{b}" for a in "abcd" for b in "abcd"]
    whens = [[random.choice(TEXT_TESTS).format(random.choice(letters)) for _ in range(3)] for _ in range(200)]
    visitors = (
        {
            "s": random.choice((None, "".join(random.choices("abcd", k=random.randint(0, 5))))),
            "t": random.choice((None, random.choices(letters, k=random.randint(0, 4)))),
        }
        for _ in range(40)
    )
    assert_alike(model(whens), visitors)


EXPLODING = {
    "or of and, negated": "not (" + " or ".join(f"(b{i} and b{13 - i})" for i in range(14)) + ")",
    "and of or": " and ".join(f"(b{i} or b{(i + 5) % 14} or n == {i})" for i in range(14)),
    "parity": "b0",
}
for _number in range(1, 6):
    _parity = EXPLODING["parity"]
    EXPLODING["parity"] = f"(({_parity}) and not b{_number}) or (not ({_parity}) and b{_number})"


@pytest.mark.parametrize("name", EXPLODING)
def test_conditions_that_would_explode_mean_the_same(name: str) -> None:
    random = Random(3)  # noqa: S311 - chosen, not secret
    explosive = EXPLODING[name]
    whens = [
        ["b0", explosive],
        [f"not ({explosive})", "b1"],
        explosive,
        "b2",
        ["not b2", explosive],
        "n == 3 or b3",
    ]
    document = model(whens, stage=explosive)
    known = (
        {name: value for name, value in booleans(random).items() if value is not None} for _ in range(60)
    )
    mostly = ({f"b{i}": random.random() < 0.8 for i in range(14)} for _ in range(60))
    both = (visitor for pair in zip(known, mostly, strict=True) for visitor in pair)
    assert_alike(document, both)
