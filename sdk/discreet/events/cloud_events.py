"""Records to an HTTP endpoint, as CloudEvents 1.0 in batches. Needs httpx, of the extra `server`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from discreet.errors import MissingExtra
from discreet.serving.hushed import hushed

from .errors import EventsRefused, SinkFailed
from .sinks import Event

if TYPE_CHECKING:
    import httpx

CONTENT_TYPE = "application/cloudevents-batch+json; charset=utf-8"
TYPES = {"decision": "discreet.decision.v1", "exposure": "discreet.exposure.v1"}
_TRY_AGAIN = frozenset((408, 425, 429))  # and everything from 500 on


class CloudEventsSink:
    """Posts batches to `url`, in the structured batch mode of CloudEvents' HTTP binding.

    Redirects are not followed. An answer of 2xx takes the batch; 408, 425, 429, 5xx and a broken connection mean that
    it is tried again, with the same ids; anything else refuses it for good.

    Args:
        url: Its query is in no message and no log.
        headers: Sent with each request, such as an `Authorization`. They are in no message and no log.
        source: The `source` of the events: a URI reference that names this server.
        batch: How many events one request carries at most.
        timeout_s: For each step of a request.
    Raises:
        EventsRefused: the URL is none of http or https, the source is empty, or a number makes no sense.
        MissingExtra: httpx is not installed.
    """

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        source: str = "discreet",
        batch: int = 100,
        timeout_s: float = 5.0,
    ) -> None:
        _check(url, headers or {})
        if not source or batch < 1 or not timeout_s > 0:
            raise EventsRefused("events need a source, a batch of at least 1 and a time limit")
        self._url, self._headers, self._source = url, dict(headers or {}), source
        self.batch, self._timeout_s = batch, timeout_s
        self._client: httpx.Client | None = None
        self._pid = 0

    @property
    def name(self) -> str:
        """Where it posts to, for logs: without the query, which may be a credential."""
        return urlsplit(self._url)._replace(query="", fragment="").geturl()

    def write(self, events: Sequence[Event], /) -> None:
        """Post them in one request.

        Raises:
            SinkFailed: they were not taken; final where the endpoint refused them for good.
        """
        import httpx

        body = json.dumps(
            [self._envelope(each) for each in events], ensure_ascii=False, separators=(",", ":")
        )
        headers = {**self._headers, "Content-Type": CONTENT_TYPE}
        try:
            with (
                hushed(),
                self._connected().stream("POST", self._url, content=body.encode(), headers=headers) as answer,
            ):
                status = answer.status_code  # what it says beside that is not read
        except httpx.HTTPError as error:
            raise SinkFailed(f"no answer: {type(error).__name__}") from error
        if not 200 <= status < 300:
            is_final = status < 500 and status not in _TRY_AGAIN
            raise SinkFailed(f"answered with status {status}", is_final=is_final)

    def close(self) -> None:
        """Close the connections; a later `write` opens new ones."""
        if self._client is not None and self._pid == os.getpid():
            self._client.close()
        self._client = None

    def _connected(self) -> httpx.Client:
        import httpx

        if self._client is None or self._pid != os.getpid():  # a forked child has connections of its own
            self._client = httpx.Client(timeout=self._timeout_s, follow_redirects=False)
            self._pid = os.getpid()
        return self._client

    def _envelope(self, event: Event) -> dict[str, Any]:
        record = event.record
        envelope: dict[str, Any] = {
            "specversion": "1.0",
            "id": event.id,
            "source": self._source,
            "type": TYPES[record["kind"]],
            "subject": record["placement"],
            "datacontenttype": "application/json",
        }
        if record["hour"] is not None:
            envelope["time"] = record["hour"]  # the exact clock is in the record, where it may be
        return {**envelope, "data": record}


def _check(url: str, headers: Mapping[str, str]) -> None:
    try:
        import httpx
    except ImportError as error:
        raise MissingExtra("sending events", "server") from error
    try:
        httpx.URL(url)
        httpx.Headers(headers)
        parts = urlsplit(url)
        is_reachable = bool(parts.hostname) and parts.port != 0  # reading a port checks it
    except (httpx.InvalidURL, ValueError) as error:
        raise EventsRefused("the events' URL or headers cannot be used") from error
    if parts.scheme not in ("http", "https") or not is_reachable:
        raise EventsRefused("the events' URL is not one of http or https")
    if parts.username is not None or parts.password is not None:
        raise EventsRefused("the events' URL holds credentials, which logs would show: use headers")
