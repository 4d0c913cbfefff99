"""After the decision: what is recorded of it, as far as the visitor agreed, and where the records go."""

from .cloud_events import CloudEventsSink
from .errors import EventsRefused, SinkFailed
from .journal import Journal
from .json_lines import JsonLinesSink
from .records import ANALYTICS, FORMAT, Exposed
from .sinks import Event, Sink

__all__ = [
    "ANALYTICS",
    "FORMAT",
    "CloudEventsSink",
    "Event",
    "EventsRefused",
    "Exposed",
    "Journal",
    "JsonLinesSink",
    "Sink",
    "SinkFailed",
]
