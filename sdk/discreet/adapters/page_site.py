"""What a site's pages have in common, whatever server asks for them: how a page is made, and what its response says."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .caching import Caching, bounded, is_apart, is_kept_nowhere, personal, still_holds, varying, with_esi
from .caching_vary import headers_read, hints_wanted
from .page import Page
from .page_keeping import Keeping

if TYPE_CHECKING:
    from collections.abc import Iterable

    from discreet.events import Journal
    from discreet.serving import Bundles, Served
    from discreet.visitors import Incoming, Visit, Visitors

    from .caching import Pair
    from .fragments import Fragments

logger = logging.getLogger("discreet.adapters")

_ACCEPT_CH = b"accept-ch"
CAPABILITY = b"surrogate-capability"


@dataclass(frozen=True, slots=True)
class Site:
    """What all pages of one site share.

    Args:
        bundles: The bundle in service; each request reads it once.
        visitors: How visitors are met.
        journal: Where decisions are recorded; None: nowhere.
        caching: What caches may do with pages.
        fragments: Where fragments are; None: there are none.
        surface: The word for these pages in records.
        clock_s: Unix seconds, read once per request.
    """

    bundles: Bundles
    visitors: Visitors
    journal: Journal | None = None
    caching: Caching = field(default_factory=Caching)
    fragments: Fragments | None = None
    surface: str = "page"
    clock_s: Callable[[], float] = time.time

    def page(
        self, served: Served, incoming: Incoming, visit: Visit | Callable[[], Visit], root: str = ""
    ) -> Page:
        """The page of one request. `root`: the path under which the site is mounted."""
        fragments = self.fragments
        return Page(
            served,
            visit,
            self.journal,
            now_s=incoming.now_s,
            surface=self.surface,
            keeping=Keeping(self.visitors, incoming),
            esi=None if fragments is None else fragments.esi(incoming.all(CAPABILITY), root),
        )

    def fragment_at(self, path: str, root: str = "") -> str | None:
        """The placement whose fragment is asked for; None: it is the application's turn."""
        if self.fragments is None:
            return None
        return self.fragments.placement_at(path.removeprefix(root) if root else path)

    def takes_cookie(self, page: Page, headers: Iterable[Pair]) -> bool:
        """Whether a Set-Cookie may go with this response: never with what a cache may share."""
        return not page.is_shared or is_apart(headers)

    def start(
        self,
        page: Page,
        incoming: Incoming,
        method: str,
        status: int,
        headers: list[Pair],
        cookie: bytes | None,
    ) -> tuple[int, list[Pair]]:
        """The status and headers of a response that is on its way now. A 304 has no body.

        Args:
            headers: The application's, names in lower case.
            cookie: The Set-Cookie value that goes with it.
        """
        page.start(is_for_caches=page.is_shared and not is_kept_nowhere(headers))
        if page.is_shared:
            headers = self._shared(page, headers)
        else:
            headers = self._personal(page, headers, is_whole=status == 200)
            asked = incoming.header(b"if-none-match")
            if method in ("GET", "HEAD") and status == 200 and still_holds(headers, asked):
                status, headers = 304, [pair for pair in headers if not pair[0].startswith(b"content-")]
        if page.esi is not None and page.esi.was_used:
            headers = with_esi(headers)
        if page.esi is not None and page.esi.was_asked:
            headers = varying(headers, [CAPABILITY.decode().title()])
        return status, headers if cookie is None else [*headers, (b"set-cookie", cookie)]

    def _shared(self, page: Page, headers: list[Pair]) -> list[Pair]:
        if not page.made:
            return headers
        most_s = self.caching.shared_max_age_s
        age_s = min(page.holds_for_s, math.inf if most_s is None else most_s)
        return bounded(headers, age_s, now_s=page.now_s)

    def _personal(self, page: Page, headers: list[Pair], *, is_whole: bool) -> list[Pair]:
        catalogue, settings = page.served.evaluator.catalogue, self.visitors.settings
        key = page.cache_key if self.caching.revalidate and is_whole else None
        result = personal(headers, vary=headers_read(page.depends, catalogue, settings), etag_of=key)
        if not page.depends:
            return result
        permitted = page.depends - page.visit.permitted.withheld_declared
        hints = hints_wanted(permitted, catalogue, settings)
        return [*result, *((_ACCEPT_CH, each.encode()) for each in hints)]


def cookie_failed(error: Exception) -> None:
    """Tell the operator that nothing could be stored. The visitor gets the page."""
    logger.warning("a profile was not stored: %s", error)
