"""Suggestions as scenarios in YAML, in the form of spec/model.md, section 4: to be read, changed, and agreed on."""

from __future__ import annotations

import datetime
import json
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from .coverage import Aspect, Point

if TYPE_CHECKING:
    from discreet.model import Json

    from .suggestions import Suggestion

HEADER: Final = """\
# Suggested by `discreet test --suggest`. What is expected here is what the model decides today: nobody has agreed to
# it yet. Read each scenario with whoever answers for it, and keep, change or delete it.
"""
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*|\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{3})?)?Z", re.ASCII)
_SENTENCE: Final = re.compile(r"[^\W\d_][\w ,.'()-]*[\w.')]")
_NOT_TEXT: Final = frozenset({"null", "true", "false"})
_SHORT: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
_LONGEST_SAYING: Final = 160
_WIDTH: Final = 110  # of a comment


def as_yaml(suggestions: Sequence[Suggestion], taken: Iterable[str] = ()) -> str:
    """The suggestions as one list of scenarios, with comments; an empty text where there are none.

    Args:
        taken: Names of scenarios that the file has already; a name is there once.
    """
    scenarios = scenarios_of(suggestions, taken)
    written = [_written(each, scenario) for each, scenario in zip(suggestions, scenarios, strict=True)]
    return "\n".join([HEADER, *written]) if written else ""


def scenarios_of(suggestions: Sequence[Suggestion], taken: Iterable[str] = ()) -> list[dict[str, Json]]:
    """The suggestions as scenarios in plain data."""
    names = set(taken)
    return [_scenario(each, _unused(name_of(each), names)) for each in suggestions]


def name_of(suggestion: Suggestion) -> str:
    """A scenario's name in words: what the visit was made up for."""
    return _NAMES[suggestion.sees[0].aspect](suggestion, suggestion.sees[0])


def _of_condition(each: Suggestion, point: Point) -> str:
    says = " ".join(point.says.split()).rstrip(".")[:_LONGEST_SAYING] or point.subject
    before = {True: "", False: "Not so: ", None: "Not known: "}[point.truth]
    more = f"; and {len(each.sees) - 1} more" if len(each.sees) > 1 else ""
    return before + says + more


_NAMES: Final = {
    Aspect.OFFER: lambda each, _: f"{each.placement} shows {each.offer} at {each.stage}",
    Aspect.FALLBACK: lambda each, _: f"{each.placement} falls back to {each.offer}",
    Aspect.STAGE: lambda each, _: f"A visitor has come as far as {each.stage}",
    Aspect.CONDITION: _of_condition,
}


def _unused(name: str, names: set[str]) -> str:
    number, free = 1, name
    while free in names:
        number += 1
        free = f"{name} ({number})"
    names.add(free)
    return free


def _scenario(suggestion: Suggestion, name: str) -> dict[str, Json]:
    visitor = suggestion.visitor
    consent: dict[str, Json] = {"purposes": [*visitor.purposes]}
    if visitor.sensitive:
        consent["sensitive"] = [*visitor.sensitive]
    return {
        "name": name,
        "attributes": {**visitor.attributes},
        "consent": consent if visitor.purposes or visitor.sensitive else "none",
        "now": _instant(visitor.now_ms),
        "placement": suggestion.placement,
        "expect": {"offer": suggestion.offer, "reason": suggestion.reason, "stage": suggestion.stage},
    }


def _written(suggestion: Suggestion, scenario: Mapping[str, Json]) -> str:
    """A scenario in YAML, behind what it sees that no other does."""
    sees = textwrap.wrap(f"to be agreed on; sees {', '.join(map(str, suggestion.sees))}", _WIDTH)
    lines: list[str] = []
    for key, value in scenario.items():
        told = value if key == "name" and _is_plain_sentence(str(value)) else _flow(value)
        lines.append(f"{'  ' if lines else '- '}{key}: {told}")
    return "\n".join([*(f"# {each}" for each in sees), *lines]) + "\n"


def _is_plain_sentence(name: str) -> bool:
    return _SENTENCE.fullmatch(name) is not None and name.lower() not in _NOT_TEXT


def _instant(now_ms: float) -> str:
    moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(milliseconds=now_ms)
    timespec = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=timespec).replace("+00:00", "Z")


def _flow(value: object) -> str:
    """A JSON value in one line of YAML: words as they are, everything else in quotes."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(str(key))}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return json.dumps(value, allow_nan=False)


def _text(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT
    return text if plain else _quoted(text)


def _quoted(text: str) -> str:
    return '"' + "".join(_SHORT.get(char) or _character(char) for char in text) + '"'


def _character(char: str) -> str:
    if char.isprintable():
        return char
    return f"\\u{ord(char):04X}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08X}"
