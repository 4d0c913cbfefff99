"""A small bundle that has some of everything, and every single change of its payload, signed again by a trusted key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any, TypeAlias

import msgpack

import discreet
from discreet.compiler import sign
from discreet_consent import Consent

from .products import TEST_KEY, TEST_RING, bundle_bytes
from .vectors.cases import NOW_S

Path: TypeAlias = tuple[Any, ...]

GRANTS = ["personalize.content", "analytics"]
_PURPOSES = {"purposes": GRANTS[:1]}
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
RICH: dict[str, Any] = {
    "model": "rich",
    "channel": "web",
    "attributes": {
        "b": {"type": "boolean", "provenance": "declared", "purposes": ["analytics"]},
        "d": {"type": "datetime", "provenance": "first_party", "retention": "1d", **_PURPOSES},
        "n": {"type": "number", "provenance": "first_party", **_PURPOSES},
        "s": {"type": "string", "provenance": "contextual", "lower": True, **_PURPOSES},
        "t": {"type": "strings", "provenance": "declared", **_PURPOSES},
    },
    "conditions": {
        "many": {"says": "There are many", "when": "n >= 10 or n == 1"},
        "some": {"says": "There are some", "when": "many or b"},
    },
    "stages": [{"id": "first"}, {"id": "second", "when": "some"}],
    "placements": {"slot": {"fallback": "nothing"}, "other": {"fallback": "nothing"}},
    "offers": [
        {"id": "nothing", "content": {"text": "none"}},
        {"id": "sets", "placements": ["slot"], "content": {"a": [1, 2.5, None]},
         "when": '"x" in t and not any_of(t, "y", "z")'},
        {"id": "texts", "placements": ["slot", "other"], "content": {"text": "{s|x} {n|1} {b|y}"},
         "when": 'starts_with(s, "a") or ends_with(s, "b") or contains(s, "c") or s in ["d", "e"]'},
        {"id": "times", "placements": ["slot"], "when": 'days_since(d) < 30 and d > "2020-01-01"', "stages": ["second"],
         "valid": {"from": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"}, "content": {}},
        {"id": "waives", "placements": ["other"], "when": "unknown(n)", "waive": "withdrawal", "priority": 3,
         "content": {"deep": {"er": {}}}},
    ],
}  # fmt: skip
VISITORS: Sequence[dict[str, object]] = (
    {},
    {"b": True, "d": "2026-02-20", "n": 10, "s": "abc", "t": ["x"]},
    {"b": False, "d": 0, "n": 1.5, "s": "", "t": []},
    {"b": True, "n": -0.0, "s": "zb", "t": ["x", "y"]},
)
ODD: Sequence[object] = (
    None, True, False, 0, 1, -1, 2**31, 2**53, 2**63, -(2**63), 0.5, float("nan"), float("inf"), "", "x", "b",
    b"", b"\x00" * 4, b"\xff" * 8, [], {}, [0], [[0]], [0, 0], [14, 0], [3, 0], {"x": 1},
    msgpack.ExtType(1, b"\x90"), msgpack.ExtType(2, b""), msgpack.Timestamp(0, 0),
)  # fmt: skip


def payload_of(data: bytes) -> Any:
    """The payload of a bundle as plain Python; extension types stay what they are."""
    return msgpack.unpackb(msgpack.unpackb(data)["payload"], ext_hook=msgpack.ExtType)


def resigned(payload: object) -> bytes:
    """A bundle of that payload with a signature that holds."""
    return sign(payload if isinstance(payload, bytes) else msgpack.packb(payload), [TEST_KEY])


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """The way to every part of a document, itself included."""
    yield path
    if isinstance(value, dict):
        for key, each in value.items():  # pyright: ignore[reportUnknownVariableType]
            yield from paths(each, (*path, key))
    elif isinstance(value, list):
        for key, each in enumerate(value):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            yield from paths(each, (*path, key))


def at(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


def put(document: Any, path: Path, value: object) -> Any:
    """A copy of `document` with `value` in that place."""
    if not path:
        return value
    changed = deepcopy(document)
    at(changed, path[:-1])[path[-1]] = value
    return changed


def neighbours(value: Any) -> Iterator[object]:
    """Values near `value`: off by one, shorter, longer, turned around."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        near = (value + 1, value - 1, -value)
        yield from (each for each in near if -(2**63) <= each < 2**64)  # what msgpack can carry
        yield float(value)
    elif isinstance(value, str):
        yield from (value[:-1], value[1:], value + value)
    elif isinstance(value, bytes):
        yield from (value[:-1], value[1:], value + value, bytes([byte ^ 0xFF for byte in value]))
        yield value[:-1] + bytes([byte ^ 0x80 for byte in value[-1:]])
    elif isinstance(value, list):
        yield from (value[:-1], value[1:], value + value, value[::-1])  # pyright: ignore[reportUnknownVariableType]
    elif isinstance(value, dict):
        for key in value:  # pyright: ignore[reportUnknownVariableType]
            yield {other: each for other, each in value.items() if other != key}  # pyright: ignore[reportUnknownVariableType]
        yield {**value, "more": 0}


def refused_or_total(data: bytes) -> bool:
    """Whether the bundle is refused, as it should be, by a BundleError; if not, whatever it decides must be total."""
    try:
        evaluator = discreet.load_bytes(data, TEST_RING, now_s=NOW_S)
    except discreet.BundleError:
        return True
    for visitor in VISITORS:
        permitted = evaluator.permit(visitor, Consent.granting(*GRANTS), now_s=NOW_S)
        for decision in evaluator.decide_all(permitted, now_s=NOW_S).values():
            json.dumps(decision.as_dict(), allow_nan=False)
        for placement in evaluator.placements:
            assert evaluator.decide_top(placement, permitted, 3, now_s=NOW_S)
            json.dumps(evaluator.explain(placement, permitted, now_s=NOW_S).as_dict(), allow_nan=False)
    return False


TINY_BUNDLE = bundle_bytes([TINY])
RICH_BUNDLE = bundle_bytes([RICH])
