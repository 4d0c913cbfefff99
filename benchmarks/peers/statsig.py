"""Statsig: one dynamic config, a rule per offer, evaluated by its Rust core."""

from __future__ import annotations

import json
from typing import Any, Final, TypeAlias

from ..workload import FALLBACK, Operation, Test, Visitor, Workload
from .engine import FLAG, SUBJECT, Engine, Loaded, bounds, is_numeric, module, true_or_false

TIME_MS: Final = 1_790_000_000_000
NEVER_MS: Final = 86_400_000

Condition: TypeAlias = tuple[str, str, object]  # attribute, operator, target


def config(workload: Workload) -> bytes:
    """The specs as Statsig's server sends them: equal conditions stand there once, as they do in its own."""
    places: dict[Condition, str] = {}
    rules = [
        _rule(
            offer, [places.setdefault(each, str(len(places))) for test in tests for each in _conditions(test)]
        )
        for offer, tests in workload.offers
    ]
    spec = {
        "type": "dynamic_config",
        "salt": FLAG,
        "enabled": True,
        "defaultValue": {"id": FALLBACK},
        "rules": rules,
        "isDeviceBased": False,
        "idType": "userID",
        "entity": "dynamic_config",
        "version": 1,
    }
    whole = {
        "dynamic_configs": {FLAG: spec},
        "feature_gates": {},
        "layer_configs": {},
        "condition_map": {place: _spelled(each) for each, place in places.items()},
        "id_lists": {},
        "layers": {},
        "sdk_configs": {},
        "experiment_to_layer": {},
        "has_updates": True,
        "time": TIME_MS,
        "response_format": "dcs-v2",
    }
    return json.dumps(whole).encode()


def _rule(offer: str, conditions: list[str]) -> dict[str, Any]:
    return {
        "name": offer,
        "groupName": offer,
        "passPercentage": 100,
        "conditions": conditions,
        "returnValue": {"id": offer},
        "id": offer,
        "salt": "",
        "isDeviceBased": False,
        "idType": "userID",
    }


def _conditions(test: Test) -> list[Condition]:
    if is_numeric(test):
        return [
            (test.attribute, operator, bound)
            for operator, bound in zip(("gte", "lte"), bounds(test), strict=True)
            if bound is not None
        ]
    if test.operation is Operation.IS:
        return [(test.attribute, "any", (true_or_false(test.operands[0]),))]
    operator = "array_contains_any" if test.operation is Operation.ANY_OF else "any"
    return [(test.attribute, operator, test.operands)]


def _spelled(condition: Condition) -> dict[str, Any]:
    attribute, operator, target = condition
    return {
        "type": "user_field",
        "targetValue": target,
        "operator": operator,
        "field": attribute,
        "additionalValues": {},
        "isDeviceBased": False,
        "idType": "userID",
    }


def load(config: bytes) -> Loaded:
    """A client whose specs come out of a data store in memory; no network, no disk, no log of exposures.

    A spec that it cannot parse is answered like "no config", so the source of its specs is checked here.
    """
    statsig = module("statsig_python_core")
    options = statsig.StatsigOptions(
        data_store=_store(config),
        disable_network=True,
        disable_all_logging=True,
        disable_country_lookup=True,
        disable_disk_access=True,
        enable_id_lists=False,
        specs_sync_interval_ms=NEVER_MS,
        output_log_level="none",
    )
    client = statsig.Statsig("secret-none", options)
    client.initialize().wait()
    source = client.get_initialize_details().source
    if "DataStore" not in source:
        raise RuntimeError(f"its specs came from {source}")
    quiet = statsig.DynamicConfigEvaluationOptions(disable_exposure_logging=True)
    user, get = statsig.StatsigUser, client.get_dynamic_config

    def ask(visitor: Visitor) -> str:
        answer: str = get(user(SUBJECT, custom=visitor), FLAG, quiet).value["id"]
        return answer

    return Loaded(ask, lambda: client.shutdown().wait())


def _store(config: bytes) -> object:
    stores = module("statsig_python_core.data_store")
    text = config.decode()

    def get(_: object, __: str) -> object:
        return stores.DataStoreResponse(result=text, time=TIME_MS)

    return type("Store", (stores.DataStore,), {"get": get})()


STATSIG: Final = Engine(
    distribution="statsig_python_core",
    form="one dynamic config, a rule per offer; exposures not logged",
    imports=("statsig_python_core", "statsig_python_core.data_store"),
    config=config,
    load=load,
)
