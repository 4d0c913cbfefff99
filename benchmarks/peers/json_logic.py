"""JSON Logic: one flat `if` over all offers. datalogic-py runs it in Rust, flagd's reference evaluator in Python.

In JSON Logic an absent number counts as 0, so that `null <= 5` holds: a test that 0 satisfies reads the attribute
with a default that does not satisfy it.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ..workload import FALLBACK, Operation, Test, Visitor, Workload
from .engine import FLAG, SUBJECT, Engine, Loaded, bounds, is_numeric, module, satisfied_by_zero

BEYOND: Final = 1_000_000_000  # more than any number of the workload


def rules(workload: Workload) -> dict[str, Any]:
    """All offers as one `if`: condition, offer, condition, offer, ..., fallback."""
    flat: list[Any] = []
    for offer, tests in workload.offers:
        flat += [{"and": [_condition(test) for test in tests]}, offer]
    return {"if": [*flat, FALLBACK]}


def _condition(test: Test) -> dict[str, Any]:
    if is_numeric(test):
        return _numeric(test)
    value: Any = {"var": test.attribute}
    if test.operation is Operation.ANY_OF:
        return {"some": [value, {"in": [{"var": ""}, list(test.operands)]}]}
    if test.operation is Operation.IN:
        return {"in": [value, list(test.operands)]}
    return {"===": [value, test.operands[0]]}


def _numeric(test: Test) -> dict[str, Any]:
    value = {"var": [test.attribute, BEYOND] if satisfied_by_zero(test) else test.attribute}
    low, high = bounds(test)
    if high is None:
        return {">=": [value, low]}
    return {"<=": [value, high] if low is None else [low, value, high]}


# --- datalogic-py ------------------------------------------------------------------------------------------


def datalogic_config(workload: Workload) -> bytes:
    """The rule as JSON."""
    return json.dumps(rules(workload)).encode()


def load_datalogic(config: bytes) -> Loaded:
    """The rule compiled once."""
    return Loaded(module("datalogic_py").Engine().compile(config.decode()).evaluate)


DATALOGIC: Final = Engine(
    distribution="datalogic-py",
    form="one `if`, compiled once",
    imports=("datalogic_py",),
    config=datalogic_config,
    load=load_datalogic,
)


# --- openfeature-flagd-core --------------------------------------------------------------------------------


def flagd_config(workload: Workload) -> bytes:
    """One flag as flagd reads it: the offers' ids are its variants, the rule its targeting."""
    flag = {
        "state": "ENABLED",
        "variants": {offer: offer for offer in (FALLBACK, *(offer for offer, _ in workload.offers))},
        "defaultVariant": FALLBACK,
        "targeting": rules(workload),
    }
    return json.dumps({"flags": {FLAG: flag}}).encode()


def load_flagd(config: bytes) -> Loaded:
    """The evaluator itself, without the OpenFeature client around it."""
    core = module("openfeature.contrib.tools.flagd.core").FlagdCore()
    core.set_flags(config.decode())
    context = module("openfeature.evaluation_context").EvaluationContext
    resolve = core.resolve_string_value

    def ask(visitor: Visitor) -> str:
        answer: str = resolve(FLAG, FALLBACK, context(SUBJECT, visitor)).value
        return answer

    return Loaded(ask)


FLAGD: Final = Engine(
    distribution="openfeature-flagd-core",
    form="one flag with a targeting rule, no OpenFeature client around it",
    imports=("openfeature.contrib.tools.flagd.core", "openfeature.evaluation_context"),
    config=flagd_config,
    load=load_flagd,
)
