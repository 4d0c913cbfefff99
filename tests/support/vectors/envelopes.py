"""Bundles as bytes, sound and not: who signed them, when, and what a loader must say.

The payload is a compiled one; the envelopes around it, and what is wrong with them, are made by hand here. The keys
are openly published test keys: their seeds are 32 times the same byte.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import msgpack
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .cases import DAY_S, FOLDER, NOW_S, Case

ABOUT = (
    "a bundle in base64, a keyring, a clock and a floor; it loads as `loads` says, or is refused with `error`"
)
PATH = FOLDER / "envelopes.json"
KIND = b"application/vnd.discreet.bundle+msgpack"
ORDER_OF_THE_CURVE = 2**252 + 27742317777372353535851937790883648493  # L of RFC 8032
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


@cache
def payload_bytes() -> bytes:
    """The payload that the product compiles from the tiny model."""
    from discreet.compiler import compile_models, pack
    from discreet.model import models_from_dicts

    program = compile_models(models_from_dicts([TINY]))
    times = {"created_s": CREATED_S, "expires_s": EXPIRES_S}
    return pack(program, name="tiny", version=VERSION, floor=FLOOR, **times)


def with_fields(**fields: object) -> bytes:
    """The payload with other values in some of its fields."""
    return packed({**msgpack.unpackb(payload_bytes(), ext_hook=msgpack.ExtType), **fields})


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


def cases() -> list[Case]:
    return [*_sound(), *_times(), *_signatures(), *_forms(), *_payloads()]


def _good() -> bytes:
    return envelope(payload_bytes(), [signed("A", payload_bytes())])


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
    ]


def _extended() -> bytes:
    payload = with_fields(extensions={"later": [1, {"x": None}]})
    return envelope(payload, [signed("A", payload)])


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
    declared = msgpack.unpackb(payload_bytes(), ext_hook=msgpack.ExtType)["attributes"]
    payload = with_fields(attributes=[*declared, *others])
    return envelope(payload, [signed("A", payload)])


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


def _payloads() -> list[Case]:
    payload = payload_bytes()
    document = msgpack.unpackb(payload, ext_hook=msgpack.ExtType)
    model = document["models"][0]
    certificate, index = model["certificate"], model["index"]
    nothing, one = model["offers"]
    (declared,) = document["attributes"]

    def of(name: str, error: str, body: bytes) -> Case:
        return row(f"payload: {name}", envelope(body, [signed("A", body)]), error)

    def bad(name: str, body: bytes) -> Case:
        return of(name, "MalformedBundle", body)

    def bad_model(name: str, **fields: object) -> Case:
        return bad(name, with_fields(models=[{**model, **fields}]))

    return [
        of("a newer format", "UnsupportedBundle", with_fields(format=3)),
        of("an older format", "UnsupportedBundle", with_fields(format=1)),
        of("an unknown required feature", "UnsupportedBundle", with_fields(requires=["from-the-future"])),
        of("created in the future", "ExpiredBundle", with_fields(created_s=NOW_S + 1)),
        of("expired by its own word", "ExpiredBundle", with_fields(expires_s=NOW_S)),
        bad("no bytes", b""),
        bad("nil", b"\xc0"),
        bad("an empty map", b"\x80"),
        bad("not msgpack", b"\xc1"),
        bad("its last byte lacks", payload[:-1]),
        bad("a byte after the end", payload + b"\x00"),
        bad("a key twice", _payload_twice(payload)),
        bad("a key twice inside", _inner_twice(payload)),
        bad("a field more", with_fields(more=1)),
        bad("a field left out", packed({name: value for name, value in document.items() if name != "floor"})),
        bad("a floor above the version", with_fields(floor=VERSION + 1)),
        bad("a version below zero", with_fields(version=-1)),
        bad("a version as text", with_fields(version="7")),
        bad("a version as true", with_fields(version=True)),
        bad("a version beyond 2^53", with_fields(version=2**53)),
        bad("it expires before it is created", with_fields(expires_s=CREATED_S)),
        bad("an infinite expiry", with_fields(expires_s=float("inf"))),
        bad("an extension type", with_fields(name=msgpack.ExtType(5, b"x"))),
        bad("a timestamp", with_fields(created_s=msgpack.Timestamp(CREATED_S))),
        bad("text that is not UTF-8", payload.replace(b"\xa4tiny", b"\xa4tin\xff", 1)),
        bad("no models", with_fields(models=[])),
        bad("the model twice", with_fields(models=[model, model])),
        bad("the attribute twice", with_fields(attributes=document["attributes"] * 2)),
        bad("an attribute without a purpose", with_fields(attributes=[[*declared[:3], [], *declared[4:]]])),
        bad("an attribute of an unknown type", with_fields(attributes=[["b", "date", *declared[2:]]])),
        bad("an attribute as format 1 has it", with_fields(attributes=[[*declared[:6], False, False]])),
        bad("an attribute that is sensitive to nothing", with_fields(attributes=[[*declared[:6], True, False, None]])),
        bad("an unknown sensitive item", with_fields(attributes=[[*declared[:6], "wealth", False, None]])),
        *(
            bad(f"a substitute {name}", with_fields(attributes=[*document["attributes"], *attributes]))
            for name, attributes in _wrong_substitutes().items()
        ),
        bad_model("a certificate that hides an attribute", certificate={**certificate, "offers": [[], []]}),
        bad_model("a certificate that hides a placement's attribute", certificate={**certificate, "placements": [[]]}),
        bad_model("a certificate that names one too many", certificate={**certificate, "offers": [[0], [0]]}),
        bad_model("a fallback with a condition", placements=[["slot", 1, [1]]]),
        bad_model("a placement without a fallback", placements=[["slot", None, [1]]]),
        bad_model("a first stage with a condition", stages=[["only", [13, 0]]]),
        bad_model("a row too short", index={**index, "confirm": b""}),
        bad_model("a row with a bit beyond its clauses", index={**index, "confirm": b"\x00\x00\x00\x80"}),
        bad_model("an operation that is none", offers=[nothing, [*one[:2], [99, 0], *one[3:]]]),
        bad_model("an attribute that is none", offers=[nothing, [*one[:2], [13, 1], *one[3:]]]),
    ]  # fmt: skip


def _wrong_substitutes() -> dict[str, list[list[object]]]:
    """Attributes that may not follow the one of the tiny model, whose number is 0."""
    exact: list[object] = ["exact", "string", "declared", ["analytics"], "user.contact", 60, None, True, None]

    def coarse(coarsens: object, *changes: tuple[int, object]) -> list[object]:
        made = ["vague", *exact[1:8], coarsens]
        for place, value in changes:
            made[place] = value
        return made

    kept = [1, "characters", 2]
    return {
        "of itself": [exact, coarse([2, "characters", 2])],
        "of a substitute": [exact, coarse(kept), ["third", *exact[1:8], [2, "characters", 1]]],
        "of a number that is none": [exact, coarse([3, "characters", 2])],
        "of a number below zero": [exact, coarse([-1, "characters", 2])],
        "of true": [exact, coarse([True, "characters", 2])],
        "of a name": [exact, coarse(["exact", "characters", 2])],
        "by a method that is none": [exact, coarse([1, "hash", 2])],
        "by nothing": [exact, coarse([1])],
        "by one thing more": [exact, coarse([*kept, None])],
        "as a map": [exact, coarse({"characters": 2})],
        "that keeps no character": [exact, coarse([1, "characters", 0])],
        "that keeps true characters": [exact, coarse([1, "characters", True])],
        "that keeps 65 characters": [exact, coarse([1, "characters", 65])],
        "that keeps two and a half characters": [exact, coarse([1, "characters", 2.5])],
        "by a network of its own": [exact, coarse([1, "network", 24])],
        "by decimals, of a string": [exact, coarse([1, "decimals", 2])],
        "of another type": [exact, coarse([1, "decimals", 2], (1, "number"), (7, False))],
        "of another provenance": [exact, coarse(kept, (2, "contextual"))],
        "of another category": [exact, coarse(kept, (4, None))],
        "of another retention": [exact, coarse(kept, (5, 61))],
        "in another case": [exact, coarse(kept, (7, False))],
        **{
            f"in bands {name}": [_number("exact", None), _number("vague", [1, "bands", bounds])]
            for name, bounds in _WRONG_BANDS.items()
        },
        "with four decimals": [_number("exact", None), _number("vague", [1, "decimals", 4])],
        "with decimals below zero": [_number("exact", None), _number("vague", [1, "decimals", -1])],
    }


_WRONG_BANDS: dict[str, object] = {
    "of none": [], "that descend": [18, 0], "that are equal": [18, 18.0], "of text": ["18"], "of true": [True],
    "without an end": [0, float("inf")], "that are no number": [float("nan")], "beyond 2^53": [2**53 + 1],
    "of one number": 18, "too many": list(range(257)),
}  # fmt: skip


def _number(name: str, coarsens: object) -> list[object]:
    return [name, "number", "declared", ["analytics"], None, None, None, False, coarsens]


def _payload_twice(payload: bytes) -> bytes:
    assert payload[0] == 0x8A, "a map of ten"
    return b"\x8b" + payload[1:] + packed("version") + packed(VERSION)


def _inner_twice(payload: bytes) -> bytes:
    key_of_map = packed("extensions")
    assert payload.endswith(key_of_map + b"\x80")
    return payload[:-1] + b"\x82" + (packed("x") + packed(1)) * 2


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
