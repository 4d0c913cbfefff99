"""Bundles that only a wrong compiler with a trusted key could make: refused, or decided alike on every path."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Callable

import msgpack
import pytest

import discreet
from discreet.errors import MalformedBundle
from discreet.runtime.envelope import MAX_SIGNATURES
from discreet.runtime.index import FLAG, WARM_UP
from support.compiled import EVERYTHING, NOW_S, TEST_RING, Document, chosen, loaded, offer, tampered


def index_of(payload: Document) -> Document:
    index: Document = payload["models"][0]["index"]
    return index


def always_the_same(data: bytes, attributes: dict[str, object]) -> str:
    """What such a visitor sees, before and after straight-line source, alone and on a page."""
    evaluator = loaded(data)
    seen = {chosen(evaluator, attributes) for _ in range(WARM_UP + 2)}
    permitted = evaluator.permit(attributes, EVERYTHING, now_s=NOW_S)
    seen.add(evaluator.decide_all(permitted, now_s=NOW_S)["p"].offer)
    (only,) = seen
    return only


@pytest.mark.parametrize(
    ("rows", "why"),
    [(bytes(4), "in no stage"), (b"\x01\0\0\0" * 2, "rows")],
    ids=["no stage", "too many rows"],
)
def test_every_clause_is_in_one_stage(rows: bytes, why: str) -> None:
    def edit(payload: Document) -> None:
        index_of(payload)["stage_rows"] = rows

    with pytest.raises(MalformedBundle, match=why):
        loaded(tampered(edit, offer(when="n == 7")))


def test_a_clause_is_in_no_stage_that_its_offer_is_not_in() -> None:
    stages = [{"id": "first"}, {"id": "second", "when": "b"}]

    def edit(payload: Document) -> None:
        index = index_of(payload)
        index["stage_rows"] = index["stage_rows"][4:] + index["stage_rows"][:4]

    with pytest.raises(MalformedBundle, match="a stage that is none of its offer's"):
        loaded(tampered(edit, offer(when="n == 7", stages=["first"]), stages=stages))


def test_no_stage_asks_for_what_is_unknown_in_the_index_either() -> None:
    def edit(payload: Document) -> None:
        for slot in index_of(payload)["slots"]:
            slot[4] = struct.pack("<4I", 3, 2, 2, 2) if slot[0] == FLAG else slot[4]

    stages = [{"id": "first"}, {"id": "second", "when": "b"}]
    with pytest.raises(MalformedBundle, match="a stage asks for what is unknown"):
        loaded(tampered(edit, offer(stages=["first"]), stages=stages))


def flags_of_neither(payload: Document) -> None:
    """Rows of a flag that let through only what is neither true nor false."""
    (slot,) = index_of(payload)["slots"]
    slot[4] = struct.pack("<4I", 0, 1, 0, 0)


def checks_of_everything(payload: Document) -> None:
    """A check that any number passes, on a clause whose rows let through but one."""
    index = index_of(payload)
    index["confirm"] = b"\x01\0\0\0"
    index["checks"] = [struct.pack("<I", each) for each in (0, 0, 0, 1)]


@pytest.mark.parametrize(
    ("edit", "when", "attributes"),
    [(flags_of_neither, "b", {"b": True}), (checks_of_everything, "n == 7", {"n": 8})],
    ids=["flags", "checks"],
)
def test_rows_that_nothing_passes_let_nobody_through_on_any_path(
    edit: Callable[[Document], None], when: str, attributes: dict[str, object]
) -> None:
    assert always_the_same(tampered(edit, offer(when=when)), attributes) == "none"


def test_a_number_has_at_most_255_breakpoints() -> None:
    def edit(payload: Document) -> None:
        (slot,) = index_of(payload)["slots"]
        slot[2] = struct.pack("<256d", *range(256))
        slot[4] = struct.pack("<258I", 0, 1, *[0] * 256)

    with pytest.raises(MalformedBundle, match="too many breakpoints"):
        loaded(tampered(edit, offer(when="n == 7")))


def test_an_envelope_of_many_maps_is_refused_before_it_takes_memory() -> None:
    hostile = b"\xdd" + struct.pack(">I", 2_000_000) + b"\x80" * 2_000_000
    tracemalloc.start()
    try:
        with pytest.raises(MalformedBundle):
            discreet.verify(hostile, TEST_RING, now_s=NOW_S)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 3 * len(hostile)


def test_more_signatures_than_an_envelope_may_have_are_refused() -> None:
    entry = {"keyid": "k", "sig": bytes(64)}
    many = msgpack.packb({"payloadType": "x", "payload": b"", "signatures": [entry] * (MAX_SIGNATURES + 1)})

    with pytest.raises(MalformedBundle):
        discreet.verify(many, TEST_RING, now_s=NOW_S)
