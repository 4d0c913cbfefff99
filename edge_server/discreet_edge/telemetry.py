"""OpenTelemetry, where it is wanted: the counters as observable instruments, and one span per request at most.

A span knows the path of the table that was asked for, the method and the status. Nothing of a visitor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from discreet.errors import MissingExtra

from .families import COUNTERS, GAUGES, LEVELS, Family, Gauge

if TYPE_CHECKING:
    from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation
    from opentelemetry.trace import TracerProvider

    from .app import EdgeApp

NAME: Final = "discreet.edge"
OTHER: Final = "other"
_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"))


def observe(app: EdgeApp, meter_provider: MeterProvider | None = None) -> None:
    """Let OpenTelemetry read the counters of `app` whenever it exports. Costs a request nothing.

    Raises:
        MissingExtra: opentelemetry-api is not installed.
    """
    metrics = _api("metrics")
    meter = (meter_provider or metrics.get_meter_provider()).get_meter(NAME)
    for family in COUNTERS:
        meter.create_observable_counter(
            f"discreet.{family.name}", [_reading(app, family)], description=family.about
        )
    for family in LEVELS:
        meter.create_observable_gauge(
            f"discreet.{family.name}", [_reading(app, family)], description=family.about
        )
    for gauge in GAUGES:
        meter.create_observable_gauge(f"discreet.{gauge[0]}", [_looking(app, gauge)], description=gauge[1])


def _reading(app: EdgeApp, family: Family) -> Callable[[CallbackOptions], Iterable[Observation]]:
    def read(_: CallbackOptions) -> Iterable[Observation]:
        observation = _api("metrics").Observation
        for labels, number in family.samples(app.counts()):
            yield observation(number, dict(zip(family.labels, labels, strict=True)))

    return read


def _looking(app: EdgeApp, gauge: Gauge) -> Callable[[CallbackOptions], Iterable[Observation]]:
    def look(_: CallbackOptions) -> Iterable[Observation]:
        status, now_s = app.status()
        yield _api("metrics").Observation(float(gauge[2](status, now_s)))

    return look


def traced(app: EdgeApp, tracer_provider: TracerProvider | None = None) -> ASGIApp:
    """`app` with one span around each request, a child of none: what a visitor sends joins no trace of ours.

    Raises:
        MissingExtra: opentelemetry-api is not installed.
    """
    trace = _api("trace")
    tracer = (tracer_provider or trace.get_tracer_provider()).get_tracer(NAME)

    async def with_span(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in _METHODS else OTHER
        route = app.route_of(scope["path"]) or OTHER
        attributes = {"http.request.method": method, "http.route": route}
        with tracer.start_as_current_span(
            f"{method} {route}",
            context=_nothing(),
            kind=trace.SpanKind.SERVER,
            attributes=attributes,
            record_exception=False,  # its text may hold values
            set_status_on_exception=False,
        ) as span:

            async def sending(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await app(scope, receive, sending)

    return with_span


def _nothing() -> Any:
    from opentelemetry.context import Context

    return Context()


def _api(module: str) -> Any:
    try:
        from opentelemetry import metrics, trace
    except ImportError as error:
        raise MissingExtra("OpenTelemetry", "metrics") from error
    return {"metrics": metrics, "trace": trace}[module]
