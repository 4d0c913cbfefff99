"""The comparisons of Python's syntax, as the ones of an expression."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from .expressions import Comparison

COMPARISONS: Mapping[type[ast.cmpop], Comparison] = {
    ast.Eq: Comparison.EQUAL,
    ast.NotEq: Comparison.UNEQUAL,
    ast.Lt: Comparison.LESS,
    ast.LtE: Comparison.AT_MOST,
    ast.Gt: Comparison.MORE,
    ast.GtE: Comparison.AT_LEAST,
}

# What holds of the right side when the comparison holds of the left one; the others mirror themselves.
MIRRORED: Mapping[Comparison, Comparison] = {
    Comparison.LESS: Comparison.MORE,
    Comparison.AT_MOST: Comparison.AT_LEAST,
    Comparison.MORE: Comparison.LESS,
    Comparison.AT_LEAST: Comparison.AT_MOST,
}
