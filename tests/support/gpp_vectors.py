"""The GPP strings of `spec/vectors/gpp.jsonl`: made at random, with the IAB's library; they belong to no one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parents[2] / "spec" / "vectors" / "gpp.jsonl"


@dataclass(frozen=True, slots=True)
class GppVector:
    """One string, and what it decodes to or why it is refused: exactly one of the two is None."""

    id: str
    kind: str
    text: str
    expect: dict[str, Any] | None
    error: str | None


@cache
def gpp_vectors() -> tuple[GppVector, ...]:
    """Every vector, in the file's order."""
    rows = map(json.loads, _FILE.read_text("utf-8").splitlines())
    return tuple(
        GppVector(row["id"], row["kind"], row["input"], row.get("expect"), row.get("error")) for row in rows
    )


def readable_gpp_strings() -> tuple[str, ...]:
    """The strings that decode."""
    return tuple(vector.text for vector in gpp_vectors() if vector.expect is not None)
