"""GoRules ZEN: a decision table, as its documentation recommends, and one compiled expression, which is faster."""

from __future__ import annotations

import json
from typing import Any, Final

from ..workload import ATTRIBUTES, FALLBACK, Operation, Test, Visitor, Workload
from .engine import Clock, Engine, Loaded, bounds, is_numeric, module, quoted, true_or_false

# --- The table ---------------------------------------------------------------------------------------------


def table_config(workload: Workload) -> bytes:
    """A decision graph of one table: an input column per attribute, a row per offer, the first hit wins."""
    blank = dict.fromkeys(ATTRIBUTES, "")
    content = {
        "hitPolicy": "first",
        "inputs": [{"id": name, "name": name, "field": name} for name in ATTRIBUTES],
        "outputs": [{"id": "offer", "name": "offer", "field": "offer"}],
        "rules": [
            {"_id": offer, **blank, **{test.attribute: _cell(test) for test in tests}, "offer": f'"{offer}"'}
            for offer, tests in workload.offers
        ],
        "passThrough": False,
        "inputField": None,
        "outputPath": None,
        "executionMode": "single",
    }
    nodes = [_node("in", "inputNode", {"schema": ""}), _node("offers", "decisionTableNode", content)]
    nodes.append(_node("out", "outputNode", {"schema": ""}))
    edges = [
        {"id": "first", "sourceId": "in", "targetId": "offers", "type": "edge"},
        {"id": "last", "sourceId": "offers", "targetId": "out", "type": "edge"},
    ]
    return json.dumps({"nodes": nodes, "edges": edges}).encode()


def _node(name: str, kind: str, content: object) -> dict[str, Any]:
    return {"id": name, "name": name, "type": kind, "position": {"x": 0, "y": 0}, "content": content}


def _cell(test: Test) -> str:
    if is_numeric(test):
        low, high = bounds(test)
        if high is None:
            return f">= {low}"
        return f"<= {high}" if low is None else f"[{low}..{high}]"
    if test.operation is Operation.IS:
        return true_or_false(test.operands[0])
    if test.operation is Operation.ANY_OF:
        return f"some($, # in {quoted(test.operands)})"
    return quoted(test.operands)[1:-1]


def load_table(config: bytes) -> Loaded:
    """The decision, parsed and compiled once."""
    zen = module("zen")
    evaluate = zen.ZenEngine().create_decision(zen.ZenDecisionContent(config.decode())).evaluate

    def ask(visitor: Visitor) -> str:
        answer: str = evaluate(visitor)["result"].get("offer", FALLBACK)
        return answer

    return Loaded(ask)


TABLE: Final = Engine(
    distribution="zen-engine",
    form="a decision table, its content compiled once",
    imports=("zen",),
    config=table_config,
    load=load_table,
    clock=Clock.PROCESS,  # its graph runs on threads of its own
)

# --- The expression ----------------------------------------------------------------------------------------


def expression_config(workload: Workload) -> bytes:
    """One expression: condition ? offer : condition ? offer : ... : fallback."""
    arms = (
        f'{" and ".join(_expression(test) for test in tests)} ? "{offer}" : '
        for offer, tests in workload.offers
    )
    return f'{"".join(arms)}"{FALLBACK}"'.encode()


def _expression(test: Test) -> str:
    name = test.attribute
    if is_numeric(test):
        parts = (f"{name} {sign} {bound}" for sign, bound in zip((">=", "<="), bounds(test), strict=True)
                 if bound is not None)  # fmt: skip
        return " and ".join((f"{name} != null", *parts))
    if test.operation is Operation.IS:
        return f"{name} == {true_or_false(test.operands[0])}"
    if test.operation is Operation.EQUAL:
        return f'{name} == "{test.operands[0]}"'
    if test.operation is Operation.IN:
        return f"{name} != null and {name} in {quoted(test.operands)}"
    return f"{name} != null and some({name}, # in {quoted(test.operands)})"


def load_expression(config: bytes) -> Loaded:
    """The expression compiled once."""
    return Loaded(module("zen").compile_expression(config.decode()).evaluate)


EXPRESSION: Final = Engine(
    distribution="zen-engine",
    form="one expression, compiled once",
    imports=("zen",),
    config=expression_config,
    load=load_expression,
)
