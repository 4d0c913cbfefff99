"""LaunchDarkly: one flag, a rule per offer, from a feature store that is filled before the client starts."""

from __future__ import annotations

import json
from typing import Any, Final

from ..workload import FALLBACK, Test, Visitor, Workload
from .engine import FLAG, SUBJECT, Engine, Loaded, bounds, is_numeric, module

COMPARISONS: Final = ("greaterThanOrEqual", "lessThanOrEqual")


def config(workload: Workload) -> bytes:
    """The flag data as a Relay Proxy or a file holds it."""
    flag = {
        "key": FLAG,
        "version": 1,
        "on": True,
        "salt": "hero",
        "targets": [],
        "prerequisites": [],
        "offVariation": 0,
        "fallthrough": {"variation": 0},
        "variations": [FALLBACK, *(offer for offer, _ in workload.offers)],
        "rules": [
            {
                "id": offer,
                "variation": place,
                "clauses": [each for test in tests for each in _clauses(test)],
            }
            for place, (offer, tests) in enumerate(workload.offers, start=1)
        ],
    }
    return json.dumps({"flags": {FLAG: flag}, "segments": {}}).encode()


def _clauses(test: Test) -> list[dict[str, Any]]:
    if not is_numeric(test):
        return [_clause(test, "in", list(test.operands))]  # of a list, `in` asks whether any member is
    return [
        _clause(test, comparison, [bound])
        for comparison, bound in zip(COMPARISONS, bounds(test), strict=True)
        if bound is not None
    ]


def _clause(test: Test, operator: str, values: list[Any]) -> dict[str, Any]:
    return {
        "contextKind": "user",
        "attribute": test.attribute,
        "op": operator,
        "values": values,
        "negate": False,
    }


def load(config: bytes) -> Loaded:
    """A client that reads a store and nothing else, as beside a Relay Proxy; it sends no events."""
    launchdarkly = module("ldclient")
    kinds = module("ldclient.versioned_data_kind")
    data = json.loads(config)
    store = module("ldclient.feature_store").InMemoryFeatureStore()
    store.init({kinds.FEATURES: data["flags"], kinds.SEGMENTS: data["segments"]})
    settings = module("ldclient.config").Config(
        "none", feature_store=store, use_ldd=True, send_events=False, diagnostic_opt_out=True
    )
    client = launchdarkly.LDClient(settings, start_wait=30)
    if not client.is_initialized():
        raise RuntimeError("the client is not initialized")
    variation, context = client.variation, launchdarkly.Context.from_dict

    def ask(visitor: Visitor) -> str:
        answer: str = variation(FLAG, context({"kind": "user", "key": SUBJECT, **visitor}), FALLBACK)
        return answer

    return Loaded(ask, client.close)


LAUNCHDARKLY: Final = Engine(
    distribution="launchdarkly-server-sdk",
    form="one flag, a rule per offer, from a store in memory",
    imports=(
        "ldclient",
        "ldclient.feature_store",
        "ldclient.versioned_data_kind",
        "ldclient.impl.datasystem.fdv1",  # its client would import it while the clock runs
    ),
    config=config,
    load=load,
)
