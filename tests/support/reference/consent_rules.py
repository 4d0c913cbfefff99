"""The table of regimes as plain data, and the rules that a region selects: spec/consent.md, "Regimes"."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[3]
_TABLE = _ROOT / "consent" / "discreet_consent" / "regimes" / "regimes.toml"
_US = _ROOT / "spec" / "us_sections.json"

Overlay = Mapping[str, Any]
_WITHOUT: dict[str, Any] = {
    "opt_in_grants": [],
    "sections": [],
    "section": None,
    "sensitive": "opt_in",
    "max_age_days": 180,
    "child_age": 16,
    "minor_age": 18,
    "core_fallback": False,
    "legitimate_interest": [],
    "require_disclosed_vendors": False,
    "accept_undated": False,
    "parameters_grant": False,
    "us_privacy_speaks": False,
}


@dataclass(frozen=True, slots=True)
class Rules:
    """One regime, as a region states it, and the groups of the site's consent tools.

    Attributes:
        of_row: Whether a row of the table named it; else the region is unknown.
    """

    name: str
    of_row: bool
    keys: Mapping[str, Any]
    groups: Mapping[str, Mapping[str, list[str]]]

    def __getitem__(self, key: str) -> Any:
        return self.keys[key]

    def hears(self, kind: str) -> bool:
        return kind in self["hears"]

    def default(self) -> set[str]:
        """The terms granted where no signal speaks of them."""
        terms = set(self["default"])
        if self["sensitive"] == "opt_out" and self["section"] in us_table()["sections"]:
            terms |= {f"sensitive:{each}" for item in sensitive_items(self["section"]) for each in item}
        return terms


def table(overlay: Overlay | None = None) -> dict[str, Any]:
    """The table, with a site's own laid over it: tables are merged, everything else replaced."""
    return _over(_package_table(), overlay or {})


@cache
def _package_table() -> dict[str, Any]:
    return tomllib.loads(_TABLE.read_text("utf-8"))


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _over(old, value) if isinstance(old, dict) and isinstance(value, Mapping) else value  # pyright: ignore[reportUnknownArgumentType]
    return merged


def rules_of(region: object, overlay: Overlay | None = None) -> list[Rules]:
    """The rules of the region's row; those of every preset where there is no such row."""
    whole = table(overlay)
    row = _row(whole["regions"], region)
    if row is None:
        return [
            Rules(name, False, _WITHOUT | keys, whole["groups"]) for name, keys in whole["regimes"].items()
        ]
    preset = whole["regimes"][row["regime"]]
    return [Rules(row["regime"], True, _WITHOUT | preset | row, whole["groups"])]


def _row(rows: Mapping[str, dict[str, Any]], region: object) -> dict[str, Any] | None:
    if not isinstance(region, str):
        return None
    by_code = {code.upper(): row for code, row in rows.items()}
    code = region.upper()
    parts = code.split("-")
    shorter = ["-".join(parts[:end]) for end in range(len(parts), 0, -1)]
    return next((by_code[each] for each in shorter if each in by_code), None)


@cache
def us_table() -> Mapping[str, Any]:
    """The table of the US sections, as the project publishes it."""
    read: Mapping[str, Any] = json.loads(_US.read_text("utf-8"))
    return read


def sensitive_items(section: str) -> list[list[str]]:
    """The categories that each item of a section stands for."""
    items = us_table()["sections"][section]["sensitive_categories"]
    return [[each] if isinstance(each, str) else list(each) for each in items]
