"""What a caller states beside the request: a body's attributes and signals. Not trusted, and not read before permit."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from discreet_consent import Observed
from discreet_consent.values import epoch_ms

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_OBSERVED = {"value", "observed"}
PLAIN = frozenset((str, float, int, bool))  # most values; asking whether one is a mapping costs more


class Given:
    """What was stated beside the request. Its repr shows nothing of it.

    Args:
        attributes: Names to values. A value may be an `Observed`, or the object
            `{"value": ..., "observed": "2026-03-01T08:30Z"}` that JSON has for one.
        consent: `tcf`, `gpp`, `us_privacy`, `gpc`, `consent_mode`, `age_years`; where the settings accept them,
            `region`, or `purposes` and `sensitive`. What is of the wrong type counts as unreadable, not as absent;
            None is absent; other keys are ignored.
    """

    __slots__ = ("attributes", "consent")

    def __init__(
        self, attributes: Mapping[str, Any] = _NOTHING, consent: Mapping[str, Any] | None = None
    ) -> None:
        self.attributes = attributes
        self.consent = consent

    def __repr__(self) -> str:
        return "Given()"


def observed(value: Any) -> Any:
    """The value of an attribute as `permit` takes it: JSON's object for an observation becomes an `Observed`.

    An object that is no such thing stays what it is, and `permit` calls it malformed.
    """
    if (
        type(value) in PLAIN
        or not isinstance(value, Mapping)
        or len(value) != len(_OBSERVED)
        or set(value) != _OBSERVED
    ):
        return value
    at = value["observed"]
    at_ms = epoch_ms(at) if isinstance(at, str) else None
    return value if at_ms is None else Observed(value["value"], at_s=at_ms / 1000)
