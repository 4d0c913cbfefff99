"""10,000 fuzzed requests with a canary in every field that is not permitted: it is never seen again, anywhere."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from discreet.events import Event, Journal
from discreet.visitors import Sealer
from discreet_edge import EdgeApp, EdgeSettings, observe, traced
from support.asgi import Reply, send
from support.edge import ALL_TCF, LIMITED_TCF, NO_TCF, PLACEMENTS, SECRET, edge_app

REQUESTS = 10_000
CANARY = "kanari7vogel"  # in what is not permitted: nowhere
SONG = "liedchen9"  # in what is permitted and printed: in that visitor's answers, and nowhere else
CONTEXTUAL = frozenset(("country", "device", "campaign", "hour"))
KNOWN_TO_ALL = CONTEXTUAL | {"basket_items", "purchases", "last_visit", "first_name", "interests"}
DECLARED = (*sorted(KNOWN_TO_ALL), "allergic", "income_band")
# What each consent permits; `basket_items` is essential, and permitted to everybody.
PERMITTED = {
    ALL_TCF: KNOWN_TO_ALL,
    LIMITED_TCF: CONTEXTUAL | {"basket_items"},
    NO_TCF: frozenset({"basket_items"}),
}
TARGETS = (
    ("POST", "/v1/decide"), ("POST", "/v1/decide"), ("POST", "/ofrep/v1/evaluate/flags"),
    ("POST", "/ofrep/v1/evaluate/flags/home.hero"), ("POST", f"/ofrep/v1/evaluate/flags/{CANARY}"),
    ("POST", f"/ofrep/v1/evaluate/flags/home.hero/{CANARY}"), ("POST", "/v1/exposures"), ("PUT", "/v1/profile"),
    ("DELETE", "/v1/profile"), ("GET", "/v1/bundle"), ("GET", f"/v1/bundles/{CANARY}"), ("GET", f"/{CANARY}"),
    (CANARY.upper(), "/v1/decide"), ("POST", "/v1/reload"), ("GET", "/readyz"), ("GET", "/metrics"),
    ("OPTIONS", "/v1/decide"),
)  # fmt: skip
HEADERS = (
    "user-agent", "referer", "x-forwarded-for", "accept-language", "authorization", "origin", "host", "if-none-match",
    "traceparent", "baggage", "sec-ch-ua-mobile", "sec-ch-ua-platform", "cf-region", "cf-timezone", "content-type",
    "x-request-id", "sec-gpc", "access-control-request-method", "accept", "range", CANARY,
)  # fmt: skip


class Records:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.kept: list[dict[str, Any]] = []

    def write(self, events: Sequence[Event]) -> None:
        self.kept += [{**each.record} for each in events]

    def close(self) -> None:
        """Nothing to close."""


class Fuzz:
    """Requests, from seeded dice."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - a test that repeats

    def request(self) -> tuple[str, str, dict[str, Any]]:
        dice = self._dice
        method, target = dice.choice(TARGETS)
        tcf = dice.choice(
            [ALL_TCF, ALL_TCF, ALL_TCF, LIMITED_TCF, NO_TCF, None, CANARY, ALL_TCF[:-30] + CANARY]
        )
        permitted = PERMITTED.get(tcf or "", PERMITTED[NO_TCF])
        if dice.random() < 0.5:
            target += f"?{dice.choice([CANARY, 'gpp', 'q', 'gdpr_consent'])}={CANARY}"
        document = self._document(target, permitted)
        body = json.dumps(document).encode()
        if dice.random() < 0.15:
            body = self._damaged(body)
        return method, target, {"headers": list(self._headers(tcf)), "body": body}

    def _headers(self, tcf: str | None) -> Iterator[tuple[str, str]]:
        dice = self._dice
        yield "cf-ipcountry", dice.choice(["IT", "IT", "IT", "FR", "XX", CANARY])
        cookies = [
            f"session={CANARY}",
            f"{CANARY}={CANARY}",
            f"__Host-discreet={CANARY}",
            f"OptanonConsent={CANARY}",
        ]
        jar = dice.sample(cookies, dice.randint(0, 3)) + ([] if tcf is None else [f"euconsent-v2={tcf}"])
        dice.shuffle(jar)
        yield "cookie", "; ".join(jar)
        for name in dice.sample(HEADERS, dice.randint(0, 4)):
            yield name, CANARY
        if dice.random() < 0.01:
            yield "x-long", CANARY * 2_000

    def _document(self, target: str, permitted: frozenset[str]) -> object:
        dice = self._dice
        attributes = {
            name: self._value(name, permitted)
            for name in dice.sample(DECLARED, dice.randint(0, len(DECLARED)))
        }
        if dice.random() < 0.7:
            attributes[CANARY] = dice.choice([CANARY, {CANARY: CANARY}, [CANARY]])
        if "ofrep" in target:
            return {"context": {"targetingKey": CANARY, **attributes}, CANARY: CANARY}
        if "exposures" in target:
            seen = {
                "placement": dice.choice([*PLACEMENTS, CANARY]),
                "offer": dice.choice(["shops", "welcome", CANARY]),
            }
            bundle: dict[str, Any] = dice.choice([{"version": 12}, {"digest": CANARY}])
            return {"exposures": [{**seen, **bundle}]}
        if "profile" in target:
            return {"attributes": attributes}
        document = {
            "attributes": attributes,
            **dice.choice([{}, {"placement": dice.choice([*PLACEMENTS, CANARY])}]),
        }
        return dice.choice(
            [document, document, document, {**document, CANARY: 1}, {**document, "consent": {CANARY: CANARY}}]
        )

    def _value(self, name: str, permitted: frozenset[str]) -> object:
        dice = self._dice
        if name not in permitted:
            return dice.choice([CANARY, [CANARY], {"value": CANARY, "observed": CANARY}, {CANARY: CANARY}])
        sound: dict[str, Any] = {
            "first_name": SONG,
            "interests": ["running", SONG],
            "purchases": 3,
            "basket_items": 4,
        }
        odd = dice.choice([[SONG], {"value": SONG, "observed": SONG}, {SONG: SONG}])
        return sound.get(name, SONG) if dice.random() < 0.9 else odd

    def _damaged(self, body: bytes) -> bytes:
        dice = self._dice
        at = dice.randrange(len(body) + 1)
        return dice.choice(
            [body[:at], body[:at] + b"\xff" + body[at:], body + b"}", body * 2, CANARY.encode()]
        )


def _as_text(span: ReadableSpan) -> str:
    said = (
        span.name,
        dict(span.attributes or {}),
        span.events,
        span.status.description,
        span.resource.attributes,
    )
    return str(said)


def song_may_sound(target: str) -> bool:
    """Only a visitor's own decisions print what that visitor permitted."""
    return target.startswith(("/v1/decide", "/ofrep"))


@pytest.mark.parametrize("sealed", [False, True], ids=["unsealed", "sealed"])
def test_the_canary_is_never_seen_again(sealed: bool, caplog: pytest.LogCaptureFixture) -> None:
    sealer, records = Sealer([SECRET], use="decision-log"), Records()
    journal = Journal([records], sealer=sealer if sealed else None, hold_s=0, capacity=1_000_000)
    settings = EdgeSettings(
        admin_token_sha256="0" * 64, cors_origins=("https://shop.example",), change_rate_per_s=1e6
    )
    app = edge_app(journal=journal, settings=settings)
    spans, traces = InMemorySpanExporter(), TracerProvider()
    traces.add_span_processor(SimpleSpanProcessor(spans))
    reader = InMemoryMetricReader()
    meters = MeterProvider([reader])
    observe(app, meters)

    with caplog.at_level(logging.DEBUG):
        statuses, songs = asyncio.run(_run(traced(app, traces), Fuzz(seed=5 + sealed), REQUESTS // 2))
    journal.close()

    assert songs > 20
    _check_all_was_exercised(statuses, app, records)
    beside = [
        json.dumps(records.kept), json.dumps(app.counts()), caplog.text, str([vars(each) for each in caplog.records]),
        *map(_as_text, spans.get_finished_spans()),
        str(reader.get_metrics_data()),
    ]  # fmt: skip
    for text in beside:
        assert CANARY not in text.lower()
        assert SONG not in text.lower()
    opened = [sealer.open(each["inputs"], now_s=0) for each in records.kept if each.get("inputs")]
    assert bool(opened) is sealed
    assert not [each for each in opened if each is None or CANARY.encode() in each]
    assert any(each is not None and SONG.encode() in each for each in opened) is sealed
    meters.shutdown()


async def _run(app: Any, fuzz: Fuzz, number: int) -> tuple[dict[int, int], int]:
    statuses: dict[int, int] = {}
    songs = 0
    for _ in range(number):
        method, target, how = fuzz.request()
        reply = await send(app, method, target, **how)
        assert isinstance(reply, Reply)
        statuses[reply.status] = statuses.get(reply.status, 0) + 1
        everything = reply.everything.lower()
        assert CANARY.encode() not in everything, (method, target, reply.status)
        if SONG.encode() in everything:
            assert song_may_sound(target), (method, target)
            songs += 1
    return statuses, songs


def _check_all_was_exercised(statuses: dict[int, int], app: EdgeApp, records: Records) -> None:
    """A canary that is never sent, or never listened for, proves nothing."""
    assert {200, 202, 204, 400, 401, 403, 404, 405, 415, 422, 431} <= statuses.keys()
    assert 500 not in statuses
    counts = app.counts()
    assert counts["matched"]["home.hero"] > 20
    assert counts["journal"]["dropped"] == counts["journal"]["failed"] == 0
    kinds = {(each["kind"], "now_s" in each) for each in records.kept}
    assert kinds >= {("decision", True), ("decision", False), ("exposure", True), ("exposure", False)}
