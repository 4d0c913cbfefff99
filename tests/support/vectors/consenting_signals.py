"""consent-signals.json: each kind of signal, form by form, the settings that bear on it, and several at once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from ..cmp_cookies import cookiebot
from ..gpp_strings import encode_gpp
from ..tc_strings import encode_tc
from . import consenting_cookies
from .consenting import ConsentFile, Expected, Given
from .consenting_texts import (
    DAY_S,
    KEYS,
    NOW_S,
    PERSONAL,
    PRESETS,
    TCF_CONSENTING,
    TCF_REFUSING,
    TODAY_S,
    asked,
    gpp_text,
    in_cookie,
    mode_text,
    opting_in,
    tc_of,
)

# --- TC strings


def _tc_strings() -> Iterator[Expected]:
    regions = ("IT", "GB")
    for purpose in range(1, 25):
        yield from asked(f"tcf: purpose {purpose}", ("IT",), {"tcf": tc_of(20, (purpose,))})
        yield from asked(
            f"tcf: all but purpose {purpose}",
            ("GB",),
            {"tcf": tc_of(20, [each for each in range(1, 25) if each != purpose])},
        )
    told: dict[str, str] = {
        "core only": encode_tc(PERSONAL, None),
        "core and an empty publisher TC": encode_tc(PERSONAL, ()),
        "purpose 1 not disclosed": tc_of(20, PERSONAL, purpose_one_treatment=True),
        "purpose 1 alone, not disclosed, special features": tc_of(
            20, (1,), purpose_one_treatment=True, special_features=(1, 2)
        ),
        "special features": tc_of(20, PERSONAL, special_features=(1, 2)),
        "special feature 1": tc_of(20, PERSONAL, special_features=(1,)),
        "special features alone": tc_of(20, (), special_features=(1, 2)),
        "special features beside custom purposes": tc_of(
            20, (12,), special_features=(1, 2), custom=3, custom_consents=(1, 2)
        ),
        "interests": encode_tc((), (1,), publisher_li=range(1, 12)),
        "core interests": encode_tc((), (1,), li=range(1, 12)),
        "special features beside an interest": encode_tc((), (), publisher_li=(7,), special_features=(1,)),
        "no disclosed vendors": tc_of(20, PERSONAL, disclosed=None),
        "no disclosed vendors, before TCF 2.3": tc_of(120, PERSONAL, disclosed=None),
        "created before TCF 2.3, changed since, no disclosed vendors": encode_tc(
            (), PERSONAL, created_s=1_772_323_100, updated_s=1_772_323_200, disclosed=None
        ),
        "policy version 3": tc_of(20, PERSONAL, policy_version=3),
        "policy version 4": tc_of(20, PERSONAL, policy_version=4),
        "global": tc_of(20, PERSONAL, service_specific=False),
        "publisher restrictions": tc_of(20, PERSONAL, restrictions=[(6, 0, [(1, 9)]), (11, 2, [(2, 2)])]),
        "segments in another order": tc_of(20, PERSONAL, publisher_first=True),
        "padded to 24 bits": tc_of(20, PERSONAL, pad_to=24),
    }  # fmt: skip
    settings: dict[str, Given] = {
        "by default": {},
        "core_fallback": opting_in(core_fallback=True),
        "interests": opting_in(legitimate_interest=[2, 7, 8, 9, 10, 11]),
        "core_fallback and one interest": opting_in(core_fallback=True, legitimate_interest=[9]),
        "disclosed vendors required": opting_in(require_disclosed_vendors=True),
    }
    for name, text in told.items():
        for kind, given in settings.items():
            yield from asked(f"tcf: {name}: {kind}", ("IT",), {**given, "tcf": text})
        yield from asked(f"tcf: {name}", regions[1:], {"tcf": text})


def _tc_dates() -> Iterator[Expected]:
    for days in (1, 180, 390):
        given = opting_in(max_age_days=days)
        for off in (-0.1, 0, 0.1, 3_600):
            written_s = NOW_S - days * DAY_S + off
            text = encode_tc((), PERSONAL, created_s=written_s)
            yield from asked(f"tcf: {days} days old less {off} s, of {days}", ("IT",), {**given, "tcf": text})
    for name, off in (
        ("now", 3_600),
        ("at the end of today", DAY_S),
        ("after it", DAY_S + 0.1),
        ("tomorrow", 2 * DAY_S),
    ):
        for what in ("created_s", "updated_s"):
            dates: dict[str, Any] = {
                "created_s": NOW_S - DAY_S,
                "updated_s": NOW_S - DAY_S,
                what: TODAY_S + off,
            }
            yield from asked(f"tcf: {what} {name}", ("IT",), {"tcf": encode_tc((), PERSONAL, **dates)})
    for hour in (0, 1, 23.9):
        given = {"tcf": encode_tc((), PERSONAL, created_s=TODAY_S - 180 * DAY_S + 7_200)}
        at = {"now_s": TODAY_S + hour * 3_600}
        yield from asked(f"tcf: it ends at 02:00, and it is {hour}", ("IT",), {**given, **at})


# --- strings of the United States, and the GPC


def _american() -> Iterator[Expected]:
    for said in product("YN-", repeat=3):
        text = "1" + "".join(said)
        yield from asked(f"us_privacy: {text}", ("US-CA", "US-TX", "US", None), {"us_privacy": text})
        yield from asked(
            f"us_privacy in a GPP string: {text}", ("US-CA", "US"), {"gpp": encode_gpp({6: text})}
        )
    for text in ("", "1", "1Y", "1yNN", "1YNNN", "2YNN", "1Y N", "YNN", "1YNX"):
        yield from asked(f"us_privacy: {text!r}", ("US-CA", "IT"), {"us_privacy": text})
    for value in ("1", "0", "", "true", "1, 1", " 1", "01", "\uff11", True, False):
        yield from asked(f"gpc: {value!r}", ("US-CA", "US", "IT"), {"gpc": value})
    for values in (("0", "1"), ("0", "0"), ("", "1"), ("1", "1")):
        headers = {"signals": [["gpc", f"header sec-gpc {at}", value] for at, value in enumerate(values)]}
        yield from asked(f"gpc: headers {values!r}", ("US-CA",), headers)
    agreed = {"consent_mode": mode_text(update=dict.fromkeys(KEYS, "granted"))}
    for name, given in {"GPC": {"gpc": "1"}, "1YYN": {"us_privacy": "1YYN"}}.items():
        yield from asked(
            f"consents in the consent mode, and {name}",
            ("US-CA", "US", "IT", "GB", None),
            {**agreed, **given},
        )


# --- consent mode


def _consent_mode() -> Iterator[Expected]:
    regions = ("IT", "GB", "US-TX")
    for name, text in {
        "nothing": "{}",
        "all granted": mode_text(update=dict.fromkeys(KEYS, "granted")),
        "all denied": mode_text(update=dict.fromkeys(KEYS, "denied")),
        "all granted by default": mode_text(default=dict.fromkeys(KEYS, "granted")),
        "all denied by default": mode_text(default=dict.fromkeys(KEYS, "denied")),
        "denied by default, then granted": mode_text(
            default=dict.fromkeys(KEYS, "denied"), update=dict.fromkeys(KEYS, "granted")
        ),
        "granted by default, then denied": mode_text(
            default=dict.fromkeys(KEYS, "granted"), update=dict.fromkeys(KEYS, "denied")
        ),
        "waiting": '{"default":{"wait_for_update":500}}',
        "for some regions": '{"default":{"region":["IT"],"ad_storage":"granted"}}',
        "an unknown key": '{"update":{"ads":"granted"}}',
        "an unknown state": '{"update":{"ad_storage":"yes"}}',
        "an unknown part": '{"updates":{}}',
        "a key twice": '{"update":{"ad_storage":"denied","ad_storage":"granted"}}',
        "a part that is null": '{"update":null}',
        "not JSON": "{",
        "a list": "[]",
        "empty": "",
    }.items():
        yield from asked(f"consent_mode: {name}", (*regions, None), {"consent_mode": text})
    for key in KEYS:
        others = dict.fromkeys([each for each in KEYS if each != key], "granted")
        states = {
            "granted": mode_text(update={**others, key: "granted"}),
            "denied": mode_text(update={**others, key: "denied"}),
            "granted by default": mode_text(update=others, default={key: "granted"}),
            "denied by default": mode_text(update=others, default={key: "denied"}),
            "unset": mode_text(update=others),
            "granted alone": mode_text(update={key: "granted"}),
        }
        for name, text in states.items():
            yield from asked(f"consent_mode: {key} {name}", ("IT", "US-TX"), {"consent_mode": text})


def _on_the_wire() -> Iterator[Expected]:
    texts = [("gcs", f"G1{first}{second}") for first, second in product("10-", repeat=2)]
    texts += [("gcs", text) for text in ("", "G2", "G1111", "G0--", "G1x1", "g111", "G1")]
    texts += [("gcd", f"11{letter}1{letter}1{letter}1{letter}5") for letter in "lpqtrmnuvxV"]
    texts += [
        ("gcd", "11" + "".join(f"{letter if each == at else 'r'}1" for each in range(4)))
        for at in range(4)
        for letter in "lpqtmnuv"
    ]
    texts += [
        ("gcd", text)
        for text in ("", "13r3r3r3r5", "12r1r1r1r5", "11r1r1r1", "11r1r1r1r1l1", "11r1r1r1r1-", "11rrrrrrrr")
    ]
    for source, text in texts:
        yield from asked(f"{source}: {text}", ("IT", "US-TX"), {"signals": [[source, "page", text]]})


def _unheard() -> Iterator[Expected]:
    """What a regime does not hear says nothing, whatever it is."""
    for name, given, regions in (
        ("unreadable TC string", {"tcf": "CO"}, ("US", "US-CA")),
        ("consenting TC string", {"tcf": TCF_CONSENTING}, ("US", "US-CA")),
        ("US Privacy string", {"us_privacy": "1YYN"}, ("IT", "GB")),
        ("unreadable US Privacy string", {"us_privacy": ""}, ("IT", "GB")),
        ("TC string in a cookie", in_cookie("cookiebot", cookiebot(True, True, True, iab2="CO")), ("US-TX",)),
    ):
        yield from asked(f"unheard: {name}", regions, given)
    hears: dict[str, tuple[list[str], Given]] = {
        "cookies, TC string in one": (["tcf", "gpc"], in_cookie("cookiebot", cookiebot(iab2=TCF_CONSENTING))),
        "TC strings, one in a cookie": (["cmp", "gpc"], in_cookie("cookiebot", cookiebot(True, iab2="CO"))),
        "TC strings, one in a GPP string": (["gpp", "gpc"], {"gpp": gpp_text(tcfeuv2=TCF_CONSENTING)}),
        "US Privacy strings, one in a GPP string": (["gpp", "gpc"], {"gpp": encode_gpp({6: "1YYN"})}),
        "the GPC": (["tcf"], {"gpc": "1", "tcf": TCF_CONSENTING}),
        "GPP strings": (["tcf", "gpc"], {"gpp": "DBA", "tcf": TCF_CONSENTING}),
        "the consent mode": (["tcf", "gpc"], {"consent_mode": "{", "tcf": TCF_CONSENTING}),
        "the consent mode, of a parameter": (
            ["tcf", "gpc"], {"signals": [["gcd", "parameter gcd", ""]], "tcf": TCF_CONSENTING},
        ),
    }  # fmt: skip
    for name, (heard, given) in hears.items():
        yield from asked(f"unheard by the site: {name}", ("IT",), {**given, **opting_in(hears=heard)})


def _in_the_address() -> Iterator[Expected]:
    agreeing = gpp_text("usnat")
    for grants in (False, True):
        site = {"policy": {"regimes": {name: {"parameters_grant": grants} for name in PRESETS}}}
        for name, signals in {
            "a consent": [["tcf", "parameter gdpr_consent", TCF_CONSENTING]],
            "a consent, beside a cookie": [
                ["tcf", "parameter gdpr_consent", TCF_CONSENTING],
                ["tcf", "cookie euconsent-v2", TCF_REFUSING],
            ],
            "a refusal, beside a cookie": [
                ["tcf", "parameter gdpr_consent", TCF_REFUSING],
                ["tcf", "cookie euconsent-v2", TCF_CONSENTING],
            ],
            "an unreadable string": [
                ["gpp", "parameter gpp", "DBA"],
                ["us_privacy", "cookie usprivacy", "1YNN"],
            ],
            "a section that agrees": [["gpp", "parameter gpp", agreeing]],
            "choices of the consent mode": [["gcd", "parameter gcd", "11n1n1n1n5"]],
            "an opt-out": [
                ["us_privacy", "parameter us_privacy", "1YYN"],
                ["us_privacy", "cookie usprivacy", "1YNN"],
            ],
        }.items():
            words = "that may grant" if grants else "that may not"
            yield from asked(
                f"in the address, {words}: {name}", ("IT", "US-CA", None), {"signals": signals, **site}
            )


def file() -> ConsentFile:
    """The file."""
    return ConsentFile(
        "consent-signals.json",
        "Each kind of signal, form by form, with the settings that bear on it: spec/consent.md, TC strings, US Privacy"
        " strings, Global Privacy Control, Groups, Several of one source.",
        [
            *_tc_strings(), *_tc_dates(), *_american(), *_consent_mode(), *_on_the_wire(), *consenting_cookies.cases(),
            *_unheard(), *_in_the_address(),
        ],
    )  # fmt: skip
