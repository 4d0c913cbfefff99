"""Pictures and posters, to be looked at: in the folder that DISCREET_ARTEFACTS names, or in a temporary one."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from discreet.blueprint import as_svg
from support.storefront import DESKTOP, PHONE, guest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from discreet.blueprint import Drawing

    from .conftest import Shown

pytestmark = pytest.mark.slow
A3 = re.compile(rb"/MediaBox \[0 0 (\S+) (\S+)\]")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    named = os.environ.get("DISCREET_ARTEFACTS")
    found = Path(named) if named else tmp_path
    found.mkdir(parents=True, exist_ok=True)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["390", "1440"])
@pytest.mark.parametrize("which", ["demo", "large"])
def test_the_page_has_its_picture_taken(
    browser: Browser,
    shown: Shown,
    folder: Path,
    request: pytest.FixtureRequest,
    which: str,
    size: dict[str, int],
    scheme: str,
) -> None:
    name = f"blueprint-{which}-{size['width']}-{scheme}"
    address = shown(request.getfixturevalue(which))
    with guest(browser, address, viewport=size, color_scheme=scheme) as reader:
        reader.goes("")
        reader.page.screenshot(path=folder / f"{name}-top.png")
        reader.page.get_by_role("switch", name="Content by limited data").click()
        reader.page.locator("#journey-head").scroll_into_view_if_needed()
        reader.page.locator("#boards").screenshot(path=folder / f"{name}-withdrawn.png")
        reader.page.locator("#boards .card .open").nth(2).click()
        reader.page.screenshot(path=folder / f"{name}-opened.png")
        reader.page.keyboard.press("Escape")
        reader.page.locator("#data-head").scroll_into_view_if_needed()
        reader.page.locator("section[aria-labelledby=data-head]").screenshot(path=folder / f"{name}-data.png")
    assert all(each.stat().st_size > 10_000 for each in folder.glob(f"{name}-*.png"))


@pytest.mark.parametrize("which", ["demo", "large"])
def test_the_poster_is_a3_in_landscape_with_every_offer_and_note(
    browser: Browser, shown: Shown, folder: Path, request: pytest.FixtureRequest, which: str
) -> None:
    drawing: Drawing = request.getfixturevalue(which)
    with guest(browser, shown(drawing), viewport=PHONE) as reader:
        reader.goes("")
        path = folder / f"blueprint-{which}.pdf"
        pdf = reader.page.pdf(path=path, prefer_css_page_size=True, print_background=True)
        page = reader.page
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        notes = page.locator(".notes li").count()
        tables = page.locator("table.board").count()

    sizes = {(round(float(wide)), round(float(high))) for wide, high in A3.findall(pdf)}
    assert sizes == {(1191, 842)}  # points
    assert notes == sum(len(model.offers) for model in drawing.models)
    assert tables == 1


@pytest.mark.parametrize("which", ["demo", "large"])
def test_the_svg_opens_in_a_browser(
    browser: Browser, folder: Path, request: pytest.FixtureRequest, which: str
) -> None:
    path = folder / f"blueprint-{which}.svg"
    path.write_text(as_svg(request.getfixturevalue(which)), encoding="utf-8")
    with guest(browser, path.as_uri(), viewport={"width": 1920, "height": 1080}) as reader:
        reader.goes("")
        reader.page.screenshot(path=path.with_suffix(".svg.png"))
        right = "each => each.getBBox().x + each.getBBox().width"
        overflowing = reader.page.evaluate(
            f"[...document.querySelectorAll('text')].filter(each => ({right})(each) > 1920).length"
        )

        assert reader.errors == []
        assert overflowing == 0
