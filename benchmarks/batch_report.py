"""The report's part on batches: what `benchmarks.batch` measures, as a figure of the targets and in words."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping

from .targets import Figure

Batches = Mapping[str, float] | str  # by name what was measured, or why it was not


def measure(rows: int, *, quick: bool) -> Batches:
    """Decide `rows` visitors in batches and in a loop, where pyarrow is installed."""
    if importlib.util.find_spec("pyarrow") is None:
        return "pyarrow is not installed: `pip install discreet[offline]`"
    from .batch import measure_batch

    return measure_batch(rows, 1 if quick else 3)


def figure(measured: Batches) -> Figure:
    """Rows a second of a batch, in those of a loop."""
    return Figure(None, measured) if isinstance(measured, str) else Figure(measured["ratio"])


def wrong(measured: Batches) -> int:
    """How many decisions differ from those of the loop."""
    return 0 if isinstance(measured, str) else int(measured["wrong"])


def lines(measured: Batches) -> str:
    """Both in rows a second, and what two threads make of it."""
    if isinstance(measured, str):
        return f"Not measured: {measured}."
    return (
        f"{measured['rows']:,.0f} visitors: {measured['batch_rows_per_s']:,.0f} rows a second in batches,"
        f" {measured['loop_rows_per_s']:,.0f} in a loop: **{measured['ratio']:.1f} times**"
        f" as many;\n{measured['wrong']:.0f} decisions differ. Two threads decide {measured['two_threads']:.2f} times"
        " as many as one, by the clock on the wall."
    )
