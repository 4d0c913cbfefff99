"""An explanation in a reader's words: what an offer asks, and why that is not known. Names only, no values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def part_in_words(part: Mapping[str, Any]) -> str:
    """What one part of an offer asks, with the author's sentence for it."""
    return f"{part['asks']} ({part['says']})" if part["says"] else str(part["asks"])


def unknown_in_words(unknown: Sequence[Mapping[str, Any]]) -> list[str]:
    """Why attributes are unknown and what would have made them known: one line for all of the same fate."""
    fates: dict[str, list[str]] = {}
    for each in unknown:
        fates.setdefault(_fate(each), []).append(each["name"])
    return [f"{', '.join(names)}: {fate}" for fate, names in fates.items()]


def obstacles(candidate: Mapping[str, Any]) -> list[str]:
    """What keeps an offer from being eligible, a line for each part; nothing for an eligible one."""
    lines = []
    for part in candidate["parts"]:
        if part["truth"] != "true":
            behind = "; ".join(unknown_in_words(part["unknown"]))
            lines.append(f"{part['truth']}: {part_in_words(part)}" + (f"; {behind}" if behind else ""))
    return lines


def _fate(unknown: Mapping[str, Any]) -> str:
    if unknown["why"] != "withheld":
        return str(unknown["why"])
    if unknown["contextual_only"]:
        return "withheld, only contextual facts of a known child may be known"
    item = [f"the sensitive item {unknown['sensitive']}"] if unknown["sensitive"] else []
    needed = [*unknown["purposes"], *item]
    return f"withheld, needs {' and '.join(needed)}" if needed else "withheld, no consent permits it"
