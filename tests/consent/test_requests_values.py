"""Reading a request: values that are one or several, quoted, of any length, and never a reason to fail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import Policy, Status, read_request
from discreet_consent.signals.bounded import MAX_LENGTH
from support.naming import named
from support.visits import GRANTS, REFUSES, jar, of_italy

OWN_NAMES = Policy.default().over(
    {"headers": {"X-TC": "tcf"}, "cookies": {"mode": "consent_mode"}, "parameters": {"mode": "consent_mode"}}
)


@pytest.mark.parametrize("value", [f"{GRANTS},{GRANTS}", f"{GRANTS}, {REFUSES}", f"{GRANTS},", f",{GRANTS}"])
def test_only_a_gpc_header_is_split_at_commas(value: str) -> None:
    """Of another header's value the parts are nobody's word."""
    signals = read_request([("x-tc", value)], policy=OWN_NAMES)

    assert [each.status for each in signals.readings] == [Status.UNREADABLE]


def test_a_header_of_the_sites_own_may_come_several_times() -> None:
    signals = read_request([("X-TC", GRANTS), ("x-tc", [REFUSES, f"\t{GRANTS} "])], policy=OWN_NAMES)

    assert [each.status for each in signals.readings] == [Status.READ, Status.READ]
    assert of_italy(signals).purposes == frozenset()


def test_headers_cookies_and_the_query_all_count() -> None:
    signals = read_request(
        [("Sec-GPC", "1"), *jar("usprivacy=1YNN")], cookies=f"euconsent-v2={GRANTS}", query="gpp=DBAA"
    )

    assert [each.source for each in signals.readings] == ["gpc", "gpp", "tcf", "us_privacy"]
    assert read_request([("Sec-GPC", "1")], cookies="a=b").status("gpc") is Status.READ
    assert read_request([("Sec-GPC", "1")], query="a=b").status("gpc") is Status.READ


@pytest.mark.parametrize(
    ("quoted", "value"),
    [
        (r'"1YNN"', "1YNN"),
        (r'"1Y\116N"', "1YNN"),  # 116 is the octal number of N
        (r'"1Y\N\N"', "1YNN"),
        (r'"\061YNN"', "1YNN"),
        (r'"1YNN', None),
        (r'1YNN"', None),
        (r'"', None),
        (r'""', None),
        (r'"1Y\189N"', None),  # no octal digits: the backslash alone goes
        (r'"1YN\8"', None),
        (r'"1YN\09"', None),
        (r'"1YN\"', None),
        (r'"1YN\\"', None),
        (r'"1YN\777"', None),
    ],
)
def test_a_quoted_cookie_is_unquoted_or_cannot_be_read(quoted: str, value: str | None) -> None:
    signals = read_request(jar(f"usprivacy={quoted}"))

    assert signals.status("us_privacy") is (Status.UNREADABLE if value is None else Status.READ)


@given(st.text(r"\0123789YN1\"", max_size=12))
def test_nothing_between_quotes_is_a_reason_to_fail(inside: str) -> None:
    assert read_request(jar(f'usprivacy="{inside}"')).status("us_privacy") is not Status.ABSENT


@pytest.mark.parametrize(("over", "status"), [(0, Status.READ), (1, Status.UNREADABLE)])
def test_an_encoded_text_is_decoded_up_to_the_length_of_any_signal(over: int, status: Status) -> None:
    state = "%7B%7D"
    long = "+" * (MAX_LENGTH + over - len(state)) + state

    assert len(long) == MAX_LENGTH + over
    assert read_request([], query={"mode": long}, policy=OWN_NAMES).status("consent_mode") is status


@pytest.mark.parametrize("empty", [None, "", b"", [], ()], ids=named)
def test_a_cookie_header_without_a_cookie_carries_nothing(empty: object) -> None:
    assert not read_request([("cookie", empty)])


@pytest.mark.parametrize("empty", [None, "", b""], ids=named)
def test_another_header_without_a_value_came_unless_it_is_none(empty: object) -> None:
    signals = read_request([("x-tc", empty)], policy=OWN_NAMES)

    assert signals.status("tcf") is (Status.ABSENT if empty is None else Status.UNREADABLE)
