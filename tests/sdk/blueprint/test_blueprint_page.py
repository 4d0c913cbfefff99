"""The page in a browser: it loads nothing, complains of nothing, answers to keys, filters and switches."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from discreet.compiler import compile_models
from support.storefront import DESKTOP, PHONE, Guest, guest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

    from discreet.blueprint import Drawing

    from .conftest import Shown

pytestmark = pytest.mark.slow


@contextmanager
def reader(browser: Browser, address: str, **how: Any) -> Generator[Guest]:
    """Somebody who has opened the page."""
    with guest(browser, address, **how) as found:
        found.goes("")
        found.page.locator(".card").first.wait_for()
        yield found


def cards(of: Guest, classes: str = "") -> Locator:
    return of.page.locator(f"#boards .card{classes}:visible")


def keys(of: Guest) -> set[str]:
    """Which offers are in sight."""
    return set(cards(of).evaluate_all("all => all.map(each => each.dataset.offer)"))


def headlines(of: Guest) -> set[str]:
    return set(cards(of, " .open bdi").all_inner_texts())


def chooses(who: Guest, name: str, value: str) -> None:
    who.page.locator(f"select[name={name}]").select_option(value)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("which", ["demo", "large"])
def test_it_loads_nothing_complains_of_nothing_and_is_no_wider_than_the_window(
    browser: Browser,
    shown: Shown,
    request: pytest.FixtureRequest,
    which: str,
    size: dict[str, int],
    scheme: str,
) -> None:
    address = shown(request.getfixturevalue(which))
    with reader(browser, address, viewport=size, color_scheme=scheme) as found:
        assert found.errors == []
        assert found.asked == [address]
        assert found.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_every_offer_stands_in_each_of_its_stages_and_placements_best_first(
    browser: Browser, shown: Shown, demo: Drawing
) -> None:
    web = demo.models[0]
    with reader(browser, shown(demo), viewport=DESKTOP) as found:
        for row, placement in enumerate(web.placements):
            for stage, cell in zip(web.stages, placement.cells, strict=True):
                where = f"[data-row='0.{row}'] > [data-stage-id='{stage.stage.id}'] .card"
                found_there = found.page.locator(where).evaluate_all(
                    "all => all.map(each => each.dataset.offer)"
                )
                assert found_there == [f"0.{number}" for number in cell]
        assert found.page.locator(".fallback").count() == 4


def test_the_keyboard_goes_from_offer_to_offer_opens_one_and_comes_back(
    browser: Browser, shown: Shown, demo: Drawing
) -> None:
    with reader(browser, shown(demo), viewport=DESKTOP) as found:
        board = found.page.keyboard
        found.page.locator("#boards .fold").first.focus()
        board.press("Tab")
        focused = "document.activeElement.closest('[data-offer]')?.dataset.offer"
        first = found.page.evaluate(focused)
        board.press("ArrowRight")
        second = found.page.evaluate(focused)
        assert first is not None
        assert second not in (None, first)
        board.press("Enter")
        dialog = found.page.get_by_role("dialog")
        assert "You said jazz" in dialog.get_by_role("heading", level=2).inner_text()
        assert re.search(r"web\.yaml:\d+", dialog.inner_text().replace("\n", ""))
        board.press("Escape")
        assert not dialog.is_visible()
        assert found.page.evaluate(focused) == second
        board.press("End")
        assert found.page.evaluate(focused).startswith("2.")


def test_filters_leave_what_they_say_and_clear_again(browser: Browser, shown: Shown, demo: Drawing) -> None:
    with reader(browser, shown(demo), viewport=DESKTOP) as found:
        page = found.page
        every = cards(found).count()
        page.get_by_label("Search").fill("jazz ROOM")
        assert headlines(found) == {"You said jazz: the jazz room"}
        assert page.locator("#found").inner_text() == "1 of 34 offers"
        page.get_by_role("button", name="Clear").click()
        assert cards(found).count() == every
        chooses(found, "channel", "mail")
        assert {key[:2] for key in keys(found)} == {"1."}
        chooses(found, "stage", "lapsing")
        assert page.locator("td.cell:visible").count() == 1
        page.get_by_role("button", name="Clear").click()
        chooses(found, "segment", "shops_on_weekends")
        assert headlines(found) == {"It is the weekend: your picks are ready"}


def test_the_filter_by_purpose_finds_what_the_certificates_say(
    browser: Browser, shown: Shown, demo: Drawing
) -> None:
    program = compile_models([each.model for each in demo.models])
    with reader(browser, shown(demo), viewport=DESKTOP) as found:
        for number, mark in enumerate(demo.marks):
            chooses(found, "purpose", str(number))
            assert keys(found) == {
                f"{m}.{o}"
                for m, model in enumerate(program.models)
                for o, each in enumerate(model.offers)
                if any(mark.key in program.attributes[need].purposes for need in each.needs)
            }


def test_a_withdrawn_purpose_fades_offers_with_a_word_and_leaves_the_fallbacks(
    browser: Browser, shown: Shown, demo: Drawing
) -> None:
    with reader(browser, shown(demo), viewport=DESKTOP) as found:
        page = found.page
        hidden = cards(found, ".gone")  # a better one stands there for everybody
        assert {each.locator(".gone-word").inner_text() for each in hidden.all()} == {"never at this stage"}
        never = hidden.count()
        switch = page.get_by_role("switch", name="Content by a profile")
        switch.press("Space")
        assert switch.get_attribute("aria-checked") == "false"
        gone = cards(found, ".gone")
        assert gone.count() > never
        assert gone.filter(has_text="needs").count() + never == gone.count()
        assert page.locator(".fallback:visible").count() == 4
        assert "can still be shown" in page.locator("#remains").inner_text()
        for each in page.get_by_role("switch").all():
            if each.get_attribute("aria-checked") == "true":
                each.click()
        assert cards(found, ":not(.gone)").count() == 0
        assert page.get_by_text("Everybody sees this").count() == 4
        switch.click()
        assert switch.get_attribute("aria-checked") == "true"


def test_a_crowded_page_begins_compact_and_opens_cell_by_cell(
    browser: Browser, shown: Shown, large: Drawing
) -> None:
    with reader(browser, shown(large), viewport=DESKTOP) as found:
        page = found.page
        compact = page.get_by_role("button", name="Compact")
        assert compact.get_attribute("aria-pressed") == "true"
        few = cards(found).count()
        page.locator(".rest:visible").first.click()
        assert cards(found).count() > few
        page.locator(".fold").first.click()
        assert page.locator("tbody").nth(1).locator(".card:visible").count() == 0
        compact.click()
        page.locator(".fold").first.click()
        assert cards(found).count() == sum(
            len(cell) for model in large.models for placement in model.placements for cell in placement.cells
        )


def test_nothing_moves_for_whom_motion_is_too_much(browser: Browser, shown: Shown, demo: Drawing) -> None:
    moving = "getComputedStyle(document.querySelector('dialog[open]')).animationName"  # not: is it moving now
    address = shown(demo)
    with reader(browser, address) as still, reader(browser, address, reduced_motion="no-preference") as other:
        for each in (still, other):
            each.page.locator(".card .open").first.click()

        assert still.page.evaluate(moving) == "none"
        assert other.page.evaluate(moving) == "slide"
