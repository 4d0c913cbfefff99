"""Refusals are problem details from one table, and repeat nothing that a visitor sent."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from discreet.visitors import Visitors
from discreet_edge.problems import Problem
from support.asgi import ask
from support.edge import edge_app, edge_visitors

DIARY = "sallys-diary"


@pytest.mark.parametrize("problem", Problem, ids=lambda each: each.name)
def test_a_problem_is_what_the_rfc_says(problem: Problem) -> None:
    reply = problem.answer()

    assert (reply.status, reply.media_type) == (problem.status, b"application/problem+json")
    assert problem.as_dict() == {
        "type": "urn:discreet:problem:" + problem.name.lower().replace("_", "-"),
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
    }


def test_every_problem_is_in_the_docs() -> None:
    text = (Path(__file__).parents[2] / "docs" / "edge-server.md").read_text()

    for problem in Problem:
        assert f"| {problem.status} | `{problem.type.rpartition(':')[2]}` |" in text


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", f"/{DIARY}", 404),
        ("POST", f"/v1/decide/{DIARY}", 404),
        ("POST", f"/v1/decide/?{DIARY}=1", 404),
        ("GET", f"/v1/decide?{DIARY}", 405),
        ("GET", f"/ofrep/v1/evaluate/flags/{DIARY}", 405),
        ("POST", f"/ofrep/v1/evaluate/flags/{DIARY}", 404),
        ("GET", f"/v1/bundles/{DIARY}", 404),
        ("GET", f"/v1/bundles/x/{DIARY}", 404),
        ("TRACE", f"/healthz?{DIARY}", 405),
        (DIARY.upper(), "/v1/decide", 405),
        ("OPTIONS", "/v1/decide", 405),
        ("POST", "/v1/reload", 404),
    ],
)
def test_paths_and_methods_that_are_not_there_are_problems_too(method: str, target: str, status: int) -> None:
    headers = [("host", f"{DIARY}.example"), (DIARY, DIARY), ("cookie", f"a={DIARY}")]

    reply = ask(edge_app(), method, target, headers=headers, body=b"{}")

    assert reply.status == status
    assert DIARY.encode() not in reply.everything.lower()
    assert reply.header("x-content-type-options") == "nosniff"


def test_a_wrong_method_says_which_are_right() -> None:
    assert ask(edge_app(), "GET", "/v1/profile").header("allow") == "DELETE, PUT"
    assert ask(edge_app(), "POST", "/v1/bundle").header("allow") == "GET, HEAD"


class Failing(Visitors):
    """Visitors that fail with a text that holds a value."""

    def visit(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError(DIARY)


def test_a_failure_is_a_problem_and_logged_once_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    app = edge_app(visitors=Failing(edge_visitors().settings))

    with caplog.at_level(logging.DEBUG):
        one = ask(app, "POST", "/v1/decide", document={})
        flag = ask(app, "POST", "/ofrep/v1/evaluate/flags/home.hero", document={})

    assert (one.status, one.json["type"]) == (500, "urn:discreet:problem:internal-error")
    assert (flag.status, flag.json["errorCode"]) == (500, "GENERAL")
    assert DIARY.encode() not in one.everything + flag.everything
    messages = [each.getMessage() for each in caplog.records if each.name == "discreet.edge"]
    assert [each.partition(",")[0] for each in messages] == [
        "decide failed: RuntimeError in visit",
        "ofrep failed: RuntimeError in visit",
    ]
    assert all(each.exc_info is None for each in caplog.records)
