"""docs/visitors.md says what there is: its code runs, its settings are settings, its tables are whole."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from discreet.visitors import CDNS, FACTS, VisitorSettings
from discreet.visitors.sealing import write_secret
from support.browsers import ALL, CHROME, evaluator, met, request
from support.source import REPOSITORY

PAGE = (REPOSITORY / "docs" / "visitors.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The code blocks of the page in `language`."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_its_code_decides_and_keeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_secret(tmp_path / "secrets.txt", bytes(32))
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in blocks("python"):
        exec(block, names)  # noqa: S102 - the page's own code
    headers = [
        (b"user-agent", CHROME.encode()),
        (b"cf-ipcountry", b"IT"),
        (b"cookie", f"euconsent-v2={ALL}".encode()),
    ]
    decided = names["decide"](evaluator(), {"headers": headers}, {})
    kept = names["keep"](names["visitors"], evaluator(), met(request()), {"interests": ["running"]})

    assert (decided.offer, decided.permitted.get("country")) == ("none", "IT")
    assert kept.startswith(b"__Host-discreet=")


def test_its_settings_are_settings() -> None:
    (table,) = blocks("toml")
    given = tomllib.loads(table)
    fields = set(VisitorSettings.__dataclass_fields__)

    assert set(given) == fields
    assert VisitorSettings.from_mapping({**given, "policy": {}}).cookie_name == "__Host-discreet"


def test_its_tables_name_every_fact_and_every_header() -> None:
    said = PAGE.lower()
    headers = {header for cdn in CDNS.values() for header in (cdn.country, cdn.subdivision, cdn.timezone)}

    assert [name for name in FACTS if f"`{name}`" not in PAGE] == []
    assert [each for each in headers if f"`{each.decode()}`" not in said] == []
    for cdn in CDNS.values():
        for header in cdn.devices:
            assert header.decode().removeprefix("cloudfront") in said
