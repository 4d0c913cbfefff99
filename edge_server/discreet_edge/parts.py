"""What an app is made of: everything that `create_app` was given, and what is worked out of it once."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from discreet.events import Journal
from discreet.serving import Bundles, Served
from discreet.visitors import Given, Incoming, Visit, Visitors

from .answers import Header
from .counters import Counters, Counts
from .edge_settings import EdgeSettings
from .limiting import Bucket
from .patience import Patience
from .problems import Refused
from .received import Received

_BEARER = b"bearer "


class Parts:
    """The parts of one app, shared by its endpoints. For one event loop."""

    __slots__ = (
        "_stale",
        "bundles",
        "clock_s",
        "counters",
        "guesses",
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
        self.guesses = Bucket(settings.change_rate_per_s, settings.burst, now_s=time.monotonic())
        self.totals = totals or self.counts
        self._stale = (float("-inf"), False)

    async def meet(
        self, served: Served, received: Received, given: Given, now_s: float
    ) -> tuple[Visit, Sequence[Header]]:
        """Who this is, as far as it may be known; counted. And headers that the answer must have.

        They take back our cookie, where the browser sent it and nothing may be stored (any more): docs/adr/0012.
        """
        visitors = self.visitors
        incoming = Incoming.from_scope(received.scope, now_s=now_s)
        if visitors.profiles is None:  # nothing is waited for, so there is nothing to await either
            visit = visitors.visit(served.evaluator, incoming, given)
        else:
            visit = await visitors.arrive(served.evaluator, incoming, given)
        self.counters.visited(visit.permitted, visit.consent.regime)
        expiry = visitors.expire_cookie(incoming, visit)
        return visit, () if expiry is None else ((b"set-cookie", expiry),)

    async def visit(self, served: Served, received: Received, given: Given, now_s: float) -> Visit:
        """Who this is, as far as it may be known; counted."""
        visit, _ = await self.meet(served, received, given, now_s)
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

    def need_admin(self, received: Received, refused: Refused) -> None:
        """Let the admin pass. Whoever fails takes from a bucket that the admin never needs.

        Raises:
            Refused: it is not the admin: `refused`, or that there were too many who were not.
        """
        if self.is_admin(received):
            return
        self.guesses.pass_one()
        raise refused

    def counts(self) -> Counts:
        """What this process has counted, with what its journal and its profile source have."""
        return {
            **self.counters.as_dict(),
            **_of_journal(self.journal),
            "profile_failures": self.visitors.failures,
        }


def _of_journal(journal: Journal | None) -> Counts:
    """What only grows, and what waits."""
    counts = {} if journal is None else journal.counts
    waiting = counts.pop("waiting", 0)
    return {"journal": counts, "journal_waiting": waiting}
