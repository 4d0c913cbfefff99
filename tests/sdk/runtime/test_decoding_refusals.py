"""A payload is decoded exactly or not at all: every field that is wrong refuses the whole bundle, signed or not."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgpack
import pytest

from discreet.errors import BundleError, ExpiredBundle, MalformedBundle, OlderThanFloor, UnsupportedBundle
from discreet.runtime import kleene as k
from discreet.runtime.content import MAX_CONTENT_DEPTH
from discreet.runtime.decoding import MAX_ATTRIBUTES, MAX_MODELS, MAX_SECONDS, MAX_VERSION
from discreet.runtime.index import NUMBER
from discreet.runtime.wire import template
from support.compiled import (
    BUNDLE,
    NOW_S,
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
    signed,
    tampered,
)
from support.naming import named
from support.products import bundle_bytes

OFFERS = (
    offer("one", when="n > 1 and c", stages=["last"], content={"title": "{s|you}"}),
    offer("two", when="unknown(t)", waive="withdrawal", valid={"from": "2026-01-01"}),
)
MODEL: Document = {
    "conditions": {"c": {"says": "It is so", "when": "b"}},
    "stages": [{"id": "first"}, {"id": "last", "when": "known(d)"}],
}
NONE, ONE, TWO = range(3)  # the offers
ID, STAGES, TREE, FROM, UNTIL, CONTENT = range(6)  # the fields of an offer


def refusal(edit: Callable[[Document], object]) -> BundleError:
    with pytest.raises(BundleError) as caught:
        loaded(tampered(lambda payload: void(edit(payload)), *OFFERS, **MODEL))
    return caught.value


def void(_: object) -> None:
    pass


def put(*path: Any) -> Callable[[Document], None]:
    """Set the field at a path of keys to the last item."""
    *way, last, value = path

    def edit(payload: Document) -> None:
        inside: Any = payload
        for step in way:
            inside = inside[step]
        inside[last] = value

    return edit


def in_model(*path: Any) -> Callable[[Document], None]:
    return put("models", 0, *path)


def test_the_untouched_payload_loads_and_decides() -> None:
    sound = loaded(tampered(void, *OFFERS, **MODEL))

    assert chosen(sound, {"n": 2, "b": True, "d": 0}) == "one"
    assert chosen(sound, {}) == "two"
    assert sound.bundle.version == BUNDLE["version"]


@pytest.mark.parametrize("payload", [b"", b"\xc0", b"\x80", [], 5, {"format": 2}, b"\xc1"], ids=named)
def test_a_payload_that_is_no_payload_is_malformed(payload: object) -> None:
    with pytest.raises(MalformedBundle):
        loaded(signed(payload))


@pytest.mark.parametrize("name", sorted(payload_of(bundle_bytes([document(*OFFERS, **MODEL)]))))
def test_every_field_of_the_payload_is_needed(name: str) -> None:
    assert f"lacks the field `{name}`" in str(refusal(lambda payload: payload.pop(name)))


@pytest.mark.parametrize(
    "name", ["id", "channel", "conditions", "stages", "offers", "placements", "certificate", "index"]
)
def test_every_field_of_a_model_is_needed(name: str) -> None:
    assert f"lacks the field `{name}`" in str(refusal(lambda payload: payload["models"][0].pop(name)))


@pytest.mark.parametrize(
    "name", ["stage_bits", "clauses", "slots", "stage_rows", "placement_rows", "confirm"]
)
def test_every_field_of_an_index_is_needed(name: str) -> None:
    assert f"lacks the field `{name}`" in str(
        refusal(lambda payload: payload["models"][0]["index"].pop(name))
    )


@pytest.mark.parametrize(
    "where", [lambda p: p, lambda p: p["models"][0], lambda p: p["models"][0]["index"],
              lambda p: p["models"][0]["certificate"]]
)  # fmt: skip
def test_a_field_too_many_is_refused_at_every_level(where: Callable[[Document], Document]) -> None:
    assert "unknown fields" in str(refusal(lambda payload: where(payload).update(more=1)))


@pytest.mark.parametrize(
    ("edit", "kind"),
    [
        (put("format", 1), UnsupportedBundle),
        (put("format", 3), UnsupportedBundle),
        (put("format", 0), UnsupportedBundle),
        (put("requires", ["stars"]), UnsupportedBundle),
        (put("format", True), MalformedBundle),
        (put("format", "2"), MalformedBundle),
        (put("requires", None), MalformedBundle),
        (put("requires", [1]), MalformedBundle),
        (put("requires", ["a", "a"]), MalformedBundle),
        (put("version", -1), MalformedBundle),
        (put("version", 1.0), MalformedBundle),
        (put("version", True), MalformedBundle),
        (put("version", MAX_VERSION + 1), MalformedBundle),
        (put("floor", BUNDLE["version"] + 1), MalformedBundle),
        (put("floor", -1), MalformedBundle),
        (put("created_s", -1), MalformedBundle),
        (put("created_s", float(BUNDLE["created_s"])), MalformedBundle),
        (put("expires_s", BUNDLE["created_s"]), MalformedBundle),
        (put("expires_s", MAX_SECONDS + 1), MalformedBundle),
        (put("created_s", NOW_S + 1), ExpiredBundle),
        (put("expires_s", NOW_S), ExpiredBundle),
        (put("name", ""), MalformedBundle),
        (put("name", 5), MalformedBundle),
        (put("name", "x" * 257), MalformedBundle),
        (put("extensions", []), MalformedBundle),
        (put("extensions", {b"a": 1}), MalformedBundle),
        (put("models", []), MalformedBundle),
        (put("models", {}), MalformedBundle),
        (put("models", [None]), MalformedBundle),
        (lambda p: p["models"].append(p["models"][0]), MalformedBundle),
        (lambda p: p.update(models=p["models"] * (MAX_MODELS + 1)), MalformedBundle),
    ],
)
def test_a_wrong_field_of_the_payload_has_its_kind_of_refusal(
    edit: Callable[[Document], object], kind: type[BundleError]
) -> None:
    assert type(refusal(edit)) is kind


def test_extensions_are_for_others_to_read() -> None:
    assert loaded(tampered(put("extensions", {"theirs": [1, {"a": None}]}), *OFFERS, **MODEL))


@pytest.mark.parametrize(
    "entry",
    [
        None,
        [],
        "n",
        ["n", "number", "declared", ["personalize"], None, None, False],
        ["n", "number", "declared", ["personalize"], None, None, False, False, 1],
        ["", "number", "declared", ["personalize"], None, None, False, False],
        [1, "number", "declared", ["personalize"], None, None, False, False],
        ["n", "integer", "declared", ["personalize"], None, None, False, False],
        ["n", "number", "guessed", ["personalize"], None, None, False, False],
        ["n", "number", "declared", [], None, None, False, False],
        ["n", "number", "declared", [1], None, None, False, False],
        ["n", "number", "declared", "personalize", None, None, False, False],
        ["n", "number", "declared", ["no key!"], None, None, False, False],
        ["n", "number", "declared", ["personalize"], 5, None, False, False],
        ["n", "number", "declared", ["personalize"], None, 0, False, False],
        ["n", "number", "declared", ["personalize"], None, True, False, False],
        ["n", "number", "declared", ["personalize"], None, 1.5, False, False],
        ["n", "number", "declared", ["personalize"], None, None, 0, False],
        ["n", "number", "declared", ["personalize"], None, None, False, 1],
        ["n", "number", "declared", ["personalize"], None, None, False, True],
        ["b", "number", "declared", ["personalize"], None, None, False, False],
    ],
    ids=str,
)
def test_an_attribute_that_is_not_exactly_one_is_refused(entry: object) -> None:
    assert type(refusal(put("attributes", N, entry))) is MalformedBundle


def test_a_catalogue_has_a_limit() -> None:
    def edit(payload: Document) -> None:
        payload["attributes"] += [
            [f"x{n}", "number", "declared", ["personalize"], None, None, False, False]
            for n in range(MAX_ATTRIBUTES)
        ]

    assert type(refusal(edit)) is MalformedBundle


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
        in_model("offers", {}),
        in_model("offers", []),
        in_model("offers", NONE, ["none", [], None, None, None]),
        in_model("offers", ONE, ID, "two"),
        in_model("offers", ONE, ID, ""),
        in_model("offers", ONE, ID, 5),
        in_model("offers", ONE, STAGES, [2]),
        in_model("offers", ONE, STAGES, [True]),
        in_model("offers", ONE, STAGES, None),
        in_model("offers", ONE, TREE, [k.COMPARE, N, k.MORE, "1"]),
        in_model("offers", ONE, TREE, [k.NAMED, 1]),
        in_model("offers", ONE, TREE, 5),
        in_model("offers", TWO, FROM, "2026-01-01"),
        in_model("offers", TWO, FROM, math.nan),
        in_model("offers", TWO, FROM, 2**60),
        in_model("offers", TWO, UNTIL, math.inf),
        in_model("offers", TWO, UNTIL, True),
        in_model("offers", ONE, CONTENT, "text"),
        in_model("placements", []),
        in_model("placements", 0, ["p", 9, []]),
        in_model("placements", 0, ["p", True, []]),
        in_model("placements", 0, ["p", 0, [9]]),
        in_model("placements", 0, ["p", 0, None]),
        in_model("placements", 0, ["", 0, []]),
        in_model("placements", 0, "p"),
        lambda p: p["models"][0]["placements"].append(p["models"][0]["placements"][0]),
        in_model("index", None),
        in_model("index", "stage_bits", [2]),
        in_model("index", "stage_bits", b"\x01"),
        in_model("index", "clauses", b"\x09\0\0\0"),
        in_model("index", "clauses", b""),
        in_model("index", "clauses", [1, 2]),
        in_model("index", "slots", {}),
        in_model("index", "slots", [5]),
        in_model("index", "stage_rows", b""),
        in_model("index", "placement_rows", bytes(8)),
        in_model("index", "confirm", None),
        in_model("index", "confirm", b"\xff" * 4),
    ],
)
def test_a_wrong_field_of_a_model_is_malformed(edit: Callable[[Document], object]) -> None:
    assert type(refusal(edit)) is MalformedBundle


def test_an_index_reads_nothing_that_no_certificate_names() -> None:
    def edit(payload: Document) -> None:
        index = payload["models"][0]["index"]
        index["slots"].append([NUMBER, M, b"", [], bytes(2 * len(index["confirm"]))])

    assert "an index reads an attribute" in str(refusal(edit))


CERTIFICATE: Document = {
    "placements": [[B, D, N, S, T]],
    "offers": [[], [B, D, N, S], [D, T]],
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
        {"offers": [[], [B, D, N], [D, T]]},
        {"offers": [[], [B, D, N, S, T], [D, T]]},
        {"offers": [[0], [B, D, N, S], [D, T]]},
        {"offers": [[], [False, D, N, S], [D, T]]},
        {"offers": [[], [B, D, float(N), S], [D, T]]},
        {"waived": []},
        {"waived": [ONE, TWO]},
        {"waived": None},
    ],
    ids=str,
)
def test_a_certificate_that_says_anything_else_is_refused(wrong: Document) -> None:
    assert type(refusal(in_model("certificate", CERTIFICATE | wrong))) is MalformedBundle


def content(value: object) -> Callable[[Document], None]:
    return in_model("offers", ONE, CONTENT, value if isinstance(value, bytes) else msgpack.packb(value))


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
        [],
        "text",
        None,
        {"a": b"bytes"},
        {b"a": 1},
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
        {template([[S, "x"]]): 1},
        nested(MAX_CONTENT_DEPTH + 1),
    ],
    ids=named,
)
def test_content_that_is_not_json_with_tokens_is_refused(wrong: object) -> None:
    assert type(refusal(content(wrong))) is MalformedBundle


def test_content_may_nest_as_deep_as_it_says() -> None:
    title = {"title": template([[S, "you"]]), "deep": nested(MAX_CONTENT_DEPTH - 1)}

    assert loaded(tampered(content(title), *OFFERS, **MODEL))


@pytest.mark.parametrize(
    ("field", "value"),
    [(TREE, LEAF), (FROM, 0), (UNTIL, 1e15), (CONTENT, msgpack.packb({"a": template([[S, "x"]])}))],
)
def test_a_fallback_that_depends_on_anything_is_refused(field: int, value: object) -> None:
    assert "a fallback depends on something" in str(refusal(in_model("offers", NONE, field, value)))


def test_an_older_bundle_than_the_floor_is_refused_with_both_numbers() -> None:
    data = bundle_bytes([document(offer())])

    assert loaded(data, floor=BUNDLE["version"]).bundle.floor == 0
    with pytest.raises(OlderThanFloor) as caught:
        loaded(data, floor=BUNDLE["version"] + 1)
    assert (caught.value.version, caught.value.floor) == (BUNDLE["version"], BUNDLE["version"] + 1)


@pytest.mark.parametrize(
    "now_s", [BUNDLE["created_s"] - 1, BUNDLE["expires_s"], math.nan, math.inf, -math.inf, 10**400]
)
def test_a_bundle_loads_within_its_time_only(now_s: float) -> None:
    with pytest.raises(ExpiredBundle):
        loaded(bundle_bytes([document(offer())]), now_s=now_s)
