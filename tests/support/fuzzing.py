"""A small bundle that has some of everything, and every single change of its payload, signed again by a trusted key."""

from __future__ import annotations

import json
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from typing import Any, TypeAlias

import msgpack

import discreet
from discreet.compiler import content, index, sign
from discreet.runtime.bundle import CompiledModel
from discreet.runtime.straight import clause_by_clause, slot_by_slot
from discreet_consent import Consent, Permitted

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
        {"id": "spans", "placements": ["slot"], "when": '2 <= n < 5 and all_of(t, "x", "y")',
         "content": {"text": "spans"}},
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


@contextmanager
def small_limits() -> Generator[None]:
    """What only large models need, in a small one: sparse rows, thinned numbers, contents in columns."""
    before = (index.SPARSE_FROM, index.SPARSE_SET_BYTES, index.MAX_BREAKS, content.MANY)
    index.SPARSE_FROM, index.SPARSE_SET_BYTES, index.MAX_BREAKS, content.MANY = 1, 0, 2, 1
    try:
        yield
    finally:
        index.SPARSE_FROM, index.SPARSE_SET_BYTES, index.MAX_BREAKS, content.MANY = before


def payload_of(data: bytes) -> Any:
    """The payload of a bundle, inflated, as plain Python; extension types stay what they are."""
    return msgpack.unpackb(zlib.decompress(msgpack.unpackb(data)["payload"]), ext_hook=msgpack.ExtType)


def resigned(payload: object) -> bytes:
    """A bundle of that payload, or of that msgpack document, with a signature that holds."""
    document: bytes = payload if isinstance(payload, bytes) else msgpack.packb(payload)
    return sign(zlib.compress(document, 9), [TEST_KEY])


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
    for model in evaluator.bundle.models:
        _assert_straight(
            model, [evaluator.permit(each, Consent.granting(*GRANTS), now_s=NOW_S) for each in VISITORS]
        )
    for visitor in VISITORS:
        permitted = evaluator.permit(visitor, Consent.granting(*GRANTS), now_s=NOW_S)
        for decision in evaluator.decide_all(permitted, now_s=NOW_S).values():
            json.dumps(decision.as_dict(), allow_nan=False)
        for placement in evaluator.placements:
            assert evaluator.decide_top(placement, permitted, 3, now_s=NOW_S)
            json.dumps(evaluator.explain(placement, permitted, now_s=NOW_S).as_dict(), allow_nan=False)
    return False


def _assert_straight(model: CompiledModel, visitors: Sequence[Permitted]) -> None:
    """Decisions stay the same when straight-line source takes over from the loop."""
    looped, clauses, now_ms = model.index, model.clauses, NOW_S * 1000.0
    unsure = int(clauses.unsure[::-1] or "0", 2) << clauses.first
    sure = (1 << looped.bits) - 1 & ~unsure & ~((1 << clauses.first) - 1)
    by_slot, by_clause = slot_by_slot(looped), clause_by_clause(looped)
    for permitted in visitors:
        plain, exact = looped.alive_plainly(permitted.values, now_ms), by_clause(permitted.values, now_ms)
        assert by_slot(permitted.values, now_ms) == plain
        assert (exact ^ plain) & sure == 0
        assert exact & ~plain == 0


TINY_BUNDLE = bundle_bytes([TINY])
with small_limits():
    RICH_BUNDLE = bundle_bytes([RICH])
