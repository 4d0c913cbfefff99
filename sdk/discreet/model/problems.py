"""What is wrong with a model, and where: the one form in which the author hears of it."""

from __future__ import annotations

from dataclasses import dataclass


def short(text: str) -> str:
    """`text` as far as a message has room for it: on one line, and printable everywhere."""
    shown = "".join(char if char.isprintable() else " " for char in text[:41])
    return shown if len(shown) <= 40 else f"{shown[:37]}..."


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in an author's file: line and column count from 1, columns in code points."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One problem: a place, a stable code such as `unknown-attribute`, and one sentence for the author."""

    place: Place
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message} [{self.code}]"
