"""What is stored of one visitor: an id that means nothing elsewhere, and values with the time of their observation."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Set
from types import MappingProxyType
from typing import Any

from discreet_consent import Observed
from discreet_consent.immutable import Immutable, put
from discreet_consent.values import (
    EXACT_INTEGER,
    MAX_EPOCH_MS,
    MAX_SET_MEMBERS,
    MAX_STRING_LENGTH,
    finite_number,
)

from .sealing import sealed_length

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

FORMAT = 1
ID_BYTES = 16
MAX_COOKIE_LENGTH = 3_584  # characters of the sealed value; browsers keep 4 096 with name and attributes
MAX_STORED_BYTES = 65_536  # in a profile source
_MAX_NAME_LENGTH = 256
_HEAD_BYTES = 32  # format, id and the lengths in front of them
MAX_KEPT_BYTES = MAX_COOKIE_LENGTH * 3 // 4 - 57 - 16 - _HEAD_BYTES  # as many of values as such a seal holds


class Profile(Immutable):
    """What is stored of one visitor. Immutable; its repr shows names only.

    Attributes:
        id: 128 random bits, as text. It is no address, no account, and of no other site.
        values: Names to `Observed` values.
    """

    __slots__ = ("id", "values")

    id: str
    values: Mapping[str, Observed]

    def __init__(self, id: str, values: Mapping[str, Observed] = MappingProxyType({})) -> None:  # noqa: A002 - as said
        put(self, "id", id)
        put(self, "values", MappingProxyType(dict(values)))

    @classmethod
    def new(cls) -> Profile:
        """An empty profile with an id of its own."""
        return cls(secrets.token_bytes(ID_BYTES).hex())

    def with_values(self, values: Mapping[str, Any], now_s: float) -> Profile:
        """This profile with `values` in the place of those of the same names. Never raises for what they hold.

        A value of None removes the one that is there. What no attribute can hold is left out.

        Args:
            values: Names to values, or to `Observed` ones.
            now_s: The instant of observation of those that come without one.
        """
        merged = dict(self.values)
        for name, value in values.items():
            kept = value if type(value) is Observed else Observed(value, at_s=now_s)
            if kept.value is None:
                merged.pop(name, None)
            elif _packed(name, kept) is not None:
                merged[name] = kept
        return Profile(self.id, merged)

    def only(self, names: Set[str]) -> Profile:
        """This profile with no other values than those called `names`."""
        return Profile(self.id, {name: value for name, value in self.values.items() if name in names})

    def that_fits(self, room: int) -> Profile:
        """This profile with as many values as `room` bytes hold, as packed: the newest observations first."""
        return self.only(_that_fit(self.values, room).keys())

    def __repr__(self) -> str:
        return f"Profile({sorted(self.values)})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Profile holds a visitor's values and is sealed, not pickled or copied")


def pack_profile(profile: Profile, *, with_values: bool = True) -> bytes:
    """The profile for a cookie, with as many values as `MAX_KEPT_BYTES` hold: see `Profile.that_fits`."""
    import msgpack

    body = pack_values(profile.values if with_values else {}, MAX_KEPT_BYTES)
    packed: bytes = msgpack.packb([FORMAT, bytes.fromhex(profile.id), body])
    assert sealed_length(len(packed)) <= MAX_COOKIE_LENGTH  # noqa: S101 - the arithmetic above
    return packed


def unpack_profile(data: bytes) -> Profile | None:
    """The profile that `pack_profile` packed; None for anything else. Never raises."""
    match _unpacked(data):
        case [1, bytes() as identity, bytes() as body] if len(identity) == ID_BYTES:
            values = unpack_values(body)
            return None if values is None else Profile(identity.hex(), values)
        case _:
            return None


def pack_values(values: Mapping[str, Any], room: int) -> bytes:
    """Values as msgpack, in at most `room` bytes and few more: those that `Profile.that_fits` keeps."""
    import msgpack

    parts = _that_fit(values, room).values()
    head: bytes = msgpack.Packer().pack_array_header(len(parts))
    return head + b"".join(parts)


def _that_fit(values: Mapping[str, Any], room: int) -> dict[str, bytes]:
    """The packed entries that `room` bytes hold, newest observation first; one too large leaves it to others."""
    entries: list[tuple[int, str, bytes]] = []
    for name, value in values.items():
        kept = value if type(value) is Observed else Observed(value, at_s=0)
        packed = _packed(name, kept)
        if packed is not None:
            entries.append((-_milliseconds(kept.at_s), name, packed))
    found: dict[str, bytes] = {}
    for _, name, packed in sorted(entries):
        if len(packed) <= room:
            room -= len(packed)
            found[name] = packed
    return found


def unpack_values(data: bytes) -> dict[str, Observed] | None:
    """The values that `pack_values` packed; None for anything else. Never raises."""
    entries = _unpacked(data)
    if not isinstance(entries, list):
        return None
    found: dict[str, Observed] = {}
    for entry in entries:
        match entry:
            case [str() as name, value, int() as at_ms] if _is_storable(value) and abs(at_ms) <= MAX_EPOCH_MS:
                found[name] = Observed(value, at_s=at_ms / 1000)
            case _:
                return None
    return found


def _unpacked(data: bytes) -> Any:
    import msgpack

    try:
        return msgpack.unpackb(data)
    except (ValueError, TypeError, RecursionError, msgpack.UnpackException):
        return None


def _packed(name: object, observed: Observed) -> bytes | None:
    """One entry; None for what no attribute can hold."""
    import msgpack

    value = observed.value
    if isinstance(value, set | frozenset | tuple):
        value = [*value]
    if not isinstance(name, str) or len(name) > _MAX_NAME_LENGTH or not _is_storable(value):
        return None
    if isinstance(value, list):
        value = sorted(value)
    try:
        packed: bytes = msgpack.packb([name, value, _milliseconds(observed.at_s)])
    except (ValueError, UnicodeEncodeError):  # a lone surrogate
        return None
    return packed


def _is_storable(value: object) -> bool:
    if isinstance(value, list):
        return len(value) <= MAX_SET_MEMBERS and all(map(_is_text, value))
    if type(value) is int:
        return abs(value) <= EXACT_INTEGER
    return type(value) is bool or _is_text(value) or finite_number(value) is not None


def _is_text(value: object) -> bool:
    return type(value) is str and len(value) <= MAX_STRING_LENGTH


def _milliseconds(at_s: object) -> int:
    """A date that no clock shows counts as the oldest: it must not switch retention off."""
    seconds = finite_number(at_s)
    if seconds is None or abs(seconds) * 1000 > MAX_EPOCH_MS:
        return 0
    return round(seconds * 1000)
