"""The source is looked at again and again, seldom while it is unreachable, and by nobody once it is stopped."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import statistics
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from discreet.serving import Bundles, Outcome, SourceError, Watcher, watch
from discreet.serving.watching import Backoff, look
from support.served_bundles import Shop, bundle, version_of
from support.system import wait_until

HOUR_S = 3_600


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


@pytest.fixture
def bundles(shop: Shop) -> Bundles:
    return shop.started(bundle(7))


@pytest.fixture
def watchers() -> Iterator[list[Watcher]]:
    made: list[Watcher] = []
    yield made
    for each in made:
        each.stop()


def test_pauses_are_about_as_long_as_asked() -> None:
    dice = random.Random(5)  # noqa: S311 - the same dice each time
    backoff = Backoff(2.0, 60.0, dice.random)
    for outcome in (Outcome.UNCHANGED, Outcome.SWAPPED, Outcome.REFUSED):
        pauses = [backoff.after(outcome) for _ in range(500)]

        assert 1.8 <= min(pauses) < 1.85
        assert 2.15 < max(pauses) <= 2.2


def test_an_unreachable_source_is_left_alone_for_longer_and_longer() -> None:
    highest = Backoff(2.0, 60.0, lambda: 1.0)
    assert [highest.after(Outcome.UNREACHABLE) for _ in range(6)] == [4, 8, 16, 32, 60, 60]
    assert highest.after(Outcome.UNCHANGED) == pytest.approx(2.2)
    assert highest.after(Outcome.UNREACHABLE) == 4


def test_a_source_that_was_never_there_is_still_looked_for_after_a_year() -> None:
    backoff = Backoff(2.0, 60.0, lambda: 1.0)

    assert {backoff.after(Outcome.UNREACHABLE) for _ in range(100_000)} == {4, 8, 16, 32, 60}


def test_the_whole_pause_is_drawn_so_that_workers_do_not_come_together() -> None:
    dice = random.Random(5)  # noqa: S311 - the same dice each time
    pauses: list[float] = []
    for _ in range(2_000):
        backoff = Backoff(2.0, 60.0, dice.random)
        for _ in range(6):
            backoff.after(Outcome.UNREACHABLE)
        pauses.append(backoff.after(Outcome.UNREACHABLE))

    assert min(pauses) < 1
    assert max(pauses) > 59
    assert 28 < statistics.mean(pauses) < 32


def test_what_the_source_asks_for_is_honoured_within_bounds() -> None:
    backoff = Backoff(2.0, 60.0, lambda: 0.0)

    assert backoff.after(Outcome.UNREACHABLE, 17) == 17
    assert backoff.after(Outcome.UNREACHABLE, 1e9) == 60
    assert backoff.after(Outcome.UNREACHABLE, None) == 0


def test_a_new_bundle_is_found(shop: Shop, bundles: Bundles, watchers: list[Watcher]) -> None:
    watchers.append(Watcher(bundles, every_s=0.01))
    watchers[0].start()
    shop.put(bundle(8))

    wait_until(lambda: version_of(bundles) == 8, "the new bundle serves")


def test_who_is_woken_looks_at_once(shop: Shop, bundles: Bundles, watchers: list[Watcher]) -> None:
    watchers.append(Watcher(bundles, every_s=HOUR_S))
    watchers[0].start()
    shop.put(bundle(8))
    watchers[0].wake()

    wait_until(lambda: version_of(bundles) == 8, "the new bundle serves")


def test_a_signal_wakes(shop: Shop, bundles: Bundles, watchers: list[Watcher]) -> None:
    watcher = Watcher(bundles, every_s=HOUR_S)
    watchers.append(watcher)
    watcher.start()
    before = signal.signal(signal.SIGHUP, lambda *_: watcher.wake())
    try:
        shop.put(bundle(8))
        for _ in range(100):
            os.kill(os.getpid(), signal.SIGHUP)
        wait_until(lambda: version_of(bundles) == 8, "the new bundle serves")
    finally:
        signal.signal(signal.SIGHUP, before)


def test_two_starts_are_one_thread_and_a_stop_ends_it(bundles: Bundles, watchers: list[Watcher]) -> None:
    watcher = Watcher(bundles, every_s=HOUR_S)
    watchers.append(watcher)
    watcher.stop()  # before it ever ran
    watcher.start()
    watcher.start()
    assert [each.name for each in threading.enumerate()].count("discreet-watcher") == 1
    watcher.stop()

    assert not watcher.is_running
    assert "discreet-watcher" not in [each.name for each in threading.enumerate()]
    watcher.start()
    assert watcher.is_running


class Stubborn:
    """A source that does not answer until it is let go."""

    name = "stubborn"

    def __init__(self) -> None:
        self.first = True
        self.asked, self.released = threading.Event(), threading.Event()

    def fetch(self) -> bytes | None:
        if self.first:
            self.first = False
            return bundle(7)
        self.asked.set()
        self.released.wait(30)
        raise SourceError("stubborn")


def test_a_stop_does_not_wait_for_a_source_that_does_not_answer(shop: Shop) -> None:
    source = Stubborn()
    bundles = shop.bundles(source=source)
    bundles.start()
    watcher = Watcher(bundles, every_s=0.01)
    watcher.start()
    assert source.asked.wait(30)
    watcher.stop(timeout_s=0.01)

    assert not source.released.is_set()
    source.released.set()
    wait_until(
        lambda: "discreet-watcher" not in [each.name for each in threading.enumerate()], "the thread ends"
    )


def test_a_look_that_fails_in_an_unforeseen_way_is_not_the_last(
    shop: Shop, bundles: Bundles, caplog: pytest.LogCaptureFixture
) -> None:
    unstarted = shop.bundles()  # which nobody may refresh
    backoff = Backoff(2.0, 60.0, lambda: 1.0)

    assert [look(unstarted, backoff), look(unstarted, backoff), look(bundles, backoff)] == [4, 8, 2.2]
    assert "looking for a bundle failed: AttributeError" in caplog.text


def test_an_event_loop_is_not_held_up(shop: Shop) -> None:
    source = Stubborn()
    bundles = shop.bundles(source=source)
    bundles.start()

    async def serve() -> int:
        turns = 0
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(watch(bundles, every_s=0.001))
            while not source.asked.is_set() or turns < 10:
                turns += 1
                await asyncio.sleep(0.001)
            source.released.set()
            watching.cancel()
        return turns

    assert asyncio.run(serve()) >= 10


def test_an_event_loop_swaps_when_it_is_woken(shop: Shop, bundles: Bundles) -> None:
    async def serve() -> None:
        woken = asyncio.Event()
        watching = asyncio.create_task(watch(bundles, every_s=HOUR_S, woken=woken))
        swapped = asyncio.Event()
        loop = asyncio.get_running_loop()
        bundles.on_swap.append(lambda _: loop.call_soon_threadsafe(swapped.set))
        shop.put(bundle(8))
        woken.set()
        await asyncio.wait_for(swapped.wait(), 30)
        assert not woken.is_set()
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching

    asyncio.run(serve())
    assert version_of(bundles) == 8


FORKED = """
import os, sys, threading, time
from pathlib import Path
from discreet.serving import Watcher
from support.served_bundles import Shop, bundle, version_of

shop = Shop(Path(sys.argv[1]))
bundles = shop.started(bundle(7))
watcher = Watcher(bundles, every_s=0.01)
watcher.start()
stopped = Watcher(bundles, every_s=0.01)
stopped.start()
stopped.stop()
store = bundles._judge._store
holds, done = threading.Event(), threading.Event()


def hold():  # every lock of ours is held by a thread that does not come along
    with bundles._lock, watcher._lock, store.locked():
        holds.set()
        done.wait()


holder = threading.Thread(target=hold)
holder.start()
holds.wait()
children = []
for _ in range(3):
    child = os.fork()
    if child == 0:
        shop.put(bundle(8)) if not children else None
        end = time.monotonic() + 30
        while version_of(bundles) != 8 and time.monotonic() < end:
            time.sleep(0.01)
        names = [each.name for each in threading.enumerate()]
        right = version_of(bundles) == 8 and watcher.is_running and not stopped.is_running
        os._exit(0 if right and names.count("discreet-watcher") == 1 else 7)
    children.append(child)
done.set()
holder.join()
print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])
again = shop.bundles()  # nobody holds the store's lock any more
again.start()
print(version_of(again), again.status().not_kept)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_process_looks_itself(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FORKED, str(tmp_path)],
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert (ran.stdout.splitlines(), ran.returncode) == (["[0, 0, 0]", "8 None"], 0), ran.stderr
