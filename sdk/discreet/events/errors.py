"""What is wrong with a journal's settings, and with a place that records go to. No message quotes a record."""

from __future__ import annotations

from discreet.errors import DiscreetError


class EventsRefused(DiscreetError):
    """A journal or a sink cannot be used as it was set up: the operator must act."""


class SinkFailed(DiscreetError):
    """A sink did not take its records.

    Attributes:
        taken: How many of them it took before it failed, from the first on.
        is_final: Whether trying again is useless.
    """

    def __init__(self, message: str, *, taken: int = 0, is_final: bool = False) -> None:
        super().__init__(message)
        self.taken, self.is_final = taken, is_final
