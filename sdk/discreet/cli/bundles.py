"""A bundle and its keyring from the command line, and a bundle in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadSignature, BundleError, MalformedBundle
from .options import clock_s
from .output import iso
from .signers import read_keyring

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from discreet_consent import Attribute, Coarsening

    from .. import Evaluator
    from ..runtime.bundle import Bundle, CompiledModel
    from ..runtime.offers import CompiledOffer


def open_bundle(path: Path, ring: Path, *, now_s: float | None, floor: int = 0) -> Evaluator:
    """Verify and load the bundle at `path`, at the stated instant or now.

    Raises:
        BundleError: it is refused; the message names the file.
        KeyringError: `ring` is not a keyring.
        OSError: a file cannot be read.
    """
    from .. import load

    keyring = read_keyring(ring)
    try:
        return load(path, keyring, now_s=clock_s(now_s), floor=floor)
    except BundleError as error:
        # The same error, so that its kind and its fields stay: only what it says becomes more.
        error.args = (f"`{path}`: {error}{_circumstances(error, path, ring)}",)
        raise


def _circumstances(error: BundleError, path: Path, ring: Path) -> str:
    if isinstance(error, MalformedBundle):
        return f" ({path.stat().st_size:,} bytes; cut, or another kind of file?)"
    return f" (keyring `{ring}`)" if isinstance(error, BadSignature) else ""


def identity(bundle: Bundle) -> dict[str, Any]:
    """What a bundle says of itself, and who signed it."""
    return {
        "name": bundle.name,
        "version": bundle.version,
        "floor": bundle.floor,
        "created": iso(bundle.created_s),
        "expires": iso(bundle.expires_s),
        "digest": bundle.digest,
        "keys": list(bundle.key_ids),
    }


def contents(bundle: Bundle) -> dict[str, Any]:
    """Everything in a bundle that can be said in words: the catalogue, the models, the certificates."""
    return {
        **identity(bundle),
        "attributes": [attribute_as_dict(attribute) for attribute in bundle.catalogue],
        "models": [_model(model, bundle) for model in bundle.models],
    }


def attribute_as_dict(attribute: Attribute) -> dict[str, Any]:
    return {
        "name": attribute.name,
        "type": attribute.type.value,
        "provenance": attribute.provenance.value,
        "purposes": list(attribute.purposes),
        "category": attribute.category,
        "retention_s": attribute.retention_s,
        "sensitive": attribute.sensitive,
        "lower": attribute.lower,
        "coarsens": None if attribute.coarsens is None else _coarsening(attribute.coarsens),
    }


def _coarsening(coarsens: Coarsening) -> dict[str, Any]:
    given = coarsens.parameter
    parameter = list(given) if isinstance(given, tuple) else given
    return {"attribute": coarsens.parent, "by": {coarsens.method: parameter}}


def _model(model: CompiledModel, bundle: Bundle) -> dict[str, Any]:
    needs = model.certificate.offers
    placed: dict[str, list[str]] = {offer.id: [] for offer in model.offers}
    placements = []
    for placement in model.placements.values():
        competing = [model.offers.ids[number] for number in placement.competing]
        for offer in competing:
            placed[offer].append(placement.id)
        depends = _dependence(bundle, model.certificate.placements.get(placement.id, ()))
        placements.append(
            {
                "id": placement.id,
                "fallback": model.offers.ids[placement.fallback],
                "offers": competing,
                **depends,
            }
        )
    return {
        "id": model.id,
        "channel": model.channel,
        "stages": list(model.stages),
        "conditions": [{"id": each.id, "says": each.says} for each in model.conditions],
        "placements": placements,
        "offers": [
            _offer(model, offer, placed[offer.id], _dependence(bundle, needs[offer.id]))
            for offer in model.offers
        ],
    }


def _offer(
    model: CompiledModel, offer: CompiledOffer, placed: list[str], depends: Mapping[str, Any]
) -> dict[str, Any]:
    from_ms, until_ms = offer.window
    return {
        "id": offer.id,
        "placements": placed,
        "stages": [model.stages[stage] for stage in offer.stages],
        "from": None if from_ms is None else iso(from_ms / 1000),
        "until": None if until_ms is None else iso(until_ms / 1000),
        **depends,
        "waives_withdrawal": offer.id in model.certificate.waived,
    }


def _dependence(bundle: Bundle, numbers: Iterable[int]) -> dict[str, Any]:
    """The certificate's word: on which attributes, and so on which purposes and sensitive items, this can depend."""
    attributes = [bundle.catalogue.attributes[number] for number in numbers]
    return {
        "attributes": [attribute.name for attribute in attributes],
        "purposes": sorted({purpose for attribute in attributes for purpose in attribute.purposes}),
        "sensitive": sorted({each.sensitive for each in attributes if each.sensitive is not None}),
    }
