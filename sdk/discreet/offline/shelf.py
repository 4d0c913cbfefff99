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
_MOST_TRIED = 10_000  # a log may name any number of bundles


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
        self._tried: set[tuple[str, int, bool]] = set()
        self.unverified = [path for path in files if not self._load(path, now_s)]

    def find(
        self, digest: str, now_s: float | None, *, is_exact: bool = True
    ) -> tuple[Evaluator, Words] | None:
        """The evaluator of the bundle with this digest, and its words.

        Args:
            is_exact: Whether `now_s` is the clock of a record, at which its bundle was in force.
        """
        if digest not in self._found and self.unverified and now_s is not None:
            tried = (digest, int(now_s // (_HOUR_S if is_exact else 1)), is_exact)
            if tried not in self._tried and len(self._tried) < _MOST_TRIED:
                self._tried.add(tried)
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
