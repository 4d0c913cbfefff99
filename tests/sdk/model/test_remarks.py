"""What an author is told about a sound model: remarks, which are no problems."""

from __future__ import annotations

from pathlib import Path

import pytest

from discreet.model import Model, read_models, remarks
from discreet.model.types import Placement, Stage
from discreet_consent import Attribute, AttributeType, Provenance
from support.authoring import changed, document, read

OTHERS = "a consent tool's group, a regime's default or a grant of your own can"


def of_purpose(purpose: str, provenance: str = "contextual") -> Model:
    declaration = {"type": "number", "provenance": provenance, "purposes": [purpose]}
    return read(changed(lambda m: m["attributes"].update(extra=declaration)))


@pytest.mark.parametrize(
    ("purpose", "message"),
    [
        (
            "personalize.content",
            (
                "no TC string grants `personalize.content`, only `personalize.content.limited`, `.profiled` or "
                f"`.profiling`; {OTHERS}"
            ),
        ),
        (
            "functional",
            (
                "no TC string grants `functional`, only `functional.service.improve` or `functional.storage`; "
                f"{OTHERS}"
            ),
        ),
        (
            "marketing.advertising.third_party",
            (
                "no TC string grants `marketing.advertising.third_party`, "
                f"only `marketing.advertising.third_party.targeted`; {OTHERS}"
            ),
        ),
        ("sales", f"no TC string grants `sales`; {OTHERS}"),
        ("personalize.system", f"no TC string grants `personalize.system`; {OTHERS}"),
    ],
)
def test_a_purpose_that_no_signal_grants_is_remarked_upon(purpose: str, message: str) -> None:
    (remark,) = remarks([of_purpose(purpose)])

    assert (str(remark.place), remark.code) == ("<python>:attributes.extra:1:1", "no-signal-grants")
    assert remark.message == message


@pytest.mark.parametrize(
    "purpose",
    ["essential", "essential.service", "functional.storage", "personalize.content.profiled.homepage"],
)
def test_a_purpose_that_a_signal_grants_is_not(purpose: str) -> None:
    assert remarks([of_purpose(purpose)]) == ()


def test_an_attribute_that_is_never_permitted_is_not() -> None:
    assert remarks([of_purpose("sales", "third_party")]) == ()


def test_what_models_share_is_remarked_upon_once_where_it_stands(tmp_path: Path) -> None:
    declaration = "{type: number, provenance: contextual, purposes: [sales, analytics]}"
    (tmp_path / "shared.yaml").write_text(f"attributes:\n  a: {declaration}\n")
    for name in ("web", "mail"):
        (tmp_path / f"{name}.yaml").write_text(
            f"model: {name}\nchannel: {name}\ninclude: [shared.yaml]\nstages: [{{id: discover}}]\n"
            f"placements: {{{name}.top: {{fallback: hello}}}}\noffers: [{{id: hello, content: {{}}}}]\n"
        )

    found = remarks(read_models([tmp_path / "web.yaml", tmp_path / "mail.yaml"]))

    assert [(Path(each.place.file).name, each.place.line, each.place.column) for each in found] == [
        ("shared.yaml", 2, 3)
    ] * 2
    assert ["`analytics`" in each.message for each in found] == [True, False]


def test_a_model_without_places_has_remarks_all_the_same() -> None:
    attribute = Attribute("a", AttributeType.NUMBER, Provenance.DECLARED, ["sales"])
    model = Model("web", "web", (attribute,), (), (Stage("s", None, ""),), (Placement("p", "o"),), ())

    assert [str(each.place) for each in remarks([model])] == ["<web>:1:1"]


def test_where_an_attribute_stands_makes_no_other_model() -> None:
    assert read(document()).declared_at["country"].file == "<python>:attributes.country"
    assert read(document()) == read(document())
