"""Whatever a setting makes impossible is told with the place where it was stated, and before anybody is served."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from discreet import DiscreetError
from discreet_edge.settings.reading import read_settings
from discreet_edge.settings.rooms import Rooms, furnish
from support.served import shelf

CANARY = "https://c4n4ry.example/with/a/path"


def furnished(
    folder: Path, *, file: str = "", options: dict[str, Any] | None = None, **environment: str
) -> Rooms:
    """The rooms of a server over a shelf in `folder`."""
    shop = shelf(folder)
    stated = folder / "edge.toml"
    stated.write_text(file, encoding="utf-8")
    base = {"bundle.source": str(shop.bundle), "bundle.trust": str(shop.ring)}
    return furnish(read_settings(stated, environment, {**base, **(options or {})}))


def refusal(folder: Path, **stated: Any) -> str:
    with pytest.raises(DiscreetError) as refused:
        furnished(folder, **stated)
    return str(refused.value)


VISITORS = {
    "region = 'Italy'": "visitors.region`: it is no ISO 3166 code such as `IT` or `US-CA`",
    "cdn = 'fastlly'": "visitors.cdn`: there is no CDN `fastlly`; did you mean `fastly`?",
    "timezone = 'Europe/Rom'": "visitors.timezone`: there is no time zone `Europe/Rom` here",
    "accept = ['declare']": "visitors.accept`: `declare` is no provenance",
    "attributes = {country = 'geo.contry'}": "visitors.attributes.country`: there is no fact `geo.contry`; did",
    "storage_purpose = 'functional.storag'": "visitors.storage_purpose`: it is no data use; did you mean",
    "cookie_secure = false\ncookie_name = '__Host-x'": "visitors.cookie_secure`: browsers refuse",
    "secret = 'nowhere'": "visitors.secret`: `{folder}/nowhere`: no such file or directory",
    "secret = 'edge.toml'": "visitors.secret`: {folder}/edge.toml: everybody may read it",
    "policy = 'edge.toml'": "visitors.policy`: `{folder}/edge.toml`: a policy has no table `visitors`",
    "profiles = 'memory'": "visitors.profiles`: needs `visitors.secret`",
}


@pytest.mark.parametrize("text", VISITORS)
def test_a_setting_of_the_visitors_is_told_with_its_file_and_its_whole_key(tmp_path: Path, text: str) -> None:
    said = refusal(tmp_path, file=f"[visitors]\n{text}\n")

    assert said.startswith(f"`{tmp_path}/edge.toml`: `{VISITORS[text]}".replace("{folder}", str(tmp_path)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[edge]\nadmin_token_sha256 = 'x'", "edge.admin_token_sha256`: it is not the SHA-256 of the token"),
        (f"[edge]\ncors_origins = ['{CANARY}']", "edge.cors_origins`: it is not origins as browsers send"),
        ("[edge]\ngpc_last_update = 'May'", "edge.gpc_last_update`: it is not a date"),
        ("[journal]\nto = 'j'\npurpose = 'analytics.nope'", "journal.purpose`: `analytics.nope` is no data use; did"),
        ("[journal]\nto = 'j'\npurpose = 'essential.service'", "journal.purpose`: `essential.service` is not a data"),
        ("[journal]\nto = 'nowhere/j'", "journal.to`: `{folder}/nowhere`: no such file or directory"),
        ("[journal]\nto = 'ftp://h/p'", "journal.to`: the events' URL is not one of http or https"),
        ("[journal]\nto = 'j'\nsecret = 'nowhere'", "journal.secret`: `{folder}/nowhere`: no such file"),
        ("[journal]\nto = 'https://h.example'\ntoken = 'nowhere'", "journal.token`: `{folder}/nowhere`: no such"),
    ],
)  # fmt: skip
def test_so_is_one_of_the_app_and_of_the_journal(tmp_path: Path, text: str, said: str) -> None:
    found = refusal(tmp_path, file=text)

    assert found.startswith(f"`{tmp_path}/edge.toml`: `{said}".replace("{folder}", str(tmp_path)))
    assert CANARY not in found


def test_a_variable_and_an_option_are_named_as_they_were_stated(tmp_path: Path) -> None:
    facts = '{"country": "geo.contry"}'

    assert refusal(tmp_path, DISCREET_VISITORS_TIMEZONE="Rome").startswith(
        "`DISCREET_VISITORS_TIMEZONE`: there"
    )
    assert refusal(tmp_path, DISCREET_VISITORS_ATTRIBUTES=facts).startswith(
        "`DISCREET_VISITORS_ATTRIBUTES`: `country`: there is no fact"
    )
    assert refusal(tmp_path, options={"visitors.region": "EUR"}).startswith(
        "`--region`: it is no ISO 3166 code"
    )
    assert refusal(tmp_path, options={"bundle.trust": "nowhere"}).startswith(
        "`--trust`: `nowhere`: no such file"
    )


def test_what_cannot_keep_the_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()

    said = refusal(tmp_path, options={"journal.to": str(tmp_path / "folder")})

    assert said == f"`--journal`: `{tmp_path}/folder`: it is a folder, not a file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_so_is_a_file_that_may_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "log").touch(0o400)

    assert "it may not be written" in refusal(tmp_path, options={"journal.to": str(tmp_path / "log")})


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("{folder}/edge.toml", "it is no folder"),
        ("{folder}/edge.toml/below", "it is no folder"),
        ("/proc/discreet", "it is no folder that can be written: "),
    ],
)
def test_a_state_folder_that_cannot_be_one_is_refused(tmp_path: Path, state: str, reason: str) -> None:
    state = state.replace("{folder}", str(tmp_path))

    assert refusal(tmp_path, options={"bundle.state": state}).startswith(f"`--state`: `{state}`: {reason}")


def test_a_state_folder_is_made_and_stays_empty_until_there_is_a_bundle(tmp_path: Path) -> None:
    furnished(tmp_path, options={"bundle.state": str(tmp_path / "a" / "b")})

    assert list((tmp_path / "a" / "b").iterdir()) == []
