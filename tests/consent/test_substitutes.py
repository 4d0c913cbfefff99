"""Substitutes: a coarser value known under a weaker purpose, while the exact one stays withheld."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import (
    Attribute,
    AttributeType,
    Catalogue,
    Coarsening,
    Consent,
    DeclarationError,
    Observed,
    Provenance,
    permit,
)

PROFILED, LIMITED = "personalize.content.profiled", "personalize.content.limited"
SECRET = "20121-milano"  # noqa: S105 - a value that must not show


def declared(name: str, kind: AttributeType = AttributeType.STRING, **options: Any) -> Attribute:
    return Attribute(name, kind, options.pop("provenance", Provenance.DECLARED), [PROFILED], **options)


POSTCODE = declared("postcode", retention_s=100, category="user.contact", sensitive="precise_geolocation")
AGE = declared("age", AttributeType.NUMBER)
CITY = declared("city", lower=True)
BOUGHT = declared("bought", provenance=Provenance.THIRD_PARTY)
AREA = POSTCODE.substitute("postcode_area", [LIMITED], "characters", 2)
BAND = AGE.substitute("age_band", [LIMITED], "bands", [0, 18, 65])
INITIAL = CITY.substitute("city_initial", [LIMITED], "characters", 1)
CATALOGUE = Catalogue(
    [
        AREA,
        POSTCODE,
        AGE,
        BAND,
        CITY,
        INITIAL,
        BOUGHT,
        BOUGHT.substitute("bought_area", "essential", "network"),
    ]
)
WEAK = Consent.granting(LIMITED)
BOTH = Consent.granting(LIMITED, PROFILED, sensitive=["precise_geolocation"])


def test_a_substitute_is_known_where_the_exact_value_is_withheld() -> None:
    permitted = permit({"postcode": SECRET, "age": 44, "city": "MILANO"}, CATALOGUE, WEAK, now_s=0)

    assert permitted.known() == {"postcode_area", "age_band", "city_initial"}
    assert [permitted.get(name) for name in ("postcode_area", "age_band", "city_initial")] == ["20", 18, "m"]
    assert permitted.withheld == {"postcode", "age", "city", "bought", "bought_area"}
    assert permitted.undeclared == frozenset()


def test_both_are_known_under_both_purposes() -> None:
    permitted = permit({"postcode": SECRET}, CATALOGUE, BOTH, now_s=0)

    assert (permitted.get("postcode"), permitted.get("postcode_area")) == (SECRET, "20")


def test_a_substitute_of_a_third_partys_fact_is_never_known() -> None:
    assert "bought_area" in permit({"bought": "1.2.3.4"}, CATALOGUE, BOTH).withheld_declared


def test_the_exact_value_is_nowhere() -> None:
    permitted = permit({"postcode": SECRET}, CATALOGUE, WEAK, now_s=0)

    assert SECRET not in permitted.values
    assert SECRET not in repr(permitted)
    assert permitted.values[CATALOGUE.slots["postcode"]] is None


class Recording(Mapping[str, Any]):
    """A visitor who remembers which names were asked for."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.asked.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


@pytest.mark.parametrize(
    ("consent", "asked"),
    [
        (Consent.refusing(), set[str]()),
        (WEAK, {"postcode", "age", "city"}),
        (Consent.granting(PROFILED), {"age", "city"}),
        (BOTH, {"postcode", "age", "city"}),
    ],
)
def test_only_what_a_permitted_attribute_comes_from_is_read(consent: Consent, asked: set[str]) -> None:
    visitor = Recording(dict.fromkeys(CATALOGUE.names, SECRET))
    permit(visitor, CATALOGUE, consent, now_s=0)

    assert visitor.asked == asked


@pytest.mark.parametrize("value", ["99", 5, Observed("99", at_s=0)])
def test_a_value_under_its_own_name_is_never_read(value: object) -> None:
    assert permit({"postcode_area": value}, CATALOGUE, WEAK).known() == frozenset()
    assert permit({"postcode_area": value, "postcode": "20121"}, CATALOGUE, WEAK).get("postcode_area") == "20"


@pytest.mark.parametrize(
    ("consent", "prefixes"), [(WEAK, ("postcode_area",)), (BOTH, ("postcode", "postcode_area"))]
)
def test_each_is_reported_under_its_own_name(consent: Consent, prefixes: tuple[str, ...]) -> None:
    stale = permit({"postcode": Observed("20121", at_s=0)}, CATALOGUE, consent, now_s=101)
    wrong = permit({"postcode": 20121}, CATALOGUE, consent, now_s=0)
    unread = permit({"postcode": Observed("20121", at_s=float("nan"))}, CATALOGUE, consent, now_s=0)

    assert stale.stale == wrong.malformed == set(prefixes)
    assert stale.malformed == wrong.stale == frozenset()
    assert unread.malformed == set(prefixes)


def test_below_the_first_band_an_age_leaves_no_trace() -> None:
    permitted = permit({"age": -1}, CATALOGUE, WEAK)

    assert permitted.get("age_band") is None
    assert permitted.malformed == permitted.stale == frozenset()


def test_a_substitute_has_all_but_its_purposes_and_its_item_from_its_parent() -> None:
    assert (AREA.type, AREA.provenance, AREA.category, AREA.retention_s) == (
        AttributeType.STRING,
        Provenance.DECLARED,
        "user.contact",
        100,
    )
    assert (AREA.purposes, AREA.sensitive) == ((LIMITED,), None)
    assert POSTCODE.substitute("x", LIMITED, "characters", 5, sensitive="health").sensitive == "health"
    assert INITIAL.lower


def changed(attribute: Attribute, **changes: Any) -> Attribute:
    fields = {name: getattr(attribute, name) for name in Attribute.__slots__}
    return Attribute(**{**fields, **changes})


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ([AREA], "attribute `postcode_area` coarsens `postcode`, which is not declared"),
        (
            [changed(AREA, coarsens=Coarsening("postcode_area", "characters", 2))],
            "attribute `postcode_area` coarsens `postcode_area`, which is a substitute itself",
        ),
        (
            [POSTCODE, AREA, AREA.substitute("initial", LIMITED, "characters", 1)],
            "attribute `initial` coarsens `postcode_area`, which is a substitute itself",
        ),
        *(
            (
                [POSTCODE, changed(AREA, **change)],
                (
                    "attribute `postcode_area` coarsens `postcode` and must have its type, provenance, category, "
                    "retention and `lower`"
                ),
            )
            for change in (
                {"provenance": Provenance.CONTEXTUAL},
                {"category": None},
                {"retention_s": 101},
                {"retention_s": None},
                {"lower": True},
                {"type": AttributeType.NUMBER, "coarsens": Coarsening("postcode", "decimals", 1)},
            )
        ),
    ],
)
def test_a_substitute_that_does_not_fit_is_refused(attributes: list[Attribute], message: str) -> None:
    with pytest.raises(DeclarationError) as refusal:
        Catalogue(attributes)

    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("kind", "method", "parameter", "message"),
    [
        (AttributeType.NUMBER, "characters", 2, "`characters` coarsens a string, not a number"),
        (AttributeType.STRING, "decimals", 2, "`decimals` coarsens a number, not a string"),
        (AttributeType.STRINGS, "characters", 2, "`characters` coarsens a string, not a strings"),
        (AttributeType.DATETIME, "bands", [1], "`bands` coarsens a number, not a datetime"),
        (AttributeType.BOOLEAN, "network", True, "`network` coarsens a string, not a boolean"),
    ],
)
def test_a_method_is_for_one_type(kind: AttributeType, method: str, parameter: Any, message: str) -> None:
    with pytest.raises(DeclarationError) as refusal:
        declared("x", kind).substitute("y", LIMITED, method, parameter)

    assert str(refusal.value) == f"attribute `y`: {message}"


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])  # noqa: S301 - our own bytes
def test_a_substitute_survives_copying(again: Any) -> None:
    assert again(AREA) == AREA
    assert hash(again(AREA)) == hash(AREA)
    assert changed(AREA, coarsens=Coarsening("postcode", "characters", 3)) != AREA


def test_under_another_catalogue_a_substitute_is_what_it_was() -> None:
    other = Catalogue([changed(POSTCODE, purposes=["analytics"]), AREA])
    permitted = permit({"postcode": SECRET}, CATALOGUE, WEAK, now_s=0)

    assert permitted.under(other).get("postcode_area") == "20"
    assert permitted.under(other).get("postcode") is None


values = st.none() | st.text(max_size=4) | st.integers(-5, 99) | st.booleans() | st.floats(-99, 99)
visitors = st.dictionaries(
    st.sampled_from(sorted(CATALOGUE.names)), values | values.map(lambda value: Observed(value, at_s=0))
)
consents = st.sampled_from([Consent.refusing(), WEAK, Consent.granting(PROFILED), BOTH])


@given(visitors, consents, st.sampled_from([0, 100, 101, None]))
def test_a_value_as_coarse_as_its_substitute_tells_the_same(
    visitor: dict[str, Any], consent: Consent, now_s: float | None
) -> None:
    first = permit(visitor, CATALOGUE, consent, now_s)
    blurred = dict(visitor)
    for each in CATALOGUE:
        parent = each.coarsens.parent if each.coarsens is not None else each.name
        said = first.get(each.name)
        if parent != each.name and said is not None and first.get(parent) is None:
            given_as = visitor[parent]
            blurred[parent] = Observed(said, at_s=given_as.at_s) if isinstance(given_as, Observed) else said
    second = permit(blurred, CATALOGUE, consent, now_s)

    assert first.values == second.values
    assert (first.malformed, first.stale) == (second.malformed, second.stale)


@given(visitors, st.sampled_from([0, 100, 101, None]))
def test_every_attribute_is_in_one_place(visitor: dict[str, Any], now_s: float | None) -> None:
    for consent in (Consent.refusing(), WEAK, BOTH):
        permitted = permit(visitor, CATALOGUE, consent, now_s)
        places = [permitted.known(), permitted.withheld_declared, permitted.malformed, permitted.stale]

        assert sum(map(len, places)) == len(frozenset().union(*places))
