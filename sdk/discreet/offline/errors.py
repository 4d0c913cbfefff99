"""What is wrong with a file of visitors. No message quotes a value."""

from __future__ import annotations

from discreet.errors import DiscreetError


class UnreadableVisitors(DiscreetError):
    """A file of visitors cannot be read as what its ending says. The message names the place, and quotes nothing."""


class RefusedColumn(DiscreetError):
    """A column that was asked for is not there, or must not be used so."""
