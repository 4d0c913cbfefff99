"""Declarations: what they refuse, and that they stay as they were written."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from discreet_consent import Attribute, AttributeType, DeclarationError, Provenance


def declared(**changes: Any) -> Attribute:
    """A sound declaration, but for `changes`."""
    wanted: dict[str, Any] = {
        "name": "purchases",
        "type": AttributeType.NUMBER,
        "provenance": Provenance.FIRST_PARTY,
        "purposes": ["personalize.content.profiled", "functional.storage"],
    }
    return Attribute(**(wanted | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "an attribute needs a name"),
        ({"purposes": []}, "attribute `purchases` names no purpose"),
        ({"purposes": [""]}, "attribute `purchases`: purpose `` is not a dotted key"),
        ({"purposes": ["a..b"]}, "attribute `purchases`: purpose `a..b` is not a dotted key"),
        ({"purposes": ["Personalize"]}, "attribute `purchases`: purpose `Personalize` is not a dotted key"),
        ({"retention_s": 0}, "attribute `purchases`: retention is shorter than one second"),
        ({"retention_s": -1}, "attribute `purchases`: retention is shorter than one second"),
        ({"lower": True}, "attribute `purchases`: `lower` is for strings"),
    ],
)
def test_a_wrong_declaration_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DeclarationError) as refusal:
        declared(**changes)

    assert str(refusal.value) == message


def test_purposes_are_a_sorted_set() -> None:
    twice = declared(purposes=["b", "a", "b"])

    assert twice.purposes == ("a", "b")


def test_a_single_purpose_may_be_written_bare() -> None:
    assert declared(purposes="personalize.content").purposes == ("personalize.content",)


def test_equal_declarations_are_interchangeable() -> None:
    assert declared() == declared()
    assert hash(declared()) == hash(declared())
    assert declared() != declared(sensitive="health")
    assert declared() != "purchases"


def test_a_declaration_cannot_be_changed() -> None:
    attribute = declared()

    with pytest.raises(AttributeError, match="immutable"):
        attribute.purposes = ()
    with pytest.raises(AttributeError, match="immutable"):
        del attribute.purposes
    assert attribute == declared()


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])  # noqa: S301 - our own bytes
def test_a_declaration_survives_copying(again: Any) -> None:
    attribute = declared(retention_s=3_600, category="user.behavior.purchase_history", sensitive="health")

    assert again(attribute) == attribute


def test_its_repr_says_what_it_is() -> None:
    assert repr(declared(purposes=["a"])) == "Attribute('purchases', number, first_party, ['a'])"


@pytest.mark.parametrize(
    ("grants", "known"),
    [
        ((), False),
        (("personalize.content.profiled",), False),
        (("personalize.content.profiled", "functional.storage"), True),
        (("personalize", "functional"), True),
        (("personalize.content.profile", "functional"), False),
    ],
)
def test_all_purposes_must_be_granted(grants: tuple[str, ...], known: bool) -> None:
    assert declared().may_be_known(grants) is known


def test_grants_may_be_any_iterable() -> None:
    assert declared().may_be_known(iter(["functional", "personalize"]))


def test_what_is_essential_needs_no_grant() -> None:
    assert declared(purposes=["essential.service.security"]).may_be_known(())


def test_a_third_party_fact_may_never_be_known() -> None:
    bought = declared(provenance=Provenance.THIRD_PARTY, purposes=["essential"])

    assert not bought.may_be_known(["essential", "personalize", "functional", "third_party_sharing"])
