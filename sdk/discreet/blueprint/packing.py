"""A drawing as the compact JSON that its page reads: each text once, and references by position.

Keys are short where they stand once per offer. The script in `templates/` is the only reader.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from .drawing import (
    Asks,
    Differing,
    Drawing,
    DrawnAttribute,
    DrawnCondition,
    DrawnModel,
    DrawnOffer,
    DrawnPlacement,
    DrawnStage,
    Either,
    Every,
    Leasts,
    Opposite,
    Phrase,
    Says,
)
from .joined import CONTENT, in_rows

if TYPE_CHECKING:
    from discreet.model import Json, Place

Packed: TypeAlias = "dict[str, object]"


def packed(drawing: Drawing) -> Packed:
    """What the page's script reads; keys without a value are left out."""
    packing = _Packing(drawing)
    document = {
        "now": drawing.now_ms,
        "marks": [
            {"key": each.key, "letter": each.letter, "kind": each.kind.value} for each in drawing.marks
        ],
        "attributes": list(map(packing.attribute, drawing.attributes)),
        "conditions": list(map(packing.condition, drawing.conditions)),
        "models": list(map(packing.model, drawing.models)),
        "boards": [
            {"stages": each.stages, "models": each.models, "rows": list(map(len, in_rows(each.stages)))}
            for each in drawing.boards
        ],
        "alike": drawing.alike,
        "differing": list(map(_differing, drawing.differing)),
        "differingStages": list(map(_differing, drawing.differing_stages)),
    }
    return {**document, "files": _names(packing.files), "leasts": packing.leasts}  # both are filled by now


class _Packing:
    """Keeps what many refer to: file names, and sets of purposes."""

    def __init__(self, drawing: Drawing) -> None:
        self.files: list[str] = []
        self.leasts: list[list[list[int]]] = []
        self._marks = {mark.key: number for number, mark in enumerate(drawing.marks)}
        self._leasts_at: dict[Leasts, int] = {}

    def attribute(self, drawn: DrawnAttribute) -> Packed:
        declared = drawn.declared
        coarsens = declared.coarsens
        return _without_nothing(
            {
                "name": declared.name,
                "type": declared.type.value,
                "provenance": declared.provenance.value,
                "marks": drawn.marks,
                "category": declared.category,
                "retention": declared.retention_s,
                "range": drawn.range,
                "coarsens": None
                if coarsens is None
                else [coarsens.parent, coarsens.method, _parameter(coarsens.parameter)],
                "at": self._place(drawn.place),
                "used": {kind: names for kind, names in drawn.used_by.items() if names},
            }
        )

    def condition(self, drawn: DrawnCondition) -> Packed:
        condition = drawn.condition
        return _without_nothing(
            {
                "id": condition.id,
                "says": condition.says,
                "source": condition.source,
                "asks": list(map(phrase, drawn.asks)),
                "marks": drawn.marks,
                "basis": None if condition.basis is None else condition.basis.value,
                "note": condition.note,
                "owner": condition.owner,
                "segment": condition.segment,
                "at": self._place(condition.place),
            }
        )

    def model(self, drawn: DrawnModel) -> Packed:
        return _without_nothing(
            {
                "id": drawn.model.id,
                "channel": drawn.model.channel,
                "owner": drawn.model.owner,
                "stages": list(map(self._stage, drawn.stages)),
                "placements": list(map(self._placement, drawn.placements)),
                "offers": [self._offer(each, drawn) for each in drawn.offers],
            }
        )

    def _stage(self, drawn: DrawnStage) -> Packed:
        return _without_nothing(
            {
                "id": drawn.stage.id,
                "says": drawn.stage.says,
                "source": drawn.stage.source,
                "asks": list(map(phrase, drawn.asks)),
                "marks": drawn.marks,
                "least": self._least(drawn.leasts),
                "at": self._place(drawn.stage.place),
            }
        )

    def _placement(self, drawn: DrawnPlacement) -> Packed:
        placement = drawn.placement
        document = _without_nothing(
            {
                "id": placement.id,
                "says": placement.says,
                "cells": drawn.cells,
                "fallback": drawn.fallback,
                "shows": placement.shows,
                "at": self._place(placement.place),
            }
        )
        # None at all is no limit, and an empty list the narrowest.
        return document if placement.purposes is None else {**document, "purposes": placement.purposes}

    def _offer(self, drawn: DrawnOffer, model: DrawnModel) -> Packed:
        offer = drawn.offer
        stages = [each.stage.id for each in model.stages]
        placements = [each.placement.id for each in model.placements]
        return _without_nothing(
            {
                "id": offer.id,
                "says": offer.says,
                "s": [stages.index(each) for each in offer.stages] if offer.placements else [],
                "p": [placements.index(each) for each in offer.placements],
                "l": [self._least(drawn.leasts[each]) for each in offer.placements],
                "k": [self._cells(drawn, each) for each in offer.placements],
                "a": list(map(phrase, drawn.asks)),
                "src": offer.source if drawn.asks else None,
                "marks": drawn.marks,
                "reads": drawn.reads,
                "t": drawn.tokens,
                "n": offer.priority or None,
                "from": offer.valid.from_ms,
                "until": offer.valid.until_ms,
                "c": [[name, value(each)] for name, each in offer.content.items()],
                "owner": offer.owner,
                "exclusive": offer.exclusive,
                "promises": offer.promises,
                "w": offer.waives_withdrawal,
                "f": [placements.index(each) for each in drawn.fallback_of],
                "missing": [[placements.index(each), names] for each, names in drawn.missing.items()],
                "at": self._place(offer.place),
            }
        )

    def _cells(self, drawn: DrawnOffer, placement: str) -> object:
        """What each of the offer's stages asks; once where they ask the same."""
        found = [self._least(drawn.cells[placement, each]) for each in drawn.offer.stages]
        return found[0] if len(set(found)) == 1 else found

    def _least(self, leasts: Leasts | None) -> int | None:
        if leasts is None:
            return None
        if leasts not in self._leasts_at:
            self._leasts_at[leasts] = len(self.leasts)
            self.leasts.append([sorted(self._marks[key] for key in each) for each in leasts])
        return self._leasts_at[leasts]

    def _place(self, place: Place | None) -> Json:
        if place is None:
            return None
        if place.file not in self.files:
            self.files.append(place.file)
        return [self.files.index(place.file), place.line]


def _names(files: Sequence[str]) -> list[str]:
    """Files as they were named, but for the folder of this machine that absolute ones have in common."""
    folders = [os.path.dirname(file) for file in files if os.path.isabs(file)]
    common = os.path.commonpath(folders) if folders else ""
    return [os.path.relpath(file, common) if os.path.isabs(file) else file for file in files]


def phrase(each: Phrase) -> Json:
    """A number is a condition; a text is an expression; else one key, and what is below it."""
    match each:
        case Says(condition):
            return condition
        case Asks(text):
            return text
        case Every(parts):
            return {"all": list(map(phrase, parts))}
        case Either(parts):
            return {"any": list(map(phrase, parts))}
        case Opposite(part):
            return {"not": phrase(part)}


def value(each: Json) -> Json:
    """A value of content: a text is itself; whatever else stands in a list, as JSON, whose keys keep their order."""
    if isinstance(each, str):
        return each
    nested = isinstance(each, (dict, list))
    return [json.dumps(each, ensure_ascii=False, indent=1 if nested else None)]


def _differing(differing: Differing) -> Packed:
    """Aspects as pairs; of content, a text or JSON."""
    aspects = [
        [
            name,
            [None if each is None else value(each) for each in told]
            if name.startswith(CONTENT)
            else list(told),
        ]
        for name, told in differing.aspects.items()
    ]
    return {"id": differing.id, "models": differing.models, "aspects": aspects}


def _parameter(parameter: object) -> object:
    return list(parameter) if isinstance(parameter, tuple) else parameter


def _without_nothing(document: Mapping[str, object]) -> Packed:
    return {key: value for key, value in document.items() if not _is_nothing(value)}


def _is_nothing(value: object) -> bool:
    return value is None or value is False or (isinstance(value, (str, Sequence, Mapping)) and not value)
