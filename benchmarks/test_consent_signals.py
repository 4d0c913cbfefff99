"""Consent strings, decoded: realistic ones beside a peer, and hostile ones beside one pass of base64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import seen, signals
from benchmarks.signals import HOSTILE, LENGTHS
from discreet_consent.signals import tcf

HOSTILE_STRINGS = signals.hostile()


@pytest.fixture
def peer() -> Callable[[str], Any]:
    decode = signals.peer()
    if decode is None:
        pytest.skip("iab-tcf is not installed: pip install -r benchmarks/peers/requirements.txt")
    return decode


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning")
@pytest.mark.parametrize("length", LENGTHS)
def test_the_peer_reads_the_same(peer: Callable[[str], Any], length: int) -> None:
    theirs, ours = peer(signals.realistic(length)), tcf.decode(signals.realistic(length))

    def allowed(flags: dict[int, bool]) -> list[int]:
        return [each for each, flag in flags.items() if flag]

    assert allowed(theirs.purposes_consent) == list(ours.purposes_consent)
    assert allowed(theirs.consented_vendors) == _each(ours.vendor_consents)
    assert allowed(theirs.interests_vendors) == _each(ours.vendor_li)
    assert (ours.publisher_tc is None) == (not hasattr(theirs, "publisher_tc"))
    if ours.publisher_tc is not None:
        assert allowed(theirs.publisher_tc.purposes_consent) == list(ours.publisher_tc.purposes_consent)
        assert allowed(theirs.oob_disclosed_vendors) == _each(ours.disclosed_vendors or ())


def _each(intervals: tuple[tuple[int, int], ...]) -> list[int]:
    return [each for first, last in intervals for each in range(first, last + 1)]


@pytest.mark.parametrize("name", HOSTILE_STRINGS)
def test_a_hostile_string_is_as_long_as_it_says_and_is_not_refused_at_once(name: str) -> None:
    text = HOSTILE_STRINGS[name]

    assert HOSTILE - 150 <= len(text) <= HOSTILE
    assert signals.decode_hostile(text) is not None


@pytest.mark.benchmark(group="a TC string of 44, 86, 742 characters")
@pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning")
@pytest.mark.parametrize("length", LENGTHS)
def test_peer(benchmark: BenchmarkFixture, peer: Callable[[str], Any], length: int) -> None:
    benchmark(peer, signals.realistic(length))


@pytest.mark.benchmark(group="a TC string of 44, 86, 742 characters")
@pytest.mark.parametrize("length", LENGTHS)
def test_decode(benchmark: BenchmarkFixture, length: int) -> None:
    benchmark(tcf.decode, signals.realistic(length))


@pytest.mark.benchmark(group="a TC string of 44, 86, 742 characters")
@pytest.mark.parametrize("length", LENGTHS)
def test_decode_and_read_every_field(benchmark: BenchmarkFixture, length: int) -> None:
    benchmark(signals.decode_and_read, signals.realistic(length))


@pytest.mark.benchmark(group="4,096 characters")
def test_base64(benchmark: BenchmarkFixture) -> None:
    benchmark(signals.base64_pass, "")


@pytest.mark.benchmark(group="4,096 characters")
@pytest.mark.parametrize("name", HOSTILE_STRINGS)
def test_read_a_hostile_string(benchmark: BenchmarkFixture, name: str) -> None:
    benchmark(signals.read_hostile, HOSTILE_STRINGS[name])


@pytest.mark.benchmark(group="signals seen before")
def test_twelve_lookups(benchmark: BenchmarkFixture) -> None:
    benchmark(seen.lookups, "")


@pytest.mark.benchmark(group="signals seen before")
@pytest.mark.parametrize("name", seen.SEEN)
def test_resolve(benchmark: BenchmarkFixture, name: str) -> None:
    benchmark(seen.SEEN[name], "")


def test_what_is_remembered_is_what_was_resolved() -> None:
    assert seen.seen_tcf("") is seen.seen_tcf("")
    assert seen.seen_tcf("") == seen.anew("")
