"""Bundles by their digest, verified at the clock of whoever asks: what was in service then can be loaded now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from discreet.errors import BadSignature, BundleError, ExpiredBundle
from discreet.events.words import Words
from discreet.runtime import Evaluator, load

if TYPE_CHECKING:
    from discreet.runtime import Keyring

_HOUR_S = 3_600


class Shelf:
    """The bundles in some files.

    One whose time is over (or has not come) at `now_s`, or that of a key, is tried again at the clocks of the records.

    Raises:
        BundleError: a bundle is refused for any other reason; the message names the file.
        OSError: a file cannot be read.
    """

    def __init__(self, files: Sequence[Path], keyring: Keyring, now_s: float) -> None:
        self._keyring = keyring
        self._found: dict[str, tuple[Evaluator, Words]] = {}
        self._tried: set[int] = set()
        self.unverified = [path for path in files if not self._load(path, now_s)]

    def find(self, digest: str, now_s: float | None) -> tuple[Evaluator, Words] | None:
        """The evaluator of the bundle with this digest, and its words."""
        if digest not in self._found and self.unverified and now_s is not None:
            hour = int(now_s // _HOUR_S)
            if hour not in self._tried:
                self._tried.add(hour)
                self.unverified = [path for path in self.unverified if not self._load(path, now_s)]
        return self._found.get(digest)

    def _load(self, path: Path, now_s: float) -> bool:
        try:
            evaluator = load(path, self._keyring, now_s=now_s)
        except BundleError as error:
            if isinstance(error, ExpiredBundle) or (isinstance(error, BadSignature) and self._has_terms()):
                return False
            error.args = (f"`{path}`: {error}",)
            raise
        self._found[evaluator.bundle.digest] = (evaluator, Words(evaluator))
        return True

    def _has_terms(self) -> bool:
        """Whether a key of the ring is trusted for a time only."""
        keys = self._keyring.keys.values()
        return any(key.not_before_s is not None or key.not_after_s is not None for key in keys)
