"""What a sound model becomes, and that YAML, JSON and the builder say the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from discreet.model import (
    All,
    Among,
    Basis,
    Compare,
    Comparison,
    Includes,
    Model,
    Named,
    Not,
    Some,
    Window,
    models_from_dicts,
    read_models,
)
from discreet_consent import AttributeType, Provenance
from support.authoring import as_json, changed, document, read

SOUND = Path(__file__).parent / "sound"


@pytest.fixture
def shop() -> Model:
    """The worked example of the design."""
    (model,) = read_models([SOUND / "spring_shop.yaml"])
    return model


def test_the_worked_example_reads(shop: Model) -> None:
    welcome, shoes = shop.offers

    assert (shop.id, shop.channel) == ("spring-shop", "web")
    assert [each.name for each in shop.attributes] == ["country", "purchases", "interests", "first_name"]
    assert [each.id for each in shop.conditions] == ["returning_customer", "enjoys_running"]
    assert [(each.id, each.when) for each in shop.stages] == [
        ("discover", None),
        ("stay", Named("returning_customer")),
    ]
    assert [(each.id, each.fallback) for each in shop.placements] == [("home.hero", "welcome")]
    assert (welcome.placements, welcome.stages, welcome.when) == ((), ("discover", "stay"), None)
    assert (shoes.stages, shoes.placements, shoes.priority) == (("stay",), ("home.hero",), 80)
    assert shoes.when == All((Named("enjoys_running"), Among("country", ("IT", "FR"))))
    assert shoes.valid == Window(1_772_323_200_000.0, 1_780_272_000_000.0)
    assert shoes.content == {"title": "New shoes, {first_name|friend}", "image": "shoes.avif"}


def test_the_attributes_of_the_worked_example_are_declarations(shop: Model) -> None:
    purchases = shop.attributes[1]

    assert purchases.type is AttributeType.NUMBER
    assert purchases.provenance is Provenance.FIRST_PARTY
    assert purchases.purposes == ("functional.storage", "personalize.content.profiled")
    assert purchases.retention_s == 365 * 86_400


def test_a_condition_keeps_the_authors_own_words(shop: Model) -> None:
    running = shop.conditions[1]

    assert running.says == "The visitor told us they run"
    assert running.source == '"running" in interests'
    assert running.when == Includes("interests", ("running",))


def test_everything_knows_its_place(shop: Model) -> None:
    file = (SOUND / "spring_shop.yaml").as_posix()

    assert str(shop.place) == f"{file}:1:8"
    places = [
        *(each.place for each in shop.stages),
        *(each.place for each in shop.placements),
        *(each.place for each in shop.offers),
    ]
    assert [str(each) for each in places] == [
        f"{file}:{at}" for at in ("12:10", "13:10", "15:3", "17:10", "18:9")
    ]


def test_python_places_name_the_path() -> None:
    offer = read(document()).offers[1]

    assert str(offer.place) == "<python>:offers[1].id:1:1"


def test_json_yaml_and_python_say_the_same(tmp_path: Path) -> None:
    text = as_json(document())
    (tmp_path / "m.json").write_text(text)
    (tmp_path / "m.yaml").write_text(text)  # JSON without surrogate pairs is YAML

    from_json, from_yaml = (read_models([tmp_path / name])[0] for name in ("m.json", "m.yaml"))

    assert from_json == from_yaml == read(document())


def test_texts_of_any_script_read_alike_from_json_and_yaml(tmp_path: Path) -> None:
    content = {"title": "\U0001f600 {country|日本} é", "日本": ["\U0001f600"]}
    spoken = changed(lambda m: m["offers"][1].update(content=content))
    (tmp_path / "m.json").write_text(as_json(spoken))  # in ASCII, with surrogate pairs
    (tmp_path / "m.yaml").write_text(json.dumps(spoken, ensure_ascii=False), encoding="utf-8")

    from_json, from_yaml = (read_models([tmp_path / name])[0] for name in ("m.json", "m.yaml"))

    assert from_json == from_yaml
    assert from_json.offers[1].content == content


def test_content_keeps_its_types() -> None:
    content = {"a": 10.0, "b": False, "c": "", "d": None, "e": [1, {"f": 2**53}], "g": {}}
    model = read(changed(lambda m: m["offers"][0].update(content=content)))

    assert as_json(model.offers[0].content) == as_json(content)


@pytest.mark.parametrize(
    ("when", "tree"),
    [
        ("returning", Named("returning")),
        (["returning"], Named("returning")),
        (["returning", "italians"], All((Named("returning"), Named("italians")))),
        ({"all": ["returning", "italians"]}, All((Named("returning"), Named("italians")))),
        ({"any": ["returning", "italians"]}, Some((Named("returning"), Named("italians")))),
        ({"any": ["returning"]}, Named("returning")),
        (
            ["returning", {"any": ["italians", ["returning", "not italians"]]}],
            All(
                (
                    Named("returning"),
                    Some((Named("italians"), All((Named("returning"), Not(Named("italians")))))),
                )
            ),
        ),
    ],
)
def test_when_is_one_expression_or_all_or_any_of_several(when: object, tree: object) -> None:
    model = read(changed(lambda m: m["offers"][1].update(when=when)))

    assert model.offers[1].when == tree


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("  purchases\n >= 1 ", "purchases >= 1"),
        (["purchases >= 1"], "purchases >= 1"),
        (["purchases >= 1", 'country == "IT"'], '(purchases >= 1) and (country == "IT")'),
        (
            {"any": ["purchases >= 1", ["italians", "purchases > 5"]]},
            "(purchases >= 1) or ((italians) and (purchases > 5))",
        ),
    ],
)
def test_the_words_of_a_condition_are_one_expression_with_its_meaning(when: object, words: str) -> None:
    said = read(changed(lambda m: m["conditions"]["returning"].update(when=when))).conditions[0]
    again = read(changed(lambda m: m["conditions"]["returning"].update(when=said.source))).conditions[0]

    assert said.source == words
    assert again.when == said.when


def test_a_condition_may_say_on_what_it_rests() -> None:
    model = read(
        changed(
            lambda m: m["conditions"]["returning"].update(basis="inductive", note="https://example.org/a")
        )
    )

    assert model.conditions[0].basis is Basis.INDUCTIVE
    assert model.conditions[0].note == "https://example.org/a"


def test_a_segment_is_a_condition_with_a_flag() -> None:
    returning, italians = read(document()).conditions

    assert (returning.segment, italians.segment) == (False, True)


def test_the_stages_of_an_offer_stand_in_the_journeys_order() -> None:
    model = read(changed(lambda m: m["offers"][1].update(stages=["stay", "discover"])))

    assert model.offers[1].stages == ("discover", "stay")


def test_what_is_left_out_has_its_documented_meaning() -> None:
    def strip(m: dict[str, object]) -> None:
        m["offers"] = [{"id": "welcome", "content": {}, "placements": ["home.hero"]}]

    (offer,) = read(changed(strip)).offers

    assert (offer.stages, offer.when, offer.priority, offer.valid) == (
        ("discover", "stay"),
        None,
        0,
        Window(),
    )
    assert offer.waives_withdrawal is False


def test_a_condition_may_stand_before_the_ones_it_names() -> None:
    conditions = {
        "both": {"says": "Both", "when": "second and first"},
        "second": {"says": "Second", "when": "not first"},
        "first": {"says": "First", "when": "purchases > 1"},
        "returning": {"says": "Back", "when": "both"},
    }
    model = read(changed(lambda m: m.update(conditions=conditions)))

    assert model.conditions[0].when == All((Named("second"), Named("first")))


@pytest.mark.parametrize("when", ["unknown(purchases)", "asks", 'country == "IT" or not asks'])
def test_an_offer_may_rest_on_what_is_unknown_if_it_says_so(when: str) -> None:
    def ask(m: dict[str, dict[str, object]]) -> None:
        m["conditions"]["asks"] = {"says": "We do not know", "when": "unknown(purchases)"}

    waiving = changed(ask)
    waiving["offers"][1].update(when=when, waive="withdrawal")

    assert read(waiving).offers[1].waives_withdrawal is True


@pytest.mark.parametrize(
    ("text", "seconds"), [("1s", 1), ("30m", 1_800), ("12h", 43_200), ("36500d", 3_153_600_000)]
)
def test_retention_is_a_number_with_a_unit(text: str, seconds: int) -> None:
    model = read(changed(lambda m: m["attributes"]["country"].update(retention=text)))

    assert model.attributes[1].retention_s == seconds


def test_several_documents_are_read_together() -> None:
    mail = changed(
        lambda m: m.update(model="mail", channel="mail", placements={"top": {"fallback": "welcome"}})
    )
    mail["offers"][1]["placements"] = ["top"]

    assert [model.id for model in models_from_dicts([document(), mail])] == ["shop", "mail"]


def test_no_document_is_no_model() -> None:
    assert models_from_dicts([]) == ()
    assert read_models([]) == ()


def test_a_folded_literal_is_compared_as_values_are() -> None:
    model = read(changed(lambda m: m["offers"][1].update(when='"RUN" in interests')))

    assert model.offers[1].when == Includes("interests", ("run",))


def test_a_number_written_as_an_integer_or_a_double_is_one_model() -> None:
    def asking(when: str) -> Model:
        return read(changed(lambda m: m["offers"][1].update(when=when)))

    one, other = asking("purchases > 1"), asking("purchases > 1.0")

    assert repr(one) == repr(other)
    assert one.offers[1].when == Compare("purchases", Comparison.MORE, 1.0)
