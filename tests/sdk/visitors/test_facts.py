"""Facts of the request: what each is read from, and that whatever is not one is unknown."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet.visitors import CDNS, FACTS, Incoming, SettingsError
from discreet.visitors.facts import MAX_VALUE, fact_called
from support.browsers import CHROME, evaluator, settings, visitors

NOON_S = datetime(2026, 1, 5, 12, 30, tzinfo=UTC).timestamp()  # a Monday
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4 Mobile/15E148"
)
IPAD = "Mozilla/5.0 (iPad; CPU OS 12_2 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/124.0 Mobile Safari/537.36"
GALAXY_TAB = "Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 Chrome/124.0 Safari/537.36"


def fact(
    name: str,
    headers: dict[str, str] | None = None,
    *,
    cdn: str | None = None,
    timezone: str | None = None,
    query: str | bytes = b"",
    now_s: float = NOON_S,
) -> Any:
    incoming = Incoming.from_headers((headers or {}).items(), query_string=query, now_s=now_s)
    return fact_called(name, "x").read(incoming, CDNS[cdn] if cdn else None, timezone)


CLOUDFRONT = {
    "CloudFront-Is-Mobile-Viewer": "false",
    "CloudFront-Is-Tablet-Viewer": "false",
    "CloudFront-Is-Desktop-Viewer": "false",
    "CloudFront-Is-SmartTV-Viewer": "false",
}


@pytest.mark.parametrize(
    ("cdn", "headers", "country", "region"),
    [
        ("cloudflare", {"CF-IPCountry": "US", "cf-region-code": "CA"}, "US", "US-CA"),
        (
            "cloudfront",
            {"CloudFront-Viewer-Country": "IT", "CloudFront-Viewer-Country-Region": "25"},
            "IT",
            "IT-25",
        ),
        ("fastly", {"client-geo-country": "gb", "client-geo-region": "eng"}, "GB", "GB-ENG"),
        ("cloudflare", {"CF-IPCountry": "US"}, "US", None),
        ("cloudflare", {"CF-IPCountry": "US", "cf-region-code": ""}, "US", None),
        ("cloudflare", {"CF-IPCountry": "US", "cf-region-code": "CALI"}, "US", None),
        ("cloudflare", {"CF-IPCountry": "XX", "cf-region-code": "CA"}, None, None),  # nobody knows
        ("cloudflare", {"CF-IPCountry": "T1"}, None, None),  # Tor
        ("fastly", {"client-geo-country": "", "client-geo-region": ""}, None, None),
        ("cloudflare", {"CF-IPCountry": "EU"}, None, None),
        ("cloudflare", {"CF-IPCountry": "USA"}, None, None),
        ("cloudflare", {"CF-IPCountry": "\u0130T"}, None, None),
        ("cloudflare", {"CF-IPCountry": "US; DE"}, None, None),
        ("cloudflare", {}, None, None),
    ],
)
def test_place_is_what_the_cdn_says_in_iso_codes(
    cdn: str, headers: dict[str, str], country: str | None, region: str | None
) -> None:
    assert fact("geo.country", headers, cdn=cdn) == country
    assert fact("geo.region", headers, cdn=cdn) == region


@pytest.mark.parametrize("believed", [None, *CDNS])
def test_no_other_cdn_is_believed(believed: str | None) -> None:
    forged = {
        header.decode(): "US"
        for name, cdn in CDNS.items()
        if name != believed
        for header in (cdn.country, cdn.subdivision, cdn.timezone, *cdn.devices)
    }

    assert fact("geo.country", forged, cdn=believed) is None
    assert fact("geo.region", forged, cdn=believed) is None


@pytest.mark.parametrize(
    ("headers", "cdn", "device"),
    [
        ({"User-Agent": CHROME}, None, "desktop"),
        ({"User-Agent": IPHONE}, None, "phone"),
        ({"User-Agent": IPAD}, None, "tablet"),
        ({"User-Agent": ANDROID}, None, "phone"),
        ({"User-Agent": GALAXY_TAB}, None, "tablet"),
        ({"User-Agent": "curl/8.5"}, None, None),
        ({}, None, None),
        ({"Sec-CH-UA-Mobile": "?1", "User-Agent": CHROME}, None, "phone"),
        ({"Sec-CH-UA-Mobile": "?0", "User-Agent": CHROME}, None, "desktop"),
        ({"Sec-CH-UA-Mobile": "?0"}, None, None),  # may be a tablet
        ({"Sec-CH-UA-Form-Factors": '"Tablet", "Mobile"', "Sec-CH-UA-Mobile": "?1"}, None, "tablet"),
        ({"Sec-CH-UA-Form-Factors": '"Desktop"', "Sec-CH-UA-Mobile": "?1"}, None, "desktop"),
        ({"Sec-CH-UA-Form-Factors": '"XR"', "User-Agent": CHROME}, None, None),
        ({"CF-Device-Type": "tablet", "User-Agent": CHROME}, "cloudflare", "tablet"),
        ({"CF-Device-Type": "tablet", "User-Agent": CHROME}, None, "desktop"),
        ({"CF-Device-Type": "fridge", "User-Agent": CHROME}, "cloudflare", "desktop"),
        ({**CLOUDFRONT, "CloudFront-Is-Mobile-Viewer": "true"}, "cloudfront", "phone"),
        (
            {**CLOUDFRONT, "CloudFront-Is-Mobile-Viewer": "true", "CloudFront-Is-Tablet-Viewer": "true"},
            "cloudfront",
            "tablet",
        ),
        ({**CLOUDFRONT, "CloudFront-Is-SmartTV-Viewer": "true", "User-Agent": CHROME}, "cloudfront", None),
        ({"client-device-class": "phone"}, "fastly", "phone"),
    ],
)
def test_the_device_is_what_cdn_hints_or_user_agent_tell(
    headers: dict[str, str], cdn: str | None, device: str | None
) -> None:
    assert fact("device.class", headers, cdn=cdn) == device


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("it-IT,it;q=0.9,en;q=0.8", "it"),
        ("en;q=0.2, de-CH;q=0.7, *;q=0.9", "de"),
        ("FR", "fr"),
        ("de;q=0, en;q=0.1", "en"),
        ("de;q=0.5, en;q=0.5", "de"),
        ("de;q=2, en;q=0.1", "en"),
        ("de;q=nan, en;q=1e-1, nl;q=.5", "nl"),
        ("gsw", "gsw"),
        ("*", None),
        ("", None),
        (";;,,q=1", None),
        ("\u00e9\u00e9", None),
        ("x" * 10_000, None),
        (",".join(["1"] * 5_000) + ",de", None),
    ],
)
def test_the_language_is_the_one_liked_best(header: str, language: str | None) -> None:
    assert fact("language", {"Accept-Language": header}) == language


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("https://www.Example.com/secret/path?who=me#x", "www.example.com"),
        ("https://user:word@news.example:8443/", "news.example"),
        ("http://127.0.0.1:8000/", "127.0.0.1"),
        ("android-app://com.example.app/", None),
        ("https://[::1/", None),
        ("https://exa mple/", None),
        ("https://ex\u00e4mple/", None),
        ("https://" + "a" * 3_000, None),
        ("about:blank", None),
        ("", None),
    ],
)
def test_of_the_referrer_only_the_host_is_known(header: str, host: str | None) -> None:
    assert fact("referrer.host", {"Referer": header}) == host


@pytest.mark.parametrize(
    ("query", "campaign"),
    [
        ("utm_campaign=spring", "spring"),
        ("a=1&utm_campaign=spring+sale%21&utm_campaign=other", "spring sale!"),
        ("%75tm_campaign=spring", "spring"),
        ("utm_campaign=%C3%A9t%C3%A9", "\u00e9t\u00e9"),
        ("utm_campaign=%ff%fe", None),
        ("utm_campaign=", None),
        ("utm_campaign", None),
        ("xutm_campaign=1", None),
        ("utm_campaign=" + "x" * (MAX_VALUE + 1), None),
        ("utm_campaign=" + "x" * 100_000, None),
        ("&" * 1_000 + "utm_campaign=late", None),
        ("utm_campaign=%", "%"),
    ],
)
def test_a_campaign_is_the_first_of_its_name_decoded_and_bounded(query: str, campaign: str | None) -> None:
    assert fact("query.utm_campaign", query=query) == campaign


@pytest.mark.parametrize(
    ("cdn", "headers", "timezone", "hour", "weekday", "date"),
    [
        (None, {}, None, 12, "monday", "2026-01-05"),
        (None, {}, "Europe/Rome", 13, "monday", "2026-01-05"),
        ("cloudflare", {"cf-timezone": "Pacific/Auckland"}, "Europe/Rome", 1, "tuesday", "2026-01-06"),
        ("cloudfront", {"CloudFront-Viewer-Time-Zone": "America/Detroit"}, None, 7, "monday", "2026-01-05"),
        ("cloudflare", {"cf-timezone": "Middle/Earth"}, "Europe/Rome", 13, "monday", "2026-01-05"),
        ("cloudflare", {"cf-timezone": "../../etc/passwd"}, None, 12, "monday", "2026-01-05"),
        ("cloudflare", {"cf-timezone": "Europe"}, None, 12, "monday", "2026-01-05"),
        ("cloudflare", {"cf-timezone": "x" * 5_000}, None, 12, "monday", "2026-01-05"),
        ("cloudflare", {"cf-timezone": "\u00e9"}, None, 12, "monday", "2026-01-05"),
        (None, {"cf-timezone": "Pacific/Auckland"}, None, 12, "monday", "2026-01-05"),
        ("fastly", {"client-geo-utc-offset": "-1400"}, None, 22, "sunday", "2026-01-04"),
        ("fastly", {"client-geo-utc-offset": "530"}, None, 18, "monday", "2026-01-05"),
        ("fastly", {"client-geo-utc-offset": "0"}, "Europe/Rome", 13, "monday", "2026-01-05"),  # it knows not
        ("fastly", {"client-geo-utc-offset": "9999"}, "Europe/Rome", 13, "monday", "2026-01-05"),
        ("fastly", {"client-geo-utc-offset": "175"}, None, 12, "monday", "2026-01-05"),
    ],
)
def test_local_time_is_the_visitors_else_the_sites_else_utc(
    cdn: str | None, headers: dict[str, str], timezone: str | None, hour: int, weekday: str, date: str
) -> None:
    found = [
        fact(f"local.{part}", headers, cdn=cdn, timezone=timezone) for part in ("hour", "weekday", "date")
    ]

    assert found == [hour, weekday, date]


@pytest.mark.parametrize("now_s", [float("nan"), float("inf"), 1e300, -1e300])
def test_an_instant_that_no_clock_shows_has_no_local_time(now_s: float) -> None:
    assert fact("local.hour", now_s=now_s) is None


@given(
    headers=st.lists(
        st.tuples(
            st.sampled_from(
                sorted(
                    {
                        b"accept-language",
                        b"referer",
                        b"user-agent",
                        b"sec-ch-ua-mobile",
                        b"sec-ch-ua-form-factors",
                    }
                    | {
                        header
                        for cdn in CDNS.values()
                        for header in (cdn.country, cdn.subdivision, cdn.timezone)
                    }
                )
            ),
            st.binary(max_size=80)
            | st.sampled_from([b"https://[", b"it;q=", b"\xff", b"US", b"Europe/Rome", b"-", b"?1", b"\x00"]),
        ),
        max_size=12,
    ),
    query=st.binary(max_size=60) | st.sampled_from([b"x=%", b"%78=%zz", b"x=\xff&x=1"]),
    cdn=st.sampled_from([None, *CDNS.values()]),
)
def test_hostile_headers_give_unknown_facts_and_never_raise(
    headers: list[tuple[bytes, bytes]], query: bytes, cdn: Any
) -> None:
    incoming = Incoming(headers, query, now_s=NOON_S)

    for name in [*FACTS, "query.x"]:
        value = fact_called(name, "x").read(incoming, cdn, None)
        assert value is None or isinstance(value, int) or (isinstance(value, str) and len(value) <= 253)


def test_an_unknown_fact_names_the_nearest_one() -> None:
    said = "`attributes.x`: there is no fact `geo.contry`; did you mean `geo.country`"
    with pytest.raises(SettingsError, match=re.escape(said)):
        fact_called("geo.contry", "x")


def test_attributes_that_facts_cannot_fill_are_told() -> None:
    site = visitors(
        attributes={
            "county": "geo.country",
            "purchases": "geo.region",
            "hour": "language",
            "device": "device.class",
        }
    )

    assert site.misfits(evaluator()) == [
        "attribute `county` is not declared; did you mean `country`?",
        "attribute `purchases` is first_party, and a request's facts are contextual",
        "attribute `hour` is a number, and its fact a string",
    ]
    assert visitors(attributes=settings().attributes).misfits(evaluator()) == []
