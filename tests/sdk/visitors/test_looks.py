"""Where consents let us look, remembered: visitors choose their grants, and fill no memory with them."""

from __future__ import annotations

from itertools import combinations

from discreet.visitors.looks import AllLooks
from discreet_consent import Attribute, AttributeType, Catalogue, Provenance
from discreet_consent.permit import most_plans

USES = (
    "functional.storage", "personalize.content.limited", "personalize.content.profiled", "personalize.system",
    "analytics.reporting.content_performance", "analytics.reporting.ad_performance",
    "analytics.reporting.campaign_insights", "marketing.advertising.profiling",
    "marketing.advertising.first_party.targeted", "improve.system",
)  # fmt: skip


def test_of_a_large_catalogue_as_many_looks_are_remembered_as_plans() -> None:
    attributes = [
        Attribute(f"a{number}", AttributeType.STRING, Provenance.DECLARED, [USES[number % len(USES)]])
        for number in range(2_000)
    ]
    catalogue = Catalogue(attributes)
    looks = AllLooks({}, frozenset({"declared"}))
    granted = [frozenset(each) for size in range(4) for each in combinations(USES, size)]
    found = [looks.under(catalogue.plan((each, frozenset(), False))) for each in granted]

    assert len(granted) > most_plans(len(attributes))
    assert looks.remembered <= most_plans(len(attributes))
    assert [len(each.stored) for each in found] == [200 * len(each) for each in granted]
