"""From signals to consent, as spec/consent.md says it: slow, and written from the page alone.

Terms are asked for one by one, statements are plain sets, nothing is cached. It shares the decoders with
`discreet_consent`, whose own vectors hold them, and its taxonomy; it shares nothing with `discreet_consent.regimes`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .consent_rules import Overlay, Rules, rules_of
from .consent_signals import Sent, statements_of
from .consent_statements import SENSITIVE_PREFIX, Statement, Verdict, covers, most_general, verdict

ARGUMENTS = ("tcf", "gpp", "us_privacy", "gpc", "consent_mode")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A consent in its most general keys."""

    purposes: frozenset[str]
    sensitive: frozenset[str]
    contextual_only: bool
    expires_s: float | None
    regime: str

    def as_dict(self) -> dict[str, object]:
        """The outcome as vectors have it."""
        return {
            "purposes": sorted(self.purposes),
            "sensitive": sorted(self.sensitive),
            "contextual_only": self.contextual_only,
            "expires_s": self.expires_s,
            "regime": self.regime,
        }


def sent_of(given: Mapping[str, Any]) -> list[Sent]:
    """The signals of a case: its arguments, and those with a carrier of their own. What came twice came once."""
    sent: list[Sent] = [(name, "argument", _text(given[name])) for name in ARGUMENTS if name in given]
    sent += [(source, carrier, text) for source, carrier, text in given.get("signals", ())]
    return [each for at, each in enumerate(sent) if each[2] is not None and each not in sent[:at]]


def _text(value: object) -> object:
    if value is True or value is False:
        return "1" if value else None
    return json.dumps(value) if isinstance(value, Mapping) else value


def reference_resolve(
    sent: Sequence[Sent],
    *,
    region: str | None,
    now_s: float,
    age_years: float | None = None,
    overlay: Overlay | None = None,
) -> Outcome:
    """The consent that the signals come to in a region, under the package's policy with a site's laid over it."""
    rules = rules_of(region, overlay)
    verdicts = [_judged(each, sent, now_s, age_years) for each in rules]
    if rules[0].of_row:
        return _outcome(rules[0].name, verdicts[0])
    named = {term for each in verdicts for term in each.terms}
    shared = {
        term for term in named if all(any(covers(key, term) for key in each.terms) for each in verdicts)
    }
    ends = [each.ends_s for each in verdicts if each.ends_s is not None]
    terms = frozenset(each for each in shared if not each.startswith(SENSITIVE_PREFIX))
    return _outcome("unknown", Verdict(terms, any(each.child for each in verdicts), min(ends, default=None)))


def _judged(rules: Rules, sent: Sequence[Sent], now_s: float, age_years: float | None) -> Verdict:
    statements = [*statements_of(sent, rules, now_s), *_of_age(age_years, rules)]
    found = verdict(statements, rules.default())
    if rules["sensitive"] != "never":
        return found
    kept = frozenset(each for each in found.terms if not each.startswith(SENSITIVE_PREFIX))
    return Verdict(kept, found.child, found.ends_s)


def _of_age(age_years: float | None, rules: Rules) -> list[Statement]:
    if age_years is None:
        return []
    if not math.isfinite(age_years) or age_years < rules["child_age"]:
        return [Statement("age", child=True)]
    if age_years < rules["minor_age"]:
        return [Statement("age", refused=frozenset(rules["opt_out_ends"]))]
    return []


def _outcome(regime: str, found: Verdict) -> Outcome:
    items = {each for each in found.terms if each.startswith(SENSITIVE_PREFIX)}
    return Outcome(
        most_general(found.terms - items),
        frozenset(each.removeprefix(SENSITIVE_PREFIX) for each in items),
        found.child,
        found.ends_s,
        regime,
    )
