"""`Consent.explain`: what became of each signal, which rule decided, and nothing of the signals themselves."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import Consent, Policy, Signals, resolve
from discreet_consent.explanation import RULES
from discreet_consent.explanation_text import (
    RULE_WORDS,
    SENSITIVE_WORDS,
    SOURCES,
    TCF_PURPOSES,
    in_words,
    lines,
)
from discreet_consent.purposes import TCF_DATA_USES, is_granted
from discreet_consent.sensitive import SENSITIVE
from discreet_consent.signals.received import SOURCES as ALL_SOURCES
from support.cmp_cookies import CHOSEN_MS, cookiebot
from support.gpp_strings import encode_gpp, us_section
from support.tc_strings import NOW_S, encode_tc

PROFILED, CONTEXTUAL = "personalize.content.profiled", "personalize.content.limited"
TC = encode_tc([1], [1, 6, 11])


def tcf_cookies(*texts: str) -> Signals:
    return Signals([("tcf", f"cookie {number}", text) for number, text in enumerate(texts)])


class TestRulings:
    @pytest.mark.parametrize(
        ("consent", "term", "rule", "granted"),
        [
            (resolve(tcf=TC, region="IT", now_s=NOW_S), PROFILED, "granted", True),
            (resolve(tcf=TC, region="IT", now_s=NOW_S), "functional.service.improve", "refused", False),
            (resolve(tcf=TC, region="IT", now_s=NOW_S), "functional", "refused", False),
            (resolve(tcf="", region="IT", now_s=NOW_S), PROFILED, "unreadable", False),
            (resolve(region="IT", now_s=NOW_S), PROFILED, "not_granted", False),
            (resolve(region="US-CA", now_s=NOW_S), PROFILED, "default", True),
            (resolve(region="US-CA", now_s=NOW_S), "sensitive:health", "default", True),
            (resolve(region="US-VA", now_s=NOW_S), "sensitive:health", "not_granted", False),
            (resolve(region="GB", now_s=NOW_S, age_years=9), "personalize.system", "child", False),
            (resolve(region=None, now_s=NOW_S), PROFILED, "region", False),
            (resolve(tcf=TC, region=None, now_s=NOW_S), "marketing.advertising.profiling", "refused", False),
            (resolve(tcf="", region="IT", now_s=NOW_S), "essential.service", "essential", True),
            (Consent.granting(PROFILED), PROFILED, "stated", True),
            (Consent.granting(PROFILED), CONTEXTUAL, "stated", False),
            (Consent.granting(PROFILED, sensitive=["health"]), "sensitive:health", "stated", True),
        ],
    )
    def test_a_term_is_ruled_on_by(self, consent: Consent, term: str, rule: str, granted: bool) -> None:
        ruling = consent.explain().ruling(term)

        assert (ruling.rule, ruling.granted) == (rule, granted)

    def test_signals_of_one_kind_that_disagree_are_named(self) -> None:
        one, other = (cookiebot(True, utc_ms=CHOSEN_MS, method=method) for method in ("explicit", "implied"))
        signals = Signals([("cookiebot", "cookie one", one), ("cookiebot", "cookie other", other)])
        ruling = resolve(signals=signals, region="IT", now_s=NOW_S).explain().ruling(PROFILED)

        assert not ruling.granted
        assert (ruling.rule, ruling.by) == ("disagreement", ("cookiebot (cookie one)",))

    def test_of_one_cookie_that_came_twice_both_are_heard(self) -> None:
        """Neither may hide the other, in whatever order they are judged."""
        less = encode_tc([1], [1, 11])
        signals = Signals([("tcf", "cookie x", TC), ("tcf", "cookie x", less)])
        explained = resolve(signals=signals, region="IT", now_s=NOW_S).explain()

        assert explained.ruling(PROFILED).rule == "refused"
        assert explained.ruling(CONTEXTUAL).by == ("tcf (cookie x)",)
        assert len(explained.signals[0].reasons) == 3
        assert "    It came more than once with different values; only what all of them allow counts.\n" in (
            explained.as_text()
        )

    def test_what_came_twice_with_the_same_value_came_once(self) -> None:
        signals = Signals([("tcf", "cookie x", TC), ("tcf", "cookie x", TC)])

        assert "more than once" not in resolve(signals=signals, region="IT", now_s=NOW_S).explain().as_text()


class TestSignals:
    def test_each_is_read_or_unreadable_or_replaced_or_not_heard_or_absent(self) -> None:
        newer = encode_tc([1], [1], created_s=NOW_S - 86_400)
        came = tcf_cookies(TC, newer)
        explained = resolve(signals=came, us_privacy="1YNN", gpp="?", region="IT", now_s=NOW_S).explain()

        assert {(each.source, each.carrier): each.status for each in explained.signals} == {
            ("gpp", "argument"): "unreadable",
            ("tcf", "cookie 1"): "read",
            ("tcf", "cookie 0"): "replaced",
            ("us_privacy", "argument"): "not_heard",
            ("cmp", ""): "absent",
            ("consent_mode", ""): "absent",
            ("gpc", ""): "absent",
        }
        assert [each.source for each in explained.unreadable] == ["gpp"]

    def test_a_gpp_string_is_told_by_its_sections(self) -> None:
        gpp = encode_gpp({8: us_section("usca", {"SaleOptOut": 2}, gpc=False)})
        explained = resolve(gpp=gpp, tcf=TC, region="US-CA", now_s=NOW_S).explain()
        became = {each.source: (each.carrier, each.status) for each in explained.signals if each.carrier}

        assert became == {"usca": ("argument, section 8", "read"), "tcf": ("argument", "not_heard")}

    def test_a_gpp_string_without_a_section_for_the_place_was_read_all_the_same(self) -> None:
        explained = resolve(gpp="DBAA", region="IT", now_s=NOW_S).explain()

        assert [each.status for each in explained.signals if each.source == "gpp"] == ["read"]


class TestText:
    def test_every_source_and_rule_has_words(self) -> None:
        assert ALL_SOURCES.keys() <= SOURCES.keys()
        assert set(RULE_WORDS) | {"stated"} == set(RULES)
        assert SENSITIVE_WORDS.keys() <= SENSITIVE

    def test_no_line_names_an_item_by_its_key(self) -> None:
        for text in lines(resolve(region="US-CA", now_s=NOW_S).explain(), ["sensitive:race_ethnicity"]):
            assert not any(item in text for item in SENSITIVE if "_" in item)

    def test_a_data_use_is_named_with_its_purpose_of_the_tcf(self) -> None:
        assert in_words(PROFILED) == f"{PROFILED} (TCF purpose 6)"
        assert in_words("sensitive:union_membership") == "sensitive data: union membership"

    def test_a_consent_that_grants_nothing_has_no_end(self) -> None:
        refused = resolve(tcf=encode_tc(), region="IT", now_s=NOW_S)

        assert refused.expires_s is not None
        assert "This holds until" not in refused.explain().as_text()
        assert "It counts until" not in refused.explain().as_text()

    def test_a_consent_that_rests_on_no_dated_signal_has_no_end(self) -> None:
        text = resolve(region="US-CA", now_s=NOW_S).explain().as_text()

        assert "Nothing in the signals limits how long this holds.\n" in text

    def test_it_ends_with_what_it_is_not(self) -> None:
        for consent in (resolve(region="IT", now_s=NOW_S), resolve(tcf=TC, region="IT", now_s=NOW_S)):
            assert consent.explain().as_text().endswith("not legal advice.\n")

    def test_a_key_that_another_covers_is_not_listed_beside_it(self) -> None:
        grants = ("analytics", "analytics.reporting.ad_performance")

        assert "Allowed: analytics.\n" in Consent.granting(*grants).explain().as_text()

    def test_the_purposes_of_the_tcf_have_names_once(self) -> None:
        text = resolve(tcf=TC, region="IT", now_s=NOW_S).explain().as_text()

        assert TCF_PURPOSES.keys() == TCF_DATA_USES.keys()
        assert all(text.count(f": {name})") == 1 for name in TCF_PURPOSES.values())

    def test_the_gpc_is_explained_whether_or_not_it_came(self) -> None:
        for gpc in (None, True):
            text = resolve(gpc=gpc, region="US-CA", now_s=NOW_S).explain().as_text()
            assert (
                text.count("(a browser setting, sent as Sec-GPC: 1, that asks sites not to sell or share")
                == 1
            )

    def test_that_no_group_was_refused_is_not_said(self) -> None:
        came = Signals([("cookiebot", "cookie CookieConsent", cookiebot(True, utc_ms=CHOSEN_MS))])
        text = resolve(signals=came, region="IT", now_s=NOW_S).explain().as_text()

        assert "no group that has a meaning" not in text
        assert "It counts until " in text

    def test_what_was_stated_says_so(self) -> None:
        assert Consent.granting(PROFILED).explain().as_text().splitlines() == [
            "Consent as the caller stated it (regime stated).",
            "",
            f"Allowed: {PROFILED}.",
            "No sensitive data is allowed.",
            "",
            "What decided:",
            (
                f"- Allowed, because the caller stated it: {PROFILED}"
                " (TCF purpose 6: use profiles to select personalised content)."
            ),
            "- What is essential is always allowed.",
        ]


sent = st.sampled_from([None, "", TC, encode_tc(range(1, 12), range(1, 12)), encode_tc([1], [1]), "?"])


@given(
    tcf=sent,
    gpp=st.sampled_from([None, "DBAA", "DBABRg~BVlZVSA", "?"]),
    us_privacy=st.sampled_from([None, "1YNN", "1YYN", "1---", "?"]),
    gpc=st.booleans(),
    region=st.sampled_from(["IT", "GB", "US-VA", "US-CA", "US-NY", "ZZ", None]),
    age=st.sampled_from([None, 9, 14, 40, "?"]),
)
def test_what_is_said_of_a_term_is_what_the_consent_grants(
    tcf: str | None, gpp: str | None, us_privacy: str | None, gpc: bool, region: str | None, age: float | None
) -> None:
    consent = resolve(
        tcf=tcf, gpp=gpp, us_privacy=us_privacy, gpc=gpc, region=region, age_years=age, now_s=NOW_S
    )
    explained = consent.explain()

    for ruling in explained.rulings:
        assert explained.ruling(ruling.term).as_dict() == ruling.as_dict()
        item = ruling.term.removeprefix("sensitive:")
        granted = item in consent.sensitive if item != ruling.term else is_granted(item, consent.purposes)
        assert ruling.granted is granted
        assert ruling.granted is (ruling.rule in {"granted", "default"})
    json.dumps(explained.as_dict(), allow_nan=False)
    assert explained.as_text().splitlines()[2].startswith("Allowed: ")


def test_an_explanation_holds_no_signal() -> None:
    canary = "canary7f3a"
    explained = resolve(tcf=canary, gpp=canary, region="IT", now_s=NOW_S).explain()

    for shown in (
        repr(explained),
        explained.as_text(),
        json.dumps(explained.as_dict()),
        str(pickle.dumps(explained)),
    ):
        assert canary not in shown


def test_the_table_s_version_stands_in_it() -> None:
    policy = Policy.default().over({"version": "ours"})

    assert resolve(region="IT", now_s=NOW_S, policy=policy).explain().as_dict()["policy_version"] == "ours"
