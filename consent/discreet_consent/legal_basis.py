"""On what the use of an attribute rests, read off from its declaration and the rules of a regime.

It is the record's word for what the regime will ask of a visitor's signals, and decides nothing. Not legal advice.
Source: spec/consent.md, "Legal basis".
"""

from __future__ import annotations

from .attributes import Provenance
from .immutable import Immutable, put
from .purposes import ESSENTIAL, TCF_DATA_USES, covers
from .regimes.resolution import default_terms
from .regimes.rules import SENSITIVE_TERM
from .regimes.tcf_rules import SPECIAL_FEATURES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .attributes import Attribute
    from .regimes.policy import Policy
    from .regimes.rules import Rules

# The bases, the strictest first. All purposes must be granted, so the strictest of them is the attribute's.
BASES: Mapping[str, str] = {
    "never": "never permitted",
    "consent": "consent",
    "notice": "told of the right to object, and no objection",
    "opt_out": "no objection",
    "essential": "essential, no consent asked",
}


class LegalBasis(Immutable):
    """On what the use of one attribute, or one term of it, rests under one regime. Immutable.

    Args:
        basis: A key of `BASES`. `opt_out`: allowed until the visitor objects; `notice`: allowed where the visitor was
            told of the right to object and did not.
        tcf_purposes: The purposes of the TCF whose consent grants it.
        tcf_features: The special features of the TCF whose opt-in grants it.
        interests: Of `tcf_purposes`, those that may rest on a legitimate interest by the site's settings.
        tcf_suffices: Whether a TC string alone can grant it, as far as consent is asked.
        groups: The consent tools' groups that stand for it, as `tool: group`.
        is_grantable: Whether any signal that is heard could ever grant it. Always True but for `consent`.
    """

    __slots__ = (
        "basis",
        "groups",
        "interests",
        "is_grantable",
        "tcf_features",
        "tcf_purposes",
        "tcf_suffices",
    )

    basis: str
    tcf_purposes: tuple[int, ...]
    tcf_features: tuple[int, ...]
    interests: tuple[int, ...]
    tcf_suffices: bool
    groups: tuple[str, ...]
    is_grantable: bool

    def __init__(
        self,
        basis: str,
        *,
        tcf_purposes: Iterable[int] = (),
        tcf_features: Iterable[int] = (),
        interests: Iterable[int] = (),
        tcf_suffices: bool = True,
        groups: Iterable[str] = (),
        is_grantable: bool = True,
    ) -> None:
        put(self, "basis", basis)
        put(self, "tcf_purposes", tuple(sorted(set(tcf_purposes))))
        put(self, "tcf_features", tuple(sorted(set(tcf_features))))
        put(self, "interests", tuple(sorted(set(interests))))
        put(self, "tcf_suffices", tcf_suffices)
        put(self, "groups", tuple(sorted(set(groups))))
        put(self, "is_grantable", is_grantable)

    def as_dict(self) -> dict[str, object]:
        """The basis, made of what JSON has."""
        return {
            "basis": self.basis,
            "tcf_purposes": list(self.tcf_purposes),
            "tcf_features": list(self.tcf_features),
            "legitimate_interests": list(self.interests),
            "tcf_suffices": self.tcf_suffices,
            "groups": list(self.groups),
            "is_grantable": self.is_grantable,
        }

    def as_text(self) -> str:
        """The basis in words: `consent (TCF purposes 1 and 6)`."""
        if not self.is_grantable:
            return "consent, which no signal that is heard can give"
        named = [
            *_counted("TCF purpose", self.tcf_purposes),
            *_counted("TCF special feature", self.tcf_features),
        ]
        if self.interests:
            named.append(f"or legitimate interest for {_joined(self.interests)}")
        if not self.tcf_suffices and self.groups:
            named.append("and a group of the consent tool" if named else "a group of the consent tool")
        return BASES[self.basis] + (f" ({', '.join(named)})" if named else "")

    def __repr__(self) -> str:
        return f"LegalBasis({self.as_text()!r})"


def legal_basis(attribute: Attribute, rules: Rules, policy: Policy) -> LegalBasis:
    """On what knowing `attribute` rests under `rules`: of its purposes and its sensitive item the strictest basis."""
    if attribute.provenance is Provenance.THIRD_PARTY:
        return LegalBasis("never")
    terms = [*attribute.purposes]
    if attribute.sensitive is not None:
        terms.append(SENSITIVE_TERM + attribute.sensitive)
    every = [basis_of_term(term, rules, policy) for term in terms]
    strictest = next(basis for basis in BASES if any(each.basis == basis for each in every))
    return LegalBasis(
        strictest,
        tcf_purposes=(purpose for each in every for purpose in each.tcf_purposes),
        tcf_features=(feature for each in every for feature in each.tcf_features),
        interests=(purpose for each in every for purpose in each.interests),
        tcf_suffices=all(each.tcf_suffices for each in every),
        groups=(group for each in every for group in each.groups),
        is_grantable=all(each.is_grantable for each in every),
    )


def basis_of_term(term: str, rules: Rules, policy: Policy) -> LegalBasis:
    """On what one data use, or `sensitive:` and an item, rests under `rules`."""
    if covers(ESSENTIAL, term):
        return LegalBasis("essential")
    if _covered(term, default_terms(rules)):
        return LegalBasis("opt_out")
    if _covered(term, rules.opt_in_grants):
        return LegalBasis("notice")
    hears_tcf = "tcf" in rules.hears
    purposes = [number for number, uses in TCF_DATA_USES.items() if hears_tcf and _covered(term, uses)]
    features = [number for number, item in SPECIAL_FEATURES.items() if hears_tcf and item == term]
    groups = [*_groups(term, rules, policy)]
    told = _in_us_sections(term, rules)
    return LegalBasis(
        "consent",
        tcf_purposes=purposes,
        tcf_features=features,
        interests=rules.legitimate_interest.intersection(purposes),
        tcf_suffices=bool(purposes or features),
        groups=groups,
        is_grantable=bool(purposes or features or groups or told),
    )


def _covered(term: str, grants: Iterable[str]) -> bool:
    return any(covers(grant, term) for grant in grants)


def _groups(term: str, rules: Rules, policy: Policy) -> Iterable[str]:
    for tool, groups in policy.groups.items():
        if ("consent_mode" if tool == "consent_mode" else "cmp") in rules.hears:
            yield from (f"{tool}: {group}" for group, terms in groups.items() if _covered(term, terms))


def _in_us_sections(term: str, rules: Rules) -> bool:
    """Whether a US section of the GPP that speaks here can grant the sensitive item `term`."""
    from .signals.us_sections import US_SECTIONS

    if rules.sensitive == "never" or "gpp" not in rules.hears:
        return False
    layouts = (layout for number, layout in US_SECTIONS.items() if number in rules.sections | {rules.section})
    return any(
        term == SENSITIVE_TERM + name for each in layouts for names in each.sensitive_items for name in names
    )


def _counted(word: str, numbers: tuple[int, ...]) -> list[str]:
    return [f"{word}{'s' if len(numbers) > 1 else ''} {_joined(numbers)}"] if numbers else []


def _joined(numbers: tuple[int, ...]) -> str:
    *first, last = map(str, numbers)
    return f"{', '.join(first)} and {last}" if first else last
