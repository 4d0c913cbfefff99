"""The witness: a visitor made up to show that something can happen, as `discreet decide` takes one."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from discreet_consent import Consent, Observed
from discreet_consent.values import epoch_ms

from .instants import iso

if TYPE_CHECKING:
    from discreet.model import Json


@dataclass(frozen=True, slots=True)
class Visitor:
    """A visitor who is nobody: values from the author's own literals, and the least consent under which it is so.

    Attributes:
        attributes: By name, sorted, as JSON: sets as lists, datetimes as ISO 8601 where they can be, and
            `{"value": ..., "observed": ISO}` where the age of a value matters.
        purposes, sensitive: Data-use keys and sensitive items that are granted; sorted.
        now_ms: The clock, a whole number of epoch milliseconds. Who decides for the visitor does so at now_ms / 1000
            seconds.
        contextual_only: Whether the consent is that of a known child. Only where nobody else would do.
    """

    attributes: Mapping[str, Json]
    purposes: tuple[str, ...]
    sensitive: tuple[str, ...]
    now_ms: float
    contextual_only: bool = False

    @property
    def now_s(self) -> float:
        """The clock in Unix seconds, as `permit` and `decide` take it."""
        return self.now_ms / 1000

    def as_json(self) -> dict[str, Any]:
        """All of it as one JSON document; `now` in ISO 8601."""
        said: dict[str, Any] = {
            "attributes": dict(self.attributes),
            "purposes": list(self.purposes),
            "sensitive": list(self.sensitive),
            "now": iso(self.now_ms),
        }
        return {**said, "contextual_only": True} if self.contextual_only else said

    def consent(self) -> Consent:
        """The consent as `permit` takes it."""
        if self.contextual_only:
            return Consent(self.purposes, sensitive=self.sensitive, contextual_only=True)
        if not self.purposes and not self.sensitive:
            return Consent.refusing()
        return Consent.granting(*self.purposes, sensitive=self.sensitive)

    def given(self) -> dict[str, Any]:
        """The attributes as `permit` takes them: with `Observed` where an instant of observation is said."""
        return {name: _given(value) for name, value in self.attributes.items()}

    def command(self, bundle: str = "BUNDLE", placement: str | None = None) -> str:
        """A command that decides for this visitor, quoted for a shell; its keyring is called `RING`.

        The consent of a known child cannot be stated with `--grant`; there a comment says that it is one.
        """
        words = ["discreet", "decide", bundle, "--trust", "RING"]
        if placement is not None:
            words += ["--placement", placement]
        words += ["--attributes", json.dumps(dict(self.attributes), ensure_ascii=False)]
        for purpose in self.purposes:
            words += ["--grant", purpose]
        for item in self.sensitive:
            words += ["--grant-sensitive", item]
        remark = "  # of a known child: contextual facts only" if self.contextual_only else ""
        return shlex.join([*words, "--now", iso(self.now_ms)]) + remark


def _given(value: Json) -> Any:
    if isinstance(value, dict):
        observed_ms = epoch_ms(str(value["observed"]))
        assert observed_ms is not None  # noqa: S101 - it was written by `iso`
        return Observed(value["value"], at_s=observed_ms / 1000)
    return value
