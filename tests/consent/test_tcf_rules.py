"""What a TC string says as one statement among others: what it grants, all that it refuses, and for how long."""

from __future__ import annotations

from typing import Any

import pytest

from discreet_consent import TCF_DATA_USES
from discreet_consent.regimes.rules import Rules
from discreet_consent.regimes.statement import Statement
from discreet_consent.regimes.tcf_rules import tcf_statement
from discreet_consent.signals.tcf import decode
from support.naming import named
from support.tc_strings import ALL_PURPOSES, CREATED_S, NOW_S, encode_tc

DAY_S = 86_400
USES = frozenset(use for uses in TCF_DATA_USES.values() for use in uses)
PLACE, SCANNING = "sensitive:precise_geolocation", "sensitive:device_scanning"
SPEAKS_OF = USES | {PLACE, SCANNING}


def said(
    purposes: Any = ALL_PURPOSES, *, now_s: float = NOW_S, keys: dict[str, Any] | None = None, **told: Any
) -> Statement:
    """What a string of ten days ago comes to whose publisher consents to `purposes`."""
    stated = {"kind": "opt_in", "hears": ["tcf"], "default": (), "opt_out_ends": (), **(keys or {})}
    return tcf_statement(decode(encode_tc((), purposes, **told)), "here", Rules("test", stated), now_s)


@pytest.mark.parametrize("features", [(), (1,), (2,), (1, 2), (3, 12)], ids=named)
@pytest.mark.parametrize("purposes", [(), (1,), (6, 11), tuple(ALL_PURPOSES)], ids=named)
def test_a_string_refuses_all_that_it_speaks_of_and_does_not_grant(
    purposes: tuple[int, ...], features: tuple[int, ...]
) -> None:
    statement = said(purposes, special_features=features)
    uses = {use for purpose in purposes for use in TCF_DATA_USES[purpose]}
    items = {item for feature, item in ((1, PLACE), (2, SCANNING)) if feature in features and purposes}

    assert statement.granted == uses | items
    assert statement.refused == SPEAKS_OF - uses - items


@pytest.mark.parametrize(
    "told",
    [
        {"policy_version": 3},
        {"service_specific": False},
        {"created_s": NOW_S + 2 * DAY_S},
        {"updated_s": NOW_S + 2 * DAY_S},
        {"updated_s": NOW_S - 180 * DAY_S},
        {"disclosed": None, "keys": {"require_disclosed_vendors": True}},
        {"now_s": float("nan")},
        {"now_s": float("inf")},
    ],
    ids=named,
)
def test_a_string_that_may_not_be_relied_on_refuses_all_that_it_speaks_of(told: dict[str, Any]) -> None:
    """The sensitive items too: else such a string would leave them as the regime grants them without one."""
    statement = said(special_features=[1, 2], **told)

    assert (statement.granted, statement.refused) == (frozenset(), SPEAKS_OF)
    assert statement.expires_s is None
    assert not statement.unreadable
    assert len(statement.reasons) == 1


def test_what_speaks_for_vendors_only_refuses_all_and_ends_like_any_other() -> None:
    statement = said(None, special_features=[1, 2])

    assert (statement.granted, statement.refused) == (frozenset(), SPEAKS_OF)
    assert statement.expires_s == CREATED_S + 180 * DAY_S


@pytest.mark.parametrize("told", [{}, {"policy_version": 3}, {"updated_s": NOW_S - 400 * DAY_S}], ids=named)
def test_a_string_is_as_old_as_its_last_change_whether_or_not_it_counts(told: dict[str, Any]) -> None:
    """A newer one that may not be relied on replaces an older one that may."""
    assert said(**told).changed_s == told.get("updated_s", CREATED_S)


@pytest.mark.parametrize(
    ("told", "changed_s"),
    [
        ({"updated_s": NOW_S + DAY_S}, NOW_S + DAY_S),
        ({"updated_s": NOW_S + DAY_S + 0.1}, None),
        ({"created_s": NOW_S + 2 * DAY_S, "updated_s": CREATED_S}, CREATED_S),
        ({"now_s": float("nan")}, None),
    ],
    ids=named,
)
def test_what_is_dated_in_the_future_replaces_nothing(told: dict[str, Any], changed_s: float | None) -> None:
    assert said(**told).changed_s == changed_s


@pytest.mark.parametrize(
    ("now_s", "counts"),
    [
        (NOW_S - 0.1, False),  # the last instant of the day before
        (NOW_S, True),
        (NOW_S + DAY_S - 0.1, True),
    ],
)
def test_a_string_of_the_end_of_a_day_counts_all_that_day_and_not_before(now_s: float, counts: bool) -> None:
    end_of_day_s = NOW_S + DAY_S
    assert bool(said(created_s=end_of_day_s, now_s=now_s).granted) is counts


@pytest.mark.parametrize(
    ("written", "lacking"),
    [
        ({"created_s": 1_772_323_200 - 1, "updated_s": 1_772_323_200 - 1}, False),
        ({"created_s": 1_772_323_200 - 1, "updated_s": 1_772_323_200}, True),
        ({"created_s": 1_772_323_200, "updated_s": 1_772_323_200 - 1}, True),
    ],
    ids=named,
)
def test_a_string_of_march_2026_is_one_that_was_created_or_changed_then(
    written: dict[str, float], lacking: bool
) -> None:
    strict = {"require_disclosed_vendors": True}
    statement = said(now_s=1_772_323_200 + DAY_S, disclosed=None, keys=strict, **written)

    assert bool(statement.granted) is not lacking


def test_an_interest_in_what_was_consented_to_is_not_told_twice() -> None:
    interested = {"legitimate_interest": [7, 8]}
    statement = said([7], publisher_li=[7, 8], keys=interested)

    assert statement.granted == {*TCF_DATA_USES[7], *TCF_DATA_USES[8]}
    assert statement.reasons == (
        "consent for the publisher in the TC string: purpose 7",
        "legitimate interest not objected to for the publisher in the TC string: purpose 8",
    )


def test_a_purpose_that_was_not_disclosed_is_not_granted_and_every_other_is() -> None:
    assert said(purpose_one_treatment=True).granted == USES - {"functional.storage"}
    assert said([1], purpose_one_treatment=True, special_features=[1]).granted == frozenset()
