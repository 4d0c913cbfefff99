"""One self-contained HTML document in the blueprint's look: nothing is loaded, and no author's word is markup.

The page forbids itself, by a content security policy, to load or send anything, and to run any script but its own.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

if TYPE_CHECKING:
    from jinja2 import Environment

_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
)


DRAWN: Final = "<!-- drawn by discreet -->"  # in every form, so that no other file is drawn over


def page(title: str, body: Markup, *, language: str = "en", style: str = "", script: str = "") -> str:
    """One self-contained HTML document, light and dark, for screens and for paper.

    Args:
        title: Plain text; also what the window is called.
        body: Markup for within `<body>`; it brings its own `<main>` and `<h1>`.
        language: BCP 47; of the page's own words.
        style: CSS of ours, behind the house's own (`base.css`).
        script: JavaScript of ours. The only one that the page will run.
    Raises:
        ValueError: `style` or `script` would end its own element.
    """
    for what, text in (("style", style), ("script", script)):
        if f"</{what}" in text.lower() or "<!--" in text:
            raise ValueError(f"the {what} ends its own element")
    document = environment().get_template("document.html")
    return document.render(
        title=title,
        body=body,
        language=language,
        policy=_policy(script),
        drawn=Markup(DRAWN),  # noqa: S704 - a comment of ours
        style=Markup(asset("base.css") + style),  # noqa: S704 - files of ours
        script=Markup(script),  # noqa: S704 - a file of ours
    )


@cache
def environment() -> Environment:
    """The templates of this package, autoescaping; an unknown name is an error, not an empty text."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("discreet.blueprint"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def asset(name: str) -> str:
    """The text of a style sheet or script beside the templates."""
    from importlib.resources import files

    return (files("discreet.blueprint") / "templates" / name).read_text(encoding="utf-8")


def _policy(script: str) -> str:
    if not script:
        return _POLICY
    # The element's text begins and ends with a newline, which count.
    digest = hashlib.sha256(f"\n{script}\n".encode()).digest()
    return f"{_POLICY}; script-src 'sha256-{base64.b64encode(digest).decode()}'"
