"""What a sink is, and what it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Event:
    """A record on its way to the sinks.

    Attributes:
        id: Random, and the same when a sink is tried again, so that a receiver can tell what came twice. It is no
            part of the record: records of visitors who did not agree must be equal where what they allowed is.
        record: As spec/event.schema.json has it. The order of its fields is fixed.
    """

    id: str
    record: Mapping[str, Any] = field(repr=False)


class Sink(Protocol):
    """A place that records go to. Only a journal's writer thread calls it; in a forked child it is called anew.

    With a `name`, a text, the log says which of several it is. It shows no credential.
    """

    def write(self, events: Sequence[Event], /) -> None:
        """Take these, in order: all of them, or raise.

        Raises:
            SinkFailed: it took only the first `taken`; unless `is_final`, the rest comes again.
            OSError: it took none; they come again.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections. A later `write` opens them again."""
        ...
