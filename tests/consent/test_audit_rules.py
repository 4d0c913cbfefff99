"""The rule that an audit names: of everybody's consent the first that withholds, and nothing that did not decide."""

from __future__ import annotations

from typing import Any

import pytest

from discreet_consent import Attribute, AttributeType, Catalogue, Consent, Provenance, permit
from discreet_consent.errors import RecordError
from discreet_consent.receipts import audit
from support.consent_records import LIMITED, PROFILED, STORAGE

NOW_S = 1_793_491_200
FACTS = Catalogue(
    [
        Attribute(
            f"{provenance.value}_{name}", AttributeType.STRING, provenance, purposes, sensitive=sensitive
        )
        for provenance in Provenance
        for name, purposes, sensitive in (
            ("plain", (PROFILED, STORAGE), None),
            ("health", (PROFILED,), "health"),
            ("cart", ("essential.service",), None),
        )
    ]
)
ALL = Consent([PROFILED, STORAGE], sensitive=["health"])


def rules(consent: Consent) -> dict[str, str]:
    """The rule of each fact that is withheld, at a clock of now."""
    rows = audit(permit({}, FACTS, consent, NOW_S), consent, now_s=NOW_S)
    return {row.attribute: row.rule.value for row in rows if row.outcome.value == "withheld"}


def missing(consent: Consent) -> dict[str, tuple[Any, ...]]:
    """What each fact that is withheld lacks."""
    rows = audit(permit({}, FACTS, consent, NOW_S), consent, now_s=NOW_S)
    return {
        row.attribute: (row.purposes_missing, row.sensitive_missing)
        for row in rows
        if row.outcome.value == "withheld"
    }


def test_of_a_child_everything_that_is_not_contextual_is_withheld_for_that() -> None:
    child = Consent([PROFILED, STORAGE], sensitive=["health"], contextual_only=True)

    assert {name: rule for name, rule in rules(child).items() if rule != "third_party"} == dict.fromkeys(
        ("first_party_plain", "first_party_health", "declared_plain", "declared_health"), "contextual_only"
    )


def test_a_third_partys_fact_lacks_nothing_that_could_be_granted() -> None:
    third = {name: lacks for name, lacks in missing(Consent()).items() if name.startswith("third_party")}

    assert third == dict.fromkeys(("third_party_plain", "third_party_health", "third_party_cart"), ((), None))


def test_a_sensitive_fact_needs_its_item_whatever_it_is_for() -> None:
    facts = Catalogue(
        [
            Attribute(
                "blood",
                AttributeType.STRING,
                Provenance.FIRST_PARTY,
                ["essential.service"],
                sensitive="health",
            )
        ]
    )
    withheld, known = (
        audit(permit({"blood": "0"}, facts, consent, NOW_S), consent, now_s=NOW_S)[0]
        for consent in (Consent(), ALL)
    )

    assert (withheld.outcome.value, withheld.rule.value) == ("withheld", "sensitive_not_granted")
    assert (withheld.purposes_missing, withheld.sensitive_missing) == ((), "health")
    assert (known.outcome.value, known.rule.value) == ("known", "essential")


def test_a_fact_names_what_was_not_granted_and_only_that() -> None:
    lacks = missing(Consent([STORAGE]))

    assert lacks["declared_plain"] == ((PROFILED,), None)
    assert lacks["declared_health"] == ((PROFILED,), "health")
    assert missing(Consent([PROFILED, STORAGE]))["declared_health"] == ((), "health")


def test_what_only_the_expiry_took_is_expired_and_names_what_it_lacks_now() -> None:
    over = Consent([PROFILED, STORAGE], sensitive=["health"], resolved_s=NOW_S, expires_s=NOW_S)

    assert {rule for name, rule in rules(over).items() if not name.startswith("third_party")} == {"expired"}
    assert missing(over)["contextual_plain"] == (tuple(sorted((PROFILED, STORAGE))), None)
    assert missing(over)["contextual_health"] == ((PROFILED,), "health")


def test_what_was_never_granted_did_not_expire() -> None:
    over = Consent([LIMITED], resolved_s=NOW_S, expires_s=NOW_S)

    assert set(rules(over).values()) == {"third_party", "purpose_not_granted"}


@pytest.mark.parametrize(
    "other",
    [
        Consent([PROFILED, STORAGE]),
        Consent([PROFILED, STORAGE], sensitive=["religion"]),
        Consent([PROFILED, STORAGE], sensitive=["health"], contextual_only=True),
        Consent([PROFILED], sensitive=["health"]),
    ],
    ids=repr,
)
def test_a_consent_that_differs_in_anything_granted_is_not_that_of_permit(other: Consent) -> None:
    for mine, its in ((ALL, other), (other, ALL)):
        with pytest.raises(RecordError, match="not the consent and the clock of `permit`"):
            audit(permit({}, FACTS, mine, NOW_S), its, now_s=NOW_S)
