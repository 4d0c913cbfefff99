"""All files of decision cases, in the order of spec/decision.md."""

from __future__ import annotations

from . import decisions, expressions, knowing

FILES = (
    knowing.permission(),
    expressions.file(),
    decisions.stages(),
    decisions.arbitration(),
    decisions.windows(),
    knowing.tokens(),
)
