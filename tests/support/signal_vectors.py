"""The TC and GPP strings of `spec/vectors`: made at random by the IAB's own libraries, and belonging to no person."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_VECTORS = Path(__file__).parents[2] / "spec" / "vectors"


@dataclass(frozen=True, slots=True)
class SignalVector:
    """One string, and what it decodes to or why it is refused: exactly one of the two is None."""

    id: str
    kind: str
    text: str
    expect: dict[str, Any] | None
    error: str | None


@cache
def _vectors(file: str) -> tuple[SignalVector, ...]:
    rows = map(json.loads, (_VECTORS / file).read_text("utf-8").splitlines())
    return tuple(
        SignalVector(row["id"], row["kind"], row["input"], row.get("expect"), row.get("error"))
        for row in rows
    )


def tcf_vectors() -> tuple[SignalVector, ...]:
    """Every TC string, in the file's order."""
    return _vectors("tcf.jsonl")


def gpp_vectors() -> tuple[SignalVector, ...]:
    """Every GPP string, in the file's order."""
    return _vectors("gpp.jsonl")


def readable_strings() -> tuple[str, ...]:
    """The TC strings that decode."""
    return _readable(tcf_vectors())


def readable_gpp_strings() -> tuple[str, ...]:
    """The GPP strings that decode."""
    return _readable(gpp_vectors())


def _readable(vectors: Iterable[SignalVector]) -> tuple[str, ...]:
    return tuple(vector.text for vector in vectors if vector.expect is not None)
