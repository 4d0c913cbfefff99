"""Decisions under OpenFeature's names: a flag per placement, and one per plain field of what it shows.

`home.hero` is an object, the content; `home.hero/title` is one field of it, with its type. The provider in process and
the edge server's OFREP endpoints say the same, because both ask here. Nothing of OpenFeature is imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from discreet_consent import Permitted

from ..errors import UnknownPlacement
from ..runtime import Decision, Evaluator, Reason

SEPARATOR: Final = "/"  # in no placement's id, so that a field may hold what it likes
STATIC: Final = "STATIC"
NOT_FOUND: Final = (
    "there is no such flag, or what is shown here has no such field"  # never the key: it was sent
)

# OpenFeature's names, at this border only. `DISABLED`: an expired bundle decides nothing any more, and shows fallbacks.
REASONS: Final[Mapping[Reason, str]] = {
    Reason.MATCHED: "TARGETING_MATCH",
    Reason.FALLBACK: "DEFAULT",
    Reason.EXPIRED: "DISABLED",
    Reason.NOT_ENROLLED: "DEFAULT",
    Reason.HELD_OUT: "SPLIT",
    Reason.CAPPED: "DEFAULT",
}


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag as a visitor sees it.

    Attributes:
        value: The content, or one field of it, a fresh copy. It can hold filled tokens, and so is in no repr.
        variant: The id of the offer.
        reason: One of OpenFeature's.
        metadata: `bundle`, `version`, `digest` and `stage`.
        decision: What it was read off, for the journal; the fields of one placement share theirs.
    """

    key: str
    value: bool | int | float | str | dict[str, Any] = field(repr=False)
    variant: str
    reason: str
    metadata: dict[str, str | int]
    decision: Decision = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """The flag as OFREP answers it: `key`, `value`, `reason`, `variant`, `metadata`."""
        return {
            "key": self.key,
            "value": self.value,
            "reason": self.reason,
            "variant": self.variant,
            "metadata": self.metadata,
        }


class Flags:
    """The flags of one evaluator. Immutable; made once per bundle, for any number of visitors."""

    __slots__ = ("_common", "_static", "evaluator")

    def __init__(self, evaluator: Evaluator) -> None:
        bundle = evaluator.bundle
        self.evaluator = evaluator
        self._common: dict[str, str | int] = {
            "bundle": bundle.name,
            "version": bundle.version,
            "digest": bundle.digest,
        }
        self._static = frozenset(_static(evaluator))

    def one(self, key: str, permitted: Permitted, *, now_s: float) -> Flag | None:
        """The flag `key`; None where there is no such placement, or where what is shown there has no such field.

        A field that holds null, a list or an object is no flag: the content has it. Never raises.
        """
        placement, separator, name = key.partition(SEPARATOR)
        try:
            decision = self.evaluator.decide(placement, permitted, now_s=now_s)
        except UnknownPlacement:
            return None
        content = decision.content
        if not separator:
            return self._flag(key, content, decision)
        value = content.get(name)
        return self._flag(key, value, decision) if isinstance(value, bool | int | float | str) else None

    def all(self, permitted: Permitted, *, now_s: float) -> list[Flag]:
        """Every placement, each followed by its plain fields, in the bundle's order."""
        decisions = self.evaluator.decide_all(permitted, now_s=now_s)
        return [flag for decision in decisions.values() for flag in self._of(decision)]

    def _of(self, decision: Decision) -> Iterator[Flag]:
        content = decision.content
        yield self._flag(decision.placement, content, decision)
        for name, value in content.items():
            if isinstance(value, bool | int | float | str):
                yield self._flag(f"{decision.placement}{SEPARATOR}{name}", value, decision)

    def _flag(self, key: str, value: Any, decision: Decision) -> Flag:
        metadata = {**self._common, "stage": decision.stage}
        return Flag(key, value, decision.offer, self._reason(decision), metadata, decision)

    def _reason(self, decision: Decision) -> str:
        if decision.reason is not Reason.EXPIRED and decision.placement in self._static:
            return STATIC
        return REASONS[decision.reason]


def _static(evaluator: Evaluator) -> Iterator[str]:
    """The placements whose decision depends on nothing, neither an attribute nor the hour, until the bundle expires."""
    for model in evaluator.bundle.models:
        windows = model.offers.windows
        for name, placement in model.placements.items():
            depends = model.certificate.placements[name]
            if not depends and windows.keys().isdisjoint(placement.competing):
                yield name
