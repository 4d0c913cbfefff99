"""`decide_batch`: the decisions of `permit` and `decide`, one by one, in every field."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pyarrow as pa  # type: ignore[import-untyped] # it has no types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import discreet
from discreet.offline.columns import array_of
from discreet.runtime.batch import decide_batch
from discreet_consent import Consent, Observed
from support.compiled import EVERYTHING, NOTHING, NOW_S, OTHER_PURPOSE, PURPOSE, document, evaluator, offer
from support.products import evaluator_of
from support.strategies import CLOCKS, WILD_CLOCKS, attributes_of, bundles, consents, visitors

Visitors = Sequence[Mapping[str, Any]]


def batch_of(visitors: Visitors) -> Any:
    """The visitors as a record batch: a column for each name that any of them has."""
    names = list(dict.fromkeys(name for visitor in visitors for name in visitor))
    columns = [array_of([visitor.get(name) for visitor in visitors]) for name in names]
    return pa.RecordBatch.from_arrays([*columns, pa.nulls(len(visitors))], names=[*names, "of nobody"])


def records(
    of: discreet.Evaluator,
    visitors: Visitors,
    consents: Consent | Sequence[Consent],
    placement: str,
    now_s: float,
) -> list[Any]:
    """What `decide_batch` says of them, as records."""
    found: list[Any] = decide_batch(of, batch_of(visitors), consents, placement, now_s=now_s).to_pylist()
    return found


def one_by_one(
    of: discreet.Evaluator, visitors: Visitors, consents: Sequence[Consent], placement: str, now_s: float
) -> list[Any]:
    """What `permit` and `decide` say of them, as records."""
    return [
        of.decide(placement, of.permit(visitor, consent, now_s=now_s), now_s=now_s).as_record()
        for visitor, consent in zip(visitors, consents, strict=True)
    ]


def without_mistakes(of: discreet.Evaluator, visitors: Visitors, now_s: float) -> Visitors:
    """The visitors with what is malformed taken out, so that columns are of one type and read as a whole."""
    everything = Consent(
        {p for each in of.catalogue for p in each.purposes}, sensitive=("health", "religion")
    )
    wrong = [of.permit(visitor, everything, now_s=now_s).malformed for visitor in visitors]
    return [
        {name: value for name, value in visitor.items() if name not in bad}
        for visitor, bad in zip(visitors, wrong, strict=True)
    ]


@given(data=st.data(), documents=bundles(waivers=True), sound=st.booleans())
def test_a_batch_is_decided_like_its_rows(data: st.DataObject, documents: list[Any], sound: bool) -> None:
    of = evaluator_of(documents)
    catalogue = attributes_of(documents)
    now_s = data.draw(CLOCKS)
    seen: Visitors = data.draw(st.lists(visitors(catalogue), min_size=1, max_size=6))
    if sound:
        seen = without_mistakes(of, seen, now_s)
    each = data.draw(st.lists(consents(), min_size=len(seen), max_size=len(seen)))
    for placement in of.placements:
        assert records(of, seen, each, placement, now_s) == one_by_one(of, seen, each, placement, now_s)
        same = [each[0]] * len(seen)
        assert records(of, seen, each[0], placement, now_s) == one_by_one(of, seen, same, placement, now_s)


@settings(max_examples=30)
@given(data=st.data(), documents=bundles(), now_s=WILD_CLOCKS)
def test_a_batch_is_total_over_clocks(data: st.DataObject, documents: list[Any], now_s: float) -> None:
    of = evaluator_of(documents)
    seen: Visitors = data.draw(st.lists(visitors(attributes_of(documents)), min_size=1, max_size=3))
    each = [data.draw(consents())] * len(seen)
    for placement in of.placements:
        assert records(of, seen, each, placement, now_s) == one_by_one(of, seen, each, placement, now_s)


NAMED = offer("named", when='s == "a"')
OLD = offer("old", when="n >= 10", priority=1)


def test_an_empty_batch_has_no_decisions_and_all_columns() -> None:
    of = evaluator(NAMED)

    found = decide_batch(of, batch_of([{"s": "a"}]).slice(0, 0), EVERYTHING, "p", now_s=NOW_S)

    assert found.num_rows == 0
    assert found.schema.names == [
        "placement", "offer", "stage", "reason", "version", "withheld", "malformed", "stale"
    ]  # fmt: skip
    assert found.schema.equals(
        decide_batch(of, batch_of([{"s": "a"}]), EVERYTHING, "p", now_s=NOW_S).schema, check_metadata=True
    )


def test_without_columns_every_row_is_a_stranger() -> None:
    batch = pa.RecordBatch.from_struct_array(pa.array([{}] * 3, pa.struct([])))

    found = decide_batch(evaluator(NAMED), batch, EVERYTHING, "p", now_s=NOW_S).to_pylist()

    assert [row["offer"] for row in found] == ["none"] * 3


def test_names_that_nobody_declared_are_in_the_metadata() -> None:
    of = evaluator(NAMED)
    batch = pa.RecordBatch.from_pydict({"s": ["a"], "stranger": [1], "another": ["x"]})

    found = decide_batch(of, batch, EVERYTHING, "p", now_s=NOW_S)

    metadata = found.schema.metadata
    assert json.loads(metadata[b"discreet.undeclared"]) == ["another", "stranger"]
    assert metadata[b"discreet.digest"].decode() == of.bundle.digest


def test_an_unknown_placement_is_refused() -> None:
    with pytest.raises(discreet.UnknownPlacement):
        decide_batch(evaluator(NAMED), batch_of([{}]), EVERYTHING, "q", now_s=NOW_S)


def test_a_table_is_no_batch_and_the_error_says_what_to_do() -> None:
    with pytest.raises(TypeError, match="to_batches"):
        decide_batch(evaluator(NAMED), pa.table({"s": ["a"]}), EVERYTHING, "p", now_s=NOW_S)


def test_without_a_clock_a_batch_is_read_like_its_rows() -> None:
    """What cannot be shown to be in force is not; and each consent is judged at the instant it was resolved for."""
    of, nowhen = evaluator(NAMED), cast("float", None)
    each = [
        Consent([PURPOSE], resolved_s=NOW_S),
        Consent([PURPOSE], resolved_s=NOW_S + 9),
        Consent([PURPOSE]),
    ]
    seen = [{"s": Observed("a", at_s=NOW_S + 5)}] * 3

    found = records(of, seen, each, "p", nowhen)

    assert found == one_by_one(of, seen, each, "p", nowhen)
    assert [row["malformed"] for row in found] == [["s"], [], []]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_there_is_one_consent_for_each_row(count: int) -> None:
    with pytest.raises(ValueError, match=f"{count} consents for 2 rows"):
        decide_batch(
            evaluator(NAMED), batch_of([{"s": "a"}, {"s": "b"}]), [EVERYTHING] * count, "p", now_s=NOW_S
        )


def test_two_columns_of_one_attribute_are_refused_by_name_alone() -> None:
    batch = pa.RecordBatch.from_arrays([pa.array(["secret"]), pa.array(["a"])], names=["s", "s"])

    with pytest.raises(ValueError, match="2 columns are called `s`") as caught:
        decide_batch(evaluator(NAMED), batch, EVERYTHING, "p", now_s=NOW_S)
    assert "secret" not in str(caught.value)


def test_two_columns_that_nobody_declared_may_share_a_name() -> None:
    batch = pa.RecordBatch.from_arrays([pa.array(["x"]), pa.array([1])], names=["id", "id"])

    assert decide_batch(evaluator(NAMED), batch, EVERYTHING, "p", now_s=NOW_S).num_rows == 1


def test_a_column_that_is_withheld_is_not_read() -> None:
    """Text that is no UTF-8 would be malformed, and so named, if anybody looked."""
    broken = pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff"))
    batch = pa.RecordBatch.from_arrays([broken, pa.array(["x"])], names=["s", "n"])
    of = evaluator(NAMED)

    (withheld,) = decide_batch(of, batch, NOTHING, "p", now_s=NOW_S).to_pylist()
    (read,) = decide_batch(of, batch, EVERYTHING, "p", now_s=NOW_S).to_pylist()

    assert withheld["malformed"] == []
    assert "s" in withheld["withheld"]
    assert read["malformed"] == ["n", "s"]


def test_each_row_is_read_under_its_own_consent() -> None:
    attributes = {
        "n": {"type": "number", "provenance": "first_party", "purposes": [PURPOSE]},
        "s": {"type": "string", "provenance": "first_party", "purposes": [OTHER_PURPOSE]},
    }
    of = evaluator_of([document(NAMED, OLD, attributes=attributes)])
    seen = [{"n": 10, "s": "a"}] * 6
    each = [
        Consent.granting(*granted)
        for granted in ((PURPOSE,), (OTHER_PURPOSE,), (), (PURPOSE, OTHER_PURPOSE), (PURPOSE,), ())
    ]

    found = records(of, seen, each, "p", NOW_S)

    assert [row["offer"] for row in found] == ["old", "named", "none", "old", "old", "none"]
    assert found == one_by_one(of, seen, each, "p", NOW_S)


def test_an_expired_consent_grants_nothing_in_its_row() -> None:
    over = Consent([PURPOSE], expires_s=NOW_S)
    lasts = Consent([PURPOSE], expires_s=NOW_S + 1)

    found = records(evaluator(NAMED), [{"s": "a"}] * 2, [over, lasts], "p", NOW_S)

    assert [row["offer"] for row in found] == ["none", "named"]


def test_many_rows_are_cut_into_slices_without_a_seam() -> None:
    of = evaluator(NAMED, OLD, offer("odd", when="n in [1, 3, 5, 7]", priority=2))
    rows = 70_001
    numbers = [row % 13 for row in range(rows)]
    texts = ["a" if row % 7 == 0 else None for row in range(rows)]
    batch = pa.RecordBatch.from_pydict({"n": numbers, "s": texts})

    found = decide_batch(of, batch, EVERYTHING, "p", now_s=NOW_S).column("offer").to_pylist()

    def expected(number: int, text: str | None) -> str:
        if number in (1, 3, 5, 7):
            return "odd"
        return "old" if number >= 10 else "named" if text == "a" else "none"

    assert found == [expected(number, text) for number, text in zip(numbers, texts, strict=True)]


def test_a_slice_of_a_batch_is_decided_like_its_rows() -> None:
    of = evaluator(
        NAMED, OLD, offer("member", when='"x" in t', priority=3), offer("yes", when="b", priority=2)
    )
    seen: list[dict[str, Any]] = [
        {"s": "a", "n": 3, "t": ["x", "y"], "b": True}, {"s": None, "n": None, "t": None, "b": None},
        {"s": "b", "n": 11, "t": [], "b": False}, {"s": "a", "n": 1, "t": ["y"], "b": True},
        {"s": "z", "n": 12, "t": ["y"], "b": None}, {"s": "a", "n": 1, "t": ["q", "x"], "b": False},
    ] * 3  # fmt: skip
    whole = one_by_one(of, seen, [EVERYTHING] * len(seen), "p", NOW_S)
    for begin in range(1, 12):
        batch = batch_of(seen).slice(begin, 5)
        found = decide_batch(of, batch, EVERYTHING, "p", now_s=NOW_S).to_pylist()
        assert found == whole[begin : begin + 5]
