"""Requests that the function answers itself, under one path prefix: decisions and fragments as JSON.

`GET` and `POST PREFIX/decide` answer as the edge server's `/v1/decide` does; `GET PREFIX/fragments/PLACEMENT` is the
content of one placement. A request of no such form is refused with RFC 9457 problem details, in fixed texts.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from ...runtime import Decision
from ...serving import Served
from ...visitors import Given, Visit
from .cloudfront import Event, Headers, Kind, headers_of

# What a function may answer, headers and all, is 40 KB and 1 MB: some of it is kept for the headers.
MAX_BYTES: Final[Mapping[Kind, int]] = {Kind.VIEWER_REQUEST: 39_000, Kind.ORIGIN_REQUEST: 999_000}
_MEMBERS: Final = frozenset({"placement", "placements", "attributes", "consent"})
_METHODS: Final[Mapping[str, frozenset[str]]] = {
    "decide": frozenset({"GET", "POST"}),
    "fragments": frozenset({"GET"}),
}
_TITLES: Final[Mapping[int, str]] = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    500: "Internal Server Error",
}
_MALFORMED: Final = "the body is not one JSON object"
_INVALID: Final = "the body is not what this takes: placement or placements, attributes, consent"
_UNKNOWN: Final = "the bundle in service has no such placement"
_NOTHING_HERE: Final = "there is nothing at this path"
_NO_BODY: Final = "CloudFront does not pass on bodies: the function's association lacks `Include body`"
_CUT: Final = "CloudFront passed on only a part of the body"
_TOO_LONG: Final = "the answer is longer than a function may send: ask for fewer placements"


class Refused(Exception):
    """The request gets a problem for an answer."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request asks for: decisions on `placements`, or the one of a fragment."""

    placements: Sequence[str]
    given: Given
    is_fragment: bool = False


def read_wish(event: Event, prefix: str, *, own: Collection[str], known: Collection[str]) -> Wish:
    """What the request of `event` asks for under `prefix`.

    Args:
        own: The placements of one that names none.
        known: Those that the bundle has.
    Raises:
        Refused: there is nothing of this form.
    """
    request = event.request
    what, _, placement = request["uri"].removeprefix(prefix).partition("/")
    methods = _METHODS.get(what)
    if methods is None or (what == "fragments") != bool(placement):
        raise Refused(404, _NOTHING_HERE)
    if request["method"] not in methods:
        raise Refused(405, f"this path takes {' and '.join(sorted(methods))}")
    if what == "fragments":
        wish = Wish((placement,), Given(), is_fragment=True)
    else:
        wish = _read(_document(request) if request["method"] == "POST" else {}, own)
    if not set(wish.placements) <= set(known):
        raise Refused(404, _UNKNOWN)
    return wish


def _document(request: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object that is the body. CloudFront passes it on in base64, and only where it is told to."""
    body = request.get("body")
    if body is None:  # a refusal may have been in it
        raise Refused(400, _NO_BODY)
    if body.get("inputTruncated"):
        raise Refused(413, _CUT)
    try:
        data = body["data"] if body["encoding"] == "text" else base64.b64decode(body["data"], validate=True)
        document = json.loads(data, parse_constant=_no_number) if data else {}
    except (ValueError, RecursionError, binascii.Error):
        raise Refused(400, _MALFORMED) from None
    if not isinstance(document, dict):
        raise Refused(400, _MALFORMED)
    return document


def _no_number(_: str) -> NoReturn:
    raise ValueError("NaN and infinities are not JSON")


def _read(document: Mapping[str, Any], own: Collection[str]) -> Wish:
    attributes, consent = document.get("attributes", {}), document.get("consent", {})
    if not _MEMBERS.issuperset(document) or not (isinstance(attributes, dict) and isinstance(consent, dict)):
        raise Refused(400, _INVALID)
    match document:
        case {"placement": str(one)} if "placements" not in document:
            placements: Sequence[str] = (one,)
        case {"placements": [*several]} if several and "placement" not in document:
            placements = several
        case _ if "placement" in document or "placements" in document:
            raise Refused(400, _INVALID)
        case _:
            placements = tuple(own)
    if not all(isinstance(each, str) for each in placements):
        raise Refused(400, _INVALID)
    return Wish(placements, Given(attributes, consent or None))


def respond(kind: Kind, wish: Wish, served: Served, visit: Visit, *, stale: bool) -> dict[str, Any]:
    """The response to `wish`.

    Raises:
        Refused: it would be longer than a function may answer to an event of this kind.
    """
    decisions = [
        served.evaluator.decide(placement, visit.permitted, now_s=visit.now_s)
        for placement in wish.placements
    ]
    document = _fragment(decisions[0]) if wish.is_fragment else _decided(served, visit, decisions, stale)
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    if len(body.encode()) > MAX_BYTES[kind]:
        raise Refused(500, _TOO_LONG)
    return response(200, body)


def _fragment(decision: Decision) -> dict[str, Any]:
    return {"placement": decision.placement, "offer": decision.offer, "content": decision.content}


def _decided(served: Served, visit: Visit, decisions: Sequence[Decision], stale: bool) -> dict[str, Any]:
    bundle, permitted = served.evaluator.bundle, visit.permitted
    return {
        "bundle": {"name": bundle.name, "version": bundle.version, "digest": bundle.digest},
        "stale": stale,
        "decisions": [
            {**_fragment(each), "reason": each.reason.value, "stage": each.stage} for each in decisions
        ],
        "withheld": sorted(permitted.withheld_declared),
        "malformed": sorted(permitted.malformed),
        "stale_attributes": sorted(permitted.stale),
    }


def problem(refused: Refused) -> dict[str, Any]:
    """The response to a request that was refused."""
    title = _TITLES[refused.status]
    document = {"type": "about:blank", "title": title, "status": refused.status, "detail": refused.detail}
    return response(refused.status, json.dumps(document), "application/problem+json")


def response(status: int, body: str, media_type: str = "application/json") -> dict[str, Any]:
    """A generated response, for one visitor: no cache keeps it."""
    headers: Headers = headers_of(
        (
            ("Content-Type", media_type),
            ("Cache-Control", "private, no-store"),
            ("X-Content-Type-Options", "nosniff"),
        )
    )
    return {
        "status": str(status),
        "statusDescription": _TITLES[status],
        "headers": headers,
        "body": body,
        "bodyEncoding": "text",
    }
