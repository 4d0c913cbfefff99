"""CloudFront's events: what came, in what shape, and what a function may make of it.

Headers are a map of lower-case names to lists of `{"key": "Name as written", "value": "..."}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, TypeAlias

from ...errors import DiscreetError
from ...visitors import Incoming

Headers: TypeAlias = dict[str, list[dict[str, str]]]

PREFIX: Final = "x-discreet-"  # ours on requests: whatever came under it is removed
# What the request's decisions can depend on, for the response's events. No placement's header has two dashes in a row.
NOTE: Final = "x-discreet--depends"
# CloudFront adds these after the viewer's event, where they are still the viewer's own words: anybody can send them.
_ADDED_LATER: Final = "cloudfront-"
_NOT_IN_A_NAME: Final = re.compile("[^a-z0-9]+")
MAX_NAME_LENGTH: Final = 256  # of a header


class Kind(Enum):
    """The four moments at which CloudFront calls a function."""

    VIEWER_REQUEST = "viewer-request"
    ORIGIN_REQUEST = "origin-request"
    ORIGIN_RESPONSE = "origin-response"
    VIEWER_RESPONSE = "viewer-response"

    @property
    def faces_viewer(self) -> bool:
        return self in (Kind.VIEWER_REQUEST, Kind.VIEWER_RESPONSE)

    @property
    def is_request(self) -> bool:
        return self in (Kind.VIEWER_REQUEST, Kind.ORIGIN_REQUEST)


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `response` is empty for the events of requests. No repr: a visitor's headers are in it."""

    kind: Kind
    request: dict[str, Any]
    response: dict[str, Any]

    def __repr__(self) -> str:
        return f"Event({self.kind.value})"


def read_event(event: object) -> Event | None:
    """The event as CloudFront sends it, the headers under our prefix taken off its request; None for anything else.

    Never raises.
    """
    match event:
        case {"Records": [{"cf": {"config": {"eventType": str(name)}, "request": dict(request), **beside}}]}:
            kind = next((each for each in Kind if each.value == name), None)
            response = beside.get("response")
            if kind is None or (not kind.is_request and not isinstance(response, dict)):
                return None
            if kind.is_request:
                _remove_ours(request.get("headers"))
            return Event(kind, request, response if isinstance(response, dict) else {})
        case _:
            return None


def _remove_ours(headers: object) -> None:
    if isinstance(headers, dict):
        for name in [each for each in headers if isinstance(each, str) and _is_ours(each)]:
            del headers[name]


def _is_ours(name: str) -> bool:
    # To origins that speak CGI or WSGI, `x_discreet_` is the same name.
    return name.lower().replace("_", "-").startswith(PREFIX)


def incoming_of(event: Event, now_s: float) -> Incoming:
    """What came with the visitor's request, as `discreet.visitors` reads it. The visitor's address is not looked at."""
    request = event.request
    pairs = [
        (name, value)
        for name, value in pairs_of(request["headers"])
        if not (event.kind.faces_viewer and name.startswith(_ADDED_LATER))
    ]
    query: str = request["querystring"]
    octets = query.encode("utf-8", "surrogatepass")
    return Incoming.from_headers(pairs, query_string=octets, path=request["uri"], now_s=now_s)


def pairs_of(headers: Mapping[str, Iterable[Mapping[str, str]]]) -> list[tuple[str, str]]:
    """CloudFront's headers as names and values; of a name that came twice both."""
    return [(name.lower(), each["value"]) for name, values in headers.items() for each in values]


def headers_of(pairs: Iterable[tuple[str, str]]) -> Headers:
    """Names and values as CloudFront takes them."""
    headers: Headers = {}
    for name, value in pairs:
        headers.setdefault(name.lower(), []).append({"key": name, "value": value})
    return headers


def header_names(placements: Iterable[str]) -> dict[str, str]:
    """The header that carries the decision of each placement: `home.hero` on `x-discreet-home-hero`.

    Raises:
        DiscreetError: two placements would share one, or a name is too long for a header.
    """
    names: dict[str, str] = {}
    for placement in placements:
        name = PREFIX + _NOT_IN_A_NAME.sub("-", placement.lower()).strip("-")
        if name in names.values():
            raise DiscreetError(f"placement `{placement}` would share the header `{name}` with another one")
        if len(name) > MAX_NAME_LENGTH:
            raise DiscreetError(f"placement `{placement}` has too long a name for a header")
        names[placement] = name
    return names
