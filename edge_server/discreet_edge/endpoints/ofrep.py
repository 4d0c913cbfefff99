"""OFREP 0.3: the same decisions under OpenFeature's names. Source: open-feature/protocol, service/openapi.yaml.

A failure repeats no key, because a visitor sent it: where the protocol asks for one, it is empty.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from discreet.adapters.flags import NOT_FOUND, Flag, Flags
from discreet.serving import Served
from discreet.visitors import Given, Visit

from ..answers import JSON, Answer, Header, as_json, not_stored
from ..edge_settings import EdgeSettings
from ..parts import Parts
from ..problems import Problem, Refused
from ..received import Received
from .documents import check_names, read_object

SURFACE = "ofrep"
# The protocol's codes; other problems are answered as everywhere.
ERROR_CODES: Final[Mapping[Problem, str]] = {
    Problem.MALFORMED_BODY: "PARSE_ERROR",
    Problem.INVALID_REQUEST: "INVALID_CONTEXT",
    Problem.TOO_MANY_NAMES: "INVALID_CONTEXT",
    Problem.UNKNOWN_PLACEMENT: "FLAG_NOT_FOUND",
    Problem.INTERNAL_ERROR: "GENERAL",
}
_NOT_OF_THE_VISITOR: Final = frozenset(("targetingKey", "consent"))


class Ofrep:
    """The two handlers, and the flags of the bundle in service."""

    __slots__ = ("_flags", "_parts")

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._flags: tuple[Served, Flags] | None = None

    async def one(self, received: Received) -> Answer:
        """One flag: a placement, or a plain field of what it shows."""
        served, visit, headers = await self._visit(received)
        key = received.scope["path_params"]["key"]
        flag = self._flags_of(served).one(key, visit.permitted, now_s=visit.now_s)
        if flag is None:
            raise Refused(Problem.UNKNOWN_PLACEMENT, headers)
        self._record(served, [flag], visit)
        return as_json(flag.as_dict(), headers=not_stored(*headers))

    async def all(self, received: Received) -> Answer:
        """Every flag, with an entity tag of what they come to for this visitor."""
        served, visit, headers = await self._visit(received)
        flags = self._flags_of(served).all(visit.permitted, now_s=visit.now_s)
        self._record(served, flags, visit)
        metadata = flags[0].metadata if flags else {}
        about = {name: metadata[name] for name in ("bundle", "version", "digest") if name in metadata}
        body = orjson.dumps({"flags": [each.as_dict() for each in flags], "metadata": about})
        tag = b'"' + hashlib.sha256(body).hexdigest()[:32].encode() + b'"'
        headers = not_stored(*headers, (b"etag", tag))
        if received.has_tag(tag):
            return Answer(304, b"", headers=headers)
        return Answer(200, body, JSON, headers)

    async def _visit(self, received: Received) -> tuple[Served, Visit, Sequence[Header]]:
        parts = self._parts
        given = read_context(await received.body(), parts.settings)
        served, now_s = parts.bundles.current, parts.clock_s()
        visit, headers = await parts.meet(served, received, given, now_s)
        return served, visit, headers

    def _record(self, served: Served, flags: Iterable[Flag], visit: Visit) -> None:
        """Count and record each decision once, however many flags were read off it."""
        decisions = list({id(each.decision): each.decision for each in flags}.values())
        self._parts.counters.decided(decisions)
        if self._parts.journal is not None:
            self._parts.journal.decided(served, decisions, visit, surface=SURFACE)

    def _flags_of(self, served: Served) -> Flags:
        kept = self._flags
        if kept is None or kept[0] is not served:
            self._flags = kept = (served, Flags(served.evaluator))
        return kept[1]


def read_context(body: bytes, settings: EdgeSettings) -> Given:
    """What the evaluation context says of the visitor, unread. There may be none.

    Raises:
        Refused: the body is no JSON object, or its context, or that one's consent, is none.
    """
    context = read_object(body).get("context", {})
    if type(context) is not dict:
        raise Refused(Problem.INVALID_REQUEST)
    consent = context.get("consent")
    if type(consent) is not dict and "consent" in context:
        raise Refused(Problem.INVALID_REQUEST)
    check_names(context, settings)
    attributes = {name: value for name, value in context.items() if name not in _NOT_OF_THE_VISITOR}
    return Given(attributes, consent)


def failure(problem: Problem, headers: Sequence[Header]) -> Answer:
    """A refusal as one flag's clients read it."""
    return _failure(problem, headers, {"key": ""})


def bulk_failure(problem: Problem, headers: Sequence[Header]) -> Answer:
    """A refusal as clients of all flags read it."""
    return _failure(problem, headers, {})


def _failure(problem: Problem, headers: Sequence[Header], first: Mapping[str, Any]) -> Answer:
    code = ERROR_CODES.get(problem)
    if code is None:
        return problem.answer(headers)
    details = NOT_FOUND if problem is Problem.UNKNOWN_PLACEMENT else problem.detail
    document = {**first, "errorCode": code, "errorDetails": details}
    return as_json(document, status=problem.status, headers=not_stored(*headers))
