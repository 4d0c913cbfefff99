"""What a worst case is, and the model that all of them share. Seeded."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from . import workload

Visitor: TypeAlias = Mapping[str, Any]
Call: TypeAlias = Literal["decide", "top 64", "all placements"]

NOW_S: Final = 1_790_000_000
PLACEMENT: Final = workload.PLACEMENT
FALLBACK: Final = workload.FALLBACK
VISITORS: Final = 200


@dataclass(frozen=True, slots=True)
class Drawn:
    """A model document, and who comes."""

    document: Mapping[str, Any]
    visitors: Sequence[Visitor]


@dataclass(frozen=True, slots=True)
class Case:
    """One worst case of `n` offers, in a small run of `few`.

    `matched`: the share of visitors for whom an offer wins, where the case is drawn for one.
    """

    name: str
    n: int
    few: int
    draw: Callable[[int], Drawn]
    call: Call = "decide"
    matched: float | None = None


def model(
    attributes: Mapping[str, str],
    whens: Sequence[Any],
    *,
    placements: int = 1,
    stages: Sequence[Any] = (),
    more: Callable[[int], Mapping[str, Any]] = lambda _: {},
) -> dict[str, Any]:
    """A model of one offer for each of `whens`, the best first, each in all placements."""
    names = [PLACEMENT, *(f"slot.{number}" for number in range(1, placements))]
    purpose = list(workload.PURPOSES[:1])
    offers = [
        {
            "id": f"offer-{place}",
            "placements": names,
            **({} if when is None else {"when": when}),
            "priority": len(whens) - place,
            "content": {"title": f"Offer {place}"},
            **more(place),
        }
        for place, when in enumerate(whens)
    ]
    return {
        "model": "worst",
        "channel": "web",
        "attributes": {
            name: {"type": type_, "provenance": "first_party", "purposes": purpose}
            for name, type_ in attributes.items()
        },
        "stages": [{"id": "visit"}, *stages],
        "placements": {name: {"fallback": FALLBACK} for name in names},
        "offers": [{"id": FALLBACK, "content": {"title": "Welcome"}}, *offers],
    }


def guests(make: Callable[[random.Random], Visitor], *, seed: str) -> list[Visitor]:
    dice = random.Random(seed)
    return [make(dice) for _ in range(VISITORS)]
