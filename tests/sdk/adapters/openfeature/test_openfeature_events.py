"""What happens to the bundle in service reaches handlers as OpenFeature's events."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from openfeature import api
from openfeature.event import EventDetails, ProviderEvent
from openfeature.exception import ErrorCode
from openfeature.provider import ProviderStatus  # pyright: ignore[reportMissingTypeStubs] - a namespace package

from discreet.adapters.openfeature import NAME, BundleFlags
from discreet.errors import DiscreetError
from discreet.serving import Bundles, FileSource
from support.edge import BUNDLE, NOW_S, PLACEMENTS, TEST_RING, edge_bundle
from support.system import wait_until

EVENTS = (
    ProviderEvent.PROVIDER_READY,
    ProviderEvent.PROVIDER_CONFIGURATION_CHANGED,
    ProviderEvent.PROVIDER_STALE,
    ProviderEvent.PROVIDER_ERROR,
)


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now_s = float(NOW_S)

    def __call__(self) -> float:
        return self.now_s


class Heard:
    """The events that handlers were given; the SDK calls them in threads of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.events: list[tuple[ProviderEvent, EventDetails]] = []
        for event in EVENTS:
            api.add_handler(event, partial(self._note, event))

    def _note(self, event: ProviderEvent, details: EventDetails) -> None:
        if details.provider_name == NAME:  # the SDK's own one is ready before
            with self._lock:
                self.events.append((event, details))

    def wait_for(self, event: ProviderEvent, count: int = 1) -> EventDetails:
        def heard() -> list[EventDetails]:
            return [details for each, details in self.events if each is event]

        wait_until(lambda: len(heard()) >= count, f"{event.value} comes {count} times")
        return heard()[count - 1]


@pytest.fixture
def heard() -> Iterator[Heard]:
    yield Heard()
    api.clear_providers()  # and the handlers


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.bundle"
    path.write_bytes(edge_bundle())
    return path


def served(file: Path, clock: Clock) -> tuple[Bundles, BundleFlags]:
    bundles = Bundles(FileSource(file), TEST_RING, clock_s=clock, stale_after_s=60)
    provider = BundleFlags(bundles, clock_s=clock, status_every_s=0)
    api.set_provider_and_wait(provider)
    return bundles, provider


def version() -> object:
    return api.get_client().get_object_details("page.footer", {}).flag_metadata["version"]


def test_a_bundle_that_is_not_started_is_started_by_initialize(file: Path, heard: Heard) -> None:
    served(file, Clock())

    heard.wait_for(ProviderEvent.PROVIDER_READY)
    assert version() == 12


def test_a_swap_is_a_change_of_the_configuration(file: Path, heard: Heard) -> None:
    bundles, _ = served(file, Clock())

    file.write_bytes(edge_bundle(version=13))
    bundles.refresh()

    details = heard.wait_for(ProviderEvent.PROVIDER_CONFIGURATION_CHANGED)
    assert details.flags_changed == sorted(PLACEMENTS)
    assert (details.metadata["bundle"], details.metadata["version"]) == ("edge-shop", 13)
    assert version() == 13


def test_a_refused_bundle_makes_it_stale_and_a_good_one_ready_again(file: Path, heard: Heard) -> None:
    bundles, _ = served(file, Clock())
    client = api.get_client()

    file.write_bytes(b"nothing that anybody signed")
    bundles.refresh()
    assert version() == 12
    heard.wait_for(ProviderEvent.PROVIDER_STALE)
    assert client.get_provider_status() is ProviderStatus.STALE

    file.write_bytes(edge_bundle(version=13))
    bundles.refresh()
    heard.wait_for(ProviderEvent.PROVIDER_READY, 2)
    assert client.get_provider_status() is ProviderStatus.READY


def test_a_source_out_of_reach_makes_it_stale_after_a_while(file: Path, heard: Heard) -> None:
    clock = Clock()
    bundles, _ = served(file, clock)

    file.unlink()
    bundles.refresh()
    version()
    assert ProviderEvent.PROVIDER_STALE not in [event for event, _ in heard.events]

    clock.now_s += 61
    version()
    assert "out of reach" in str(heard.wait_for(ProviderEvent.PROVIDER_STALE).message)


def test_an_expired_bundle_is_an_error_and_still_shows_fallbacks(file: Path, heard: Heard) -> None:
    clock = Clock()
    served(file, clock)

    clock.now_s = BUNDLE["expires_s"]
    shown = api.get_client().get_object_details("home.hero", {})
    again = api.get_client().get_object_details("home.hero", {})

    assert heard.wait_for(ProviderEvent.PROVIDER_ERROR).error_code is ErrorCode.GENERAL
    assert (shown.variant, str(shown.reason)) == (again.variant, str(again.reason)) == ("welcome", "DISABLED")
    assert [event for event, _ in heard.events].count(ProviderEvent.PROVIDER_ERROR) == 1


def test_without_any_good_bundle_the_provider_is_in_error_and_gives_defaults(
    tmp_path: Path, heard: Heard
) -> None:
    bundles = Bundles(FileSource(tmp_path / "missing.bundle"), TEST_RING, clock_s=Clock())

    with pytest.raises(DiscreetError):
        api.set_provider_and_wait(BundleFlags(bundles))

    heard.wait_for(ProviderEvent.PROVIDER_ERROR)
    details = api.get_client().get_string_details("home.hero/title", "the default")
    assert (details.value, details.error_code) == ("the default", ErrorCode.PROVIDER_NOT_READY)


def test_after_shutdown_swaps_are_announced_no_more(file: Path, heard: Heard) -> None:
    bundles, provider = served(file, Clock())

    provider.shutdown()
    file.write_bytes(edge_bundle(version=13))
    bundles.refresh()

    assert bundles.on_swap == []
    assert ProviderEvent.PROVIDER_CONFIGURATION_CHANGED not in [event for event, _ in heard.events]


@pytest.mark.usefixtures("heard")
def test_after_shutdown_an_evaluation_announces_nothing(file: Path) -> None:
    bundles, provider = served(file, Clock())
    emitted: list[ProviderEvent] = []
    provider.attach(lambda _, event, __: emitted.append(event))

    provider.shutdown()
    file.write_bytes(b"nothing that anybody signed")
    bundles.refresh()

    assert provider.resolve_object_details("page.footer", {}).variant == "shops"
    assert emitted == []


def test_registered_anew_it_says_again_that_it_is_stale(file: Path, heard: Heard) -> None:
    bundles, provider = served(file, Clock())
    file.write_bytes(b"nothing that anybody signed")
    bundles.refresh()
    version()
    heard.wait_for(ProviderEvent.PROVIDER_STALE)

    api.clear_providers()
    again = Heard()
    api.set_provider_and_wait(provider)
    assert (
        api.get_client().get_provider_status() is ProviderStatus.READY
    )  # as the SDK has it, until an evaluation
    version()

    again.wait_for(ProviderEvent.PROVIDER_STALE)
    assert api.get_client().get_provider_status() is ProviderStatus.STALE


def test_initialized_twice_a_swap_is_announced_once(file: Path, heard: Heard) -> None:
    bundles, provider = served(file, Clock())
    api.set_provider_and_wait(provider, "another domain")

    file.write_bytes(edge_bundle(version=13))
    bundles.refresh()

    heard.wait_for(ProviderEvent.PROVIDER_CONFIGURATION_CHANGED)
    assert len(bundles.on_swap) == 1
