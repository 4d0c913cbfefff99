"""How many requests a process takes: a token bucket. Who shares it with whom is for the CDN in front to say."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from .problems import Problem, Refused

if TYPE_CHECKING:
    from .answers import Answer
    from .received import Received


class Bucket:
    """Holds up to `burst` requests, and gets `rate_per_s` new ones each second. For one thread."""

    __slots__ = ("_at_s", "_burst", "_left", "_rate_per_s")

    def __init__(self, rate_per_s: float, burst: int, *, now_s: float) -> None:
        self._rate_per_s, self._burst = rate_per_s, float(burst)
        self._left, self._at_s = float(burst), now_s

    def take(self, now_s: float) -> int:
        """0 when the request may pass; else after how many whole seconds the next one may.

        Args:
            now_s: Of a clock that never goes back.
        """
        self._left = min(self._burst, self._left + (now_s - self._at_s) * self._rate_per_s)
        self._at_s = now_s
        if self._left >= 1:
            self._left -= 1
            return 0
        return math.ceil((1 - self._left) / self._rate_per_s)

    def pass_one(self) -> None:
        """Let a request pass now.

        Raises:
            Refused: there were too many; it says after how many seconds the next one may.
        """
        wait_s = self.take(time.monotonic())
        if wait_s:
            raise Refused(Problem.TOO_MANY_REQUESTS, ((b"retry-after", b"%d" % wait_s),))


def limited(
    handler: Callable[[Received], Awaitable[Answer]],
    bucket: Bucket,
    counts: Callable[[Received], bool] = lambda _: True,
) -> Callable[[Received], Awaitable[Answer]]:
    """`handler`, asked as often as `bucket` lets requests pass; one that does not count always passes."""

    async def answer(received: Received) -> Answer:
        if counts(received):
            bucket.pass_one()
        return await handler(received)

    return answer
