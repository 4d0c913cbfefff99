"""Packing: a program becomes the payload of a bundle. The same program and arguments give the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discreet.runtime import wire
from discreet.runtime.decoding import FORMAT, MAX_SECONDS, MAX_VERSION
from discreet.runtime.fields import MAX_NAME_LENGTH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from discreet_consent import Attribute, Coarsening

    from .program import IndexProgram, ModelProgram, OfferProgram, Program


def pack(
    program: Program, *, name: str, version: int, floor: int = 0, created_s: int, expires_s: int
) -> bytes:
    """The payload of `program`, ready to be signed.

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
    return wire.pack({
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
        "offers": [_offer(each) for each in model.offers],
        "placements": [[each.id, each.fallback, list(each.offers)] for each in model.placements],
        "certificate": {
            "placements": [list(each.needs) for each in model.placements],
            "offers": [list(each.needs) for each in model.offers],
            "waived": [number for number, offer in enumerate(model.offers) if offer.waives],
        },
        "index": _index(model.index),
    }


def _offer(offer: OfferProgram) -> list[object]:
    return [offer.id, list(offer.stages), offer.tree, offer.from_ms, offer.until_ms, offer.content]


def _index(index: IndexProgram) -> dict[str, object]:
    return {
        "stage_bits": list(index.stage_bits),
        "clauses": b"".join(number.to_bytes(4, "little") for number in index.clause_offers),
        "slots": [[each.kind, each.attribute, each.keys, each.unwanted, each.rows] for each in index.slots],
        "stage_rows": index.stage_rows,
        "placement_rows": index.placement_rows,
        "confirm": index.confirm,
    }
