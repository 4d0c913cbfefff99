"""The app: one table of paths. Everything that it needs is passed in."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from starlette.applications import Starlette
from starlette.routing import Match, Route
from starlette.types import Lifespan, Receive, Scope, Send

from discreet.events import Journal
from discreet.serving import Bundles, Status
from discreet.visitors import Incoming, Visitors
from discreet_consent import Consent

from .counters import Counts
from .edge_settings import EdgeSettings
from .endpoint import Endpoint
from .endpoints import ofrep
from .endpoints.bundle_files import BundleFiles
from .endpoints.decide import Decide
from .endpoints.exposures import Exposures
from .endpoints.health import Health
from .endpoints.metrics import Metrics
from .endpoints.profiles import ProfileOf
from .limiting import Bucket, limited
from .openapi import Description
from .parts import Parts
from .received import Received

FLAGS: Final = "/ofrep/v1/evaluate/flags"


class EdgeApp(Starlette):
    """A Starlette app whose fixed paths are looked up before its middleware and its router.

    Middleware that shall see every request goes around the app, not into it.
    """

    def __init__(
        self,
        parts: Parts,
        endpoints: Mapping[str, Endpoint],
        nothing: Endpoint,
        lifespan: Lifespan[Any] | None,
    ) -> None:
        super().__init__(
            routes=[Route(path, endpoint=each) for path, each in endpoints.items()], lifespan=lifespan
        )
        self._parts, self._nothing = parts, nothing
        self._fixed = {path: each for path, each in endpoints.items() if "{" not in path}
        # A redirect would repeat the host and the query that the visitor sent.
        self.router.redirect_slashes = False
        self.router.default = self._not_found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            endpoint = self._fixed.get(scope["path"])
            if endpoint is not None:
                await endpoint(scope, receive, send)
                return
        await super().__call__(scope, receive, send)

    async def _not_found(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._nothing(scope, receive, send)
        else:
            await self.router.not_found(scope, receive, send)

    def counts(self) -> Counts:
        """What this process has counted, as JSON has it."""
        return self._parts.counts()

    def status(self) -> tuple[Status, float]:
        """How the bundle in service fares, and the clock."""
        return self._parts.bundles.status(), self._parts.clock_s()

    def route_of(self, path: str) -> str | None:
        """The path of the table that `path` is: `/v1/bundles/{digest}`; None where there is none."""
        if path in self._fixed:
            return path
        scope = {"type": "http", "path": path, "method": "GET", "root_path": ""}
        for route in self.routes:
            if isinstance(route, Route) and route.matches(scope)[0] is Match.FULL:
                return route.path
        return None


def create_app(
    bundles: Bundles,
    *,
    visitors: Visitors,
    journal: Journal | None = None,
    settings: EdgeSettings | None = None,
    clock_s: Callable[[], float] = time.time,
    lifespan: Lifespan[Any] | None = None,
    totals: Callable[[], Mapping[str, Any]] | None = None,
) -> EdgeApp:
    """The edge server's app over bundles, visitors and a journal that the caller starts, owns and closes.

    Args:
        totals: What /metrics prints: the counts of several processes, added by `sum_counts`; this one's if left out.
    Raises:
        MissingExtra: `settings.metrics`, and prometheus-client is not installed.
    """
    settings = settings or EdgeSettings()
    parts = Parts(bundles, visitors, journal, settings, clock_s, totals)
    return EdgeApp(parts, _endpoints(parts), Endpoint("other", parts, {}), lifespan)


def _endpoints(parts: Parts) -> dict[str, Endpoint]:
    """The table of paths."""
    settings, now_s = parts.settings, time.monotonic()
    rate_per_s = settings.rate_per_s
    asked = None if rate_per_s is None else Bucket(rate_per_s, settings.burst, now_s=now_s)
    # Nobody who only sends much shall keep others from being forgotten.
    kept, forgotten = (Bucket(settings.change_rate_per_s, settings.burst, now_s=now_s) for _ in range(2))
    flags, files, profile, health = ofrep.Ofrep(parts), BundleFiles(parts), ProfileOf(parts), Health(parts)
    one, several = ofrep.failure, ofrep.bulk_failure
    table = {
        "/v1/decide": Endpoint("decide", parts, {"POST": Decide(parts)}, bucket=asked),
        FLAGS: Endpoint("ofrep_bulk", parts, {"POST": flags.all}, bucket=asked, for_refusal=several),
        FLAGS + "/{key:path}": Endpoint("ofrep", parts, {"POST": flags.one}, bucket=asked, for_refusal=one),
        "/v1/bundle": Endpoint("bundle", parts, {"GET": files.current}, bucket=asked),
        "/v1/bundles/{digest}": Endpoint("bundle", parts, {"GET": files.by_digest}, bucket=asked),
        "/v1/exposures": Endpoint("exposures", parts, {"POST": Exposures(parts)}, bucket=asked),
        "/v1/profile": Endpoint("profile", parts, {"PUT": limited(profile.put, kept),
            "DELETE": limited(profile.delete, forgotten, lambda received: _is_known(parts, received))}),
        "/v1/reload": Endpoint("reload", parts, {"POST": health.reload}),
        "/.well-known/gpc.json": Endpoint("gpc", parts, {"GET": health.gpc}, bucket=asked),
        "/openapi.json": Endpoint("openapi", parts, {"GET": Description(settings)}, bucket=asked),
        "/healthz": Endpoint("healthz", parts, {"GET": health.lives}),
        "/readyz": Endpoint("readyz", parts, {"GET": health.is_ready}),
    }  # fmt: skip
    if settings.metrics:
        table["/metrics"] = Endpoint("metrics", parts, {"GET": Metrics(parts)})
    return table


def _is_known(parts: Parts, received: Received) -> bool:
    """Whether a profile cookie of ours came: without one nothing has to be forgotten anywhere.

    That a visitor wishes to be forgotten opens the cookie, whatever was consented: docs/adr/0012. No value is read.
    """
    incoming = Incoming.from_scope(received.scope, now_s=parts.clock_s())
    wish = Consent.granting(parts.visitors.settings.storage_purpose)
    return parts.visitors.profile(incoming, wish) is not None
