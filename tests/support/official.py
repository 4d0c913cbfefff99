"""The IAB's own libraries as an oracle: node runs `tests/conformance/official`, once for all strings of a session.

They are JavaScript and come from npm, so they may be missing: then `ask` raises `Missing`, with a reason to skip.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from .npm import Missing, installed, programs

__all__ = ["Answer", "Meaning", "Missing", "Read", "ask"]

HERE = Path(__file__).parents[1] / "conformance" / "official"
ANSWER_LIMIT_S = 240

Read: TypeAlias = Mapping[str, Sequence[str]]  # by kind, "tcf" or "gpp"


@dataclass(frozen=True, slots=True)
class Meaning:
    """A string, and what the library reads in it, or what it says when it throws: exactly one of the two is None."""

    text: str
    means: dict[str, Any] | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """By kind: the strings that the libraries made, and those that they were given to read, in order."""

    made: Mapping[str, Sequence[Meaning]]
    read: Mapping[str, Sequence[Meaning]]


def ask(seed: int, count: int, read: Read) -> Answer:
    """Let the libraries make `count` strings of each kind from `seed`, and read those and `read`.

    Raises:
        Missing: There is no node or npm, or the libraries cannot be installed.
    """
    node, _ = programs()
    installed(HERE)
    request = json.dumps({"seed": seed, "count": count, "read": read})
    done = subprocess.run(
        [node, str(HERE / "answer.mjs")],
        check=False,
        input=request,
        capture_output=True,
        text=True,
        timeout=ANSWER_LIMIT_S,
    )
    assert done.returncode == 0, f"seed {seed}: {done.stderr}"
    answer = json.loads(done.stdout)
    return Answer(_meanings(answer["made"]), _meanings(answer["read"]))


def _meanings(by_kind: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, tuple[Meaning, ...]]:
    return {
        kind: tuple(Meaning(row["text"], row.get("means"), row.get("error")) for row in rows)
        for kind, rows in by_kind.items()
    }
