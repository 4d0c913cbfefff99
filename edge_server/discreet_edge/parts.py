"""What an app is made of: everything that `create_app` was given, and what is worked out of it once."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from discreet.events import Journal
from discreet.serving import Bundles, Served
from discreet.visitors import Given, Incoming, Visit, Visitors

from .counters import Counters, Counts
from .edge_settings import EdgeSettings
from .patience import Patience
from .received import Received

_BEARER = b"bearer "


class Parts:
    """The parts of one app, shared by its endpoints. For one event loop."""

    __slots__ = (
        "_stale",
        "bundles",
        "clock_s",
        "counters",
        "journal",
        "patience",
        "settings",
        "totals",
        "visitors",
    )

    def __init__(
        self,
        bundles: Bundles,
        visitors: Visitors,
        journal: Journal | None,
        settings: EdgeSettings,
        clock_s: Callable[[], float],
        totals: Callable[[], Mapping[str, Any]] | None,
    ) -> None:
        self.bundles, self.visitors, self.journal = bundles, visitors, journal
        self.settings, self.clock_s = settings, clock_s
        self.counters, self.patience = Counters(), Patience(settings.body_timeout_s)
        self.totals = totals or self.counts
        self._stale = (float("-inf"), False)

    async def visit(self, served: Served, received: Received, given: Given, now_s: float) -> Visit:
        """Who this is, as far as it may be known; counted."""
        incoming = Incoming.from_scope(received.scope, now_s=now_s)
        visitors = self.visitors
        if visitors.profiles is None:
            visit = visitors.visit(served.evaluator, incoming, given)
        else:
            visit = await visitors.arrive(served.evaluator, incoming, given)
        self.counters.visited(visit.permitted, visit.consent.regime)
        return visit

    def is_stale(self, now_s: float) -> bool:
        """Whether the bundle in service may not be the newest; looked up once a second."""
        at_s, stale = self._stale
        if not at_s <= now_s < at_s + 1:
            status = self.bundles.status()
            stale = status.is_stale or status.from_store
            self._stale = (now_s, stale)
        return stale

    def is_admin(self, received: Received) -> bool:
        """Whether the request carries the admin token; nobody does where none was set."""
        wanted = self.settings.admin_token_sha256
        given = received.head.get(b"authorization", b"")
        if wanted is None or given[: len(_BEARER)].lower() != _BEARER:
            return False
        found = hashlib.sha256(given[len(_BEARER) :].strip()).hexdigest()
        return hmac.compare_digest(found, wanted)

    def counts(self) -> Counts:
        """What this process has counted, with what its journal and its profile source have."""
        return {
            **self.counters.as_dict(),
            "journal": {} if self.journal is None else _of_journal(self.journal),
            "profile_failures": self.visitors.failures,
        }


def _of_journal(journal: Journal) -> dict[str, int]:
    return {name: count for name, count in journal.counts.items() if name != "waiting"}  # what only grows
