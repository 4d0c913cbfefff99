"""Whom a loader trusts: public keys, when they are valid, and how many must have signed."""

from __future__ import annotations

from ..errors import KeyringError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping
    from typing import Any

PUBLIC_KEY_BYTES = 32
_FIRST_S, _LAST_S = -62_135_596_800, 253_402_300_800  # the years that ISO 8601 can write, 1 to 9999
_ID, _ID_DIGITS, _HEX = "ed25519:", 16, frozenset("0123456789abcdef")
_KEY_FIELDS = {"id", "public", "not_before", "not_after"}


class Key:
    """An Ed25519 public key, named by its own digest. Immutable by convention of its slots' use.

    Args:
        public: The 32 raw bytes of RFC 8032.
        not_before_s: Unix seconds from which the key is trusted; None: always.
        not_after_s: Unix seconds from which it is no longer trusted; None: never.
    Raises:
        KeyringError: `public` is not 32 bytes, or the validity is empty or not within the years 1 to 9999.
    """

    __slots__ = ("id", "not_after_s", "not_before_s", "public")

    def __init__(
        self, public: bytes, *, not_before_s: float | None = None, not_after_s: float | None = None
    ) -> None:
        if len(public) != PUBLIC_KEY_BYTES:
            raise KeyringError(f"an Ed25519 public key has {PUBLIC_KEY_BYTES} bytes, not {len(public)}")
        for instant in (not_before_s, not_after_s):
            if instant is not None and not _FIRST_S <= instant < _LAST_S:
                raise KeyringError("a key's validity lies outside the years 1 to 9999")
        if not_before_s is not None and not_after_s is not None and not_before_s >= not_after_s:
            raise KeyringError("a key's validity ends before it begins")
        self.id = key_id(public)
        self.public = public
        self.not_before_s = not_before_s
        self.not_after_s = not_after_s

    def is_valid_at(self, now_s: float) -> bool:
        """Whether the key is trusted at `now_s`: not_before_s <= now_s < not_after_s."""
        return (self.not_before_s is None or self.not_before_s <= now_s) and (
            self.not_after_s is None or now_s < self.not_after_s
        )

    def __repr__(self) -> str:
        return f"Key({self.id})"


def key_id(public: bytes) -> str:
    """The id of a public key: `ed25519:` and the first 16 hexadecimal digits of its SHA-256."""
    import hashlib

    return _ID + hashlib.sha256(public).hexdigest()[:_ID_DIGITS]


def is_key_id(text: str) -> bool:
    """Whether `text` has the form of a key's id."""
    digits = text.removeprefix(_ID)
    return len(text) == len(_ID) + _ID_DIGITS and len(digits) == _ID_DIGITS and _HEX.issuperset(digits)


class Keyring:
    """The keys that a loader trusts.

    Args:
        threshold: How many different keys of this ring must have signed, at least 1.
    Raises:
        KeyringError: no keys, a key twice, or a threshold that no bundle could meet.
    """

    __slots__ = ("keys", "threshold")

    keys: Mapping[str, Key]
    threshold: int

    def __init__(self, keys: Iterable[Key], *, threshold: int = 1) -> None:
        ordered = list(keys)
        self.keys = {key.id: key for key in ordered}
        self.threshold = threshold
        if len(self.keys) != len(ordered):
            raise KeyringError("a keyring holds the same key twice")
        if not 1 <= threshold <= len(self.keys):
            raise KeyringError(f"a threshold of {threshold} cannot be met: number of keys: {len(self.keys)}")

    def __repr__(self) -> str:
        return f"Keyring({sorted(self.keys)}, threshold={self.threshold})"

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Keyring:
        """Read a keyring file, as `Keyring.write` and `discreet keys trust` make it.

        Raises:
            KeyringError: the file is not exactly a keyring.
            OSError: it cannot be read.
        """
        with open(path, "rb") as file:
            return cls.parse(file.read())

    @classmethod
    def parse(cls, data: bytes) -> Keyring:
        """Read a keyring from JSON bytes: `{"threshold": 1, "keys": [{"id", "public", ...}]}`."""
        try:
            document = _strict_json(data)
            threshold, entries = document.pop("threshold"), document.pop("keys")
            if document or type(threshold) is not int or type(entries) is not list:
                raise ValueError("not the fields of a keyring")
            keys = [_key_from(entry) for entry in entries]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise KeyringError("not a keyring: it must be a JSON object of `threshold` and `keys`") from error
        return cls(keys, threshold=threshold)

    def to_bytes(self) -> bytes:
        """The keyring as JSON, the same bytes for the same ring."""
        import json

        keys = [_key_to(self.keys[each]) for each in sorted(self.keys)]
        return (json.dumps({"threshold": self.threshold, "keys": keys}, indent=2) + "\n").encode()

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the keyring to `path`; an existing file is replaced."""
        with open(path, "wb") as file:
            file.write(self.to_bytes())


def _strict_json(data: bytes) -> dict[str, Any]:
    import json

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            raise ValueError("a key twice")
        return made

    document: dict[str, Any] = json.loads(data.decode(), object_pairs_hook=unique)
    return document


def _key_from(entry: dict[str, Any]) -> Key:
    import base64

    if not {"id", "public"} <= entry.keys() <= _KEY_FIELDS:
        raise ValueError("not the fields of a key")
    key = Key(
        base64.b64decode(entry["public"], validate=True),
        not_before_s=_seconds(entry.get("not_before")),
        not_after_s=_seconds(entry.get("not_after")),
    )
    if key.id != entry["id"]:
        raise ValueError("the id is not that of the key")
    return key


def _seconds(text: str | None) -> float | None:
    from discreet_consent.values import epoch_ms

    if text is None:
        return None
    instant = epoch_ms(text)
    if instant is None:
        raise ValueError("not an ISO 8601 instant")
    return instant / 1000


def _key_to(key: Key) -> dict[str, str]:
    import base64

    entry = {"id": key.id, "public": base64.b64encode(key.public).decode()}
    for name, instant in (("not_before", key.not_before_s), ("not_after", key.not_after_s)):
        if instant is not None:
            entry[name] = _iso(instant)
    return entry


def _iso(instant_s: float) -> str:
    import datetime

    moment = datetime.datetime.fromtimestamp(instant_s, datetime.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
