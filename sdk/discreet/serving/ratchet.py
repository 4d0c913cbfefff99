"""The ratchet: what was served is never gone back behind, across restarts and among workers."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from typing import Any, Final

from discreet.errors import OlderThanFloor
from discreet.runtime import Bundle
from discreet.runtime.decoding import MAX_VERSION

from .errors import ChangedContent, OlderThanServed

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_FIELDS: Final = frozenset({"version", "digest", "floor", "file"})


@dataclass(frozen=True, slots=True)
class Ratchet:
    """The highest version that was served, with its digest, and the highest floor that any served bundle set.

    `file` is the SHA-256 of the last good file that was kept with it: one that is newer is told by that.
    """

    version: int
    digest: str
    floor: int
    file: str = ""

    @classmethod
    def of(cls, bundle: Bundle) -> Ratchet:
        """As if `bundle` were all that was ever served."""
        return cls(bundle.version, bundle.digest, bundle.floor)

    def with_(self, other: Ratchet) -> Ratchet:
        """As if what both know of had been served: the higher version, the higher floor; `file` is this one's."""
        highest = max(self, other, key=lambda each: each.version)
        return Ratchet(highest.version, highest.digest, max(self.floor, other.floor), self.file)

    def naming(self, data: bytes) -> Ratchet:
        """The same beside the last good file `data`."""
        return replace(self, file=hashlib.sha256(data).hexdigest())

    def names(self, data: bytes) -> bool:
        """Whether it was kept together with the file `data`."""
        return self.file == hashlib.sha256(data).hexdigest()

    def check(self, bundle: Bundle, *, rollback: bool) -> None:
        """Let `bundle` pass.

        Args:
            rollback: An older version may pass too, down to the floor.
        Raises:
            OlderThanFloor, OlderThanServed, ChangedContent: it must not be served.
        """
        if bundle.version < self.floor:
            raise OlderThanFloor(bundle.version, self.floor)
        if bundle.version == self.version and bundle.digest != self.digest:
            raise ChangedContent(bundle.version)
        if bundle.version < self.version and not rollback:
            raise OlderThanServed(bundle.version, self.version)

    def to_bytes(self) -> bytes:
        """As JSON, one line."""
        fields = {"version": self.version, "digest": self.digest, "floor": self.floor, "file": self.file}
        return json.dumps(fields).encode() + b"\n"

    @classmethod
    def parse(cls, data: bytes) -> Ratchet:
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: it is anything else.
        """
        fields: Any = json.loads(data)
        if type(fields) is not dict or fields.keys() != _FIELDS:
            raise ValueError("not the fields of a ratchet")
        numbers = (fields["version"], fields["floor"])
        if not all(type(each) is int and 0 <= each <= MAX_VERSION for each in numbers):
            raise ValueError("not the versions of a ratchet")
        texts = (fields["digest"], fields["file"])
        if not all(type(each) is str and _DIGEST.fullmatch(each) for each in texts):
            raise ValueError("not the digests of a ratchet")
        made = cls(**fields)
        if made.to_bytes() != data:
            raise ValueError("not as a ratchet is written")
        return made
