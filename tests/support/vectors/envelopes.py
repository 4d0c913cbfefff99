"""Bundles as bytes, sound and not: who signed them, when, and what a loader must say.

The payload is a compiled one; the zlib streams and envelopes around it, and what is wrong with them, are made by hand.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .cases import FOLDER, Case
from .payloads import payload_cases
from .sealing import (
    CREATED_S,
    EXPIRES_S,
    FLOOR,
    KIND,
    OLD_KIND,
    SEEDS,
    TINY,
    VERSION,
    Signature,
    by_a,
    coded,
    document_bytes,
    document_of,
    envelope,
    key_id,
    packed,
    pae,
    payload_bytes,
    ring,
    row,
    signed,
    stored,
    with_fields,
    with_offers,
    words,
)

ABOUT = (
    "a bundle in base64, a keyring, a clock and a floor; it loads as `loads` says, or is refused with `error`"
)
PATH = FOLDER / "envelopes.json"
ORDER_OF_THE_CURVE = 2**252 + 27742317777372353535851937790883648493  # L of RFC 8032


def cases() -> list[Case]:
    return [*_sound(), *_times(), *_signatures(), *_forms(), *payload_cases()]


def _good() -> bytes:
    return by_a(payload_bytes())


def _by(*names: str) -> bytes:
    payload = payload_bytes()
    return envelope(payload, sorted(signed(name, payload) for name in names))


def _sound() -> list[Case]:
    return [
        row("one signature", _good(), None),
        row("one key of a ring of three", _good(), None, by=ring("A", "B", "C")),
        row("two signatures", _by("A", "B"), None, by=ring("A", "B")),
        row("two signatures, threshold two", _by("A", "B"), None, by=ring("A", "B", "C", threshold=2)),
        row("three signatures, threshold two", _by("A", "B", "C"), None, by=ring("A", "B", "C", threshold=2)),
        row("something unknown under extensions", _extended(), None),
        row("substitutes by each of the methods", _with_substitutes(), None),
        row("a payload that is really deflated", by_a(coded(document_bytes())), None),
        row("a payload of many blocks", by_a(stored(document_bytes(), size=50)), None),
        row(
            "a condition as a tree that the index says too",
            by_a(with_offers(trees=[[1, [4, 0, 0, True]]])),
            None,
        ),
        row("contents in columns", by_a(_in_columns()), None),
        row("a window", by_a(with_offers(windows=[[1, [0, None]]])), None),
    ]


def _extended() -> bytes:
    return by_a(with_fields(extensions={"later": [1, {"x": None}]}))


def _in_columns() -> bytes:
    return with_offers(contents=[[["a", "b"], [[1, None], ["x", 2.5]]]], shapes=words(0, 0))


def _with_substitutes() -> bytes:
    """The tiny bundle with attributes that its model does not ask about."""
    text: list[object] = ["string", "declared", ["analytics"], "user.contact", 60]
    number: list[object] = ["number", "contextual", ["analytics"], None, None]
    others: list[list[object]] = [
        ["area", *text, None, True, [4, "characters", 64]],
        ["network", *text, "health", True, [4, "network", True]],
        ["band", *number, None, False, [5, "bands", [-1.5, 0, 2**53]]],
        ["code", *text, "precise_geolocation", True, None],
        ["age", *number, None, False, None],
        ["round", *number, None, False, [5, "decimals", 3]],
    ]
    return by_a(with_fields(attributes=[*document_of()["attributes"], *others]))


def _times() -> list[Case]:
    good, old, late = _good(), "OlderThanFloor", "ExpiredBundle"
    this_instant = "2026-03-01T00:00:00Z"
    return [
        row("the instant of its creation", good, None, now_s=CREATED_S),
        row("a second before its creation", good, late, now_s=CREATED_S - 1),
        row("a second before it expires", good, None, now_s=EXPIRES_S - 1),
        row("the instant it expires", good, late, now_s=EXPIRES_S),
        row("half a second before it expires", good, None, now_s=EXPIRES_S - 0.5),
        row("long expired", good, late, now_s=EXPIRES_S + 1e9),
        row("the floor is its version", good, None, floor=VERSION),
        row("the floor is above its version", good, old, floor=VERSION + 1),
        row("the floor is its own", good, None, floor=FLOOR),
        row("a key from this instant on", good, None, by=ring("A", not_before=this_instant)),
        row(
            "a key from the next second on",
            good,
            "BadSignature",
            by=ring("A", not_before="2026-03-01T00:00:01Z"),
        ),
        row("a key until this instant", good, "BadSignature", by=ring("A", not_after=this_instant)),
        row("a key until the next second", good, None, by=ring("A", not_after="2026-03-01T00:00:01Z")),
        row("one of two keys is no longer valid", _by("A", "B"), "BadSignature", by=_half_valid()),
    ]


def _half_valid() -> dict[str, Any]:
    made = ring("A", "B")
    made["keys"][1]["not_after"] = "2026-02-28T00:00:00Z"
    return made


def _signatures() -> list[Case]:
    payload, other = payload_bytes(), with_fields(version=VERSION + 1)
    key_a, signature = signed("A", payload)
    flipped = bytes([payload[40] ^ 1])
    changed = payload[:40] + flipped + payload[41:]
    s_part = int.from_bytes(signature[32:], "little") + ORDER_OF_THE_CURVE
    malleated = signature[:32] + s_part.to_bytes(32, "little")
    broken = bytes([signature[0] ^ 1]) + signature[1:]

    def bad(
        name: str, signatures: Sequence[Signature], body: bytes = payload, by: dict[str, Any] | None = None
    ) -> Case:
        return row(name, envelope(body, signatures), "BadSignature", by=by)

    return [
        bad("one flipped bit of the payload", [(key_a, signature)], changed),
        bad("one flipped bit of the signature", [(key_a, broken)]),
        bad("S + L in place of S", [(key_a, malleated)]),
        bad("a signature of zeros", [(key_a, bytes(64))]),
        bad("the signature of another payload", [signed("A", other)]),
        bad("a payload under the signature of an older one", [(key_a, signature)], other),
        bad("a key that is not in the ring", [signed("B", payload)]),
        bad("another key's signature under a trusted id", [(key_a, signed("B", payload)[1])]),
        bad("the payload signed without the encoding", [signed("A", payload, payload)]),
        bad("the payload signed as another type", [signed("A", payload, pae(payload, b"text/plain"))]),
        bad("the payload signed as that of an older format", [signed("A", payload, pae(payload, OLD_KIND))]),
        bad("an unknown key beside a trusted one", sorted([signed("A", payload), signed("B", payload)])),
        bad("a broken signature beside a sound one", sorted([signed("B", payload), (key_a, broken)]),
            by=ring("A", "B")),
        bad("one signature where two are required", [(key_a, signature)], by=ring("A", "B", threshold=2)),
        bad("two of three where three are required", sorted([signed("A", payload), signed("B", payload)]),
            by=ring("A", "B", "C", threshold=3)),
        bad("an empty payload under another's signature", [(key_a, signature)], b""),
    ]  # fmt: skip


def _forms() -> list[Case]:
    good, payload = _good(), payload_bytes()
    entries = [signed("A", payload)]
    one = {"keyid": entries[0][0], "sig": entries[0][1]}
    kind, head = KIND.decode(), {"payloadType": KIND.decode(), "payload": payload}

    def bad(name: str, data: bytes, by: dict[str, Any] | None = None) -> Case:
        return row(f"form: {name}", data, "MalformedBundle", by=by)

    both = sorted(signed(name, payload) for name in "AB")
    return [
        bad("no bytes", b""),
        bad("text", b"not a bundle"),
        bad("JSON", json.dumps({"payloadType": kind}).encode()),
        bad("nil", b"\xc0"),
        bad("an empty map", b"\x80"),
        bad("an array", packed([payload, entries[0][1]])),
        bad("the payload alone", payload),
        bad("the last byte lacks", good[:-1]),
        bad("the first half", good[: len(good) // 2]),
        bad("a byte after the end", good + b"\x00"),
        bad("two bundles", good + good),
        bad("a byte before the beginning", b"\xc0" + good),
        bad("no signatures", packed({**head, "signatures": []})),
        bad("signatures left out", packed(head)),
        bad("signatures nil", packed({**head, "signatures": None})),
        bad("signatures as a map", packed({**head, "signatures": one})),
        bad("payload left out", packed({"payloadType": kind, "signatures": [one]})),
        bad("the payload as text", packed({"payloadType": kind, "payload": "x", "signatures": [one]})),
        bad("another payload type", packed({**head, "payloadType": "application/json", "signatures": [one]})),
        row("form: the payload type of older formats",
            packed({**head, "payloadType": OLD_KIND.decode(), "signatures": [one]}), "UnsupportedBundle"),
        bad("a field more", packed({**head, "signatures": [one], "more": 1})),
        bad("fields in another order", packed({"payload": payload, "payloadType": kind, "signatures": [one]})),
        bad("a signature's fields in another order", packed({**head, "signatures": [dict(reversed(one.items()))]})),
        bad("a signature of 63 bytes", packed({**head, "signatures": [{**one, "sig": one["sig"][:-1]}]})),
        bad("a signature of 65 bytes", packed({**head, "signatures": [{**one, "sig": bytes(65)}]})),
        bad("a signature as text", packed({**head, "signatures": [{**one, "sig": "x" * 64}]})),
        bad("a key id as a number", packed({**head, "signatures": [{**one, "keyid": 1}]})),
        bad("a field more in a signature", packed({**head, "signatures": [{**one, "more": 1}]})),
        bad("the same signature twice", envelope(payload, entries * 2)),
        bad("one key twice for a threshold of two", envelope(payload, entries * 2), by=ring("A", "B", threshold=2)),
        bad("signatures not in order", envelope(payload, both[::-1]), by=ring("A", "B")),
        bad("seventeen signatures", envelope(payload, [(f"ed25519:{n:016x}", bytes(64)) for n in range(17)])),
        bad("a key twice in the envelope", _twice(good)),
        bad("a longer form of a length than needed", _long_form(good)),
        bad("a key as bytes", good.replace(b"\xa7payload\xc5", b"\xc4\x07payload\xc5", 1)),
    ]  # fmt: skip


def _twice(good: bytes) -> bytes:
    """The envelope's map with four entries, the last of which repeats the first."""
    assert good[0] == 0x83, "a map of three"
    return b"\x84" + good[1:] + packed("payloadType") + packed(KIND.decode())


def _long_form(good: bytes) -> bytes:
    """The envelope's map with its count in two bytes more than the shortest form."""
    return b"\xde\x00\x03" + good[1:]


def text() -> str:
    """The file's text, one case a line."""
    keys = {name: {"seed_hex": seed.hex(), "id": key_id(name)} for name, seed in SEEDS.items()}
    head = [
        f'  "about": {json.dumps(ABOUT)}',
        f'  "test_keys": {json.dumps(keys)}',
        f'  "model": {json.dumps(TINY)}',
    ]
    lines = ",\n    ".join(json.dumps(case) for case in cases())
    return "{\n" + ",\n".join(head) + f',\n  "cases": [\n    {lines}\n  ]\n}}\n'


def read(path: Path = PATH) -> list[Case]:
    """The cases of the file."""
    found: list[Case] = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return found
