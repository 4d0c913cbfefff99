"""The signed envelope: DSSE over msgpack. `verify` is the only way from bytes to a payload.

Source: DSSE v1.0.0 protocol (pre-authentication encoding), RFC 8032 (Ed25519). See spec/bundle-format.md.
"""

from __future__ import annotations

from discreet_consent.immutable import Immutable, put

from ..errors import BadSignature, MalformedBundle, UnsupportedBundle
from .trust import is_key_id
from .wire import MAX_BUNDLE_BYTES, pack, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, NoReturn

    from .trust import Keyring

PAYLOAD_TYPE = "application/vnd.discreet.bundle+zlib"
OLD_PAYLOAD_TYPE = "application/vnd.discreet.bundle+msgpack"  # of formats 1 and 2, which were not deflated
SIGNATURE_BYTES = 64
MAX_SIGNATURES = 16
_FEW = 4  # keys that a message lists
# Nobody has vouched for an envelope yet: it is not allowed to be much once it is unpacked.
_LIMITS = {"max_array_len": MAX_SIGNATURES, "max_map_len": 4, "max_str_len": 256, "max_ext_len": 0}


class Verified(Immutable):
    """A payload whose signatures held. Only `verify` builds one, and only `decode` reads it.

    Attributes:
        payload: The bytes that were signed, not decoded yet.
        key_ids: The keys whose signatures held, in the envelope's order.
        digest: SHA-256 of the payload, 64 hexadecimal digits: names the bundle in logs and caches.
        now_s: The clock by which the keys were judged.
    """

    __slots__ = ("digest", "key_ids", "now_s", "payload")

    payload: bytes
    key_ids: tuple[str, ...]
    digest: str
    now_s: float

    def __init__(self) -> None:
        raise TypeError("only `verify` builds a Verified")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Verified is a receipt and is never pickled or copied: verify the file again")


_new: Callable[[type[Verified]], Verified] = object.__new__


def pae(payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding of the payload: what is signed."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(payload: bytes, signatures: Mapping[str, bytes]) -> bytes:
    """Put a payload and its signatures, by key id, into an envelope. Trust comes only from `verify`."""
    entries = [{"keyid": key, "sig": signatures[key]} for key in sorted(signatures)]
    return pack({"payloadType": PAYLOAD_TYPE, "payload": payload, "signatures": entries})


def verify(data: bytes, keyring: Keyring, *, now_s: float) -> Verified:
    """Check every signature of an envelope before one byte of its payload is looked at.

    Every signature must hold, under a key of the ring that is valid at `now_s`; at least `keyring.threshold`
    different keys must have signed. So no part of the envelope can change without refusal.

    Args:
        now_s: Unix seconds, for the keys' validity.
    Raises:
        MalformedBundle: the bytes are not exactly an envelope.
        UnsupportedBundle: it is the envelope of an older format.
        BadSignature: a signature is missing, does not hold, or is not from a trusted key.
    """
    payload, signatures = _open(data)
    if len(signatures) < keyring.threshold:
        raise BadSignature(f"signatures: {len(signatures)}, required: {keyring.threshold}")
    message = pae(payload)
    for key_id, signature in signatures:
        _check(message, key_id, signature, keyring, now_s)

    import hashlib

    verified = _new(Verified)
    put(verified, "payload", payload)
    put(verified, "key_ids", tuple(key_id for key_id, _ in signatures))
    put(verified, "digest", hashlib.sha256(payload).hexdigest())
    put(verified, "now_s", now_s)
    return verified


def _check(message: bytes, key_id: str, signature: bytes, keyring: Keyring, now_s: float) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    key = keyring.keys.get(key_id)
    if key is None:
        raise BadSignature(_stranger(key_id, keyring))
    if not key.is_valid_at(now_s):
        raise BadSignature(f"signed with key `{key.id}`, which is not valid now")
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise BadSignature(f"the signature of key `{key.id}` does not hold") from error


def _stranger(key_id: str, keyring: Keyring) -> str:
    """What is said of a key that nobody trusts. Its id is whatever stands in the file, and shown only if it is one."""
    signer = f"key `{key_id}`, which" if is_key_id(key_id) else "a key that"
    known = sorted(keyring.keys)
    listed = ", ".join(f"`{each}`" for each in known[:_FEW]) + (", ..." if len(known) > _FEW else "")
    return (
        f"signed with {signer} is not in the keyring: it has {listed}; `discreet keys trust` makes a keyring"
    )


def _open(data: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Read the envelope's own fields, and nothing of the payload."""
    if len(data) > MAX_BUNDLE_BYTES:
        raise MalformedBundle(f"larger than {MAX_BUNDLE_BYTES} bytes")
    match unpack(data, "the envelope", limits=_LIMITS):
        case {"payloadType": str(kind), "payload": bytes(payload), "signatures": list(entries), **rest}:
            if kind == OLD_PAYLOAD_TYPE:
                raise UnsupportedBundle("the bundle is of an older format: build it again")
            if rest or kind != PAYLOAD_TYPE or not 0 < len(entries) <= MAX_SIGNATURES:
                raise MalformedBundle("the envelope is not that of a bundle")
        case _:
            raise MalformedBundle("the envelope is not that of a bundle")
    signatures = [_signature(entry) for entry in entries]
    ids = [key_id for key_id, _ in signatures]
    if ids != sorted(set(ids)):
        raise MalformedBundle("the envelope's signatures are not in order of distinct keys")
    if seal(payload, dict(signatures)) != data:
        raise MalformedBundle("the envelope is not in canonical form")
    return payload, signatures


def _signature(entry: Any) -> tuple[str, bytes]:
    match entry:
        case {"keyid": str(key_id), "sig": bytes(signature), **rest}:
            if not rest and len(signature) == SIGNATURE_BYTES:
                return key_id, signature
        case _:
            pass
    raise MalformedBundle("a signature of the envelope is not well-formed")
