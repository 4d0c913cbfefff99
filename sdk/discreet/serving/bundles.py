"""Bundles in service: taken from a source, judged, kept, swapped. Whatever happens, the last good one serves."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from discreet.errors import BadSignature, BundleError, ExpiredBundle
from discreet.runtime import Evaluator, Keyring

from .errors import SourceError, StoreError
from .forking import renewed_after_fork
from .judging import Judge
from .served import Served
from .sources import BundleSource
from .status import Outcome, Seen, Status, Trouble, status_of
from .store import BundleStore
from .unforeseen import unforeseen

_LOG: Final = logging.getLogger("discreet.serving")
JUDGED_AGAIN_S: Final = 30.0  # after which what only the clock can change is tried again
_BY_THE_CLOCK: Final = (ExpiredBundle, BadSignature)  # a time that has not come, a key that is not valid yet


@dataclass(frozen=True, slots=True)
class _TurnedDown:
    """Bytes that were refused, so that they are not verified again at every look. `data` only if time may help."""

    digest: str
    error: BundleError
    since_s: float
    judged_s: float
    data: bytes | None

    def is_due(self, now_s: float) -> bool:
        return self.data is not None and not 0 <= now_s - self.judged_s < JUDGED_AGAIN_S


class Bundles:
    """The bundle in service, and what replaces it.

    `current` is one attribute, replaced as a whole: read it once per request. `on_swap` are called after each swap,
    in the thread that made it; what they raise is logged.

    Args:
        store: Where the last good bundle and the ratchet are kept across restarts; None: they are not.
        rollback: Whether an older bundle than the newest that was served may be served, down to the floor.
        stale_after_s: How long the source may not have confirmed what is in service before it counts as stale.
    """

    current: Served
    on_swap: list[Callable[[Served], object]]

    def __init__(
        self,
        source: BundleSource,
        keyring: Keyring,
        *,
        store: BundleStore | None = None,
        clock_s: Callable[[], float] = time.time,
        rollback: bool = False,
        stale_after_s: float | None = None,
    ) -> None:
        self.on_swap = []
        self._source = source
        self._judge = Judge(keyring, store, rollback=rollback)
        self._clock_s = clock_s
        self._stale_after_s = stale_after_s
        self._lock = threading.Lock()
        self._seen = Seen()
        self._turned_down: _TurnedDown | None = None
        self._tried_to_keep_s = 0.0
        renewed_after_fork(self)

    @classmethod
    def of(
        cls, evaluator: Evaluator, data: bytes = b"", *, clock_s: Callable[[], float] = time.time
    ) -> Bundles:
        """A bundle that never changes, for tests and for programs that load their own."""
        return _Fixed(evaluator, data, clock_s)

    def renew(self) -> None:
        """In a forked child: a thread of the parent may have held the lock."""
        self._lock = threading.Lock()

    def start(self) -> Served:
        """Put the source's bundle into service; where it has none that is good, the last good one of the store.

        Raises:
            BundleError, SourceError: there is neither; it says what is wrong with the source.
        """
        with self._lock:
            if self._served() is None:
                now_s = self._clock_s()
                error = self._look(now_s)
                if error is not None:
                    self._fall_back(error, now_s)
        return self.current

    def refresh(self) -> Outcome:
        """Look at the source once, and swap if it has a better bundle. Never raises; only after `start`."""
        with self._lock:
            before = self.current
            error = self._look(self._clock_s())
            after = self.current
        if after.data is not before.data:
            self._tell(after)
            return Outcome.SWAPPED
        if error is None:
            return Outcome.UNCHANGED
        return Outcome.REFUSED if isinstance(error, BundleError) else Outcome.UNREACHABLE

    def status(self) -> Status:
        """How the bundle in service fares now; only after `start`."""
        return status_of(
            self.current,
            self._seen,
            self._source.name,
            now_s=self._clock_s(),
            stale_after_s=self._stale_after_s,
        )

    def _look(self, now_s: float) -> BundleError | SourceError | None:
        """Ask the source, and take what it has; what is wrong with it, or None."""
        try:
            self._consider(self._fetch(), now_s)
        except (BundleError, SourceError) as error:
            self._failed(error, now_s)
            return _alone(error) if isinstance(error, BundleError) else error
        self._succeeded(now_s)
        return None

    def _fetch(self) -> bytes | None:
        fetched: list[object] = []
        error = unforeseen(lambda: fetched.append(self._source.fetch()))
        if error is None:
            return self._bytes(fetched[0])
        if isinstance(error, SourceError):
            raise error
        raise SourceError(f"{self._source.name}: {type(error).__name__}") from error

    def _bytes(self, fetched: object) -> bytes | None:
        if fetched is None or isinstance(fetched, bytes):
            return fetched
        raise SourceError(f"{self._source.name} gave something that is not bytes")

    def _consider(self, data: bytes | None, now_s: float) -> None:
        """Serve what the source has, unless it is served already; raises BundleError when it must not be."""
        before, served = self._turned_down, self._served()
        if before is not None and (data is None or _digest(data) == before.digest):
            if not before.is_due(now_s):
                raise before.error.with_traceback(None)
            data = before.data
        if served is not None and (data is None or (data == served.data and not served.is_fallback)):
            self._turned_down = None
            self._keep_late(served, now_s)
        elif data is None:
            raise SourceError(f"{self._source.name} has no bundle")
        else:
            self._take(data, served, now_s)

    def _take(self, data: bytes, served: Served | None, now_s: float) -> None:
        try:
            evaluator = self._judge.load(data, served.evaluator.bundle if served else None, now_s=now_s)
            not_kept = self._judge.keep(evaluator.bundle, data, now_s=now_s)
        except BundleError as error:
            self._turn_down(data, error, now_s)
            raise
        self._turned_down = None
        self._kept(not_kept, now_s)
        if served is not None and served.data == data:
            self.current = replace(served, is_fallback=False)
            return
        self.current = Served.of(evaluator, data, since_s=now_s)
        bundle = evaluator.bundle
        _LOG.info("in service: `%s` version %d, %s", bundle.name, bundle.version, bundle.digest[:12])

    def _turn_down(self, data: bytes, error: BundleError, now_s: float) -> None:
        digest, before = _digest(data), self._turned_down
        is_new = before is None or before.digest != digest
        since_s = now_s if before is None or is_new else before.since_s
        retried = data if isinstance(error, _BY_THE_CLOCK) else None
        self._turned_down = _TurnedDown(digest, _alone(error), since_s, now_s, retried)
        if is_new and self._served() is not None:  # at the start who asked for it is told
            _LOG.warning("%s", self._in_words(error))

    def _keep_late(self, served: Served, now_s: float) -> None:
        """Keep what could not be kept when it was taken: the disk may have room again."""
        if self._seen.not_kept is None or 0 <= now_s - self._tried_to_keep_s < JUDGED_AGAIN_S:
            return
        try:
            self._kept(self._judge.keep(served.evaluator.bundle, served.data, now_s=now_s), now_s)
        except BundleError:  # another worker has kept a newer one, which is as good
            self._kept(None, now_s)

    def _kept(self, problem: StoreError | None, now_s: float) -> None:
        self._tried_to_keep_s = now_s
        trouble = None if problem is None else Trouble.of(problem, now_s)
        if trouble is not None and self._seen.not_kept is not None:
            trouble = replace(trouble, at_s=self._seen.not_kept.at_s)
        elif trouble is not None:
            _LOG.warning("not kept: %s", trouble.text)
        self._seen = replace(self._seen, not_kept=trouble)

    def _fall_back(self, error: BundleError | SourceError, now_s: float) -> None:
        """Serve the last good bundle; raises `error` where there is none."""
        try:
            found = self._judge.last_good(now_s=now_s)
        except (BundleError, StoreError) as unusable:
            _LOG.warning("the last good bundle cannot serve: %s", unusable)
            raise error from unusable
        if found is None:
            raise error
        _LOG.warning("%s", self._in_words(error))
        evaluator, data = found
        self.current = Served.of(evaluator, data, since_s=now_s, is_fallback=True)
        bundle = evaluator.bundle
        _LOG.warning("in service: the last good bundle, `%s` version %d", bundle.name, bundle.version)

    def _failed(self, error: BundleError | SourceError, now_s: float) -> None:
        seen = replace(self._seen, checked_s=now_s, failures=self._seen.failures + 1)
        if isinstance(error, SourceError):
            trouble, before = Trouble.of(error, now_s), self._seen.unreachable
            if self._served() is not None and (before is None or before.text != trouble.text):
                _LOG.warning("%s", self._in_words(error))
            trouble = trouble if before is None else replace(trouble, at_s=before.at_s)
            # Whether what was refused is still there, nobody knows now.
            self._seen = replace(seen, unreachable=trouble, refused=None, retry_after_s=error.retry_after_s)
        else:
            since_s = now_s if self._turned_down is None else self._turned_down.since_s
            refused = Trouble.of(error, since_s)
            self._seen = replace(seen, refused=refused, unreachable=None, retry_after_s=None)

    def _succeeded(self, now_s: float) -> None:
        if self._seen.failures:
            _LOG.info("good again: %s", self._source.name)
        self._seen = Seen(checked_s=now_s, confirmed_s=now_s, not_kept=self._seen.not_kept)

    def _in_words(self, error: BundleError | SourceError) -> str:
        if isinstance(error, SourceError):
            return f"unreachable: {error}"
        return f"refused, from {self._source.name}: {type(error).__name__}: {error}"

    def _served(self) -> Served | None:
        return getattr(self, "current", None)

    def _tell(self, served: Served) -> None:
        for each in list(self.on_swap):
            error = unforeseen(lambda told=each: told(served))  # type: ignore[misc] # mypy cannot infer a default
            if error is not None:
                _LOG.error("what is called after a swap failed: %s", type(error).__name__)


class _Fixed(Bundles):
    """One bundle that nothing replaces."""

    def __init__(self, evaluator: Evaluator, data: bytes, clock_s: Callable[[], float]) -> None:
        now_s = clock_s()
        self.on_swap = []
        self.current = Served.of(evaluator, data, since_s=now_s)
        self._clock_s = clock_s

    def start(self) -> Served:
        return self.current

    def refresh(self) -> Outcome:
        return Outcome.UNCHANGED

    def status(self) -> Status:
        now_s = self._clock_s()
        seen = Seen(checked_s=now_s, confirmed_s=now_s)
        return status_of(self.current, seen, "this program", now_s=now_s, stale_after_s=None)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _alone(error: BundleError) -> BundleError:
    """The error without the frames that it went through, which hold the bytes."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)
