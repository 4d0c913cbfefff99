"""What a value of each type may look like: one table from type to admission, the same rules in every runtime.

An admission takes what the caller sent and returns the value in its normal form, or None when it is malformed.
It never raises and never quotes the value.
"""

from __future__ import annotations

from .attributes import Attribute, AttributeType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import TypeAlias

    Value: TypeAlias = str | float | bool | frozenset[str]

MAX_STRING_LENGTH = 1_024  # code points, after normalization
MAX_SET_MEMBERS = 1_024
EXACT_INTEGER = 2**53  # integers up to here are doubles exactly
_ONLY_STRINGS = frozenset((str,))
MAX_ISO_LENGTH = 29  # 2026-03-01T08:30:00.125+01:00
MAX_EPOCH_MS = 8.64e15  # the range of an ECMAScript Date, so that every runtime agrees


def admit(attribute: Attribute, value: object) -> Value | None:
    """Bring `value` into the normal form of `attribute`'s type; None when it is malformed."""
    return ADMISSIONS[attribute.type](value, attribute.lower)


def normal_string(text: str, lower: bool = False) -> str | None:
    """Unicode normalization form C, folded to lower case if asked; None for a lone surrogate or too long a text."""
    if len(text) > 4 * MAX_STRING_LENGTH:
        return None
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:  # a lone surrogate is no character
            return None
        text = _composed(text)
    if lower:
        text = text.lower()
        if not text.isascii():
            text = _composed(text)
    return text if len(text) <= MAX_STRING_LENGTH else None


def _composed(text: str) -> str:
    from unicodedata import normalize  # its tables are large, and most texts are ASCII

    return normalize("NFC", text)


def plain_strings(value: object) -> frozenset[str] | None:
    """The set of a sequence or set of short ASCII strings, quickly; None for anything that needs a closer look."""
    kind = type(value)
    if kind is list or kind is frozenset or kind is tuple or kind is set:
        given: Collection[str] = value  # type: ignore[assignment] # its type was just compared
        if len(given) > MAX_SET_MEMBERS:
            return None
        try:
            text = "".join(given)
        except TypeError:  # a member is no string
            return None
        if text.isascii() and _ONLY_STRINGS.issuperset(map(type, given)):
            short = len(text) <= MAX_STRING_LENGTH or max(map(len, given)) <= MAX_STRING_LENGTH
            return frozenset(given) if short else None
    return None


def _boolean(value: object, _: bool) -> bool | None:
    return value if value is True or value is False else None


def finite_number(value: object) -> float | None:
    """An integer or double as the nearest finite double; None for anything else. A bool is not a number."""
    kind = type(value)  # not isinstance: a bool is not a number
    if kind is float:
        number: float = value  # type: ignore[assignment] # its type was just compared
        return number if number - number == 0 else None  # NaN and the infinities are not facts
    if kind is int:
        whole: int = value  # type: ignore[assignment] # its type was just compared
        if -EXACT_INTEGER <= whole <= EXACT_INTEGER:
            return whole
        try:
            return float(whole)  # the nearest double, as JSON readers in every language do it
        except OverflowError:
            return None
    return None


def _string(value: object, lower: bool) -> str | None:
    return normal_string(value, lower) if isinstance(value, str) and type(value) is str else None


def _strings(value: object, lower: bool) -> frozenset[str] | None:
    if type(value) not in (list, tuple, set, frozenset):  # a subclass could run code of its own
        return None
    given: Collection[object] = value  # type: ignore[assignment] # its type was just compared
    if len(given) > MAX_SET_MEMBERS:
        return None
    members = {_string(member, lower) for member in given}
    return None if None in members else frozenset(member for member in members if member is not None)


def _datetime(value: object, _: bool) -> float | None:
    if type(value) is str:
        return epoch_ms(value)
    number = finite_number(value)
    if number is None:
        number = _aware_datetime_ms(value)
    return number if number is not None and abs(number) <= MAX_EPOCH_MS else None


def _aware_datetime_ms(value: object) -> float | None:
    import datetime

    if type(value) is not datetime.datetime or not _is_plain_zone(value.tzinfo):
        return None  # a time without an offset is a different instant on every machine
    since = value - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return (since.days * 86_400_000) + since.seconds * 1_000 + since.microseconds // 1_000


def _is_plain_zone(zone: object) -> bool:
    """Whether `zone` is one of the standard library's: another could run code of its own, and raise."""
    import datetime
    import sys

    zoneinfo = sys.modules.get("zoneinfo")  # whoever holds a ZoneInfo has imported it
    return type(zone) is datetime.timezone or (zoneinfo is not None and type(zone) is zoneinfo.ZoneInfo)


def epoch_ms(text: str) -> float | None:
    """Read an ISO 8601 date (midnight UTC) or date and time with an offset; None for anything else.

    The forms are `2026-03-01`, `2026-03-01T08:30Z`, `2026-03-01T08:30:00+01:00` and `2026-03-01T08:30:00.125Z`
    (one to three decimals). A time without an offset is refused: it is a different instant on every machine.
    """
    if len(text) > MAX_ISO_LENGTH:
        return None
    date, mark, rest = text.partition("T")
    days = _days(date)
    if days is None:
        return None
    return float(days * 86_400_000) if not mark else _instant(days, rest)


def _instant(days: int, rest: str) -> float | None:
    clock, offset_min = _split_offset(rest)
    if offset_min is None:
        return None
    seconds, dot, decimals = clock.partition(".")
    fields = [_digits(part, 2) for part in seconds.split(":")]
    if len(fields) == 2 and not dot:
        fields.append(0)
    if len(fields) != 3 or (dot and not 1 <= len(decimals) <= 3):
        return None
    hour, minute, second = fields
    millis = _digits(decimals.ljust(3, "0"), 3) if dot else 0
    if hour is None or minute is None or second is None or millis is None:
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    total_s = days * 86_400 + hour * 3_600 + (minute - offset_min) * 60 + second
    return float(total_s * 1_000 + millis)


def _split_offset(rest: str) -> tuple[str, int | None]:
    if rest.endswith("Z"):
        return rest[:-1], 0
    hours, minutes = _digits(rest[-5:-3], 2), _digits(rest[-2:], 2)
    if len(rest) < 6 or rest[-6] not in "+-" or rest[-3] != ":" or hours is None or minutes is None:
        return rest, None
    if hours > 23 or minutes > 59:
        return rest, None
    return rest[:-6], (hours * 60 + minutes) * (-1 if rest[-6] == "-" else 1)


def _days(date: str) -> int | None:
    """Days since 1970-01-01 in the proleptic Gregorian calendar."""
    parts = date.split("-")
    if len(parts) != 3:
        return None
    year, month, day = _digits(parts[0], 4), _digits(parts[1], 2), _digits(parts[2], 2)
    if year is None or month is None or day is None or not 1 <= month <= 12:
        return None
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    lengths = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if year < 1 or not 1 <= day <= lengths[month - 1]:
        return None
    before = year - 1
    return (
        before * 365 + before // 4 - before // 100 + before // 400
        + sum(lengths[: month - 1]) + day - 1
        - 719_162
    )  # fmt: skip


def _digits(text: str, length: int) -> int | None:
    return int(text) if len(text) == length and text.isascii() and text.isdigit() else None


ADMISSIONS: Mapping[AttributeType, Callable[[object, bool], Value | None]] = {
    AttributeType.BOOLEAN: _boolean,
    AttributeType.NUMBER: lambda value, _: finite_number(value),
    AttributeType.STRING: _string,
    AttributeType.STRINGS: _strings,
    AttributeType.DATETIME: _datetime,
}
