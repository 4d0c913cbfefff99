"""What bundles are made of: keys, zlib streams, envelopes, the payload of a tiny model and changes of it.

Made by hand, so that the bytes are the same on every machine. The keys are openly published test keys: their seeds
are 32 times the same byte.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import zlib
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeAlias

import msgpack
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .cases import DAY_S, NOW_S, Case

KIND = b"application/vnd.discreet.bundle+zlib"
OLD_KIND = b"application/vnd.discreet.bundle+msgpack"
SEEDS = {"A": b"\x01" * 32, "B": b"\x02" * 32, "C": b"\x03" * 32}
CREATED_S, EXPIRES_S, VERSION, FLOOR = NOW_S - DAY_S, NOW_S + DAY_S, 7, 5
TINY: dict[str, Any] = {
    "model": "tiny",
    "channel": "web",
    "attributes": {"b": {"type": "boolean", "provenance": "declared", "purposes": ["analytics"]}},
    "stages": [{"id": "only"}],
    "placements": {"slot": {"fallback": "nothing"}},
    "offers": [
        {"id": "nothing", "content": {}},
        {"id": "one", "placements": ["slot"], "when": "b", "content": {"text": "{b|x}"}},
    ],
}
Signature: TypeAlias = tuple[str, bytes]


def key(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(SEEDS[name])


def public(name: str) -> bytes:
    return key(name).public_key().public_bytes_raw()


def key_id(name: str) -> str:
    return "ed25519:" + hashlib.sha256(public(name)).hexdigest()[:16]


def pae(payload: bytes, kind: bytes = KIND) -> bytes:
    """DSSE's pre-authentication encoding."""
    return b" ".join([b"DSSEv1", b"%d" % len(kind), kind, b"%d" % len(payload), payload])


def signed(name: str, payload: bytes, message: bytes | None = None) -> Signature:
    return key_id(name), key(name).sign(pae(payload) if message is None else message)


def envelope(payload: object, signatures: Sequence[Signature], **fields: object) -> bytes:
    entries = [{"keyid": each, "sig": sig} for each, sig in signatures]
    return packed({"payloadType": KIND.decode(), "payload": payload, "signatures": entries, **fields})


def packed(document: object) -> bytes:
    data: bytes = msgpack.packb(document, use_bin_type=True)
    return data


def ring(*names: str, threshold: int = 1, **validity: str) -> dict[str, Any]:
    """A keyring's JSON; `validity` is that of every key."""
    keys = [
        {"id": key_id(name), "public": base64.b64encode(public(name)).decode(), **validity} for name in names
    ]
    return {"threshold": threshold, "keys": keys}


def words(*numbers: int) -> bytes:
    return struct.pack(f"<{len(numbers)}I", *numbers)


def stored(document: bytes, *, size: int = 0xFFFF) -> bytes:
    """A zlib stream that holds `document` as it is, in blocks of `size`."""
    blocks = [document[at : at + size] for at in range(0, len(document), size)] or [b""]
    ends = [*[b"\0"] * (len(blocks) - 1), b"\1"]
    body = b"".join(
        end + struct.pack("<HH", len(block), len(block) ^ 0xFFFF) + block
        for end, block in zip(ends, blocks, strict=True)
    )
    return b"\x78\x01" + body + struct.pack(">I", zlib.adler32(document))


def coded(document: bytes) -> bytes:
    """A zlib stream that holds `document` in one block of the fixed Huffman codes. Source: RFC 1951, 3.2.6."""
    codes = [f"{byte + 0x30:08b}" if byte < 144 else f"{byte + 0x100:09b}" for byte in document]
    bits = (
        "110" + "".join(codes) + "0" * 7
    )  # the last block, fixed codes; the end of the block is seven zeros
    body = bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))
    return b"\x78\x01" + body + struct.pack(">I", zlib.adler32(document))


@cache
def document_bytes() -> bytes:
    """What the product compiles from the tiny model, inflated."""
    from discreet.compiler import compile_models, pack
    from discreet.model import models_from_dicts

    program = compile_models(models_from_dicts([TINY]))
    times = {"created_s": CREATED_S, "expires_s": EXPIRES_S}
    return zlib.decompress(pack(program, name="tiny", version=VERSION, floor=FLOOR, **times))


@cache
def payload_bytes() -> bytes:
    return stored(document_bytes())


def document_of() -> Any:
    return msgpack.unpackb(document_bytes(), ext_hook=msgpack.ExtType)


def with_fields(**fields: object) -> bytes:
    """The payload with other values in some of its fields."""
    return stored(packed({**document_of(), **fields}))


def row(
    name: str,
    data: bytes,
    error: str | None,
    *,
    by: dict[str, Any] | None = None,
    now_s: float = NOW_S,
    floor: int = 0,
) -> Case:
    loads = {"name": "tiny", "version": VERSION, "floor": FLOOR, "placements": ["slot"]}
    expect = {"loads": loads} if error is None else {"error": error}
    return {
        "name": name,
        "bundle": base64.b64encode(data).decode(),
        "keyring": by or ring("A"),
        "now_s": now_s,
        "floor": floor,
        **expect,
    }


def by_a(payload: bytes) -> bytes:
    return envelope(payload, [signed("A", payload)])


def with_model(**fields: object) -> bytes:
    (model,) = document_of()["models"]
    return with_fields(models=[{**model, **fields}])


def with_offers(**columns: object) -> bytes:
    return with_model(offers={**document_of()["models"][0]["offers"], **columns})


def with_index(**fields: object) -> bytes:
    return with_model(index={**document_of()["models"][0]["index"], **fields})
