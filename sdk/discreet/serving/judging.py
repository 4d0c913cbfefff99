"""Whether a bundle may be served: verified, in force, and not behind what was served before.

What comes from the source is judged by the clock. The last good one, from the store, was judged so when it was taken;
its signatures must hold today, under keys that are valid today, but its own time may be over: then every decision is a
fallback whose reason is `expired`, and no page is left without one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final, TypeVar

from discreet.errors import BundleError
from discreet.runtime import Bundle, Evaluator, Keyring, decode, load_bytes, verify

from .errors import ChangedContent, StoreError
from .ratchet import Ratchet
from .store import BundleStore

_T = TypeVar("_T")
_LOG: Final = logging.getLogger("discreet.serving")


class Judge:
    """Decides what may be served, and remembers what was, on disk where there is a store. One thread at a time."""

    def __init__(self, keyring: Keyring, store: BundleStore | None, *, rollback: bool) -> None:
        self._keyring = keyring
        self._store = store
        self._rollback = rollback
        self._ratchet: Ratchet | None = None  # what this process knows of

    def load(self, data: bytes, current: Bundle | None, *, now_s: float) -> Evaluator:
        """Judge the source's bundle by the clock and by what is in service.

        Raises:
            BundleError: it must not be served.
        """
        evaluator = load_bytes(data, self._keyring, now_s=now_s)
        bundle = evaluator.bundle
        if current is not None and bundle.version == current.version and bundle.digest != current.digest:
            raise ChangedContent(bundle.version)
        return evaluator

    def keep(self, bundle: Bundle, data: bytes, *, now_s: float) -> StoreError | None:
        """Judge `bundle` by all that was ever served here, and keep it; what is returned says why it was not kept.

        Raises:
            BundleError: it must not be served.
        """
        if self._store is None:
            self._pass(bundle, None)
            return None
        with self._locked(self._store) as problem:
            ratchet = self._pass(bundle, self._on_disk(self._store, now_s))
            if problem is not None:
                return problem
            try:
                self._store.keep(data, ratchet)
            except StoreError as error:
                return error
        return None

    def last_good(self, *, now_s: float) -> tuple[Evaluator, bytes] | None:
        """The last good bundle that was kept; None where none was.

        Raises:
            BundleError: it is not good any more: it was changed, or its keys are no longer trusted.
            StoreError: it cannot be read.
        """
        if self._store is None:
            return None
        with self._locked(self._store):
            ratchet = self._on_disk(self._store, now_s)
            data = self._store.last_good()
        if data is None:
            return None
        evaluator = load_again(data, self._keyring, now_s=now_s, floor=ratchet.floor if ratchet else 0)
        known = _both(self._ratchet, ratchet)
        self._ratchet = Ratchet.of(evaluator.bundle) if known is None else known
        return evaluator, data

    def _pass(self, bundle: Bundle, on_disk: Ratchet | None) -> Ratchet:
        known = _both(self._ratchet, on_disk)
        if known is not None:
            known.check(bundle, rollback=self._rollback)
        raised = Ratchet.of(bundle) if known is None else known.with_(Ratchet.of(bundle))
        self._ratchet = raised
        return raised

    def _on_disk(self, store: BundleStore, now_s: float) -> Ratchet | None:
        """The ratchet as kept; where it is lost, or older than the bundle beside it, what that bundle says."""
        ratchet, data = _readable(store.ratchet), _readable(store.last_good)
        if data is None or (ratchet is not None and ratchet.names(data)):
            return ratchet
        try:
            bundle = load_again(data, self._keyring, now_s=now_s).bundle
        except BundleError:
            return ratchet
        return _both(ratchet, Ratchet.of(bundle))

    @contextmanager
    def _locked(self, store: BundleStore) -> Generator[StoreError | None]:
        """Hold the store's lock if it can be had; what is yielded says why it could not."""
        lock = store.locked()
        try:
            lock.__enter__()
        except StoreError as error:
            yield error
            return
        try:
            yield None
        finally:
            lock.__exit__(None, None, None)


def load_again(data: bytes, keyring: Keyring, *, now_s: float, floor: int = 0) -> Evaluator:
    """Load a bundle that was good once. Its signatures must hold and its keys be valid; its own time may be over.

    Raises:
        BundleError: it is refused.
    """
    return Evaluator(decode(verify(data, keyring, now_s=now_s), floor=floor, in_force=False))


def _readable(read: Callable[[], _T | None]) -> _T | None:
    try:
        return read()
    except StoreError as error:
        _LOG.warning("lost of what was served before: %s", error)
        return None


def _both(one: Ratchet | None, other: Ratchet | None) -> Ratchet | None:
    if one is None or other is None:
        return one or other
    return one.with_(other)
