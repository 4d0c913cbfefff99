"""Settings: four places, one table. Nothing in it is unknown, of the wrong kind, or shown when it is secret."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from discreet.visitors import VisitorSettings
from discreet_edge import EdgeSettings
from discreet_edge.settings.reading import SettingRefused, read_settings
from discreet_edge.settings.table import SETTINGS
from discreet_edge.settings.values import Kind, shown

PAGE = Path(__file__).parents[3] / "docs" / "operating.md"


def settings_file(folder: Path, text: str) -> Path:
    path = folder / "edge.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_option_counts_before_the_environment_that_before_the_file_that_before_the_default(
    tmp_path: Path,
) -> None:
    file = settings_file(tmp_path, "[server]\nport = 1\nworkers = 2\nbacklog = 3\n")

    found = read_settings(
        file,
        {"DISCREET_SERVER_PORT": "4", "DISCREET_SERVER_WORKERS": "5"},
        {"server.port": 6, "server.host": None},
    )

    assert [found[f"server.{key}"] for key in ("port", "workers", "backlog", "host")] == [
        6,
        5,
        3,
        "127.0.0.1",
    ]
    assert [found.shown()[f"server.{key}"][1] for key in ("port", "workers", "backlog", "host")] == [
        "option", "environment", "file", "default",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[server]\nprot = 1", "`server.prot`: unknown setting; did you mean `server.port`?"),
        ("[serve]\nport = 1", "`serve`: unknown setting; did you mean `server`?"),
        ("[vistors]\nregion = 'IT'", "`vistors`: unknown setting; did you mean `visitors`?"),
        ("port = 1", "`port`: unknown setting; did you mean `server.port`?"),
        ("secret = 'x'", "`secret`: unknown setting; did you mean `visitors.secret` or `journal.secret`?"),
        ("[server]\nport = '1'", "`server.port`: takes a whole number"),
        ("[server]\nport = true", "`server.port`: takes a whole number"),
        ("[server]\nport = 70000", "`server.port`: must be at most 65535"),
        ("[server]\nworkers = 0", "`server.workers`: must be at least 1"),
        ("[server]\nkind = 'gunicorn'", "`server.kind`: takes `uvicorn` or `granian`"),
        ("[server]\nhead_timeout_s = nan", "`server.head_timeout_s`: takes a number"),
        ("[edge]\ncors_origins = 'https://a.example'", "`edge.cors_origins`: takes a list"),
        ("[edge]\nmetrics = 1", "`edge.metrics`: takes true or false"),
        ("[visitors.attributes]\ncountry = 1", "`visitors.attributes`: takes a table"),
        ("[server\n", "not TOML"),
    ],
)
def test_what_is_wrong_in_the_file_is_named_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingRefused) as refused:
        read_settings(settings_file(tmp_path, text), {}, {})

    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "DISCREET_SERVER_PROT",
            "1",
            "`DISCREET_SERVER_PROT`: unknown setting; did you mean `DISCREET_SERVER_PORT`?",
        ),
        ("DISCREET_SERVER_PORT", "tcp://10.0.0.1", "`DISCREET_SERVER_PORT`: takes a whole number"),
        ("DISCREET_EDGE_METRICS", "si", "`DISCREET_EDGE_METRICS`: takes `true` or `false`"),
        ("DISCREET_VISITORS_ATTRIBUTES", "{", "`DISCREET_VISITORS_ATTRIBUTES`: takes a JSON object of texts"),
        ("DISCREET_VISITORS_ATTRIBUTES", "[1]", "`DISCREET_VISITORS_ATTRIBUTES`: takes a table"),
    ],
)
def test_what_is_wrong_in_the_environment_is_named_and_its_value_is_not(
    name: str, value: str, message: str
) -> None:
    with pytest.raises(SettingRefused) as refused:
        read_settings(None, {name: value}, {})

    assert str(refused.value) == message
    assert value not in str(refused.value).removeprefix(f"`{name}`") or len(value) == 1


def test_the_environment_has_every_kind_and_what_is_not_ours_is_left_alone() -> None:
    found = read_settings(
        None,
        {
            "DISCREET_EDGE_METRICS": "False",
            "DISCREET_SERVER_DRAIN_S": "2.5",
            "DISCREET_EDGE_CORS_ORIGINS": "https://a.example, https://b.example",
            "DISCREET_VISITORS_ATTRIBUTES": '{"country": "geo.country"}',
            "DISCREET_TRACEBACK": "1",
            "DISCREET_PORT": "tcp://10.0.0.1:80",
        },
        {},
    )

    assert found["edge.metrics"] is False
    assert found["server.drain_s"] == 2.5
    assert found["edge.cors_origins"] == ["https://a.example", "https://b.example"]
    assert found["visitors.attributes"] == {"country": "geo.country"}


def test_a_path_in_the_file_counts_from_the_file_and_a_url_is_none(tmp_path: Path) -> None:
    file = settings_file(
        tmp_path, "[bundle]\nsource = 'https://x.example/b'\ntrust = 'ring.json'\nstate = '/var/d'\n"
    )

    found = read_settings(file, {}, {})

    assert found["bundle.source"] == "https://x.example/b"
    assert found["bundle.trust"] == str(tmp_path / "ring.json")
    assert found["bundle.state"] == "/var/d"


@pytest.mark.parametrize(
    ("value", "as_shown"),
    [
        ("https://user:pass@x.example:81/a/b?token=1#c", "https://***@x.example:81/a/b?***"),
        ("https://[::1]:81/a", "https://[::1]:81/a"),
        ("https://x.example:port/", "***"),
        ("shop.bundle", "shop.bundle"),
        (7, 7),
    ],
)
def test_what_a_url_carries_beside_its_place_is_not_shown(value: object, as_shown: object) -> None:
    assert shown(value) == as_shown


def test_secrets_are_neither_shown_nor_in_a_repr() -> None:
    canary = "4a" * 32
    found = read_settings(
        None,
        {"DISCREET_EDGE_ADMIN_TOKEN_SHA256": canary, "DISCREET_VISITORS_PROFILES": f"redis://:{canary}@h"},
        {"journal.to": f"https://u:{canary}@h.example/p?k={canary}"},
    )

    assert found["edge.admin_token_sha256"] == canary
    assert canary not in repr(found.shown())
    assert canary not in repr(found) + repr(found.given)


def defaults(kind: type) -> dict[str, object]:
    made = kind()
    return {each.name: getattr(made, each.name) for each in fields(kind)}


def test_the_table_has_every_setting_of_the_app_with_its_default() -> None:
    ours = {key.partition(".")[2]: each.default for key, each in SETTINGS.items() if key.startswith("edge.")}

    assert ours == defaults(EdgeSettings)


def test_the_table_has_every_setting_of_the_visitors_with_its_default() -> None:
    ours = {
        key.partition(".")[2]: each.default for key, each in SETTINGS.items() if key.startswith("visitors.")
    }
    theirs = defaults(VisitorSettings)

    assert ours.keys() - theirs.keys() == {"secret", "profiles"}  # files and connections are made here
    assert theirs.keys() - ours.keys() == set()
    assert {key: frozenset(ours[key]) if key == "accept" else ours[key] for key in theirs} == theirs


def test_the_page_shows_the_table() -> None:
    rows = [
        f"| `{each.key}` | {each.kind.value} | {_default(each.default)} | {each.says} | {_option(each.option)} |"
        for each in SETTINGS.values()
    ]

    assert "\n".join(rows) in PAGE.read_text(encoding="utf-8")


def _default(value: object) -> str:
    if value is None or value in ((), {}):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{', '.join(value) if isinstance(value, tuple) else value}`"


def _option(option: str) -> str:
    return f"`{option}`" if option else ""


def test_every_kind_of_setting_is_used() -> None:
    assert {each.kind for each in SETTINGS.values()} == set(Kind)
