"""A key that stands twice in a body is refused: the last of two would count, and a refusal before it would not."""

from __future__ import annotations

import json
from contextlib import nullcontext

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from discreet_edge.endpoints.documents import MAX_DEPTH, read_object
from discreet_edge.problems import Refused
from support.asgi import ask
from support.edge import ALL_TCF, NO_TCF, edge_app

TWICE = {
    "/v1/decide": (
        f'{{"consent": {{"tcf": "{NO_TCF}", "tcf": "{ALL_TCF}"}}}}',
        f'{{"consent": {{"tcf": "{NO_TCF}", "tcf": null}}}}',
        f'{{"consent": {{"tcf": "{NO_TCF}"}}, "consent": {{}}}}',
        '{"consent": {"us_privacy": "1YYN", "us\\u005fprivacy": null}}',
        '{"consent": {"age_years": 9, "age_years" : null}}',
        '{"placement": "nowhere", "placement": "page.footer"}',
        '{"attributes": {"first_name": "a:b", "purchases": 1, "purchases": 1}}',
        '{"attributes": {"purchases": {"value": 1, "value": 2, "observed": "2026-03-01T08:30Z"}}}',
    ),
    "/ofrep/v1/evaluate/flags": ('{"context": {"consent": {"gpc": true, "gpc": false}}}',),
    "/v1/exposures": (
        '{"exposures": [{"placement": "home.hero", "offer": "app", "offer": "welcome", "version": 12}]}',
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body"), [(path, each) for path, bodies in TWICE.items() for each in bodies]
)
def test_a_key_that_stands_twice_refuses_the_body(path: str, body: str) -> None:
    reply = ask(edge_app(), "POST", path, body=body.encode())

    assert reply.status == 400
    assert b"malformed-body" in reply.everything or reply.json["errorCode"] == "PARSE_ERROR"


def test_colons_in_texts_and_the_same_key_in_several_objects_are_fine() -> None:
    consent = {"tcf": ALL_TCF, "gpp": "a:b::c"}
    attributes = {"first_name": '":"', "purchases": {"value": 2, "observed": "2026-03-01T08:30Z"}, "value": 1}

    reply = ask(edge_app(), "POST", "/v1/decide", document={"attributes": attributes, "consent": consent})

    assert reply.status == 200


def is_equivocal(body: str) -> bool:
    """Whether a key stands twice, as a plain reader finds out."""
    found: list[bool] = []

    def see(pairs: list[tuple[str, object]]) -> None:
        found.append(len({key for key, _ in pairs}) < len(pairs))

    json.loads(body, object_pairs_hook=see)
    return any(found)


KEYS = st.sampled_from(["a", "b", "\\u0061", ":", '\\":'])
TEXTS = st.sampled_from(['"x"', '"x:y"', '":"', "1", "1.5e9", "null", "9" * 30, "true"])


def objects(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.lists(st.tuples(KEYS, st.sampled_from([":", " : "]), inner), max_size=3)
    return pairs.map(
        lambda each: "{" + ",".join(f'"{key}"{colon}{value}' for key, colon, value in each) + "}"
    )


def lists(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(inner, max_size=3).map(lambda each: "[" + ",".join(each) + "]")


@given(body=objects(st.recursive(TEXTS, lambda inner: objects(inner) | lists(inner), max_leaves=8)))
@example(body='{"a":":","a":1}')
@example(body='{"a":{"b":1,"b":1},"b":"::"}')
def test_exactly_the_bodies_with_a_key_twice_are_refused(body: str) -> None:
    assume(body.count("{") + body.count("[") <= MAX_DEPTH)
    expected = pytest.raises(Refused, match="MALFORMED_BODY") if is_equivocal(body) else nullcontext()

    with expected:
        read_object(body.encode())
