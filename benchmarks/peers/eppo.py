"""Eppo: one flag, one allocation per offer, evaluated by its Rust core.

It has no sets: a visitor's set travels as one text, and a wanted member is found in it by a regular expression.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ..workload import FALLBACK, SETS, Operation, Test, Visitor, Workload
from .engine import FLAG, SUBJECT, Engine, Loaded, bounds, is_numeric, joined, module, true_or_false


def config(workload: Workload) -> bytes:
    """The flags as Eppo's server sends them to a server-side SDK."""
    flag = {
        "key": FLAG,
        "enabled": True,
        "variationType": "STRING",
        "variations": {offer: {"key": offer, "value": offer} for offer, _ in workload.offers},
        "allocations": [
            {
                "key": offer,
                "rules": [{"conditions": [each for test in tests for each in _conditions(test)]}],
                "splits": [{"variationKey": offer, "shards": []}],
                "doLog": False,
            }
            for offer, tests in workload.offers
        ],
        "totalShards": 10_000,
    }
    return json.dumps(
        {
            "createdAt": "2026-01-01T00:00:00.000Z",
            "format": "SERVER",
            "environment": {"name": "benchmark"},
            "flags": {FLAG: flag},
        }
    ).encode()


def _conditions(test: Test) -> list[dict[str, Any]]:
    if is_numeric(test):
        return [
            _condition(test, operator, bound)
            for operator, bound in zip(("GTE", "LTE"), bounds(test), strict=True)
            if bound is not None
        ]
    if test.operation is Operation.ANY_OF:
        return [_condition(test, "MATCHES", rf"\|(?:{'|'.join(map(str, test.operands))})\|")]
    if test.operation is Operation.IS:
        return [_condition(test, "ONE_OF", [true_or_false(test.operands[0])])]
    return [_condition(test, "ONE_OF", list(test.operands))]


def _condition(test: Test, operator: str, value: object) -> dict[str, Any]:
    return {"attribute": test.attribute, "operator": operator, "value": value}


def load(config: bytes) -> Loaded:
    """A client with this configuration from the start: it neither polls nor logs."""
    eppo = module("eppo_client")
    client = eppo.init(
        eppo.ClientConfig(
            api_key="none",
            base_url="http://127.0.0.1:9",
            assignment_logger=eppo.AssignmentLogger(),
            is_graceful_mode=False,
            poll_interval_seconds=None,
            initial_configuration=eppo.Configuration(flags_configuration=config),
        )
    )
    assign = client.get_string_assignment

    def ask(visitor: Visitor) -> str:
        attributes: dict[str, object] = {**visitor}
        for name in SETS:
            members = visitor.get(name)
            if isinstance(members, list):
                attributes[name] = joined(members)
        answer: str = assign(FLAG, SUBJECT, attributes, FALLBACK)
        return answer

    return Loaded(ask, client.shutdown)


EPPO: Final = Engine(
    distribution="eppo-server-sdk",
    form="one flag, an allocation per offer; sets as texts and regular expressions",
    imports=("eppo_client", "logging"),
    config=config,
    load=load,
    largest=100_000,
)
