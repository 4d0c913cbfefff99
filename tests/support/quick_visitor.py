"""The reference for large models: the same words, each text and literal read once, and the stages worked out once.

What an expression means is still the reference's own.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from .reference import conditions
from .reference.conditions import Kleene, Visitor
from .reference.permission import Document, Fact

_read = conditions._literal  # pyright: ignore[reportPrivateUsage]
_literals: dict[tuple[ast.expr, str, bool], Fact] = {}


def let_the_reference_remember(monkeypatch: pytest.MonkeyPatch) -> None:
    """Speed the reference up, for one test."""
    monkeypatch.setattr("support.reference.decisions.Visitor", QuickVisitor)
    monkeypatch.setattr("support.reference.conditions._literal", _literal)


class QuickVisitor(Visitor):
    """A `Visitor` who remembers."""

    def __init__(self, model: Document, facts: Mapping[str, Fact], now_s: float) -> None:
        super().__init__(model, facts, now_s)
        self._reached: list[str] | None = None

    def reached(self) -> list[str]:
        if self._reached is None:
            self._reached = super().reached()
        return self._reached

    def when(self, form: Any) -> Kleene:
        return self.value(_parsed(form)) if isinstance(form, str) else super().when(form)


@cache
def _parsed(expression: str) -> ast.expr:
    return ast.parse(f"({expression})", mode="eval").body


def _literal(node: ast.expr, declared: Document) -> Fact:
    asked = (node, str(declared["type"]), bool(declared.get("lower")))
    fact = _literals.get(asked)
    if fact is None:
        fact = _literals[asked] = _read(node, declared)
    return fact
