"""A journal's surroundings: a shop whose attributes need consent, visits to it, and a sink that keeps what it gets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema

from discreet import Decision, Evaluator
from discreet.events import Event, Journal, SinkFailed
from discreet.visitors import Sealer, Visit
from discreet_consent import Consent

from .compiled import NOW_S, OTHER_PURPOSE, PURPOSE, document, offer
from .products import evaluator_of
from .source import REPOSITORY

ANALYTICS = "analytics.reporting.content_performance"
AGREED = Consent.granting("personalize.content", ANALYTICS)
PERSONAL_ONLY = Consent.granting("personalize.content")
SCHEMA = jsonschema.Draft202012Validator(
    json.loads((REPOSITORY / "spec" / "event.schema.json").read_text(encoding="utf-8"))
)
SECRET = bytes(range(32))  # public on purpose: it seals what tests make, and nothing else
ATTRIBUTES: Mapping[str, Any] = {
    "hour": {"type": "number", "provenance": "contextual", "purposes": [OTHER_PURPOSE]},
    "n": {"type": "number", "provenance": "first_party", "purposes": [PURPOSE]},
    "s": {"type": "string", "provenance": "first_party", "purposes": [PURPOSE], "retention": "1d"},
    "t": {"type": "strings", "provenance": "first_party", "purposes": [PURPOSE]},
    "aside": {"type": "string", "provenance": "first_party", "purposes": [PURPOSE]},
    "ill": {"type": "boolean", "provenance": "declared", "purposes": [PURPOSE], "sensitive": "health"},
}
SHOP = [
    document(
        offer("many", when="n > 3", priority=3),
        offer("named", when='s == "x" or any_of(t, "y")', priority=2, stages=["back"]),
        offer("early", when="hour < 12", priority=1),
        attributes=ATTRIBUTES,
        stages=[{"id": "first"}, {"id": "back", "when": "n >= 1"}],
        placements={"p": {"fallback": "none"}},
    ),
    document(
        {"id": "greeting", "placements": ["q"], "content": {"title": "For {aside|you}"}, "when": "known(aside)"},
        model="side",
        channel="mail",
        attributes=ATTRIBUTES,
        placements={"q": {"fallback": "none"}},
    ),
]  # fmt: skip


@dataclass(frozen=True)
class Serving:
    """A bundle in service."""

    evaluator: Evaluator


@dataclass
class Kept:
    """A sink that keeps every record; it fails as often as it is told to, then works."""

    failures: list[Exception] = field(default_factory=list[Exception])
    events: list[Event] = field(default_factory=list[Event])
    is_closed: bool = False
    batch: int = 100

    def write(self, events: Sequence[Event], /) -> None:
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, SinkFailed):
                self.events += events[: failure.taken]
            raise failure
        self.events += events

    def close(self) -> None:
        self.is_closed = True

    @property
    def records(self) -> list[dict[str, Any]]:
        return [dict(event.record) for event in self.events]


def shop() -> Serving:
    """A fresh evaluator of `SHOP`, in service."""
    return Serving(evaluator_of(SHOP))


def sealer() -> Sealer:
    """The test's sealer of inputs."""
    return Sealer([SECRET], use="decision-log")


def visit_to(
    serving: Serving, attributes: Mapping[str, object], consent: Consent = AGREED, now_s: float = NOW_S
) -> Visit:
    """A visit with what this visitor allows us to know."""
    return Visit(consent, serving.evaluator.permit(attributes, consent, now_s=now_s), now_s=now_s)


def decided(serving: Serving, visit: Visit) -> list[Decision]:
    """The decisions for every placement."""
    return [*serving.evaluator.decide_all(visit.permitted, now_s=visit.now_s).values()]


def recorded(
    serving: Serving, visit: Visit, decisions: Sequence[Decision] | None = None, *, sealed: bool = False
) -> list[dict[str, Any]]:
    """The records that a journal makes of one visit."""
    sink = Kept()
    journal = Journal([sink], sealer=sealer() if sealed else None)
    journal.decided(
        serving, decided(serving, visit) if decisions is None else decisions, visit, surface="test"
    )
    assert journal.close()
    return sink.records


def lines(path: Path) -> list[dict[str, Any]]:
    """The records in a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
