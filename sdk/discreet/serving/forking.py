"""What must be made anew in a forked child: locks that another thread held, threads that did not come along."""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet


class Renewed(Protocol):
    """Something that a forked child makes anew."""

    def renew(self) -> None:
        """In the child, right after the fork: be as usable as in the parent."""
        ...


_LOCKS: WeakSet[Renewed] = WeakSet()
_THREADS: WeakSet[Renewed] = WeakSet()


def renewed_after_fork(thing: Renewed, *, starts_threads: bool = False) -> None:
    """From now on, every forked child calls `thing.renew` first; what starts threads comes after all others."""
    (_THREADS if starts_threads else _LOCKS).add(thing)


def _renew_all() -> None:
    for each in [*_LOCKS, *_THREADS]:
        each.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
