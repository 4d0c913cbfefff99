"""OneTrust's cookies: groups are a choice only when the notice was closed and nothing that matters could be missing."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping
from functools import partial
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discreet_consent.signals.choices import CmpChoices
from discreet_consent.signals.cmp_cookies.onetrust import decode
from support.cmp_cookies import (
    ADDRESS,
    CHOSEN,
    CHOSEN_S,
    ONETRUST_ORDERS,
    code_or_choices,
    encodings,
    group_states,
    grown_by_cutting,
    onetrust,
)

REFUSED = {"C0001": True, "C0002": False, "C0003": False, "C0004": False}
PARTLY = {"C0001": True, "C0003": True, "C0002": False, "C0004": False, "V2STACK42": False}
decode_chosen = partial(decode, alert_box_closed=CHOSEN)


def with_field(text: str, field: str) -> str:
    return f"{text}&{field}"


# Forms that are seen, the ids and times invented: the second was written by a script of 2021, the third upgraded.
SEEN = {
    "refused": (
        (
            "isGpcEnabled=0&datestamp=Mon+Jun+08+2026+10%3A20%3A30+GMT-0700+(Pacific+Daylight+Time)"
            "&version=202604.1.0&browserGpcFlag=0&isIABGlobal=false&hosts=&consentId=00000000-1111-4222-8333-444444444444"
            "&interactionCount=1&landingPath=NotLandingPage&groups=C0001%3A1%2CC0002%3A0%2CC0003%3A0%2CC0004%3A0"
            "&geolocation=%3B&AwaitingReconsent=false"
        ),
        REFUSED,
        True,
        False,
    ),
    "of 2021": (
        (
            "isIABGlobal=false&datestamp=Mon+Aug+02+2021+11%3A12%3A13+GMT-0300+(Argentina+Standard+Time)&version=6.19.0"
            "&hosts=&consentId=00000000-5555-4666-8777-888888888888&interactionCount=1&landingPath=NotLandingPage"
            "&groups=C0001%3A1%2CC0005%3A1&AwaitingReconsent=false&geolocation=AR%3BC&isGpcEnabled=0"
        ),
        {"C0001": True, "C0005": True},
        False,
        False,
    ),
    "upgraded, with groups of the site's own": (
        (
            "isGpcEnabled=0&datestamp=Mon+Jul+08+2024+08%3A09%3A10+GMT%2B0200+(k%C3%B6z%C3%A9p-eur%C3%B3pai+ny%C3%A1ri"
            "+id%C5%91)&version=202406.1.0&isIABGlobal=false&hosts=&genVendors=V9%3A0%2C&landingPath=NotLandingPage"
            "&groups=BG36%3A1%2CC0010%3A1%2Cs00%3A0&AwaitingReconsent=false&browserGpcFlag=1&geolocation=DE%3BNW"
        ),
        {"BG36": True, "C0010": True, "s00": False},
        True,
        True,
    ),
}


@pytest.mark.parametrize("name", SEEN)
def test_cookies_as_sites_send_them_are_read(name: str) -> None:
    text, groups, whole, gpc = SEEN[name]
    for each in encodings(text):
        choices = decode(each, CHOSEN)

        assert (dict(choices.groups), choices.whole, choices.gpc) == (groups, whole, gpc)
        assert (choices.is_choice, choices.chosen_s, choices.cmp) == (True, CHOSEN_S, "onetrust")
        assert (choices.expires_s, choices.tcf) == (None, None)


@given(group_states, st.sampled_from(sorted(ONETRUST_ORDERS)), st.booleans(), st.booleans())
def test_a_cookie_says_what_was_told_in_any_order_and_encoding(
    groups: Mapping[str, bool], order: str, gpc: bool, browser_gpc: bool
) -> None:
    stated = ONETRUST_ORDERS[order]
    flags = [
        flag for flag, name in ((gpc, "isGpcEnabled"), (browser_gpc, "browserGpcFlag")) if name in stated
    ]
    for text in encodings(onetrust(groups, order=order, gpc=gpc, browser_gpc=browser_gpc)):
        choices = decode(text, CHOSEN)

        assert dict(choices.groups) == groups
        assert choices.gpc is any(flags)
        assert choices.is_choice is ("AwaitingReconsent" in stated)


@given(
    group_states,
    st.sampled_from(sorted(ONETRUST_ORDERS)),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["NotLandingPage", ADDRESS]),
    st.sampled_from([0, 1, 2]),
)
@settings(max_examples=30)
def test_a_cut_never_grows_what_is_allowed_or_loses_an_opt_out(
    groups: Mapping[str, bool],
    order: str,
    gpc: bool,
    browser_gpc: bool,
    awaiting: bool,
    landing: str,
    encoding: int,
) -> None:
    told = onetrust(groups, order=order, gpc=gpc, browser_gpc=browser_gpc, awaiting=awaiting, landing=landing)
    text = list(encodings(told))[encoding]
    if not isinstance(code_or_choices(text, decode_chosen), str):
        assert grown_by_cutting(text, decode_chosen) == []


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        (onetrust(PARTLY), None),  # seen with one interaction and more, before any choice
        (onetrust(PARTLY, interactions=7), None),
        (onetrust(PARTLY, awaiting=True), CHOSEN),
        (onetrust(PARTLY, order="first_page"), CHOSEN),  # does not say whether a new consent is awaited
        (onetrust(PARTLY, landing=ADDRESS), CHOSEN),
        (onetrust(PARTLY).replace("&AwaitingReconsent=false", ""), CHOSEN),
        (onetrust(PARTLY).removesuffix("=false"), CHOSEN),
    ],
)
def test_groups_that_nobody_chose_or_that_await_a_new_consent_are_no_choice(
    text: str, closed: str | None
) -> None:
    choices = decode(text, closed)

    assert not choices.is_choice
    assert dict(choices.groups) == PARTLY
    assert choices.remarks


def test_the_date_of_the_page_is_not_the_date_of_the_choice() -> None:
    assert decode(onetrust(PARTLY)).chosen_s is None
    assert decode(onetrust(PARTLY), "2026-06-01T08%3A30%3A00.125Z").chosen_s == CHOSEN_S


@pytest.mark.parametrize(
    "text",
    [
        onetrust(PARTLY, order="first_page"),
        onetrust(PARTLY, order="of_2021"),
        onetrust(PARTLY).partition("&groups=")[0],
        onetrust(PARTLY, order="upgraded").replace("&browserGpcFlag=0", ""),
        unquote(onetrust(PARTLY, landing="https://shop.example/")),
    ],
)
def test_where_a_cut_could_have_taken_something_it_counts_as_refused(text: str) -> None:
    choices = decode(text, CHOSEN)

    assert (choices.whole, choices.gpc_may_be_on) == (False, True)
    assert choices.gpc is not True


def test_a_cookie_without_groups_lists_none() -> None:
    assert dict(decode("isGpcEnabled=0&version=202604.1.0").groups) == {}


def test_neither_flag_for_global_privacy_control_is_taken_for_the_other() -> None:
    flags = [(enabled, browser) for enabled in (False, True) for browser in (False, True)]
    both = {each: decode(onetrust({}, gpc=each[0], browser_gpc=each[1])).gpc for each in flags}

    assert both == {(False, False): False, (False, True): True, (True, False): True, (True, True): True}
    assert decode("browserGpcFlag=0&groups=C0001:1").gpc is None


def test_an_address_that_was_decoded_too_early_brings_no_consent_along() -> None:
    text = onetrust(REFUSED, landing="https://shop.example/?a=1&AwaitingReconsent=false&groups=C0004:1")

    assert code_or_choices(unquote(text), decode_chosen) == "duplicate_field"
    assert dict(decode(text, CHOSEN).groups) == REFUSED


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (None, "not_text"),
        ("a" * 8_193, "too_long"),
        ("undefined", "bad_form"),
        ("foo=bar&baz=1", "bad_form"),
        ("&" * 300, "too_many"),
        ("groups=" + ",".join(f"C{each}:1" for each in range(257)), "too_many"),
        ("groups=C0001", "bad_group"),
        ("groups=C0001:", "bad_group"),
        ("groups=:1", "bad_group"),
        ("groups=C0001:2", "bad_group"),
        ("groups=C0001:true", "bad_group"),
        ("groups=C0001:1,,C0002:1", "bad_group"),
        ("groups=C0001%3A1%2", "bad_group"),
        ("groups=C%0001:1", "bad_group"),
        (f"groups={'C' * 129}:1", "bad_group"),
        ("groups=C0001:1,C0001:0", "duplicate_field"),
        ("groups=C0001:1&groups=C0001:0", "duplicate_field"),
        (with_field(onetrust(PARTLY), "AwaitingReconsent=true"), "duplicate_field"),
        (with_field(onetrust(PARTLY), "isGpcEnabled=1"), "duplicate_field"),
        ("groups=C0001:1&AwaitingReconsent=fals", "bad_value"),
        ("groups=C0001:1&AwaitingReconsent=", "bad_value"),
        ("isGpcEnabled=&groups=C0001:1", "bad_value"),
        ("browserGpcFlag=true", "bad_value"),
    ],
)
def test_what_is_not_of_the_form_is_refused(text: object, code: str) -> None:
    assert code_or_choices(text, decode_chosen) == code


@pytest.mark.parametrize(
    "closed", ["2026-06-01", "2026-06-01T08:30:00.125", CHOSEN[:-5], "1780302600", "true"]
)
def test_a_time_that_cannot_be_read_is_refused_with_all_that_it_would_date(closed: str) -> None:
    assert code_or_choices(onetrust(PARTLY), partial(decode, alert_box_closed=closed)) == "bad_time"


def test_a_field_that_is_there_twice_and_says_the_same_is_one_field() -> None:
    assert dict(decode(with_field(onetrust(PARTLY), "AwaitingReconsent=false"), CHOSEN).groups) == PARTLY
    assert dict(decode("groups=C0001:1,C0001:1,&isGpcEnabled=0").groups) == {"C0001": True}


@given(st.text(max_size=120) | st.text("groups=&%3A2C0,:1", max_size=200))
def test_noise_is_refused_or_read_and_nothing_else_happens(text: str) -> None:
    for each in (text, f"groups={text}", quote(text, errors="replace")):
        choices = code_or_choices(each, decode_chosen)
        assert isinstance(choices, str) or not choices.is_choice


def test_choices_are_in_no_repr_and_no_pickle() -> None:
    choices = decode(onetrust(PARTLY), CHOSEN)

    assert repr(choices) == "CmpChoices(cmp='onetrust')"
    for leave in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="CmpChoices"):
            leave(choices)
    with pytest.raises(TypeError):
        choices.groups["C0004"] = True  # type: ignore[index] # that it cannot be set is the claim


def test_choices_come_as_what_json_has() -> None:
    choices = decode(onetrust({"C0001": True}), CHOSEN)

    assert isinstance(choices, CmpChoices)
    assert choices.as_dict() == {
        "cmp": "onetrust",
        "groups": {"C0001": True},
        "whole": True,
        "is_choice": True,
        "chosen_s": CHOSEN_S,
        "expires_s": None,
        "gpc": False,
        "gpc_may_be_on": False,
        "tcf": False,
        "remarks": [],
    }
