"""CEL in Rust: compiled programs, each a chain of `?:` over as many offers as its parser bears, one context a visitor.

CEL has no absent variables, so the context names all attributes, and an absent one is null.
"""

from __future__ import annotations

import json
from typing import Final

from ..workload import ATTRIBUTES, FALLBACK, Operation, Test, Visitor, Workload
from .engine import Engine, Loaded, bounds, is_numeric, module, quoted, true_or_false

DEPTH: Final = 50  # offers in one program: at 100 the parser refuses it as nested too deeply


def config(workload: Workload) -> bytes:
    """The programs as a JSON list of texts. Each answers with an offer, or with nothing for the next to go on."""
    arms = [
        f'{" && ".join(_expression(test) for test in tests)} ? "{offer}" : '
        for offer, tests in workload.offers
    ]
    return json.dumps(["".join(arms[at : at + DEPTH]) + '""' for at in range(0, len(arms), DEPTH)]).encode()


def _expression(test: Test) -> str:
    name = test.attribute
    if is_numeric(test):
        parts = (f"{name} {sign} {bound}" for sign, bound in zip((">=", "<="), bounds(test), strict=True)
                 if bound is not None)  # fmt: skip
        return " && ".join((f"{name} != null", *parts))
    if test.operation is Operation.IS:
        return f"{name} == {true_or_false(test.operands[0])}"
    if test.operation is Operation.EQUAL:
        return f'{name} == "{test.operands[0]}"'
    if test.operation is Operation.IN:
        return f"{name} in {quoted(test.operands)}"
    return f"({name} != null && {name}.exists(each, each in {quoted(test.operands)}))"


def load(config: bytes) -> Loaded:
    """All programs compiled once."""
    cel = module("cel")
    programs = [cel.compile(text).execute for text in json.loads(config)]
    context, nothing = cel.Context, dict.fromkeys(ATTRIBUTES)

    def ask(visitor: Visitor) -> str:
        known = context({**nothing, **visitor})
        for program in programs:
            answer: str = program(known)
            if answer:
                return answer
        return FALLBACK

    return Loaded(ask)


CEL: Final = Engine(
    distribution="common-expression-language",
    form=f"programs of {DEPTH} offers each, compiled once; one context per visitor",
    imports=("cel",),
    config=config,
    load=load,
)
