"""Packing: a program becomes the payload of a bundle. The same program and arguments give the same bytes."""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import TYPE_CHECKING

from discreet.runtime import wire
from discreet.runtime.decoding import FORMAT, MAX_SECONDS, MAX_VERSION
from discreet.runtime.fields import MAX_NAME_LENGTH

from .content import shaped
from .index import Rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from discreet_consent import Attribute, Coarsening

    from .index import Slot
    from .program import IndexProgram, ModelProgram, OfferProgram, PlacementProgram, Program


def pack(
    program: Program, *, name: str, version: int, floor: int = 0, created_s: int, expires_s: int
) -> bytes:
    """The payload of `program`, deflated, ready to be signed.

    Args:
        name: What the bundle is called, for people; 1 to 256 characters.
        version: Counts up with every release.
        floor: The lowest version that a loader of this bundle accepts from then on; at most `version`.
        created_s, expires_s: Unix seconds; the bundle is valid for created_s <= now < expires_s.
    Raises:
        ValueError: the numbers are not whole or contradict each other, or the name is empty or too long.
    """
    whole = all(type(number) is int for number in (version, floor, created_s, expires_s))
    if not whole or not 0 <= floor <= version <= MAX_VERSION or not 0 <= created_s < expires_s <= MAX_SECONDS:
        raise ValueError("a bundle needs whole numbers, 0 <= floor <= version and 0 <= created < expires")
    if not 0 < len(name) <= MAX_NAME_LENGTH:
        raise ValueError(f"a bundle's name has 1 to {MAX_NAME_LENGTH} characters")
    document = wire.pack({
        "format": FORMAT,
        "requires": [],
        "version": version,
        "floor": floor,
        "created_s": created_s,
        "expires_s": expires_s,
        "name": name,
        "attributes": _catalogue(program.attributes),
        "models": [_model(each) for each in program.models],
        "extensions": {},
    })  # fmt: skip
    return wire.deflate(document)


def _catalogue(attributes: Sequence[Attribute]) -> list[list[object]]:
    numbers = {each.name: number for number, each in enumerate(attributes)}
    return [[*_attribute(each), _coarsening(each.coarsens, numbers)] for each in attributes]


def _attribute(attribute: Attribute) -> list[object]:
    return [
        attribute.name,
        attribute.type.value,
        attribute.provenance.value,
        list(attribute.purposes),
        attribute.category,
        attribute.retention_s,
        attribute.sensitive,
        attribute.lower,
    ]


def _coarsening(coarsens: Coarsening | None, numbers: Mapping[str, int]) -> list[object] | None:
    if coarsens is None:
        return None
    given = coarsens.parameter
    return [numbers[coarsens.parent], coarsens.method, list(given) if isinstance(given, tuple) else given]


def _model(model: ModelProgram) -> dict[str, object]:
    return {
        "id": model.id,
        "channel": model.channel,
        "conditions": [list(each) for each in model.conditions],
        "stages": [list(each) for each in model.stages],
        "offers": _offers(model.offers),
        "placements": [_placement(each, len(model.offers)) for each in model.placements],
        "certificate": {
            "placements": [list(each.needs) for each in model.placements],
            "waived": [number for number, offer in enumerate(model.offers) if offer.waives],
        },
        "index": _index(model.index),
    }


def _offers(offers: Sequence[OfferProgram]) -> dict[str, object]:
    """The offers as columns: see spec/bundle-format.md, "Offers"."""
    contents, shape_of = shaped([offer.content for offer in offers])
    sets = {stages: number for number, stages in enumerate(sorted({offer.stages for offer in offers}))}
    return {
        "ids": [offer.id for offer in offers],
        "shapes": _words(shape_of),
        "contents": contents,
        "stage_sets": [list(stages) for stages in sets],
        "stages": _words([sets[offer.stages] for offer in offers]),
        "windows": [
            [number, [offer.from_ms, offer.until_ms]]
            for number, offer in enumerate(offers)
            if (offer.from_ms, offer.until_ms) != (None, None)
        ],
        "trees": [
            [number, offer.tree]
            for number, offer in enumerate(offers)
            if offer.tree is not None and not offer.index_says
        ],
    }


def _placement(placement: PlacementProgram, offers: int) -> list[object]:
    rows = Rows(offers)
    return [placement.id, placement.fallback, rows.blob([rows.row(placement.offers)])]


def _words(numbers: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(numbers)}I", *numbers)


def _differences(numbers: Sequence[int]) -> bytes:
    return _words([(each - before) % 2**32 for before, each in pairwise((0, *numbers))])


def _index(index: IndexProgram) -> dict[str, object]:
    columns: Sequence[Sequence[int]] = [*zip(*index.checks, strict=True)] or [(), (), (), ()]
    return {
        "stage_bits": list(index.stage_bits),
        "clauses": _differences(index.clause_offers),
        "slots": [_slot(each) for each in index.slots],
        "stage_rows": index.stage_rows,
        "confirm": index.confirm,
        "checks": [_words(column) for column in columns],
    }


def _slot(slot: Slot) -> list[object]:
    sparse = None if slot.sparse is None else [_words(slot.sparse.lengths), _words(slot.sparse.bits)]
    return [slot.kind, slot.attribute, slot.keys, slot.more, slot.rows, sparse]
