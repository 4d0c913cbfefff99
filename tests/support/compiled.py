"""A small model of every attribute type, its evaluator, and bundles that were tampered with and signed again."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgpack

import discreet
from discreet.compiler import sign
from discreet_consent import Attribute, AttributeType, Catalogue, Consent, Permitted, Provenance

from .products import TEST_KEY, TEST_RING, bundle_bytes, evaluator_of
from .vectors.cases import BUNDLE, NOW_S

Document: TypeAlias = dict[str, Any]

PURPOSE = "personalize.content.profiled"
OTHER_PURPOSE = "personalize.content.limited"
EVERYTHING = Consent.granting("personalize.content")
NOTHING = Consent.refusing()
TYPES: Mapping[str, str] = {
    "b": "boolean", "d": "datetime", "m": "number", "n": "number", "s": "string", "t": "strings"
}  # fmt: skip
ATTRIBUTES: Document = {
    name: {"type": kind, "provenance": "first_party", "purposes": [PURPOSE]} for name, kind in TYPES.items()
}
CATALOGUE = Catalogue(
    Attribute(name, AttributeType(kind), Provenance.FIRST_PARTY, [PURPOSE]) for name, kind in TYPES.items()
)
B, D, M, N, S, T = range(6)  # the attributes' numbers: the catalogue is in the order of their names


def offer(name: str = "it", **fields: Any) -> Document:
    """An offer that competes for the placement `p`."""
    return {"id": name, "placements": ["p"], "content": {"title": name}, **fields}


def document(*offers: Document, **fields: Any) -> Document:
    """A model with one placement, `p`, whose fallback is `none`."""
    fallback = {"id": "none", "content": {"title": "none"}}
    return {
        "model": "small", "channel": "web", "attributes": ATTRIBUTES, "stages": [{"id": "first"}],
        "placements": {"p": {"fallback": "none"}}, "offers": [fallback, *offers], **fields,
    }  # fmt: skip


def evaluator(*offers: Document, **fields: Any) -> discreet.Evaluator:
    """The evaluator of `document(*offers, **fields)`, cold."""
    return evaluator_of([document(*offers, **fields)])


def permitted(
    of: discreet.Evaluator, attributes: Mapping[str, object], consent: Consent = EVERYTHING
) -> Permitted:
    """What is known of a visitor who consents, by default, to everything."""
    return of.permit(attributes, consent, now_s=NOW_S)


def chosen(of: discreet.Evaluator, attributes: Mapping[str, object], now_s: float = NOW_S) -> str:
    """The offer that such a visitor sees at `p`."""
    return of.decide("p", permitted(of, attributes), now_s=now_s).offer


def payload_of(data: bytes) -> Document:
    """The payload of a bundle, inflated, as plain data."""
    payload: Document = msgpack.unpackb(zlib.decompress(msgpack.unpackb(data)["payload"]))
    return payload


def signed(payload: object) -> bytes:
    """Any payload at all, signed with the test key: bytes as they are, a document packed and deflated."""
    return sign(payload if isinstance(payload, bytes) else zlib.compress(msgpack.packb(payload)), [TEST_KEY])


def words(*numbers: int) -> bytes:
    """Numbers as 32-bit words: a column, or rows of at most 32 bits."""
    return struct.pack(f"<{len(numbers)}I", *numbers)


def tampered(edit: Callable[[Document], None], *offers: Document, **fields: Any) -> bytes:
    """The bundle of `document(*offers, **fields)` after `edit` of its payload, signed again."""
    payload = payload_of(bundle_bytes([document(*offers, **fields)]))
    edit(payload)
    return signed(payload)


def loaded(data: bytes, now_s: float = NOW_S, floor: int = 0) -> discreet.Evaluator:
    """The evaluator of a bundle signed with the test key."""
    return discreet.load_bytes(data, TEST_RING, now_s=now_s, floor=floor)


__all__ = [
    "ATTRIBUTES", "BUNDLE", "CATALOGUE", "EVERYTHING", "NOTHING", "NOW_S", "OTHER_PURPOSE", "PURPOSE", "TEST_KEY",
    "TEST_RING", "B", "D", "M", "N", "S", "T", "chosen", "document", "evaluator", "loaded", "offer",
    "payload_of", "permitted", "signed", "tampered", "words",
]  # fmt: skip
