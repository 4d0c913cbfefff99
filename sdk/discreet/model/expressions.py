"""The expression language of conditions: its tree, and how text becomes one.

A small subset of Python's own syntax, read with `ast` and never evaluated by Python. See spec/expressions.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

Literal: TypeAlias = str | float | bool  # a datetime literal is its epoch milliseconds


class Comparison(Enum):
    """How an attribute is held against a literal."""

    EQUAL = "=="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


class TextTest(Enum):
    """What is asked of a text, by code points."""

    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    CONTAINS = "contains"


@dataclass(frozen=True, slots=True)
class All:
    """Kleene's `and`: `parts` are at least two."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Kleene's `or`: `parts` are at least two."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Kleene's `not`."""

    part: Expression


@dataclass(frozen=True, slots=True)
class Compare:
    """`attribute <op> literal`; a boolean attribute alone is `attribute == True`.

    With `days_since` the left side is (now - attribute) / 86 400 000 ms, as a double, and the literal a
    number. Order comparisons exist for numbers and datetimes only.
    """

    attribute: str
    comparison: Comparison
    literal: Literal
    days_since: bool = False


@dataclass(frozen=True, slots=True)
class Among:
    """`attribute in [literals]`, for every type but `strings`; `not in` is a `Not` around it."""

    attribute: str
    literals: tuple[Literal, ...]
    days_since: bool = False


@dataclass(frozen=True, slots=True)
class Includes:
    """`"x" in attribute`, `any_of(...)` (every=False) and `all_of(...)` (every=True), for sets of strings."""

    attribute: str
    members: tuple[str, ...]
    every: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """`starts_with(attribute, "x")`, `ends_with`, `contains`, for strings."""

    attribute: str
    test: TextTest
    text: str


@dataclass(frozen=True, slots=True)
class Known:
    """`known(attribute)`: true or unknown, never false."""

    attribute: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """`unknown(attribute)`: true or false. Its offer must say `waive: withdrawal`."""

    attribute: str


@dataclass(frozen=True, slots=True)
class Named:
    """The bare name of another condition."""

    condition: str


Expression: TypeAlias = All | Some | Not | Compare | Among | Includes | Text | Known | Unknown | Named


def walk(expression: Expression) -> Iterator[Expression]:
    """`expression` and everything within it, in reading order; a `Named` condition is not entered."""
    waiting: list[Expression] = [expression]
    while waiting:
        each = waiting.pop()
        yield each
        if isinstance(each, (All, Some)):
            waiting.extend(reversed(each.parts))
        elif isinstance(each, Not):
            waiting.append(each.part)
