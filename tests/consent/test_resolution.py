"""`resolve`: what is remembered changes nothing, a day is a day, and regions, ages and clocks of every kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discreet_consent import Consent, Policy, Signals, resolve
from discreet_consent.regimes.policy import MAX_REMEMBERED
from support.cmp_cookies import CHOSEN_S, cookiebot
from support.naming import named
from support.tc_strings import ALL_PURPOSES, CREATED_S, NOW_S, encode_tc
from support.vectors.consenting_texts import TCF_CONSENTING, gpp_text, opted_out

DAY_S = 86_400
NOON_S = NOW_S + DAY_S // 2
TCF_WITHOUT_PROFILES = encode_tc((), [1, 11])
GRANTED, DENIED = (
    json.dumps({"update": {"personalization_storage": state}}) for state in ("granted", "denied")
)
ADVERTISED = json.dumps(
    {"update": dict.fromkeys(("ad_storage", "ad_user_data", "ad_personalization"), "granted")}
)
COOKIE_OF_ALL, COOKIE_OF_NONE = (
    Signals([("cookiebot", "cookie CookieConsent", cookiebot(allowed, allowed, allowed))])
    for allowed in (True, False)
)
NAN, INFINITY = float("nan"), float("inf")


def new_policy() -> Policy:
    """The package's policy, that remembers nothing yet."""
    return Policy.default().over({})


def ask(policy: Policy | None = None, /, **asked: Any) -> Consent:
    """What `resolve` says; in Italy at noon unless `asked` says otherwise."""
    whole: dict[str, Any] = {"region": "IT", "now_s": NOON_S, "policy": policy or new_policy(), **asked}
    return resolve(**whole)


# --- What is remembered changes nothing


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"tcf": TCF_CONSENTING}, {"tcf": TCF_WITHOUT_PROFILES}),
        ({"tcf": TCF_CONSENTING}, {"tcf": ""}),
        ({"tcf": TCF_CONSENTING}, {}),
        ({"tcf": TCF_CONSENTING}, {"tcf": TCF_CONSENTING, "region": "XX"}),
        ({"tcf": TCF_CONSENTING, "region": "GB"}, {"tcf": TCF_CONSENTING}),
        ({"tcf": TCF_CONSENTING}, {"tcf": TCF_CONSENTING, "gpp": ""}),
        ({"tcf": TCF_CONSENTING}, {"tcf": TCF_CONSENTING, "gpc": True}),
        ({"tcf": TCF_CONSENTING}, {"tcf": TCF_CONSENTING, "consent_mode": DENIED}),
        ({"tcf": TCF_CONSENTING}, {"tcf": TCF_CONSENTING, "signals": COOKIE_OF_NONE}),
        ({"tcf": TCF_CONSENTING}, {"tcf": TCF_CONSENTING, "age_years": 15}),
        ({"tcf": TCF_CONSENTING, "age_years": 20}, {"tcf": TCF_CONSENTING, "age_years": 17}),
        ({"tcf": TCF_CONSENTING, "age_years": 20}, {"tcf": TCF_CONSENTING, "age_years": NAN}),
        ({"tcf": TCF_CONSENTING}, {"tcf": TCF_CONSENTING, "now_s": CREATED_S + 180 * DAY_S}),
        ({"gpp": gpp_text("usca"), "region": "US-CA"}, {"gpp": opted_out("usca"), "region": "US-CA"}),
        ({"gpp": gpp_text("usca"), "region": "US-CA"}, {"gpp": gpp_text("usca"), "region": "US-VA"}),
        ({"us_privacy": "1YNN", "region": "US-CA"}, {"us_privacy": "1YYN", "region": "US-CA"}),
        ({"gpc": False, "region": "US"}, {"gpc": True, "region": "US"}),
        ({"consent_mode": GRANTED}, {"consent_mode": DENIED}),
        ({"consent_mode": json.loads(GRANTED)}, {"consent_mode": json.loads(DENIED)}),
        ({"signals": COOKIE_OF_ALL}, {"signals": COOKIE_OF_NONE}),
        ({"signals": COOKIE_OF_ALL}, {"signals": COOKIE_OF_ALL, "now_s": CHOSEN_S + 180 * DAY_S}),
        ({"us_privacy": "1YNN", "region": "US-CA"}, {"gpp": "1YNN", "region": "US-CA"}),
    ],
)  # fmt: skip
def test_what_was_asked_before_changes_no_answer(one: dict[str, Any], other: dict[str, Any]) -> None:
    """The two differ in one part of what is asked, and in what they come to."""
    for first, second in ((one, other), (other, one)):
        policy = new_policy()
        answers = [ask(policy, **each) for each in (first, second, first, second)]

        assert answers == [ask(**each) for each in (first, second, first, second)]
        assert answers[0].grants != answers[1].grants


def test_policies_remember_apart() -> None:
    lenient, strict = new_policy(), Policy.default().opting_in(hears=[])
    first = ask(lenient, tcf=TCF_CONSENTING)

    assert first.purposes
    assert ask(strict, tcf=TCF_CONSENTING).purposes == frozenset()
    assert ask(lenient, tcf=TCF_CONSENTING) is first


requests = st.fixed_dictionaries(
    {
        "region": st.sampled_from(["IT", "it", "IT-LO", "GB", "US-CA", "US", "XX", None]),
        "now_s": st.sampled_from(
            [NOON_S, NOON_S + 1, NOON_S + DAY_S, CREATED_S + 180 * DAY_S, NAN, INFINITY]
        ),
    },
    optional={
        "tcf": st.sampled_from([None, TCF_CONSENTING, TCF_WITHOUT_PROFILES, "", 3]),
        "gpc": st.sampled_from([None, True, False, "1", "0"]),
        "us_privacy": st.sampled_from(["1YNN", "1YYN", "x"]),
        "consent_mode": st.sampled_from([GRANTED, DENIED, {"update": {"ad_storage": "denied"}}, {1: {2}}]),
        "signals": st.sampled_from([COOKIE_OF_ALL, COOKIE_OF_NONE, Signals()]),
        "age_years": st.sampled_from([None, 12, 15, 17, 40, 15.999, NAN]),
    },
)


@given(st.lists(requests, max_size=12))
def test_any_sequence_of_requests_gets_what_each_would_get_alone(asked: list[dict[str, Any]]) -> None:
    policy = new_policy()

    for each in asked:
        assert ask(policy, **each) == ask(**each)


@settings(max_examples=20)
@given(st.lists(requests, min_size=4, max_size=12))
def test_threads_get_what_each_would_get_alone(asked: list[dict[str, Any]]) -> None:
    policy = new_policy()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda each: ask(policy, **each), asked * 4))

    assert answers == [ask(**each) for each in asked] * 4


def test_threads_that_fill_the_memory_at_once_lose_nothing_and_fail_nowhere() -> None:
    policy = new_policy()

    def fill(part: int) -> set[Consent]:
        return {ask(policy, age_years=20 + part + at / 2_000) for at in range(2_000)}

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(fill, range(4)))

    assert set().union(*answers) == {ask(age_years=20)}
    assert len(policy.memory) == MAX_REMEMBERED


# --- How much is remembered, and what is not


def test_the_same_request_is_answered_from_memory() -> None:
    policy = new_policy()

    assert ask(policy, tcf=TCF_CONSENTING) is ask(policy, tcf=TCF_CONSENTING, now_s=NOON_S + 3_600)
    assert len(policy.memory) == 1


def test_the_memory_is_bounded_and_forgets_the_oldest_first() -> None:
    policy = new_policy()
    first = ask(policy, age_years=20)
    for at in range(1, MAX_REMEMBERED):
        ask(policy, age_years=20 + at)
    second = ask(policy, age_years=21)
    assert ask(policy, age_years=20) is first
    ask(policy, age_years=20 + MAX_REMEMBERED)

    assert MAX_REMEMBERED == len(policy.memory) == 4_096
    assert ask(policy, age_years=21) is second
    assert ask(policy, age_years=20) is not first


@pytest.mark.parametrize(("size", "kept"), [(4_096, 1), (4_097, 0)])
def test_long_signals_are_resolved_anew(size: int, kept: int) -> None:
    policy = new_policy()
    ask(policy, tcf="A" * (size - 5), signals=Signals([("gpp", "cookie a", "DBAA~")]))

    assert len(policy.memory) == kept


@pytest.mark.parametrize(("count", "kept"), [(8, 1), (9, 0)])
def test_many_signals_are_resolved_anew(count: int, kept: int) -> None:
    policy = new_policy()
    ask(policy, signals=Signals(("us_privacy", f"cookie {at}", "1YNN") for at in range(count)))

    assert len(policy.memory) == kept


@pytest.mark.parametrize(
    "asked",
    [
        {"tcf": ["a list"]}, {"gpp": b"bytes"}, {"us_privacy": {}}, {"gpc": object()}, {"consent_mode": {1: {2}}},
        {"region": ["IT"]}, {"region": object()}, {"age_years": [20]}, {"age_years": Decimal(20)},
        {"now_s": NAN}, {"now_s": INFINITY}, {"now_s": -INFINITY}, {"now_s": "now"}, {"now_s": None}, {"now_s": []},
        {"now_s": 10**400}, {"now_s": 1j},
    ],
    ids=named,
)  # fmt: skip
def test_what_is_no_text_and_no_number_is_remembered_by_nobody(asked: dict[str, Any]) -> None:
    policy = new_policy()
    answers = {ask(policy, **asked), ask(policy, **asked)}

    assert len(answers) == 1
    assert len(policy.memory) == 0


def test_a_consent_that_ended_before_it_was_resolved_anew_is_not_given_again() -> None:
    """On the day of its end, what was remembered in the morning does not hold in the evening."""
    policy = new_policy()
    end_s = CREATED_S + 7_200 + 180 * DAY_S
    text = encode_tc((), ALL_PURPOSES, created_s=CREATED_S + 7_200)
    morning, evening = ask(policy, tcf=text, now_s=end_s - 1), ask(policy, tcf=text, now_s=end_s)

    assert morning.expires_s == end_s
    assert morning.purposes
    assert (evening.purposes, evening.expires_s) == (frozenset(), None)
    assert ask(policy, tcf=text, now_s=end_s + 3_600) == evening


# --- Clocks


@pytest.mark.parametrize(
    ("now_s", "ends_s"),
    [
        (NOW_S, NOW_S + DAY_S),
        (NOW_S - 0.001, NOW_S),
        (NOW_S + 86_399.999, NOW_S + DAY_S),
        (0, DAY_S),
        (-1, 0),
    ],
)
def test_a_consent_is_resolved_until_the_end_of_its_utc_day(now_s: float, ends_s: float) -> None:
    assert ask(now_s=now_s).resolved_s == ends_s
    assert ask(now_s=now_s, region=None).resolved_s == ends_s


@given(st.integers(0, DAY_S * 1_000 - 1), st.integers(0, DAY_S * 1_000 - 1))
def test_what_holds_at_one_instant_of_a_day_holds_at_every_later_one(one_ms: int, other_ms: int) -> None:
    earlier, later = sorted((NOW_S + one_ms / 1_000, NOW_S + other_ms / 1_000))
    of_today = encode_tc((), ALL_PURPOSES, created_s=NOW_S + 60_000)

    for asked in ({"tcf": of_today}, {"tcf": TCF_CONSENTING}, {"signals": COOKIE_OF_ALL}, {"region": "US"}):
        assert ask(**asked, now_s=earlier) == ask(**asked, now_s=later)


@pytest.mark.parametrize(
    "now_s", [NAN, INFINITY, -INFINITY, "now", None, [], 10**400, True, Decimal(NOW_S), 1j], ids=named
)
def test_a_clock_that_is_no_number_grants_nothing_that_needs_a_date(now_s: Any) -> None:
    for dated in (
        {"tcf": TCF_CONSENTING},
        {"signals": COOKIE_OF_ALL},
        {"gpp": gpp_text(tcfeuv2=TCF_CONSENTING)},
    ):
        consent = ask(**dated, now_s=now_s)
        assert (consent.purposes, consent.sensitive, consent.resolved_s) == (frozenset(), frozenset(), None)

    assert ask(consent_mode=GRANTED, now_s=now_s).purposes == {"personalize"}
    assert ask(region="US", now_s=now_s).purposes == {"analytics", "functional", "personalize"}


# --- Regions


def test_an_unknown_region_gets_what_every_preset_grants_until_the_first_end() -> None:
    shorter = Policy.default().over(
        {
            "regimes": {
                "uk_opt_in": {"max_age_days": 20},
                "us_opt_out": {"hears": ["tcf"]},
                "us_strict": {"hears": ["tcf"]},
            }
        }
    )
    consent = ask(shorter, tcf=TCF_CONSENTING, region="XX")

    assert consent.regime == "unknown"
    assert consent.expires_s == CREATED_S + 20 * DAY_S
    assert consent.purposes >= {"personalize.content.profiled", "functional.storage"}
    assert consent.sensitive == frozenset()


def test_an_unknown_region_grants_no_sensitive_item_even_where_every_preset_does() -> None:
    default = ["personalize", "sensitive:health"]
    policy = Policy.default().over(
        {"regimes": {rules.regime: {"default": default} for rules in Policy.default().presets}}
    )

    assert ask(policy, region="IT").sensitive == {"health"}
    assert ask(policy, region="XX").sensitive == frozenset()
    assert ask(policy, region="XX").purposes == {"personalize"}


def test_in_an_unknown_region_a_child_under_one_preset_is_one() -> None:
    by_age = {age: ask(region="XX", age_years=age).contextual_only for age in (12, 15.999, 16)}

    assert by_age == {12: True, 15.999: True, 16: False}
    assert not ask(region="GB", age_years=15).contextual_only


@pytest.mark.parametrize("region", ["IT", "it", "iT-Lo"])
def test_the_case_of_a_region_does_not_matter(region: str) -> None:
    assert ask(tcf=TCF_CONSENTING, region=region) == ask(tcf=TCF_CONSENTING)


# --- Age


@pytest.mark.parametrize(
    ("region", "child_below", "minor_below"),
    [("IT", 16, 18), ("GB", 13, 18), ("US", 13, 18), ("US-VA", 13, 16), ("US-NJ", 13, 17), ("US-MD", 13, 18)],
)
def test_below_one_age_a_visitor_is_a_child_and_below_the_next_nobody_advertises_by_profile(
    region: str, child_below: int, minor_below: int
) -> None:
    rules = Policy.default().rules_for(region)
    assert rules is not None

    def asked(age_years: float) -> Consent:
        return ask(consent_mode=ADVERTISED, region=region, age_years=age_years)

    assert [asked(age).contextual_only for age in (0, -1, child_below - 0.001, child_below)] == [
        True,
        True,
        True,
        False,
    ]
    assert asked(child_below - 0.001).purposes <= {"personalize.content.limited"}
    for age, advertised in (
        (child_below, False),
        (minor_below - 0.001, False),
        (minor_below, True),
        (99, True),
    ):
        granted = asked(age).purposes
        assert ("marketing.advertising" in granted) is advertised
        assert advertised or granted.isdisjoint(rules.opt_out_ends)


@pytest.mark.parametrize(
    "age_years",
    [NAN, INFINITY, -INFINITY, "40", "", True, False, [], Decimal(40), b"40", object()],
    ids=named,
)
def test_an_age_that_is_no_finite_number_is_a_childs(age_years: Any) -> None:
    consent = ask(tcf=TCF_CONSENTING, age_years=age_years)

    assert consent.contextual_only
    assert consent.purposes == {"personalize.content.limited"}


def test_an_age_that_nobody_knows_says_nothing() -> None:
    assert ask(tcf=TCF_CONSENTING, age_years=None) == ask(tcf=TCF_CONSENTING)
    assert ask(tcf=TCF_CONSENTING, age_years=40).grants == ask(tcf=TCF_CONSENTING).grants


# --- Arguments


@pytest.mark.parametrize(
    ("gpc", "asks"),
    [
        (True, True),
        ("1", True),
        (1, True),
        (False, False),
        ("0", False),
        ("", False),
        ("true", False),
        (None, False),
        (b"1", True),  # as ASGI has headers
        (b"0", False),
        (2, False),
    ],
)
def test_the_gpc_is_a_header_or_what_the_browser_says(gpc: Any, asks: bool) -> None:
    consent = ask(us_privacy="1YNN", region="US-CA", gpc=gpc)

    assert ("third_party_sharing" in consent.purposes) is not asks


def test_the_state_of_the_consent_mode_may_come_as_a_mapping() -> None:
    assert ask(consent_mode=json.loads(GRANTED)) == ask(consent_mode=GRANTED)
    assert ask(consent_mode=json.loads(GRANTED)).purposes == {"personalize"}


@pytest.mark.parametrize(
    "state", [{1: {2}}, {"update": {"ad_storage": NAN}}, {"update": object()}, 3, [], b"{}"], ids=named
)
def test_a_state_that_is_none_cannot_be_read_and_is_not_absent(state: Any) -> None:
    consent = ask(consent_mode=state, region="US")

    assert consent.purposes == frozenset()
    assert "cannot be read" in consent.reasons[0]


def test_a_state_without_an_end_cannot_be_read() -> None:
    endless: dict[str, Any] = {}
    endless["update"] = endless

    assert ask(consent_mode=endless, region="US").purposes == frozenset()


@pytest.mark.parametrize(
    "signals", [[("tcf", "cookie", "")], (), "", {}, {"tcf": ""}, frozenset[str](), 0], ids=named
)
def test_signals_of_another_type_are_the_callers_mistake_and_not_absent(signals: Any) -> None:
    with pytest.raises(TypeError, match="`signals` are Signals"):
        ask(signals=signals, region="US")


def test_arguments_and_signals_are_heard_together() -> None:
    granting: Mapping[str, Any] = {"tcf": TCF_CONSENTING, "signals": COOKIE_OF_ALL}

    assert ask(**granting).purposes > ask(tcf=TCF_CONSENTING).purposes
    assert ask(tcf="", signals=COOKIE_OF_ALL).purposes == frozenset()
    assert ask(tcf=TCF_CONSENTING, signals=COOKIE_OF_NONE).purposes < ask(tcf=TCF_CONSENTING).purposes
    assert ask(tcf=TCF_CONSENTING, signals=Signals()) == ask(tcf=TCF_CONSENTING)


# --- What the region's law grants without a signal


def test_where_the_law_lets_visitors_object_the_items_of_the_states_section_are_granted() -> None:
    by_region = {
        region: ask(region=region).sensitive for region in ("US-CA", "US-UT", "US-IA", "US-VA", "US", "IT")
    }

    assert by_region["US-CA"] >= {"health", "union_membership", "government_id"}
    assert by_region["US-UT"] == by_region["US-IA"] == {
        "race_ethnicity", "religion", "health", "sexual_orientation", "citizenship_immigration", "genetic", "biometric",
        "precise_geolocation",
    }  # fmt: skip
    assert by_region["US-VA"] == by_region["US"] == by_region["IT"] == frozenset()


@pytest.mark.parametrize("region", ["US-IN", "US-KY", "US-MD", "US-RI"])
def test_of_a_section_that_is_a_draft_nobody_knows_the_items(region: str) -> None:
    """Its region may let visitors object to them all the same."""
    policy = Policy.default().over({"regions": {region: {"sensitive": "opt_out"}}})

    assert ask(policy, region=region).sensitive == frozenset()
    assert ask(policy, region=region).purposes == {"analytics", "functional", "personalize"}


def test_where_sensitive_data_is_never_allowed_nothing_grants_any() -> None:
    site = {"groups": {"cookiebot": {"statistics": ["analytics", "sensitive:health"]}}}
    never = Policy.default().over({**site, "regimes": {"gdpr_opt_in": {"sensitive": "never"}}})
    asked: dict[str, Any] = {"signals": COOKIE_OF_ALL}
    with_it, without = ask(Policy.default().over(site), **asked), ask(never, **asked)

    assert with_it.sensitive == {"health"}
    assert without.sensitive == frozenset()
    assert (without.purposes, without.expires_s) == (with_it.purposes, with_it.expires_s)
    assert ask(never, **asked, age_years=15).contextual_only


def test_a_consent_says_by_which_rules_and_until_when() -> None:
    consent = ask(tcf=TCF_CONSENTING)

    assert (consent.regime, consent.expires_s) == ("gdpr_opt_in", CREATED_S + 180 * DAY_S)
    assert ask(region="US").expires_s is None
