"""Google Consent Mode: a choice is told from a default wherever it can be, and a default is never a choice."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import SignalError
from discreet_consent.signals.consent_mode import (
    KEYS,
    Choice,
    ConsentMode,
    decode,
    decode_gcd,
    decode_gcs,
    from_state,
)

Read: TypeAlias = Callable[[str], ConsentMode]

states = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["granted", "denied"]))
LETTERS = {
    "l": Choice.UNSET,
    "p": Choice.DENIED_BY_DEFAULT,
    "q": Choice.DENIED,
    "t": Choice.GRANTED_BY_DEFAULT,
    "r": Choice.GRANTED,
    "m": Choice.DENIED,
    "n": Choice.GRANTED,
    "u": Choice.DENIED,
    "v": Choice.GRANTED,
}


def read_or_refuse(read: Read, text: Any) -> ConsentMode | SignalError:
    """What `text` says, or how it is refused; any other exception is a failure."""
    try:
        return read(text)
    except SignalError as refusal:
        return refusal


def code_of(read: Read, text: object) -> str:
    """The code with which `read` refuses `text`."""
    refusal = read_or_refuse(read, text)
    assert isinstance(refusal, SignalError)
    return refusal.code


@given(states, states)
def test_an_update_is_the_visitors_choice_and_what_is_left_is_a_default(
    default: dict[str, str], update: dict[str, str]
) -> None:
    mode = decode(json.dumps({"default": default, "update": update}))

    assert mode.as_dict() == from_state(default, update).as_dict()
    for key in KEYS:
        if key in update:
            assert mode.choice(key) == update[key]
        elif key in default:
            assert mode.choice(key) == f"{default[key]}_by_default"
        else:
            assert mode.choice(key) is Choice.UNSET


@pytest.mark.parametrize("text", ["{}", '{"default": {}}', '{"update": {}}', '{"default": {}, "update": {}}'])
def test_a_state_of_nothing_leaves_every_key_unset(text: str) -> None:
    assert set(decode(text).as_dict().values()) == {"unset"}


def test_how_long_tags_wait_is_no_consent() -> None:
    mode = decode('{"default": {"ad_storage": "denied", "wait_for_update": 500}}')

    assert mode.choice("ad_storage") is Choice.DENIED_BY_DEFAULT


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (None, "not_text"),
        (b"{}", "not_text"),
        (" " * 8_193, "too_long"),
        ("null", "bad_json"),
        ('{"default": {"ad_storage": "granted"}', "bad_json"),
        ("[" * 8_000, "bad_json"),
        ('{"default": {}, "default": {}}', "duplicate_field"),
        ('{"update": {"ad_storage": "denied", "ad_storage": "granted"}}', "duplicate_field"),
        ('{"ad_storage": "granted"}', "unknown_key"),
        ('{"default": {"ads_storage": "granted"}}', "unknown_key"),
        ('{"default": null}', "bad_state"),
        ('{"update": []}', "bad_state"),
        ('{"default": "granted"}', "bad_state"),
        ('{"default": {"ad_storage": true}}', "bad_value"),
        ('{"default": {"ad_storage": "Granted"}}', "bad_value"),
        ('{"default": {"ad_storage": null}}', "bad_value"),
        ('{"default": {"ad_storage": "granted", "region": ["ES"]}}', "regional_default"),
    ],
)
def test_a_state_that_is_not_one_is_refused(text: object, code: str) -> None:
    assert code_of(decode, text) == code


@pytest.mark.parametrize(
    ("text", "ad_storage", "analytics_storage"),
    [
        ("G111", "granted_by_default", "granted_by_default"),
        ("G100", "denied", "denied"),
        ("G101", "denied", "granted_by_default"),
        ("G1--", "unset", "unset"),
        ("G1-1", "unset", "granted_by_default"),
    ],
)
def test_gcs_cannot_tell_a_grant_from_a_default(text: str, ad_storage: str, analytics_storage: str) -> None:
    found = decode_gcs(text).as_dict()

    assert (found.pop("ad_storage"), found.pop("analytics_storage")) == (ad_storage, analytics_storage)
    assert set(found.values()) == {"unset"}


@pytest.mark.parametrize("text", ["G1", "G11", "G1111", "G011", "g111", "G112", "G1 1", "G11\n", "111"])
def test_gcs_of_another_form_is_refused(text: str) -> None:
    assert code_of(decode_gcs, text) == "bad_gcs"


@given(st.lists(st.sampled_from(sorted(LETTERS)), min_size=4, max_size=4), st.sampled_from(["11", "13"]))
def test_gcd_says_of_four_keys_what_its_letters_stand_for(letters: list[str], head: str) -> None:
    for text in (f"{head}{'1'.join(letters)}5", f"{head}{'3'.join(letters)}5l1"):
        found = decode_gcd(text)

        assert [found.choice(key) for key in KEYS[:4]] == [LETTERS[letter] for letter in letters]
        assert {found.choice(key) for key in KEYS[4:]} == {Choice.UNSET}


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("11p1p1p1p5", "denied_by_default"),
        ("13r3r3r3r5l1", "granted"),
        ("13t3t3t2t5l1", "granted_by_default"),
    ],
)
def test_gcd_as_it_is_seen_on_the_wire_is_read(text: str, first: str) -> None:
    assert decode_gcd(text).as_dict()["ad_storage"] == first


@pytest.mark.parametrize(
    "text",
    ["11t1t1t1", "11t1t1t1t", "12t1t1t1t5", "tttt", "11tttt5", "1111111111", "11T1T1T1T5", "13t3t3Z3t5l1",
     "11t1t1t1t5-", "11t1t1t1t5\n", "11t1t1t1t٣", " 11t1t1t1t5", "11t1t1t1t5" + "l" * 60],
)  # fmt: skip
def test_gcd_of_another_form_is_refused(text: str) -> None:
    assert code_of(decode_gcd, text) == "bad_gcd"


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (decode, '{"default": {"ad_storage": "granted"}, "update": {"ad_storage": "denied"}}'),
        (decode_gcs, "G111"),
        (decode_gcd, "13r3u3q3t5l1"),
    ],
)
def test_a_cut_signal_is_refused_or_says_the_same(read: Read, text: str) -> None:
    whole = read(text).as_dict()
    for at in range(len(text)):
        cut = read_or_refuse(read, text[:at])
        assert isinstance(cut, SignalError) or cut.as_dict() == whole


@given(st.text(max_size=40))
def test_noise_is_refused_and_nothing_else_happens(text: str) -> None:
    for read in (decode, decode_gcs, decode_gcd):
        refusal = read_or_refuse(read, text)
        assert len(text) < 8 or text not in str(refusal)


def test_a_key_that_consent_mode_does_not_have_has_no_choice() -> None:
    with pytest.raises(KeyError):
        decode("{}").choice("personalisation_storage")


def test_the_visitors_choices_are_in_no_repr_and_no_pickle() -> None:
    mode = from_state(update={"ad_storage": "denied"})

    assert repr(mode) == "ConsentMode(...)"
    for leave in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="ConsentMode"):
            leave(mode)
    with pytest.raises(AttributeError, match="immutable"):
        mode._choices = {}  # pyright: ignore[reportPrivateUsage] - that it cannot be set is the claim
