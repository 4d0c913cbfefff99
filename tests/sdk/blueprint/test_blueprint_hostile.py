"""An author's words stay words: in HTML, in SVG, in Markdown and in its diagram, in any script and direction."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from discreet.blueprint import as_html, as_markdown, as_svg, draw
from discreet.blueprint.pages import DRAWN, page
from discreet.model import models_from_dicts
from support.storefront import guest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.sync_api import Browser, Dialog

    from discreet.blueprint import Drawing

HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(2)> \"'`&amp; <!-- ]]> | *b* [x](http://x) #59; "
    "\u202eevil\u2028"
)
ARABIC = "\u0627\u0644\u0632\u0627\u0626\u0631 \u064a\u062d\u0628 \u0627\u0644\u0634\u0627\u064a"
MODEL: dict[str, Any] = {
    "model": "hostile", "channel": "web", "owner": HOSTILE,
    "attributes": {"a": {"type": "string", "provenance": "declared", "purposes": ["personalize.content.profiled"]}},
    "conditions": {
        "bad": {"says": HOSTILE, "when": 'a == "</script><b>&\\"{"', "note": HOSTILE, "owner": HOSTILE},
        "tea": {"says": ARABIC, "when": 'a == "\u0634\u0627\u064a"'},
    },
    "stages": [{"id": "first", "says": HOSTILE}, {"id": "second", "when": "bad", "says": ARABIC}],
    "placements": {"slot": {"fallback": "plain", "says": HOSTILE, "shows": ["title", HOSTILE]}},
    "offers": [
        {"id": "plain", "content": {"title": HOSTILE.replace("{", "{{")}},
        {"id": "it", "placements": ["slot"], "when": ["bad", "tea"], "says": HOSTILE, "owner": HOSTILE,
         "content": {"title": HOSTILE + "{a|</script>}", HOSTILE: [HOSTILE, {HOSTILE: 1}]}},
        {"id": "tea", "placements": ["slot"], "when": "not tea", "content": {"title": ARABIC}},
    ],
}  # fmt: skip
_LABEL = r'"(?:[^"<>#&`|\\]|<b>|</b>|<br/>|#\d+;)+"'
MERMAID = re.compile(
    r"flowchart LR\n"
    rf"(?:  subgraph s\d+\[{_LABEL}\]\n    direction TB\n(?:    s\d+m\d+p\d+\[{_LABEL}\]\n)+  end\n)+"
    rf"(?:  s\d+ -->\|{_LABEL}\| s\d+\n)*"
)


@pytest.fixture(scope="module")
def hostile() -> Drawing:
    return draw(models_from_dicts([MODEL]), now_ms=0.0, title=HOSTILE)


def diagrams(markdown: str) -> list[str]:
    return re.findall(r"^```mermaid\n(.*?)^```$", markdown, re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_in_a_browser_they_are_shown_and_never_run(
    browser: Browser, hostile: Drawing, tmp_path: Path
) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(as_html(hostile), encoding="utf-8")
    alerts: list[str] = []

    def heard(dialog: Dialog) -> None:
        alerts.append(dialog.message)
        dialog.dismiss()

    with guest(browser, path.as_uri()) as reader:
        reader.page.on("dialog", heard)
        reader.goes("")
        reader.page.locator(".card .open").first.click()
        assert (
            reader.page.get_by_role("dialog")
            .get_by_role("heading", level=2)
            .inner_text()
            .startswith("</script>")
        )
        assert reader.page.locator("script").count() == 3
        assert reader.page.locator("img, iframe, object, link").count() == 0
        assert (reader.errors, alerts, reader.asked) == ([], [], [path.as_uri()])


@pytest.mark.slow
def test_each_runs_in_its_own_direction(browser: Browser, hostile: Drawing, tmp_path: Path) -> None:
    path = tmp_path / "arabic.html"
    path.write_text(as_html(hostile), encoding="utf-8")
    with guest(browser, path.as_uri()) as reader:
        reader.goes("")
        direction = "each => getComputedStyle(each).direction"
        said = reader.page.locator(".asks .said").filter(has_text=ARABIC).first
        title = reader.page.locator(".card .open bdi").filter(has_text=ARABIC).first
        other = reader.page.locator(".card .open bdi").first

        assert [each.evaluate(direction) for each in (said, title, other)] == ["rtl", "rtl", "ltr"]


def test_the_svg_is_well_formed_and_has_shapes_and_texts_only(hostile: Drawing) -> None:
    root = ElementTree.fromstring(as_svg(hostile))  # noqa: S314 - we wrote it
    names = {each.tag.rpartition("}")[2] for each in root.iter()}
    texts = [each.text or "" for each in root.iter() if each.tag.endswith("text")]

    assert names == {"svg", "title", "rect", "path", "circle", "text"}
    assert any(text.startswith("</script>") for text in texts)
    assert not any("\u202e" in text for text in texts)
    rtl = [each for each in root.iter() if each.get("direction") == "rtl"]
    assert rtl
    assert all(re.search("[\u0600-\u06ff]", each.text or "") for each in rtl)


def test_markdown_has_no_markup_of_theirs(hostile: Drawing) -> None:
    text = as_markdown(hostile).removesuffix(f"{DRAWN}\n")
    outside = re.sub(r"^```mermaid\n.*?^```$|`[^`\n]*`", "", text, flags=re.MULTILINE | re.DOTALL)
    markup = re.findall(r"(?<!\\)(?:<(?!br>|/?span>)|\[|`|&)", outside)

    assert markup == []
    assert "\u202e" not in text
    assert "\u2028" not in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(row.endswith("|") for row in rows)


@pytest.mark.parametrize("which", ["hostile", "demo", "large"])
def test_the_diagram_is_mermaid(request: pytest.FixtureRequest, which: str) -> None:
    (diagram,) = diagrams(as_markdown(request.getfixturevalue(which)))

    assert MERMAID.fullmatch(diagram)
    assert len(diagram) < 50_000  # what Mermaid draws at most


def test_a_page_takes_no_style_and_no_script_that_ends_its_element() -> None:
    for how in _ENDING:
        with pytest.raises(ValueError, match="ends its own element"):
            page("title", Markup("<main></main>"), **how)


_ENDING: tuple[Mapping[str, str], ...] = (
    {"script": "'</script>'"},
    {"style": "</STYLE >"},
    {"script": "x <!--y"},
)
