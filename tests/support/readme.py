"""What README.md promises in code: its commands by heading, and its Python example."""

from __future__ import annotations

import re
from pathlib import Path

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, heading: str, language: str) -> list[str]:
    """The fenced blocks of `language` under `## heading` in `page`, each without its fences."""
    _, _, rest = page.read_text(encoding="utf-8").partition(f"\n## {heading}\n")
    section = re.split(r"^## ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    return [code for name, code in FENCE.findall(section) if name == language]


def command(page: Path, heading: str) -> str:
    """The one command under `## heading`.

    Raises:
        ValueError: there is not exactly one `sh` block of one line.
    """
    found = [line for block in blocks(page, heading, "sh") for line in block.splitlines() if line.strip()]
    if len(found) != 1:
        raise ValueError(f"`## {heading}` has {len(found)} commands instead of one")
    return found[0]
