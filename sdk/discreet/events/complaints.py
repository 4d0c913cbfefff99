"""What the log says of failures: seldom, and without a word of what was to be written."""

from __future__ import annotations

import logging
from collections.abc import Callable

from .errors import SinkFailed

QUIET_S = 60.0  # between two words about the same thing

_log = logging.getLogger("discreet.events")


class Complaints:
    """Warns about one thing, at most once in `QUIET_S` seconds."""

    def __init__(self, about: str, clock_s: Callable[[], float]) -> None:
        self._about, self._clock_s = about, clock_s
        self._quiet_until_s = float("-inf")

    def say(self, what: str) -> None:
        """Warn, unless it was just done."""
        now_s = self._clock_s()
        if now_s >= self._quiet_until_s:
            self._quiet_until_s = now_s + QUIET_S
            _log.warning("%s: %s", self._about, what)


def in_words(error: Exception) -> str:
    """What failed. Of an error that is not ours only its type: its text may quote a record."""
    if isinstance(error, SinkFailed):
        return str(error)
    reason = error.strerror if isinstance(error, OSError) else None
    return type(error).__name__ if reason is None else reason.lower()
