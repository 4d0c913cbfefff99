"""Sensitive items and known children: grants of their own, and what no grant of a purpose permits."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from discreet_consent import (
    SENSITIVE,
    Attribute,
    AttributeType,
    Catalogue,
    Consent,
    DeclarationError,
    Provenance,
    permit,
)

LIMITED = "personalize.content.limited"
CHILD = Consent([LIMITED], sensitive=["health"], contextual_only=True)


def declared(
    name: str,
    *purposes: str,
    provenance: Provenance = Provenance.FIRST_PARTY,
    sensitive: str | None = None,
) -> Attribute:
    return Attribute(name, AttributeType.STRING, provenance, purposes or [LIMITED], sensitive=sensitive)


CATALOGUE = Catalogue(
    [
        declared("page", provenance=Provenance.CONTEXTUAL),
        declared("told", provenance=Provenance.DECLARED),
        declared("observed"),
        declared("diet", sensitive="health"),
        declared("query", provenance=Provenance.CONTEXTUAL, sensitive="health"),
        declared("allergy", "essential.service", sensitive="health"),
        declared("half", "essential.service", LIMITED, sensitive="health"),
        declared("bought", "essential", provenance=Provenance.THIRD_PARTY, sensitive="health"),
    ]
)
VISITOR = {attribute.name: "x" for attribute in CATALOGUE}


def known(consent: Consent, now_s: float | None = 0) -> set[str]:
    return set(permit(VISITOR, CATALOGUE, consent, now_s).known())


def test_a_sensitive_attribute_needs_its_item_beside_its_purposes() -> None:
    assert known(Consent.granting(LIMITED)) == {"page", "told", "observed"}
    assert known(Consent.granting(sensitive=["health"])) == {
        "allergy"
    }  # an essential purpose, but no less sensitive
    assert known(Consent.granting(LIMITED, sensitive="health")) == VISITOR.keys() - {"bought"}
    assert known(Consent.granting(LIMITED, sensitive=SENSITIVE - {"health"})) == known(
        Consent.granting(LIMITED)
    )


def test_of_a_known_child_only_contextual_and_essential_facts_are_known() -> None:
    assert known(CHILD) == {"page", "query", "allergy"}


def test_a_child_stays_a_child_when_its_consent_expires() -> None:
    consent = Consent([LIMITED], sensitive=["health"], contextual_only=True, resolved_s=10, expires_s=20)

    assert consent.grants_at(19) == consent.grants == (frozenset([LIMITED]), frozenset(["health"]), True)
    assert consent.grants_at(20) == (frozenset(), frozenset(), True)
    assert known(consent, 20) == set()


def test_an_expired_consent_grants_no_item() -> None:
    consent = Consent([LIMITED], sensitive=["health"], resolved_s=10, expires_s=20)

    assert "diet" in known(consent, 19)
    assert known(consent, 20) == set()
    assert consent.grants_at(20) == (frozenset(), frozenset(), False)


def test_a_stronger_grant_never_takes_anything_away() -> None:
    for purposes, sensitive in product(([], [LIMITED]), ([], ["genetic"], ["genetic", "health"])):
        consent = Consent(purposes, sensitive=sensitive)
        child = Consent(purposes, sensitive=sensitive, contextual_only=True)
        more = Consent([*purposes, LIMITED], sensitive=[*sensitive, "health"])

        assert known(child) <= known(consent) <= known(more)


def test_a_declaration_can_be_asked_without_a_consent() -> None:
    diet, page, told = (CATALOGUE.attributes[CATALOGUE.slots[name]] for name in ("diet", "page", "told"))

    assert not diet.may_be_known([LIMITED])
    assert diet.may_be_known([LIMITED], sensitive=["health"])
    assert page.may_be_known([LIMITED], contextual_only=True)
    assert not told.may_be_known([LIMITED], contextual_only=True)


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("helth", "attribute `diet`: `helth` is no sensitive item; did you mean `health`?"),
        ("Religion", "attribute `diet`: `Religion` is no sensitive item; did you mean `religion`?"),
        (True, "attribute `diet`: `True` is no sensitive item; it is one of biometric, "),
        ("", "attribute `diet`: `` is no sensitive item; it is one of biometric, "),
    ],
)
def test_an_item_that_is_none_is_refused(item: Any, message: str) -> None:
    with pytest.raises(DeclarationError) as refusal:
        declared("diet", sensitive=item)

    assert str(refusal.value).startswith(message)


def test_consents_differ_by_what_they_grant_beside_the_purposes() -> None:
    plain = Consent([LIMITED])
    others = [Consent([LIMITED], sensitive=["health"]), Consent([LIMITED], contextual_only=True), CHILD]

    assert len({plain, *others}) == 4
    assert Consent([LIMITED], sensitive=("health",), contextual_only=True) == CHILD
    assert CHILD.grants == (frozenset([LIMITED]), frozenset(["health"]), True)


def test_a_consent_shows_what_it_grants_beside_the_purposes() -> None:
    shown = (
        f"Consent(['{LIMITED}'], sensitive=['health'], contextual_only=True, regime='stated', expires_s=None)"
    )

    assert repr(CHILD) == shown


def test_what_was_granted_is_to_be_seen_on_what_is_permitted() -> None:
    permitted = permit(VISITOR, CATALOGUE, CHILD)

    assert permitted.grants == CHILD.grants
    assert permitted.granted == {LIMITED}
    assert CATALOGUE.permitted_names(CHILD.grants) == {"page", "query", "allergy"}
