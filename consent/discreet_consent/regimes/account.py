"""How a consent came about: what was heard, by which rules. Kept with the consent, so that it can be explained."""

from __future__ import annotations

from ..immutable import Immutable, put
from ..signals.received import Reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..signals.received import Signals
    from .rules import Rules
    from .statement import Statement


class Account(Immutable):
    """What `resolve` judged, and what each signal said. It holds no text of a signal. Immutable.

    Attributes:
        came: `(source, carrier, status)` of everything that came, in order.
        region: As given, if it is a code that can stand in a report; else None.
        rules: The rules applied: one row, or every preset where the region is unknown.
        heard: For each of `rules`, the statements in force under them.
        policy_version: The version of the table that the rules are from.
    """

    __slots__ = ("came", "heard", "policy_version", "region", "rules")

    came: tuple[Reading, ...]
    region: str | None
    rules: tuple[Rules, ...]
    heard: tuple[tuple[Statement, ...], ...]
    policy_version: str

    def __init__(
        self,
        signals: Signals,
        region: object,
        rules: tuple[Rules, ...],
        heard: tuple[tuple[Statement, ...], ...],
        policy_version: str,
    ) -> None:
        bare = [Reading(each.source, each.carrier, status=each.status) for each in signals.readings]
        put(self, "came", tuple(bare))
        put(
            self,
            "region",
            region if _is_code(region) else None,
        )
        put(self, "rules", rules)
        put(self, "heard", heard)
        put(self, "policy_version", policy_version)

    @property
    def reasons(self) -> tuple[str, ...]:
        """One sentence for each rule that decided, each once, in order."""
        found: list[str] = []
        if len(self.rules) > 1:
            names = ", ".join(rules.regime for rules in self.rules)
            found.append(f"the region is not known, or has no regime here: only what all of {names} allow")
        for rules, statements in zip(self.rules, self.heard, strict=True):
            found.extend(reason for each in statements for reason in each.reasons)
            if not statements and rules.kind == "opt_in":
                found.append(_nothing_came(rules))
            elif not statements:
                found.append("no signal that is heard here speaks, so no objection is known")
        return tuple(dict.fromkeys(found))


def _is_code(region: object) -> bool:
    """Whether `region` has the form of a code: two letters, and perhaps a hyphen and up to three letters or digits."""
    if not isinstance(region, str) or not region.isascii() or len(region) > 6:
        return False
    country, hyphen, part = region.partition("-")
    return len(country) == 2 and country.isalpha() and (part.isalnum() if hyphen else True)


def _nothing_came(rules: Rules) -> str:
    if not rules.default:
        return "no signal speaks here: nothing but what is essential is allowed"
    return f"no signal speaks here: allowed without one is {', '.join(sorted(rules.default))}"
