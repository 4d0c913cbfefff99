"""What is remembered of consents: as much memory as is counted, no cookie's text, and not for longer than a day."""

from __future__ import annotations

import gc
import pickle
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from discreet.visitors import Given, Incoming, VisitorSettings
from discreet.visitors.consents import MAX_SIGNALS, Consents
from discreet_consent import Policy
from support.browsers import ALL, request
from support.tc_strings import NOW_S, encode_tc

DAY_S = 86_400
MANY = 24  # requests of a kind
ROOM = 128 * 1024
Came = tuple[Incoming, Given | None]
# Each of them another tool's, so that all have an account of their own.
TOOLS = (
    "usprivacy=1YNN; OptanonConsent=isGpcEnabled=1&datestamp=x{0}&groups=C0001:1,C0002:1; OptanonAlertBoxClosed="
    "2026-06-01T00:00:00.000Z; CookieConsent=x{0}; cookieyes-consent=consent:yes{0}; didomi_token=x{0}"
)

UNDATED = "OptanonConsent=isGpcEnabled=1&groups=C0001:1&d="


def jar(*cookies: str) -> Incoming:
    """A request with a Cookie header for each of `cookies`."""
    return Incoming([(b"cookie", each.encode()) for each in cookies], now_s=NOW_S)


def consents_of(region: str | None) -> Consents:
    """With a policy of their own, for that remembers signals too."""
    return Consents(VisitorSettings(region=region, policy=Policy.default().over({})), remember_bytes=1 << 24)


def own(number: int, **more: Any) -> str:
    """A TC string unlike the others."""
    return "euconsent-v2=" + encode_tc(publisher=range(1, 12), cmp_id=1 + number, **more)


def restricted(number: int) -> str:
    restrictions = [(1 + each % 24, each // 24 % 3, [(1 + each, 2 + each)]) for each in range(72)]
    return own(number, restrictions=restrictions)


SHAPES: dict[str, Callable[[int], Came]] = {
    "nothing": lambda number: (jar(f"s={number}"), None),
    "a TC string": lambda number: (jar(own(number)), None),
    "a TC string with many restrictions": lambda number: (jar(restricted(number)), None),
    "garbage": lambda number: (jar(f"euconsent-v2={number}"), None),
    "eight TC strings": lambda number: (jar(*[own(8 * number + each) for each in range(8)]), None),
    "eight of garbage": lambda number: (jar(*[f"euconsent-v2={8 * number + each}" for each in range(8)]), None),
    "every tool": lambda number: (jar(own(number) + "; " + TOOLS.format(number)), None),
    "long groups": lambda number: (jar(f"OptanonConsent=d={number}&groups=" + "C1:1," * 900), None),
    "what no tool writes": lambda number: (jar(*[f"{UNDATED}{8 * number + each}" for each in range(8)]), None),
    "many headers": lambda number: (jar(*[""] * 300, f"s={number}"), None),
    "long cookies": lambda number: (jar(own(number), f"s={number}" + "x" * 7_000), None),
    "a body": lambda number: (jar(own(number)), Given(consent={"gpc": True, "us_privacy": "1YYN", "tcf": own(number)})),
}  # fmt: skip


@pytest.mark.parametrize("region", ["IT", "US-CA", None])
@pytest.mark.parametrize("shape", SHAPES)
def test_no_consent_takes_more_memory_than_is_counted(shape: str, region: str | None) -> None:
    policy = Policy.default().over({})
    consents = Consents(VisitorSettings(region=region, policy=policy), remember_bytes=ROOM)
    first, *others = [SHAPES[shape](number) for number in range(MANY)]
    consents.of(*first)  # whatever is made once is made
    tracemalloc.start()
    try:
        for each in others:
            consents.of(*each)
        policy.memory.clear()  # it is bounded by itself, and shares the consents
        gc.collect()
        took, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert consents.remembered
    assert took <= ROOM


@pytest.mark.parametrize("signals", [MAX_SIGNALS, MAX_SIGNALS + 1])
def test_of_more_signals_than_a_browser_sends_nothing_is_remembered(signals: int) -> None:
    apart, joined = consents_of("IT"), consents_of("IT")
    cookies = [f"euconsent-v2={number}" for number in range(signals)]
    apart.of(jar(*cookies))
    joined.of(jar("; ".join(cookies)))

    assert apart.remembered == joined.remembered == (signals <= MAX_SIGNALS)


def test_of_thousands_of_empty_headers_nothing_is_remembered() -> None:
    consents = consents_of("IT")
    consents.of(jar(*[""] * 2_600))

    assert consents.remembered == 0


def test_no_text_of_a_cookie_stays_in_memory() -> None:
    consents = Consents(VisitorSettings(region="IT"), remember_bytes=1 << 20)
    consents.of(
        request(ALL, cookies=["session=canary"], query="us_privacy=canary"), Given(consent={"gpp": "x"})
    )

    assert consents.remembered == 1
    memory = consents._memory  # pyright: ignore[reportPrivateUsage] - what nobody else sees is the claim
    assert b"canary" not in pickle.dumps([*memory.items()])


def test_nobody_can_tell_under_which_key_a_consent_lies() -> None:
    sites = [consents_of("IT"), consents_of("IT")]
    for site in sites:
        site.of(request(ALL))

    keys = {key for site in sites for key in site._memory}  # pyright: ignore[reportPrivateUsage] - the same
    assert len(keys) == 2


def test_requests_that_are_written_alike_share_no_consent() -> None:
    consents = consents_of("IT")
    one, other = (
        Incoming([(b"cookie", each), *more], now_s=NOW_S)
        for each, more in ((b"a\ncookieb", ()), (b"a", [(b"cookie", b"b")]))
    )
    for incoming in (one, other, request(None, query="gpp=a"), request(None, cookies=["gpp=a"])):
        consents.of(incoming)

    assert consents.remembered == 4


def test_those_of_another_day_are_forgotten() -> None:
    consents = consents_of("IT")
    for number in range(5):
        consents.of(request(ALL, cookies=[f"s={number}"]))
    assert consents.remembered == 5
    consents.of(request(ALL, now_s=NOW_S + DAY_S))

    assert consents.remembered == 1
