"""Strict msgpack: one document, no duplicate keys, nothing after it, nothing but plain values."""

from __future__ import annotations

import msgpack

from ..errors import MalformedBundle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

MAX_BUNDLE_BYTES = 64 * 1024 * 1024
TEMPLATE_CODE = 1  # msgpack extension type of a string with tokens


def pack(document: object) -> bytes:
    """The canonical bytes of `document`: shortest forms, map keys in the order given."""
    packed: bytes = msgpack.packb(document, use_bin_type=True)
    return packed


def template(parts: list[Any]) -> msgpack.ExtType:
    """A string with tokens, as it travels: literal text and `[attribute number, default]` in turn."""
    return msgpack.ExtType(TEMPLATE_CODE, pack(parts))


def unpack(data: bytes, what: str, ext_hook: Callable[[int, bytes], Any] | None = None) -> Any:
    """Read exactly one document from `data`.

    Raises:
        MalformedBundle: anything else than one well-formed document. `what` names the part for the message.
    """
    try:
        return msgpack.unpackb(
            data,
            raw=False,
            strict_map_key=True,
            object_pairs_hook=_unique,
            ext_hook=ext_hook or _no_extension,
        )
    except (ValueError, RecursionError, OverflowError, msgpack.UnpackException) as error:
        raise MalformedBundle(f"{what} is not one well-formed msgpack document") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a map holds a key twice")
    return made


def _no_extension(code: int, _: bytes) -> NoReturn:
    raise ValueError(f"extension type {code}")
