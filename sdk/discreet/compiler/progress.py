"""Telling how far a long build is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[
    [str, int, int], None
]  # what is being done, how much of it is done, how much there is

STEP = 1_000  # items between two calls


def quiet(what: str, done: int, total: int) -> None:
    """Tell nobody."""
