"""Why the shop does not start, in one line with a way out."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from discreet.errors import DiscreetError


class NotStarted(DiscreetError):
    """The operator: the shop cannot start like this."""


@contextmanager
def needing(what: str, way_out: str) -> Generator[None]:
    """Say of a file or an address that cannot be had what it is for, and what to do.

    Raises:
        NotStarted: where the block raises OSError.
    """
    try:
        yield
    except OSError as error:
        reason = (error.strerror or "it cannot be used").partition(" (")[0].lower()
        raise NotStarted(f"{what}: {reason}; {way_out}") from error
