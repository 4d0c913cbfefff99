"""What a visitor gets to see, and why."""

from __future__ import annotations

from enum import Enum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from discreet_consent import Permitted

    from .bundle import CompiledOffer, CompiledPlacement


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
    """

    __slots__ = ("_offer", "_permitted", "_slot", "reason", "stage", "version")

    def __init__(
        self,
        slot: CompiledPlacement,
        offer: CompiledOffer,
        stage: str,
        reason: Reason,
        version: int,
        permitted: Permitted,
    ) -> None:
        self._slot = slot
        self._offer = offer
        self.stage = stage
        self.reason = reason
        self.version = version
        self._permitted = permitted

    @property
    def placement(self) -> str:
        return self._slot.id

    @property
    def channel(self) -> str:
        """The channel of the model that decided."""
        return self._slot.channel

    @property
    def offer(self) -> str:
        return self._offer.id

    @property
    def content(self) -> dict[str, Any]:
        """The offer's content, a fresh copy, its tokens filled from permitted attributes or their defaults.

        A filled token is not escaped: that is the renderer's work.
        """
        return self._offer.content(self._permitted.values)

    @property
    def withheld(self) -> tuple[str, ...]:
        return tuple(sorted(self._permitted.withheld_declared))

    @property
    def malformed(self) -> tuple[str, ...]:
        return tuple(sorted(self._permitted.malformed))

    @property
    def stale(self) -> tuple[str, ...]:
        return tuple(sorted(self._permitted.stale))

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
