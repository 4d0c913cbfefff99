"""Strict msgpack: one document, no duplicate keys, nothing after it, nothing but plain values; and its deflation."""

from __future__ import annotations

import zlib

from ..errors import MalformedBundle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, NoReturn

    import msgpack

MAX_BUNDLE_BYTES = 64 * 1024 * 1024
MAX_INFLATED_BYTES = 512 * 1024 * 1024
_UNLIMITED: Mapping[str, Any] = {}
TEMPLATE_CODE = 1  # msgpack extension type of a string with tokens


def pack(document: object) -> bytes:
    """The canonical bytes of `document`: shortest forms, map keys in the order given."""
    import msgpack

    packed: bytes = msgpack.packb(document, use_bin_type=True)
    return packed


def deflate(document: bytes) -> bytes:
    """`document` as a zlib stream (RFC 1950), the same bytes for the same document on the same zlib."""
    return zlib.compress(document, 9)


def inflate(stream: bytes, what: str) -> bytes:
    """Undo `deflate`, in bounded memory.

    Raises:
        MalformedBundle: it is not exactly one zlib stream, or holds more than `MAX_INFLATED_BYTES`.
    """
    inflater = zlib.decompressobj()
    try:
        document = inflater.decompress(stream, MAX_INFLATED_BYTES)
    except zlib.error as error:
        raise MalformedBundle(f"{what} is not one zlib stream") from error
    if not inflater.eof or inflater.unused_data:
        raise MalformedBundle(f"{what} is not one zlib stream of at most {MAX_INFLATED_BYTES} bytes")
    return document


def template(parts: list[Any]) -> msgpack.ExtType:
    """A string with tokens, as it travels: literal text and `[attribute number, default]` in turn."""
    import msgpack

    return msgpack.ExtType(TEMPLATE_CODE, pack(parts))


def unpack(
    data: bytes,
    what: str,
    ext_hook: Callable[[int, bytes], Any] | None = None,
    limits: Mapping[str, Any] = _UNLIMITED,
) -> Any:
    """Read exactly one document from `data`.

    Args:
        limits: How long its parts may be, as msgpack names them: `max_array_len` and the like.
    Raises:
        MalformedBundle: anything else than one well-formed document. `what` names the part for the message.
    """
    import msgpack

    try:
        return msgpack.unpackb(
            data,
            raw=False,
            strict_map_key=True,
            object_pairs_hook=_unique,
            ext_hook=ext_hook or _no_extension,
            **limits,
        )
    except bad_msgpack() as error:
        raise MalformedBundle(f"{what} is not one well-formed msgpack document") from error


def bad_msgpack() -> tuple[type[Exception], ...]:
    """What msgpack raises of bytes that are not msgpack."""
    import msgpack

    return (ValueError, RecursionError, OverflowError, TypeError, msgpack.UnpackException)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a map holds a key twice")
    return made


def _no_extension(code: int, _: bytes) -> NoReturn:
    raise ValueError(f"extension type {code}")
