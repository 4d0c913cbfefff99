"""One visitor at one instant."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from discreet_consent import Consent, Permitted

    from .profile import Profile


class Visit:
    """What is known of one visitor at one instant. It serves one request; its repr shows names only.

    Attributes:
        consent: What the visitor granted.
        profile: What is stored of the visitor; None when nothing is, or when it may not be looked at.
        permitted: What may be known, for the evaluator under whose catalogue it was permitted.
        now_s: Unix seconds, UTC, of the whole visit.
        storage_granted: Whether anything may be stored with this visitor, or read from there.
    """

    __slots__ = ("consent", "now_s", "permitted", "profile", "storage_granted")

    def __init__(
        self,
        consent: Consent,
        permitted: Permitted,
        *,
        now_s: float,
        profile: Profile | None = None,
        storage_granted: bool = False,
    ) -> None:
        self.consent = consent
        self.permitted = permitted
        self.now_s = now_s
        self.profile = profile
        self.storage_granted = storage_granted

    def __repr__(self) -> str:
        return f"Visit({self.permitted!r}, storage_granted={self.storage_granted})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Visit holds a visitor's values and is never pickled or copied")
