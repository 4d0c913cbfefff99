"""The counters count, in Prometheus' text and in OpenTelemetry, and processes add up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from discreet.events import Journal
from discreet.visitors import Visitors
from discreet_edge import EdgeApp, EdgeSettings, observe, sum_counts, traced
from discreet_edge.counters import MAX_LABELS, Counters
from support.asgi import ask
from support.edge import ALL_TCF, edge_app, edge_visitors

ITALY = {"cf-ipcountry": "IT"}
RUNNER = {"first_name": "Ada", "interests": ["running"]}


@pytest.fixture
def app() -> EdgeApp:
    """An app that has answered a few requests."""
    journal = Journal([])
    app = edge_app(journal=journal)
    document = {"placements": ["home.hero", "page.footer"], "attributes": RUNNER}
    ask(app, "POST", "/v1/decide", document=document, headers={**ITALY, "cookie": f"euconsent-v2={ALL_TCF}"})
    ask(app, "POST", "/v1/decide", document=document, headers=ITALY)
    ask(app, "POST", "/v1/decide", body=b"{")
    ask(
        app,
        "POST",
        "/v1/exposures",
        document={"exposures": [{"placement": "home.hero", "offer": "welcome", "version": 12}]},
    )
    ask(app, "GET", "/nowhere")
    journal.close()
    return app


@pytest.fixture
def journal_that_waits() -> Iterator[Journal]:
    """A journal that holds records of visitors who did not agree."""
    journal = Journal([], clock_s=lambda: 0.0)  # no look at them is due
    yield journal
    journal.close()


def scraped(app: EdgeApp) -> dict[tuple[str, tuple[str, ...]], float]:
    reply = ask(app, "GET", "/metrics")
    assert reply.header("content-type") == "text/plain; version=0.0.4; charset=utf-8"
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(reply.body.decode())
        for sample in family.samples
    }


def test_prometheus_reads_what_was_counted(app: EdgeApp) -> None:
    found = scraped(app)

    assert found["discreet_requests_total", ("decide", "200")] == 2
    assert found["discreet_requests_total", ("decide", "400")] == 1
    assert found["discreet_requests_total", ("other", "404")] == 1
    assert found["discreet_decisions_total", ("matched",)] == 3
    assert found["discreet_decisions_total", ("fallback",)] == 1
    assert found["discreet_matched_total", ("page.footer",)] == 2
    assert found["discreet_visitors_total", ("gdpr_opt_in",)] == 2
    assert found["discreet_withheld_total", ()] == 3
    assert found["discreet_refusals_total", ("malformed_body",)] == 1
    assert found["discreet_exposures_total", ("recorded",)] == 1
    assert found["discreet_request_seconds_count", ()] == 5
    assert found["discreet_request_seconds_bucket", ("+Inf",)] == 5
    assert found["discreet_bundle_version", ()] == 12
    assert found["discreet_bundle_stale", ()] == 0


def test_buckets_only_grow(app: EdgeApp) -> None:
    buckets = [
        value for (name, _), value in scraped(app).items() if name == "discreet_request_seconds_bucket"
    ]

    assert len(buckets) == 10
    assert buckets == sorted(buckets)


def test_metrics_can_be_left_out() -> None:
    app = edge_app(settings=EdgeSettings(metrics=False))

    assert ask(app, "GET", "/metrics").status == 404
    assert "/metrics" not in ask(app, "GET", "/openapi.json").json["paths"]


def test_counts_of_processes_add_up_after_a_way_through_json(app: EdgeApp) -> None:
    counts: dict[str, Any] = json.loads(json.dumps(app.counts()))

    total = sum_counts([counts, counts, Counters().as_dict()])

    assert total["requests"]["decide"] == {"200": 4, "400": 2}
    assert total["decisions"]["matched"] == 6
    assert total["seconds"]["buckets"]["+Inf"] == 2 * counts["seconds"]["buckets"]["+Inf"]
    assert sum_counts([counts]) == counts


def test_labels_are_bounded_whatever_a_bundle_or_policy_calls_things() -> None:
    counters = Counters()
    permitted = edge_visitors_permitted()

    for number in range(3 * MAX_LABELS):
        counters.visited(permitted, f"regime {number}")

    consents = counters.as_dict()["consents"]
    assert len(consents) == MAX_LABELS + 1
    assert consents["other"] == 2 * MAX_LABELS


def edge_visitors_permitted() -> Any:
    from discreet_consent import Consent
    from support.edge import edge_evaluator

    return edge_evaluator().permit({}, Consent.refusing())


def test_a_profile_source_that_fails_is_counted() -> None:
    visitors = Visitors(edge_visitors().settings)
    visitors.failures = 3

    assert scraped(edge_app(visitors=visitors))["discreet_profile_failures_total", ()] == 3


def test_what_waits_in_the_journal_is_a_level(journal_that_waits: Journal) -> None:
    app = edge_app(journal=journal_that_waits)
    ask(app, "POST", "/v1/decide", document={"placement": "home.hero"}, headers=ITALY)
    found = scraped(app)

    assert found["discreet_journal_waiting", ()] == found["discreet_journal_records_total", ("offered",)] == 1
    assert ("discreet_journal_records_total", ("waiting",)) not in found
    assert scraped(edge_app())["discreet_journal_waiting", ()] == 0


def test_opentelemetry_observes_the_same_counters(app: EdgeApp) -> None:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader])
    observe(app, provider)

    data = reader.get_metrics_data()

    assert data is not None
    found = {
        (metric.name, tuple((point.attributes or {}).values())): getattr(point, "value", None)
        for scope in data.resource_metrics[0].scope_metrics
        for metric in scope.metrics
        for point in metric.data.data_points
    }
    assert found["discreet.requests", ("decide", "200")] == 2
    assert found["discreet.decisions", ("matched",)] == 3
    assert found["discreet.bundle_version", ()] == 12
    assert found["discreet.journal_waiting", ()] == 0
    provider.shutdown()


def test_a_request_is_one_span_that_knows_the_route_and_nothing_of_the_visitor() -> None:
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    app = traced(edge_app(), provider)
    parent = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}

    ask(app, "POST", "/v1/decide?q=sally", document={}, headers=parent)
    ask(app, "POST", "/ofrep/v1/evaluate/flags/home.hero/sally", document={})
    ask(app, "GET", "/v1/bundles/sally")
    ask(app, "SALLY", "/sally")

    finished = spans.get_finished_spans()
    assert [(each.name, dict(each.attributes or {})["http.response.status_code"]) for each in finished] == [
        ("POST /v1/decide", 200),
        ("POST /ofrep/v1/evaluate/flags/{key:path}", 404),
        ("GET /v1/bundles/{digest}", 404),
        ("other other", 404),
    ]
    assert not any("sally" in each.to_json() for each in finished)
    assert all(each.parent is None for each in finished)
