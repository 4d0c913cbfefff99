"""The page under axe's rules: phone and desktop, light and dark, with a purpose withdrawn and an offer opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.npm import Missing, installed, skip_or_fail
from support.source import REPOSITORY
from support.storefront import DESKTOP, PHONE, Guest, guest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from discreet.blueprint import Drawing

    from .conftest import Shown

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def axe() -> str:
    try:
        modules = installed(REPOSITORY / "tests" / "shop")
    except Missing as error:
        skip_or_fail(error)
    return (modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def faults(reader: Guest, axe: str) -> list[str]:
    """What axe finds on the page: the rule, and where."""
    reader.page.evaluate(axe)  # by the debugger: the page's own policy lets no foreign script in
    found: list[dict[str, Any]] = reader.page.evaluate(
        "async rules => (await axe.run(document, {runOnly: rules})).violations", RULES
    )
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_page_breaks_no_rule(
    browser: Browser, shown: Shown, demo: Drawing, axe: str, size: dict[str, int], scheme: str
) -> None:
    with guest(browser, shown(demo), viewport=size, color_scheme=scheme) as reader:
        reader.goes("")
        assert faults(reader, axe) == []
        reader.page.get_by_role("switch").nth(1).click()
        reader.page.locator(".card.gone .open").first.click()
        assert faults(reader, axe) == []


def test_a_crowded_page_breaks_none_either(browser: Browser, shown: Shown, large: Drawing, axe: str) -> None:
    with guest(browser, shown(large), viewport=DESKTOP) as reader:
        reader.goes("")
        assert faults(reader, axe) == []
