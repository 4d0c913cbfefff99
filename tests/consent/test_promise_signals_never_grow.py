"""Promise 7 for every signal, through `resolve`: cutting never grows, only choices grant, refusals only take away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import Consent, Policy, Signals, Status, resolve
from discreet_consent.purposes import is_granted
from support import cmp_cookies
from support.gpp_strategies import Gpp, Section, flipped, gpp_of, gpp_strings
from support.gpp_strings import us_fields, us_ids, us_section, us_versions
from support.signal_vectors import readable_strings
from support.tc_strings import ALL_PURPOSES, encode_tc

NOW_S = cmp_cookies.CHOSEN_S + 86_400  # a day after the cookies' choices
REGIONS = ("IT", "GB", "US", "US-CA", "US-VA", "US-UT", "US-MD", "US-NY", "CA", None)
TELLING = encode_tc(
    ALL_PURPOSES, ALL_PURPOSES, special_features=[1, 2], created_s=NOW_S - 86_400, disclosed=[(1, 3)]
)
AGREED = '{"update": {"ad_storage": "granted", "ad_user_data": "granted", "ad_personalization": "granted"}}'
# What else came with the request: nothing, or signals that would grant what the one in question refuses.
BESIDES: tuple[tuple[tuple[str, str, str], ...], ...] = (
    (),
    (("tcf", "cookie", TELLING), ("us_privacy", "cookie", "1YNN"), ("consent_mode", "page", AGREED)),
)


@cache
def policy(strict: bool) -> Policy:
    """The package's policy; or one where opt-outs end profiling everywhere and undated consents count."""
    default = Policy.default()
    if not strict:
        return default.opting_in(max_age_days=390)
    ends = sorted(default.rules_for("US").opt_out_ends)  # type: ignore[union-attr] # it has a row
    regimes = {each.regime: {"opt_out_ends": ends, "accept_undated": True} for each in default.presets}
    return default.over({"regimes": regimes}).opting_in(max_age_days=390)


def judged(
    sent: Iterable[tuple[str, str, str]], region: str | None, *, strict: bool = False, now_s: float = NOW_S
) -> Consent:
    return resolve(signals=Signals(sent), region=region, now_s=now_s, policy=policy(strict))


def grew(less: Consent, more: Consent) -> str:
    """What `more` grants beyond `less`, or for longer; empty if nothing."""
    purposes = [each for each in more.purposes if not is_granted(each, less.purposes)]
    items = sorted(more.sensitive - less.sensitive)
    child = ["to a child"] if less.contextual_only and not more.contextual_only and more.purposes else []
    ends = [each.expires_s if each.expires_s is not None else float("inf") for each in (less, more)]
    longer = ["for longer"] if more.purposes and ends[1] > ends[0] else []
    return ", ".join([*sorted(purposes), *items, *child, *longer])


def readable(source: str, text: str) -> bool:
    return Signals([(source, "cookie", text)]).status(source) is Status.READ


FIXED: list[tuple[str, str]] = [
    *(("tcf", text) for text in readable_strings()[::16]),
    ("tcf", TELLING),
    *(("us_privacy", f"1{a}{b}{c}") for a in "YN-" for b in "YN-" for c in "YN-"),
    *(("gcs", f"G1{a}{b}") for a in "01-" for b in "01-"),
    *(("gcd", f"11{a}1{b}1{a}1{b}5") for a in "lpqtrmnuv" for b in "lnv"),
    ("consent_mode", AGREED),
    (
        "consent_mode",
        '{"default": {"personalization_storage": "denied"}, "update": {"personalization_storage": "granted"}}',
    ),
]


@pytest.mark.parametrize("strict", [False, True], ids=["default", "strict"])
@pytest.mark.parametrize("region", REGIONS, ids=str)
def test_no_prefix_of_a_signal_grows_what_is_granted(region: str | None, strict: bool) -> None:
    for source, text in FIXED:
        assert readable(source, text)
        for besides in BESIDES:
            whole = judged([(source, "the one", text), *besides], region, strict=strict)
            for end in range(len(text)):
                part = judged([(source, "the one", text[:end]), *besides], region, strict=strict)
                assert not grew(whole, part), (source, text, end)


CHOICES = frozenset(
    {
        "SaleOptOut", "SharingOptOut", "TargetedAdvertisingOptOut", "SensitiveDataProcessing", "Gpc",
        "KnownChildSensitiveDataConsents", "PersonalDataConsents", "AdditionalDataProcessingConsent",
    }
)  # fmt: skip
OPEN = {"MspaCoveredTransaction": 1, "MspaOptOutOptionMode": 2, "MspaServiceProviderMode": 2}


@st.composite
def nearly_agreeing(draw: st.DrawFn, name: str, *, gates_open: bool = False) -> Section:
    """A section that agrees to all but a few things, so that damage to these few would show."""
    version = draw(st.sampled_from(us_versions(name)))
    fields = us_fields(name, version)
    values = {field: [_best(field)] * count for field, count in fields}
    free = [field for field, _ in fields if field in CHOICES or not gates_open]
    for field in draw(st.lists(st.sampled_from(free), max_size=3)):
        at = draw(st.integers(0, len(values[field]) - 1))
        values[field][at] = draw(st.integers(0, 3))
    has_gpc = name not in {"usva", "usut", "usfl"}
    gpc = draw(st.sampled_from([None, False, True])) if has_gpc else None
    told: dict[str, Any] = {name: each if len(each) > 1 else each[0] for name, each in values.items()}
    text = us_section(name, told, version=version, gpc=gpc, pad_to=draw(st.sampled_from([1, 8, 24])))
    return Section(us_ids()[name], name, text, {"Version": version, **told, "Gpc": gpc})


def _best(field: str) -> int:
    """The value of a field that permits most."""
    return OPEN.get(field, 1 if field.endswith("Notice") else 0 if field.startswith("KnownChild") else 2)


@st.composite
def us_strings(draw: st.DrawFn, *, gates_open: bool = False) -> tuple[Gpp, str]:
    """A GPP string with one or two sections, and a region that hears it."""
    state = draw(st.sampled_from(sorted(us_ids().keys() - {"usnat"})))
    names = draw(st.sampled_from([("usnat",), (state,), ("usnat", state)]))
    gpp = gpp_of(*(draw(nearly_agreeing(name, gates_open=gates_open)) for name in names))
    return gpp, f"US-{state[2:].upper()}"


@given(
    us_strings() | st.tuples(gpp_strings(), st.sampled_from(REGIONS)), st.booleans(), st.sampled_from(BESIDES)
)
def test_no_prefix_of_a_gpp_string_grows_what_is_granted(
    given_one: tuple[Gpp, str | None], strict: bool, besides: tuple[tuple[str, str, str], ...]
) -> None:
    gpp, region = given_one
    whole = judged([("gpp", "cookie", gpp.text), *besides], region, strict=strict)
    for end in range(len(gpp.text)):
        part = judged([("gpp", "cookie", gpp.text[:end]), *besides], region, strict=strict)
        assert not grew(whole, part), end


groups = st.fixed_dictionaries({}, optional={f"C000{n}": st.booleans() for n in range(1, 6)})
three = st.tuples(st.booleans(), st.booleans(), st.booleans())
categories = st.fixed_dictionaries(
    {}, optional={name: st.booleans() for name in ("necessary", "functional", "analytics", "advertisement")}
)
didomi_ids = st.lists(
    st.sampled_from(["cookies", "select_personalized_content", "market_research"]), unique=True
)
tool_cookies = st.one_of(
    st.tuples(
        st.just("onetrust"),
        st.builds(
            cmp_cookies.onetrust,
            groups,
            order=st.sampled_from(sorted(cmp_cookies.ONETRUST_ORDERS)),
            gpc=st.booleans(),
            browser_gpc=st.booleans(),
            awaiting=st.booleans(),
        ),
    ),
    st.tuples(
        st.just("cookiebot"),
        st.builds(
            lambda chosen, method, inner: cmp_cookies.cookiebot(*chosen, method=method, iab2=inner),
            three,
            st.sampled_from(["explicit", "implied", None]),
            st.sampled_from([None, TELLING]),
        ),
    ),
    st.tuples(st.just("cookieyes"), st.builds(cmp_cookies.cookieyes, categories)),
    st.tuples(
        st.just("didomi"),
        st.builds(lambda on, off: cmp_cookies.didomi(on, set(off) - set(on)), didomi_ids, didomi_ids),
    ),
    st.tuples(
        st.just("commanders_act"),
        st.builds(cmp_cookies.commanders_act, st.lists(st.integers(1, 9)), opted_out=st.booleans()),
    ),
)
SITE = {
    "groups": {"commanders_act": {"1": ["analytics"], "2": ["personalize"], "21": ["marketing.advertising"]}}
}


@given(tool_cookies, st.sampled_from(REGIONS), st.booleans(), st.sampled_from(BESIDES))
def test_no_prefix_of_a_tools_cookie_grows_what_is_granted(
    cookie: tuple[str, str], region: str | None, strict: bool, besides: tuple[tuple[str, str, str], ...]
) -> None:
    source, text = cookie
    chosen = [("onetrust_closed", "cookie", cmp_cookies.CHOSEN)] if source == "onetrust" else []
    site = policy(strict).over(SITE) if source == "commanders_act" else policy(strict)

    def of(value: str) -> Consent:
        sent = [(source, "the one", value), *chosen, *besides]
        return resolve(signals=Signals(sent), region=region, now_s=NOW_S, policy=site)

    assert readable(source, text)
    whole = of(text)
    for end in range(len(text)):
        assert not grew(whole, of(text[:end])), end


def bits_of(text: str) -> Iterator[int]:
    """Every bit of a string of base64 letters, dots and tildes, as `flipped` counts them."""
    for index, letter in enumerate(text):
        if letter not in ".~":
            yield from range(6 * index, 6 * index + 6)


def more_now(less: Consent, more: Consent) -> str:
    """What `more` grants beyond `less` today: a flipped bit of a date may well make a consent last."""
    return ", ".join(part for part in grew(less, more).split(", ") if part and part != "for longer")


def choice_bits(gpp: Gpp) -> set[int]:
    return {
        place.at + offset for place in gpp.places() if place.field in CHOICES for offset in range(place.width)
    }


@given(us_strings(gates_open=True), st.booleans(), st.sampled_from(BESIDES))
def test_no_flip_of_a_bit_that_is_no_choice_grows_what_a_gpp_string_grants(
    given_one: tuple[Gpp, str], strict: bool, besides: tuple[tuple[str, str, str], ...]
) -> None:
    gpp, region = given_one
    before = judged([("gpp", "cookie", gpp.text), *besides], region, strict=strict)
    choices = choice_bits(gpp)
    for at in bits_of(gpp.text):
        if at not in choices:
            after = judged([("gpp", "cookie", flipped(gpp.text, at)), *besides], region, strict=strict)
            assert not more_now(before, after), at


def gates_opened(gpp: Gpp) -> Gpp:
    """The same choices, with every notice given and nothing closed by contract."""
    opened = []
    for section in gpp.sections:
        told: dict[str, Any] = {**section.told}
        version, gpc = told.pop("Version"), told.pop("Gpc")
        told |= {field: OPEN.get(field, 1) for field in told if field not in CHOICES}
        opened.append(
            Section(section.id, section.name, us_section(section.name, told, version=version, gpc=gpc))
        )
    return gpp_of(*opened)


@given(us_strings(), st.booleans())
def test_a_flipped_gate_opens_no_more_than_the_choices_grant(
    given_one: tuple[Gpp, str], strict: bool
) -> None:
    gpp, region = given_one
    at_most = judged([("gpp", "cookie", gates_opened(gpp).text)], region, strict=strict)
    choices = choice_bits(gpp)
    for at in bits_of(gpp.text):
        if at not in choices:
            after = judged([("gpp", "cookie", flipped(gpp.text, at))], region, strict=strict)
            assert not more_now(at_most, after), at


purposes = st.sets(st.sampled_from(ALL_PURPOSES), max_size=9)
CHOICES_OF_THE_CORE = range(140, 200)  # special features, consents, interests; see spec/consent.md


@given(purposes, purposes, st.booleans(), st.booleans(), st.sampled_from(["IT", "GB", "US-CA", None]))
def test_no_flip_of_a_bit_that_is_no_choice_grows_what_a_tc_string_grants(
    core: set[int], publisher: set[int], fallback: bool, first: bool, region: str | None
) -> None:
    text = encode_tc(
        core, publisher, li=publisher, publisher_li=core, created_s=NOW_S - 86_400, publisher_first=first
    )
    site = policy(strict=False).opting_in(core_fallback=fallback, legitimate_interest=[2, 7, 8, 9, 10, 11])
    segment = 6 * (text.index(".") + 1 if first else text.rindex(".") + 1)
    choices = {*CHOICES_OF_THE_CORE, *range(segment + 3, segment + 51)}

    def of(value: str) -> Consent:
        return resolve(tcf=value, region=region, now_s=NOW_S, policy=site)

    for at in bits_of(text):
        if at not in choices:
            assert not more_now(of(text), of(flipped(text, at))), at


REFUSALS = [
    ("gpc", "header", "1"),
    ("us_privacy", "another", "1YYN"),
    ("tcf", "another", encode_tc([], [], created_s=NOW_S)),
    ("consent_mode", "another", '{"update": {"ad_storage": "denied", "personalization_storage": "denied"}}'),
    ("gcs", "another", "G100"),
    ("cookiebot", "another", cmp_cookies.cookiebot()),
    ("gpp", "another", "DBAA"),  # says nothing
    ("gpp", "another", "D"),  # cannot be read
    ("didomi", "another", ""),
]


@given(
    us_strings(),
    tool_cookies,
    st.sampled_from(REFUSALS),
    st.booleans(),
    st.booleans(),
    st.sampled_from(REGIONS),
)
def test_adding_a_refusal_never_grows_what_is_granted(
    given_one: tuple[Gpp, str],
    cookie: tuple[str, str],
    refusal: tuple[str, str, str],
    with_tcf: bool,
    strict: bool,
    elsewhere: str | None,
) -> None:
    gpp, region = given_one
    sent = [("gpp", "cookie", gpp.text), (cookie[0], "cookie", cookie[1])]
    sent += [("tcf", "cookie", TELLING)] if with_tcf else []
    for place in (region, elsewhere):
        without, added = (judged(each, place, strict=strict) for each in (sent, [*sent, refusal]))
        assert not more_now(without, added)


@given(us_strings(), tool_cookies, st.lists(st.sampled_from(REFUSALS), max_size=3), st.data())
def test_the_order_of_the_signals_does_not_matter(
    given_one: tuple[Gpp, str],
    cookie: tuple[str, str],
    others: list[tuple[str, str, str]],
    data: st.DataObject,
) -> None:
    gpp, region = given_one
    sent = [
        ("gpp", "cookie", gpp.text),
        (cookie[0], "cookie", cookie[1]),
        ("tcf", "cookie", TELLING),
        *others,
    ]

    assert judged(sent, region) == judged(data.draw(st.permutations(sent)), region)


@given(
    us_strings(),
    tool_cookies,
    st.lists(st.sampled_from(REFUSALS), max_size=2),
    st.sampled_from([None, 9, 17, 40]),
)
def test_an_unknown_region_never_permits_more_than_any_other(
    given_one: tuple[Gpp, str], cookie: tuple[str, str], others: list[tuple[str, str, str]], age: float | None
) -> None:
    gpp, _ = given_one
    sent = Signals(
        [("gpp", "cookie", gpp.text), (cookie[0], "cookie", cookie[1]), ("tcf", "cookie", TELLING), *others]
    )

    def of(region: str | None) -> Consent:
        return resolve(signals=sent, region=region, now_s=NOW_S, age_years=age, policy=policy(strict=False))

    for region in (*REGIONS, given_one[1]):
        assert not grew(of(region), of("XX")), region
