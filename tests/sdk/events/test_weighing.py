"""What waits in a journal is bounded in octets too: a visitor may send much, and a sink may not answer."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial

from discreet.events import Event, Journal, SinkFailed
from discreet.events.inputs import MAX_INPUTS_BYTES
from discreet.events.outlets import size_of
from support.journals import Kept, decided, recorded, sealer, shop, visit_to
from support.system import wait_until

SHOP = shop()
LARGE = visit_to(SHOP, {"n": 5, "t": [f"{each:03}" + "x" * 60 for each in range(90)]})
SMALL = visit_to(SHOP, {"n": 5})
ROOM_BYTES = 1024 * 1024


class Down:
    """A sink that never takes anything."""

    def write(self, events: Sequence[Event], /) -> None:  # noqa: ARG002 - a sink's signature
        raise SinkFailed("down")

    def close(self) -> None:
        """Nothing to close."""


class Stuck:
    """A sink that does not return until it is let go."""

    def __init__(self) -> None:
        self.entered, self.free = threading.Event(), threading.Event()

    def write(self, events: Sequence[Event], /) -> None:  # noqa: ARG002 - a sink's signature
        self.entered.set()
        self.free.wait(30)

    def close(self) -> None:
        """Nothing to close."""


def has(sink: Kept, number: int) -> bool:
    return len(sink.events) == number


def test_records_before_a_sink_that_is_down_are_bounded_in_octets() -> None:
    (record, _) = recorded(SHOP, LARGE, sealed=True)
    room_bytes = 10 * size_of(Event("", record))
    journal = Journal([Down()], sealer=sealer(), waiting_bytes=room_bytes)
    decisions = decided(SHOP, LARGE)
    for _ in range(60):
        journal.decided(SHOP, decisions[:1], LARGE, surface="test")

    wait_until(lambda: journal.counts["waiting"] == 10, "the others are lost")
    assert journal.counts["failed"] == 50
    assert len(record["inputs"]) > 7_000
    journal.close(0.0)


def test_calls_in_the_buffer_are_bounded_in_octets() -> None:
    sink = Stuck()
    journal = Journal([sink], waiting_bytes=ROOM_BYTES)
    journal.decided(SHOP, decided(SHOP, SMALL), SMALL, surface="test")
    assert sink.entered.wait(30)
    decisions = decided(SHOP, LARGE)
    for _ in range(1_000):
        journal.decided(SHOP, decisions, LARGE, surface="test")
    counts = journal.counts
    sink.free.set()

    assert 64 * 2 < counts["waiting"] < 64 * 2 + 2 * ROOM_BYTES // 10_000
    assert counts["dropped"] == counts["offered"] - counts["waiting"]
    assert journal.close()
    assert journal.counts["waiting"] == 0


def test_room_comes_back_when_the_buffer_empties() -> None:
    sink = Kept()
    journal = Journal([sink], waiting_bytes=2 * ROOM_BYTES)
    decisions = decided(SHOP, LARGE)
    for number in range(1, 6):
        for _ in range(100):
            journal.decided(SHOP, decisions, LARGE, surface="test")
        wait_until(partial(has, sink, number * 200), "they are written")

    assert journal.close()
    assert journal.counts["written"] == 1_000


def test_inputs_that_are_too_large_are_left_out() -> None:
    too_large = visit_to(SHOP, {"n": 5, "t": [f"{each:03}" + "x" * 900 for each in range(20)]})

    kept, _ = recorded(SHOP, LARGE, sealed=True)
    left_out, _ = recorded(SHOP, too_large, sealed=True)

    assert MAX_INPUTS_BYTES == 8_192
    assert "inputs" in kept
    assert "inputs" not in left_out
    assert "now_s" in left_out
