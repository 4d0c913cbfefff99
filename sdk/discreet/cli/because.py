"""Why a scenario fails: what kept the expected offer or stage away, or let in what must never show. Names only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..runtime.explain import explain_stage
from .explaining import obstacles, part_in_words

if TYPE_CHECKING:
    from discreet_consent import Consent, Permitted

    from .. import Decision, Evaluator
    from ..model import Scenario


def because(
    evaluator: Evaluator, scenario: Scenario, consent: Consent, permitted: Permitted, decision: Decision
) -> tuple[str, ...]:
    """Why `scenario`, which came to `decision`, fails, a line for each reason."""
    return (
        *_offer(evaluator, scenario, permitted, decision),
        *_stage(evaluator, scenario, permitted, decision),
        *_refusal(scenario, consent),
    )


def _offer(
    evaluator: Evaluator, scenario: Scenario, permitted: Permitted, decision: Decision
) -> Iterator[str]:
    expect = scenario.expect
    if expect is not None and expect.offer == decision.offer:
        return
    explanation = evaluator.explain(scenario.placement, permitted, now_s=scenario.now_s).as_dict()
    candidates = {each["offer"]: each for each in explanation["candidates"]}
    wanted = decision.offer if expect is None else expect.offer
    candidate = candidates.get(wanted)
    if expect is None:
        yield from _why_shown(wanted, candidate)
    elif candidate is None:
        yield f"`{wanted}` does not compete for `{scenario.placement}`"
    else:
        ranked = f"`{wanted}` is eligible, but `{decision.offer}` ranks before it"
        yield from obstacles(candidate) or [ranked]


def _why_shown(offer: str, candidate: dict[str, Any] | None) -> Iterator[str]:
    if candidate is None or not candidate["eligible"]:
        yield f"`{offer}` is the fallback, and no offer is eligible"
    elif not candidate["parts"]:
        yield f"`{offer}` asks nothing"
    else:
        yield from (f"{part['truth']}: {part_in_words(part)}" for part in candidate["parts"])


def _stage(
    evaluator: Evaluator, scenario: Scenario, permitted: Permitted, decision: Decision
) -> Iterator[str]:
    wanted = scenario.expect.stage if scenario.expect else None
    if wanted is None or wanted == decision.stage:
        return
    model = next(each for each in evaluator.bundle.models if scenario.placement in each.placements)
    if model.stages.index(decision.stage) > model.stages.index(wanted):
        yield f"stage `{decision.stage}` is reached, and lies further than `{wanted}`"
        return
    parts = explain_stage(model, wanted, permitted, scenario.now_s)
    candidate = {"parts": [part.as_dict() for part in parts]}
    yield from (f"stage `{wanted}`: {obstacle}" for obstacle in obstacles(candidate))


def _refusal(scenario: Scenario, consent: Consent) -> Iterator[str]:
    """What the rules say of a signal that granted nothing: that may be the whole reason."""
    from ..model import Signalled

    given = scenario.consent
    if isinstance(given, Signalled) and not consent.purposes_at(scenario.now_s):
        if not given.region:
            yield "consent: no region was stated; the strictest rules apply"
        yield from (f"consent: {reason}" for reason in consent.reasons)
