"""The consent of a request: which signals, which region, whose word; and that remembering changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from mmap import PAGESIZE
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet.visitors import Given, Incoming, Visitors, VisitorSettings
from discreet.visitors.consents import Consents
from discreet_consent import Consent, Policy, read_request, resolve
from support.browsers import (
    ALL,
    NO_STORAGE,
    NONE,
    ONLY_STORAGE,
    PROFILED,
    STORAGE,
    evaluator,
    request,
    settings,
)
from support.tc_strings import ALL_PURPOSES, CREATED_S, NOW_S, encode_tc

DAY_S = 86_400
MEMORY = Path("/proc/self/statm")
OLD = encode_tc(publisher=ALL_PURPOSES, created_s=CREATED_S - 380 * DAY_S)
WRONG: Sequence[object] = (0, 1.0, True, [], {"x": 1}, ["1"], b"1", object(), "", "x", "\ud800", "x" * 9_000)


def consent_of(incoming: Incoming, given: Given | None = None, **more: Any) -> Consent:
    return Visitors(settings(**more)).consent(incoming, given)


def stated(**consent: object) -> Given:
    return Given(consent=consent)


def test_it_is_what_the_signals_of_cookie_header_and_query_come_to() -> None:
    incoming = request(ALL, headers=[("Sec-GPC", "1")], query=f"gdpr_consent={NONE}&x=1", country="US")
    signals = read_request(incoming.headers, query=incoming.query_string)

    assert consent_of(incoming) == resolve(signals=signals, region="US", now_s=NOW_S)
    assert consent_of(request(ALL)).purposes > {PROFILED, STORAGE}
    assert consent_of(request(ALL, query=f"gdpr_consent={NONE}")).purposes == set()
    assert consent_of(request(ALL, query=f"gdpr%5Fconsent={NONE}")).purposes == set()


@pytest.mark.parametrize(
    ("more", "country", "subdivision", "region"),
    [
        ({}, "US", "CA", "US-CA"),
        ({}, "US", None, "US"),
        ({}, "IT", "LO", "IT-LO"),
        ({}, None, None, None),
        ({"region": "US-CA"}, None, None, "US-CA"),
        ({"region": "US-CA"}, "DE", None, "DE"),
        ({"region": "US-CA"}, "T1", None, None),  # it says that it does not know
        ({"region": "US-CA"}, "XX", "CA", None),
        ({"region": "US-CA", "cdn": None}, "DE", None, "US-CA"),  # anybody could have written the header
        ({"cdn": "cloudfront"}, "US", "CA", None),
    ],
)
def test_the_region_is_the_cdns_else_the_settings_else_unknown(
    more: dict[str, Any], country: str | None, subdivision: str | None, region: str | None
) -> None:
    headers = [("cf-region-code", subdivision)] if subdivision else []
    incoming = request(None, country=country, headers=headers)

    assert consent_of(incoming, **more) == resolve(region=region, now_s=NOW_S)


class TestStated:
    def test_signals_of_a_body_count_beside_those_of_the_request(self) -> None:
        incoming = request(ALL, country="US")
        given = stated(gpc=True, tcf=NONE)
        signals = read_request(incoming.headers)

        assert consent_of(incoming, given) == resolve(
            signals=signals, gpc=True, tcf=NONE, region="US", now_s=NOW_S
        )
        assert consent_of(request(ALL), stated(tcf=NONE)).purposes == set()
        assert consent_of(request(None), stated(tcf=ALL)).purposes == consent_of(request(ALL)).purposes

    @pytest.mark.parametrize(
        ("name", "country"), [("tcf", "IT"), ("gpp", "IT"), ("consent_mode", "IT"), ("us_privacy", "US")]
    )
    @pytest.mark.parametrize("value", WRONG, ids=lambda value: type(value).__name__)
    def test_what_is_of_the_wrong_type_is_unreadable(self, name: str, country: str, value: object) -> None:
        tc = ALL if country == "IT" else None
        before, after = (
            consent_of(request(tc, country=country), each) for each in (None, stated(**{name: value}))
        )

        assert before.purposes
        assert after.purposes < before.purposes
        assert country == "US" or after.purposes == set()

    @pytest.mark.parametrize(
        "value", [2, 1.0, [], {}, object(), b"1"], ids=lambda value: type(value).__name__
    )
    def test_a_gpc_of_the_wrong_type_is_no_consent(self, value: object) -> None:
        plain, odd = (consent_of(request(None, country="US"), each) for each in (None, stated(gpc=value)))

        assert odd.purposes < plain.purposes

    @pytest.mark.parametrize(
        "consent", [[], "tcf", 3, object(), ["tcf"]], ids=lambda value: type(value).__name__
    )
    def test_a_consent_that_is_no_object_is_a_refusal(self, consent: Any) -> None:
        assert consent_of(request(ALL), Given(consent=consent)).purposes == set()

    def test_what_is_null_or_unknown_says_nothing(self) -> None:
        same = consent_of(request(ALL), stated(tcf=None, gpc=None, region=None, purposes=None, colour="red"))

        assert same == consent_of(request(ALL))

    @pytest.mark.parametrize("age", [9, "12", True, [], float("nan")])
    def test_a_childs_age_leaves_only_context(self, age: object) -> None:
        assert consent_of(request(ALL), stated(age_years=age)).contextual_only

    def test_nobody_may_state_region_or_purposes_by_himself(self) -> None:
        given = stated(region="US", purposes=[PROFILED], sensitive=["health"])

        assert consent_of(request(NONE), given) == consent_of(request(NONE))

    def test_a_trusted_caller_may_state_the_region(self) -> None:
        assert consent_of(request(None), stated(region="US"), accept_region=True) == resolve(
            region="US", now_s=NOW_S
        )
        assert consent_of(request(None), stated(), accept_region=True) == resolve(region="IT", now_s=NOW_S)
        unreadable = consent_of(request(None, country="US"), stated(region=["US"]), accept_region=True)
        assert unreadable.regime == "unknown"

    def test_a_trusted_caller_may_state_the_purposes(self) -> None:
        given = stated(purposes=[PROFILED], sensitive=["health"])
        consent = consent_of(request(NONE), given, accept_stated=True)

        assert consent == Consent([PROFILED], sensitive=["health"], reasons=["granted by the caller"])
        assert consent_of(request(ALL), stated(purposes=[]), accept_stated=True).purposes == set()
        assert consent_of(request(ALL), stated(tcf=NONE), accept_stated=True).purposes == set()

    @pytest.mark.parametrize(
        "purposes", ["personalize", 1, [1], {"personalize": True}, ["personalize", None]]
    )
    def test_purposes_that_are_no_list_of_texts_are_none(self, purposes: object) -> None:
        assert consent_of(request(ALL), stated(purposes=purposes), accept_stated=True).purposes == set()

    def test_of_a_stated_child_only_context_may_be_known(self) -> None:
        consent = consent_of(request(None), stated(purposes=[PROFILED], age_years=10), accept_stated=True)

        assert consent.contextual_only


TCS = (ALL, NO_STORAGE, ONLY_STORAGE, NONE, OLD, ALL[:-3], "", "x")
COOKIES = st.sampled_from(
    [f"euconsent-v2={tc}" for tc in TCS]
    + [
        "usprivacy=1YYN",
        "usprivacy=1",
        "_ga=GA1.1",
        "a=\u00e9",
        "a,euconsent-v2=x",
        "OptanonConsent=groups=C0001:1",
    ]
)
REQUESTS = st.builds(
    lambda jars, query, country, gpc, now_s: Incoming.from_headers(
        [("cookie", "; ".join(jar)) for jar in jars]
        + [("cf-ipcountry", each) for each in country]
        + [("sec-gpc", each) for each in gpc],
        query_string=query,
        now_s=now_s,
    ),
    st.lists(st.lists(COOKIES, max_size=3), max_size=2),
    st.sampled_from(
        ["", "x=1", f"gdpr_consent={NONE}", f"%67dpr_consent={NONE}", "us_privacy=1YYN", "%", "gpp"]
    ),
    st.lists(st.sampled_from(["IT", "US", "XX", "\xff"]), max_size=1),
    st.lists(st.sampled_from(["1", "0", "1,1"]), max_size=2),
    st.sampled_from(
        [NOW_S, NOW_S + 1, NOW_S + DAY_S, NOW_S + 350 * DAY_S, NOW_S + 390 * DAY_S, float("nan")]
    ),
)


STATED: st.SearchStrategy[dict[str, Any] | None] = st.none() | st.dictionaries(
    st.sampled_from(["tcf", "gpp", "us_privacy", "gpc", "consent_mode", "age_years", "region", "x"]),
    st.sampled_from(
        [ALL, NONE, "1YYN", "", "US", None, True, False, 0, 1, 1.0, 12, 16.0, [], {"default": {}}, "1"]
    ),
    max_size=2,
)


@given(came=st.lists(st.tuples(REQUESTS, STATED), min_size=1, max_size=6), accept_region=st.booleans())
def test_remembering_changes_nothing(
    came: list[tuple[Incoming, dict[str, Any] | None]], accept_region: bool
) -> None:
    # Policies of their own, for each remembers what it resolved.
    remembering, forgetting = (
        Visitors(settings(policy=Policy.default().over({}), accept_region=accept_region), remember_bytes=size)
        for size in (1 << 20, 0)
    )

    for incoming, consent in [*came, *came]:
        one, other = (site.consent(incoming, Given(consent=consent)) for site in (remembering, forgetting))
        assert (one, one.grants_at(incoming.now_s)) == (other, other.grants_at(incoming.now_s))


def test_a_remembered_consent_is_judged_anew_on_another_day_and_when_it_has_ended() -> None:
    site = Visitors(settings())
    ends_s = site.consent(request(ALL)).expires_s

    assert ends_s is not None
    for now_s in (NOW_S, NOW_S + DAY_S, ends_s - 1, ends_s, ends_s + 1, NOW_S):
        plain = resolve(tcf=ALL, region="IT", now_s=now_s)
        assert site.consent(request(ALL, now_s=now_s)).grants_at(now_s) == plain.grants_at(now_s)
    assert site.consent(request(ALL, now_s=ends_s)).purposes_at(ends_s) == set()


def test_a_policy_of_the_sites_own_names_the_carriers() -> None:
    policy = Policy.default().over({"cookies": {"mine": "tcf"}, "headers": {"x-consent": "tcf"}})
    by_header = request(None, headers=[("X-Consent", ALL)])

    assert consent_of(request(None, cookies=[f"mine={ALL}"]), policy=policy).purposes > {PROFILED}
    assert consent_of(by_header, policy=policy).purposes > {PROFILED}
    assert consent_of(by_header).purposes == set()


def test_what_is_remembered_is_bounded() -> None:
    consents = Consents(VisitorSettings(), remember_bytes=100_000)
    for number in range(300):
        consents.of(request(ALL, cookies=[f"s={number}"]))

    assert 10 < consents.remembered < 50


def test_a_request_with_more_than_a_browser_sends_is_not_remembered() -> None:
    consents = Consents(VisitorSettings(), remember_bytes=1 << 20)
    consents.of(request(ALL, cookies=["big=" + "x" * 9_000]))
    consents.of(request(ALL, query="x=%" + "x" * 9_000))

    assert consents.remembered == 0


@pytest.mark.slow
@pytest.mark.skipif(not MEMORY.exists(), reason="the system does not tell what a process takes")
def test_a_hundred_thousand_different_cookies_leave_memory_bounded() -> None:
    site = Visitors(settings(policy=Policy.default().over({})), remember_bytes=8 << 20)
    resident: list[int] = []
    for number in range(100_000):
        cookie = b"euconsent-v2=%s%d; s=%d" % (ALL[:40].encode(), number, number)
        site.visit(evaluator(), Incoming([(b"cookie", cookie), (b"cf-ipcountry", b"IT")], now_s=NOW_S))
        if number in {19_999, 99_999}:
            resident.append(int(MEMORY.read_text().split()[1]) * PAGESIZE)

    assert resident[1] - resident[0] < 8_000_000
