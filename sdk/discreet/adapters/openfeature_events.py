"""What happens to the bundle in service, as OpenFeature's events: swapped, stale, expired, good again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Final

from openfeature.event import ProviderEvent, ProviderEventDetails
from openfeature.exception import ErrorCode

from ..serving import Bundles, Served, Status

if TYPE_CHECKING:
    from ..runtime import Evaluator

MANY: Final = 1_000  # placements; of more, a handler is told only that something changed

# What a state is called, and what is said of it. An expired bundle still shows every fallback, so it is not fatal.
SAID: Final[Mapping[ProviderEvent, str | None]] = {
    ProviderEvent.PROVIDER_READY: None,
    ProviderEvent.PROVIDER_STALE: "the bundle in service is not the newest: its source is out of reach, or was refused",
    ProviderEvent.PROVIDER_ERROR: "the bundle in service has expired: every placement shows its fallback",
}


class StatusEvents:
    """Emits an event whenever the state of `bundles` is another than it was.

    Swaps are announced at once. The state is looked at when `look` is called and the last look is `every_s` ago: by
    evaluations, so that there is no thread that a fork could lose. Nothing is emitted before `start` or after `stop`.
    """

    def __init__(
        self,
        bundles: Bundles,
        emit: Callable[[ProviderEvent, ProviderEventDetails], None],
        *,
        every_s: float | None,
    ) -> None:
        self._bundles, self._emit, self._every_s = bundles, emit, every_s
        self._is_running = False
        self._state = ProviderEvent.PROVIDER_READY
        self._looked_s = monotonic()
        self._lock = Lock()
        self._evaluator: Evaluator | None = None

    def start(self) -> None:
        """Announce changes from now on. The SDK itself announces that the provider is ready, so that is its state."""
        with self._lock:
            self._is_running = True
            self._state = ProviderEvent.PROVIDER_READY
            self._looked_s = monotonic()
        self._evaluator = self._bundles.current.evaluator
        if self._swapped not in self._bundles.on_swap:
            self._bundles.on_swap.append(self._swapped)

    def stop(self) -> None:
        """Announce nothing more, whoever still evaluates."""
        with self._lock:
            self._is_running = False
        if self._swapped in self._bundles.on_swap:
            self._bundles.on_swap.remove(self._swapped)

    def look(self) -> None:
        """Emit the change of state, where there is one and it is time to look."""
        if self._every_s is not None and monotonic() - self._looked_s >= self._every_s:
            self._look()

    def _look(self) -> None:
        with self._lock:
            self._looked_s = monotonic()
            state = _state_of(self._bundles.status())
            if not self._is_running or state is self._state:
                return
            self._state = state
        code = ErrorCode.GENERAL if state is ProviderEvent.PROVIDER_ERROR else None
        self._emit(state, ProviderEventDetails(message=SAID[state], error_code=code))

    def _swapped(self, served: Served) -> None:
        if not self._is_running:  # stopped while the callbacks of this swap were called
            return
        before, self._evaluator = self._evaluator, served.evaluator
        bundle = served.evaluator.bundle
        details = ProviderEventDetails(
            flags_changed=_placements(before, served.evaluator),
            message="another bundle is in service",
            metadata={"bundle": bundle.name, "version": bundle.version, "digest": bundle.digest},
        )
        self._emit(ProviderEvent.PROVIDER_CONFIGURATION_CHANGED, details)
        self._look()


def _state_of(status: Status) -> ProviderEvent:
    if status.is_expired:
        return ProviderEvent.PROVIDER_ERROR
    if status.is_stale or status.refused is not None:
        return ProviderEvent.PROVIDER_STALE
    return ProviderEvent.PROVIDER_READY


def _placements(before: Evaluator | None, after: Evaluator) -> list[str] | None:
    """Every placement of either bundle: what may have changed, with its fields; None where they are too many."""
    found = {*after.placements, *(before.placements if before is not None else ())}
    return sorted(found) if len(found) <= MANY else None
