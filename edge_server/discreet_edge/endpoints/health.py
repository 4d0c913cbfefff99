"""`/healthz`, `/readyz`, `/.well-known/gpc.json` and `POST /v1/reload`: what the operator and the browser ask."""

from __future__ import annotations

import asyncio
from typing import Any

from discreet.serving import Outcome, Status, Trouble

from ..answers import Answer, Header, as_json
from ..parts import Parts
from ..problems import Problem, Refused
from ..received import Received

_A_DAY: tuple[Header, ...] = ((b"cache-control", b"public, max-age=86400"),)


class Health:
    """The handlers about the server itself."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def lives(self, _: Received) -> Answer:
        """The process answers. Nothing more."""
        return as_json({"status": "ok"})

    async def is_ready(self, _: Received) -> Answer:
        """Whether a bundle is in service and in force, which one, and what became of the last that was offered."""
        if not hasattr(self._parts.bundles, "current"):  # not started yet
            raise Refused(Problem.NOT_READY)
        document = readiness(self._parts.bundles.status())
        return as_json(document, status=200 if document["ready"] else 503)

    async def gpc(self, _: Received) -> Answer:
        """Whether Global Privacy Control is honoured. Source: W3C, Global Privacy Control, GPC support resource."""
        settings = self._parts.settings
        if settings.gpc is None:
            raise Refused(Problem.NOT_FOUND)
        document: dict[str, Any] = {"gpc": settings.gpc}
        if settings.gpc_last_update is not None:
            document["lastUpdate"] = settings.gpc_last_update
        return as_json(document, headers=_A_DAY)

    async def reload(self, received: Received) -> Answer:
        """Ask the source for its bundle now. For the admin; where there is none, there is nothing here."""
        parts = self._parts
        if parts.settings.admin_token_sha256 is None:
            raise Refused(Problem.NOT_FOUND)
        parts.need_admin(received, Refused(Problem.NOT_AUTHORIZED, ((b"www-authenticate", b"Bearer"),)))
        outcome = await asyncio.to_thread(parts.bundles.refresh)
        if outcome not in (Outcome.SWAPPED, Outcome.UNCHANGED):
            raise Refused(Problem.NOT_RELOADED)
        version = parts.bundles.current.evaluator.bundle.version
        return as_json({"outcome": outcome.value, "version": version}, status=202)


def readiness(status: Status) -> dict[str, Any]:
    """The status as /readyz says it. Of what is wrong its kind and since when; the sentence is in the log."""
    refused = status.refused
    return {
        "ready": not status.is_expired,
        "bundle": {"name": status.name, "version": status.version, "digest": status.digest},
        "expires": status.expires_s,
        "since": status.since_s,
        "checked": status.checked_s,
        "expired": status.is_expired,
        "stale": status.is_stale or status.from_store,
        "from_store": status.from_store,
        "failures": status.failures,
        "refused": None if refused is None else {**_trouble(refused), "version": refused.version},
        "unreachable": None if status.unreachable is None else _trouble(status.unreachable),
        "not_kept": None if status.not_kept is None else _trouble(status.not_kept),
    }


def _trouble(trouble: Trouble) -> dict[str, Any]:
    return {"kind": trouble.kind, "at": trouble.at_s}
