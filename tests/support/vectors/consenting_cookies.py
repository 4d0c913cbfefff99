"""Cookies of consent tools, and several signals at once: a part of consent-signals.json."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote

from ..cmp_cookies import CHOSEN, CHOSEN_MS, commanders_act, cookiebot, cookieyes, didomi, onetrust
from .consenting import Expected
from .consenting_texts import (
    COOKIES,
    DAY_S,
    NOW_S,
    PERSONAL,
    TCF_REFUSING,
    TODAY_S,
    asked,
    gpp_text,
    in_cookie,
    mode_text,
    opting_in,
    tc_of,
)

DAY_MS = DAY_S * 1_000


def cases() -> Iterator[Expected]:
    """All cases that are about cookies of consent tools, or about several signals."""
    yield from _cookies()
    yield from _mapped_by_the_site()
    yield from _one_trust()
    yield from _several()


def _cookies() -> Iterator[Expected]:
    for source, texts in _cookie_texts().items():
        for name, text in texts.items():
            yield from asked(f"{source}: {name}", ("IT", "US-TX"), in_cookie(source, text))
        for name in ("all", "none"):
            for form, text in {
                "decoded": unquote(texts[name]),
                "encoded once more": quote(texts[name], safe=""),
            }.items():
                yield from asked(f"{source}: {name}, {form}", ("IT",), in_cookie(source, text))
    undated = opting_in(accept_undated=True)
    for name, given in {
        "cookieyes: all": in_cookie(
            "cookieyes", cookieyes({"functional": True, "analytics": True, "advertisement": True})
        ),
        "didomi: all": in_cookie("didomi", didomi(["cookies"], updated=None)),
        "cookiebot: 0": in_cookie("cookiebot", "0"),
    }.items():
        yield from asked(f"{name}, undated cookies accepted", ("IT",), {**given, **undated})


def _cookie_texts() -> dict[str, dict[str, str]]:
    groups = ("functional", "analytics", "performance", "advertisement")
    of_didomi = (
        "cookies",
        "select_personalized_content",
        "measure_content_performance",
        "use_limited_data_to_select_content",
    )
    return {
        "cookiebot": {
            "all": cookiebot(True, True, True),
            "none": cookiebot(),
            "preferences": cookiebot(preferences=True),
            "statistics": cookiebot(statistics=True),
            "marketing": cookiebot(marketing=True),
            "all, implied": cookiebot(True, True, True, method="implied"),
            "preferences, implied": cookiebot(True, method="implied"),
            "all, no method": cookiebot(True, True, True, method=None),
            "all, stamp -1": cookiebot(True, True, True, stamp="-1"),
            "-1": "-1",
            "0": "0",
            "a TC string in it": cookiebot(True, iab2=tc_of(20, PERSONAL)),
            "a refusing TC string in it": cookiebot(True, True, True, iab2=TCF_REFUSING),
            "an unreadable TC string in it": cookiebot(True, iab2="CO"),
            "cut": cookiebot(True, True, True)[:-1],
            "empty": "",
            "all, 180 days old": cookiebot(True, True, True, utc_ms=NOW_S * 1_000 - 180 * DAY_MS),
            "all, nearly 180 days old": cookiebot(True, True, True, utc_ms=NOW_S * 1_000 - 180 * DAY_MS + 1),
            "none, 400 days old": cookiebot(utc_ms=NOW_S * 1_000 - 400 * DAY_MS),
            "all, of the end of today": cookiebot(True, True, True, utc_ms=(TODAY_S + DAY_S) * 1_000),
            "all, of tomorrow": cookiebot(True, True, True, utc_ms=(TODAY_S + DAY_S) * 1_000 + 1),
        },
        "cookieyes": {
            "all": cookieyes(dict.fromkeys(groups, True)),
            "none": cookieyes(dict.fromkeys(groups, False)),
            "all, whole": cookieyes(dict.fromkeys(groups, True), renewed_ms=CHOSEN_MS),
            "no choice yet": cookieyes(dict.fromkeys(groups, True), action="no", consent=""),
            "refused": cookieyes(dict.fromkeys(groups, True), consent="no"),
            "functional only": cookieyes({"functional": True}),
            "functional only, whole": cookieyes({"functional": True}, renewed_ms=CHOSEN_MS),
            "analytics refused, whole": cookieyes({"analytics": False}, renewed_ms=CHOSEN_MS),
            "empty": "",
        },
        "didomi": {
            "all": didomi(of_didomi),
            "none": didomi([], of_didomi),
            "all, undated": didomi(of_didomi, updated=None),
            "some": didomi(of_didomi[:2], of_didomi[2:]),
            "objected": didomi(of_didomi, li_disabled=["measure_content_performance"]),
            "interests only": didomi(li_enabled=of_didomi),
            "own purposes": didomi(["newsletter-abc"]),
            "old": didomi(of_didomi, updated="2025-06-01T08:30:00Z"),
            "unpadded": didomi(of_didomi, padded=False, url_safe=True),
            "empty": "",
        },
        "commanders_act": {
            "all": commanders_act([1, 2, 3]),
            "none": commanders_act([1, 2, 3], opted_out=True),
            "expired by itself": commanders_act([1, 2], expires_ms=NOW_S * 1_000),
            "empty": "",
        },
    }  # fmt: skip


def _mapped_by_the_site() -> Iterator[Expected]:
    """Groups that are the site's own, groups with several terms, terms with several groups, and sensitive items."""
    groups = {
        "commanders_act": {
            "1": ["functional"],
            "2": ["personalize.content", "sensitive:health"],
            "3": ["analytics"],
        },
        "onetrust": {
            "BG36": ["personalize.content"],
            "C0003": ["personalize.content", "functional"],
            "C0002": [],
        },
        "consent_mode": {"personalization_storage": ["personalize", "sensitive:religion"]},
    }
    signals: dict[str, list[list[str]]] = {
        "1 and 2": [["commanders_act", COOKIES["commanders_act"], commanders_act([1, 2])]],
        "3 refused": [["commanders_act", COOKIES["commanders_act"], commanders_act([3], opted_out=True)]],
        "both groups of a term": _onetrust({"C0003": True, "BG36": True}),
        "one of two groups of a term": _onetrust({"C0003": True, "BG36": False}),
        "one of two groups of a term, the other not listed": _onetrust({"C0003": True}),
        "personalization": [
            ["consent_mode", "argument", mode_text(update={"personalization_storage": "granted"})]
        ],
    }
    for name, sent in signals.items():
        for never in (False, True):
            policy = {
                "groups": groups,
                **({"regimes": {"gdpr_opt_in": {"sensitive": "never"}}} if never else {}),
            }
            what = f"the site's groups: {name}{', sensitive never' if never else ''}"
            yield from asked(what, ("IT", None), {"signals": sent, "policy": policy})


def _onetrust(groups: Mapping[str, bool], closed: str | None = CHOSEN, **told: Any) -> list[list[str]]:
    sent = [["onetrust", COOKIES["onetrust"], onetrust(groups, **told)]]
    return sent + ([] if closed is None else [["onetrust_closed", COOKIES["onetrust_closed"], closed]])


def _one_trust() -> Iterator[Expected]:
    whole = {"C0001": True, "C0002": True, "C0003": True, "C0004": True, "C0005": True}
    told: dict[str, list[list[str]]] = {
        "all": _onetrust(whole),
        "none": _onetrust(dict.fromkeys(whole, False)),
        "all, nobody chose": _onetrust(whole, None),
        "all, no interaction counted": _onetrust(whole, interactions=0),
        "all, to be asked again": _onetrust(whole, awaiting=True),
        "all, on the landing page": _onetrust(whole, landing="https://shop.example/"),
        "all, GPC of the tool": _onetrust(whole, gpc=True),
        "all, GPC of the browser": _onetrust(whole, browser_gpc=True),
        "all, an old form": _onetrust(whole, order="of_2021"),
        "all, the groups last": _onetrust(whole, order="first_page"),
        "all, chosen long ago": _onetrust(whole, "2024-06-01T08:30:00.000Z"),
        "all, chosen tomorrow": _onetrust(whole, "2026-06-22T08:30:00.000Z"),
        "all, chosen at no time": _onetrust(whole, "yes"),
        "all, chosen twice": [
            *_onetrust(whole), ["onetrust_closed", COOKIES["onetrust_closed"], "2026-06-10T08:30:00.000Z"],
        ],
        "the time alone": _onetrust(whole)[1:],
        "no groups listed": _onetrust({}),
        **{f"all but {each}": _onetrust({**whole, each: False}) for each in whole},
        **{f"{each} not listed": _onetrust({key: True for key in whole if key != each}) for each in whole},
    }  # fmt: skip
    for name, sent in told.items():
        yield from asked(f"onetrust: {name}", ("IT", "US-TX"), {"signals": sent})


def _several() -> Iterator[Expected]:
    newer, older = tc_of(5, PERSONAL), tc_of(20, (*PERSONAL, 8))
    sent: dict[str, list[list[str]]] = {
        "a newer and an older TC string": [["tcf", "cookie a", newer], ["tcf", "cookie b", older]],
        "a newer refusal and an older consent": [["tcf", "cookie a", tc_of(5, ())], ["tcf", "cookie b", older]],
        "a newer consent and an older refusal": [["tcf", "cookie a", newer], ["tcf", "cookie b", tc_of(20, ())]],
        "two of one time": [["tcf", "cookie a", tc_of(5, (5, 6))], ["tcf", "cookie b", tc_of(5, (6, 11))]],
        "one cookie twice": [["tcf", "cookie a", newer], ["tcf", "cookie a", older]],
        "one cookie twice, the same": [["tcf", "cookie a", newer], ["tcf", "cookie a", newer]],
        "one cookie twice, and a newer": [
            ["tcf", "cookie a", tc_of(10, PERSONAL)], ["tcf", "cookie a", older], ["tcf", "cookie b", newer],
        ],
        "one cookie twice, and one between": [
            ["tcf", "cookie a", newer], ["tcf", "cookie a", older], ["tcf", "cookie b", tc_of(10, PERSONAL)],
        ],
        "an older one that cannot be read": [["tcf", "cookie a", newer], ["tcf", "cookie b", older[:-9]]],
        "an older one that may not be relied on": [
            ["tcf", "cookie a", newer], ["tcf", "cookie b", tc_of(20, PERSONAL, service_specific=False)],
        ],
        "a newer one that may not be relied on": [
            ["tcf", "cookie a", tc_of(5, PERSONAL, service_specific=False)], ["tcf", "cookie b", older],
        ],
        "one of tomorrow, and one of today": [["tcf", "cookie a", tc_of(-3, PERSONAL)], ["tcf", "cookie b", older]],
        "a global one of tomorrow, and one of today": [
            ["tcf", "cookie a", tc_of(-3, PERSONAL, service_specific=False)],
            ["tcf", "cookie b", older],
        ],
        "a newer one in a GPP string": [["tcf", "cookie a", older], ["gpp", "cookie b", gpp_text(tcfeuv2=newer)]],
        "an older one in a GPP string": [["tcf", "cookie a", newer], ["gpp", "cookie b", gpp_text(tcfeuv2=older)]],
        "one and the other of one carrier's name": [
            ["tcf", "argument", older], ["gpp", "argument", gpp_text(tcfeuv2=newer)],
        ],
        "one in a cookie of a tool": [
            ["tcf", "cookie a", older], ["cookiebot", COOKIES["cookiebot"], cookiebot(True, iab2=tc_of(5, (6,)))],
        ],
        "a tool's refusal beside a TC string": [
            ["tcf", "cookie a", newer], ["cookiebot", COOKIES["cookiebot"], cookiebot()],
        ],
        "a tool's newer cookie": [
            ["cookiebot", "cookie a", cookiebot(True, True)],
            ["cookiebot", "cookie b", cookiebot(utc_ms=CHOSEN_MS - DAY_MS)],
        ],
        "a tool's newer cookie without a choice": [
            ["cookiebot", "cookie a", cookiebot(True, True, True, method="implied")],
            ["cookiebot", "cookie b", cookiebot(utc_ms=CHOSEN_MS - DAY_MS)],
        ],
        "a tool's older cookie without a choice": [
            ["cookiebot", "cookie a", cookiebot(True, True, True)],
            ["cookiebot", "cookie b", cookiebot(method="implied", utc_ms=CHOSEN_MS - DAY_MS)],
        ],
        "a tool's newer cookie, of tomorrow and later": [
            ["cookiebot", "cookie a", cookiebot(True, True, True, utc_ms=CHOSEN_MS + 90 * DAY_MS)],
            ["cookiebot", "cookie b", cookiebot()],
        ],
        "a tool's cookie twice": [
            ["cookiebot", "cookie a", cookiebot(True)], ["cookiebot", "cookie a", cookiebot(statistics=True)],
        ],
        "tools of two makers": [
            ["cookiebot", COOKIES["cookiebot"], cookiebot(True)],
            ["didomi", COOKIES["didomi"], didomi(["select_personalized_content", "measure_content_performance"])],
        ],
        "gcs and gcd": [["gcs", "page", "G111"], ["gcd", "page", "11n1n1n1n5"]],
        "gcd and a refusing gcs": [["gcs", "page", "G110"], ["gcd", "page", "11n1n1n1n5"]],
        "too many": [["tcf", f"cookie {at}", newer] for at in range(65)],
        "as many as may be": [["tcf", f"cookie {at}", newer] for at in range(64)],
        "too long": [["tcf", "cookie a", newer + "A" * 8_193]],
    }  # fmt: skip
    for name, signals in sent.items():
        regions = ("IT",) if len(signals) > 9 else ("IT", "US-TX", None)
        yield from asked(f"several: {name}", regions, {"signals": signals})
