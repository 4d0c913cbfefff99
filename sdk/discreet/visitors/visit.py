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
        is_unread: Whether a profile source holds the visitor's profile, and was not asked or did not answer: then
            `profile` lacks what is kept there, and must not be written in its place.
    """

    __slots__ = ("consent", "is_unread", "now_s", "permitted", "profile", "storage_granted")

    def __init__(
        self,
        consent: Consent,
        permitted: Permitted,
        *,
        now_s: float,
        profile: Profile | None = None,
        storage_granted: bool = False,
        is_unread: bool = False,
    ) -> None:
        self.consent = consent
        self.permitted = permitted
        self.now_s = now_s
        self.profile = profile
        self.storage_granted = storage_granted
        self.is_unread = is_unread

    def __repr__(self) -> str:
        return f"Visit({self.permitted!r}, storage_granted={self.storage_granted})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Visit holds a visitor's values and is never pickled or copied")
