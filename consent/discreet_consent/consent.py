"""Consent: which purposes a visitor granted, why, and until when."""

from __future__ import annotations

from .immutable import Immutable, put, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_NOTHING: frozenset[str] = frozenset()


class Consent(Immutable):
    """The purposes that a visitor granted. Immutable and hashable.

    Purposes under `essential` need no grant. A consent without grants is a refusal, and the safe default.

    Args:
        purposes: The granted data-use keys; a key covers the keys below it.
        reasons: One sentence for each rule that decided, for reports; never the text of a signal.
        regime: The rule set that was applied, for example `gdpr_opt_in`.
        resolved_s: Unix seconds at which the signals were judged; None when nobody judged any.
        expires_s: Unix seconds from which nothing is granted any more; None: no expiry.
    """

    __slots__ = ("_hash", "expires_s", "purposes", "reasons", "regime", "resolved_s")

    purposes: frozenset[str]
    reasons: tuple[str, ...]
    regime: str
    resolved_s: float | None
    expires_s: float | None
    _hash: int

    def __init__(
        self,
        purposes: Iterable[str] = (),
        *,
        reasons: Iterable[str] = (),
        regime: str = "stated",
        resolved_s: float | None = None,
        expires_s: float | None = None,
    ) -> None:
        put(self, "purposes", frozenset(texts(purposes)))
        put(self, "reasons", texts(reasons))
        put(self, "regime", regime)
        put(self, "resolved_s", resolved_s)
        put(self, "expires_s", expires_s)
        put(self, "_hash", hash(self._key()))

    @classmethod
    def granting(cls, *purposes: str) -> Consent:
        """State grants directly, without a signal: for tests, scenarios, and consent kept elsewhere."""
        return cls(purposes, reasons=("granted by the caller",))

    @classmethod
    def refusing(cls) -> Consent:
        """Grant nothing but what is essential."""
        return cls((), reasons=("refused by the caller",))

    def purposes_at(self, now_s: float | None) -> frozenset[str]:
        """The purposes granted at `now_s`: none from `expires_s` on.

        Without a clock the consent is judged at the instant it was resolved; one that expires and was never
        resolved at any instant cannot be shown to be in force, and grants nothing.
        """
        if self.expires_s is None:
            return self.purposes
        at = self.resolved_s if now_s is None else now_s
        return self.purposes if at is not None and at < self.expires_s else _NOTHING

    def _key(self) -> tuple[object, ...]:
        return (self.purposes, self.reasons, self.regime, self.resolved_s, self.expires_s)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Consent) and self._key() == other._key()

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[object, ...]:
        return (_restored, self._key())

    def __repr__(self) -> str:
        return f"Consent({sorted(self.purposes)}, regime={self.regime!r}, expires_s={self.expires_s})"


def _restored(
    purposes: frozenset[str],
    reasons: tuple[str, ...],
    regime: str,
    resolved_s: float | None,
    expires_s: float | None,
) -> Consent:
    return Consent(purposes, reasons=reasons, regime=regime, resolved_s=resolved_s, expires_s=expires_s)
