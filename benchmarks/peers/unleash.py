"""Unleash: one toggle, a strategy with one variant per offer, evaluated by its Rust core, Yggdrasil.

Its context holds texts only, so that numbers, booleans and sets are written as text per visitor, as its users must.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ..workload import FALLBACK, Operation, Test, Value, Visitor, Workload
from .engine import FLAG, SUBJECT, Engine, Loaded, bounds, is_numeric, joined, module, true_or_false

RELOAD_S: Final = 86_400


def config(workload: Workload) -> bytes:
    """The toggles as Unleash's server sends them to a server-side SDK."""
    strategies = [
        {
            "name": "flexibleRollout",
            "parameters": {"rollout": "100", "stickiness": "default", "groupId": FLAG},
            "constraints": [each for test in tests for each in _constraints(test)],
            "variants": [
                {
                    "name": offer,
                    "weight": 1_000,
                    "stickiness": "default",
                    "payload": {"type": "string", "value": offer},
                }
            ],
        }
        for offer, tests in workload.offers
    ]
    toggle = {
        "name": FLAG,
        "type": "release",
        "enabled": True,
        "stale": False,
        "strategies": strategies,
        "variants": [],
        "impressionData": False,
    }
    return json.dumps({"version": 2, "features": [toggle]}).encode()


def _constraints(test: Test) -> list[dict[str, Any]]:
    if is_numeric(test):
        return [
            _constraint(test, operator, value=str(bound))
            for operator, bound in zip(("NUM_GTE", "NUM_LTE"), bounds(test), strict=True)
            if bound is not None
        ]
    if test.operation is Operation.ANY_OF:
        return [_constraint(test, "STR_CONTAINS", values=[joined([str(word)]) for word in test.operands])]
    if test.operation is Operation.IS:
        return [_constraint(test, "IN", values=[true_or_false(test.operands[0])])]
    return [_constraint(test, "IN", values=[str(word) for word in test.operands])]


def _constraint(
    test: Test, operator: str, *, values: list[str] | None = None, value: str = ""
) -> dict[str, Any]:
    return {
        "contextName": test.attribute,
        "operator": operator,
        "values": values or [],
        "value": value,
        "inverted": False,
        "caseInsensitive": False,
    }


class _Cache:
    """A cache in memory, filled before the client starts: its own is a file."""

    bootstrapped = False  # that would load the same toggles twice

    def __init__(self, key: str, toggles: str) -> None:
        self._kept: dict[str, Any] = {key: toggles}

    def set(self, key: str, value: Any) -> None:
        self._kept[key] = value

    def mset(self, data: dict[str, Any]) -> None:
        self._kept.update(data)

    def get(self, key: str, default: Any = None) -> Any:
        return self._kept.get(key, default)

    def exists(self, key: str) -> bool:
        return key in self._kept

    def destroy(self) -> None:
        self._kept.clear()


def load(config: bytes) -> Loaded:
    """A client that reads its cache and fetches nothing; it neither registers nor reports."""
    client = module("UnleashClient").UnleashClient(
        url="http://127.0.0.1:9/api",
        app_name="benchmark",
        disable_metrics=True,
        disable_registration=True,
        refresh_interval=RELOAD_S,
        cache=_Cache(module("UnleashClient.constants").FEATURES_URL, config.decode()),
    )
    client.initialize_client(fetch_toggles=False)
    variant = client.get_variant

    def ask(visitor: Visitor) -> str:
        properties = {name: _text(value) for name, value in visitor.items()}
        given = variant(FLAG, {"userId": SUBJECT, "properties": properties})
        answer: str = given["name"] if given["enabled"] else FALLBACK
        return answer

    return Loaded(ask, client.destroy)


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return joined(value)
    return true_or_false(value) if isinstance(value, bool) else str(value)


UNLEASH: Final = Engine(
    distribution="UnleashClient",
    form="one toggle, a strategy with a variant per offer; all values as texts",
    imports=("UnleashClient", "UnleashClient.constants", "concurrent.futures.thread"),
    config=config,
    load=load,
)
