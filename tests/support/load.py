"""Load that reads every answer: connections that are kept alive and ask again and again, beside the test."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final

from .system import wait_until

_BODY: Final = b"{}"
_REQUEST: Final = (
    b"POST /v1/decide HTTP/1.1\r\nHost: shop.example\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
    % (len(_BODY), _BODY)
)


class AskingLoad:
    """What came of the load so far.

    Attributes:
        seen: How many answers were of each version, as `check` read it.
        failures: What went wrong, in words.
        newest: The highest version that any answer was of.
    """

    def __init__(self, port: int, check: Callable[[Any], int]) -> None:
        self.port, self._check = port, check
        self.seen: Counter[int] = Counter()
        self.failures: list[str] = []
        self.newest = 0
        self.is_over = False

    async def ask(self) -> None:
        """One connection's requests, one after the other, until the load is over."""
        last = 0
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            while not self.is_over:
                writer.write(_REQUEST)
                last = await self._read(reader, last)
        except (OSError, EOFError, AssertionError, ValueError, LookupError) as error:
            self.failures.append(f"{type(error).__name__}: {error}")
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, last: int) -> int:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        size = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        body = await reader.readexactly(size)
        assert head.startswith(b"http/1.1 200 "), head.partition(b"\r\n")[0]
        version = self._check(json.loads(body))
        assert version >= last, "an older version after a newer one"
        self.seen[version] += 1
        self.newest = max(self.newest, version)
        return version

    def wait_for(self, version: int) -> None:
        """Return once an answer was of `version`, or something went wrong."""
        wait_until(lambda: self.newest >= version or bool(self.failures), f"an answer of version {version}")

    async def run(self, connections: int) -> None:
        """The whole load."""
        await asyncio.gather(*(self.ask() for _ in range(connections)))


@contextmanager
def under_load(port: int, check: Callable[[Any], int], *, connections: int) -> Generator[AskingLoad]:
    """Ask /v1/decide for every placement over `connections` until the block ends.

    Args:
        check: The version of an answer; it fails where the answer is not wholly of one.
    """
    load = AskingLoad(port, check)
    thread = threading.Thread(target=lambda: asyncio.run(load.run(connections)))
    thread.start()
    try:
        yield load
    finally:
        load.is_over = True
        thread.join(30)
