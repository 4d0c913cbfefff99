"""Every page of the shop under axe's rules: phone and desktop, light and dark, before and after consent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.npm import Missing, installed, skip_or_fail
from support.storefront import DESKTOP, PHONE, Guest, guest, shop_running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGES = (
    "/",
    "/shelves/oolong",
    "/teas/gyokuro-shade",
    "/story",
    "/account",
    "/basket?tea=milk-peak",
    "/choices",
    "/no",
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("shop")]


@pytest.fixture(scope="module")
def axe() -> str:
    try:
        modules = installed(Path(__file__).parent)
    except Missing as error:
        skip_or_fail(error)
    return (modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def inspected_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with shop_running("--inspector", log=tmp_path_factory.mktemp("inspected") / "shop.log") as home:
        yield home


def faults(visitor: Guest, axe: str) -> list[str]:
    """What axe finds on the page: the rule, and where."""
    visitor.page.evaluate(axe)  # by the debugger: the page's own policy lets no foreign script in
    found: list[dict[str, Any]] = visitor.page.evaluate(
        "async rules => (await axe.run(document, {runOnly: rules})).violations", RULES
    )
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_no_page_breaks_a_rule(
    browser: Browser, shop: str, axe: str, size: dict[str, int], scheme: str
) -> None:
    with guest(browser, shop, viewport=size, color_scheme=scheme) as visitor:
        visitor.goes()
        visitor.page.get_by_role("button", name="Choose one by one").click()
        assert faults(visitor, axe) == []
        visitor.answers("Accept all")
        for path in PAGES:
            visitor.goes(path)
            assert (path, faults(visitor, axe)) == (path, [])
            assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_inspector_breaks_none_either(
    browser: Browser, inspected_shop: str, axe: str, scheme: str
) -> None:
    with guest(browser, inspected_shop, color_scheme=scheme) as visitor:
        visitor.goes()
        visitor.answers("Accept all")
        visitor.page.locator(".inspector summary").click()
        assert faults(visitor, axe) == []
        visitor.page.get_by_role("radio", name="under no purposes").check()

        assert visitor.page.get_by_role("table").count() == 1
        assert faults(visitor, axe) == []


def test_more_contrast_is_given_where_it_is_asked_for(browser: Browser, shop: str) -> None:
    colours = "(() => { const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]; })()"
    with guest(browser, shop, contrast="more") as visitor:
        visitor.goes()

        assert visitor.page.evaluate(colours) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]


def test_nothing_moves_for_whom_motion_is_too_much(browser: Browser, shop: str) -> None:
    moving = "document.getAnimations().length"
    with guest(browser, shop) as still, guest(browser, shop, reduced_motion="no-preference") as other:
        still.goes("/story")
        other.goes("/story")

        assert still.page.evaluate(moving) == 0
        assert other.page.evaluate(moving) > 0
