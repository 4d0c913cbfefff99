"""The audit of one `permit`: a row for each declared attribute, with its name, what became of it, and by which rule.

No row holds a value. The rows of what was withheld follow the declarations, the consent and the clock alone, so they
are the same whether or not the visitor had a value (ADR 0005).
"""

from __future__ import annotations

from enum import Enum

from ..attributes import Provenance
from ..errors import RecordError
from ..immutable import put, texts
from ..purposes import is_granted
from .fields import Written, written
from .times import instant, whole_seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..attributes import Attribute
    from ..consent import Consent, Grants
    from ..permit import Permitted


class Outcome(Enum):
    """What became of an attribute."""

    KNOWN = "known"
    ABSENT = "absent"
    WITHHELD = "withheld"
    MALFORMED = "malformed"
    STALE = "stale"
    UNDECLARED = "undeclared"


class Rule(Enum):
    """Why. The first that applies, in this order, for what is withheld: `third_party` to `contextual_only`."""

    THIRD_PARTY = "third_party"
    EXPIRED = "expired"
    PURPOSE_NOT_GRANTED = "purpose_not_granted"
    SENSITIVE_NOT_GRANTED = "sensitive_not_granted"
    CONTEXTUAL_ONLY = "contextual_only"
    NOT_DECLARED = "not_declared"
    MALFORMED = "malformed"
    STALE = "stale"
    ESSENTIAL = "essential"
    GRANTED = "granted"


class AuditRow(Written):
    """What became of one attribute of one request. Immutable; `audit` makes them.

    Attributes:
        purposes_missing: The attribute's purposes that were not granted, where that is why it was withheld.
        sensitive_missing: The sensitive item that was not granted, where that is why.
        regime: The rules under which the consent was resolved.
        sources: Where the signals came from, as the caller says, such as `tcf`.
        at_s: Unix seconds of the clock of `permit`, rounded down; None: it had none.
    """

    __slots__ = (
        "at_s", "attribute", "outcome", "purposes_missing", "regime", "rule", "sensitive_missing", "sources"
    )  # fmt: skip

    attribute: str
    outcome: Outcome
    rule: Rule
    purposes_missing: tuple[str, ...]
    sensitive_missing: str | None
    regime: str
    sources: tuple[str, ...]
    at_s: int | None

    def __init__(
        self,
        attribute: str,
        outcome: Outcome,
        rule: Rule,
        *,
        purposes_missing: Iterable[str] = (),
        sensitive_missing: str | None = None,
        regime: str,
        sources: Iterable[str] = (),
        at_s: int | None = None,
    ) -> None:
        put(self, "attribute", attribute)
        put(self, "outcome", outcome)
        put(self, "rule", rule)
        put(self, "purposes_missing", texts(purposes_missing))
        put(self, "sensitive_missing", sensitive_missing)
        put(self, "regime", regime)
        put(self, "sources", texts(sources))
        put(self, "at_s", at_s)

    def __repr__(self) -> str:
        return f"AuditRow({self.attribute!r}, {self.outcome.value}, {self.rule.value})"

    def as_dict(self) -> dict[str, object]:
        """The row as JSON values, for a line of a log; without what it does not have."""
        return written(
            (
                ("time", None if self.at_s is None else instant(self.at_s)),
                ("attribute", self.attribute),
                ("outcome", self.outcome.value),
                ("rule", self.rule.value),
                ("purposes_missing", self.purposes_missing or None),
                ("sensitive_missing", self.sensitive_missing),
                ("regime", self.regime),
                ("sources", self.sources or None),
            )
        )


def audit(
    permitted: Permitted,
    consent: Consent,
    *,
    now_s: float | None = None,
    sources: str | Iterable[str] = (),
    undeclared: bool = False,
) -> tuple[AuditRow, ...]:
    """One row for each declared attribute, in the catalogue's order.

    Args:
        consent: That of `permit`.
        now_s: That of `permit`.
        sources: Where the consent's signals came from, such as `tcf`.
        undeclared: Whether rows follow for what came in and nobody declared, by name. They show what this visitor
            had, and such a name may be anything that a caller passed on: for finding mistakes, not for keeping.
    Raises:
        RecordError: the consent or the clock is not the one of `permit`: they grant something else; or the clock is no
            number of Unix seconds.
    """
    at_s = None if now_s is None else whole_seconds(now_s, "now_s")
    came_from = texts(sources)
    grants = consent.grants_at(now_s)
    if grants != permitted.grants:
        raise RecordError("not the consent and the clock of `permit`: they grant something else")

    def row(
        name: str, outcome: Outcome, rule: Rule, missing: tuple[str, ...] = (), item: str | None = None
    ) -> AuditRow:
        return AuditRow(
            name, outcome, rule,
            purposes_missing=missing, sensitive_missing=item, regime=consent.regime, sources=came_from, at_s=at_s,
        )  # fmt: skip

    rows: list[AuditRow] = []
    for attribute, value in zip(permitted.catalogue.attributes, permitted.values, strict=True):
        why = _why_withheld(attribute, consent.grants, grants)
        if why is None:
            rows.append(row(attribute.name, *_what_is(permitted, attribute, value is not None)))
        elif why in _BY_GRANTS:
            missing, item = _missing(attribute, grants), _item_missing(attribute, grants)
            rows.append(row(attribute.name, Outcome.WITHHELD, why, missing, item))
        else:
            rows.append(row(attribute.name, Outcome.WITHHELD, why))
    strangers = sorted(permitted.undeclared) if undeclared else ()
    return (*rows, *(row(name, Outcome.UNDECLARED, Rule.NOT_DECLARED) for name in strangers))


_BY_GRANTS = frozenset({Rule.EXPIRED, Rule.PURPOSE_NOT_GRANTED, Rule.SENSITIVE_NOT_GRANTED})


def _what_is(permitted: Permitted, attribute: Attribute, known: bool) -> tuple[Outcome, Rule]:
    """The outcome and rule of an attribute that may be known."""
    if attribute.name in permitted.malformed:
        return Outcome.MALFORMED, Rule.MALFORMED
    if attribute.name in permitted.stale:
        return Outcome.STALE, Rule.STALE
    rule = Rule.ESSENTIAL if attribute.is_essential else Rule.GRANTED
    return (Outcome.KNOWN if known else Outcome.ABSENT), rule


def _why_withheld(attribute: Attribute, unexpired: Grants, grants: Grants) -> Rule | None:
    """The rule that withholds `attribute` under the grants in force; None where none does."""
    why = _rule(attribute, grants)
    return Rule.EXPIRED if why in _BY_GRANTS and _rule(attribute, unexpired) is None else why


def _rule(attribute: Attribute, grants: Grants) -> Rule | None:
    if attribute.provenance is Provenance.THIRD_PARTY:
        return Rule.THIRD_PARTY
    if _item_missing(attribute, grants) is not None and (
        attribute.is_essential or not _missing(attribute, grants)
    ):
        return Rule.SENSITIVE_NOT_GRANTED
    if attribute.is_essential:
        return None
    if _missing(attribute, grants):
        return Rule.PURPOSE_NOT_GRANTED
    _, _, contextual_only = grants
    is_out_of_context = contextual_only and attribute.provenance is not Provenance.CONTEXTUAL
    return Rule.CONTEXTUAL_ONLY if is_out_of_context else None


def _missing(attribute: Attribute, grants: Grants) -> tuple[str, ...]:
    purposes, _, _ = grants
    return tuple(purpose for purpose in attribute.purposes if not is_granted(purpose, purposes))


def _item_missing(attribute: Attribute, grants: Grants) -> str | None:
    _, items, _ = grants
    return None if attribute.sensitive in items else attribute.sensitive
