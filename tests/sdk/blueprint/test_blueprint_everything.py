"""Models that use every word of the format: the page, the picture and the text tell of each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from discreet.blueprint import Drawing, as_html, as_markdown, as_svg, draw
from discreet.model import models_from_dicts
from support.storefront import DESKTOP, PHONE, guest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.sync_api import Browser

NOW_MS = 1_782_864_000_000.0  # 2026-07-01
P, L = "personalize.content.profiled", "personalize.content.limited"
ATTRIBUTES: dict[str, Any] = {
    "age": {
        "type": "number",
        "provenance": "declared",
        "purposes": [P],
        "retention": "90m",
        "range": [0, 120],
    },
    "band": {"coarsens": "age", "by": {"bands": [0, 18, 65]}, "purposes": [L]},
    "address": {
        "type": "string",
        "provenance": "contextual",
        "purposes": [L],
        "category": "user.device.ip_address",
    },
    "net": {"coarsens": "address", "by": {"network": True}, "purposes": ["essential.service.security"]},
    "ill": {"type": "boolean", "provenance": "declared", "purposes": [P], "sensitive": "health"},
    "bought": {"type": "strings", "provenance": "third_party", "purposes": [P], "retention": "1d"},
    "seen": {"type": "datetime", "provenance": "first_party", "purposes": [P]},
}


def document(channel: str, **same: Any) -> dict[str, Any]:
    return {
        "model": f"all-{channel}", "channel": channel, "owner": "Ida", "attributes": ATTRIBUTES,
        "conditions": {"grown": {"says": "Is grown up", "when": "band >= 18", "owner": "Nils"}},
        "segments": {"old": {"says": "Is old", "when": "grown and age > 65", "basis": "inductive", "note": "a survey"}},
        "stages": [{"id": "first"}, {"id": "second", "when": {"any": ["old", {"all": ["ill", "not grown"]}]}}],
        "placements": {
            f"{channel}.slot": {"fallback": "plain", "says": "The large one", "shows": ["title"], "purposes": [P, L]},
        },
        "offers": [
            {"id": "plain", "content": {"title": "Hello"}},
            {"id": "same", "placements": [f"{channel}.slot"], "content": {"title": "Same", "n": 1}, **same},
            {"id": "lost", "placements": [f"{channel}.slot"], "when": "unknown(ill)", "waive": "withdrawal",
             "content": {"text": "Age {age|}"}, "valid": {"until": "2026-06-01"}, "exclusive": "one-of"},
            {"id": "soon", "placements": [f"{channel}.slot"], "content": {"list": [1, {"a": None}]}, "owner": "Ada",
             "valid": {"from": "2026-09-01"}, "promises": ["mail" if channel == "web" else "web"]},
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def everything() -> Drawing:
    same = {
        "when": "old",
        "priority": 3,
        "valid": {"from": "2026-01-01", "until": "2026-12-01"},
        "stages": ["second"],
    }
    return draw(models_from_dicts([document("web"), document("mail", **same)]), now_ms=NOW_MS)


TOLD: Mapping[str, tuple[str, ...]] = {
    "data": (
        "from 0 to 120",
        "in bands from 0, 18, 65",
        "its network",
        "90 minutes",
        "nothing uses it",
        "never known",
    ),
    "decisions": ("waive withdrawal", "has no basis", "a survey", "Nils", "Ada", "Ida"),
    "design": ("lacks", "age \u2192 nothing", "missing", "What the pages need"),
    "distribution": ("one-of", "through May 31, 2026", "from Sep 1, 2026", "(over)", f"{P}, {L}", "mail"),
    "sides": (
        "conditions",
        "Jan 1 \u2013 Nov 30, 2026",
        "always",
        "priority",
        "3 offers stand in several models",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_page_tells_of_each(
    browser: Browser, everything: Drawing, tmp_path: Path, size: dict[str, int]
) -> None:
    path = tmp_path / "everything.html"
    path.write_text(as_html(everything), encoding="utf-8")
    with guest(browser, path.as_uri(), viewport=size) as reader:
        reader.goes("")
        for name, words in TOLD.items():
            text = reader.page.locator(f"#{name}").text_content() or ""
            assert [each for each in words if each not in text] == [], name
        for key in ("0.1", "0.2", "0.3", "1.1", "1.0"):
            reader.page.locator(f"[data-offer='{key}'] .open").first.click()
            reader.page.keyboard.press("ArrowRight")
            reader.page.keyboard.press("Escape")
        card = reader.page.locator("[data-offer='0.2'].card").first
        assert "waives withdrawal" in card.inner_text()
        assert "ended" in card.inner_text()
        assert reader.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert reader.errors == []


@pytest.mark.slow
def test_what_could_not_be_decided_never_fades_and_says_so(
    browser: Browser, everything: Drawing, tmp_path: Path
) -> None:
    web, *others = everything.models
    offers = tuple(
        replace(each, leasts=dict.fromkeys(each.leasts), cells=dict.fromkeys(each.cells))
        for each in web.offers
    )
    stages = tuple(replace(each, leasts=None) for each in web.stages)
    doubtful = replace(everything, models=(replace(web, offers=offers, stages=stages), *others))
    path = tmp_path / "doubtful.html"
    path.write_text(as_html(doubtful), encoding="utf-8")
    with guest(browser, path.as_uri()) as reader:
        reader.goes("")
        for switch in reader.page.get_by_role("switch").all():
            if switch.get_attribute("aria-checked") == "true":
                switch.click()
        reader.page.locator("[data-offer='0.1'] .open").first.click()
        assert "could not be decided" in reader.page.get_by_role("dialog").inner_text()
        assert reader.page.locator("[data-offer^='0.'].gone").count() == 0
        assert reader.page.locator("[data-offer^='1.'].gone").count() > 0
        assert reader.errors == []


def test_text_and_picture_tell_of_it_too(everything: Drawing) -> None:
    text, picture = as_markdown(everything), as_svg(everything)

    for each in (
        "from 0 to 120",
        "waives withdrawal",
        "through 2026-05-31",
        "one-of",
        "a survey",
        "Nils",
        "nothing uses it",
    ):
        assert each in text
    assert "waives withdrawal" in picture
    assert "through 2026-05-31" in picture
