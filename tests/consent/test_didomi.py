"""Didomi's token: a purpose is allowed by consent alone, and an objection refuses it."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discreet_consent.signals.cmp_cookies.didomi import decode
from support.cmp_cookies import (
    CHOSEN,
    CHOSEN_S,
    code_or_choices,
    didomi,
    encodings,
    grown_by_cutting,
    purpose_ids,
)


def token(document: object) -> str:
    """A token around any document."""
    return base64.b64encode(json.dumps(document).encode()).decode()


# Forms that are seen; the ids are invented.
SEEN: dict[str, tuple[dict[str, object], dict[str, bool], bool]] = {
    "everything refused": (
        {"user_id": "00000000-0001-6222-8333-444444444444", "created": "2024-04-15T09:00:00.232Z", "updated": CHOSEN,
         "vendors": {"disabled": ["google", "c:mixpanel"]},
         "purposes": {"disabled": ["device_characteristics", "geolocation_data"]},
         "vendors_li": {"disabled": ["google"]}, "purposes_li": {"disabled": ["device_characteristics", "geo_ads"]},
         "version": 2, "ac": "AAAA.AAAA"},
        {"device_characteristics": False, "geolocation_data": False, "geo_ads": False},
        True,
    ),
    "everything accepted at once": (
        {"user_id": "00000000-0002-6222-8333-444444444444", "created": CHOSEN, "updated": CHOSEN,
         "vendors": {"enabled": ["amazon", "c:personal-Abcd1234"]},
         "purposes": {"enabled": ["p1abcdef", "partners-Abcd1234"]}, "vendors_li": {"enabled": ["google"]},
         "version": 2},
        {"p1abcdef": True, "partners-Abcd1234": True},
        True,
    ),
    "no answer yet": (
        {"user_id": "00000000-0003-6222-8333-444444444444", "created": CHOSEN, "updated": CHOSEN, "version": None},
        {},
        False,
    ),
    "vendors only": (
        {"user_id": "00000000-0004-6222-8333-444444444444", "created": CHOSEN, "updated": CHOSEN, "version": 2,
         "vendors": {"enabled": ["google"]}, "vendors_li": {"enabled": ["google"]}, "ac": "AFmACAFk.AAAA"},
        {},
        True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SEEN)
def test_tokens_as_sites_send_them_are_read(name: str) -> None:
    document, groups, is_choice = SEEN[name]
    for text in encodings(token(document)):
        choices = decode(text)

        assert (dict(choices.groups), choices.is_choice) == (groups, is_choice)
        assert (choices.chosen_s, choices.whole, choices.tcf, choices.gpc) == (CHOSEN_S, True, None, None)


@given(purpose_ids, purpose_ids, purpose_ids, st.booleans(), st.booleans())
@settings(max_examples=30)
def test_a_token_says_what_was_told_and_a_cut_one_no_more(
    allowed: list[str], objected: list[str], kept: list[str], url_safe: bool, padded: bool
) -> None:
    refused = [each for each in ("C1", "C2") if each not in allowed]
    told = didomi(
        allowed,
        refused,
        li_enabled=[each for each in kept if each not in objected],
        li_disabled=objected,
        url_safe=url_safe,
        padded=padded,
        vendors=["google"],
    )
    for text in (told, quote(told, safe=""), told.replace("+", " ")):
        choices = decode(text)

        assert {group for group, state in choices.groups.items() if state} == {*allowed} - {*objected}
        assert {group for group, state in choices.groups.items() if not state} == {*refused, *objected}
        assert grown_by_cutting(text, decode) == []


def test_a_legitimate_interest_that_nobody_objected_to_is_no_consent() -> None:
    assert dict(decode(didomi(li_enabled=["geo_ads"], vendors=["google"])).groups) == {}


def test_an_objection_refuses_what_was_also_consented_to() -> None:
    assert dict(decode(didomi(["geo_ads"], li_disabled=["geo_ads"])).groups) == {"geo_ads": False}


def test_without_its_time_there_is_no_choice() -> None:
    choices = decode(didomi(["geo_ads"], updated=None))

    assert (choices.is_choice, choices.chosen_s) == (False, None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (None, "not_text"),
        ("e" * 8_193, "too_long"),
        ("!", "bad_base64"),
        ("e", "bad_base64"),
        ("eyJ1=c2Vy", "bad_base64"),
        ("éyJ1", "bad_base64"),
        ("_____w==", "bad_base64"),
        ("=", "empty"),
        ("1", "bad_base64"),
        ("true", "bad_base64"),
        (token([]), "bad_json"),
        (token(None), "bad_json"),
        (token({"purposes": [[[[]]]] * 40}), "bad_json"),
        (base64.b64encode(b"{" * 3_000).decode(), "bad_json"),
        (base64.b64encode(b"[" * 60).decode(), "bad_json"),
        (base64.b64encode(b'{"version":NaN}').decode(), "bad_json"),
        (base64.b64encode(b'{"purposes":{},"purposes":{}}').decode(), "duplicate_field"),
        (token({"purposes": {"enabled": ["a"], "disabled": ["a"]}}), "duplicate_field"),
        (token({"vendors": {"enabled": ["a"], "disabled": ["a"]}}), "duplicate_field"),
        (token({"purposes_li": {"enabled": ["a"], "disabled": ["a"]}}), "duplicate_field"),
        (token({"purposes": ["a"]}), "bad_form"),
        (token({"purposes": {"enabled": "abc"}}), "bad_form"),
        (token({"vendors": {"enabled": [1]}}), "bad_form"),
        (token({"purposes": {"enabled": [""]}}), "bad_group"),
        (token({"purposes": {"enabled": ["a\ud800"]}}), "bad_group"),
        (token({"purposes_li": {"disabled": ["a\n"]}}), "bad_group"),
        (token({"updated": "2026-06-01"}), "bad_time"),
        (token({"updated": 1_780_302_600}), "bad_time"),
        (token({"purposes": {"enabled": [f"p{each}" for each in range(300)]}}), "too_many"),
    ],
)
def test_what_is_not_of_the_form_is_refused(text: object, code: str) -> None:
    assert code_or_choices(text, decode) == code


documents = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["purposes", "purposes_li", "vendors", "updated", "enabled", "disabled"]), inner
        )
    ),
    max_leaves=8,
)


@given(st.text(max_size=80) | st.binary(max_size=80).map(lambda octets: base64.b64encode(octets).decode()))
def test_noise_is_refused_and_nothing_else_happens(text: str) -> None:
    assert isinstance(code_or_choices(text, decode), str)


@given(documents)
def test_any_document_is_refused_or_read(document: object) -> None:
    choices = code_or_choices(token(document), decode)

    assert isinstance(choices, str) or choices.whole
