"""Several models in one picture: whose stages make one journey, and what one offer says differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from .drawing import Board, Differing, Entered

if TYPE_CHECKING:
    from discreet.model import Json, Model, Offer

    from .drawing import DrawnModel, DrawnStage


MOST_STAGES: Final = 8  # beside one another, where nothing scrolls
CONTENT: Final = "content."  # begins an aspect that is a field of content


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


def in_rows(stages: Sequence[str]) -> list[Sequence[str]]:
    """The stages in as few rows of at most `MOST_STAGES` as it takes, about as many in each; so on paper and slides."""
    rows = -(-len(stages) // MOST_STAGES)
    cuts = [len(stages) * at // rows for at in range(rows + 1)]
    return [stages[begin:end] for begin, end in pairwise(cuts)]


def entered(models: Sequence[DrawnModel], board: Board, stage: str) -> tuple[Entered, ...]:
    """How the models of `board` say `stage` and its entry: once where they agree, else once for each way."""
    ways: list[tuple[DrawnStage, list[str]]] = []
    for model in (models[number] for number in board.models):
        for each in model.stages:
            if each.stage.id == stage:
                alike = (channels for one, channels in ways if _said(one) == _said(each))
                channels = next(alike, None)
                if channels is None:
                    ways.append((each, channels := []))
                channels.append(model.model.channel)
    return tuple(Entered(each, tuple(channels) if len(ways) > 1 else ()) for each, channels in ways)


def _said(drawn: DrawnStage) -> tuple[object, ...]:
    return drawn.stage.says, drawn.asks


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
            aspects = _differences([_aspects(offer) for _, offer in told])
            if aspects:
                differing.append(Differing(name, tuple(number for number, _ in told), aspects))
            else:
                alike.append(name)
    return tuple(alike), tuple(differing)


def compared_stages(models: Sequence[DrawnModel]) -> tuple[Differing, ...]:
    """The stages that models say or enter differently, in the order of the journey."""
    found: dict[str, list[tuple[int, DrawnStage]]] = {}
    for number, model in enumerate(models):
        for stage in model.stages:
            found.setdefault(stage.stage.id, []).append((number, stage))
    differing: list[Differing] = []
    for name, told in found.items():
        aspects = _differences([{"says": each.stage.says} for _, each in told])
        if any(each.asks != told[0][1].asks for _, each in told):
            aspects = {**aspects, "conditions": tuple(each.stage.source for _, each in told)}
        if aspects:
            differing.append(Differing(name, tuple(number for number, _ in told), aspects))
    return tuple(differing)


def _differences(rows: Sequence[Mapping[str, Json]]) -> Mapping[str, tuple[Json, ...]]:
    names = dict.fromkeys(name for row in rows for name in row)
    values = {name: tuple(row.get(name) for row in rows) for name in names}
    return {name: each for name, each in values.items() if any(one != each[0] for one in each)}


def _aspects(offer: Offer) -> dict[str, Json]:
    content: dict[str, Json] = {CONTENT + name: value for name, value in offer.content.items()}
    return {
        "conditions": offer.source,
        "priority": offer.priority,
        "valid": [offer.valid.from_ms, offer.valid.until_ms],
        "stages": list(offer.stages),
        **content,
    }
