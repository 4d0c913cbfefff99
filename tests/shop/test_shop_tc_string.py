"""The TC strings of the banner and of the form: what our decoder and the IAB's own library read in them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import pytest

from discreet_consent import TCF_DATA_USES, resolve
from discreet_consent.signals.tcf import decode
from examples.shop.choices import ASKED, answered
from examples.shop.tc_string import encode
from support.npm import Missing, skip_or_fail
from support.official import ask
from support.storefront import guest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DAY_S = 86_400
NOW_S = 1_795_348_800  # 2026-11-22T12:00:00Z
pytestmark = pytest.mark.xdist_group("shop")


class Choice(NamedTuple):
    purposes: Sequence[int]
    at_s: int
    language: str
    country: str


def choices(count: int) -> list[Choice]:
    """Random choices, the same each time; none and all of the purposes first."""
    dice = random.Random(7)  # noqa: S311 - a test's dice
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

    def pair() -> str:
        return dice.choice(letters) + dice.choice(letters)

    some = [sorted(dice.sample(range(1, 25), dice.randint(0, 24))) for _ in range(count - 2)]
    return [
        Choice(purposes, dice.randint(1_577_836_800, 2_500_000_000), pair(), pair())
        for purposes in ([], list(range(1, 25)), *some)
    ]


CHOICES = choices(300)


def written_by_the_server(choice: Choice) -> str:
    return encode(choice.purposes, now_s=choice.at_s, language=choice.language, country=choice.country)


def test_what_the_server_writes_our_decoder_reads() -> None:
    for choice in CHOICES:
        read = decode(written_by_the_server(choice))

        day_ds = choice.at_s // DAY_S * DAY_S * 10
        assert read.publisher_tc is not None
        assert list(read.publisher_tc.purposes_consent) == list(choice.purposes)
        assert (read.created_ds, read.last_updated_ds) == (day_ds, day_ds)
        assert (read.consent_language, read.publisher_country) == (choice.language, choice.country)
        assert (read.version, read.policy_version, read.is_service_specific) == (2, 5, True)
        assert tuple(read.segments) == ("core", "disclosed_vendors", "publisher_tc")
        assert not read.purposes_consent  # these are for vendors, and there are none
        assert not read.publisher_tc.purposes_li


def test_the_browser_writes_the_same_strings(browser: Browser, shop: str) -> None:
    with guest(browser, shop) as visitor:
        visitor.goes("/story")
        written = visitor.page.evaluate(
            """async choices => {
                const { encode } = await import("/static/tcstring.js");
                return choices.map(([purposes, at, language, country]) =>
                    encode(purposes, { at: new Date(at * 1000), language, country }));
            }""",
            [list(each) for each in CHOICES],
        )

    assert written == [written_by_the_server(each) for each in CHOICES]


def test_the_browser_reads_its_own_strings_and_nothing_into_others(browser: Browser, shop: str) -> None:
    others = ["", "undefined", "CQ", "....", written_by_the_server(CHOICES[1]).split(".")[0], "C.Yé.Z"]
    with guest(browser, shop) as visitor:
        visitor.goes("/story")
        read = visitor.page.evaluate(
            """async texts => {
                const { consented } = await import("/static/tcstring.js");
                return texts.map(consented);
            }""",
            [*(written_by_the_server(each) for each in CHOICES), *others],
        )

    assert read == [*(list(each.purposes) for each in CHOICES), *([] for _ in others)]


@pytest.mark.official
def test_the_official_library_reads_them_alike() -> None:
    texts = [written_by_the_server(each) for each in CHOICES]
    try:
        answer = ask(1, 1, {"tcf": texts, "gpp": []})
    except Missing as reason:
        skip_or_fail(reason)

    assert [each.error for each in answer.read["tcf"]] == [None] * len(texts)
    for choice, meaning in zip(CHOICES, answer.read["tcf"], strict=True):
        means = meaning.means or {}
        assert means["publisher_tc"]["purposes_consent"] == list(choice.purposes)
        assert means["created_ds"] == means["last_updated_ds"] == choice.at_s // DAY_S * DAY_S * 10
        assert means["policy_version"] == 5
        assert means["publisher_country"] == choice.country
        assert means["segments"] == ["core", "disclosed_vendors", "publisher_tc"]


@pytest.mark.parametrize("number", [each.number for each in ASKED])
def test_each_purpose_that_the_shop_asks_for_grants_its_data_uses(number: int) -> None:
    consent = resolve(tcf=encode([number], now_s=NOW_S), region="IT", now_s=NOW_S)

    assert consent.purposes == frozenset(TCF_DATA_USES[number])


@pytest.mark.parametrize(
    ("form", "expect"),
    [
        ({}, ()),
        ({"answer": ["none"], "purpose": ["1"]}, ()),
        ({"answer": ["all"]}, (1, 5, 6, 8, 11)),
        ({"answer": ["some"], "purpose": ["6", "1"]}, (1, 6)),
        ({"answer": ["some"]}, ()),
        ({"answer": ["some"], "purpose": ["2", "99", "x", "١"]}, ()),  # nobody was asked for these
        ({"answer": ["all", "none"]}, ()),
        ({"purpose": ["1"]}, ()),
    ],
)
def test_whatever_is_no_clear_yes_is_a_refusal(form: dict[str, list[str]], expect: tuple[int, ...]) -> None:
    assert answered(form) == expect
