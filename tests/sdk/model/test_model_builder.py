"""The builder has the words and the rules of the file format, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet.errors import ModelError
from discreet.model import ModelBuilder, read_models
from support.authoring import LIMITED, as_json, read

SOUND = Path(__file__).parent / "sound"


def spring_shop() -> ModelBuilder:
    limited, profiled = [LIMITED], ["personalize.content.profiled"]
    return (
        ModelBuilder("spring-shop", channel="web")
        .attribute("country", type="string", provenance="contextual", purposes=limited)
        .attribute(
            "purchases",
            type="number",
            provenance="first_party",
            purposes=[*profiled, "functional.storage"],
            retention="365d",
        )
        .attribute("interests", type="strings", provenance="declared", purposes=profiled)
        .attribute("first_name", type="string", provenance="declared", purposes=profiled)
        .condition("returning_customer", says="The visitor has bought from us before", when="purchases >= 1")
        .condition("enjoys_running", says="The visitor told us they run", when='"running" in interests')
        .stage("discover")
        .stage("stay", when="returning_customer")
        .placement("home.hero", fallback="welcome")
        .offer("welcome", content={"title": "Welcome"})
        .offer(
            "spring_shoes",
            stages=["stay"],
            placements=["home.hero"],
            when=["enjoys_running", 'country in ["IT", "FR"]'],
            priority=80,
            valid={"from": "2026-03-01T00:00:00Z", "until": "2026-06-01T00:00:00Z"},
            content={"title": "New shoes, {first_name|friend}", "image": "shoes.avif"},
        )
    )


def test_the_builder_and_the_file_say_the_same() -> None:
    assert (spring_shop().build(),) == read_models([SOUND / "spring_shop.yaml"])


def test_the_document_of_a_builder_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(as_json(spring_shop().document()))

    assert read_models([tmp_path / "m.json"]) == (spring_shop().build(),)


def test_every_word_of_the_format_is_there() -> None:
    model = (
        ModelBuilder("m", channel="web")
        .attribute(
            "name",
            type="string",
            provenance="declared",
            purposes=[LIMITED],
            category="user.name",
            sensitive="health",
            lower=True,
        )
        .substitute(
            "initial", coarsens="name", by={"characters": 1}, purposes=["analytics"], sensitive="religion"
        )
        .condition("a", says="A", when="known(name)", basis="deductive", note="Because")
        .segment("b", says="B", when={"any": ["a", ["not a"]]})
        .stage("first", says="Where all are")
        .placement("p", fallback="o")
        .offer("o", content={})
        .offer("q", content={}, placements=["p"], when="unknown(name)", waive="withdrawal")
        .build()
    )

    assert (model.attributes[0].sensitive, model.attributes[0].lower) == ("health", True)
    assert model.attributes[1] == model.attributes[0].substitute(
        "initial", ["analytics"], "characters", 1, sensitive="religion"
    )
    assert model.attributes[0].category == "user.name"
    assert model.conditions[1].segment is True
    assert model.stages[0].says == "Where all are"
    assert model.offers[1].waives_withdrawal is True


def test_every_mistake_is_said_when_building() -> None:
    builder = (
        spring_shop().condition("lapsing", says="Long gone", when="last_sen > 5").placement("x", fallback="y")
    )

    with pytest.raises(ModelError) as caught:
        builder.build()

    assert [str(each) for each in caught.value.problems] == [
        "<python>:conditions.lapsing.when:1:1: unknown attribute or condition `last_sen` [unknown-name]",
        "<python>:placements.x.fallback:1:1: placement `x`: unknown offer `y` [unknown-offer]",
    ]


def test_a_second_declaration_is_refused_not_preferred() -> None:
    builder = (
        spring_shop().placement("home.hero", fallback="spring_shoes").stage("stay", when="known(country)")
    )
    builder.attribute("country", type="number", provenance="declared", purposes=["ads"]).offer(
        "welcome", content={}
    )

    with pytest.raises(ModelError) as caught:
        builder.build()

    assert [each.code for each in caught.value.problems] == ["declared-twice"] * 4


def test_building_twice_gives_equal_models() -> None:
    builder = spring_shop()

    assert builder.build() == builder.build()


NAMES = st.from_regex(r"[a-z][a-z0-9_]{2,8}x", fullmatch=True)
CONTENT = st.dictionaries(
    st.text("abc", max_size=3),
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("ab \u00e9\U0001f600\"'\\\n:#", max_size=8),
    max_size=4,
)  # fmt: skip


@given(
    offers=st.lists(
        st.tuples(NAMES, CONTENT, st.integers(-9, 9)), unique_by=lambda each: each[0], max_size=5
    ),
    data=st.data(),
)
def test_any_offers_are_read_alike_from_python_json_and_yaml(
    offers: list[tuple[str, dict[str, bool | int | float | str | None], int]],
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    import yaml

    builder = spring_shop()
    for name, content, priority in offers:
        literal = data.draw(st.floats(-1e9, 1e9))
        when = f"purchases >= {literal!r}" if "e" not in repr(literal) else None
        builder.offer(name, content=dict(content), placements=["home.hero"], priority=priority, when=when)
    folder = tmp_path_factory.mktemp("models")
    (folder / "m.json").write_text(as_json(builder.document()))
    (folder / "m.yaml").write_text(
        yaml.safe_dump(builder.document(), allow_unicode=True, sort_keys=False), encoding="utf-8"
    )

    built = builder.build()

    assert read(builder.document()) == built
    assert read_models([folder / "m.json"]) == (built,)
    (from_yaml,) = read_models([folder / "m.yaml"])
    assert from_yaml == built
    assert repr(from_yaml.offers[-1].content) == repr(built.offers[-1].content)
