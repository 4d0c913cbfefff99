"""How bundles fare: for health, metrics and people. Nothing in it is of a visitor."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from .served import Served


class Outcome(enum.Enum):
    """What one look at the source came to."""

    UNCHANGED = "unchanged"  # the source has what is in service
    SWAPPED = "swapped"  # another one is in service now
    REFUSED = "refused"  # the source has one that must not be served
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, until it is right again.

    Attributes:
        kind: The error's name: `BadSignature`, `ExpiredBundle`, `OlderThanServed`, `SourceError`, ...
        text: One sentence for people.
        version: The version that was refused, where it is known.
        at_s: Unix seconds when it was first seen.
    """

    kind: str
    text: str
    version: int | None
    at_s: float

    @classmethod
    def of(cls, error: Exception, at_s: float) -> Trouble:
        """What `error` says."""
        return cls(type(error).__name__, str(error), getattr(error, "version", None), at_s)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the looks at the source came to until now. `confirmed_s`: when it last had what is in service."""

    checked_s: float | None = None
    confirmed_s: float | None = None
    failures: int = 0
    refused: Trouble | None = None
    unreachable: Trouble | None = None
    not_kept: Trouble | None = None
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """How the bundle in service fares, at one instant.

    Attributes:
        name, version, digest, expires_s: Of the bundle in service.
        since_s: From when it is in service; checked_s: when the source was last asked; confirmed_s: when it last had
            this bundle. Unix seconds.
        source: Where bundles come from, without credentials.
        refused: The bundle that the source has and that must not be served; None once it has a good one, and while
            nobody knows what it has.
        unreachable: Why the source could not be asked the last time.
        not_kept: Why the store does not hold what is in service.
        failures: How many looks in a row found no good bundle.
        retry_after_s: How long the source asked to be left alone.
        is_expired: Its time is over: every decision is a fallback.
        is_stale: The source has not had it for longer than is allowed, or not since this process started.
        from_store: It is the last good one, because the source had none that is good when this process started.
    """

    name: str
    version: int
    digest: str
    expires_s: float
    since_s: float
    checked_s: float | None
    confirmed_s: float | None
    source: str
    refused: Trouble | None
    unreachable: Trouble | None
    not_kept: Trouble | None
    failures: int
    retry_after_s: float | None
    is_expired: bool
    is_stale: bool
    from_store: bool


def status_of(
    served: Served, seen: Seen, source: str, *, now_s: float, stale_after_s: float | None
) -> Status:
    """The status at `now_s`; without `stale_after_s` nothing is ever stale."""
    bundle = served.evaluator.bundle
    confirmed_s = seen.confirmed_s
    is_stale = stale_after_s is not None and (confirmed_s is None or now_s - confirmed_s > stale_after_s)
    return Status(
        name=bundle.name,
        version=bundle.version,
        digest=served.digest,
        expires_s=bundle.expires_s,
        since_s=served.since_s,
        checked_s=seen.checked_s,
        confirmed_s=confirmed_s,
        source=source,
        refused=seen.refused,
        unreachable=seen.unreachable,
        not_kept=seen.not_kept,
        failures=seen.failures,
        retry_after_s=seen.retry_after_s,
        is_expired=not now_s < bundle.expires_s,
        is_stale=is_stale,
        from_store=served.is_fallback,
    )
