"""What is read off from models: phrases, marks, cells, journeys side by side, what differs, what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from discreet.blueprint import Drawing, as_html, as_markdown, draw
from discreet.blueprint.drawing import Asks, Board, Either, MarkKind, Opposite, Says
from discreet.blueprint.joined import boards_of
from discreet.blueprint.marks import marks_of
from discreet.blueprint.svg_text import is_rtl, width_of, wrapped
from discreet.model import models_from_dicts
from discreet_consent import Attribute, AttributeType, Provenance
from support.large_models import large_documents

P, L = "personalize.content.profiled", "personalize.content.limited"


def document(
    name: str, *offers: dict[str, Any], stages: str = "first second", **fields: object
) -> dict[str, Any]:
    first, *others = stages.split()
    return {
        "model": f"shop-{name}", "channel": name,
        "attributes": {
            "vip": {"type": "boolean", "provenance": "declared", "purposes": [P]},
            "country": {"type": "string", "provenance": "contextual", "purposes": [L]},
        },
        "conditions": {"likes_us": {"says": "The visitor likes us", "when": "vip", "basis": "declared"}},
        "stages": [{"id": first}, *({"id": each, "when": "likes_us"} for each in others)],
        "placements": {f"{name}.slot": {"fallback": "plain"}},
        "offers": [{"id": "plain", "content": {"title": "Hello"}}, *offers],
        **fields,
    }  # fmt: skip


def offer(name: str, channel: str = "web", **fields: Any) -> dict[str, Any]:
    return {"id": name, "placements": [f"{channel}.slot"], "content": {"title": name}, **fields}


def drawn(*documents: dict[str, Any]) -> Drawing:
    return draw(models_from_dicts(list(documents)), now_ms=0.0)


def test_conditions_are_phrases_in_their_authors_words() -> None:
    when = ["likes_us", {"any": ["not likes_us", 'country not in ["US"]']}]
    (model,) = drawn(document("web", offer("it", when=when))).models

    assert model.offers[1].asks == (Says(0), Either((Opposite(Says(0)), Asks('country not in ["US"]'))))
    assert model.offers[1].marks == (0, 1)


def test_an_offer_is_called_what_its_author_says_else_by_its_first_text() -> None:
    offers = (offer("a", says="For friends"), offer("b"), offer("c", content={"n": 1}))
    (model,) = drawn(document("web", *offers)).models

    assert [each.headline for each in model.offers] == ["Hello", "For friends", "b", "c"]


def test_cells_are_ranked_as_decisions_are() -> None:
    offers = (offer("b"), offer("a"), offer("z", priority=5), offer("y", stages=["second"], priority=9))
    (model,) = drawn(document("web", *offers)).models
    cells = [[model.offers[number].offer.id for number in cell] for cell in model.placements[0].cells]

    assert cells == [["z", "a", "b"], ["y", "z", "a", "b"]]


def test_an_offer_lacks_what_its_placement_shows() -> None:
    placements = {"web.slot": {"fallback": "plain", "shows": ["title", "image"]}}
    (model,) = drawn(document("web", offer("it", content={"image": "a.avif"}), placements=placements)).models

    assert [dict(each.missing) for each in model.offers] == [
        {"web.slot": ("image",)},
        {"web.slot": ("title",)},
    ]


def test_what_an_offer_asks_of_a_visitors_consent_is_proven() -> None:
    offers = (
        offer("either", when='vip or country == "IT"', stages=["first"]),
        offer("further", stages=["second"]),
        offer("shadowed", stages=["second"], priority=-1),
    )
    (model,) = drawn(document("web", *offers)).models
    leasts = {each.offer.id: each.leasts.get("web.slot") for each in model.offers}

    assert leasts["further"] == (frozenset({P}),)
    assert leasts["either"] == (frozenset({L}),)  # whoever likes us is further, and is shown the other
    assert leasts["shadowed"] == ()
    assert [each.leasts for each in model.stages] == [(frozenset(),), (frozenset({P}),)]


def test_models_of_one_order_share_a_board_and_others_have_their_own() -> None:
    models = models_from_dicts(
        [
            document("web", stages="first second fourth"),
            document("mail", stages="first third fourth"),
            document("app", stages="fourth first"),
        ]
    )

    assert boards_of(models) == (
        Board(("first", "second", "third", "fourth"), (0, 1)),
        Board(("fourth", "first"), (2,)),
    )


def test_what_differs_between_models_is_told_of_the_same_offer() -> None:
    web = document(
        "web", offer("same", content={"title": "a"}), offer("other", priority=1, content={"title": "x"})
    )
    mail = document(
        "mail", offer("same", "mail", content={"title": "a"}), offer("other", "mail", content={"title": "y"})
    )
    made = drawn(web, mail)

    assert made.alike == ("plain", "same")
    (differing,) = made.differing
    assert (differing.id, differing.models) == ("other", (0, 1))
    assert differing.aspects == {"priority": (1, 0), "content.title": ("x", "y")}
    assert made.title == "shop"


def test_marks_have_letters_of_their_own() -> None:
    keys = [
        "a.profiled",
        "a.profiling",
        "b.pop",
        "essential.service",
        *(f"x.p{number}" for number in range(40)),
    ]
    attributes = [
        Attribute(
            f"a{at}",
            AttributeType.STRING,
            Provenance.DECLARED,
            [key],
            sensitive="health" if at == 1 else None,
        )
        for at, key in enumerate(keys)
    ]
    marks = marks_of(attributes)

    assert len({mark.letter for mark in marks}) == len(marks) == 45
    assert [mark.letter for mark in marks[:2]] == ["P", "R"]
    assert [mark.kind for mark in marks[-2:]] == [MarkKind.SENSITIVE, MarkKind.ESSENTIAL]


@pytest.mark.parametrize("which", ["demo", "large"])
def test_a_page_is_small_and_the_same_every_time(request: pytest.FixtureRequest, which: str) -> None:
    drawing: Drawing = request.getfixturevalue(which)
    made = as_html(drawing)

    assert len(made.encode()) < 300_000
    assert made == as_html(drawing)


def test_the_large_house_is_as_large_as_it_says(large: Drawing) -> None:
    documents = large_documents()

    assert sum(1 for model in large.models for each in model.offers if each.offer.placements) == 300
    assert [len(each["stages"]) for each in documents] == [8, 8, 8]
    assert sum(len(each["placements"]) for each in documents) == 12


def test_markdown_tells_all_four_requirements(demo: Drawing) -> None:
    text = as_markdown(demo)

    for heading in ("## Data", "## Decisions", "## Design", "## Distribution"):
        assert f"\n{heading}\n" in text
    assert "2026-06-01 \u2013 2026-08-31" in text
    assert "purchase_days \u2192 many" in text


def test_lines_break_at_spaces_else_in_words_and_a_cut_is_told() -> None:
    room = width_of("nnnn", 10)

    assert wrapped("nn nn nnnnnnnn", 10, room, 9) == ["nn", "nn", "nnnn", "nnnn"]
    assert wrapped("nn nn nn", 10, room, 2)[-1].endswith("\u2026")
    assert wrapped("nn_nnn.n", 10, width_of("nn_nn", 10), 9) == ["nn_", "nnn.n"]
    assert wrapped("", 10, room, 2) == []
    assert width_of("\u6f22", 10) == 10
    assert (is_rtl("12 \u05d0 a"), is_rtl("a \u05d0"), is_rtl("12")) == (True, False, False)
