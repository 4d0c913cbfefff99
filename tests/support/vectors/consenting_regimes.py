"""consent-regimes.json: every row of the table of regions, with each kind of signal and at each age."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..cmp_cookies import CHOSEN_MS, cookiebot
from ..reference.consent_rules import table
from .cases import INFINITY, NAN
from .consenting import ConsentFile, Expected, case
from .consenting_texts import (
    DAY_S,
    NOW_S,
    TCF_CONSENTING,
    TCF_REFUSING,
    drafts,
    gpp_text,
    opted_out,
    tc_of,
)

FULL_IN_EUROPE = ("DE", "GB", "CH", "IS")
BESIDE_THE_TABLE = (None, "FJ", "CA", "US-WY", "us-ca", "IT-LO", "gb-eng", "US-CA-LA", "", "USA", " US")
AGES = (-1, 9, 12.99, 13, 15, 15.99, 16, 17, 18, 40)
Given = Mapping[str, Any]


def _all_regions() -> Iterator[Expected]:
    rows = table()["regions"]
    for region, row in rows.items():
        in_america = region.startswith("US")
        full = in_america or region in FULL_IN_EUROPE
        asked = {
            **_european(),
            **(_american(row.get("section")) if in_america else {}),
            **(_ages() if full else {}),
        }
        for name, given in (asked if full else _short()).items():
            yield _case(region, name, given)
    for region in BESIDE_THE_TABLE:
        for name, given in {**_european(), **_american(None), **_ages()}.items():
            if region in (None, "US-WY") or name in ("no signal", "TC string: all", "GPC", "aged 12.99"):
                yield _case(region, name, given)


def _case(region: str | None, name: str, given: Given) -> Expected:
    return case(f"{region!r}: {name}", {"region": region, "now_s": NOW_S, **given})


def _short() -> dict[str, Given]:
    """What is asked in every country."""
    names = ("no signal", "TC string: none", "TC string: all", "TC string: unreadable", "GPC")
    return {name: given for name, given in _european().items() if name in names} | {
        "aged 15": {"age_years": 15}
    }


def _european() -> dict[str, Given]:
    year = 365 * DAY_S * 1_000
    return {
        "no signal": {},
        "TC string: none": {"tcf": TCF_REFUSING},
        "TC string: all": {"tcf": TCF_CONSENTING},
        "TC string: content only": {"tcf": tc_of(1, (1, 5, 6, 8, 11))},
        "TC string: unreadable": {"tcf": "CO"},
        "TC string: empty": {"tcf": ""},
        "TC string: expired": {"tcf": tc_of(400)},
        "TC string: of tomorrow and later": {"tcf": tc_of(-3)},
        "GPP string: a TC string, all": {"gpp": gpp_text(tcfeuv2=TCF_CONSENTING)},
        "GPP string: no sections": {"gpp": "DBAA"},
        "GPP string: unreadable": {"gpp": "DBAB"},
        "cookie: all": {"signals": [["cookiebot", "cookie CookieConsent", cookiebot(True, True, True)]]},
        "cookie: none": {"signals": [["cookiebot", "cookie CookieConsent", cookiebot()]]},
        "cookie: all, expired": {
            "signals": [
                ["cookiebot", "cookie CookieConsent", cookiebot(True, True, True, utc_ms=CHOSEN_MS - year)]
            ]
        },
        "cookie: all, of tomorrow and later": {
            "signals": [
                ["cookiebot", "cookie CookieConsent", cookiebot(True, True, True, utc_ms=CHOSEN_MS + year)]
            ]
        },
        "US Privacy string: unreadable": {"us_privacy": "1"},
        "GPC": {"gpc": "1"},
        "GPC beside a TC string: all": {"gpc": "1", "tcf": TCF_CONSENTING},
    }


def _american(section: str | None) -> dict[str, Given]:
    """What is asked in the United States, with the state's own section where its content is read."""
    own = "usnat" if section is None or section in drafts() else section
    return {
        "US Privacy string: opted out": {"us_privacy": "1YYN"},
        "US Privacy string: told and stayed": {"us_privacy": "1YNN"},
        "GPP string: national, stayed": {"gpp": gpp_text("usnat")},
        "GPP string: national, opted out": {"gpp": opted_out("usnat")},
        "GPP string: own, stayed": {"gpp": gpp_text(own)},
        "GPP string: own, opted out": {"gpp": opted_out(own)},
        "GPP string: own stayed, national opted out": {
            "gpp": opted_out("usnat"), "signals": [["gpp", "cookie OTGPPConsent", gpp_text(own)]],
        },
        "GPP string: own, stayed, and GPC": {"gpp": gpp_text(own), "gpc": True},
    }  # fmt: skip


def _ages() -> dict[str, Given]:
    ages = {f"aged {age}": {"age_years": age} for age in AGES}
    consenting = {
        f"aged {age}, all consents": {"age_years": age, "tcf": TCF_CONSENTING, "us_privacy": "1YNN"}
        for age in (12, 15, 17)
    }
    none = {"aged NaN": {"age_years": NAN}, "aged infinity": {"age_years": INFINITY}}
    refused = {"aged 12, unreadable signals": {"age_years": 12, "tcf": "", "gpp": ""}}
    return {**ages, **consenting, **none, **refused}


def _clocks() -> Iterator[Expected]:
    """Clocks that are none: what needs no date is granted, what needs one is not."""
    asked = {
        name: given
        for name, given in _european().items()
        if name in ("no signal", "TC string: all", "cookie: all")
    }
    for region in ("IT", "GB", "US", None):
        for name, given in asked.items():
            yield case(f"{region!r}, no clock: {name}", {"region": region, **given, "now_s": NAN})


def _own_presets() -> Iterator[Expected]:
    """A site's own rules: laid over the table key by key, and always asked where the region is not known."""
    site: dict[str, Given] = {
        "no analytics in the US": {"regimes": {"us_opt_out": {"default": ["functional", "personalize"]}}},
        "a preset of its own that grants nothing": {
            "regimes": {
                "strict": {"kind": "opt_in", "hears": ["gpc"], "default": [], "opt_out_ends": ["third_party_sharing"]}
            },
            "regions": {"CA": {"regime": "strict"}},
        },
        "a default in Europe": {"regimes": {"gdpr_opt_in": {"default": ["personalize.content.limited"]}}},
        "children of 14 in Italy": {"regions": {"IT": {"regime": "gdpr_opt_in", "child_age": 14}}},
        "a sensitive item by default": {"regions": {"US-TX": {"default": ["analytics", "sensitive:health"]}}},
        "no sensitive item at all": {
            "regions": {"US-TX": {"default": ["analytics", "sensitive:health"], "sensitive": "never"}}
        },
        "sensitive items by default in a state whose section is a draft": {
            "regimes": {"us_opt_out": {"sensitive": "opt_out"}}
        },
    }  # fmt: skip
    asked: dict[str, Given] = {
        "no signal": {},
        "TC string: all": {"tcf": TCF_CONSENTING},
        "aged 15": {"age_years": 15},
    }
    for name, policy in site.items():
        for region in ("IT", "US-TX", "US-IN", "CA", None):
            for kind, given in asked.items():
                whole = {"region": region, "now_s": NOW_S, **given, "policy": policy}
                yield case(f"{name}: {region!r}: {kind}", whole)


def file() -> ConsentFile:
    """The file."""
    return ConsentFile(
        "consent-regimes.json",
        "Every region of the table and some that are not in it: spec/consent.md, Regimes, Unknown regions and Age.",
        [*_all_regions(), *_clocks(), *_own_presets()],
    )
