"""A payload is decoded exactly or not at all: every field that is wrong refuses the whole bundle, signed or not."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from discreet.errors import BundleError, ExpiredBundle, MalformedBundle, OlderThanFloor, UnsupportedBundle
from discreet.runtime.decoding import MAX_ATTRIBUTES, MAX_MODELS, MAX_SECONDS, MAX_VERSION
from support.compiled import (
    BUNDLE,
    NOW_S,
    Document,
    M,
    N,
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
from support.refusals import (
    MODEL,
    OFFERS,
    put,
    refusal,
    void,
)


def test_the_untouched_payload_loads_and_decides() -> None:
    sound = loaded(tampered(void, *OFFERS, **MODEL))

    assert chosen(sound, {"n": 2, "b": True, "d": 0}) == "one"
    assert chosen(sound, {}) == "two"
    assert sound.bundle.version == BUNDLE["version"]


@pytest.mark.parametrize(
    "payload", [b"", b"\xc0", b"\x80", [], 5, None, {}, {"format": 3}, b"\xc1"], ids=named
)
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


@pytest.mark.parametrize("name", ["stage_bits", "clauses", "slots", "stage_rows", "confirm", "checks"])
def test_every_field_of_an_index_is_needed(name: str) -> None:
    assert f"lacks the field `{name}`" in str(
        refusal(lambda payload: payload["models"][0]["index"].pop(name))
    )


@pytest.mark.parametrize("name", ["ids", "shapes", "contents", "stage_sets", "stages", "windows", "trees"])
def test_every_column_of_the_offers_is_needed(name: str) -> None:
    assert f"lacks the field `{name}`" in str(
        refusal(lambda payload: payload["models"][0]["offers"].pop(name))
    )


@pytest.mark.parametrize("name", ["placements", "waived"])
def test_every_field_of_a_certificate_is_needed(name: str) -> None:
    assert f"lacks the field `{name}`" in str(
        refusal(lambda payload: payload["models"][0]["certificate"].pop(name))
    )


@pytest.mark.parametrize(
    "where",
    [
        lambda p: p,
        lambda p: p["models"][0],
        lambda p: p["models"][0]["offers"],
        lambda p: p["models"][0]["index"],
        lambda p: p["models"][0]["certificate"],
    ],
    ids=["payload", "model", "offers", "index", "certificate"],
)
def test_a_field_too_many_is_refused_at_every_level(where: Callable[[Document], Document]) -> None:
    assert "unknown fields" in str(refusal(lambda payload: where(payload).update(more=1)))


@pytest.mark.parametrize(
    ("edit", "kind"),
    [
        (put("format", 1), UnsupportedBundle),
        (put("format", 2), UnsupportedBundle),
        (put("format", 4), UnsupportedBundle),
        (put("format", 0), UnsupportedBundle),
        (put("requires", ["stars"]), UnsupportedBundle),
        (put("format", True), MalformedBundle),
        (put("format", "3"), MalformedBundle),
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


SOUND = ["n", "number", "declared", ["personalize"], None, None, None, False, None]


def attribute(**changes: object) -> list[object]:
    names = (
        "name", "type", "provenance", "purposes", "category", "retention", "sensitive", "lower", "coarsens"
    )  # fmt: skip
    return [changes.get(name, value) for name, value in zip(names, SOUND, strict=True)]


def test_the_attribute_that_is_changed_here_is_sound() -> None:
    assert loaded(tampered(put("attributes", M, attribute(name="m")), *OFFERS, **MODEL))


@pytest.mark.parametrize(
    "entry",
    [
        None,
        [],
        "n",
        SOUND[:-1],
        [*SOUND, None],
        attribute(name=""),
        attribute(name=1),
        attribute(name="b"),
        attribute(type="integer"),
        attribute(provenance="guessed"),
        attribute(purposes=[]),
        attribute(purposes=[1]),
        attribute(purposes="personalize"),
        attribute(purposes=["no key!"]),
        attribute(category=5),
        attribute(retention=0),
        attribute(retention=True),
        attribute(retention=1.5),
        attribute(sensitive=False),
        attribute(sensitive="wealth"),
        attribute(lower=0),
        attribute(lower=True),
        attribute(coarsens=False),
        attribute(coarsens=[N, "decimals", 1]),
        attribute(coarsens=[M, "hash", 1]),
    ],
    ids=str,
)
def test_an_attribute_that_is_not_exactly_one_is_refused(entry: object) -> None:
    refused = refusal(put("attributes", N, entry))

    assert type(refused) is MalformedBundle
    assert "`attributes`" in str(refused)


def test_a_catalogue_has_a_limit() -> None:
    def edit(payload: Document) -> None:
        payload["attributes"] += [
            [f"x{n}", "number", "declared", ["personalize"], None, None, None, False, None]
            for n in range(MAX_ATTRIBUTES - len(payload["attributes"]) + more)
        ]

    more = 0
    assert loaded(tampered(edit, *OFFERS, **MODEL))
    more = 1
    assert "too long" in str(refusal(edit))


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
