"""Bundles swapped under load: no request fails, no answer is of two bundles; what is not exactly right is refused."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from discreet import load_bytes
from support.load import under_load
from support.products import TEST_RING
from support.served import Server, contents_agree, sequence, serving, shelf, versioned
from support.system import wait_until

SWAPS = 200
CONNECTIONS = 16


def digest_of(data: bytes) -> str:
    return load_bytes(data, TEST_RING, now_s=time.time()).bundle.digest


def refusals(version: int, good: bytes) -> Mapping[str, bytes]:
    """By the kind of error, a bundle that must be refused while `version` is in service."""
    changed = bytearray(good)
    changed[len(changed) // 2] ^= 1
    long_ago_s = time.time() - 30 * 86_400
    return {
        "MalformedBundle": good[: len(good) // 2],
        "BadSignature": bytes(changed),
        "OlderThanServed": versioned(version - 1),
        "ChangedContent": versioned(version, lasts_s=86_400),
        "ExpiredBundle": versioned(version + 1_000, created_s=long_ago_s, lasts_s=86_400),
    }


def offer(server: Server, put: Any, data: bytes) -> None:
    """Let the server find `data` at its source now."""
    put(data)
    server.process.send_signal(signal.SIGHUP)


@pytest.mark.slow
def test_two_hundred_swaps_under_load_fail_no_request_and_mix_no_answer(tmp_path: Path) -> None:
    first = versioned(1)
    shop = shelf(tmp_path, first)
    bundles = sequence(2, SWAPS)
    digests = {number: digest_of(each) for number, each in enumerate([first, *bundles], 1)}

    def check(answer: Any) -> int:
        version = contents_agree(answer)
        assert answer["bundle"]["digest"] == digests[version], "a digest of another version"
        return version

    with serving(shop, DISCREET_BUNDLE_EVERY_S="60") as server:
        with under_load(server.port, check, connections=CONNECTIONS) as load:
            for version, data in enumerate(bundles, 2):
                offer(server, shop.put, data)
                load.wait_for(version)
                if version % 40 == 0:
                    check_refusals(server, shop.put, version, data)
        said = server.said()

    assert load.failures == []
    assert set(load.seen) == set(digests)
    assert "Traceback" not in said


def is_refused(server: Server, kind: str) -> bool:
    """Whether /readyz says that the source's bundle is refused, and why."""
    refused = server.ready()["refused"]
    return refused is not None and bool(refused["kind"] == kind)


def check_refusals(server: Server, put: Any, version: int, good: bytes) -> None:
    """Each refused bundle is named in /readyz, and what was in service stays there; then the good one is back."""
    for kind, bad in refusals(version, good).items():
        offer(server, put, bad)
        wait_until(partial(is_refused, server, kind), f"refused: {kind}")
        assert server.version == version
    offer(server, put, good)
    wait_until(lambda: server.ready()["refused"] is None, "all is well again")


@pytest.mark.slow
def test_several_workers_swap_under_load_too(tmp_path: Path) -> None:
    shop = shelf(tmp_path)
    with (
        serving(shop, "--workers", "2") as server,
        # Each connection stays with one worker, so versions never go back on it.
        under_load(server.port, contents_agree, connections=CONNECTIONS) as load,
    ):
        for version, data in enumerate(sequence(2, 10), 2):
            offer(server, shop.put, data)
            load.wait_for(version)
        wait_until(lambda: {server.version for _ in range(20)} == {11}, "every worker has the last one")

    assert load.failures == []


@pytest.mark.slow
def test_killed_at_any_moment_of_a_swap_it_serves_the_last_good_one_again(tmp_path: Path) -> None:
    dice = random.Random(20260601)  # noqa: S311 - seeded, so that a failure comes again
    shop = shelf(tmp_path)
    known = {1: digest_of(shop.bundle.read_bytes())}
    acknowledged = 1
    for _ in range(16):
        # The source is gone, but in the first round: only what was kept counts.
        with serving(shop, "--workers", "2") as server:
            answer = server.decide()
            version = contents_agree(answer)
            assert version >= acknowledged
            assert answer["bundle"]["digest"] == known[version]
            with under_load(server.port, contents_agree, connections=2) as load:
                version = max(known)
                end_s = time.monotonic() + dice.uniform(0.02, 0.4)
                while time.monotonic() < end_s:
                    version += 1
                    data = versioned(version)
                    known[version] = digest_of(data)
                    offer(server, shop.put, data)
                    time.sleep(dice.uniform(0.0, 0.03))
                kill_all(server)
            acknowledged = max(acknowledged, load.newest)
        shop.bundle.unlink(missing_ok=True)

    assert acknowledged > 16


def kill_all(server: Server) -> None:
    """kill -9 of the server and all its workers at once."""
    os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait()
