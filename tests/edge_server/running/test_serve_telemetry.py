"""`discreet serve` under OpenTelemetry: what exporters that were set around it get."""

from __future__ import annotations

import sys
from pathlib import Path

from support.served import ask, shelf
from support.system import free_port, running, wait_until

# What `opentelemetry-instrument` does: providers first, then the program.
AROUND = """
import sys
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
spans = TracerProvider()
spans.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(out=sys.stderr)))
trace.set_tracer_provider(spans)
reader = PeriodicExportingMetricReader(ConsoleMetricExporter(out=sys.stderr), export_interval_millis=200)
metrics.set_meter_provider(MeterProvider([reader]))
from discreet.cli import main
main(sys.argv[1:])
"""


def test_the_exporters_set_around_the_server_get_its_spans_and_counters(tmp_path: Path) -> None:
    shop, port, log = shelf(tmp_path), free_port(), tmp_path / "log"
    _, *options = shop.command(port)
    options = options[options.index("serve") :]
    with running(
        [sys.executable, "-c", AROUND, *options],
        port=port,
        log=log,
        environment={"DISCREET_SERVER_OPENTELEMETRY": "true"},
    ):
        status, _, _ = ask(
            port, "POST", "/v1/decide?canary-query", {"attributes": {"weekday": "canary-value"}}
        )
        wait_until(lambda: "discreet.decisions" in log.read_text(), "counters are exported")
        wait_until(lambda: '"POST /v1/decide"' in log.read_text(), "the span is exported")

    assert status == 200
    assert "canary" not in log.read_text()


def test_without_the_setting_they_get_nothing(tmp_path: Path) -> None:
    shop, port, log = shelf(tmp_path), free_port(), tmp_path / "log"
    _, *options = shop.command(port)
    with running([sys.executable, "-c", AROUND, *options[options.index("serve") :]], port=port, log=log):
        status, _, _ = ask(port, "POST", "/v1/decide", {})

    assert status == 200
    assert "span_id" not in log.read_text()
    assert "discreet.decisions" not in log.read_text()
