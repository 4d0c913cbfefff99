"""What is in service: one evaluator, the file it came from, and since when. Read it once per request."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from discreet.runtime import Evaluator


@dataclass(frozen=True, slots=True)
class Served:
    """One bundle in service. A swap makes a new one; a request that holds this one is not touched by it.

    Attributes:
        data: The file, exactly as it was received.
        digest: SHA-256 of the payload, which names the bundle in records: `evaluator.bundle.digest`.
        etag: An HTTP entity tag of `data`: a bundle that is signed anew keeps its digest, but not its tag.
        since_s: Unix seconds from which it is in service here.
        is_fallback: It is the last good one, because the source had none that is good.
    """

    evaluator: Evaluator
    data: bytes = field(repr=False)
    digest: str
    etag: str
    since_s: float
    is_fallback: bool

    @classmethod
    def of(cls, evaluator: Evaluator, data: bytes, *, since_s: float, is_fallback: bool = False) -> Served:
        """Put `evaluator` into service; `data` is the file that it was loaded from."""
        digest = evaluator.bundle.digest
        tag = hashlib.sha256(data).hexdigest() if data else digest
        return cls(evaluator, data, digest, f'"sha256-{tag}"', since_s, is_fallback)
