"""Telling how far long work has come: a step in words, how much of it is done, how much there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias, TypeVar

Progress: TypeAlias = Callable[[str, int, int], None]

EVERY = 1_000  # items between two reports
_Item = TypeVar("_Item")


def unheard(step: str, done: int, total: int) -> None:
    """Where nobody wants to know."""


def told(step: str, items: Sequence[_Item], progress: Progress) -> Iterator[_Item]:
    """Each of `items`; `progress` hears of it before the first, now and then, and behind the last."""
    for done, item in enumerate(items):
        if done % EVERY == 0:
            progress(step, done, len(items))
        yield item
    progress(step, len(items), len(items))
