"""The shop in a browser: what shows under which consent, what is kept, and what goes when consent goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.storefront import CONSENT, GREETED, PROFILE, WELCOME, guest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.xdist_group("shop")
IN_ITALY = {"CF-IPCountry": "IT"}
ITALY = "Free delivery across Italy from 30 euros."
EVERYBODY = "Eleven gardens, one counter. Posted the day it is packed."
LINGERED = "You lingered over the greens"


def test_who_chooses_nothing_sees_what_everybody_sees_and_gets_no_cookie(browser: Browser, shop: str) -> None:
    with guest(browser, shop, extra_http_headers=IN_ITALY) as visitor:
        for path in ("/", "/shelves/green", "/teas/dragon-well", "/story", "/account", "/basket", "/"):
            visitor.goes(path)

        assert (visitor.headline, visitor.strip) == (WELCOME, EVERYBODY)
        assert visitor.cookies_set == []
        assert visitor.context.cookies() == []
        assert visitor.page.get_by_role("region", name="May we remember").is_visible()


def test_who_refuses_is_remembered_only_as_that(browser: Browser, shop: str) -> None:
    with guest(browser, shop, extra_http_headers=IN_ITALY) as visitor:
        visitor.goes()
        visitor.answers("Refuse all")
        visitor.goes("/shelves/green")
        visitor.goes()

        assert (visitor.headline, visitor.strip) == (WELCOME, EVERYBODY)
        assert [each.get("name") for each in visitor.context.cookies()] == [CONSENT]
        assert visitor.cookies_set == []
        assert not visitor.page.get_by_role("region", name="May we remember").is_visible()


def test_who_accepts_all_gets_what_fits_as_the_journey_goes_on(browser: Browser, shop: str) -> None:
    with guest(browser, shop, extra_http_headers=IN_ITALY) as visitor:
        page = visitor.page
        visitor.goes()
        visitor.answers("Accept all")
        assert visitor.strip == ITALY  # at once, without a new page

        visitor.goes("/shelves/green")
        visitor.goes()
        assert visitor.headline == LINGERED

        visitor.goes("/teas/dragon-well")
        page.get_by_role("button", name="Add to the basket").click()
        visitor.goes()
        assert visitor.headline == "Your tea is waiting on the counter"

        for order in (1, 2, 3):
            visitor.goes("/teas/keemun-ember")
            page.get_by_role("button", name="Add to the basket").click()
            page.get_by_role("button", name="Place the order").click()
            page.get_by_role("heading", name="Thank you").wait_for()
            visitor.goes()
            assert visitor.strip == (
                "The Circle: 3 orders, and the next parcel is on us."
                if order == 3
                else "Your next order travels free. You need no code: we remember."
            )
        assert visitor.headline == "Forty tins of Amber Cliff, friend"


def test_what_a_visitor_tells_is_used_and_escaped(browser: Browser, shop: str) -> None:
    with guest(browser, shop) as visitor:
        page = visitor.page
        visitor.goes("/account")
        assert page.get_by_role("heading", name="Nothing can be remembered").is_visible()
        visitor.answers("Accept all")
        page.get_by_label("First name").fill("<b>Ada</b>")
        page.get_by_label("Green", exact=True).check()
        page.get_by_role("button", name="Remember this").click()
        page.get_by_role("heading", name="Hello, <b>Ada</b>").wait_for()
        visitor.goes()

        assert visitor.headline == "Shade-grown, for <b>Ada</b>"
        assert visitor.errors == []


def test_a_choice_shows_where_pages_may_move(browser: Browser, shop: str) -> None:
    with guest(browser, shop, reduced_motion="no-preference", extra_http_headers=IN_ITALY) as visitor:
        visitor.goes()
        visitor.answers("Accept all")
        assert visitor.strip == ITALY
        visitor.chooses([])

        assert visitor.strip == EVERYBODY
        assert visitor.errors == []


def test_storage_and_limited_data_alone_keep_a_basket_and_make_no_profile(
    browser: Browser, shop: str
) -> None:
    with guest(browser, shop, extra_http_headers=IN_ITALY) as visitor:
        visitor.goes()
        visitor.chooses([1, 11])
        visitor.goes("/shelves/green")
        visitor.goes("/teas/dragon-well")
        visitor.page.get_by_role("button", name="Add to the basket").click()
        visitor.goes("/basket")
        assert visitor.page.get_by_role("heading", name="Dragon Well").is_visible()
        visitor.goes()

        assert visitor.strip == ITALY
        assert visitor.headline not in {LINGERED, GREETED, "Your tea is waiting on the counter"}
        visitor.goes("/account")
        assert visitor.page.locator(".known dt").all_inner_texts() == ["In the basket"]


def test_without_storage_the_basket_is_in_the_address(browser: Browser, shop: str) -> None:
    with guest(browser, shop) as visitor:
        visitor.goes("/teas/dragon-well")
        visitor.answers("Refuse all")
        visitor.page.get_by_role("button", name="Add to the basket").click()
        visitor.page.get_by_role("heading", name="On the counter").wait_for()

        assert visitor.page.url == f"{shop}/basket?tea=dragon-well"
        assert visitor.cookie(PROFILE) is None


def test_withdrawal_takes_the_offer_and_the_cookie_at_once(browser: Browser, shop: str) -> None:
    with guest(browser, shop, extra_http_headers=IN_ITALY) as visitor:
        visitor.goes()
        visitor.answers("Accept all")
        visitor.goes("/shelves/green")
        visitor.goes()
        assert visitor.headline == LINGERED
        assert visitor.cookie(PROFILE)
        kept_before = visitor.cookie(PROFILE)

        visitor.chooses([])

        assert (visitor.headline, visitor.strip) == (WELCOME, EVERYBODY)  # no page was loaded in between
        assert visitor.cookie(PROFILE) is None
        assert any(each.startswith("__Host-kettle=;") and "Max-Age=0" in each for each in visitor.cookies_set)
        visitor.chooses([1, 5, 6, 8, 11])
        assert visitor.headline != LINGERED  # what was known is gone for good
        assert visitor.cookie(PROFILE) != kept_before


def test_withdrawing_the_profile_alone_leaves_the_basket(browser: Browser, shop: str) -> None:
    with guest(browser, shop) as visitor:
        visitor.goes()
        visitor.answers("Accept all")
        visitor.goes("/shelves/green")
        visitor.goes("/teas/dragon-well")
        visitor.page.get_by_role("button", name="Add to the basket").click()
        visitor.goes()
        visitor.chooses([1, 11])

        assert visitor.headline != "Your tea is waiting on the counter"
        visitor.goes("/account")
        assert visitor.page.locator(".known dt").all_inner_texts() == ["In the basket"]


def test_a_browser_that_objects_is_heeded_where_no_one_asked(browser: Browser, shop: str) -> None:
    """In a US state whose law is not known, everything is granted by default; Sec-GPC ends the use of a profile."""
    america = {"CF-IPCountry": "US"}
    with guest(browser, shop, extra_http_headers=america) as visitor:
        visitor.goes()
        for path in ("/shelves/green", "/"):
            visitor.page.evaluate(
                "viewed => fetch('/visits', {method: 'POST', body: JSON.stringify({viewed})})", "green"
            )
            visitor.goes(path)
        assert visitor.headline == LINGERED

        visitor.context.set_extra_http_headers({**america, "Sec-GPC": "1"})
        visitor.goes()

        assert visitor.headline not in {LINGERED, GREETED}


def test_refusing_all_is_heeded_in_america_too(browser: Browser, shop: str) -> None:
    with guest(browser, shop, extra_http_headers={"CF-IPCountry": "US", "CF-Region-Code": "CA"}) as visitor:
        visitor.goes()
        visitor.page.evaluate("() => fetch('/visits', {method: 'POST', body: '{\"viewed\": \"green\"}'})")
        visitor.goes()
        assert visitor.headline == LINGERED

        visitor.answers("Refuse all")

        assert visitor.headline == WELCOME
        assert visitor.cookie(PROFILE) is None


def test_nothing_leaves_the_house_and_nothing_complains(browser: Browser, shop: str) -> None:
    with guest(browser, shop) as visitor:
        visitor.goes()
        visitor.answers("Accept all")
        for path in ("/", "/shelves/herbal", "/teas/milk-peak", "/story", "/account", "/basket", "/choices"):
            visitor.goes(path)

        assert len(visitor.asked) > 20
        assert visitor.foreign == []
        assert visitor.errors == []


def test_the_banner_comes_first_by_keyboard_and_gives_the_focus_back(browser: Browser, shop: str) -> None:
    with guest(browser, shop) as visitor:
        page, keyboard = visitor.page, visitor.page.keyboard
        focused = "document.activeElement.textContent.trim()"
        visitor.goes()
        order: list[str] = []
        for _ in range(4):
            keyboard.press("Tab")
            order.append(page.evaluate(focused))
        assert order == ["Skip to the content", "Refuse all", "Accept all", "Choose one by one"]

        keyboard.press("Enter")
        keyboard.press("Shift+Tab")
        keyboard.press("Shift+Tab")
        keyboard.press("Shift+Tab")
        keyboard.press("Space")
        assert page.get_by_role("checkbox", name="Count which offers are of use").is_checked()
        for _ in range(3):
            keyboard.press("Tab")
        assert page.evaluate(focused) == "Save my choice"
        keyboard.press("Enter")
        page.get_by_role("status").filter(has_text="Saved.").wait_for(state="attached")
        assert page.evaluate("document.activeElement.id") == "content"

        page.get_by_role("contentinfo").get_by_role("link", name="Privacy choices").press("Enter")
        assert page.get_by_role("checkbox", name="Count which offers are of use").is_checked()
        keyboard.press("Escape")
        assert page.evaluate(focused) == "Privacy choices"


def test_refusing_is_as_easy_as_accepting(browser: Browser, shop: str) -> None:
    look = """name => {
        const button = [...document.querySelectorAll('#consent button')].find(each => each.textContent === name);
        const style = getComputedStyle(button), box = button.getBoundingClientRect();
        return [style.backgroundColor, style.color, style.borderColor, style.fontWeight, style.fontSize,
                Math.round(box.height), Math.round(box.width)];
    }"""
    for width in (390, 1440):
        with guest(browser, shop, viewport={"width": width, "height": 844}) as visitor:
            visitor.goes()

            assert visitor.page.evaluate(look, "Refuse all") == visitor.page.evaluate(look, "Accept all")


def test_the_page_says_what_it_is_without_eyes(browser: Browser, shop: str) -> None:
    with guest(browser, shop) as visitor:
        visitor.goes()
        said = visitor.page.locator("body").aria_snapshot()

    wanted = (
        'region "May we remember how you take your tea?"',
        'button "Refuse all"',
        'button "Accept all"',
        'complementary "News of the house"',
        "banner",
        'navigation "Shelves"',
        'navigation "Yours"',
        "main",
        f'heading "{WELCOME}" [level=1]',
        'heading "Four shelves" [level=2]',
        'heading "The house shelf" [level=2]',
        "contentinfo",
    )
    places = [said.find(each) for each in wanted]
    assert -1 not in places, [each for each, at in zip(wanted, places, strict=True) if at < 0]
    assert places == sorted(places)
    assert "img" not in said  # every drawing is an ornament


def test_without_scripts_the_choice_is_a_form(browser: Browser, shop: str) -> None:
    with guest(browser, shop, java_script_enabled=False, extra_http_headers=IN_ITALY) as visitor:
        page = visitor.page
        visitor.goes()
        assert not page.get_by_role("region", name="May we remember").is_visible()
        page.get_by_role("link", name="Privacy choices").click()
        page.get_by_role("main").get_by_role("button", name="Accept all").click()
        assert all(each.is_checked() for each in page.get_by_role("main").get_by_role("checkbox").all())
        visitor.goes("/teas/dragon-well")
        page.get_by_role("button", name="Add to the basket").click()
        visitor.goes()
        assert visitor.headline == "Your tea is waiting on the counter"

        visitor.goes("/choices")
        page.get_by_role("main").get_by_role("button", name="Refuse all").click()

        assert visitor.cookie(PROFILE) is None
        visitor.goes()
        assert (visitor.headline, visitor.strip) == (WELCOME, EVERYBODY)


def test_other_scripts_are_told_of_the_choice(browser: Browser, shop: str) -> None:
    with guest(browser, shop) as visitor:
        page = visitor.page
        visitor.goes()
        page.evaluate(
            "window.heard = []; __tcfapi('addEventListener', 2, (data, done) => heard.push([data.eventStatus,"
            " data.tcString, data.publisher.consents[6] === true, done]))"
        )
        visitor.answers("Accept all")
        heard = page.evaluate("heard")

        assert heard == [
            ["cmpuishown", "", False, True],
            ["useractioncomplete", visitor.cookie(CONSENT), True, True],
        ]
        assert page.evaluate("new Promise(done => __tcfapi('steal', 2, (_, ok) => done(ok)))") is False
