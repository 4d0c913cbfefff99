"""What a file of consent cases holds, and how a case is put to the product and to the slow reference."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from discreet_consent import Consent, Policy, Signals, resolve

from ..reference.consent_statements import most_general
from ..reference.consenting import ARGUMENTS, reference_resolve, sent_of
from .cases import FOLDER, number

Given: TypeAlias = Mapping[str, Any]
Expected: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ConsentFile:
    """One file of consent cases. `beside` is what the file has beside its cases, by name."""

    name: str
    about: str
    cases: Sequence[Expected]
    beside: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def path(self) -> Path:
        return FOLDER / self.name

    def text(self) -> str:
        """The file's text: one case or row a line, so that a change of one case is a change of one line."""
        names = [case["name"] for case in self.cases]
        assert len(set(names)) == len(names), sorted({name for name in names if names.count(name) > 1})
        whole = {"about": self.about, **self.beside, "cases": self.cases}
        return "{\n" + ",\n".join(f'  "{key}": {_lines(value)}' for key, value in whole.items()) + "\n}\n"


def _lines(value: object) -> str:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return _dumps(value)
    return "[\n    " + ",\n    ".join(map(_dumps, value)) + "\n  ]"


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def case(name: str, given: Given) -> Expected:
    """One case; what must be is what the reference makes of it."""
    return {"name": name, "given": dict(given), "expect": by_reference(given)}


def by_reference(given: Given) -> Expected:
    """What the slow reference makes of a case."""
    outcome = reference_resolve(
        sent_of(given),
        region=given.get("region"),
        now_s=number(given["now_s"]),
        age_years=number(given["age_years"]) if "age_years" in given else None,
        overlay=given.get("policy"),
    )
    return outcome.as_dict()


def by_product(given: Given) -> Expected:
    """What `discreet_consent.resolve` makes of a case."""
    return as_vector(
        resolve(
            **{name: given[name] for name in ARGUMENTS if name in given},
            signals=Signals((source, carrier, text) for source, carrier, text in given.get("signals", ())),
            region=given.get("region"),
            now_s=number(given["now_s"]),
            age_years=number(given["age_years"]) if "age_years" in given else None,
            policy=_policy(_dumps(given.get("policy", {}))),
        )
    )


@lru_cache(maxsize=64)
def _policy(overlay: str) -> Policy:
    return Policy.default().over(json.loads(overlay))


def as_vector(consent: Consent) -> Expected:
    """A consent in the form of the vectors, in its most general keys."""
    return {
        "purposes": sorted(most_general(consent.purposes)),
        "sensitive": sorted(consent.sensitive),
        "contextual_only": consent.contextual_only,
        "expires_s": consent.expires_s,
        "regime": consent.regime,
    }
