"""A model of a bundle is decoded exactly or not at all: its columns, contents, index, certificate and fallbacks."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgpack
import pytest

from discreet.errors import MalformedBundle
from discreet.runtime import kleene as k
from discreet.runtime.content import MAX_CONTENT_DEPTH
from discreet.runtime.wire import template
from support.compiled import (
    B,
    D,
    Document,
    M,
    N,
    S,
    T,
    chosen,
    document,
    loaded,
    offer,
    payload_of,
    tampered,
    words,
)
from support.naming import named
from support.products import bundle_bytes
from support.refusals import (
    MODEL,
    NONE,
    OFFERS,
    ONE,
    TWO,
    in_index,
    in_model,
    in_offers,
    refusal,
    void,
)

LEAF = [k.KNOWN, N]


@pytest.mark.parametrize(
    "edit",
    [
        in_model("id", ""),
        in_model("channel", None),
        in_model("conditions", {}),
        in_model("conditions", 0, ["c", "says"]),
        in_model("conditions", 0, ["c", "says", None]),
        in_model("conditions", 0, ["c", 5, LEAF]),
        in_model("conditions", 0, [5, "says", LEAF]),
        in_model("conditions", 0, ["", "says", LEAF]),
        in_model("conditions", 0, ["c", "says", [k.NAMED, 0]]),
        in_model("conditions", 0, ["c", "says", [k.KNOWN, 99]]),
        lambda p: p["models"][0]["conditions"].append(p["models"][0]["conditions"][0]),
        in_model("stages", []),
        in_model("stages", 0, ["first", LEAF]),
        in_model("stages", 1, ["last", None]),
        in_model("stages", 1, ["first", LEAF]),
        in_model("stages", 1, ["", LEAF]),
        in_model("stages", 1, ["last", [k.UNKNOWN, D]]),
        in_model("stages", 1, ["last", [k.KNOWN, "d"]]),
        in_model("stages", 1, "last"),
        in_model("offers", []),
        in_model("offers", None),
        in_offers("ids", {}),
        in_offers("ids", []),
        in_offers("ids", ["none", "one"]),
        in_offers("ids", ["none", "one", "one"]),
        in_offers("ids", ["none", "one", ""]),
        in_offers("ids", ["none", "one", 5]),
        in_offers("ids", ["none", "one", "x" * 257]),
        in_offers("ids", ["none", "one", "two", "three"]),
        in_offers("stage_sets", {}),
        in_offers("stage_sets", []),
        in_offers("stage_sets", [[], [0, 1], [2]]),
        in_offers("stage_sets", [[], [0, 1], [-1]]),
        in_offers("stage_sets", [[], [0, 1], [True]]),
        in_offers("stage_sets", [[], [0, 1], [1.0]]),
        in_offers("stage_sets", [[], [0, 1], None]),
        in_offers("stage_sets", [[], [1, 0], [1]]),
        in_offers("stage_sets", [[], [0, 0], [1]]),
        in_offers("stages", words(0, 1)),
        in_offers("stages", words(0, 1, 2, 2)),
        in_offers("stages", words(0, 1, 3)),
        in_offers("stages", [0, 1, 2]),
        in_offers("stages", words(0, 1, 2)[:-1]),
        in_offers("windows", {}),
        in_offers("windows", [[TWO]]),
        in_offers("windows", [[TWO, [0, None], 1]]),
        in_offers("windows", [[True, [0, None]]]),
        in_offers("windows", [[float(TWO), [0, None]]]),
        in_offers("windows", [[-1, [0, None]]]),
        in_offers("windows", [[3, [0, None]]]),
        in_offers("windows", [[TWO, [0, None]], [ONE, [0, None]]]),
        in_offers("windows", [[TWO, [0, None]], [TWO, [0, None]]]),
        in_offers("windows", [[TWO, None]]),
        in_offers("windows", [[TWO, 0]]),
        in_offers("windows", [[TWO, [0]]]),
        in_offers("windows", [[TWO, [0, 1, 2]]]),
        in_offers("windows", [[TWO, [None, None]]]),
        in_offers("windows", [[TWO, ["2026-01-01", None]]]),
        in_offers("windows", [[TWO, [math.nan, None]]]),
        in_offers("windows", [[TWO, [2**60, None]]]),
        in_offers("windows", [[TWO, [None, math.inf]]]),
        in_offers("windows", [[TWO, [None, True]]]),
        in_offers("trees", {}),
        in_offers("trees", [LEAF]),
        in_offers("trees", [[ONE]]),
        in_offers("trees", [[True, LEAF]]),
        in_offers("trees", [[3, LEAF]]),
        in_offers("trees", [[-1, LEAF]]),
        in_offers("trees", [[TWO, LEAF], [ONE, LEAF]]),
        in_offers("trees", [[ONE, LEAF], [ONE, LEAF]]),
        in_offers("trees", [[ONE, None]]),
        in_offers("trees", [[ONE, 5]]),
        in_offers("trees", [[ONE, [k.NAMED, 1]]]),
        in_offers("trees", [[ONE, [k.COMPARE, N, k.MORE, "1"]]]),
        in_model("placements", []),
        in_model("placements", 0, ["p", 9, words(0)]),
        in_model("placements", 0, ["p", True, words(0)]),
        in_model("placements", 0, ["p", None, words(0)]),
        in_model("placements", 0, ["p", 0, words(8)]),
        in_model("placements", 0, ["p", 0, words(2, 0)]),
        in_model("placements", 0, ["p", 0, b""]),
        in_model("placements", 0, ["p", 0, [ONE]]),
        in_model("placements", 0, ["p", 0]),
        in_model("placements", 0, ["p", 0, None]),
        in_model("placements", 0, ["", 0, words(6)]),
        in_model("placements", 0, [5, 0, words(6)]),
        in_model("placements", 0, "p"),
        lambda p: p["models"][0]["placements"].append(p["models"][0]["placements"][0]),
        in_model("index", None),
        in_index("stage_bits", [2]),
        in_index("stage_bits", [True]),
        in_index("stage_bits", b"\x01"),
        in_index("clauses", words(9)),
        in_index("clauses", b""),
        in_index("clauses", [1, 2]),
        in_index("clauses", b"\0"),
        in_index("slots", {}),
        in_index("slots", [5]),
        in_index("stage_rows", b""),
        in_index("stage_rows", bytes(4)),
        in_index("stage_rows", bytes(12)),
        in_index("placement_rows", words(0)),
        in_index("stage_rows", words(1, 0)),
        in_index("confirm", None),
        in_index("confirm", b""),
        in_index("confirm", b"\xff" * 4),
        in_index("checks", None),
        in_index("checks", [b""] * 3),
    ],
)
def test_a_wrong_field_of_a_model_is_malformed(edit: Callable[[Document], object]) -> None:
    refused = refusal(edit)

    assert type(refused) is MalformedBundle
    assert str(refused)


CERTIFICATE: Document = {
    "placements": [[B, D, N, S, T]],
    "waived": [TWO],
}


def test_the_certificate_is_what_the_trees_read() -> None:
    assert payload_of(bundle_bytes([document(*OFFERS, **MODEL)]))["models"][0]["certificate"] == CERTIFICATE


@pytest.mark.parametrize(
    "wrong",
    [
        {"placements": [[B, D, N, S]]},
        {"placements": [[T, S, N, D, B]]},
        {"placements": [[B, D, N, N, S, T]]},
        {"placements": []},
        {"placements": [[B, D, M, N, S, T]]},
        {"placements": [[False, D, N, S, T]]},
        {"placements": [[B, D, float(N), S, T]]},
        {"placements": [[B, D, N, S, T], []]},
        {"placements": [None]},
        {"placements": [B, D, N, S, T]},
        {"placements": {"p": [B, D, N, S, T]}},
        {"placements": None},
        {"waived": []},
        {"waived": [ONE, TWO]},
        {"waived": [TWO, TWO]},
        {"waived": [float(TWO)]},
        {"waived": ["two"]},
        {"waived": None},
    ],
    ids=str,
)
def test_a_certificate_that_says_anything_else_is_refused(wrong: Document) -> None:
    refused = refusal(in_model("certificate", CERTIFICATE | wrong))

    assert type(refused) is MalformedBundle
    assert "it does not say on what the model depends" in str(refused)


def test_the_placement_that_waives_is_named_by_true_and_not_by_one() -> None:
    one_waives = (offer("one", when="unknown(t)", waive="withdrawal"),)

    def edit(payload: Document) -> None:
        assert payload["models"][0]["certificate"]["waived"] == [ONE]
        payload["models"][0]["certificate"]["waived"] = [True]

    with pytest.raises(MalformedBundle, match="it does not say"):
        loaded(tampered(edit, *one_waives))


def content(value: object) -> Callable[[Document], None]:
    """Another content of the offer `one`; bytes are taken as packed."""

    def edit(payload: Document) -> None:
        packed_contents(payload)[ONE] = value if isinstance(value, bytes) else msgpack.packb(value)

    return edit


def packed_contents(payload: Document) -> list[Any]:
    """The contents of a payload's few offers: none of their shapes is worth columns."""
    ((keys, (packed,)),) = payload["models"][0]["offers"]["contents"]
    assert keys is None
    contents: list[Any] = packed
    return contents


def nested(depth: int) -> Document:
    inside: Document = {}
    for _ in range(depth - 1):
        inside = {"a": inside}
    return inside


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"\xc1",
        b"\x80\x80",
        b"\x82\xa1a\x01\xa1a\x02",
        b"\x81\xa1a\x82\xa1a\x01\xa1a\x02",
        b"\x81\xa1a\xa1\xff",
        b"\x81\xa1a",
        b"\x81\x01\x01",
        b"\x81\xc0\x01",
        b"\x81\x90\x01",
        [],
        "text",
        None,
        {"a": b"bytes"},
        {"a": [b"bytes"]},
        {b"a": 1},
        {"a": {b"a": 1}},
        {b"a": {}},
        {"a": math.nan},
        {"a": [math.inf]},
        {"a": msgpack.Timestamp(1)},
        {"a": msgpack.ExtType(2, b"")},
        {"a": template([[9, "x"]])},
        {"a": template([[-1, "x"]])},
        {"a": template([[True, "x"]])},
        {"a": template([[S]])},
        {"a": template([[S, 5]])},
        {"a": template([[S, "x", "y"]])},
        {"a": template([5])},
        {"a": template([None])},
        {"a": template([[T, "sets cannot be printed"]])},
        {"a": template([[D, "nor datetimes"]])},
        {"a": msgpack.ExtType(1, b"\xc0")},
        {"a": msgpack.ExtType(1, b"")},
        {"a": msgpack.ExtType(1, b"\x91\xc7\x00\x01")},
        {"a": msgpack.ExtType(1, b"\x82\xa1a\x01\xa1a\x02")},
        {template([[S, "x"]]): 1},
        nested(MAX_CONTENT_DEPTH + 1),
        {"a": [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]},
    ],
    ids=named,
)
def test_content_that_is_not_json_with_tokens_is_refused(wrong: object) -> None:
    assert type(refusal(content(wrong))) is MalformedBundle


def test_content_may_nest_as_deep_as_it_says() -> None:
    title = {"title": template([[S, "you"]]), "deep": nested(MAX_CONTENT_DEPTH - 1)}

    assert loaded(tampered(content(title), *OFFERS, **MODEL))


def fallback_content(payload: Document) -> None:
    packed_contents(payload)[NONE] = msgpack.packb({"a": template([[S, "x"]])})


def fallback_that_asks(payload: Document) -> None:
    """The fallback of `p` is now the offer `one`, without a window, token or tree: only its clause asks."""
    model = payload["models"][0]
    model["placements"][0][1] = ONE


@pytest.mark.parametrize(
    "edit",
    [
        in_offers("windows", [[NONE, [0, None]]]),
        in_offers("windows", [[NONE, [None, 1e15]]]),
        in_offers("trees", [[NONE, LEAF]]),
        in_offers("trees", [[NONE, [k.UNKNOWN, N]]]),
        fallback_content,
        fallback_that_asks,
    ],
    ids=["from", "until", "tree", "unknown", "token", "clause"],
)
def test_a_fallback_that_depends_on_anything_is_refused(edit: Callable[[Document], None]) -> None:
    with pytest.raises(MalformedBundle, match="a fallback depends on something"):
        loaded(tampered(edit, offer("one", when="n > 1")))


def test_a_fallback_may_compete_where_it_asks_nothing() -> None:
    both = loaded(tampered(fallback_that_asks, offer("one")))

    assert chosen(both, {}) == "one"


SAID = (offer("one", when="n > 1"), offer("two", stages=["last"]))  # the index says what they ask


def test_what_the_index_says_is_not_said_twice() -> None:
    model = payload_of(bundle_bytes([document(*SAID, **MODEL)]))["models"][0]

    assert (model["offers"]["trees"], model["offers"]["stage_sets"]) == ([], [[], [0, 1], [1]])
    assert model["index"]["clauses"] == words(1, 1, 2**32 - 1)  # of the offers 1, 2, 1: worst rank first


@pytest.mark.parametrize(
    "edit",
    [
        in_offers("stage_sets", [[], [0, 1], []]),
        in_offers("stage_sets", [[], [1], [1]]),
        in_index("clauses", words(1, 1, 0)),
        in_index("clauses", words(2, 0, 2**32 - 1)),
    ],
    ids=["a clause and no stage", "a stage less", "a clause for another", "two clauses of one"],
)
def test_an_offer_that_the_index_says_has_a_clause_for_each_of_its_stages(
    edit: Callable[[Document], None],
) -> None:
    with pytest.raises(MalformedBundle, match="clauses of another number than stages"):
        loaded(tampered(edit, *SAID, **MODEL))


def test_an_offer_with_a_tree_may_have_any_number_of_clauses() -> None:
    alternatives = offer("one", when='n > 1 or b or s == "x"')

    assert chosen(loaded(tampered(void, alternatives)), {"b": True}) == "one"
