"""Section 1 of spec/decision.md: what may be known."""

from __future__ import annotations

import datetime
import math
import unicodedata
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from discreet_consent import Observed

from .coarseness import coarse

Document: TypeAlias = Mapping[str, Any]
Fact: TypeAlias = "bool | float | str | frozenset[str]"

LONGEST_TEXT = 1_024
LARGEST_SET = 1_024
LAST_INSTANT_MS = 8.64e15
DAY_S = 86_400
RETENTION_UNITS_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The outcome of section 1, over the catalogue of all models of a bundle."""

    facts: Mapping[str, Fact]
    withheld: tuple[str, ...]
    malformed: tuple[str, ...]
    stale: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """What a consent says beside the purposes: the sensitive items granted, and whether it is a known child's."""

    sensitive: AbstractSet[str] = field(default_factory=frozenset)
    contextual_only: bool = False


PURPOSES_ONLY = Beside()


def permit(
    documents: Sequence[Document],
    attributes: Mapping[str, object],
    granted: AbstractSet[str],
    now_s: float,
    beside: Beside = PURPOSES_ONLY,
) -> Knowledge:
    """What may be known of this visitor, and the names of what may not, or cannot."""
    facts: dict[str, Fact] = {}
    withheld: list[str] = []
    malformed: list[str] = []
    stale: list[str] = []
    for name, declared in sorted(declarations_of(documents).items()):
        if not may_be_known(declared, granted, beside):
            withheld.append(name)
            continue
        value = attributes.get(declared.get("coarsens", name))
        if isinstance(value, Observed):
            at_s, value = value.at_s, value.value
            if value is None:
                continue
            if type(at_s) not in (int, float) or not math.isfinite(_double(at_s)):
                malformed.append(name)
                continue
            age_s = _double(now_s) - _double(at_s) if math.isfinite(_double(now_s)) else math.inf
            if age_s < -DAY_S:
                malformed.append(name)
                continue
            if "retention" in declared and not age_s <= seconds(declared["retention"]):
                stale.append(name)
                continue
        if value is None:
            continue
        fact = normal(declared, value)
        if fact is not None and "by" in declared:
            said = coarse(declared["by"], fact)
            if said is None and "bands" in declared["by"]:
                continue
            fact = said
        if fact is None:
            malformed.append(name)
        else:
            facts[name] = fact
    return Knowledge(facts, tuple(withheld), tuple(malformed), tuple(stale))


def declarations_of(documents: Sequence[Document]) -> dict[str, Document]:
    """Every declaration by name; those of substitutes with all that they have from their parents."""
    written = {name: each for model in documents for name, each in model.get("attributes", {}).items()}
    return {name: whole(written, each) for name, each in written.items()}


def whole(written: Mapping[str, Document], declared: Document) -> Document:
    """A declaration with all that it has from the attribute that it coarsens, if it coarsens one."""
    if "coarsens" not in declared:
        return declared
    parent = written[declared["coarsens"]]
    kept = ("type", "provenance", "category", "retention", "lower")
    return {**{key: parent[key] for key in kept if key in parent}, **declared}


def may_be_known(declared: Document, granted: AbstractSet[str], beside: Beside = PURPOSES_ONLY) -> bool:
    """Whether these grants permit an attribute that is declared so, substitutes with what they have from parents."""
    if declared["provenance"] == "third_party":
        return False
    item = declared.get("sensitive", False)
    if item is not False and item not in beside.sensitive:
        return False
    if _all_granted(declared, {"essential"}):
        return True
    if beside.contextual_only and declared["provenance"] != "contextual":
        return False
    return _all_granted(declared, {*granted, "essential"})


def _all_granted(declared: Document, grants: AbstractSet[str]) -> bool:
    return all(
        any(purpose == grant or purpose.startswith(f"{grant}.") for grant in grants)
        for purpose in declared["purposes"]
    )


def seconds(retention: str) -> int:
    """The seconds of a retention such as `365d`, `12h`, `90m`, `30s`."""
    return int(retention[:-1]) * RETENTION_UNITS_S[retention[-1]]


def normal(declared: Document, value: object) -> Fact | None:
    """The normal form of a value of the declared type; None when it is malformed."""
    lower = bool(declared.get("lower", False))
    match declared["type"]:
        case "boolean":
            return value if isinstance(value, bool) else None
        case "number":
            return _normal_number(value)
        case "string":
            return _normal_text(value, lower)
        case "strings":
            return _normal_set(value, lower)
        case _:
            return _normal_instant(value)


def _normal_number(value: object) -> float | None:
    if type(value) is not int and type(value) is not float:
        return None
    number = _double(value)
    return number if math.isfinite(number) else None


def _normal_text(value: object, lower: bool) -> str | None:
    if type(value) is not str or len(value) > 4 * LONGEST_TEXT:
        return None
    if any(unicodedata.category(char) == "Cs" for char in value):
        return None
    text = unicodedata.normalize("NFC", value)
    if lower:
        text = unicodedata.normalize("NFC", text.lower())
    return text if len(text) <= LONGEST_TEXT else None


def _normal_set(value: object, lower: bool) -> frozenset[str] | None:
    if not isinstance(value, list | tuple | set | frozenset):
        return None
    members: list[object] = [*value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    texts = [_normal_text(member, lower) for member in members]
    if len(texts) > LARGEST_SET or None in texts:
        return None
    return frozenset(text for text in texts if text is not None)


def _normal_instant(value: object) -> float | None:
    if type(value) is str:
        return instant_ms(value)
    if isinstance(value, datetime.datetime):
        return None if value.utcoffset() is None else _epoch_ms(value)
    number = _normal_number(value)
    return number if number is not None and abs(number) <= LAST_INSTANT_MS else None


def instant_ms(text: str) -> float | None:
    """Epoch milliseconds of a date, or of a date and time with an offset; None for anything else."""
    shape = "".join("0" if char in "0123456789" else char for char in text)
    times = ("00:00", "00:00:00", "00:00:00.0", "00:00:00.00", "00:00:00.000")
    dated = {f"0000-00-00T{time}{zone}" for time in times for zone in ("Z", "+00:00", "-00:00")}
    if shape not in {"0000-00-00", *dated}:
        return None
    clock = text if "T" in text else f"{text}T00:00Z"
    date_time, offset = (clock[:-1], "+00:00") if clock.endswith("Z") else (clock[:-6], clock[-6:])
    try:
        naive = datetime.datetime.fromisoformat(date_time)
    except ValueError:
        return None
    hours, minutes = int(offset[1:3]), int(offset[4:6])
    if hours > 23 or minutes > 59 or date_time[11:13] == "24":
        return None
    east_min = (hours * 60 + minutes) * (-1 if offset[0] == "-" else 1)
    return _epoch_ms(naive.replace(tzinfo=datetime.UTC)) - east_min * 60_000


def _epoch_ms(moment: datetime.datetime) -> float:
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return float(since // datetime.timedelta(milliseconds=1))


def _double(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf
