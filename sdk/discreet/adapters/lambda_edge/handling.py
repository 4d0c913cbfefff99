"""One function for CloudFront's four events. It never raises.

Whatever fails, a request passes on undecided, and a response as one that no cache may keep.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from ...errors import DiscreetError, UnknownPlacement
from ...runtime import Evaluator
from ...serving import Bundles, Served
from ...serving.unforeseen import unforeseen
from ...visitors import Incoming, Visit, Visitors
from .. import caching
from ..page_certificate import certificates
from .answers import Refused, problem, read_wish, respond
from .cloudfront import (
    NOTE,
    Event,
    Headers,
    Kind,
    header_names,
    headers_of,
    incoming_of,
    pairs_of,
    read_event,
)
from .noting import Note, read_note

_OCTETS: Final = ("utf-8", "surrogatepass")  # there and back, whatever a header holds
_log: Final = logging.getLogger("discreet.lambda_edge")


def handler(
    bundles: Bundles | Evaluator,
    visitors: Visitors,
    *,
    placements: Sequence[str],
    answers: str | None = None,
    keyed: bool = False,
    refresh_every_s: float | None = None,
    clock_s: Callable[[], float] = time.time,
) -> Handler:
    """Make the function's handler, once, when the module is imported: what fails here fails the deployment.

    Args:
        bundles: Started, or an evaluator that was loaded from a file beside the function.
        placements: Whose decisions go onto the request's headers, the offer's id on `x-discreet-PLACEMENT`.
        answers: The path prefix, such as `/v1`, under which the function answers requests itself; None: nowhere.
        keyed: The cache policy's key has the `x-discreet-` headers that a viewer-request function put there, so
            CloudFront may keep pages with decisions, each offer's apart. Else it may not.
        refresh_every_s: How often a request makes the bundles ask their source for a newer one, and waits for it;
            None: never, as where the bundle is packaged with the function.
    Raises:
        UnknownPlacement: the bundle has no such placement.
        DiscreetError: two placements would share a header, or the prefix is no path.
    """
    if answers is not None and (not answers.startswith("/") or not answers.strip("/")):
        raise DiscreetError("`answers` is a path that starts with `/`, and not the whole site")
    started = Bundles.of(bundles) if isinstance(bundles, Evaluator) else bundles
    known = started.current.evaluator.placements
    for placement in placements:
        if placement not in known:
            raise UnknownPlacement(placement, known)
    return Handler(started, visitors, header_names(placements), answers, keyed, refresh_every_s, clock_s)


class Handler:
    """A Lambda handler: `module.handler(event, context)`. `failures` counts events that passed on undecided."""

    def __init__(
        self,
        bundles: Bundles,
        visitors: Visitors,
        headers: dict[str, str],
        answers: str | None,
        keyed: bool,
        refresh_every_s: float | None,
        clock_s: Callable[[], float],
    ) -> None:
        self._bundles, self._visitors, self._headers = bundles, visitors, headers
        self._prefix = None if answers is None else answers.rstrip("/") + "/"
        self._keyed, self._clock_s = keyed, clock_s
        self._refresh_every_s, self._refreshed_s = refresh_every_s, time.monotonic()
        self.failures = 0

    def __call__(self, event: Any, context: object = None) -> Any:  # noqa: ARG002 - as Lambda calls it
        """What CloudFront goes on with: the request, a response to it, or the response. Never raises."""
        read = read_event(event)
        if read is None:
            return event
        acted: list[dict[str, Any]] = []
        error = unforeseen(lambda: acted.append(self._act(read)))
        if error is None:
            return acted[0]
        self.failures += 1  # a page without decisions is still a page
        _log.error("a %s event passed on undecided: %s", read.kind.value, type(error).__name__)
        return read.request if read.kind.is_request else _kept_nowhere(read.response)

    def _act(self, event: Event) -> dict[str, Any]:
        self._refresh()
        served = self._bundles.current  # read once: a swap must not mix two bundles
        if not event.kind.is_request:
            return self._guarded(event, served)
        if self._prefix is not None and event.request["uri"].startswith(self._prefix):
            return self._answer(event, served, self._prefix)
        visit = self._visitors.arrive_now(served.evaluator, incoming_of(event, self._clock_s()))
        # All of them are decided before the first is written: a request has every decision and the note, or nothing.
        event.request["headers"].update(headers_of(self._decided(served, visit)))
        return event.request

    def _refresh(self) -> None:
        now_s = time.monotonic()
        if self._refresh_every_s is not None and now_s - self._refreshed_s >= self._refresh_every_s:
            self._refreshed_s = now_s
            self._bundles.refresh()

    def _decided(self, served: Served, visit: Visit) -> list[tuple[str, str]]:
        """The headers of the decisions, and the note of what they can depend on."""
        evaluator, certified = served.evaluator, certificates(served.evaluator)
        there = frozenset(evaluator.placements)  # a newer bundle may have lost one
        decided = {each: header for each, header in self._headers.items() if each in there}
        note = Note.of([certified.of(each) for each in decided], visit.now_s)
        return [
            (NOTE, str(note)),
            *(
                (header, evaluator.decide(placement, visit.permitted, now_s=visit.now_s).offer)
                for placement, header in decided.items()
            ),
        ]

    def _answer(self, event: Event, served: Served, prefix: str) -> dict[str, Any]:
        try:
            wish = read_wish(event, prefix, own=self._headers, known=served.evaluator.placements)
            incoming = incoming_of(event, self._clock_s())
            visit = self._visitors.arrive_now(served.evaluator, incoming, wish.given)
            answered = respond(event.kind, wish, served, visit, stale=self._is_stale())
        except Refused as refused:
            return problem(refused)
        self._expire_cookie(answered, incoming, visit)
        return answered

    def _is_stale(self) -> bool:
        status = self._bundles.status()
        return status.is_stale or status.from_store

    def _expire_cookie(self, response: dict[str, Any], incoming: Incoming, visit: Visit) -> None:
        """Take the profile's cookie from a browser that still sends it after storage was withdrawn."""
        cookie = self._visitors.expire_cookie(incoming, visit)
        if cookie is not None:
            added = headers_of([("Set-Cookie", cookie.decode("latin-1"))])
            response["headers"].setdefault("set-cookie", []).extend(added["set-cookie"])

    def _guarded(self, event: Event, served: Served) -> dict[str, Any]:
        """The response, so that no cache hands one visitor's page to another, nor keeps one for too long."""
        response, now_s = event.response, self._clock_s()
        if event.kind is Kind.ORIGIN_RESPONSE:
            response["headers"] = self._passed_on(event, now_s)
            return response
        # Of a page that CloudFront had kept, the request of today says nothing but where its key has the decisions.
        note = read_note(event.request["headers"] if self._keyed else response["headers"])
        response["headers"] = _cached(_without_note(response["headers"]), note, now_s)
        incoming = incoming_of(event, now_s)
        visit = self._visitors.arrive_now(served.evaluator, incoming)
        self._expire_cookie(response, incoming, visit)
        return response

    def _passed_on(self, event: Event, now_s: float) -> Headers:
        """The headers for CloudFront's cache; beside its key, they say on what the page can depend."""
        headers = _without_note(event.response["headers"])
        if self._keyed:
            return headers
        note = read_note(event.request["headers"])
        return _cached(headers, note, now_s) | headers_of([(NOTE, str(note))])


def _cached(headers: Headers, note: Note, now_s: float) -> Headers:
    """`headers` as they may be where a page has our decisions: the certificate's word, whoever asked."""
    before = [(name.encode(*_OCTETS), value.encode(*_OCTETS)) for name, value in pairs_of(headers)]
    if note.is_personal:
        return _with(headers, caching.personal(before, vary=()))
    return _with(headers, caching.bounded(before, note.until_s - now_s, now_s=now_s))


def _without_note(headers: Headers) -> Headers:
    """`headers` without what only we may say in them; browsers are not told either."""
    return {name: lines for name, lines in headers.items() if str(name).lower() != NOTE}


def _with(headers: Headers, pairs: Iterable[tuple[bytes, bytes]]) -> Headers:
    """`headers` with the values of `pairs`. What stays the same is not written anew: some are read-only."""
    found = headers_of((name.decode(*_OCTETS), value.decode(*_OCTETS)) for name, value in pairs)
    same = {
        name for name, each in found.items() if name in headers and _values(headers[name]) == _values(each)
    }
    return {name: headers[name] if name in same else each for name, each in found.items()}


def _values(lines: Sequence[Mapping[str, str]]) -> list[str]:
    return [each["value"] for each in lines]


def _kept_nowhere(response: dict[str, Any]) -> dict[str, Any]:
    """A response that could not be judged: with decisions in it or not, no cache may keep it."""
    if isinstance(response.get("headers"), dict):
        kept_nowhere = headers_of([("Cache-Control", "private, no-store")])
        response["headers"] = {**_without_note(response["headers"]), **kept_nowhere}
    return response
