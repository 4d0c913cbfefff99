"""How long bodies are waited for. One timer looks after all requests; one for each would cost more than its reading."""

from __future__ import annotations

import asyncio
import time
import types
from collections.abc import Coroutine, Generator
from typing import Any, Final, TypeVar

from .answers import CLOSE
from .problems import Problem, Refused

Result = TypeVar("Result")
LOOKS: Final = 4  # per timeout: a body is given up after that time, and a quarter of it at most


class Patience:
    """Waits for anything, but not for longer than `timeout_s`. For one event loop at a time."""

    __slots__ = ("_late", "_loop", "_timeout_s", "_waiting")

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._waiting: dict[asyncio.Task[Any], float] = {}
        self._late: set[asyncio.Task[Any]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None  # whose timer is set

    @types.coroutine
    def wait_for(self, awaited: Coroutine[Any, Any, Result]) -> Generator[Any, Any, Result]:
        """What `awaited` comes to.

        Raises:
            Refused: it took too long, and was cancelled.
        """
        # Most bodies are there when they are asked for. Then nothing waits, and nothing has to be looked after.
        try:
            step = awaited.send(None)
        except StopIteration as done:
            result: Result = done.value
            return result
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._waiting[task] = time.monotonic()
        if self._loop is None or self._loop.is_closed():
            self._set_timer()
        try:
            return (yield from _rest(awaited, step))
        except asyncio.CancelledError:
            if task in self._late and task.uncancel() == 0:
                raise Refused(Problem.BODY_TOO_SLOW, (CLOSE,)) from None
            raise
        finally:
            del self._waiting[task]
            self._late.discard(task)

    def _set_timer(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.call_later(self._timeout_s / LOOKS, self._look)

    def _look(self) -> None:
        """Cancel what waited too long. Without anything that waits the timer rests."""
        self._loop = None
        before_s = time.monotonic() - self._timeout_s
        for task, since_s in self._waiting.items():
            if since_s <= before_s and task not in self._late:
                self._late.add(task)
                task.cancel()
        if self._waiting:
            self._set_timer()


def _rest(begun: Coroutine[Any, Any, Result], step: object) -> Generator[Any, Any, Result]:
    """What `begun` comes to, which waits for its first `step`: as `await` goes on, which can only be at the start."""
    while True:
        try:
            try:
                yield step
            except asyncio.CancelledError as thrown:  # a task throws nothing else at what it runs
                step = begun.throw(thrown)
            else:
                step = begun.send(None)
        except StopIteration as done:
            result: Result = done.value
            return result
