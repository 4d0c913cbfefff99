"""Reading a request: where signals are found, and that a signal is the same however it was wrapped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import Policy, Signals, Status, read_request
from support import cmp_cookies
from support.tc_strings import encode_tc
from support.visits import GPP, GRANTS, NOISE, ONETRUST, REFUSES, jar

STATE = '{"default":{"ad_storage":"denied"},"update":{"analytics_storage":"granted"}}'
PLAIN = {
    "euconsent-v2": ("tcf", GRANTS),
    "OTGPPConsent": ("gpp", GPP),
    "usprivacy": ("us_privacy", "1YNN"),
    "mode": ("consent_mode", STATE),
    "gcd": ("gcd", "11t1t1t1t5"),
    "gcs": ("gcs", "G101"),
}
POLICY = Policy.default().over(
    {
        "cookies": {"mode": "consent_mode", "gcd": "gcd", "gcs": "gcs"},
        "parameters": {"mode": "consent_mode"},
    }
)


def encoded(text: str, times: int) -> str:
    """`text` with every character escaped, also those that few encoders escape."""
    for _ in range(times):
        text = "".join(f"%{ord(each):02X}" for each in text)
    return text


def in_every_form(name: str, value: str) -> Iterator[Signals]:
    """The same cookie, as servers and frameworks hand it on."""
    line = f"{name}={value}"
    yield read_request([("Cookie", line)], policy=POLICY)
    yield read_request([(b"cookie", line.encode())], policy=POLICY)
    yield read_request([(b"COOKIE", f"_ga=1;{line};x=2".encode())], policy=POLICY)
    yield read_request({"cookie": [f" a=b ; {name}\t= {value} ", "c"]}, policy=POLICY)
    yield read_request([("cookie", "a=b"), ("accept", "*/*"), ("cookie", line)], policy=POLICY)
    yield read_request([("cookie", line), ("cookie", line)], policy=POLICY)
    yield read_request([], cookies=line, policy=POLICY)
    yield read_request([], cookies=line.encode(), policy=POLICY)
    yield read_request([], cookies={name: value, "other": "x"}, policy=POLICY)
    yield read_request([], cookies={name: (value, value)}, policy=POLICY)
    yield read_request([("cookie", line)], cookies=[(name, value)], policy=POLICY)
    if '"' not in value:
        yield read_request([("cookie", f'{name}="{value}"')], policy=POLICY)


# --- Where signals are found


def test_each_signal_says_where_it_was_found() -> None:
    signals = read_request(
        [("Sec-GPC", "1"), *jar(f"euconsent-v2={GRANTS}", "usprivacy=1YNN")],
        query=f"a=b&gdpr_consent={REFUSES}&gpp={GPP}",
    )

    assert [(each.source, each.carrier, each.status) for each in signals.readings] == [
        ("gpc", "header sec-gpc", Status.READ),
        ("gpp", "parameter gpp", Status.READ),
        ("tcf", "cookie euconsent-v2", Status.READ),
        ("tcf", "parameter gdpr_consent", Status.READ),
        ("us_privacy", "cookie usprivacy", Status.READ),
    ]


def test_the_policy_says_which_name_carries_what() -> None:
    policy = Policy.default().over(
        {"cookies": {"my_tc": "tcf", "euconsent-v2": ""}, "headers": {"X-TC": "tcf"}}
    )
    signals = read_request([*jar(f"my_tc={GRANTS}", "euconsent-v2=broken"), ("x-tc", GRANTS)], policy=policy)

    assert [each.carrier for each in signals.readings] == ["cookie my_tc", "header x-tc"]
    assert signals.status("tcf") is Status.READ


def test_the_status_of_every_source_is_known() -> None:
    signals = read_request(
        [("Sec-GPC", "1"), *jar("euconsent-v2=", "OptanonAlertBoxClosed=2026-06-01T08:30:00.125Z")]
    )
    expected = dict.fromkeys(Signals().statuses, Status.ABSENT) | {
        "gpc": Status.READ,
        "tcf": Status.UNREADABLE,
    }

    assert signals.statuses == expected
    assert set(signals.statuses) >= {"gpp", "onetrust", "didomi", "consent_mode"}
    assert "onetrust_closed" not in signals.statuses


def test_a_request_without_signals_has_none() -> None:
    assert not read_request([("Host", "shop.example"), *jar("_ga=1")], query="gdpr=0&gdpr_applies=0&page=2")
    assert not read_request({}, cookies={}, query="")
    assert not read_request({"Cookie": None}, cookies={"euconsent-v2": None}, query=None)


def test_what_the_policy_does_not_name_is_not_looked_at() -> None:
    cookies = {"unknown": object(), "EUCONSENT-V2": GRANTS, "euconsent": "x", "sec-gpc": "1"}

    assert not read_request(
        [("X-Sec-GPC", "1"), ("euconsent-v2", "x")], cookies=cookies, query="Gpp=x&usprivacy=x"
    )


def test_no_text_of_a_signal_is_in_the_repr() -> None:
    assert repr(read_request(jar(f"euconsent-v2={GRANTS}"))) == "Signals(tcf (cookie euconsent-v2))"


# --- However it is wrapped


@pytest.mark.parametrize("times", [0, 1, 2])
@pytest.mark.parametrize("name", PLAIN)
def test_a_signal_is_the_same_in_every_form_and_encoding(name: str, times: int) -> None:
    source, text = PLAIN[name]
    expected = Signals([(source, f"cookie {name}", text)])

    assert expected.status(source) is Status.READ
    for signals in in_every_form(name, encoded(text, times)):
        assert signals == expected


@given(data=st.data(), times=st.integers(0, 2), publisher=st.sets(st.integers(1, 11)))
def test_a_tc_string_is_the_same_however_much_of_it_is_escaped(
    data: st.DataObject, times: int, publisher: set[int]
) -> None:
    text = encode_tc(publisher=publisher)
    wrapped = text
    for _ in range(times):
        at = data.draw(st.integers(0, len(wrapped) - 1))
        wrapped = f"{wrapped[:at]}%{ord(wrapped[at]):02{data.draw(st.sampled_from('xX'))}}{wrapped[at + 1 :]}"

    assert read_request(jar(NOISE, f"euconsent-v2={wrapped}")) == Signals(
        [("tcf", "cookie euconsent-v2", text)]
    )


@pytest.mark.parametrize("times", [0, 1, 2])
def test_a_parameter_is_the_same_in_every_form_and_encoding(times: int) -> None:
    expected = Signals([("gpp", "parameter gpp", GPP)])
    value = encoded(GPP, times)

    for query in (
        f"gpp={value}",
        f"?x=&gpp={value}&y".encode(),
        {"gpp": [value]},
        [(b"gpp", value.encode())],
    ):
        assert read_request([], query=query) == expected
    assert read_request([], query=f"?%67pp={value}") == expected


def test_an_encoding_of_an_encoding_of_an_encoding_is_not_read() -> None:
    assert read_request(jar(f"OTGPPConsent={encoded(GPP, 3)}")).status("gpp") is Status.UNREADABLE


def test_a_longer_text_than_any_signal_is_not_decoded() -> None:
    state = quote(STATE)

    assert (
        read_request([], query=f"mode={state}{'%20' * 2_500}", policy=POLICY).status("consent_mode")
        is Status.READ
    )
    assert (
        read_request([], query=f"mode={state}{'%20' * 3_000}", policy=POLICY).readings[0].problem is not None
    )


def test_the_time_at_which_onetrusts_notice_was_closed_is_the_same_in_every_encoding() -> None:
    closed = {
        read_request({}, cookies={**ONETRUST, "OptanonAlertBoxClosed": encoded(cmp_cookies.CHOSEN, times)})
        for times in range(3)
    }

    assert closed == {read_request({}, cookies=ONETRUST)}


def test_the_state_of_the_consent_mode_may_come_as_a_form_writes_it() -> None:
    text = STATE.replace(",", ", ")

    assert (
        read_request([], query=f"mode={quote_plus(text)}", policy=POLICY).status("consent_mode")
        is Status.READ
    )


@pytest.mark.parametrize(
    "value", [cmp_cookies.cookieyes({"analytics": True}), STATE, 'a"b\\c;d', '\\054\\\\",']
)
def test_what_a_python_server_quoted_is_unquoted(value: str) -> None:
    policy = POLICY.over({"cookies": {"set": "consent_mode"}})
    written = SimpleCookie({"set": value})["set"].OutputString()

    assert read_request([("cookie", written)], policy=policy) == read_request(
        [], cookies={"set": value}, policy=policy
    )


@pytest.mark.parametrize("zone", ["été", "Mitteleuropäische Sommerzeit", "中国标准时间"])
def test_octets_are_the_same_however_the_server_decoded_them(zone: str) -> None:
    cookie = f"OptanonConsent=groups={zone}:1&AwaitingReconsent=false"
    octets = cookie.encode()

    first, *others = (read_request([("cookie", each)]) for each in (cookie, octets, octets.decode("latin-1")))
    assert first.readings[0].status is Status.READ
    assert all(other == first for other in others)


# --- Jars of consent tools

JARS: Mapping[str, Mapping[str, str]] = {
    "onetrust": ONETRUST,
    "cookiebot": {"CookieConsent": cmp_cookies.cookiebot(statistics=True)},
    "cookieyes": {"cookieyes-consent": cmp_cookies.cookieyes({"analytics": True, "advertisement": False})},
    "didomi": {"didomi_token": cmp_cookies.didomi(["measure_ad_performance"], ["create_ads_profile"])},
    "commanders_act": {"TC_PRIVACY": cmp_cookies.commanders_act([2, 3])},
}


def choices_in(signals: Signals) -> list[object]:
    values: Sequence[Any] = [each.value for each in signals.readings]
    return [value.as_dict() for value in values]


@pytest.mark.parametrize("tool", JARS)
def test_the_cookies_of_a_tool_are_read_among_others(tool: str) -> None:
    cookies = [f"{name}={value}" for name, value in JARS[tool].items()]
    signals = read_request(jar(NOISE, *cookies, NOISE))

    assert signals.status(tool) is Status.READ
    assert choices_in(signals) == choices_in(read_request({}, cookies=JARS[tool]))
    assert signals == read_request([("cookie", each) for each in reversed(cookies)])


@pytest.mark.parametrize("tool", JARS)
def test_the_cookies_of_a_tool_may_be_encoded_once_more(tool: str) -> None:
    again = {name: quote(value, safe="") for name, value in JARS[tool].items()}

    assert choices_in(read_request({}, cookies=again)) == choices_in(read_request({}, cookies=JARS[tool]))


def test_one_jar_of_all_tools_is_read_whole() -> None:
    cookies = {name: value for each in JARS.values() for name, value in each.items()}
    cookies |= {name: text for name, (_, text) in PLAIN.items()}
    header = "; ".join([NOISE, *(f"{name}={value}" for name, value in cookies.items())])
    signals = read_request([(b"cookie", header.encode()), (b"sec-gpc", b"1")], policy=POLICY)

    came = {*JARS, *(source for source, _ in PLAIN.values()), "gpc"}
    assert {source for source, status in signals.statuses.items() if status is Status.READ} == came


# --- Global Privacy Control


@pytest.mark.parametrize(
    ("values", "status"),
    [
        (["1"], Status.READ),
        ([" 1\t"], Status.READ),
        (["0", "1"], Status.READ),
        (["0, 1"], Status.READ),  # as servers join two headers
        (["1,1"], Status.READ),
        (["0"], Status.ABSENT),
        (["true", "", "11", "%31", '"1"', "\xb9", "\x00"], Status.ABSENT),
    ],
)
def test_one_exact_1_is_the_signal_and_everything_else_is_ignored(values: list[str], status: Status) -> None:
    assert read_request([("SEC-GPC", value) for value in values]).status("gpc") is status
    assert read_request([(b"sec-gpc", value.encode("latin-1")) for value in values]).status("gpc") is status
