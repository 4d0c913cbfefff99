"""What a vector file holds, how its tables are written short, and how JSON becomes a visitor again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from discreet_consent import Observed

Document: TypeAlias = dict[str, Any]
Case: TypeAlias = dict[str, Any]

FOLDER = Path(__file__).parents[3] / "spec" / "vectors"
NOW_S = 1_772_323_200  # 2026-03-01T00:00:00Z, the clock of every case that names none
DAY_S = 86_400
BUNDLE: dict[str, Any] = {
    "name": "vectors",
    "version": 7,
    "created_s": NOW_S - 365 * DAY_S,
    "expires_s": NOW_S + 365 * DAY_S,
}
GRANTS = ("personalize.content",)

NAN = {"$number": "NaN"}
INFINITY = {"$number": "Infinity"}
MINUS_INFINITY = {"$number": "-Infinity"}
_NUMBERS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


@dataclass(frozen=True, slots=True)
class VectorFile:
    """One file of decision cases. `models` are the documents of each bundle, by the name that cases use."""

    name: str
    about: str
    models: Mapping[str, Sequence[Document]]
    cases: Sequence[Case]
    bundle: Mapping[str, Any] = field(default_factory=lambda: dict(BUNDLE))

    @property
    def path(self) -> Path:
        return FOLDER / self.name

    def text(self) -> str:
        """The file's text: one case a line, so that a change of one case is a change of one line."""
        names = [case["name"] for case in self.cases]
        assert len(set(names)) == len(names), [name for name in names if names.count(name) > 1]
        head = {"about": self.about, "bundle": self.bundle, "models": self.models}
        lines = [f'  "{key}": {_dumps(value)}' for key, value in head.items()]
        cases = ",\n    ".join(_dumps(case) for case in self.cases)
        return "{\n" + ",\n".join(lines) + f',\n  "cases": [\n    {cases}\n  ]\n}}\n'


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False)


def read_file(path: Path) -> VectorFile:
    """Read a file of decision cases back."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return VectorFile(path.name, document["about"], document["models"], document["cases"], document["bundle"])


def visitor(attributes: Mapping[str, Any]) -> dict[str, object]:
    """The attributes of a case as a caller would hold them."""
    return {name: _value(value) for name, value in attributes.items()}


def _value(value: Any) -> object:
    if not isinstance(value, dict):
        return value
    if "$number" in value:
        return number(value)
    if "observed_s" in value:
        at_s: Any = _value(value["observed_s"])
        return Observed(_value(value["value"]), at_s=at_s)
    return value  # pyright: ignore[reportUnknownVariableType]


def number(value: Any) -> float:
    """A number of a vector: JSON has no NaN and no infinities."""
    return _NUMBERS[value["$number"]] if isinstance(value, dict) else value


def observed(value: object, at_s: object) -> Document:
    """A value with the instant of its observation."""
    return {"value": value, "observed_s": at_s}


def case(
    name: str,
    model: str,
    placement: str,
    attributes: Mapping[str, object],
    expect: object,
    *,
    grants: Iterable[str] = GRANTS,
    now_s: object = NOW_S,
    k: int | None = None,
    sensitive: Iterable[str] = (),
    contextual_only: bool = False,
) -> Case:
    """One decision: `expect` is what must be, a map, or with `k` the list of the offers."""
    asked: Case = {"sensitive": sorted(sensitive), "contextual_only": contextual_only, "k": k}
    said = {name: value for name, value in asked.items() if value}
    return {
        "name": name, "model": model, "placement": placement, "attributes": dict(attributes),
        "grants": sorted(grants), "now_s": now_s, **said, "expect": expect,
    }  # fmt: skip
