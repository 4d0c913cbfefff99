"""On what knowing an attribute rests: read off from its declaration and the regime's rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import DATA_USES, SENSITIVE, Attribute, AttributeType, Consent, Policy, Provenance
from discreet_consent.legal_basis import BASES, LegalBasis, legal_basis
from discreet_consent.regimes import resolve

POLICY = Policy.default()
NOW_S = 1_795_305_600
PROFILED, CONTEXTUAL = "personalize.content.profiled", "personalize.content.limited"


def attribute(
    *purposes: str, sensitive: str | None = None, provenance: Provenance = Provenance.FIRST_PARTY
) -> Attribute:
    return Attribute("x", AttributeType.STRING, provenance, purposes, sensitive=sensitive)


def basis(declared: Attribute, region: str, policy: Policy = POLICY) -> LegalBasis:
    rules = policy.rules_for(region)
    assert rules is not None
    return legal_basis(declared, rules, policy)


@pytest.mark.parametrize(
    ("declared", "region", "says"),
    [
        (attribute(CONTEXTUAL), "IT", "consent (TCF purpose 11)"),
        (attribute(PROFILED, "functional.storage"), "IT", "consent (TCF purposes 1 and 6)"),
        (attribute(f"{PROFILED}.homepage"), "IT", "consent (TCF purpose 6)"),
        (
            attribute(CONTEXTUAL, sensitive="precise_geolocation"),
            "IT",
            "consent (TCF purpose 11, TCF special feature 1)",
        ),
        (attribute("personalize.content"), "IT", "consent (a group of the consent tool)"),
        (
            attribute("personalize", "functional.storage"),
            "IT",
            "consent (TCF purpose 1, and a group of the consent tool)",
        ),
        (attribute("train_ai_system"), "IT", "consent, which no signal that is heard can give"),
        (attribute(PROFILED, sensitive="health"), "IT", "consent, which no signal that is heard can give"),
        (attribute("personalize.system"), "GB", "no objection"),
        (attribute(PROFILED), "US-CA", "no objection"),
        (
            attribute("marketing.advertising.profiling"),
            "US-CA",
            "told of the right to object, and no objection",
        ),
        (attribute(PROFILED, sensitive="health"), "US-CA", "no objection"),
        (attribute(PROFILED, sensitive="health"), "US-VA", "consent"),
        (attribute(PROFILED, sensitive="health"), "US-MD", "consent, which no signal that is heard can give"),
        (attribute("essential.service", "essential"), "IT", "essential, no consent asked"),
        (attribute("essential.service", PROFILED), "IT", "consent (TCF purpose 6)"),
        (attribute("essential", provenance=Provenance.THIRD_PARTY), "IT", "never permitted"),
    ],
)
def test_an_attribute_rests_on(declared: Attribute, region: str, says: str) -> None:
    assert basis(declared, region).as_text() == says


def test_a_legitimate_interest_is_one_only_where_the_site_says_so() -> None:
    measured = attribute("analytics.reporting.content_performance")
    interested = basis(measured, "IT", POLICY.opting_in(legitimate_interest=[8]))

    assert basis(measured, "IT").as_text() == "consent (TCF purpose 8)"
    assert interested.as_text() == "consent (TCF purpose 8, or legitimate interest for 8)"


def test_a_group_of_the_site_can_give_consent_to_a_sensitive_item() -> None:
    policy = POLICY.over({"groups": {"onetrust": {"C0009": ["sensitive:health"]}}})
    found = basis(attribute(PROFILED, sensitive="health"), "IT", policy)

    assert found.is_grantable
    assert found.as_text() == "consent (TCF purpose 6, and a group of the consent tool)"


@given(
    purposes=st.lists(st.sampled_from(sorted(DATA_USES)), min_size=1, max_size=3),
    sensitive=st.sampled_from([None, *sorted(SENSITIVE)]),
    provenance=st.sampled_from(Provenance),
    region=st.sampled_from(["IT", "GB", "US-CA", "US-VA", "US-MD", "US-NY"]),
)
def test_it_agrees_with_what_is_permitted_without_a_signal(
    purposes: list[str], sensitive: str | None, provenance: Provenance, region: str
) -> None:
    """Without a signal, known is exactly what rests on nothing, or on the absence of an objection."""
    declared = attribute(*purposes, sensitive=sensitive, provenance=provenance)
    found = basis(declared, region)
    silent: Consent = resolve(region=region, now_s=NOW_S)

    assert found.basis in BASES
    assert declared.may_be_known(silent.purposes, sensitive=silent.sensitive) is (
        found.basis in {"essential", "opt_out"}
    )
