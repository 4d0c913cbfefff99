"""Consent: which purposes and sensitive items a visitor granted, why, and until when."""

from __future__ import annotations

from .immutable import Immutable, put, texts
from .values import finite_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from .explanation import Explanation
    from .regimes.account import Account

    # What permission depends on: the purposes and the sensitive items granted, and whether only contextual facts
    # may be known. A plain tuple: it is the key of `Catalogue.plan`, looked up for every request.
    Grants: TypeAlias = tuple[frozenset[str], frozenset[str], bool]

_NONE: frozenset[str] = frozenset()
_NOTHING: Grants = (_NONE, _NONE, False)
_NOTHING_OF_A_CHILD: Grants = (_NONE, _NONE, True)


class Consent(Immutable):
    """The purposes and sensitive items that a visitor granted. Immutable and hashable.

    Purposes under `essential` need no grant. A consent without grants is a refusal, and the safe default.

    Args:
        purposes: The granted data-use keys; a key covers the keys below it.
        sensitive: The granted items of `SENSITIVE`. One permits nothing without the purposes beside it.
        contextual_only: Whether only contextual facts may be known, as of a known child; what is essential stays.
        reasons: One sentence for each rule that decided, for reports; never the text of a signal.
        regime: The rule set that was applied, for example `gdpr_opt_in`.
        resolved_s: Unix seconds until which the judgement of the signals was meant: `resolve` judges for a day (UTC),
            and gives the end of it. Where `permit` gets no clock, it judges at this instant. None when nobody judged
            any signal.
        expires_s: Unix seconds from which nothing is granted any more; None: no expiry.
        account: How `resolve` came to it, for `explain`; it is no part of what makes two consents equal.

    Attributes:
        grants: What permission depends on, before expiry: purposes, sensitive items, `contextual_only`.
    """

    __slots__ = (
        "_account", "_hash", "contextual_only", "expires_s", "grants", "purposes", "reasons", "regime", "resolved_s",
        "sensitive",
    )  # fmt: skip

    purposes: frozenset[str]
    sensitive: frozenset[str]
    contextual_only: bool
    grants: Grants
    reasons: tuple[str, ...]
    regime: str
    resolved_s: float | None
    expires_s: float | None
    _account: Account | None
    _hash: int

    def __init__(
        self,
        purposes: Iterable[str] = (),
        *,
        sensitive: Iterable[str] = (),
        contextual_only: bool = False,
        reasons: Iterable[str] = (),
        regime: str = "stated",
        resolved_s: float | None = None,
        expires_s: float | None = None,
        account: Account | None = None,
    ) -> None:
        put(self, "purposes", frozenset(texts(purposes)))
        put(self, "sensitive", frozenset(texts(sensitive)))
        put(self, "contextual_only", bool(contextual_only))
        put(self, "grants", (self.purposes, self.sensitive, self.contextual_only))
        put(self, "reasons", texts(reasons))
        put(self, "regime", regime)
        put(self, "resolved_s", resolved_s)
        put(self, "expires_s", expires_s)
        put(self, "_account", account)
        put(self, "_hash", hash(self._key()))

    @classmethod
    def granting(cls, *purposes: str, sensitive: Iterable[str] = ()) -> Consent:
        """State grants directly, without a signal: for tests, scenarios, and consent kept elsewhere."""
        return cls(purposes, sensitive=sensitive, reasons=("granted by the caller",))

    @classmethod
    def refusing(cls) -> Consent:
        """Grant nothing but what is essential."""
        return cls((), reasons=("refused by the caller",))

    def grants_at(self, now_s: float | None) -> Grants:
        """What is granted at `now_s`: nothing from `expires_s` on. That only contextual facts may be known stays.

        Without a clock the consent is judged at the instant it was resolved; one that expires and was never
        resolved at any instant cannot be shown to be in force, and grants nothing.
        """
        if self.expires_s is None:
            return self.grants
        at = finite_number(self.resolved_s if now_s is None else now_s)
        if at is not None and at < self.expires_s:
            return self.grants
        return _NOTHING_OF_A_CHILD if self.contextual_only else _NOTHING

    def purposes_at(self, now_s: float | None) -> frozenset[str]:
        """The purposes granted at `now_s`: see `grants_at`."""
        return self.grants_at(now_s)[0]

    def explain(self) -> Explanation:
        """What each signal said, which rule decided each purpose, what was unreadable, and until when it holds."""
        from .explanation import explain

        return explain(self, self._account)

    def _key(self) -> tuple[object, ...]:
        return (*self.grants, self.reasons, self.regime, self.resolved_s, self.expires_s)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Consent) and self._key() == other._key()

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[object, ...]:
        return (_restored, (*self._key(), self._account))

    def __repr__(self) -> str:
        items = f", sensitive={sorted(self.sensitive)}" if self.sensitive else ""
        child = ", contextual_only=True" if self.contextual_only else ""
        granted = f"{sorted(self.purposes)}{items}{child}"
        return f"Consent({granted}, regime={self.regime!r}, expires_s={self.expires_s})"


def _restored(
    purposes: frozenset[str],
    sensitive: frozenset[str],
    contextual_only: bool,
    reasons: tuple[str, ...],
    regime: str,
    resolved_s: float | None,
    expires_s: float | None,
    account: Account | None,
) -> Consent:
    return Consent(
        purposes,
        sensitive=sensitive,
        contextual_only=contextual_only,
        reasons=reasons,
        regime=regime,
        resolved_s=resolved_s,
        expires_s=expires_s,
        account=account,
    )
