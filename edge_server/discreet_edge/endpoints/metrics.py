"""`/metrics`: Prometheus' text format 0.0.4, written from the plain counters when it is asked for. Extra `metrics`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from discreet.errors import MissingExtra
from discreet.serving import Status

from ..answers import Answer
from ..families import COUNTERS, GAUGES, LEVELS
from ..parts import Parts
from ..received import Received

if TYPE_CHECKING:
    from prometheus_client import Metric


class Metrics:
    """The handler.

    Raises:
        MissingExtra: prometheus-client is not installed; it is not imported before the first scrape.
    """

    __slots__ = ("_parts",)

    def __init__(self, parts: Parts) -> None:
        if find_spec("prometheus_client") is None:
            raise MissingExtra("/metrics", "metrics")
        self._parts = parts

    async def __call__(self, _: Received) -> Answer:
        from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

        parts = self._parts
        text = as_text(parts.totals(), parts.bundles.status(), parts.clock_s())
        return Answer(200, text, CONTENT_TYPE_PLAIN_0_0_4.encode())


class _Collector:
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def as_text(counts: Mapping[str, Any], status: Status, now_s: float) -> bytes:
    """Counts and status in Prometheus' text format."""
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector([*_metrics(counts), *_gauges(status, now_s)]))
    return generate_latest(registry)


def _metrics(counts: Mapping[str, Any]) -> Iterator[Metric]:
    from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

    for family in COUNTERS:
        metric = CounterMetricFamily(f"discreet_{family.name}", family.about, labels=family.labels)
        for labels, number in family.samples(counts):
            metric.add_metric(labels, number)
        yield metric
    seconds = counts["seconds"]
    total, buckets = 0, []
    for bound, count in seconds["buckets"].items():
        total += count
        buckets.append((bound, total))
    yield HistogramMetricFamily(
        "discreet_request_seconds", "How long answers took.", buckets=buckets, sum_value=seconds["sum"]
    )
    for family in LEVELS:
        level = GaugeMetricFamily(f"discreet_{family.name}", family.about, labels=family.labels)
        for labels, number in family.samples(counts):
            level.add_metric(labels, number)
        yield level


def _gauges(status: Status, now_s: float) -> Iterator[Metric]:
    from prometheus_client.metrics_core import GaugeMetricFamily

    for name, about, value in GAUGES:
        yield GaugeMetricFamily(f"discreet_{name}", about, value=float(value(status, now_s)))
