"""Cookiebot's cookie: the closing brace shows that it is whole, and only a real stamp proves a choice."""

from __future__ import annotations

from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discreet_consent.signals.cmp_cookies.cookiebot import decode
from support.cmp_cookies import CHOSEN_MS, CHOSEN_S, code_or_choices, cookiebot, encodings, grown_by_cutting
from support.tc_strings import encode_tc

TC = encode_tc([1, 6], [1, 6])
# Forms that are seen; the ids and times are invented.
SEEN = {
    "refused in Germany": (
        (
            "{stamp:%27dpLDrTVAu4A8Ags67mbNiIcSMjTqDG5xQ8Ct1z/0Me35fF0plBv7Gw==%27%2Cnecessary:true%2Cpreferences:false"
            "%2Cstatistics:false%2Cmarketing:false%2Cmethod:%27explicit%27%2Cver:1%2Cutc:1705000000478%2Cregion:%27de%27}"
        ),
        (False, False, False),
        True,
        1_705_000_000.478,
    ),
    "of 2022, without a method": (
        (
            "{stamp:%27+DeD0YQ2gB060KUt5qyQ2Kd3Bjbr+gOMjGFvozotm1PkOnG8joEQPw==%27%2Cnecessary:true%2Cpreferences:true"
            "%2Cstatistics:true%2Cmarketing:false%2Cver:4%2Cutc:1666000000776%2Cregion:%27gb%27}"
        ),
        (True, True, False),
        True,
        1_666_000_000.776,
    ),
    "where no consent is needed": (
        (
            "{stamp:%27-1%27%2Cnecessary:true%2Cpreferences:true%2Cstatistics:true%2Cmarketing:true"
            "%2Cmethod:%27implied%27%2Cver:1%2Cutc:1751000000047%2Ciab2:%27%27%2Cregion:%27US-37%27}"
        ),
        (True, True, True),
        False,
        1_751_000_000.047,
    ),
    "of 2022, where no consent is needed": (
        (
            "{stamp:%27-1%27%2Cnecessary:true%2Cpreferences:true%2Cstatistics:true%2Cmarketing:true%2Cver:1"
            "%2Cutc:1665000000837%2Ciab2:%27%27%2Cregion:%27CA%27}"
        ),
        (True, True, True),
        False,
        1_665_000_000.837,
    ),
}


@pytest.mark.parametrize("name", SEEN)
def test_cookies_as_sites_send_them_are_read(name: str) -> None:
    text, (preferences, statistics, marketing), is_choice, chosen_s = SEEN[name]
    for each in encodings(text):
        choices = decode(each)

        assert choices.groups == {
            "necessary": True, "preferences": preferences, "statistics": statistics, "marketing": marketing,
        }  # fmt: skip
        assert (choices.is_choice, choices.chosen_s, choices.whole) == (is_choice, chosen_s, True)
        assert bool(choices.remarks) is not is_choice


@given(
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, "explicit", "implied"]),
    st.sampled_from([None, "", TC]),
    st.sampled_from([None, "1~", "2~AA==fmR2Lg=="]),
)
@settings(max_examples=20)
def test_a_cookie_says_what_was_told_and_a_cut_one_nothing(
    preferences: bool,
    statistics: bool,
    marketing: bool,
    method: str | None,
    iab2: str | None,
    gacm: str | None,
) -> None:
    told = cookiebot(preferences, statistics, marketing, method=method, iab2=iab2, gacm=gacm)
    for text in encodings(told):
        choices = decode(text)

        assert dict(choices.groups) == {
            "necessary": True, "preferences": preferences, "statistics": statistics, "marketing": marketing,
        }  # fmt: skip
        assert choices.is_choice is (method != "implied")
        assert (choices.tcf, choices.chosen_s) == (iab2 or None, CHOSEN_S)
        assert grown_by_cutting(text, decode) == []
        assert all(isinstance(code_or_choices(text[:at], decode), str) for at in range(len(text)))


def test_a_tc_string_is_carried_and_not_shown() -> None:
    choices = decode(cookiebot(iab2=TC))

    assert choices.tcf == TC
    assert choices.as_dict()["tcf"] is True
    assert TC not in repr(choices.as_dict())


@pytest.mark.parametrize("text", ["-1", "%2D1"])
def test_where_no_consent_was_asked_for_nobody_consented(text: str) -> None:
    choices = decode(text)

    assert (choices.is_choice, dict(choices.groups), choices.whole) == (False, {}, True)
    assert choices.remarks


def test_a_bare_zero_refuses_all_that_can_be_refused() -> None:
    choices = decode("0")

    assert choices.is_choice
    assert choices.groups == {"preferences": False, "statistics": False, "marketing": False}


@pytest.mark.parametrize("stamp", ["0", "", "-1"])
def test_without_a_real_stamp_there_is_no_choice(stamp: str) -> None:
    assert not decode(cookiebot(True, True, True, stamp=stamp)).is_choice


@pytest.mark.parametrize(
    "text",
    [
        unquote(cookiebot(True)).replace(",", ", "),
        unquote(cookiebot(True)).replace(",", ",+").replace("method:", "method:+"),
        unquote(cookiebot(True)).replace(",", " ,"),
        quote(quote(unquote(cookiebot(True)), safe=""), safe=""),
    ],
)
def test_other_writers_blanks_and_encodings_change_nothing(text: str) -> None:
    assert decode(text).as_dict() == decode(cookiebot(True)).as_dict()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (None, "not_text"),
        ("{" * 8_193, "too_long"),
        ("true", "bad_form"),
        ("1", "bad_form"),
        ("{}", "bad_form"),
        ("{stamp}", "bad_form"),
        ("{necessary:true,marketing:true}", "bad_form"),
        ('{"stamp":"x","marketing":true}', "bad_form"),
        ("{stamp:'x',marketing:true}}", "bad_form"),
        ("{stamp:'x',marketing:true};", "bad_form"),
        ("{stamp:'x'marketing:true}", "bad_form"),
        ("{stamp:'x,marketing:true}", "bad_form"),
        ("{stamp:'x',,marketing:true}", "bad_form"),
        ("{stamp:'x',:true}", "bad_form"),
        ("{stamp:''-1'',marketing:true}", "bad_form"),
        ("{stamp:'x',marketing:}", "bad_form"),
        ("{stamp:'x',marketing:1}", "bad_value"),
        ("{stamp:'x',marketing:yes}", "bad_value"),
        ("{stamp:'x',marketing:True}", "bad_value"),
        ("{stamp:'x',necessary:null}", "bad_value"),
        ("{stamp:'x',marketing:true,marketing:false}", "duplicate_field"),
        ("{stamp:'-1',stamp:'x'}", "duplicate_field"),
        ("{stamp:'x',utc:1705162226}", "bad_time"),
        ("{stamp:'x',utc:soon}", "bad_time"),
        ("{stamp:'x'," + ",".join(f"a{each}:1" for each in range(300)) + "}", "too_many"),
    ],
)
def test_what_is_not_of_the_form_is_refused(text: object, code: str) -> None:
    assert code_or_choices(text, decode) == code


@given(st.text(max_size=120) | st.text("{}:,'+%27stamp", max_size=120))
def test_noise_is_refused_or_read_and_nothing_else_happens(text: str) -> None:
    for each in (text, "{" + text + "}", "{stamp:'x'," + text + "}"):
        choices = code_or_choices(each, decode)
        assert isinstance(choices, str) or choices.whole


def test_the_time_is_in_milliseconds() -> None:
    assert decode(cookiebot(utc_ms=CHOSEN_MS + 1)).chosen_s == CHOSEN_S + 0.001
