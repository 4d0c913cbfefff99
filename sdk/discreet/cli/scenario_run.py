"""Running scenarios: each is decided by a real bundle, made for it and signed with a key that is thrown away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .because import because
from .signals import Sent

if TYPE_CHECKING:
    from discreet_consent import Consent, Permitted, Policy

    from .. import Evaluator
    from ..model import Model, Scenario

SUFFIXES = (".scenarios.yaml", ".scenarios.yml", ".scenarios.json")


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """One scenario and what came of it.

    `got` holds the offer, reason and stage that were decided; `why` says, of a failure, what kept the
    expected offer or stage away, or what let in an offer that must never show. Neither holds a value of an attribute.
    """

    scenario: Scenario
    passed: bool
    got: Mapping[str, str]
    why: tuple[str, ...] = ()

    @property
    def expected(self) -> Mapping[str, str]:
        """What the scenario asks: some of offer, reason and stage, or `never`."""
        return expected_of(self.scenario)

    @property
    def file(self) -> str:
        return self.scenario.place.file if self.scenario.place else ""

    @property
    def line(self) -> int:
        return self.scenario.place.line if self.scenario.place else 0


def scenarios_beside(model: Path) -> Path | None:
    """Where a model's scenarios are: in `shop.scenarios.yaml` for `shop.yaml`, else in the model itself, or None."""
    from ..model import has_scenarios

    found = (model.with_name(model.stem + suffix) for suffix in SUFFIXES)
    beside = next((path for path in found if path.exists()), None)
    return beside or (model if has_scenarios(model) else None)


def throw_away_evaluator(models: Sequence[Model]) -> Evaluator:
    """Compile, sign, verify and load `models` with a key that nobody keeps, for every instant from 1970 to 9999.

    Raises:
        ModelError: the models do not compile.
    """
    from .. import Keyring, load_bytes
    from ..compiler import SigningKey, build
    from ..runtime.decoding import MAX_SECONDS

    key = SigningKey.generate()
    data = build(models, [key], name="scenarios", version=0, created_s=0, expires_s=MAX_SECONDS)
    return load_bytes(data, Keyring([key.public]), now_s=0)


def run_scenarios(
    evaluator: Evaluator, scenarios: Sequence[Scenario], policy: Policy | None = None
) -> tuple[ScenarioResult, ...]:
    """Decide every scenario, at its own instant and under its own consent, and compare.

    Args:
        policy: The settings by which signals are judged; None for the defaults.
    """
    return tuple(run_scenario(evaluator, scenario, policy) for scenario in scenarios)


def run_scenario(evaluator: Evaluator, scenario: Scenario, policy: Policy | None = None) -> ScenarioResult:
    """Decide one scenario, and compare."""
    consent = consent_of(scenario, policy)
    permitted = permitted_of(evaluator, scenario, consent)
    decision = evaluator.decide(scenario.placement, permitted, now_s=scenario.now_s)
    got = {"offer": decision.offer, "reason": decision.reason.value, "stage": decision.stage}
    expected = expected_of(scenario)
    passed = decision.offer != expected.get("never") and all(
        got[name] == value for name, value in expected.items() if name != "never"
    )
    why = () if passed else because(evaluator, scenario, consent, permitted, decision)
    return ScenarioResult(scenario, passed, got, why)


def expected_of(scenario: Scenario) -> Mapping[str, str]:
    """What `scenario` asks for, by name: some of `offer`, `reason` and `stage`, or `never`."""
    expect = scenario.expect
    if expect is None:
        return {"never": scenario.never or ""}
    asked = {"offer": expect.offer, "reason": expect.reason and expect.reason.value, "stage": expect.stage}
    return {name: value for name, value in asked.items() if value is not None}


def consent_of(scenario: Scenario, policy: Policy | None = None) -> Consent:
    """The consent of `scenario`: as stated, or resolved from its signals at its own instant."""
    from discreet_consent import Consent

    from ..model import Stated

    given = scenario.consent
    if isinstance(given, Stated):
        if not given.purposes and not given.sensitive:
            return Consent.refusing()
        return Consent.granting(*given.purposes, sensitive=given.sensitive)
    sent = Sent(
        tcf=given.tcf,
        gpp=given.gpp,
        us_privacy=given.us_privacy,
        gpc=given.gpc,
        consent_mode=given.consent_mode,
        cookies=given.cookies or None,
        age=given.age,
        region=given.region,
    )
    return sent.consent(policy, scenario.now_s)


def permitted_of(evaluator: Evaluator, scenario: Scenario, consent: Consent) -> Permitted:
    """What `consent` lets us know of the scenario's visitor, at the scenario's own instant."""
    return evaluator.permit(_attributes(scenario), consent, now_s=scenario.now_s)


def _attributes(scenario: Scenario) -> dict[str, Any]:
    from discreet_consent import Observed

    return {
        name: given.value if given.observed_s is None else Observed(given.value, at_s=given.observed_s)
        for name, given in scenario.attributes.items()
    }
