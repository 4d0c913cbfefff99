"""Several models in one picture: whose stages make one journey, and what one offer says differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .drawing import Board, Differing

if TYPE_CHECKING:
    from discreet.model import Json, Model, Offer


def boards_of(models: Sequence[Model]) -> tuple[Board, ...]:
    """The fewest boards, greedily: a model joins the first whose stages it does not contradict in their order."""
    boards: list[Board] = []
    for number, model in enumerate(models):
        own = tuple(stage.id for stage in model.stages)
        for at, board in enumerate(boards):
            stages = _merged(board.stages, own)
            if stages is not None:
                boards[at] = Board(stages, (*board.models, number))
                break
        else:
            boards.append(Board(own, (number,)))
    return tuple(boards)


def _merged(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...] | None:
    """Both orders in one; None where they share nothing, or contradict each other."""
    common = [each for each in one if each in other]
    if not common or common != [each for each in other if each in one]:
        return None
    merged: list[str] = []
    waiting = list(other)
    for each in one:
        if each in other:
            cut = waiting.index(each)
            merged += waiting[:cut]
            del waiting[: cut + 1]
        merged.append(each)
    return (*merged, *waiting)


def compared(models: Sequence[Model]) -> tuple[tuple[str, ...], tuple[Differing, ...]]:
    """The ids of the offers that several models have: those that all say alike, and what differs in the others."""
    found: dict[str, list[tuple[int, Offer]]] = {}
    for number, model in enumerate(models):
        for offer in model.offers:
            found.setdefault(offer.id, []).append((number, offer))
    alike: list[str] = []
    differing: list[Differing] = []
    for name, told in sorted(found.items()):
        if len(told) > 1:
            aspects = _differences([offer for _, offer in told])
            if aspects:
                differing.append(Differing(name, tuple(number for number, _ in told), aspects))
            else:
                alike.append(name)
    return tuple(alike), tuple(differing)


def _differences(offers: Sequence[Offer]) -> Mapping[str, tuple[Json, ...]]:
    rows = [_aspects(offer) for offer in offers]
    names = dict.fromkeys(name for row in rows for name in row)
    values = {name: tuple(row.get(name) for row in rows) for name in names}
    return {name: each for name, each in values.items() if any(one != each[0] for one in each)}


def _aspects(offer: Offer) -> dict[str, Json]:
    content: dict[str, Json] = {f"content.{name}": value for name, value in offer.content.items()}
    return {
        "conditions": offer.source,
        "priority": offer.priority,
        "valid": [offer.valid.from_ms, offer.valid.until_ms],
        "stages": list(offer.stages),
        **content,
    }
