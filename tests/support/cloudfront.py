"""CloudFront's events as its documentation shows them, and its rules for what a function returns.

Source: "Lambda@Edge event structure" and "Restrictions on all edge functions" in CloudFront's Developer Guide.
"""

from __future__ import annotations

import base64
import copy
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

Event: TypeAlias = dict[str, Any]
Pairs: TypeAlias = Iterable[tuple[str, str]]

ADDRESS = "203.0.113.178"  # the visitor's; nothing may look at it
KINDS = ("viewer-request", "origin-request", "origin-response", "viewer-response")
DISALLOWED = frozenset(
    {
        "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
        "trailer", "upgrade", "x-accel-buffering", "x-accel-charset", "x-accel-limit-rate", "x-accel-redirect",
        "x-amzn-auth", "x-amzn-cf-billing", "x-amzn-cf-id", "x-amzn-cf-xff", "x-amzn-errortype", "x-amzn-fle-profile",
        "x-amzn-header-count", "x-amzn-header-order", "x-amzn-lambda-integration-tag", "x-amzn-requestid", "x-cache",
        "x-forwarded-proto", "x-real-ip",
    }
)  # fmt: skip
DISALLOWED_PREFIXES = ("x-amz-cf-", "x-edge-")
READ_ONLY: Mapping[str, frozenset[str]] = {
    "viewer-request": frozenset({"cdn-loop", "content-length", "host", "transfer-encoding", "via"}),
    "origin-request": frozenset(
        {
            "accept-encoding",
            "cdn-loop",
            "content-length",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "transfer-encoding",
            "via",
        }
    ),
    "origin-response": frozenset({"transfer-encoding", "via"}),
    "viewer-response": frozenset(
        {"warning", "via", "content-length", "content-encoding", "transfer-encoding"}
    ),
}
MOST_ANSWERED = {"viewer-request": 40_000, "origin-request": 1_000_000}


def headers(pairs: Pairs) -> dict[str, list[dict[str, str]]]:
    """Headers as CloudFront writes them."""
    written: dict[str, list[dict[str, str]]] = {}
    for name, value in pairs:
        written.setdefault(name.lower(), []).append({"key": name, "value": value})
    return written


def event(
    kind: str,
    pairs: Pairs = (),
    *,
    uri: str = "/",
    query: str = "",
    method: str = "GET",
    body: str | bytes | None = None,
    truncated: bool = False,
    response: Pairs = (("Content-Type", "text/html"), ("Cache-Control", "public, max-age=60")),
) -> Event:
    """One event of `kind`, with every header that is read-only there."""
    own = [
        ("Host", "shop.example"),
        ("Via", "2.0 x.cloudfront.net"),
        ("Accept-Encoding", "gzip"),
        ("CDN-Loop", "a"),
    ]
    request: Event = {
        "clientIp": ADDRESS,
        "headers": headers([*own, ("User-Agent", "curl/8"), *pairs]),
        "method": method,
        "querystring": query,
        "uri": uri,
    }
    if body is not None:
        octets = body.encode() if isinstance(body, str) else body
        request["body"] = {
            "action": "read-only",
            "data": base64.b64encode(octets).decode(),
            "encoding": "base64",
            "inputTruncated": truncated,
        }
    config = {
        "distributionDomainName": "d1.cloudfront.net",
        "distributionId": "E1",
        "eventType": kind,
        "requestId": "r",
    }
    record: Event = {"config": config, "request": request}
    if kind.startswith("origin"):
        request["origin"] = {"custom": {"domainName": "origin.example", "customHeaders": {}, "path": ""}}
    if kind.endswith("response"):
        own = [("Via", "1.1 origin"), ("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")]
        record["response"] = {
            "headers": headers([*own, *response]),
            "status": "200",
            "statusDescription": "OK",
        }
    return {"Records": [{"cf": record}]}


def check(sent: Event, returned: Any) -> None:
    """Fail where CloudFront would answer 502: for a header that may not be touched, or a response too long."""
    record = sent["Records"][0]["cf"]
    kind = record["config"]["eventType"]
    before = record["response" if kind.endswith("response") else "request"]
    after = returned["headers"]
    for name, values in after.items():
        assert name == name.lower()
        assert all(
            each.get("key", name).lower() == name and isinstance(each["value"], str) for each in values
        )
        assert name not in DISALLOWED
        assert not name.startswith(DISALLOWED_PREFIXES)
    if "status" in returned and not kind.endswith("response"):
        size = len(returned["body"].encode()) + sum(len(n) + len(v["value"]) for n in after for v in after[n])
        assert size <= MOST_ANSWERED[kind]
        assert returned["status"].isdigit()
        return
    for name in READ_ONLY[kind]:
        assert after.get(name) == before["headers"].get(name)
    assert {k: v for k, v in returned.items() if k != "headers"} == {
        k: v for k, v in before.items() if k != "headers"
    }


def answered(handler: Any, sent: Event) -> Any:
    """What `handler` makes of `sent`, checked as CloudFront would."""
    returned = handler(copy.deepcopy(sent), None)
    check(sent, returned)
    return returned


def values(returned: Any, name: str) -> list[str]:
    """The values of a header."""
    return [each["value"] for each in returned["headers"].get(name, [])]
