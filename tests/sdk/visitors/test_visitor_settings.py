"""Settings: what is wrong with one is told with its key, and before anybody is served."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from discreet.errors import DiscreetError, PolicyError
from discreet.visitors import SettingsError, VisitorSettings

TOML = """
cdn = "cloudfront"
region = "IT"
timezone = "Europe/Rome"
accept = ["contextual", "declared"]
accept_region = true
cookie_name = "__Host-discreet"
cookie_max_age_s = 86400
profiles_timeout_s = 1

[attributes]
country = "geo.country"
campaign = "query.utm_campaign"

[policy.cookies]
my-consent = "tcf"
"""


def test_a_table_of_toml_becomes_settings() -> None:
    settings = VisitorSettings.from_mapping(tomllib.loads(TOML))

    assert settings.cdn == "cloudfront"
    assert settings.accept == {"contextual", "declared"}
    assert dict(settings.attributes) == {"country": "geo.country", "campaign": "query.utm_campaign"}
    assert settings.policy is not None
    assert settings.policy.cookies["my-consent"] == "tcf"
    assert settings.accept_stated is False


def test_what_is_left_out_believes_nobody() -> None:
    settings = VisitorSettings.from_mapping({})

    assert settings == VisitorSettings()
    assert (settings.cdn, settings.region, settings.accept_region, settings.accept_stated) == (
        None,
        None,
        False,
        False,
    )


def test_no_neighbouring_host_can_give_a_visitor_the_cookie_of_somebody_else() -> None:
    assert VisitorSettings().cookie_name == "__Host-discreet"


def test_where_browsers_come_without_tls_the_cookie_has_a_name_that_they_take() -> None:
    assert VisitorSettings(cookie_secure=False).cookie_name == "discreet"
    assert VisitorSettings(cookie_secure=False, cookie_name="mine").cookie_name == "mine"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"cnd": "fastly"}, "`cnd`: there is no such setting; did you mean `cdn`?"),
        ({"cdn": "cloudfare"}, "`cdn`: there is no CDN `cloudfare`; did you mean `cloudflare`?"),
        ({"cdn": 1}, "`cdn`: it is not text"),
        ({"region": "Italy"}, "`region`: it is no ISO 3166 code"),
        ({"region": "nope"}, "`region`: it is no ISO 3166 code"),
        ({"region": "ITA"}, "`region`: it is no ISO 3166 code"),
        ({"region": "US-"}, "`region`: it is no ISO 3166 code"),
        ({"region": "US-CALI"}, "`region`: it is no ISO 3166 code"),
        ({"region": "IT\n"}, "`region`: it is no ISO 3166 code"),
        ({"attributes": {"country": "geo.contry"}}, "`attributes.country`: there is no fact `geo.contry`; did"),
        ({"attributes": {"country": 1}}, "`attributes.country`: it is not the name of a fact"),
        ({"attributes": ["country"]}, "`attributes`: it is not a table"),
        ({"attributes": {"x": "query."}}, "`attributes.x`: there is no fact `query.`"),
        ({"timezone": "Europe/Atlantis"}, "`timezone`: there is no time zone `Europe/Atlantis` here"),
        ({"accept": ["third_party"]}, "`accept`: `third_party` is no provenance that a caller may state"),
        ({"accept": [1]}, "`accept`: it is not a list of texts"),
        ({"accept": "declared"}, "`accept`: it is not a list"),
        ({"accept_region": "yes"}, "`accept_region`: it is not true or false"),
        ({"cookie_name": "a b"}, "`cookie_name`: a cookie's name"),
        ({"cookie_name": ""}, "`cookie_name`: a cookie's name"),
        ({"cookie_name": "__Host-x", "cookie_secure": False}, "`cookie_secure`: browsers refuse"),
        ({"cookie_max_age_s": 0}, "`cookie_max_age_s`: it is not from 1 to"),
        ({"cookie_max_age_s": True}, "`cookie_max_age_s`: it is not a whole number"),
        ({"storage_purpose": "functional.storag"}, "`storage_purpose`: it is no data use; did you mean `functional.st"),
        ({"storage_purpose": "essential.service"}, "`storage_purpose`: what is essential needs no consent"),
        ({"profiles_timeout_s": 0}, "`profiles_timeout_s`: it is not above 0"),
        ({"policy": 3}, "`policy`: it is not the path"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_told_with_its_key_and_the_nearest_right_one(
    table: dict[str, Any], said: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        VisitorSettings.from_mapping(table)

    assert said in str(caught.value)
    assert caught.value.key == said.split("`")[1]


@pytest.mark.parametrize("region", ["IT", "it", "US-CA", "fr-75c", "AT-9", "EU"])
def test_a_region_has_the_form_of_a_code_in_either_case(region: str) -> None:
    assert VisitorSettings(region=region).region == region


def test_a_policy_that_is_wrong_is_the_policys_error() -> None:
    with pytest.raises(PolicyError):
        VisitorSettings.from_mapping({"policy": {"cookies": {"mine": "no-source"}}})


def test_settings_errors_are_of_the_house() -> None:
    assert issubclass(SettingsError, DiscreetError)
