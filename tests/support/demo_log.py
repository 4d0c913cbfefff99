"""A log as a server of the demo's models writes it: real customers, mixed consents, sealed inputs."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from discreet import Evaluator, load_bytes
from discreet.compiler import build
from discreet.demo.histories import (
    CDNOW,
    customer_attributes,
    midnight_s,
    read_histories,
    request_attributes,
)
from discreet.demo.run import MODELS, TODAY
from discreet.events import Journal, JsonLinesSink
from discreet.model import read_models
from discreet.visitors import Visit
from discreet_consent import Consent

from .journals import ANALYTICS, SECRET, Serving, sealer
from .products import TEST_KEY, TEST_RING

NOW_S = midnight_s(TODAY)
DAY_S = 86_400


@dataclass(frozen=True)
class DemoLog:
    """The files of a replay, and what was written.

    Attributes:
        detailed: How many records were written with inputs.
    """

    bundle: Path
    ring: Path
    secret: Path
    log: Path
    records: int
    detailed: int


def demo_bundle(folder: Path, *, version: int = 1, created_s: int = NOW_S, days: int = 30) -> Path:
    """The demo's models as a bundle that is in force for so many days."""
    data = build(
        read_models([CDNOW / name for name in MODELS]),
        [TEST_KEY],
        name="cdnow",
        version=version,
        created_s=created_s,
        expires_s=created_s + days * DAY_S,
    )
    path = folder / f"cdnow-{version}.bundle"
    path.write_bytes(data)
    return path


def write_demo_log(folder: Path, visitors: int, **sink: int | bool) -> DemoLog:
    """Decide for so many visitors at every placement, and record it."""
    bundle = demo_bundle(folder)
    ring, secret = folder / "ring.json", folder / "log.secret"
    TEST_RING.write(ring)
    secret.write_text(base64.urlsafe_b64encode(SECRET).decode() + "\n")
    secret.chmod(0o600)
    serving = Serving(load_bytes(bundle.read_bytes(), TEST_RING, now_s=NOW_S))
    log = folder / "decisions.jsonl"
    journal = Journal(
        [JsonLinesSink(log, **sink)],  # type: ignore[arg-type] # its own numbers
        sealer=sealer(),
        capacity=visitors * 10,
    )
    detailed = 0
    for visit in _visits(serving.evaluator, visitors):
        made = serving.evaluator.decide_all(visit.permitted, now_s=visit.now_s).values()
        journal.decided(serving, made, visit, surface="test")
        agreed = ANALYTICS in visit.consent.purposes and not visit.consent.contextual_only
        detailed += len(made) * agreed
    if not journal.close(60):
        raise AssertionError("the log was not written in time")
    return DemoLog(bundle, ring, secret, log, journal.counts["written"], detailed)


def _visits(evaluator: Evaluator, number: int) -> Iterator[Visit]:
    """Real customers, in turn, at random instants, under random consents."""
    dice = Random(7)  # noqa: S311 - chosen, not secret
    request = request_attributes(TODAY)
    customers = [
        {**request, **customer_attributes(history.before(TODAY))} for history in read_histories(number)
    ]
    asked = sorted({purpose for each in evaluator.catalogue for purpose in each.purposes})
    for each in range(number):
        consent = Consent(
            [purpose for purpose in (*asked, ANALYTICS) if dice.random() < 0.7],
            contextual_only=dice.random() < 0.05,
        )
        known = dict(customers[each % len(customers)])
        for name in [name for name in known if dice.random() < 0.1]:
            known[name] = dice.choice((None, "wrong", -1, True))
        now_s = NOW_S + dice.choice((dice.randrange(20 * DAY_S), dice.random() * 20 * DAY_S))
        yield Visit(consent, evaluator.permit(known, consent, now_s=now_s), now_s=now_s)
