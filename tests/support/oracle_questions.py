"""Short questions for the prover's own tests: a condition over a few attributes, and who makes it true."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from discreet.checks.proofs import Holds, Journeys, Prover, Visitor, Want, journeys_of
from discreet.model import models_from_dicts

NOW_MS: Final = 1_772_366_400_000  # 2026-03-01T12:00Z
PROFILED, LIMITED = "personalize.content.profiled", "personalize.content.limited"
KINDS: Final[Mapping[str, Mapping[str, Any]]] = {
    kind: {"type": kind, "provenance": "first_party", "purposes": [PROFILED]}
    for kind in ("boolean", "number", "string", "strings", "datetime")
}


def document(attributes: Mapping[str, Any], **conditions: str) -> dict[str, Any]:
    """A model with these conditions and nothing to show but its fallback; an attribute may be a type's name."""
    declared = {
        name: dict(KINDS[each]) if isinstance(each, str) else dict(each) for name, each in attributes.items()
    }
    return {
        "model": "m",
        "channel": "web",
        "attributes": declared,
        "conditions": {name: {"says": "It is so", "when": when} for name, when in conditions.items()},
        "stages": [{"id": "s0"}],
        "placements": {"hero": {"fallback": "none"}},
        "offers": [{"id": "none", "content": {}}],
    }


def journeys(attributes: Mapping[str, Any], **conditions: str) -> Journeys:
    """The journeys of that model."""
    return journeys_of(models_from_dicts([document(attributes, **conditions)]))


def holding(of: Journeys, name: str = "it", want: Want = Want.TRUE) -> Holds:
    """That a condition's truth is as wanted."""
    return Holds(of.rules[0].condition(name).tree, want)


def who(
    attributes: Mapping[str, Any],
    when: str,
    want: Want = Want.TRUE,
    *,
    knowable: Collection[str] | None = None,
    granted: Collection[str] | None = None,
) -> Visitor | None:
    """A visitor of whom `when` is as wanted, or None. Raises Undecided."""
    about = journeys(attributes, it=when)
    prover = Prover(about, now_ms=NOW_MS)
    return prover.find(holding(about, want=want), knowable=knowable, granted=granted)
