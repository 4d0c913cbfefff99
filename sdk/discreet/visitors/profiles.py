"""Where first-party and declared attributes are kept beside the cookie: under the random id that the cookie holds."""

from __future__ import annotations

import asyncio
import time
from _thread import allocate_lock
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Protocol, runtime_checkable

from ..errors import MissingExtra
from .errors import ProfilesError
from .profile import MAX_STORED_BYTES, pack_values, unpack_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cachetools import TLRUCache
    from redis import Redis
    from redis.asyncio import Redis as AsyncRedis

MAX_PROFILES = 100_000
MAX_MEMORY_BYTES = 256 * 1024 * 1024


@runtime_checkable
class Profiles(Protocol):
    """A source of first-party and declared attributes. Whatever it raises, the visitor is served without it."""

    async def read(self, profile_id: str) -> Mapping[str, Any]:
        """What is kept under `profile_id`: names to values, or to `Observed` ones. Nothing known is empty."""
        ...

    async def write(self, profile_id: str, values: Mapping[str, Any], *, ttl_s: int) -> None:
        """Keep `values`, and nothing else, under `profile_id` for `ttl_s` seconds."""
        ...

    async def forget(self, profile_id: str) -> None:
        """Keep nothing under `profile_id` any more."""
        ...


@runtime_checkable
class ProfilesNow(Protocol):
    """The same for servers without an event loop: WSGI, Lambda."""

    def read_now(self, profile_id: str) -> Mapping[str, Any]: ...

    def write_now(self, profile_id: str, values: Mapping[str, Any], *, ttl_s: int) -> None: ...

    def forget_now(self, profile_id: str) -> None: ...


class MemoryProfiles:
    """Profiles in the memory of this process, the least recently used forgotten first. Safe for threads.

    Args:
        maximum: How many are kept.
        max_bytes: How many octets of packed values all of them may take.
        clock_s: Seconds that only grow.
    """

    def __init__(
        self,
        maximum: int = MAX_PROFILES,
        *,
        max_bytes: int = MAX_MEMORY_BYTES,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        from cachetools import TLRUCache

        def ends_s(_: str, kept: tuple[bytes, int], now_s: float) -> float:
            return now_s + kept[1]

        least = max(1, max_bytes // maximum)  # so that one size bounds the number as well

        def size_of(kept: tuple[bytes, int]) -> int:
            return max(least, len(kept[0]))

        self._kept: TLRUCache[str, tuple[bytes, int]] = TLRUCache(least * maximum, ends_s, clock_s, size_of)
        self._lock = allocate_lock()

    def read_now(self, profile_id: str) -> Mapping[str, Any]:
        with self._lock:
            packed, _ = self._kept.get(profile_id, (b"", 0))
        return unpack_values(packed) or {}

    def write_now(self, profile_id: str, values: Mapping[str, Any], *, ttl_s: int) -> None:
        packed = pack_values(values, MAX_STORED_BYTES)
        if len(packed) > self._kept.maxsize:
            raise ProfilesError("the profile is larger than all of them may be")
        with self._lock:
            self._kept.pop(profile_id, None)
            self._kept[profile_id] = (packed, ttl_s)

    def forget_now(self, profile_id: str) -> None:
        with self._lock:
            self._kept.pop(profile_id, None)

    async def read(self, profile_id: str) -> Mapping[str, Any]:
        return self.read_now(profile_id)

    async def write(self, profile_id: str, values: Mapping[str, Any], *, ttl_s: int) -> None:
        self.write_now(profile_id, values, ttl_s=ttl_s)

    async def forget(self, profile_id: str) -> None:
        self.forget_now(profile_id)

    def __repr__(self) -> str:
        return f"MemoryProfiles({len(self._kept)} profiles)"


class RedisProfiles:
    """Profiles in Redis, each under a hash of its id, as msgpack, until its time is over. Needs the extra `redis`.

    Connections are made when they are first needed: per event loop, and anew after a fork.

    Args:
        url: Such as `redis://127.0.0.1:6379/0`. What it holds of credentials is shown nowhere.
        prefix: In front of every key.
        timeout_s: Seconds that one command, or a connection, may take.
    Raises:
        MissingExtra: `redis` is not installed.
        ProfilesError: Redis did not answer; from every method.
    """

    def __init__(self, url: str, *, prefix: str = "discreet:profile:", timeout_s: float = 0.1) -> None:
        try:
            __import__("redis")  # its absence is told now
        except ImportError as error:
            raise MissingExtra("keeping profiles in Redis", "redis") from error
        self._url, self._prefix, self._timeout_s = url, prefix, timeout_s
        self._client: Redis | None = None
        self._of_loop: tuple[asyncio.AbstractEventLoop, AsyncRedis] | None = None

    async def read(self, profile_id: str) -> Mapping[str, Any]:
        with _Errors():
            found = await self._asynchronous().get(self._key(profile_id))
        return _read(found)

    async def write(self, profile_id: str, values: Mapping[str, Any], *, ttl_s: int) -> None:
        packed = pack_values(values, MAX_STORED_BYTES)
        with _Errors():
            await self._asynchronous().set(self._key(profile_id), packed, ex=ttl_s)

    async def forget(self, profile_id: str) -> None:
        with _Errors():
            await self._asynchronous().delete(self._key(profile_id))

    def read_now(self, profile_id: str) -> Mapping[str, Any]:
        with _Errors():
            found = self._synchronous().get(self._key(profile_id))
        return _read(found)

    def write_now(self, profile_id: str, values: Mapping[str, Any], *, ttl_s: int) -> None:
        packed = pack_values(values, MAX_STORED_BYTES)
        with _Errors():
            self._synchronous().set(self._key(profile_id), packed, ex=ttl_s)

    def forget_now(self, profile_id: str) -> None:
        with _Errors():
            self._synchronous().delete(self._key(profile_id))

    async def aclose(self) -> None:
        """Close the connections of this event loop."""
        of_loop, self._of_loop = self._of_loop, None
        if of_loop is not None and of_loop[0] is asyncio.get_running_loop():
            await of_loop[1].aclose()

    def close(self) -> None:
        """Close the connections of the methods that do not wait for an event loop."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _key(self, profile_id: str) -> str:
        # Whoever reads the keys of a Redis must not learn ids.
        return self._prefix + sha256(profile_id.encode("utf-8", "surrogatepass")).hexdigest()

    def _asynchronous(self) -> AsyncRedis:
        loop = asyncio.get_running_loop()
        if self._of_loop is None or self._of_loop[0] is not loop:
            from redis.asyncio import Redis

            self._of_loop = (loop, Redis.from_url(self._url, **self._options()))
        return self._of_loop[1]

    def _synchronous(self) -> Redis:
        if self._client is None:
            from redis import Redis

            self._client = Redis.from_url(self._url, **self._options())
        return self._client

    def _options(self) -> dict[str, Any]:
        return {"socket_timeout": self._timeout_s, "socket_connect_timeout": self._timeout_s}

    def __repr__(self) -> str:
        return f"RedisProfiles(prefix={self._prefix!r})"


class _Errors:
    """Turns what a client of Redis raises into a `ProfilesError` that holds none of its texts."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        from redis import RedisError

        if isinstance(error, RedisError | OSError | TimeoutError):
            raise ProfilesError(f"the profile source did not answer: {type(error).__name__}") from None


def _read(found: object) -> Mapping[str, Any]:
    if found is None:
        return {}
    values = unpack_values(found) if isinstance(found, bytes) else None
    if values is None:
        raise ProfilesError("the profile source holds what is no profile")
    return values
