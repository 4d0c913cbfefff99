"""Purposes: what covers what, which keys are data uses, and what the TCF's purposes come to."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import DATA_USES, SENSITIVE, TCF_DATA_USES, is_data_use
from discreet_consent.purposes import covers, is_granted, is_well_formed
from discreet_consent.regimes.tcf_rules import SPECIAL_FEATURES
from support.source import REPOSITORY

keys = st.lists(
    st.sampled_from(["personalize", "content", "profiled", "limited", "a"]), min_size=1, max_size=4
).map(".".join)


@pytest.mark.parametrize(
    ("grant", "purpose", "covered"),
    [
        ("personalize.content", "personalize.content", True),
        ("personalize.content", "personalize.content.profiled", True),
        ("personalize.content.profiled", "personalize.content", False),
        ("personalize.content", "personalize.contents", False),
        ("", "personalize", False),
    ],
)
def test_a_grant_covers_its_key_and_the_keys_below(grant: str, purpose: str, covered: bool) -> None:
    assert covers(grant, purpose) is covered


@given(keys, keys, keys)
def test_covering_is_transitive(a: str, b: str, c: str) -> None:
    assert covers(a, c) or not (covers(a, b) and covers(b, c))


@given(keys, st.sets(keys), st.sets(keys))
def test_further_grants_never_take_a_purpose_away(purpose: str, some: set[str], more: set[str]) -> None:
    assert is_granted(purpose, some | more) or not is_granted(purpose, some)


@pytest.mark.parametrize("key", sorted(DATA_USES))
def test_every_key_of_the_taxonomy_is_a_data_use_with_known_parents(key: str) -> None:
    parent = key.rpartition(".")[0]

    assert is_data_use(key)
    assert is_well_formed(key)
    assert not parent or parent in DATA_USES


def test_a_house_may_name_its_own_uses_below_the_most_special_keys() -> None:
    assert is_data_use("personalize.content.profiled.homepage")
    assert is_data_use("marketing.communications.email.weekly-letter")


@pytest.mark.parametrize(
    "key",
    [
        "",
        ".",
        "personalise.content",
        "personalize.content.profilled",
        "personalize.content.profiled.",
        "personalize.content.profiled..x",
        "personalize.content.profiled.Homepage",
        "personalize.content.profiled.h\u00f4me",
        "personalize.profiling",  # deprecated
        "essential.recommendations",  # would always be granted
        "data_use",
    ],
)
def test_a_slip_is_not_a_data_use(key: str) -> None:
    assert not is_data_use(key)


def test_the_purposes_of_the_tcf_are_mapped_as_specified() -> None:
    assert TCF_DATA_USES == {
        1: ("functional.storage",),
        2: (
            "marketing.advertising.first_party.contextual",
            "marketing.advertising.frequency_capping",
            "marketing.advertising.negative_targeting",
        ),
        3: ("marketing.advertising.profiling",),
        4: ("marketing.advertising.first_party.targeted", "marketing.advertising.third_party.targeted"),
        5: ("personalize.content.profiling",),
        6: ("personalize.content.profiled",),
        7: ("analytics.reporting.ad_performance",),
        8: ("analytics.reporting.content_performance",),
        9: ("analytics.reporting.campaign_insights",),
        10: ("functional.service.improve",),
        11: ("personalize.content.limited",),
    }


def test_each_purpose_of_the_tcf_allows_uses_that_no_other_does() -> None:
    uses = [(purpose, use) for purpose, group in TCF_DATA_USES.items() for use in group]

    assert all(is_data_use(use) for _, use in uses)
    assert not any(covers(one, other) for a, one in uses for b, other in uses if a != b)


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        TCF_DATA_USES[12] = ("personalize",)  # type: ignore[index] # that is the claim


def test_the_published_taxonomy_is_the_one_in_use() -> None:
    published = json.loads((REPOSITORY / "spec/data_uses.json").read_text("utf-8"))

    assert published["data_uses"] == sorted(DATA_USES)
    assert published["tcf_purposes"] == {str(number): list(uses) for number, uses in TCF_DATA_USES.items()}
    assert published["sensitive_items"] == sorted(SENSITIVE)
    assert {
        int(number): f"sensitive:{item}" for number, item in published["tcf_special_features"].items()
    } == SPECIAL_FEATURES
