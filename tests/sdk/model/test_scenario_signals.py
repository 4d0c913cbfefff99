"""Scenarios whose visitors sent signals: every kind that a browser sends, and the mistakes in writing them down."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from discreet.errors import ModelError
from discreet.model import Scenario, Signalled, models_from_dicts, read_scenarios

MODELS = models_from_dicts(
    [
        {
            "model": "shop",
            "channel": "web",
            "stages": [{"id": "visit"}],
            "placements": {"home.hero": {"fallback": "welcome"}},
            "offers": [{"id": "welcome", "content": {}}],
        }
    ]
)


def read(folder: Path, consent: object) -> Scenario:
    scenario = {
        "name": "One", "now": "2026-03-01", "placement": "home.hero", "expect": {"offer": "welcome"},
        "consent": consent,
    }  # fmt: skip
    path = folder / "s.json"
    path.write_text(json.dumps([scenario]))
    (found,) = read_scenarios(path, MODELS)
    return found


@pytest.mark.parametrize(
    ("consent", "meant"),
    [
        ({"gpp": "DBAA", "region": "US-CA"}, Signalled(gpp="DBAA", region="US-CA")),
        ({"us_privacy": "1YNN", "gpc": True}, Signalled(us_privacy="1YNN", gpc=True)),
        ({"gpc": False, "age": 12}, Signalled(age=12)),
        ({"age": 12.5}, Signalled(age=12.5)),
        ({"region": " de "}, Signalled(region="de")),
        ({"cookies": {"usprivacy": "1YNN", "a": ""}}, Signalled(cookies={"usprivacy": "1YNN", "a": ""})),
        (
            {"consent_mode": {"update": {"ad_storage": "denied"}}},
            Signalled(consent_mode={"update": {"ad_storage": "denied"}}),
        ),
    ],
)
def test_every_kind_of_signal_can_be_written_down(tmp_path: Path, consent: object, meant: Signalled) -> None:
    assert read(tmp_path, consent).consent == meant


@pytest.mark.parametrize(
    ("consent", "says"),
    [
        ({"us_privcy": "1YNN"}, "`consent`: unknown key `us_privcy`; did you mean `us_privacy`?"),
        ({"gpc": "1"}, "`gpc` must be `true` or `false`, not text"),
        ({"age": "twelve"}, "`age` must be a number of years, from 0 to 150"),
        ({"age": -1}, "`age` must be a number of years"),
        ({"age": True}, "`age` must be a number of years"),
        ({"cookies": "a=b"}, "`cookies` must be a mapping, not text"),
        ({"cookies": {"a": -1}}, "`cookies`: `a` must be text in quotes, not a number"),
        ({"consent_mode": "granted"}, "`consent_mode` must be a mapping, not text"),
        (
            {"purposes": [], "gpc": True},
            "`consent` is stated (`purposes`) or comes from signals (`gpc`), not both",
        ),
        (
            {"sensitive": ["health"], "tcf": ""},
            "`consent` is stated (`sensitive`) or comes from signals (`tcf`), not both",
        ),
        ({"sensitive": ["health"]}, "`consent`: `purposes` is missing"),
        (
            "some",
            "or what the browser sent: `{tcf: ..., region: ...}`, with any of tcf, gpp, us_privacy, gpc,",
        ),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, consent: object, says: str) -> None:
    with pytest.raises(ModelError) as refused:
        read(tmp_path, consent)

    assert says in str(refused.value)


def test_what_the_visitor_sent_is_in_no_repr(tmp_path: Path) -> None:
    canary = "canary-7f3a"
    found = read(
        tmp_path,
        {
            "gpp": canary,
            "us_privacy": canary,
            "cookies": {"a": canary},
            "consent_mode": {canary: {}},
            "tcf": canary,
        },
    )

    assert canary not in repr(found)
