"""From a verified payload to a bundle: every field checked, all or nothing. Source: spec/bundle-format.md.

What `decode` lets through, deciding can rely on: it never looks at a shape again.
"""

from __future__ import annotations

from discreet_consent import Attribute, AttributeType, Catalogue, DeclarationError, Provenance

from ..errors import ExpiredBundle, MalformedBundle, OlderThanFloor, UnsupportedBundle
from .bundle import Bundle
from .envelope import Verified
from .fields import Fields, a_list, a_name, names, whole
from .model_decoding import decode_model
from .wire import inflate, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeVar

    from discreet_consent import Coarsening

    T = TypeVar("T")

FORMAT = 3
SUPPORTED_FEATURES: frozenset[str] = frozenset()
_ONLY_STRINGS = frozenset((str,))
_TYPES = {each.value: each for each in AttributeType}
_PROVENANCES = {each.value: each for each in Provenance}
MAX_SECONDS = 253_402_300_800  # the year 10000
MAX_VERSION = 2**53 - 1
MAX_ATTRIBUTES = 4_096
MAX_MODELS = 256


def decode(verified: Verified, *, floor: int = 0, in_force: bool = True) -> Bundle:
    """Build the bundle of a verified payload.

    Args:
        floor: The highest floor that this loader has seen; the caller keeps it.
        in_force: Whether its time must have come and not be over. Without, one that has expired is built all the
            same: each of its decisions is a fallback, with the reason `expired`.
    Raises:
        UnsupportedBundle: a newer format, or a required feature that is unknown here.
        ExpiredBundle: its time is over at the clock of the verification, or has not come.
        OlderThanFloor: its version is below `floor`.
        MalformedBundle: anything is not exactly as the format says.
    """
    if type(verified) is not Verified:
        raise TypeError("only what `verify` returned is decoded")
    top = Fields(unpack(inflate(verified.payload, "the payload"), "the payload"), "the payload")
    _check_features(top)
    version = top.take("version", whole(0, MAX_VERSION))
    own_floor = top.take("floor", whole(0, version))
    created_s = top.take("created_s", whole(0, MAX_SECONDS))
    expires_s = top.take("expires_s", whole(created_s + 1, MAX_SECONDS))
    if in_force:
        _check_time(created_s, expires_s, verified.now_s)
    if version < floor:
        raise OlderThanFloor(version, floor)
    name = top.take("name", a_name)
    catalogue = top.take("attributes", _catalogue)
    models = tuple(decode_model(each, catalogue, version) for each in top.take("models", a_list(MAX_MODELS)))
    top.take("extensions", _extensions)
    top.end()
    placements = [placement for model in models for placement in model.placements]
    if not models or len(set(placements)) != len(placements):
        raise MalformedBundle("the payload has no model, or two models share a placement")
    return Bundle(
        name=name,
        version=version,
        floor=own_floor,
        created_s=created_s,
        expires_s=expires_s,
        digest=verified.digest,
        key_ids=verified.key_ids,
        catalogue=catalogue,
        models=models,
    )


def _check_features(top: Fields) -> None:
    if top.take("format", whole(0, MAX_VERSION)) != FORMAT:
        raise UnsupportedBundle("the bundle is of a format that this reader does not know")
    unknown = set(top.take("requires", names)) - SUPPORTED_FEATURES
    if unknown:
        raise UnsupportedBundle(f"the bundle requires unknown features: {', '.join(sorted(unknown))}")


def _check_time(created_s: int, expires_s: int, now_s: float) -> None:
    if not now_s < expires_s:
        raise ExpiredBundle("the bundle has expired")
    if not created_s <= now_s:
        raise ExpiredBundle("the bundle's time has not come")


def _extensions(value: Any) -> None:
    if type(value) is not dict or not all(type(key) is str for key in value):
        raise ValueError("not a map of extensions")


def _catalogue(value: Any) -> Catalogue:
    entries = a_list(MAX_ATTRIBUTES)(value)
    try:
        return Catalogue([_attribute(entry, entries) for entry in entries])
    except DeclarationError as error:
        raise ValueError(str(error)) from error


def _attribute(entry: Any, entries: list[Any]) -> Attribute:
    match entry:
        case [
            str(name), str(kind), str(provenance), list(purposes), None | str() as category,
            None | int() as retention_s, None | str() as sensitive, bool(lower), coarsens,
        ] if _ONLY_STRINGS.issuperset(map(type, purposes)) and type(retention_s) is not bool:  # fmt: skip
            return Attribute(
                name,
                _member(_TYPES, kind),
                _member(_PROVENANCES, provenance),
                purposes,
                category=category,
                retention_s=retention_s,
                sensitive=sensitive,
                lower=lower,
                coarsens=None if coarsens is None else _coarsening(coarsens, entries),
            )
        case _:
            pass
    raise ValueError("not an attribute")


def _member(members: Mapping[str, T], value: str) -> T:
    if value not in members:
        raise ValueError("not one of the format's words")
    return members[value]


def _coarsening(value: Any, entries: list[Any]) -> Coarsening:
    from discreet_consent import Coarsening

    match value:
        case [int(parent), str(method), parameter] if type(parent) is int and 0 <= parent < len(entries):
            match entries[parent]:
                case [str(name), *_]:
                    return Coarsening(name, method, parameter)
                case _:
                    pass
        case _:
            pass
    raise ValueError("not a coarsening")
