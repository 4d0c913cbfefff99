"""JSON that is the same for many visitors, written once per bundle: its name, what shows without tokens, name lists.

What is remembered depends on the bundle and on which names a consent withholds; never on a visitor's value.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import orjson

from discreet import Decision
from discreet.runtime import Reason
from discreet.serving import Served

MAX_DECISIONS: Final = 1_024
MAX_BYTES: Final = 16_384  # of one that is remembered
MAX_LISTS: Final = 1_024
_Shown: TypeAlias = tuple[str, int, str, str]


class Written:
    """What was written of one bundle in service."""

    __slots__ = ("_decisions", "_lists", "bundle", "served")

    def __init__(self, served: Served) -> None:
        bundle = served.evaluator.bundle
        name = {"name": bundle.name, "version": bundle.version, "digest": bundle.digest}
        self.served = served
        self.bundle = orjson.Fragment(orjson.dumps(name))
        self._decisions: dict[_Shown, orjson.Fragment] = {}
        self._lists: dict[frozenset[str], orjson.Fragment] = {}

    def decision(self, decision: Decision) -> orjson.Fragment | dict[str, Any]:
        """One decision as answers have it."""
        placed, number = decision.placed, decision.number
        if number in placed.model.offers.contents.tokens:
            return as_dict(decision)
        key = (placed.id, number, decision.stage, decision.reason._value_)  # no call, as `value` is one
        try:
            return self._decisions[key]
        except KeyError:
            pass
        text = orjson.dumps(as_dict(decision))
        fragment = orjson.Fragment(text)
        if len(text) <= MAX_BYTES and len(self._decisions) < MAX_DECISIONS:
            self._decisions[key] = fragment
        return fragment

    def withheld(self, names: frozenset[str]) -> orjson.Fragment:
        """The names, sorted."""
        try:
            return self._lists[names]
        except KeyError:
            pass
        if len(self._lists) >= MAX_LISTS:
            self._lists.clear()
        self._lists[names] = fragment = orjson.Fragment(orjson.dumps(sorted(names)))
        return fragment


def as_dict(decision: Decision) -> dict[str, Any]:
    """One decision as answers have it, as plain data."""
    reason: Reason = decision.reason
    return {
        "placement": decision.placement,
        "offer": decision.offer,
        "reason": reason.value,
        "stage": decision.stage,
        "content": decision.content,
    }
