"""CookieYes's cookie: a choice needs an action, and what the cookie does not list may have been refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent.signals.cmp_cookies.cookieyes import decode
from support.cmp_cookies import CHOSEN_MS, code_or_choices, cookieyes, encodings, grown_by_cutting

ID = "consentid:YW4gaW52ZW50ZWQgaWQgb2YgdGhpcnR5LXR3byBvY3Q"
CATEGORIES = ("necessary", "functional", "analytics", "performance", "advertisement", "other")
ALL_NO = {
    "necessary": True,
    "functional": False,
    "analytics": False,
    "performance": False,
    "advertisement": False,
}
# Forms that are seen; the ids and times are invented.
SEEN = {
    "accepted": (
        f"{ID},consent:yes,action:yes,necessary:yes,functional:yes,analytics:no,performance:yes,advertisement:no",
        True,
        {
            "necessary": True,
            "functional": True,
            "analytics": False,
            "performance": True,
            "advertisement": False,
        },
    ),
    "refused": (
        f"{ID},consent:no,action:yes,necessary:yes,functional:no,analytics:no,performance:no,advertisement:no",
        True,
        ALL_NO,
    ),
    "not answered": (
        f"{ID},consent:no,action:,necessary:yes,functional:no,analytics:no,performance:no,advertisement:no",
        False,
        ALL_NO,
    ),
    "first page": (
        f"{ID},consent:,action:,necessary:,functional:,analytics:,performance:,advertisement:,other:",
        False,
        {},
    ),
    "undecided in an opt-out state": (
        f"{ID},consent:no,action:,necessary:yes,functional:no,analytics:no,performance:no,advertisement:yes",
        False,
        ALL_NO | {"advertisement": True},
    ),
}
states = st.dictionaries(st.sampled_from(CATEGORIES), st.sampled_from([None, True, False]))


@pytest.mark.parametrize("name", SEEN)
def test_cookies_as_sites_send_them_are_read(name: str) -> None:
    text, is_choice, groups = SEEN[name]
    for each in encodings(text):
        choices = decode(each)

        assert (choices.is_choice, dict(choices.groups)) == (is_choice, groups)
        assert (choices.chosen_s, choices.expires_s, choices.gpc, choices.tcf) == (None, None, None, None)


@given(
    states,
    st.sampled_from(["yes", "no", ""]),
    st.sampled_from(["yes", "no", ""]),
    st.sampled_from([None, CHOSEN_MS]),
)
def test_a_cut_never_grows_what_is_allowed_or_loses_a_refusal(
    categories: dict[str, bool | None], consent: str, action: str, renewed_ms: int | None
) -> None:
    for text in encodings(cookieyes(categories, consent=consent, action=action, renewed_ms=renewed_ms)):
        choices = decode(text)

        assert choices.is_choice is (action == "yes" and consent != "")
        assert grown_by_cutting(text, decode) == []
        if consent == "yes":
            assert dict(choices.groups) == {
                name: state for name, state in categories.items() if state is not None
            }


def test_only_a_field_after_the_categories_shows_that_none_is_missing() -> None:
    told = {"necessary": True, "analytics": True}

    assert not decode(cookieyes(told)).whole
    assert decode(cookieyes(told, renewed_ms=CHOSEN_MS)).whole
    assert not decode(cookieyes(told, renewed_ms=CHOSEN_MS) + ",advertisement:yes").whole


def test_the_date_on_which_a_site_renewed_its_notice_is_not_the_date_of_a_choice() -> None:
    assert decode(cookieyes({"analytics": True}, renewed_ms=CHOSEN_MS)).chosen_s is None


def test_a_recorded_refusal_beats_the_categories_beside_it() -> None:
    choices = decode(cookieyes({"necessary": True, "analytics": True, "other": False}, consent="no"))

    assert choices.is_choice
    assert choices.groups == {"necessary": True, "analytics": False, "other": False}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (None, "not_text"),
        ("a:" * 4_097, "too_long"),
        ("yes", "bad_form"),
        ("necessary:yes,analytics:yes", "bad_form"),
        ("consent:yes,action", "bad_form"),
        ("consent:yes,:yes", "bad_form"),
        ("consent:yes,,analytics:yes", "bad_form"),
        ("consent:y,action:yes", "bad_value"),
        ("consent:yes,action:true", "bad_value"),
        ("consent:yes,action:yes,analytics:y", "bad_group"),
        ("consent:yes,action:yes,analytics:true", "bad_group"),
        ("consent:yes,action:yes,analytics:yes:no", "bad_group"),
        ("consent:yes,action:yes,\x07:yes", "bad_group"),
        ("consent:yes,consent:no,action:yes", "duplicate_field"),
        ("consent:yes,action:yes,analytics:no,analytics:yes", "duplicate_field"),
        ("consent:yes," + ",".join(f"c{each}:yes" for each in range(300)), "too_many"),
    ],
)
def test_what_is_not_of_the_form_is_refused(text: object, code: str) -> None:
    assert code_or_choices(text, decode) == code


@given(st.text(max_size=120) | st.text("consetyaig:,%", max_size=120))
def test_noise_is_refused_or_read_and_nothing_else_happens(text: str) -> None:
    for each in (text, f"consent:yes,{text}", f"consent:yes,action:yes,{text}"):
        choices = code_or_choices(each, decode)
        assert isinstance(choices, str) or choices.chosen_s is None
