"""Coarsening: a value less exact than the one it comes from, so that it may be known under a weaker purpose.

One table from method to function, the same rules in every runtime. A function takes a value in its normal form and
returns one in its normal form, or None. It never raises and never quotes the value.
Source: spec/consent.md, "Substitutes".
"""

from __future__ import annotations

from bisect import bisect_right
from math import floor

from .errors import DeclarationError
from .immutable import Immutable, put

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    Parameter: TypeAlias = int | tuple[float, ...]  # True, an int, is that of a method that takes none

MAX_CHARACTERS = 64
MAX_DECIMALS = 3
MAX_BANDS = 256
_EXACT_INTEGER = 2**53


class Method:
    """One way of coarsening: the type it is for, what its parameter is, and the function.

    Attributes:
        type: The value of the `AttributeType`, of the exact and of the coarse value alike.
        takes: What its parameter is, for messages.
        read: A parameter as it was given, in its one form; None when it is none of this method.
        coarser: The coarse value of an exact one; None where there is none.
        none_is_malformed: Whether an exact value without a coarse one is malformed, and not merely left unsaid.
    """

    __slots__ = ("coarser", "none_is_malformed", "read", "takes", "type")

    def __init__(
        self,
        type: str,  # noqa: A002 - the word of the model
        takes: str,
        read: Callable[[object], Parameter | None],
        coarser: Callable[[Any, Any], Any],
        *,
        none_is_malformed: bool = True,
    ) -> None:
        self.type, self.takes, self.read, self.coarser = type, takes, read, coarser
        self.none_is_malformed = none_is_malformed


class Coarsening(Immutable):
    """How a substitute comes from the attribute that it stands for. Immutable.

    Args:
        parent: The name of the exact attribute.
        method: `characters`, `decimals`, `bands` or `network`.
        parameter: How many characters are kept (1 to 64), or decimals (0 to 3); for `bands` their lower bounds,
            ascending; for `network` True.
    Raises:
        DeclarationError: there is no such method, or it does not take such a parameter.
    """

    __slots__ = ("method", "parameter", "parent")

    parent: str
    method: str
    parameter: Parameter

    def __init__(self, parent: str, method: str, parameter: object = True) -> None:
        known = METHODS.get(method)
        if known is None:
            raise DeclarationError(f"there is no coarsening by `{method}`; it is one of {', '.join(METHODS)}")
        read = known.read(parameter)
        if read is None:
            raise DeclarationError(f"a coarsening by `{method}` takes {known.takes}")
        put(self, "parent", parent)
        put(self, "method", method)
        put(self, "parameter", read)

    @property
    def type(self) -> str:
        """The value of the type that it is for."""
        return METHODS[self.method].type

    @property
    def none_is_malformed(self) -> bool:
        """Whether an exact value that has no coarse one is malformed, and not merely left unsaid."""
        return METHODS[self.method].none_is_malformed

    def coarser(self, value: Any) -> Any:
        """The coarse value of a value in its normal form; None where there is none."""
        return METHODS[self.method].coarser(value, self.parameter)

    def _key(self) -> tuple[str, str, Parameter]:
        return (self.parent, self.method, self.parameter)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Coarsening) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"Coarsening({self.parent!r}, {self.method!r}, {self.parameter!r})"


def _whole(least: int, most: int) -> Callable[[object], int | None]:
    return lambda given: given if type(given) is int and least <= given <= most else None


def _nothing(given: object) -> int | None:
    return given if given is True else None


def _bounds(given: object) -> tuple[float, ...] | None:
    """Ascending finite numbers; whole ones up to 2^53 as integers, so that equal bounds are the same bytes."""
    if type(given) not in (list, tuple):
        return None
    bounds: list[object] = [*given]  # type: ignore[misc] # its type was just compared
    numbers = [_portable(each) for each in bounds if type(each) in (int, float)]
    known = [each for each in numbers if each is not None]
    if len(known) != len(bounds) or not 0 < len(known) <= MAX_BANDS or known != sorted(set(known)):
        return None
    return tuple(known)


def _portable(number: Any) -> float | None:
    if type(number) is int:
        return number if -_EXACT_INTEGER <= number <= _EXACT_INTEGER else None
    if number - number != 0:
        return None
    return int(number) if number.is_integer() and abs(number) <= _EXACT_INTEGER else number


def _characters(text: str, count: int) -> str:
    return text[:count]  # of a text in NFC, which its beginning is too


def _decimals(number: float, count: int) -> float | None:
    scale = 10.0**count
    shifted = float(number) * scale + 0.5
    return floor(shifted) / scale if shifted - shifted == 0 else None


def _band(number: float, bounds: tuple[float, ...]) -> float | None:
    above = bisect_right(bounds, number)
    return bounds[above - 1] if above else None


def _network(text: str, _: bool) -> str | None:
    """The /24 of an IPv4 address, the /48 of an IPv6 address (RFC 5952); None for any other text."""
    import ipaddress

    try:
        if ":" not in text:
            return _network_of_4(ipaddress.IPv4Address(text))
        address = ipaddress.IPv6Address("" if "%" in text else text)  # a zone is no part of an address
    except ValueError:
        return None
    inner = address.ipv4_mapped or address.sixtofour  # of the latter, the /48 would be the whole IPv4 address
    if inner is not None:
        return _network_of_4(inner)
    return str(ipaddress.IPv6Address(int(address) >> 80 << 80))


def _network_of_4(address: object) -> str:
    return str(address).rpartition(".")[0] + ".0"


METHODS: Mapping[str, Method] = {
    "characters": Method(
        "string", f"a whole number from 1 to {MAX_CHARACTERS}", _whole(1, MAX_CHARACTERS), _characters
    ),
    "decimals": Method(
        "number", f"a whole number from 0 to {MAX_DECIMALS}", _whole(0, MAX_DECIMALS), _decimals
    ),
    "bands": Method(
        "number",
        f"1 to {MAX_BANDS} ascending numbers, the lower bounds",
        _bounds,
        _band,
        none_is_malformed=False,  # below the first band nothing is said; a name in a record would say it
    ),
    "network": Method("string", "nothing but `true`", _nothing, _network),
}
