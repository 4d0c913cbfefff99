"""What a site's pages have in common, whatever server asks for them: how a page is made, and what its response says."""

from __future__ import annotations

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

_ACCEPT_CH = b"accept-ch"
CAPABILITY = b"surrogate-capability"
_OK = 200
_BODILESS = (204, 304)


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
        clock_s: Unix seconds, read when a request comes, and once more when its response leaves.
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
        *,
        is_whole: bool,
    ) -> tuple[int, list[Pair]]:
        """The status and headers of a response that is on its way now. A 304 has no body.

        Args:
            headers: The application's, names in lower case.
            cookie: The Set-Cookie value that goes with it.
            is_whole: Whether all of its body is made.
        """
        is_shared = page.start(is_kept_nowhere=is_kept_nowhere(headers))
        now_s = max(page.now_s, self.clock_s())  # it took its time, and the windows of offers have moved on
        esi = page.esi
        uses_esi = esi is not None and esi.start()
        if is_shared:
            headers = self._shared(page, headers, now_s)
        else:
            is_kept = is_whole and status == _OK and not uses_esi
            headers = self._personal(page, headers, is_kept=is_kept)
            asked = incoming.header(b"if-none-match")
            if is_kept and method in ("GET", "HEAD") and still_holds(headers, asked):
                status, headers = 304, [pair for pair in headers if not pair[0].startswith(b"content-")]
        if uses_esi:
            headers = with_esi(headers, is_shared=is_shared, now_s=now_s)
        if esi is not None and esi.was_asked:
            headers = varying(headers, [CAPABILITY.decode().title()])
        if method == "HEAD" or status in _BODILESS:
            page.unseen()
        return status, headers if cookie is None else [*headers, (b"set-cookie", cookie)]

    def _shared(self, page: Page, headers: list[Pair], now_s: float) -> list[Pair]:
        if not page.made:
            return headers
        most_s = self.caching.shared_max_age_s
        holds_for_s = page.holds_for_s - (now_s - page.now_s)
        age_s = min(holds_for_s, math.inf if most_s is None else most_s)
        return bounded(headers, age_s, now_s=now_s)

    def _personal(self, page: Page, headers: list[Pair], *, is_kept: bool) -> list[Pair]:
        catalogue, settings = page.served.evaluator.catalogue, self.visitors.settings
        # Of what an application made of the visit itself, its own ETag may not know.
        key = page.cache_key if self.caching.revalidate and is_kept and not page.is_told else None
        result = personal(headers, vary=headers_read(page.depends, catalogue, settings), etag_of=key)
        if not page.depends:
            return result
        permitted = page.depends - page.met().permitted.withheld_declared
        hints = hints_wanted(permitted, catalogue, settings)
        return [*result, *((_ACCEPT_CH, each.encode()) for each in hints)]
