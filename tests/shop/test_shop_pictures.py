"""Pictures of the shop, to be looked at: in the folder that DISCREET_ARTEFACTS names, or in a temporary one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.storefront import DESKTOP, PHONE, Guest, guest, shop_running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

IN_ITALY = {"CF-IPCountry": "IT"}
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("shop")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    named = os.environ.get("DISCREET_ARTEFACTS")
    found = Path(named) if named else tmp_path
    found.mkdir(parents=True, exist_ok=True)
    return found


@pytest.fixture(scope="module")
def inspected_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("inspected") / "shop.log"
    with shop_running("--inspector", "--cdn", "cloudflare", log=log) as home:
        yield home


def take(visitor: Guest, path: Path, *, whole: bool = True) -> None:
    visitor.page.evaluate("document.activeElement?.blur()")
    visitor.page.screenshot(path=path, full_page=whole)
    assert path.stat().st_size > 10_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["390", "1440"])
def test_the_shop_has_its_picture_taken(
    browser: Browser, shop: str, folder: Path, size: dict[str, int], scheme: str
) -> None:
    name = f"{size['width']}-{scheme}.png"
    with guest(browser, shop, viewport=size, color_scheme=scheme, extra_http_headers=IN_ITALY) as visitor:
        page = visitor.page
        visitor.goes()
        take(visitor, folder / f"home-asked-{name}", whole=False)
        page.get_by_role("button", name="Choose one by one").click()
        take(visitor, folder / f"home-choosing-{name}", whole=False)
        visitor.answers("Refuse all")
        take(visitor, folder / f"home-nothing-{name}")
        visitor.chooses([1, 5, 6, 8, 11])
        visitor.goes("/shelves/green")
        take(visitor, folder / f"shelf-{name}")
        visitor.goes()
        take(visitor, folder / f"home-looked-{name}")
        visitor.goes("/teas/dragon-well")
        take(visitor, folder / f"tea-{name}")
        page.get_by_role("button", name="Add to the basket").click()
        page.get_by_role("heading", name="On the counter").wait_for()
        take(visitor, folder / f"basket-{name}")
        visitor.goes()
        take(visitor, folder / f"home-basket-{name}")
        visitor.goes("/account")
        page.get_by_label("First name").fill("Ada")
        page.get_by_label("Green", exact=True).check()
        page.get_by_role("button", name="Remember this").click()
        page.get_by_role("heading", name="Hello, Ada").wait_for()
        take(visitor, folder / f"account-{name}")
        visitor.goes("/story")
        take(visitor, folder / f"story-{name}")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["390", "1440"])
def test_the_inspector_has_its_picture_taken(
    browser: Browser, inspected_shop: str, folder: Path, size: dict[str, int]
) -> None:
    with guest(browser, inspected_shop, viewport=size, extra_http_headers=IN_ITALY) as visitor:
        visitor.goes()
        visitor.answers("Accept all")
        visitor.goes("/shelves/green")
        visitor.goes()
        visitor.page.locator(".inspector summary").click()
        visitor.page.get_by_role("radio", name="under no purposes").check()

        take(visitor, folder / f"inspector-{size['width']}.png", whole=False)
