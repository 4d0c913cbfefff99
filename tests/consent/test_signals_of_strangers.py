"""What somebody else could send in the visitor's name: links, floods, numbers that are none, texts with escapes."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import pytest

from discreet_consent import Consent, Policy, SignalError, Signals, Status, read_request, resolve
from discreet_consent.regimes.resolution import MAX_REMEMBERED_READINGS, judge
from discreet_consent.signals import consent_mode, gpc
from discreet_consent.signals.cmp_cookies import didomi
from support import cmp_cookies
from support.gpp_strings import encode_gpp, us_section
from support.naming import named
from support.tc_strings import ALL_PURPOSES, NOW_S, encode_tc

DAY_S = 86_400
AGREEING = encode_tc([], ALL_PURPOSES, created_s=NOW_S - DAY_S)
REFUSING = encode_tc([], [], created_s=NOW_S - 3 * DAY_S)
TOLD = {"SaleOptOutNotice": 1, "TargetedAdvertisingOptOutNotice": 1, "SharingNotice": 1}
STAYED = encode_gpp(
    {
        9: us_section(
            "usva",
            {**TOLD, "SaleOptOut": 2, "TargetedAdvertisingOptOut": 2, "SensitiveDataProcessing": [2] * 8},
        )
    }
)


def asked(cookie: str = "", query: str = "", *, region: str = "DE", policy: Policy | None = None) -> Consent:
    headers = {"cookie": cookie} if cookie else {}
    return resolve(
        signals=read_request(headers, query=query, policy=policy), region=region, now_s=NOW_S, policy=policy
    )


@pytest.mark.parametrize(
    ("query", "region"),
    [
        (f"gdpr_consent={AGREEING}", "DE"),
        ("gcd=13n3n3n3n5", "DE"),
        (f"gpp={STAYED}", "US-VA"),
        ("us_privacy=1YNN", "US-CA"),
    ],
)
def test_a_link_grants_nothing(query: str, region: str) -> None:
    silent, followed = asked(region=region), asked(query=query, region=region)

    assert (followed.purposes, followed.sensitive) == (silent.purposes, silent.sensitive - frozenset())
    assert any("which anybody can write" in reason for reason in followed.reasons)


def test_a_link_does_not_replace_what_the_visitor_refused() -> None:
    assert asked(f"euconsent-v2={REFUSING}", f"gdpr_consent={AGREEING}").purposes == frozenset()


def test_a_link_that_refuses_counts_and_one_that_agrees_takes_nothing_away() -> None:
    cookie = f"euconsent-v2={AGREEING}"

    assert asked(cookie, f"gdpr_consent={REFUSING}").purposes == frozenset()
    assert asked(cookie, f"gdpr_consent={AGREEING}").purposes == asked(cookie).purposes != frozenset()
    assert asked(cookie, "gdpr_consent=").purposes == frozenset()


def test_a_site_may_let_its_own_links_grant() -> None:
    policy = Policy.default().opting_in(parameters_grant=True)

    assert (
        asked(query=f"gdpr_consent={AGREEING}", policy=policy).purposes
        == asked(f"euconsent-v2={AGREEING}").purposes
    )


def test_many_times_of_closing_are_no_way_to_make_work() -> None:
    """Each cookie is read with each time: 32 of both would be 1,024 readings."""
    jar = "; ".join(
        f"OptanonConsent=groups=C000{n % 9}:1{n}; OptanonAlertBoxClosed=2026-01-{n + 1:02}T00:00:00Z"
        for n in range(31)
    )
    signals = read_request({"cookie": jar})

    assert len(signals.readings) <= 64
    assert signals.status("onetrust") is Status.UNREADABLE


def test_a_flood_of_cookies_hides_nothing() -> None:
    jar = "; ".join(f"euconsent-v2={n}" for n in range(5_000)) + "; usprivacy=1YYN"
    flooded = read_request({"cookie": jar})

    for region in ("US-CA", "US", "IT", None):
        assert resolve(signals=flooded, region=region, now_s=NOW_S).purposes == frozenset()


def test_requests_with_many_signals_are_not_remembered() -> None:
    policy = Policy.default().opting_in()
    for count in (1, MAX_REMEMBERED_READINGS, MAX_REMEMBERED_READINGS + 1):
        sent = Signals(("tcf", f"cookie {n}", AGREEING) for n in range(count))
        resolve(signals=sent, region="IT", now_s=NOW_S, policy=policy)

    assert len(policy.memory) == 2


@pytest.mark.parametrize("age", [Decimal(20), Fraction(20), True, "20", float("nan")], ids=named)
def test_an_age_that_is_no_plain_number_is_a_childs_whatever_was_asked_before(age: Any) -> None:
    policy = Policy.default().over({"regimes": {"us_opt_out": {"child_age": 1, "minor_age": 1}}})
    for before in (20, 20.0, 1, age):
        resolve(region="US-VA", now_s=NOW_S, age_years=before, policy=policy)

        assert resolve(region="US-VA", now_s=NOW_S, age_years=age, policy=policy).contextual_only


@pytest.mark.parametrize(
    "clock", [Decimal(int(NOW_S)), Fraction(int(NOW_S)), Decimal("sNaN"), str(NOW_S)], ids=named
)
def test_a_clock_that_is_no_plain_number_grants_nothing_whatever_was_asked_before(clock: Any) -> None:
    assert resolve(tcf=AGREEING, region="DE", now_s=int(NOW_S)).purposes
    assert resolve(tcf=AGREEING, region="DE", now_s=clock).purposes == frozenset()


@pytest.mark.parametrize(
    "clock", ["x", b"", [], 1j, object(), True, False, float("-inf"), float("nan")], ids=named
)
def test_an_expiring_consent_grants_nothing_to_a_clock_that_is_none(clock: Any) -> None:
    assert Consent(["personalize"], expires_s=2_000, resolved_s=1_000).purposes_at(clock) == frozenset()


@pytest.mark.parametrize("gpc", [b"1", ["1"], ("1",), object(), 2.5], ids=named)
def test_an_opt_out_of_another_type_is_not_lost(gpc: Any) -> None:
    heard = resolve(us_privacy="1YNN", gpc=gpc, region="US-CA", now_s=NOW_S)

    assert "third_party_sharing" not in heard.purposes


@pytest.mark.parametrize("signals", ["sec-gpc: 1", 42, {"tcf": "x"}, [("gpc", "header", "1")]], ids=named)
def test_signals_that_are_none_are_the_callers_mistake(signals: Any) -> None:
    with pytest.raises(TypeError, match="read_request"):
        resolve(signals=signals, region="IT", now_s=NOW_S)


def test_a_state_of_the_consent_mode_may_be_any_mapping() -> None:
    inner = MappingProxyType({"personalization_storage": "granted", "functionality_storage": "granted"})

    assert resolve(consent_mode=MappingProxyType({"update": inner}), region="IT", now_s=NOW_S).purposes == {
        "functional",
        "personalize",
    }


@pytest.mark.parametrize("region", ["\x1b[31m", "<b>x", "\n- X:", "1.2.3.", "DE DE", "D", "DEU"], ids=named)
def test_a_region_that_is_no_code_does_not_stand_in_a_report(region: str) -> None:
    explained = resolve(region=region, now_s=NOW_S).explain()

    assert explained.region is None
    assert region not in explained.as_text()


@pytest.mark.parametrize("region", ["uſ-ca", "ıt", "ﬁ", "ǅ"])
def test_letters_that_only_become_a_code_are_no_code(region: str) -> None:
    assert resolve(region=region, now_s=NOW_S).regime == "unknown"


@pytest.mark.parametrize(
    ("decode", "text"),
    [
        (consent_mode.decode, '{"update": SECRET'),
        (didomi.decode, "SÉCRET"),
        (didomi.decode, "/w=="),
        (gpc.read_statement, b"SECRET\xff"),
    ],
)
def test_a_refusal_does_not_hold_on_to_the_text(decode: Any, text: Any) -> None:
    with pytest.raises(SignalError) as refusal:
        decode(text)

    assert refusal.value.__cause__ is None
    assert refusal.value.__context__ is None


def test_a_refusal_can_be_sent_to_another_process() -> None:
    refusal = SignalError("truncated", "a segment ends before its fields do")

    for other in (pickle.loads(pickle.dumps(refusal)), copy.copy(refusal)):  # noqa: S301 - its own
        assert (other.code, str(other)) == (refusal.code, str(refusal))


def test_a_policy_cannot_be_changed_from_outside() -> None:
    document = {"regimes": {"gdpr_opt_in": {"default": list[str]()}}}
    policy = Policy.default().over(document)
    document["regimes"]["gdpr_opt_in"]["default"].append("personalize")

    assert judge(Signals(), region="DE", now_s=NOW_S, policy=policy.over({})).purposes == frozenset()


def test_each_value_of_a_frameworks_query_counts() -> None:
    class Query(dict[str, str]):
        """As Django's: `items` has the last value of each name, `lists` has all."""

        def lists(self) -> list[tuple[str, list[str]]]:
            return [("us_privacy", ["1YYN", "1YNN"])]

    found = read_request({"HTTP_SEC_GPC": "1"}, query=Query(us_privacy="1YNN"))

    assert len([each for each in found.readings if each.source == "us_privacy"]) == 2
    assert found.status("gpc") is Status.READ


def test_a_tool_cookie_of_tomorrow_replaces_nothing() -> None:
    later = cmp_cookies.cookiebot(True, True, True, utc_ms=cmp_cookies.CHOSEN_MS + 90 * DAY_S * 1_000)
    sent = Signals([("cookiebot", "cookie a", later), ("cookiebot", "cookie b", cmp_cookies.cookiebot())])

    assert resolve(signals=sent, region="US-TX", now_s=cmp_cookies.CHOSEN_S + DAY_S).purposes == frozenset()


def test_values_that_equal_others_are_not_taken_for_them() -> None:
    policy = Policy.default().over({})
    for said, equal in ((False, 0.0), (True, 1.0)):
        alone = resolve(us_privacy="1YNN", gpc=equal, region="US-CA", now_s=NOW_S)  # type: ignore[arg-type]
        resolve(us_privacy="1YNN", gpc=said, region="US-CA", now_s=NOW_S, policy=policy)

        after = resolve(us_privacy="1YNN", gpc=equal, region="US-CA", now_s=NOW_S, policy=policy)  # type: ignore[arg-type]
        assert after.purposes == alone.purposes == frozenset()
