"""Fragments: the offer of one placement as an answer of its own, which a cache in front puts into a shared page (ESI).

The page around then depends on nobody and stays in the cache; only the fragment is asked for anew. A fragment is
rendered by the same template, from the same few names, as the offer would be within the page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from ..errors import DiscreetError, UnknownPlacement
from .caching import shared

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jinja2 import Environment, Template

    from .page import Page

UNESCAPED: Final = "escapes nothing, and tokens of offers hold what visitors wrote: set `autoescape`"
SURROGATES: Final = ("capable", "always", "never")
_TYPE = (b"content-type", b"text/html; charset=utf-8")
_GUARDS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-robots-tag", b"noindex"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_CAPABLE = re.compile(rb'=\s*"[^"]*\bESI/1\.0\b')


@dataclass(frozen=True, slots=True)
class Answer:
    """What a fragment's address answers; the middleware still judges its headers like those of any page."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes = field(repr=False)


class Esi:
    """How the cache in front of one page puts fragments into it.

    Attributes:
        path: Below it are the fragments.
        is_on: Whether this response may leave them to the cache.
        was_asked: Whether a template left the choice to this; the page then varies by what the cache says it can do.
        was_used: Whether the page has a tag for the cache.
    """

    __slots__ = ("is_on", "path", "was_asked", "was_used")

    def __init__(self, path: str, *, is_on: bool) -> None:
        self.path = path
        self.is_on = is_on
        self.was_asked = self.was_used = False

    def tag(self, placement: str) -> str | None:
        """What the cache replaces by the fragment; None: render it within the page."""
        self.was_asked = True
        if not self.is_on:
            return None
        self.was_used = True
        return f'<esi:include src="{escape(self.path)}/{escape(placement)}"/>'

    def start(self) -> bool:
        """Say that the response is on its way; whether the page has a tag for the cache.

        If it has none, the cache is not told to look for any: what comes later is rendered within the page.
        """
        self.is_on = self.is_on and self.was_used
        return self.was_used


class Fragments:
    """Where a site's fragments are, and who puts them into pages.

    Args:
        environment: The Jinja2 environment that has the offers' templates.
        path: Fragments are `path/PLACEMENT`. No other address of the site may begin so.
        surrogate: `capable`: a cache that says it can (`Surrogate-Capability: ...="ESI/1.0"`) puts them in; `always`:
            whoever asks; `never`: nobody, fragments are rendered within the page.
        max_age_s: How long caches may keep a fragment that depends on nobody.
    Raises:
        DiscreetError: the path or the surrogate is none.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        path: str = "/_offers",
        surrogate: str = "capable",
        max_age_s: int = 60,
    ) -> None:
        if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path):
            raise DiscreetError(
                "the path of fragments begins with `/` and has plain parts, such as `/_offers`"
            )
        if surrogate not in SURROGATES:
            raise DiscreetError(f"`surrogate` is one of {', '.join(SURROGATES)}")
        self.environment = environment
        self.path = path
        self.surrogate = surrogate
        self.max_age_s = max_age_s

    def esi(self, capabilities: Iterable[bytes], root: str = "") -> Esi:
        """How one request's cache puts fragments in: `capabilities` are its `Surrogate-Capability` headers."""
        is_on = self.surrogate == "always" or (
            self.surrogate == "capable" and any(map(_CAPABLE.search, capabilities))
        )
        return Esi(root + self.path, is_on=is_on)

    def placement_at(self, path: str) -> str | None:
        """The placement whose fragment is at `path`; None when that is no address of a fragment."""
        head, sign, placement = path.rpartition("/")
        return unquote(placement) if sign and head == self.path and placement else None

    async def answer(self, page: Page, placement: str, method: str) -> Answer:
        """The fragment of `placement`, or the refusal of what is none."""
        refused = _refusal(page, placement, method)
        if refused is not None:
            return refused
        template = offer_template(self.environment, placement)
        if self.environment.is_async:
            text = await template.render_async(names_for(page, placement))
        else:
            text = template.render(names_for(page, placement))
        return self._found(text, method)

    def answer_now(self, page: Page, placement: str, method: str) -> Answer:
        """`answer` without an event loop."""
        refused = _refusal(page, placement, method)
        if refused is not None:
            return refused
        template = offer_template(self.environment, placement)
        return self._found(template.render(names_for(page, placement)), method)

    def _found(self, text: str, method: str) -> Answer:
        body = text.encode()
        length = (b"content-length", b"%d" % len(body))
        headers = [_TYPE, length, *_GUARDS, *shared(self.max_age_s)]
        return Answer(200, headers, b"" if method == "HEAD" else body)


class NotEscaping(DiscreetError):
    """A template escapes nothing, and tokens hold what visitors wrote."""


def offer_template(environment: Environment, placement: str) -> Template:
    """The template that renders an offer at `placement`: `offers/PLACEMENT.html`, or else `offers/default.html`.

    Raises:
        jinja2.TemplatesNotFound: there is neither.
        NotEscaping: the environment does not escape in it.
    """
    template = environment.select_template([f"offers/{placement}.html", "offers/default.html"])
    escapes = environment.autoescape
    if not (escapes(template.name) if callable(escapes) else escapes):
        raise NotEscaping(f"the template `{template.name}` {UNESCAPED}")
    return template


def names_for(page: Page, placement: str) -> Mapping[str, Any]:
    """All that a template of an offer gets, beside the environment's globals."""
    from .page_content import Shown  # markupsafe comes with Jinja2

    shown = Shown(page.decision(placement))
    page.exposed(placement)
    return {"discreet": page, "placement": placement, "offer": shown.content, "decision": shown}


def _refusal(page: Page, placement: str, method: str) -> Answer | None:
    if method not in ("GET", "HEAD"):
        return _plain(405, (b"allow", b"GET, HEAD"))
    try:
        page.certified(placement)
    except UnknownPlacement:
        return _plain(404)
    return None


def _plain(status: int, *headers: tuple[bytes, bytes]) -> Answer:
    told = [_TYPE, (b"content-length", b"0"), (b"cache-control", b"no-store"), *_GUARDS, *headers]
    return Answer(status, told, b"")
