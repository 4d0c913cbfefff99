"""The OpenAPI document is true: schemathesis finds no request that the server answers otherwise than it says."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import settings

from discreet_edge import EdgeSettings
from discreet_edge.openapi import document
from discreet_edge.problems import Problem
from support.asgi import ask
from support.edge import edge_app

APP = edge_app(settings=EdgeSettings(admin_token_sha256="0" * 64, change_rate_per_s=1e6, burst=1_000_000))
SCHEMA = schemathesis.openapi.from_dict(document(EdgeSettings()))
SCHEMA.app = APP
METHODS = frozenset(("get", "put", "post", "delete"))


@SCHEMA.parametrize()  # pyright: ignore[reportUntypedFunctionDecorator] - schemathesis' own
@settings(max_examples=25, deadline=None)
def test_the_server_keeps_to_it(case: Any) -> None:
    case.call_and_validate()


def test_it_is_served_as_it_is() -> None:
    assert ask(APP, "GET", "/openapi.json").json == document(EdgeSettings())


def test_it_has_every_path_and_method_of_the_app() -> None:
    described = {
        (path, method) for path, methods in document(EdgeSettings())["paths"].items() for method in methods
    }

    paths = {
        path.replace("{key:path}", "{key}") for path in (getattr(each, "path", "") for each in APP.routes)
    }
    assert paths == {path for path, _ in described}
    for path, method in described:
        target = path.replace("{key}", "home.hero").replace("{digest}", "0")
        assert ask(APP, method.upper(), target, body=b"{}").status != 405
        for other in METHODS - {each for where, each in described if where == path}:
            assert ask(APP, other.upper(), target).status == 405


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    whole = document(EdgeSettings())
    names = {f"#/components/schemas/{name}" for name in whole["components"]["schemas"]}

    assert set(_references(whole)) == names


def test_every_refusal_that_a_request_can_meet_is_described() -> None:
    statuses = {status for methods in document(EdgeSettings())["paths"].values() for each in methods.values()
                for status in each["responses"]}  # fmt: skip

    assert {str(each.status) for each in Problem} - {"405"} <= statuses


def _references(part: Any) -> Any:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value
            else:
                yield from _references(value)
    elif isinstance(part, list):
        for each in part:
            yield from _references(each)


@pytest.mark.parametrize("limit", [1, 7])
def test_it_says_the_limits_of_this_server(limit: int) -> None:
    schemas = document(EdgeSettings(max_placements=limit, max_attributes=limit))["components"]["schemas"]

    assert schemas["DecideRequest"]["properties"]["placements"]["maxItems"] == limit
    assert schemas["Attributes"]["maxProperties"] == limit
