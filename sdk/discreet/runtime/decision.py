"""What a visitor gets to see, and why."""

from __future__ import annotations

from enum import Enum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from discreet_consent import Permitted

    from .bundle import CompiledPlacement


class Reason(Enum):
    """Why a decision is what it is. A closed set; spec/decision.md, "Reasons"."""

    MATCHED = "matched"
    FALLBACK = "fallback"
    EXPIRED = "expired"
    NOT_ENROLLED = "not_enrolled"
    HELD_OUT = "held_out"
    CAPPED = "capped"


class Decision:
    """One offer for one placement. Equal visitors under equal consent get equal decisions.

    Attributes:
        placement: The slot that was asked for.
        offer: The id of the offer that shows.
        stage: The id of the furthest stage that the visitor has reached.
        reason: Why this offer.
        version: The bundle's version.
        withheld: Names of the declared attributes that the consent does not permit, sorted. They are listed
            whether or not this visitor has them: naming only those would itself tell.
        malformed: Names of permitted attributes whose value is not of the declared type, sorted.
        stale: Names of permitted attributes whose value is older than its retention, sorted.

    `placed`, `number` (of the offer) and `permitted` are what the rest is read off, and for the runtime's own use.
    """

    __slots__ = ("number", "permitted", "placed", "reason", "stage")

    placed: CompiledPlacement
    number: int
    stage: str
    reason: Reason
    permitted: Permitted

    def __init__(self) -> None:
        raise TypeError("only an evaluator makes a Decision")

    @property
    def placement(self) -> str:
        return self.placed.id

    @property
    def channel(self) -> str:
        """The channel of the model that decided."""
        return self.placed.model.channel

    @property
    def offer(self) -> str:
        return self.placed.model.offers.ids[self.number]

    @property
    def version(self) -> int:
        return self.placed.model.version

    @property
    def content(self) -> dict[str, Any]:
        """The offer's content, a fresh copy, its tokens filled from permitted attributes or their defaults.

        A filled token is not escaped: that is the renderer's work.
        """
        return self.placed.model.offers.contents.content(self.number, self.permitted.values)

    @property
    def withheld(self) -> tuple[str, ...]:
        return tuple(sorted(self.permitted.withheld_declared))

    @property
    def malformed(self) -> tuple[str, ...]:
        return tuple(sorted(self.permitted.malformed))

    @property
    def stale(self) -> tuple[str, ...]:
        return tuple(sorted(self.permitted.stale))

    def as_record(self) -> dict[str, Any]:
        """The decision for a log: no content, and so no attribute value."""
        return {
            "placement": self.placement,
            "offer": self.offer,
            "stage": self.stage,
            "reason": self.reason.value,
            "version": self.version,
            "withheld": list(self.withheld),
            "malformed": list(self.malformed),
            "stale": list(self.stale),
        }

    def as_dict(self) -> dict[str, Any]:
        """The decision for a page: the record and the content."""
        return {**self.as_record(), "content": self.content}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Decision) and self.as_dict() == other.as_dict()

    def __hash__(self) -> int:
        return hash((self.placement, self.offer, self.reason, self.version))

    def __repr__(self) -> str:
        return f"Decision({self.placement!r}, offer={self.offer!r}, reason={self.reason.value!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a Decision can hold a visitor's values and is not pickled: use as_record() or as_dict()"
        )
