"""The paths: what each takes, answers and refuses. One table, beside that of the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from ..edge_settings import EdgeSettings
from ..endpoints.bundle_files import MEDIA_TYPE
from ..endpoints.ofrep import ERROR_CODES
from ..problems import Problem
from .schemas import reference

Json: TypeAlias = dict[str, Any]

_P = Problem
_ALWAYS: Final = (_P.HEADERS_TOO_LARGE, _P.INTERNAL_ERROR)
_OF_BODIES: Final = (
    _P.MALFORMED_BODY, _P.INVALID_REQUEST, _P.TOO_MANY_NAMES, _P.BODY_TOO_SLOW, _P.BODY_TOO_LARGE,
    _P.UNSUPPORTED_MEDIA_TYPE,
)  # fmt: skip
_DIGEST: Final[Json] = {
    "name": "digest",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[0-9a-f]+$"},
}
_KEY: Final[Json] = {
    "name": "key", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[A-Za-z0-9._/-]+$"},
    "description": "`PLACEMENT` for the content, `PLACEMENT/FIELD` for one plain field of it.",
}  # fmt: skip
_TAG: Final[Json] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path.

    Attributes:
        takes: The schema of the body; None: it takes none.
        answers: By status: the schema of the answer, a media type where it is no JSON, None where it is empty.
        refuses: Beside what every path may refuse.
        failure: The schema of refusals that OpenFeature's protocol knows.
    """

    path: str
    method: str
    id: str
    summary: str
    answers: dict[int, str | None]
    takes: str | None = None
    refuses: tuple[Problem, ...] = ()
    parameters: tuple[Json, ...] = ()
    is_for_admin: bool = False
    failure: str | None = None


OPERATIONS: Final = (
    Operation("/v1/decide", "post", "decide", "Decide for one, several or all placements", {200: "DecideAnswer"},
              takes="DecideRequest", refuses=(_P.EXPLAIN_NOT_ALLOWED, _P.UNKNOWN_PLACEMENT), is_for_admin=True),
    Operation("/ofrep/v1/evaluate/flags", "post", "evaluateFlags", "OFREP: every flag", {200: "Flags", 304: None},
              takes="EvaluationRequest", parameters=(_TAG,), failure="BulkFailure"),
    Operation("/ofrep/v1/evaluate/flags/{key}", "post", "evaluateFlag", "OFREP: one flag", {200: "Flag"},
              takes="EvaluationRequest", parameters=(_KEY,), failure="FlagFailure", refuses=(_P.UNKNOWN_PLACEMENT,)),
    Operation("/v1/bundle", "get", "bundle", "The bundle in service, as signed", {200: MEDIA_TYPE.decode(), 304: None},
              refuses=(_P.UNKNOWN_BUNDLE,), parameters=(_TAG,)),
    Operation("/v1/bundles/{digest}", "get", "bundleByDigest", "The same by its digest; it never changes",
              {200: MEDIA_TYPE.decode(), 304: None}, refuses=(_P.UNKNOWN_BUNDLE, _P.NOT_FOUND),
              parameters=(_DIGEST, _TAG)),
    Operation("/v1/exposures", "post", "exposures", "Tell which offers were seen", {202: "ExposuresAnswer"},
              takes="ExposuresRequest", refuses=(_P.UNKNOWN_EXPOSURE,)),
    Operation("/v1/profile", "put", "keepProfile", "Keep what the visitor tells us", {200: "ProfileAnswer"},
              takes="ProfileRequest", refuses=(_P.STORAGE_NOT_GRANTED, _P.PROFILES_NOT_KEPT, _P.PROFILES_FAILED)),
    Operation("/v1/profile", "delete", "forgetProfile", "Forget the visitor", {204: None},
              refuses=(_P.PROFILES_FAILED,)),
    Operation("/v1/reload", "post", "reload", "Ask the source for its bundle now", {202: "Reloaded"},
              refuses=(_P.NOT_AUTHORIZED, _P.NOT_FOUND, _P.NOT_RELOADED), is_for_admin=True),
    Operation("/.well-known/gpc.json", "get", "gpc", "Whether Global Privacy Control is honoured", {200: "Gpc"},
              refuses=(_P.NOT_FOUND,)),
    Operation("/openapi.json", "get", "openapi", "This document", {200: "application/json"}),
    Operation("/healthz", "get", "lives", "The process answers", {200: "Health"}),
    Operation("/readyz", "get", "isReady", "A bundle is in service and in force", {200: "Readiness", 503: "Readiness"},
              refuses=(_P.NOT_READY,)),
    Operation("/metrics", "get", "metrics", "Prometheus' text format", {200: "text/plain"}),
)  # fmt: skip


def paths(settings: EdgeSettings) -> Json:
    """Every path, with its methods."""
    found: Json = {}
    for each in OPERATIONS:
        if each.path != "/metrics" or settings.metrics:
            found.setdefault(each.path, {})[each.method] = _operation(each)
    return found


def _operation(operation: Operation) -> Json:
    described: Json = {
        "operationId": operation.id,
        "summary": operation.summary,
        "responses": _refusals(operation, _answers(operation)),
    }
    if operation.parameters:
        described["parameters"] = list(operation.parameters)
    if operation.takes is not None:
        content = {"application/json": {"schema": reference(operation.takes)}}
        described["requestBody"] = {"required": True, "content": content}
    if operation.is_for_admin:
        described["security"] = [{}, {"admin": []}]
    return described


def _answers(operation: Operation) -> Json:
    return {str(status): _answer(answer) for status, answer in operation.answers.items()}


def _answer(answer: str | None) -> Json:
    if answer is None:
        return {"description": "Without a body."}
    if "/" in answer:
        return {"description": "As it says.", "content": {answer: {}}}
    return {"description": "As it says.", "content": {"application/json": {"schema": reference(answer)}}}


def _refusals(operation: Operation, found: Json) -> Json:
    problems = [*_ALWAYS, _P.TOO_MANY_REQUESTS, *operation.refuses]
    problems += _OF_BODIES if operation.takes is not None else ()
    for problem in sorted(problems, key=lambda each: each.status):
        answer = found.setdefault(str(problem.status), {"description": "", "content": {}})
        answer["description"] = "; or ".join(filter(None, (answer["description"].rstrip("."), problem.title)))
        if operation.failure is not None and problem in ERROR_CODES:
            answer["content"]["application/json"] = {"schema": reference(operation.failure)}
        else:
            answer["content"]["application/problem+json"] = {"schema": reference("Problem")}
    return found
