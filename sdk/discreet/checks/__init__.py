"""Proofs and lints of sound models: what can never come about, and what is probably not meant."""

from .acceptance import AcceptedFinding, Review
from .agreement import disagreements
from .changes import (
    ContentChange,
    DeclarationChange,
    Difference,
    Outcome,
    StageChange,
    Unproven,
    WinnerChange,
    difference,
)
from .checking import check_models, review_models
from .codes import CHECKS, Check
from .coverage import Aspect, Coverage, Point, Seen, Watch
from .findings import Finding, Severity
from .matrix import Matrix, TooManyPurposes, matrix_of
from .matrix_cells import Cell, Question
from .matrix_merging import Merged, merged
from .remaining import remaining
from .suggestions import Suggestion, suggest, visitors_for

__all__ = [
    "CHECKS",
    "AcceptedFinding",
    "Aspect",
    "Cell",
    "Check",
    "ContentChange",
    "Coverage",
    "DeclarationChange",
    "Difference",
    "Finding",
    "Matrix",
    "Merged",
    "Outcome",
    "Point",
    "Question",
    "Review",
    "Seen",
    "Severity",
    "StageChange",
    "Suggestion",
    "TooManyPurposes",
    "Unproven",
    "Watch",
    "WinnerChange",
    "check_models",
    "difference",
    "disagreements",
    "matrix_of",
    "merged",
    "remaining",
    "review_models",
    "suggest",
    "visitors_for",
]
