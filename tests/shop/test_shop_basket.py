"""The basket: in the sealed cookie of who lets the shop keep one, in the address of everybody else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from discreet.visitors import Sealer
from examples.shop.app import create_shop, visitors_of
from examples.shop.choices import ASKED
from examples.shop.publishing import built_here
from examples.shop.tc_string import encode
from support.storefront import CONSENT, PROFILE, Guest, InProcess, guest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

EVERYTHING = tuple(each.number for each in ASKED)
BOTH = ["Sencha Asanoha", "Dragon Well"]  # in the order of the shelf
pytestmark = pytest.mark.xdist_group("shop")


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    visitors = visitors_of(Sealer([bytes(32)], use="profile-cookie"), cdn=None, region=None)
    shop = create_shop(built_here(), visitors)
    with httpx.Client(
        transport=InProcess(shop), base_url="https://shop.example", follow_redirects=True
    ) as found:
        yield found


def consents(client: httpx.Client, *purposes: int) -> None:
    client.cookies.set(CONSENT, encode(purposes, now_s=time.time()), domain="shop.example")


def clicks(visitor: Guest, link: str) -> None:
    visitor.page.get_by_role("link", name=link).first.click()
    visitor.page.wait_for_load_state()


def adds(visitor: Guest) -> None:
    visitor.page.get_by_role("button", name="Add to the basket").click()
    visitor.page.get_by_role("heading", name="On the counter").wait_for()


def lines(visitor: Guest) -> list[str]:
    return visitor.page.locator(".bill h2").all_inner_texts()


def carried(visitor: Guest) -> list[str]:
    return parse_qs(urlsplit(visitor.page.url).query).get("tea", [])


def takes_two(visitor: Guest) -> None:
    """Put Dragon Well and Sencha into the basket, by links and buttons alone."""
    visitor.goes("/teas/dragon-well")
    adds(visitor)
    clicks(visitor, "Keep looking")
    clicks(visitor, "Sencha Asanoha")
    adds(visitor)


@pytest.mark.parametrize("has_scripts", [True, False], ids=["with scripts", "without"])
def test_who_refuses_storage_can_buy_several_teas(browser: Browser, shop: str, has_scripts: bool) -> None:
    with guest(browser, shop, java_script_enabled=has_scripts) as visitor:
        visitor.goes()
        if has_scripts:
            visitor.answers("Refuse all")
        takes_two(visitor)
        assert lines(visitor) == BOTH

        for link in ("Herbal", "Story", "Fern&Kettle", "Privacy choices" if not has_scripts else "Black"):
            clicks(visitor, link)
            assert carried(visitor) == ["sencha-asanoha", "dragon-well"]
        clicks(visitor, "Basket")

        assert lines(visitor) == BOTH
        assert visitor.page.locator("[data-count]").inner_text() == "2"
        assert visitor.cookie(PROFILE) is None


def test_an_offer_s_link_keeps_the_basket_too(browser: Browser, shop: str) -> None:
    with guest(browser, shop) as visitor:
        visitor.goes("/?tea=dragon-well")
        visitor.answers("Refuse all")  # and so does one that came anew
        visitor.page.locator("[data-slot=hero] a").click()
        visitor.page.wait_for_load_state()

        assert visitor.page.url == f"{shop}/shelves/green?tea=dragon-well"


@pytest.mark.parametrize("answer", ["Accept all", "Refuse all"])
def test_a_tin_can_be_taken_out(browser: Browser, shop: str, answer: str) -> None:
    with guest(browser, shop) as visitor:
        visitor.goes()
        visitor.answers(answer)
        takes_two(visitor)
        visitor.page.get_by_role("button", name="Take out Dragon Well").click()
        visitor.page.get_by_role("heading", name="Dragon Well").wait_for(state="detached")
        assert lines(visitor) == ["Sencha Asanoha"]

        visitor.page.get_by_role("button", name="Take out Sencha Asanoha").click()
        visitor.page.get_by_role("heading", name="Nothing on the counter").wait_for()

        assert not visitor.page.locator("[data-count]").is_visible()


def test_the_number_of_kept_tins_stands_on_every_page(browser: Browser, shop: str) -> None:
    with guest(browser, shop) as visitor:
        visitor.goes()
        visitor.answers("Accept all")
        takes_two(visitor)
        for path in ("/", "/story", "/basket", "/account"):
            visitor.goes(path)
            assert (path, visitor.page.locator("[data-count]").inner_text()) == (path, "2")

        visitor.chooses([])

        assert not visitor.page.locator("[data-count]").is_visible()


def test_a_basket_in_the_address_moves_into_the_note_once_there_may_be_one(client: httpx.Client) -> None:
    consents(client, *EVERYTHING)
    answer = client.post("/basket?tea=dragon-well", content="tea=sencha-asanoha")

    assert answer.url.path + answer.url.query.decode() == "/basket"
    assert all(each in client.get("/basket").text for each in BOTH)


def test_a_page_that_carries_a_basket_is_kept_by_no_cache(client: httpx.Client) -> None:
    in_parts = {"Surrogate-Capability": 'here="ESI/1.0"'}
    for path in ("/story", "/", "/shelves/green"):
        headers = client.get(path + "?tea=dragon-well", headers=in_parts).headers

        assert headers["cache-control"] == "private, no-store"
        assert "surrogate-control" not in headers or "no-store" in headers["surrogate-control"]


def test_what_is_no_tea_is_carried_nowhere(client: httpx.Client) -> None:
    text = client.get('/story?tea=coffee&tea=%22><script>&tea=dragon-well&utm_campaign=x"y').text

    assert 'href="/shelves/green?tea=dragon-well"' in text
    assert "coffee" not in text
    assert "<script>" not in text
    assert 'href="/static/shop.css"' in text


def test_an_order_empties_the_basket_wherever_it_was(client: httpx.Client) -> None:
    for purposes in ((), EVERYTHING):
        consents(client, *purposes)
        client.post("/basket", content="tea=dragon-well")
        answer = client.post("/orders?tea=dragon-well", content="tea=dragon-well")

        assert str(answer.url) == "https://shop.example/thanks"
        assert "Nothing on the counter" in client.get("/basket").text


def test_what_was_just_bought_is_not_shown_again(client: httpx.Client) -> None:
    consents(client, *EVERYTHING)
    for _ in range(2):
        client.post("/visits", content='{"viewed": "green"}')
    assert "Dragon Well" in client.get("/").text

    client.post("/basket", content="tea=dragon-well")
    client.post("/orders", content="tea=dragon-well")

    assert "Dragon Well" not in client.get("/").text
