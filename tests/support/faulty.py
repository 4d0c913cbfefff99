"""The seeded faulty models: each has one fault, and says in its comments which, where, and what its visitor is shown.

# <- D301 italians                      the finding stands on this line
# shown: home.hero -> everyone          what the finding's visitor is shown; `a | b`: one of them; `, stage S`; `;` more
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FOLDER = Path(__file__).with_name("faulty_models")
NOW = "2026-05-01T00:00:00Z"
_FAULT = re.compile(r"# <- (D\d{3}) (\S+)$")
_SHOWN = re.compile(r"(?P<placement>\S+) -> (?P<offers>[^,;]+)(?:, stage (?P<stage>\S+))?")


@dataclass(frozen=True)
class Shown:
    """What a placement shows: one of `offers`, and at which stage where that is told."""

    placement: str
    offers: tuple[str, ...]
    stage: str | None


@dataclass(frozen=True)
class Faulty:
    """One faulty model, or several that are faulty together."""

    name: str
    paths: tuple[Path, ...]

    @cached_property
    def fault(self) -> tuple[str, str, str]:
        """Where the fault is, as `file:line`; its code; and its subject."""
        (found,) = (
            (f"{path}:{number}", match[1], match[2])
            for path in self.paths
            for number, text in enumerate(path.read_text().splitlines(), start=1)
            if (match := _FAULT.search(text))
        )
        return found

    @cached_property
    def shown(self) -> tuple[Shown, ...]:
        """What the finding's visitor is shown; nothing where there is no such visitor."""
        lines = [text for path in self.paths for text in path.read_text().splitlines()]
        told = [text.removeprefix("# shown: ") for text in lines if text.startswith("# shown: ")]
        return tuple(
            Shown(match["placement"], tuple(match["offers"].strip().split(" | ")), match["stage"])
            for text in told
            for match in _SHOWN.finditer(text)
        )


def _faulty() -> tuple[Faulty, ...]:
    alone = [Faulty(path.stem, (path,)) for path in FOLDER.glob("*.yaml")]
    together = [
        Faulty(folder.name, tuple(sorted(folder.glob("*.yaml"))))
        for folder in FOLDER.iterdir()
        if folder.is_dir()
    ]
    return tuple(sorted((*alone, *together), key=lambda each: each.name))


FAULTY = _faulty()
