"""The functions of the expression language, and how each is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """How a function is called."""

    shown: str
    count: int
    open_ended: bool = False


SHAPES: Mapping[str, Shape] = {
    "all_of": Shape('all_of(attribute, "x", "y")', 2, open_ended=True),
    "any_of": Shape('any_of(attribute, "x", "y")', 2, open_ended=True),
    "contains": Shape('contains(attribute, "x")', 2),
    "days_since": Shape("days_since(attribute)", 1),
    "ends_with": Shape('ends_with(attribute, "x")', 2),
    "known": Shape("known(attribute)", 1),
    "starts_with": Shape('starts_with(attribute, "x")', 2),
    "unknown": Shape("unknown(attribute)", 1),
}
FUNCTIONS = tuple(SHAPES)
