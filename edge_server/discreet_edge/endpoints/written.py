"""Answers as JSON, put together from what is the same for many visitors and was written once per bundle.

What is remembered depends on the bundle and on which names a consent withholds; never on a visitor's value. What
shows with tokens is remembered with gaps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

import orjson

from discreet import Decision
from discreet.serving import Served
from discreet_consent import Permitted

from .gaps import WithGaps

MAX_DECISIONS: Final = 1_024
MAX_BYTES: Final = 16_384  # of one that is remembered
MAX_LISTS: Final = 1_024
_Shown: TypeAlias = tuple[str, int, str, str]


class Written:
    """What was written of one bundle in service."""

    __slots__ = ("_decisions", "_lists", "_openings", "served")

    def __init__(self, served: Served) -> None:
        bundle = served.evaluator.bundle
        name = {"name": bundle.name, "version": bundle.version, "digest": bundle.digest}
        self.served = served
        self._openings = [
            b'{"bundle":%b,"stale":%b' % (orjson.dumps(name), each) for each in (b"false", b"true")
        ]
        self._decisions: dict[_Shown, WithGaps] = {}
        self._lists: dict[frozenset[str], bytes] = {}

    def answer(
        self,
        decisions: Iterable[Decision],
        permitted: Permitted,
        *,
        is_stale: bool,
        explanations: Sequence[dict[str, Any]] | None = None,
    ) -> bytes:
        """What `/v1/decide` answers."""
        return b"".join((
            self._openings[is_stale],
            b',"decisions":[', b",".join([self._decision(each) for each in decisions]),
            # All declared ones that this consent does not permit, whether or not the visitor has them.
            b'],"withheld":', self._withheld(permitted.plan.withheld),
            b',"malformed":', _sorted(permitted.malformed),
            b',"stale_attributes":', _sorted(permitted.stale),
            b"}" if explanations is None else b',"explanations":%b}' % orjson.dumps(explanations),
        ))  # fmt: skip

    def _decision(self, decision: Decision) -> bytes:
        placed = decision.placed
        # No call, as `value` is one.
        key = (placed.id, decision.number, decision.stage, decision.reason._value_)
        written = self._decisions.get(key) or self._anew(key, decision)
        return written.filled(decision.permitted.values) if written.gaps else written.first

    def _anew(self, key: _Shown, decision: Decision) -> WithGaps:
        placement, number, stage, reason = key
        content = decision.placed.model.offers.contents.unfilled(number)
        document = {"placement": placement, "offer": decision.offer, "reason": reason, "stage": stage}
        written = WithGaps({**document, "content": content})
        if written.size <= MAX_BYTES and len(self._decisions) < MAX_DECISIONS:
            self._decisions[key] = written
        return written

    def _withheld(self, names: frozenset[str]) -> bytes:
        try:
            return self._lists[names]
        except KeyError:
            pass
        if len(self._lists) >= MAX_LISTS:
            self._lists.clear()
        self._lists[names] = written = _sorted(names)
        return written


def _sorted(names: frozenset[str]) -> bytes:
    return orjson.dumps(sorted(names)) if names else b"[]"
