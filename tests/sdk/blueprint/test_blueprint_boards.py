"""Boards: stages that models say differently, two boards, many stages; and the keyboard, whatever is folded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from discreet.blueprint import Drawing, as_markdown, as_svg, draw
from discreet.blueprint.drawing import Board
from discreet.blueprint.joined import entered, in_rows
from discreet.model import models_from_dicts
from support.storefront import DESKTOP, PHONE, guest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from .conftest import Shown

L = "personalize.content.limited"
FOCUSED = "document.activeElement.closest('[data-offer]')?.dataset.offer"
STOPS = "[...document.querySelectorAll('#boards .open[tabindex=\"0\"]')].map(each => each.checkVisibility())"


def document(name: str, *stages: tuple[str, str | None], says: str = "", offers: int = 1) -> dict[str, Any]:
    return {
        "model": f"shop-{name}", "channel": name,
        "attributes": {
            "x": {"type": "number", "provenance": "contextual", "purposes": [L]},
            "z": {"type": "number", "provenance": "contextual", "purposes": ["essential.service"]},
        },
        "stages": [
            {"id": stage, **({"when": when} if when else {}), **({"says": says} if when and says else {})}
            for stage, when in stages
        ],
        "placements": {f"{name}.slot": {"fallback": "plain"}},
        "offers": [
            {"id": "plain", "content": {"title": "Hello"}},
            *(
                {"id": f"{name}_{number}", "placements": [f"{name}.slot"], "when": f"z >= {number}",
                 "priority": number, "content": {"title": f"{name} {number}"}}
                for number in range(offers)
            ),
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def three() -> Drawing:
    """Two models that enter `middle` differently, and one whose order contradicts theirs."""
    documents = [
        document("web", ("begin", None), ("middle", "x >= 1"), ("end", "x >= 5")),
        document("mail", ("begin", None), ("middle", "z >= 100"), ("end", "x >= 5"), says="As in letters"),
        document("app", ("begin", None), ("end", "z >= 5"), ("middle", "z >= 7")),
    ]
    return draw(models_from_dicts(documents), now_ms=0.0)


@pytest.fixture(scope="module")
def long() -> Drawing:
    others = ((f"stage_{number}", f"x >= {number}") for number in range(1, 19))
    return draw(models_from_dicts([document("web", ("stage_0", None), *others)]), now_ms=0.0)


def prints(page: Page, event: str) -> None:
    page.evaluate(f"dispatchEvent(new Event('{event}'))")


def test_a_stage_that_models_enter_differently_is_told_once_for_each_way(three: Drawing) -> None:
    ways = entered(three.models, three.boards[0], "middle")

    assert [(each.stage.stage.source, each.channels) for each in ways] == [
        ("x >= 1", ("web",)),
        ("z >= 100", ("mail",)),
    ]
    assert [each.channels for each in entered(three.models, three.boards[0], "begin")] == [()]


def test_the_picture_and_the_diagram_tell_each_way_too(three: Drawing) -> None:
    assert all(each in as_svg(three) for each in ("x &gt;= 1", "z &gt;= 100", "As in letters"))
    assert '-->|"web: x #62;#61; 1 / mail: z #62;#61; 100"| s1' in as_markdown(three)


def test_stages_that_differ_stand_side_by_side(three: Drawing) -> None:
    middle, end = three.differing_stages

    assert (middle.id, middle.models, middle.aspects["conditions"]) == (
        "middle",
        (0, 1, 2),
        ("x >= 1", "z >= 100", "z >= 7"),
    )
    assert end.aspects["says"] == ("", "As in letters", "")
    assert "### Stages that differ" in as_markdown(three)


def test_stages_stand_in_as_few_rows_of_eight_as_it_takes() -> None:
    lengths = {n: [len(each) for each in in_rows([str(at) for at in range(n)])] for n in (1, 8, 9, 19, 40)}

    assert lengths == {1: [1], 8: [8], 9: [4, 5], 19: [6, 6, 7], 40: [8, 8, 8, 8, 8]}


def test_a_long_journey_can_be_read_on_a_slide(long: Drawing) -> None:
    texts = re.findall(r'<text x="(\d+)[^>]*>([^<]*)</text>', as_svg(long))
    at = {text: int(x) for x, text in texts}

    assert [text for text in (f"stage_{number}" for number in range(19)) if text not in at] == []
    assert at["stage_0"] == at["stage_6"] == at["stage_12"]
    assert at["stage_1"] - at["stage_0"] > 200


@pytest.mark.slow
def test_a_long_journey_is_broken_into_rows_on_paper_only(
    browser: Browser, shown: Shown, long: Drawing
) -> None:
    with guest(browser, shown(long), viewport=DESKTOP) as reader:
        reader.goes("")
        assert reader.page.locator("table.board").count() == 1
        prints(reader.page, "beforeprint")
        heads = reader.page.locator("table.board").evaluate_all(
            "all => all.map(each => [...each.querySelectorAll('th.stage .number')].map(one => one.textContent))"
        )
        assert [len(each) for each in heads] == [6, 6, 7]
        assert [number for each in heads for number in each] == [str(at) for at in range(1, 20)]
        prints(reader.page, "afterprint")
        assert reader.page.locator("table.board").count() == 1


@pytest.mark.slow
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_each_way_is_told_with_its_channels(
    browser: Browser, shown: Shown, three: Drawing, size: dict[str, int]
) -> None:
    with guest(browser, shown(three), viewport=size) as reader:
        reader.goes("")
        told = reader.page.locator("[data-board='0'] .stage-told").nth(1).inner_text()
        assert [each for each in ("x >= 1", "z >= 100", "As in letters") if each not in told] == []
        assert told.lower().index("web") < told.index("x >= 1") < told.lower().index("mail")
        assert "Stages that differ" in reader.page.locator("#sides").inner_text()
        assert reader.errors == []


@pytest.mark.slow
def test_two_boards_keep_their_counts_and_marks_apart(browser: Browser, shown: Shown, three: Drawing) -> None:
    assert three.boards[1] == Board(("begin", "end", "middle"), (2,))
    with guest(browser, shown(three), viewport=DESKTOP) as reader:
        reader.goes("")
        heads = "[data-board='{}'] th.stage[data-stage-id='{}']"
        for board, stage, tally in ((0, "end", "2 offers"), (1, "end", "1 offer")):
            assert reader.page.locator(heads.format(board, stage)).locator(".tally").inner_text() == tally
        reader.page.get_by_role("switch", name="Content by limited data").click()
        gone = "[data-board='{}'] th.stage.gone"
        assert reader.page.locator(gone.format(0)).count() == 1
        assert reader.page.locator(gone.format(0)).get_attribute("data-stage-id") == "end"
        assert reader.page.locator(gone.format(1)).count() == 0


@pytest.mark.slow
def test_a_column_counts_what_the_filters_leave(browser: Browser, shown: Shown, demo: Drawing) -> None:
    with guest(browser, shown(demo), viewport=DESKTOP) as reader:
        reader.goes("")
        reader.page.locator("select[name=channel]").select_option("mail")
        tallies = reader.page.locator("th.stage .tally").all_inner_texts()
        columns = reader.page.locator("th.stage").evaluate_all("all => all.map(each => each.dataset.stageId)")
        for stage, tally in zip(columns, tallies, strict=True):
            cards = reader.page.locator(f"td.cell[data-stage-id='{stage}'] .card:not(.gone):visible")
            offers = set(cards.evaluate_all("all => all.map(each => each.dataset.offer)"))
            assert tally == f"{len(offers)} offer{'' if len(offers) == 1 else 's'}"


@pytest.mark.slow
def test_a_folded_channel_lets_the_keyboard_in(browser: Browser, shown: Shown, demo: Drawing) -> None:
    with guest(browser, shown(demo), viewport=DESKTOP) as reader:
        reader.goes("")
        folds = reader.page.locator("#boards .fold")
        folds.first.press("Enter")
        assert reader.page.evaluate(STOPS) == [True]
        folds.nth(1).focus()
        reader.page.keyboard.press("Tab")
        assert (reader.page.evaluate(FOCUSED) or "").startswith("1.")
        reader.page.locator("select[name=channel]").select_option("mail")
        reader.page.set_viewport_size({"width": 600, "height": 900})
        reader.page.locator(".journey").first.wait_for()
        assert reader.page.evaluate(STOPS) == [True]
        reader.page.set_viewport_size({"width": 1440, "height": 900})
        reader.page.locator("table.board").wait_for()
        assert folds.first.get_attribute("aria-expanded") == "false"


@pytest.mark.slow
def test_a_cell_that_is_closed_again_lets_the_keyboard_in(
    browser: Browser, shown: Shown, large: Drawing
) -> None:
    with guest(browser, shown(large), viewport=DESKTOP) as reader:
        reader.goes("")
        rest = reader.page.locator(".rest:visible").first
        cell = reader.page.locator("td.cell", has=rest).first
        rest.click()
        cell.locator(".open:visible").nth(4).click()
        reader.page.keyboard.press("Escape")
        cell.locator(".rest").click()
        assert reader.page.evaluate(STOPS) == [True]


@pytest.mark.slow
def test_what_is_drawn_anew_keeps_folds_and_the_way_back(
    browser: Browser, shown: Shown, demo: Drawing
) -> None:
    with guest(browser, shown(demo), viewport=DESKTOP) as reader:
        reader.goes("")
        reader.page.locator("#boards .fold").first.click()
        reader.page.locator("[data-row='1.0'] .card .open").nth(2).click()
        opened = reader.page.evaluate(
            "document.querySelector('#boards .open[tabindex=\"0\"]').closest('[data-offer]').dataset.offer"
        )
        prints(reader.page, "beforeprint")
        assert reader.page.locator(".folded").count() == 0
        prints(reader.page, "afterprint")
        assert reader.page.locator(".folded").count() == 1
        reader.page.keyboard.press("Escape")
        assert reader.page.evaluate(FOCUSED) == opened
        reader.page.keyboard.press("Alt+ArrowRight")
        assert reader.page.evaluate(FOCUSED) == opened


@pytest.mark.slow
def test_only_a_click_beside_the_details_closes_them(browser: Browser, shown: Shown, demo: Drawing) -> None:
    with guest(browser, shown(demo), viewport=DESKTOP) as reader:
        reader.goes("")
        reader.page.locator(".card .open").first.click()
        dialog = reader.page.get_by_role("dialog")
        mouse = reader.page.mouse
        mouse.click(DESKTOP["width"] - 200, DESKTOP["height"] - 5)
        assert dialog.is_visible()
        mouse.move(DESKTOP["width"] - 200, 300)
        mouse.down()
        mouse.move(100, 300)
        mouse.up()
        assert dialog.is_visible()
        mouse.click(100, 300)
        assert not dialog.is_visible()
