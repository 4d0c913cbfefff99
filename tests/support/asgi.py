"""A browser for ASGI apps in tests: one request, one answer, in the headers' own bytes, and one lifespan."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from typing import Any, TypeAlias

Message: TypeAlias = MutableMapping[str, Any]
App: TypeAlias = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]
Pairs: TypeAlias = Iterable[tuple[str | bytes, str | bytes]]


class Reply:
    """What came back."""

    def __init__(self, status: int, pairs: list[tuple[bytes, bytes]], body: bytes) -> None:
        self.status, self.pairs, self.body = status, pairs, body

    def all(self, name: str) -> list[str]:
        """Every header called `name`."""
        return [value.decode("latin-1") for key, value in self.pairs if key == name.encode()]

    def header(self, name: str) -> str | None:
        """The one header called `name`; None without one."""
        found = self.all(name)
        assert len(found) <= 1, f"{name} came several times"
        return found[0] if found else None

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def everything(self) -> bytes:
        """Headers and body, to look for what must not be there."""
        return b"\n".join([*(name + b": " + value for name, value in self.pairs), self.body])

    def __repr__(self) -> str:
        return f"Reply({self.status}, {self.body[:300]!r})"


def _octets(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def scope_of(method: str, target: str, headers: Pairs = ()) -> dict[str, Any]:
    """The ASGI scope of a request. `target` is the path and, behind a `?`, the query."""
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(_octets(name).lower(), _octets(value)) for name, value in headers],
        "client": ("127.0.0.1", 4711),
        "server": ("127.0.0.1", 443),
        "state": {},
    }


async def send(
    app: Any,
    method: str,
    target: str,
    *,
    headers: Sequence[tuple[str | bytes, str | bytes]] | dict[str, str] = (),
    body: bytes | Iterable[bytes] = b"",
    document: Any = None,
    stalls: bool = False,
) -> Reply | None:
    """One request; None when the app gave no answer.

    Args:
        body: Several chunks arrive one by one.
        document: Sent as JSON in the place of `body`.
        stalls: Whether the body's end never comes.
    """
    pairs: list[tuple[str | bytes, str | bytes]]
    pairs = [(name, value) for name, value in headers.items()] if isinstance(headers, dict) else [*headers]
    if document is not None:
        body = json.dumps(document).encode()
        pairs.append(("content-type", "application/json"))
    if isinstance(body, bytes):
        if not stalls:
            pairs.append(("content-length", str(len(body))))
        body = [body]
    chunks = [*body]
    started: list[Message] = []
    parts: list[bytes] = []

    async def receive() -> Message:
        if chunks:
            chunk = chunks.pop(0)
            return {"type": "http.request", "body": chunk, "more_body": bool(chunks) or stalls}
        if stalls:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def take(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
        else:
            parts.append(message.get("body", b""))

    await app(scope_of(method, target, pairs), receive, take)
    if not started:
        return None
    (start,) = started
    return Reply(start["status"], [*start["headers"]], b"".join(parts))


def ask(app: Any, method: str, target: str, **how: Any) -> Reply:
    """`send` in an event loop of its own; the app must answer."""
    reply = asyncio.run(send(app, method, target, **how))
    assert reply is not None
    return reply
