"""How many plans a catalogue remembers: visitors choose their grants, so what they choose must not fill the memory."""

from __future__ import annotations

import pytest

from discreet_consent import Attribute, AttributeType, Catalogue, Consent, Provenance, permit
from discreet_consent.permit import most_plans


def catalogue(attributes: int) -> Catalogue:
    return Catalogue(
        Attribute(f"a{number}", AttributeType.NUMBER, Provenance.DECLARED, [f"analytics.p{number}"])
        for number in range(attributes)
    )


@pytest.mark.parametrize(
    ("attributes", "plans"), [(0, 4_096), (20, 4_096), (128, 2_048), (4_096, 64), (10**6, 64)]
)
def test_the_more_attributes_the_fewer_plans(attributes: int, plans: int) -> None:
    assert most_plans(attributes) == plans


def test_when_it_is_full_later_visitors_are_served_like_earlier_ones() -> None:
    declared = catalogue(600)
    most = most_plans(600)
    for number in range(most + 1):
        known = permit(
            {"a0": 1.0, "a1": 2.0}, declared, Consent.granting("analytics.p0", f"analytics.q{number}")
        )
        assert (known.get("a0"), known.get("a1")) == (1.0, None)

    assert len(declared.plans) == 1
