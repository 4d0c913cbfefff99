"""An offer's content where it is packed: unpacked afresh for each reader, its tokens filled.

A string with tokens travels as msgpack extension type 1 whose data is itself a msgpack list: literal text, and
`[attribute number, default]` for a token. Source: spec/bundle-format.md, "Content".
"""

from __future__ import annotations

from discreet_consent import AttributeType

from ..errors import MalformedBundle
from .wire import TEMPLATE_CODE, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence, Set
    from typing import Any, TypeAlias

    from discreet_consent import Catalogue

    Part: TypeAlias = str | tuple[int, str]

MAX_CONTENT_DEPTH = 16
_PRINTABLE = frozenset((AttributeType.STRING, AttributeType.NUMBER, AttributeType.BOOLEAN))
_ONLY_STRINGS = frozenset((str,))
_SCALARS = frozenset((str, int, bool))
_TEMPLATE = object()  # what stands for a string with tokens while content is checked; no key can be one


class Template:
    """A string with tokens that are not filled.

    Args:
        parts: Literal text, and an attribute's number and a default for each token.
    """

    __slots__ = ("parts",)

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts


def fill(packed: bytes, values: Sequence[Any]) -> dict[str, Any]:
    """Unpack content that `tokens_of` accepted; an unknown attribute's token takes its default."""
    import msgpack

    def filled(_: int, data: bytes) -> str:
        return "".join([
            part if type(part) is str else text_of(values[part[0]], part[1])
            for part in msgpack.unpackb(data)
        ])  # fmt: skip

    content: dict[str, Any] = msgpack.unpackb(packed, ext_hook=filled)
    return content


def unfilled(packed: bytes) -> dict[str, Any]:
    """Unpack content that `tokens_of` accepted, with a `Template` for each string that has tokens."""
    import msgpack

    content: dict[str, Any] = msgpack.unpackb(
        packed, ext_hook=lambda _, data: Template(msgpack.unpackb(data, use_list=False))
    )
    return content


def text_of(value: str | float | bool | None, default: str) -> str:
    """How a token prints a value: a string as it is, a boolean as `true` or `false`, a number as ECMAScript does."""
    if value is None:
        return default
    if value is True or value is False:
        return "true" if value else "false"
    return value if isinstance(value, str) else number_text(float(value))


def number_text(number: float) -> str:
    """The shortest decimal text that reads back as `number`, in the form of ECMAScript's Number::toString.

    Source: ECMA-262, section 6.1.6.1.20. `number` is finite.
    """
    if number == 0:
        return "0"
    sign = "-" if number < 0 else ""
    mantissa, _, exponent = f"{abs(number)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    leading = len(whole + fraction) - len(digits)
    point = len(whole) - leading + int(exponent or 0)  # the value is 0.digits x 10**point
    digits = digits.rstrip("0")
    return sign + _placed(digits, point)


def _placed(digits: str, point: int) -> str:
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    power = point - 1
    exponent = f"e{'+' if power > 0 else '-'}{abs(power)}"
    return digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "") + exponent


def printable(catalogue: Catalogue) -> frozenset[int]:
    """The numbers of the attributes that a token can print."""
    return frozenset(number for number, attribute in enumerate(catalogue) if attribute.type in _PRINTABLE)


def tokens_of(packed: bytes, printable: Set[int]) -> frozenset[int]:
    """The attribute numbers of all tokens in packed content.

    Raises:
        MalformedBundle: it is not a map of JSON values with templates over the attributes `printable`.
    """
    found: set[int] = set()

    def template(code: int, data: bytes) -> object:
        if code != TEMPLATE_CODE:
            raise ValueError("an extension type other than a template")
        parts = unpack(data, "a template")
        if type(parts) is not list or not all(_is_part(part, printable) for part in parts):
            raise ValueError("not a template")
        found.update(part[0] for part in parts if type(part) is list)
        return _TEMPLATE

    content = unpack(packed, "an offer's content", template)
    if type(content) is not dict or not _is_json(content, MAX_CONTENT_DEPTH):
        raise MalformedBundle("an offer's content is not a map of JSON values")
    return frozenset(found)


def _is_part(part: Any, printable: Set[int]) -> bool:
    match part:
        case str():
            return True
        case [int(number), str()]:
            return type(number) is int and number in printable
        case _:
            return False


def _is_json(value: Any, depth: int) -> bool:
    kind = type(value)
    if kind is dict or kind is list:
        if depth == 0 or (kind is dict and not _ONLY_STRINGS.issuperset(map(type, value))):
            return False
        return all(_is_json(each, depth - 1) for each in (value.values() if kind is dict else value))
    if kind is float:
        return bool(value - value == 0)
    return value is None or value is _TEMPLATE or kind in _SCALARS
