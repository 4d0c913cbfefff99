"""What stands where: the inspector covers nothing that one wants to see, and pages reach the end of the window."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from support.storefront import DESKTOP, PHONE, Guest, guest, shop_running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGES = ("/", "/choices", "/teas/dragon-well", "/account", "/basket?tea=milk-peak", "/story")
# Whatever one can act upon, and what one reads, at the middle of the window: is the inspector above it?
COVERED = """() => {
    const found = [];
    for (const each of document.querySelectorAll('a, button, input, .notes li, h1, h2')) {
        if (each.closest('.inspector, .consent, .skip')) continue;
        each.scrollIntoView({block: 'center', behavior: 'instant'});
        for (const box of each.getClientRects())
            for (const at of [box.left + 1, (box.left + box.right) / 2, box.right - 1])
                if (document.elementFromPoint(at, (box.top + box.bottom) / 2)?.closest('.inspector'))
                    found.push(each.outerHTML.slice(0, 80));
    }
    return found;
}"""
SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["390", "1440"])
pytestmark = pytest.mark.xdist_group("shop")


@pytest.fixture(scope="module")
def inspected_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with shop_running("--inspector", log=tmp_path_factory.mktemp("inspected") / "shop.log") as home:
        yield home


def covers(visitor: Guest) -> list[str]:
    found: list[str] = visitor.page.evaluate(COVERED)
    return found


@SIZES
def test_the_inspector_covers_nothing_that_is_scrolled_to(
    browser: Browser, inspected_shop: str, size: dict[str, int]
) -> None:
    with guest(browser, inspected_shop, viewport=size) as visitor:
        visitor.goes()
        visitor.answers("Refuse all")
        for path in PAGES:
            visitor.goes(path)
            assert (path, covers(visitor)) == (path, [])


def test_the_choices_at_the_end_of_a_page_open_beside_the_inspector(
    browser: Browser, inspected_shop: str
) -> None:
    with guest(browser, inspected_shop, viewport=PHONE) as visitor:
        visitor.goes()
        visitor.answers("Refuse all")
        visitor.page.evaluate("scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
        link = (
            visitor.page.get_by_role("contentinfo").get_by_role("link", name="Privacy choices").bounding_box()
        )
        assert link
        visitor.page.mouse.click(link["x"] + link["width"] / 2, link["y"] + link["height"] / 2)

        assert visitor.page.get_by_role("region", name="May we remember").is_visible()


@SIZES
def test_the_inspector_stands_above_the_question_of_consent(
    browser: Browser, inspected_shop: str, size: dict[str, int]
) -> None:
    with guest(browser, inspected_shop, viewport=size) as visitor:
        visitor.goes()
        pill = visitor.page.locator(".inspector summary").bounding_box()
        banner = visitor.page.get_by_role("region", name="May we remember").bounding_box()
        assert pill
        assert banner
        assert pill["y"] > 0
        assert pill["y"] + pill["height"] <= banner["y"]

        visitor.page.locator(".inspector summary").click()

        assert visitor.page.get_by_role("radio", name="under all purposes").is_visible()


def test_names_in_the_inspector_fit_and_break_only_between_their_words(
    browser: Browser, inspected_shop: str
) -> None:
    with guest(browser, inspected_shop, viewport=PHONE) as visitor:
        visitor.goes()
        visitor.answers("Accept all")
        visitor.goes("/shelves/green")
        visitor.page.locator(".inspector summary").click()
        panel = visitor.page.locator(".inspector-panel")
        for radio in panel.get_by_role("radio").all():
            radio.check()
            assert panel.evaluate("panel => panel.scrollWidth <= panel.clientWidth")
        assert panel.locator("td").first.evaluate("td => getComputedStyle(td).overflowWrap") != "anywhere"
        assert panel.locator("td:has(wbr)").count() > 0


@SIZES
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_short_pages_reach_the_end_of_the_window(
    browser: Browser, shop: str, size: dict[str, int], scheme: str
) -> None:
    with guest(browser, shop, viewport={**size, "height": 1_600}, color_scheme=scheme) as visitor:
        visitor.goes()
        visitor.answers("Refuse all")
        for path in ("/no", "/basket", "/choices"):
            visitor.goes(path)
            foot = visitor.page.get_by_role("contentinfo").bounding_box()
            assert foot
            assert foot["y"] + foot["height"] >= 1_600


def test_what_changes_with_a_choice_is_pointed_out(browser: Browser, shop: str) -> None:
    with guest(browser, shop) as visitor:
        visitor.goes()
        before = visitor.strip
        visitor.answers("Accept all")

        assert visitor.strip != before  # wherever they are, and at whatever hour
        assert "fresh" in (visitor.page.locator("[data-slot=strip]").get_attribute("class") or "")
        assert visitor.page.locator(".fresh[data-slot=row]").count() == 0
