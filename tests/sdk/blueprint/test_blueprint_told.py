"""What is told is so: windows by their last day, limits that allow nothing, substitutes, names that scripts use."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from discreet.blueprint import Drawing, as_html, as_markdown, as_svg, draw
from discreet.blueprint.plain import window
from discreet.blueprint.words import words_in
from discreet.model import models_from_dicts
from support.storefront import guest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from .conftest import Shown

WINDOWS = (
    ({"from": "2026-06-01", "until": "2026-09-01"}, "2026-06-01 \u2013 2026-08-31", "Jun 1 \u2013 Aug 31, 2026"),
    ({"until": "2026-09-01"}, "through 2026-08-31", "through Aug 31, 2026"),
    ({"from": "2026-09-01"}, "from 2026-09-01", "from Sep 1, 2026"),
    (
        {"from": "2026-07-01T00:00:00+02:00", "until": "2026-07-01T18:00:00+02:00"},
        "2026-06-30 22:00 UTC \u2013 2026-07-01 16:00 UTC",
        "Jun 30, 2026, 22:00 \u2013 Jul 1, 2026, 16:00 UTC",
    ),
    ({"until": "2026-07-01T18:00:30Z"}, "before 2026-07-01 18:00:30 UTC", "before Jul 1, 2026, 18:00:30 UTC"),
    ({"from": "2026-07-01T09:30:00Z"}, "from 2026-07-01 09:30 UTC", "from Jul 1, 2026, 09:30 UTC"),
)  # fmt: skip
# Names that every object of JavaScript answers to, and every mapping of Python.
TAKEN = ("constructor", "hasOwnProperty", "toString", "valueOf", "clear", "items", "keys")


def drawn(*offers: dict[str, Any], **fields: Any) -> Drawing:
    document = {
        "model": "told", "channel": "web",
        "attributes": {
            "postcode": {"type": "string", "provenance": "declared", "purposes": ["personalize.content.profiled"]},
            "area": {"coarsens": "postcode", "by": {"characters": 2}, "purposes": ["personalize.content.limited"]},
        },
        "stages": [{"id": "first"}],
        "placements": {"slot": {"fallback": "plain"}},
        "offers": [{"id": "plain", "content": {"title": "Hello", "image": "a.avif"}}, *offers],
        **fields,
    }  # fmt: skip
    return draw(models_from_dicts([document]), now_ms=0.0)


def offer(name: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, "placements": ["slot"], "content": {"title": name}, **fields}


@pytest.mark.parametrize(("valid", "text", "_"), WINDOWS)
def test_a_window_is_told_by_its_last_day_or_its_instants(valid: dict[str, str], text: str, _: str) -> None:
    (model,) = drawn(offer("it", valid=valid)).models

    assert window(model.offers[1].offer.valid, words_in("en")) == text


@pytest.mark.slow
def test_so_is_it_on_the_page(browser: Browser, shown: Shown) -> None:
    offers = (offer(f"it_{at}", valid=valid) for at, (valid, _, _) in enumerate(WINDOWS))
    with guest(browser, shown(drawn(*offers))) as reader:
        reader.goes("")
        told = {
            re.sub(r"\s+", " ", each.inner_text()) for each in reader.page.locator(".timeline .when").all()
        }
        assert told == {text for _, _, text in WINDOWS}


def test_no_purpose_at_all_is_another_limit_than_none() -> None:
    placements = {"slot": {"fallback": "plain", "purposes": []}, "open": {"fallback": "plain"}}
    drawing = drawn(placements=placements)
    data = re.search(r'id="drawing">(.*?)</script>', as_html(drawing), re.DOTALL)
    assert data is not None
    slot, free = json.loads(data[1])["models"][0]["placements"]

    assert (slot["purposes"], "purposes" in free) == ([], False)
    assert "| slot | web | Hello | 0 | nothing but what is essential |" in as_markdown(drawing)
    assert "| open | web | Hello | 0 |  |" in as_markdown(drawing)


def test_what_is_known_for_a_substitute_is_used() -> None:
    postcode = next(
        each
        for each in drawn(offer("it", when='area == "10"')).attributes
        if each.declared.name == "postcode"
    )

    assert postcode.used_by["substitutes"] == ("area",)
    assert "1 substitute (area)" in as_markdown(drawn(offer("it", when='area == "10"')))
    assert as_markdown(drawn()).count("nothing uses it") == 2


@pytest.mark.slow
@pytest.mark.parametrize("name", TAKEN)
def test_a_placement_may_be_called_as_anything(browser: Browser, shown: Shown, name: str) -> None:
    placements = {
        name: {"fallback": "plain", "shows": ["title"]},
        "other": {"fallback": "plain", "shows": ["image"]},
    }
    it = offer("it", placements=["other", name])
    with guest(browser, shown(drawn(it, placements=placements))) as reader:
        reader.goes("")
        design = reader.page.locator("#design").inner_text()
        assert reader.errors == []
        assert design.count("lacks") == 1
        assert "it lacks image" in design
        assert reader.page.locator("#distribution table").count() == 1


@pytest.mark.slow
def test_the_headline_is_the_first_text_in_every_form(browser: Browser, shown: Shown) -> None:
    drawing = drawn(offer("it", content={"title": "A title", "1": "x", "nested": {"b": 1, "1": 2}}))
    with guest(browser, shown(drawing)) as reader:
        reader.goes("")
        assert reader.page.locator(".card .open bdi").inner_text() == "A title"
        reader.page.locator(".card .open").click()
        dialog = reader.page.get_by_role("dialog")
        assert dialog.locator("dl.content dt").all_inner_texts() == ["title", "1", "nested"]
        assert re.sub(r"\s", "", dialog.locator("pre").inner_text()) == '{"b":1,"1":2}'
        assert reader.errors == []
    assert "A title" in as_svg(drawing)


@pytest.mark.slow
def test_the_search_finds_words_and_names_and_no_syntax(browser: Browser, shown: Shown) -> None:
    quoted = offer("it", content={"title": 'A "quoted" word', "list": [{"deep": "Assam"}]})
    with guest(browser, shown(drawn(quoted, offer("other")))) as reader:
        reader.goes("")
        for query, found in (
            ('"quoted"', 1),
            ("assam", 1),
            ("slot", 2),
            ("first", 2),
            ("tl", 0),
            ("deep", 0),
        ):
            reader.page.get_by_label("Search").fill(query)
            assert reader.page.locator("#boards .card:visible").count() == found, query


@pytest.mark.slow
def test_the_buttons_say_words(browser: Browser, shown: Shown) -> None:
    with guest(browser, shown(drawn(offer("it")))) as reader:
        reader.goes("")
        reader.page.get_by_label("Search").fill("it")
        assert reader.page.locator("#clear").inner_text() == "Clear"


def test_markdown_calls_nobody_and_spells_nothing() -> None:
    text = as_markdown(drawn(offer("it", owner="@anna $a$ :tada: https://evil.example www.evil.example #12")))

    assert re.findall(r"@\w|\$\w|:\w+:|\w://|www\.|#\d", text) == []
    assert "<span>@</span>anna" in text
