"""GrowthBook: the payload that its SDKs download, and the Python SDK that interprets it."""

from __future__ import annotations

import json
from typing import Any, Final

from ..workload import FALLBACK, Operation, Test, Visitor, Workload
from .engine import FLAG, Engine, Loaded, bounds, is_numeric, module, satisfied_by_zero


def growthbook_payload(workload: Workload) -> bytes:
    """One feature for the placement: a rule per offer, which forces the offer's id and content.

    Its JavaScript SDK counts an absent number as 0, its Python SDK does not: where it matters, a test asks for presence
    too, so that the same payload means the same to both.
    """
    default, *offers = workload.document["offers"]
    rules = [
        {
            "id": offer["id"],
            "condition": {test.attribute: _condition(test) for test in tests},
            "force": _value(offer),
        }
        for offer, (_, tests) in zip(offers, workload.offers, strict=True)
    ]
    return json.dumps({"features": {FLAG: {"defaultValue": _value(default), "rules": rules}}}).encode()


def _value(offer: dict[str, Any]) -> dict[str, Any]:
    return {"id": offer["id"], **offer["content"]}


def _condition(test: Test) -> Any:
    if is_numeric(test):
        low, high = bounds(test)
        asked: dict[str, Any] = {"$exists": True} if satisfied_by_zero(test) else {}
        if low is not None:
            asked["$gte"] = low
        if high is not None:
            asked["$lte"] = high
        return asked
    if test.operation in {Operation.IN, Operation.ANY_OF}:  # of a list, `$in` asks whether any member is
        return {"$in": list(test.operands)}
    return test.operands[0]


def load(config: bytes) -> Loaded:
    """One instance that changes its attributes per visitor: cheaper than an instance per request, as is recommended."""
    book = module("growthbook").GrowthBook(features=json.loads(config)["features"])
    fallback = {"id": FALLBACK}

    def ask(visitor: Visitor) -> str:
        book.set_attributes(visitor)
        answer: str = book.get_feature_value(FLAG, fallback)["id"]
        return answer

    def close() -> None:
        book.set_attributes({})  # `destroy` empties the dict that it holds, which is the last visitor's
        book.destroy()

    return Loaded(ask, close)


GROWTHBOOK: Final = Engine(
    distribution="growthbook",
    form="one feature, one instance; new attributes per visitor",
    imports=("growthbook",),
    config=growthbook_payload,
    load=load,
)
