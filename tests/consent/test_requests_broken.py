"""What a request brought is never taken for what it did not bring, and of several the more restrictive counts."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from discreet_consent import Policy, Status, read_request
from support.tc_strings import encode_tc
from support.visits import GRANTS, NOISE, ONETRUST, REFUSES, jar, of_italy

POLICY = Policy.default().over({"headers": {"X-Consent": "tcf"}})


@pytest.mark.parametrize(
    "cookie",
    [
        "euconsent-v2=",
        "euconsent-v2",
        'euconsent-v2=""',
        'euconsent-v2="',
        f'euconsent-v2="{GRANTS}',
        f"euconsent-v2={GRANTS} x",
        f"euconsent-v2={GRANTS},b=2",
        f"euconsent-v2={GRANTS}%",
        f"euconsent-v2={GRANTS}%0",
        f"euconsent-v2={GRANTS}%00",
        f"euconsent-v2={GRANTS}\x00",
        f"euconsent-v2={GRANTS}%C3%28",
        f"euconsent-v2={GRANTS}\ud800",
        f"euconsent-v2={GRANTS * 200}",
        f"euconsent-v2={'%41' * 4_000}",
        f"a=1,euconsent-v2={GRANTS}",
        f"a=1,euconsent-v2={GRANTS};euconsent-v2={GRANTS}",
        f"a=1,b,\teuconsent-v2 ={GRANTS},c=2",
    ],
)
def test_what_came_broken_is_unreadable_and_refuses(cookie: str) -> None:
    signals = read_request([("cookie", f"{NOISE};{cookie}")])

    assert signals.status("tcf") is Status.UNREADABLE
    assert not of_italy(signals).purposes


@pytest.mark.parametrize(
    "query", ["gdpr_consent", "gdpr_consent=", "gdpr_consent=${GDPR_CONSENT_755}", b"gdpr_consent=\xff"]
)
def test_a_parameter_that_came_broken_is_unreadable(query: str | bytes) -> None:
    assert read_request([], query=query).status("tcf") is Status.UNREADABLE


@pytest.mark.parametrize("value", [7, 1.5, {"a": 1}, object(), True])
def test_a_value_that_is_no_text_is_unreadable(value: object) -> None:
    assert read_request([("x-consent", value)], policy=POLICY).status("tcf") is Status.UNREADABLE
    assert read_request([], cookies={"euconsent-v2": value}).status("tcf") is Status.UNREADABLE


@pytest.mark.parametrize("octet", [b"\xff", b"\xc3", b"\x80", b"\x00", b"%FF", b"%C3", b"%ED%A0%80"])
def test_an_octet_too_many_is_not_passed_over(octet: bytes) -> None:
    cookie = b"euconsent-v2=" + GRANTS[:9].encode() + octet + GRANTS[9:].encode()

    assert read_request([(b"cookie", cookie)]).status("tcf") is Status.UNREADABLE
    assert read_request([("cookie", cookie.decode("latin-1"))]).status("tcf") is Status.UNREADABLE
    assert (
        read_request([("cookie", cookie.decode("utf-8", "surrogateescape"))]).status("tcf")
        is Status.UNREADABLE
    )


@pytest.mark.parametrize(
    ("name", "value"), [*ONETRUST.items(), ("usprivacy", "1YNN"), ("CookieConsent", "0")]
)
def test_what_stands_behind_a_comma_came_and_is_not_read(name: str, value: str) -> None:
    signals = read_request(
        jar(f"last_search=shoes,{name}={value}", f"OptanonConsent={ONETRUST['OptanonConsent']}")
    )

    assert Status.UNREADABLE in signals.statuses.values()


def test_the_mere_name_of_a_cookie_in_the_value_of_another_is_no_signal() -> None:
    assert not read_request(jar("seen=_ga,euconsent-v2,CookieConsent"))


def test_a_stranger_cannot_grant_through_the_value_of_another_cookie() -> None:
    signals = read_request(jar(f"last_search=shoes,euconsent-v2={GRANTS}"))

    assert not of_italy(signals).purposes
    assert signals.status("tcf") is Status.UNREADABLE


octets = st.one_of(st.binary(max_size=60), st.text('=;,"%\\ \t\x00é\ud800ab0', max_size=60))


@given(before=octets, value=octets, after=octets, wrong=st.dictionaries(octets, octets, max_size=4))
@example(before=b"", value=b"", after=b"", wrong={})
@example(before='"', value="%", after='"', wrong={"sec-gpc": b"\xff"})
def test_nothing_that_a_visitor_sends_raises_or_makes_a_cookie_absent(
    before: str | bytes, value: str | bytes, after: str | bytes, wrong: dict[str | bytes, str | bytes]
) -> None:
    parts = [each.decode("latin-1") if isinstance(each, bytes) else each for each in (before, value, after)]
    header = "{};euconsent-v2={};{}".format(*parts)
    signals = read_request([*wrong.items(), ("cookie", header)], cookies=wrong, query=header, policy=POLICY)

    assert signals.status("tcf") is Status.UNREADABLE
    assert not of_italy(signals).purposes


@pytest.mark.parametrize("name", [*Policy.default().cookies])
@given(value=octets)
def test_every_cookie_of_the_policy_that_came_has_a_status(name: str, value: str | bytes) -> None:
    signals = read_request([], cookies={name: value})

    # A time without a choice says nothing; and Cookiebot's cookie may be as short as `0`.
    possible = {"OptanonAlertBoxClosed": {Status.ABSENT}, "CookieConsent": {Status.UNREADABLE, Status.READ}}
    assert {each.status for each in signals.readings} <= possible.get(name, {Status.UNREADABLE})
    assert signals.readings


def test_more_than_a_browser_sends_is_refused() -> None:
    many = read_request(
        jar(*(f"euconsent-v2={at}" for at in range(1_000)), *(f"c{at}=x" for at in range(10_000)))
    )
    long = read_request(jar(f"euconsent-v2={GRANTS}", "usprivacy=" + "Y" * 1_000_000))

    assert many.status("tcf") is long.status("tcf") is long.status("us_privacy") is Status.UNREADABLE


def test_thousands_of_other_cookies_hide_nothing() -> None:
    others = [f"c{at}=x" for at in range(5_000)]

    assert read_request(jar(*others, f"euconsent-v2={GRANTS}", *others)).status("tcf") is Status.READ


# --- Several of one name


@pytest.mark.parametrize(
    "cookies", list(permutations([f"euconsent-v2={GRANTS}", f"euconsent-v2={REFUSES}", NOISE]))
)
def test_of_two_cookies_of_a_name_the_more_restrictive_counts(cookies: tuple[str, ...]) -> None:
    both = read_request(jar(*cookies))

    assert of_italy(read_request(jar(f"euconsent-v2={GRANTS}"))).purposes
    assert not of_italy(both).purposes
    assert both == read_request([("cookie", each) for each in reversed(cookies)])
    assert both == read_request([], cookies={"euconsent-v2": [GRANTS, REFUSES]})


def test_a_cookie_that_grants_does_not_outweigh_a_parameter_that_cannot_be_read() -> None:
    assert not of_italy(read_request(jar(f"euconsent-v2={GRANTS}"), query="gdpr_consent=undefined")).purposes


@given(
    texts=st.lists(
        st.sets(st.integers(1, 11)).map(lambda granted: encode_tc(publisher=granted)), min_size=1, max_size=4
    ),
    data=st.data(),
)
def test_what_several_grant_is_what_each_of_them_grants_in_any_order(
    texts: list[str], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(texts))
    consent = of_italy(read_request(jar(*(f"euconsent-v2={text}" for text in shuffled))))

    alone = [of_italy(read_request(jar(f"euconsent-v2={text}"))).purposes for text in texts]
    assert consent.purposes == frozenset.intersection(*alone)


# --- What a caller must not pass


@pytest.mark.parametrize("header", [5, object(), {"a": "b"}])
def test_a_cookie_header_that_is_no_text_is_the_callers_mistake(header: object) -> None:
    with pytest.raises(TypeError, match="a Cookie header is text or bytes"):
        read_request([("cookie", header)])
