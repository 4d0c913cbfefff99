"""Generated requests: signals of every kind, regions, ages, and policies of sites, in the form of the vectors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from hypothesis import strategies as st

from .cmp_cookies import CHOSEN_MS, MONTH_MS, commanders_act, cookiebot, cookieyes, didomi, onetrust
from .gpp_strategies import gpp_of, gpp_strings, us
from .gpp_strings import us_ids
from .tc_strings import CREATED_S, encode_tc

Given: TypeAlias = dict[str, Any]

DAY_S = 86_400
NOW_S = CREATED_S + 20 * DAY_S + 3_600
CARRIERS = ("cookie a", "cookie b", "argument")
KEYS = (
    "ad_storage", "analytics_storage", "ad_user_data", "ad_personalization", "functionality_storage",
    "personalization_storage", "security_storage",
)  # fmt: skip
TERMS = (
    "analytics", "analytics.reporting.campaign_insights", "functional", "functional.storage",
    "functional.storage.privacy_preferences.of_the_house", "marketing.advertising", "marketing.advertising.third_party",
    "personalize", "personalize.content", "personalize.content.limited", "personalize.content.profiled",
    "personalize.content.profiled.homepage", "personalize.system", "third_party_sharing",
    "sensitive:health", "sensitive:precise_geolocation",
)  # fmt: skip
STATES = ("CA", "CO", "CT", "DE", "FL", "IA", "IN", "MD", "NJ", "OR", "UT", "VA")
REGIONS = (
    "IT",
    "it-lo",
    "DE",
    "CH",
    "GB",
    "gb-eng",
    "US",
    "US-WY",
    "us-ca",
    *(f"US-{each}" for each in STATES),
)

seconds = st.integers(-400, 30).map(lambda days: float(NOW_S + days * DAY_S)) | st.sampled_from(
    [NOW_S, NOW_S + DAY_S - 7_200, NOW_S - 180 * DAY_S, NOW_S - 365 * DAY_S, CREATED_S + 20 * DAY_S]
).map(float)
broken = st.sampled_from(["", "x", "CO", "DBAA~", "1---x", "undefined", "%7B"])
purposes = st.sets(st.integers(1, 13)) | st.just(set(range(1, 12)))


@st.composite
def tc_texts(draw: st.DrawFn) -> str:
    """A TC string of any age and scope."""
    updated_s = draw(seconds | st.just(float(CREATED_S)))
    return encode_tc(
        draw(purposes),
        draw(st.none() | purposes),
        li=draw(purposes),
        publisher_li=draw(purposes),
        special_features=draw(st.sets(st.integers(1, 2))),
        purpose_one_treatment=draw(st.sampled_from([False, False, True])),
        policy_version=draw(st.sampled_from([5, 5, 4, 2])),
        service_specific=draw(st.sampled_from([True, True, True, False])),
        disclosed=draw(st.sampled_from([((1, 3),), None])),
        created_s=draw(st.just(updated_s) | seconds),
        updated_s=updated_s,
    )


calm_tc = st.builds(lambda own: encode_tc(own, own), purposes)
calm_us = st.sampled_from(sorted(us_ids())).flatmap(us)
gpp_texts = gpp_strings().map(lambda each: each.text) | calm_us.map(lambda each: gpp_of(each).text)
usp_texts = st.text("YN-", min_size=3, max_size=3).map("1".__add__)
states = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["granted", "granted", "denied"]))
mode_texts = st.builds(
    lambda before, after: json.dumps({"default": before, "update": after}),
    states,
    states | st.just(dict.fromkeys(KEYS, "granted")),
)
gcs_texts = st.text("10-", min_size=2, max_size=2).map("G1".__add__)
gcd_texts = st.text("lpqtrmnuv", min_size=4, max_size=4).map(lambda each: f"11{'1'.join(each)}5")
milliseconds = st.integers(-400, 3).map(lambda days: CHOSEN_MS + days * DAY_S * 1_000)
didomi_ids = st.lists(
    st.sampled_from(["cookies", "measure_ad_performance", "select_personalized_content", "geo_ads"]),
    unique=True,
)


@st.composite
def didomi_texts(draw: st.DrawFn) -> str:
    """A token of any age, with or without its date."""
    chosen = draw(
        st.sampled_from([None, "2026-06-01T08:30:00Z", "2026-06-20T08:30:00Z", "2025-06-20T08:30:00Z"])
    )
    enabled = draw(didomi_ids)
    return didomi(enabled, [each for each in draw(didomi_ids) if each not in enabled], updated=chosen)


cookie_texts = {
    "onetrust": st.builds(
        onetrust,
        st.dictionaries(
            st.sampled_from(["C0001", "C0002", "C0003", "C0004", "C0005", "BG36"]), st.booleans()
        ),
        order=st.sampled_from(["current", "first_page"]),
        browser_gpc=st.sampled_from([False, False, True]),
        awaiting=st.booleans(),
        interactions=st.integers(0, 1),
    ),
    "onetrust_closed": st.sampled_from(["2026-06-01T08:30:00.125Z", "2026-06-10T08:30:00.125Z", "never"]),
    "cookiebot": st.builds(
        cookiebot,
        *[st.booleans()] * 3,
        method=st.sampled_from(["explicit", "implied", None]),
        utc_ms=milliseconds,
        iab2=st.none() | calm_tc | st.just("CO"),
    ),
    "cookieyes": st.builds(
        cookieyes,
        st.fixed_dictionaries(
            {each: st.none() | st.booleans() for each in ("functional", "analytics", "advertisement")}
        ),
        action=st.sampled_from(["yes", "no"]),
        renewed_ms=st.none() | milliseconds,
    ),
    "didomi": didomi_texts(),
    "commanders_act": st.builds(
        commanders_act,
        st.sets(st.integers(1, 4)),
        opted_out=st.booleans(),
        updated_ms=milliseconds,
        expires_ms=milliseconds.map(lambda each: each + 6 * MONTH_MS),
    ),
}
texts_of: Mapping[str, st.SearchStrategy[str]] = {
    "tcf": tc_texts() | calm_tc,
    "gpp": gpp_texts,
    "us_privacy": usp_texts,
    "gpc": st.sampled_from(["1", "0", "", "1, 1"]),
    "consent_mode": mode_texts,
    "gcs": gcs_texts,
    "gcd": gcd_texts,
    **cookie_texts,
}


@st.composite
def signals(draw: st.DrawFn, *, max_size: int = 4) -> list[list[str]]:
    """Some signals, mostly readable; a source may come several times, of one carrier or of several."""
    count = draw(st.integers(0, max_size))
    sent: list[list[str]] = []
    for _ in range(count):
        source = draw(st.sampled_from([*texts_of, "tcf", "gpp", "cookiebot", "didomi"]))
        text = draw(texts_of[source] if draw(st.integers(0, 19)) else broken)
        sent.append([source, draw(st.sampled_from(CARRIERS)), text])
    return sent


terms = st.lists(st.sampled_from(TERMS), unique=True, max_size=4)


@st.composite
def regimes(draw: st.DrawFn) -> Given:
    """Some keys of a regime, as a site may state them anew."""
    keys: dict[str, st.SearchStrategy[Any]] = {
        "default": terms,
        "opt_out_ends": terms.map(lambda each: each or ["third_party_sharing"]),
        "opt_in_grants": terms,
        "sections": st.lists(st.sampled_from(["tcfeuv2", "usnat", "uspv1", "usca", "usco"]), unique=True),
        "hears": st.lists(
            st.sampled_from(["tcf", "gpp", "us_privacy", "gpc", "consent_mode", "cmp"]), unique=True
        ),
        "sensitive": st.sampled_from(["opt_in", "opt_out", "never"]),
        "max_age_days": st.integers(1, 390),
        "child_age": st.integers(10, 16),
        "minor_age": st.integers(16, 18),
        "core_fallback": st.booleans(),
        "legitimate_interest": st.lists(st.sampled_from([2, 7, 8, 9, 10, 11]), unique=True),
        "require_disclosed_vendors": st.booleans(),
        "accept_undated": st.booleans(),
        "us_privacy_speaks": st.booleans(),
    }
    chosen = draw(st.sets(st.sampled_from(sorted(keys)), max_size=6))
    return {key: draw(keys[key]) for key in sorted(chosen)}


GROUPS = {
    "onetrust": ["C0002", "C0003", "C0004", "C0005", "BG36"],
    "cookiebot": ["preferences", "statistics", "marketing"],
    "cookieyes": ["functional", "analytics", "advertisement"],
    "didomi": ["cookies", "geo_ads", "select_personalized_content"],
    "commanders_act": ["1", "2", "3"],
    "consent_mode": ["ad_storage", "personalization_storage", "analytics_storage"],
}
group_tables = st.fixed_dictionaries(
    {}, optional={tool: st.dictionaries(st.sampled_from(ids), terms) for tool, ids in GROUPS.items()}
)


@st.composite
def overlays(draw: st.DrawFn) -> Given:
    """A site's own policy: keys of the presets, and what its groups stand for."""
    names = ("gdpr_opt_in", "uk_opt_in", "us_opt_out", "us_strict")
    own = {name: draw(regimes()) for name in sorted(draw(st.sets(st.sampled_from(names), max_size=3)))}
    overlay: Given = {
        "regimes": {name: keys for name, keys in own.items() if keys},
        "groups": draw(group_tables),
    }
    return {key: value for key, value in overlay.items() if value}


@st.composite
def requests(draw: st.DrawFn, *, max_size: int = 4) -> Given:
    """A whole request, as the `given` of a vector."""
    given: Given = {
        "region": draw(st.sampled_from([*REGIONS, *REGIONS, None, "FJ"])),
        "now_s": draw(st.sampled_from([NOW_S] * 6 + [NOW_S + 200 * DAY_S, NOW_S - 30 * DAY_S])),
    }
    optional = {
        "signals": draw(signals(max_size=max_size)),
        "age_years": draw(st.sampled_from([None] * 8 + [9, 12.9, 13, 15, 16, 17, 18, 40, -1])),
        "policy": draw(st.just({}) | overlays()),
    }
    return given | {name: value for name, value in optional.items() if value not in (None, [], {})}


@st.composite
def crowded(draw: st.DrawFn) -> Given:
    """A request in which one source came several times, of several carriers and dates, and perhaps one more signal."""
    source = draw(st.sampled_from(["tcf", "gpp", "cookiebot", "didomi", "commanders_act", "us_privacy"]))
    texts = draw(st.lists(texts_of[source], min_size=2, max_size=5))
    sent = [[source, draw(st.sampled_from(CARRIERS)), text] for text in texts]
    return {
        "region": draw(st.sampled_from(REGIONS)),
        "now_s": NOW_S,
        "signals": [*sent, *draw(signals(max_size=1))],
        "policy": {"groups": {"commanders_act": {"1": ["personalize"], "2": ["analytics"]}}},
    }
