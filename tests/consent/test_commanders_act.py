"""Commanders Act's cookie: what it does not list is refused, and status 1 refuses all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discreet_consent.signals.cmp_cookies.commanders_act import decode
from support.cmp_cookies import (
    CHOSEN_MS,
    CHOSEN_S,
    MONTH_MS,
    code_or_choices,
    commanders_act,
    encodings,
    grown_by_cutting,
)

# Forms that are seen; the ids and times are invented.
SEEN = {
    "allowed": (
        "0%40005%7C90%7C5300%402%2C4%401%401715000000662%2C1715000000662%2C1748000000662%40",
        {"2": True, "4": True},
        (1_715_000_000.662, 1_748_000_000.662),
    ),
    "with the TCF and vendors": (
        (
            "0%40007%7C2%7C2%7C224%7C110%7C5400%401%2C2%2C3%40%401714000000157%2C1714000000157%2C1730000000157"
            "%40_v8AAAAAAAAAAAD-CgAAAAAAAAAAAA_Co%3D"
        ),
        {"1": True, "2": True, "3": True},
        (1_714_000_000.157, 1_730_000_000.157),
    ),
    "refused": (
        "1%40004%7C20%7C4300%40%40%401758000000923%2C1758000000923%2C1791000000923%40",
        {},
        (1_758_000_000.923, 1_791_000_000.923),
    ),
}


@pytest.mark.parametrize("name", SEEN)
def test_cookies_as_sites_send_them_are_read(name: str) -> None:
    text, groups, times = SEEN[name]
    for each in encodings(text):
        choices = decode(each)

        assert (dict(choices.groups), (choices.chosen_s, choices.expires_s)) == (groups, times)
        assert (choices.is_choice, choices.whole, choices.tcf, choices.gpc) == (True, False, None, None)


@given(
    st.sets(st.integers(1, 40)),
    st.booleans(),
    st.sets(st.integers(41, 50)),
    st.sampled_from(["", "_v8AAAD-Cg", "_v__"]),
    st.booleans(),
)
@settings(max_examples=50)
def test_a_cookie_says_what_was_told_and_a_cut_one_no_more(
    categories: set[int], opted_out: bool, locked: set[int], vendors: str, old: bool
) -> None:
    told = commanders_act(categories, opted_out=opted_out, locked=locked, vendors=vendors, old=old)
    for text in encodings(told):
        choices = decode(text)

        assert dict(choices.groups) == {str(category): not opted_out for category in categories}
        assert (choices.chosen_s, choices.expires_s) == (CHOSEN_S, (CHOSEN_MS + 6 * MONTH_MS) / 1_000)
        assert grown_by_cutting(text, decode) == []


def test_status_1_is_a_refusal_however_the_categories_are_written() -> None:
    for categories in ("", "ALL", "2,4"):
        choices = decode(f"1@004|20|4300@{categories}@1@1758000000923,1758000000923,1791000000923@")

        assert choices.is_choice
        assert not choices.whole
        assert not any(choices.groups.values())


def test_what_the_site_lets_nobody_refuse_is_nobodys_consent() -> None:
    choices = decode(commanders_act([2], locked=[1, 4]))

    assert dict(choices.groups) == {"2": True}
    assert choices.remarks


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (None, "not_text"),
        ("@" * 8_193, "too_long"),
        ("0", "bad_form"),
        ("0@005|90|5300@2,4@1", "bad_form"),
        ("0_005|90|5300_2,4_1_1715000000662,1715000000662,1748000000662_", "bad_form"),
        ("0@5|9|5@2@@1715000000662,1715000000662,1748000000662@@@@", "bad_form"),
        ("2@005|90|5300@2,4@1@1715000000662,1715000000662,1748000000662@", "bad_value"),
        ("@005|90|5300@2,4@1@1715000000662,1715000000662,1748000000662@", "bad_value"),
        ("0@005|90|5300@ALL@1@1715000000662,1715000000662,1748000000662@", "bad_group"),
        ("0@005|90|5300@2,,4@1@1715000000662,1715000000662,1748000000662@", "bad_group"),
        ("0@005|90|5300@2,@1@1715000000662,1715000000662,1748000000662@", "bad_group"),
        ("0@005|90|5300@2@x@1715000000662,1715000000662,1748000000662@", "bad_group"),
        ("0@005|90|5300@٢@@1715000000662,1715000000662,1748000000662@", "bad_group"),
        ("0@005|90|5300@2@@1715000000662,1715000000662@", "bad_time"),
        ("0@005|90|5300@2@@1715000000662,1715000000662,174800000066", "bad_time"),
        ("0@005|90|5300@2@@1715000000,1715000000,1748000000@", "bad_time"),
        ("0@005|90|5300@2@@@", "bad_time"),
        (commanders_act(range(300)), "too_many"),
    ],
)
def test_what_is_not_of_the_form_is_refused(text: object, code: str) -> None:
    assert code_or_choices(text, decode) == code


@given(st.text(max_size=120) | st.text("01@|,%4023789", max_size=120))
def test_noise_is_refused_or_read_and_nothing_else_happens(text: str) -> None:
    for each in (text, f"0@005|90|5300@{text}@1@1715000000662,1715000000662,1748000000662@"):
        choices = code_or_choices(each, decode)
        assert isinstance(choices, str) or not choices.whole
