"""The decisions of one page: lazily, each placement once, all from one bundle and one visit.

A placement whose certificate names no attribute is decided for nobody: everybody gets that decision, so nothing of the
visitor is looked at for it, not even the consent. Only such decisions are ever part of a page that caches may share.

Several threads may ask one page. Whether it is shared is settled once, when its response leaves: under the same lock as
every decision, so that none that was under way slips into a copy that others get.
"""

from __future__ import annotations

import hashlib
import json
import math
from threading import RLock
from typing import TYPE_CHECKING, TypeAlias

from discreet.visitors import Visit
from discreet_consent import Consent

from ..errors import DiscreetError
from .page_certificate import certificates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from discreet.events import Journal
    from discreet.runtime import Decision
    from discreet.serving import Served

    from .fragments import Esi
    from .page_certificate import Certified
    from .page_keeping import Keeping

    Arrive: TypeAlias = Callable[[], Visit]

_NOBODY = Consent.refusing()


class NoPage(DiscreetError):
    """There is no page here, or not one that can do what was asked of it."""


class Page:
    """The decisions of one page. It serves one request and holds a visitor's values: never keep it.

    Args:
        served: The bundle in service when the request came. A swap in between changes nothing here.
        visit: The visit, or what makes it when a decision first needs it.
        journal: Where the decisions are recorded once the page is finished.
        now_s: Unix seconds of the whole page. None: those of `visit`.
        surface: The word for this kind of page in records.
        keeping: What may be stored with the visitor; None: nothing.
        esi: Whether, and how, a cache in front puts fragments into pages; None: there are no fragments.

    Attributes:
        made: The decisions so far, by placement, in the order in which they were made.
        depends: The names of the attributes on which these can depend, whatever this visitor's values are.
        purposes: What these attributes are for.
        too_late: The placements that can depend on somebody, and were first asked for when the page was on its way to
            caches or finished: they were decided for nobody.
        holds_for_s: For how many seconds the clock changes none of the decisions for nobody; infinite: it never does.
    """

    __slots__ = (
        "_arrive", "_certificates", "_exposed", "_is_finished", "_is_for_nobody", "_is_kept_private",
        "_is_on_its_way", "_is_told", "_is_unseen", "_lock", "_nobody", "_visit", "depends", "esi", "holds_for_s",
        "journal", "keeping", "made", "now_s", "purposes", "served", "surface", "too_late",
    )  # fmt: skip

    def __init__(
        self,
        served: Served,
        visit: Visit | Arrive,
        journal: Journal | None = None,
        *,
        now_s: float | None = None,
        surface: str = "page",
        keeping: Keeping | None = None,
        esi: Esi | None = None,
    ) -> None:
        self.served = served
        self.journal = journal
        self.surface = surface
        self.keeping = keeping
        self.esi = esi
        self.made: dict[str, Decision] = {}
        self.depends: frozenset[str] = frozenset()
        self.purposes: frozenset[str] = frozenset()
        self.too_late: tuple[str, ...] = ()
        self._visit: Visit | None = None if callable(visit) else visit
        self._arrive: Arrive | None = visit if callable(visit) else None
        if now_s is None:
            if self._visit is None:
                raise NoPage("a page whose visit is made later needs its `now_s` now")
            now_s = self._visit.now_s
        self.now_s = now_s
        self._nobody: Visit | None = None
        self._certificates = certificates(served.evaluator)
        self.holds_for_s = math.inf
        self._is_kept_private = False
        self._is_told = False  # the application has asked who the visitor is
        self._is_for_nobody = False  # from now on: the page is on its way to caches, or finished
        self._is_on_its_way = False
        self._is_unseen = False
        self._is_finished = False
        self._exposed: dict[str, None] = {}
        self._lock = RLock()

    @property
    def visit(self) -> Visit:
        """The visitor at this instant, for the application to look at: so the page is private from now on.

        Once the page is on its way to caches that may share it, or finished, this is a visit of nobody's.
        """
        visit = self.met()
        with self._lock:
            if self._is_for_nobody:
                return self.nobody
            self._is_kept_private = self._is_told = True
            return visit

    def met(self) -> Visit:
        """The visitor, for what is done with them and not shown: unlike `visit`, this leaves the page as it is."""
        visit, arrive = self._visit, self._arrive
        if visit is None and arrive is not None and not self._is_for_nobody:
            visit = arrive()  # it may ask a profile source: nothing else waits for that
        with self._lock:
            if self._is_finished or visit is None:
                return self.nobody
            if self._visit is None:
                self._visit = visit
            return self._visit

    @property
    def nobody(self) -> Visit:
        """A visit of somebody of whom nothing is known, and nothing may be: whom shared decisions are made for."""
        with self._lock:
            if self._nobody is None:
                permitted = self.served.evaluator.permit({}, _NOBODY, now_s=self.now_s)
                self._nobody = Visit(_NOBODY, permitted, now_s=self.now_s)
            return self._nobody

    def certified(self, placement: str) -> Certified:
        """On what the decision for `placement` can depend; nothing is decided.

        Raises:
            UnknownPlacement: the bundle has no such placement.
        """
        return self._certificates.of(placement)

    def decision(self, placement: str) -> Decision:
        """The decision for `placement`, the same one however often it is asked for.

        Once the page is on its way to caches that may share it, or finished, whatever can depend on somebody is
        decided for nobody.

        Raises:
            UnknownPlacement: the bundle has no such placement.
        """
        decision = self.made.get(placement)
        return self._decide(placement) if decision is None else decision

    def _decide(self, placement: str) -> Decision:
        certified = self._certificates.of(placement)
        # Before anything is noted, so that what cannot be made changes nothing; and before the lock, for it may take
        # its time. Whose decision it is shows only under the lock.
        visit = self.met() if certified.attributes and not self._is_for_nobody else None
        with self._lock:
            decision = self.made.get(placement)
            if decision is None:
                is_own = visit is not None and not self._is_for_nobody
                whose = visit if visit is not None and is_own else self.nobody
                self._note(placement, certified, is_own=is_own)
                decision = self.served.evaluator.decide(placement, whose.permitted, now_s=self.now_s)
                self.made[placement] = decision
            return decision

    def _note(self, placement: str, certified: Certified, *, is_own: bool) -> None:
        if is_own:
            self.depends |= certified.attributes
            self.purposes |= certified.purposes
            return
        if certified.attributes:
            self.too_late += (placement,)
        self.holds_for_s = min(self.holds_for_s, certified.holds_for_s(self.now_s))

    @property
    def is_shared(self) -> bool:
        """Whether everybody would get this page, as far as its decisions go: caches may share it."""
        stores = self.keeping is not None and self.keeping.is_asked
        return not (self.depends or stores or self._is_kept_private)

    @property
    def cache_key(self) -> str:
        """A digest of the bundle and of all that the decisions say: equal pages have equal keys, in every process.

        What a token was filled with is in it. So it is for the visitor's own browser, and not for keys that others see.
        """
        decided = [
            [name, made.offer, made.stage, made.reason.value, made.content,
             made.withheld, made.malformed, made.stale]
            for name, made in sorted(self.made.items())
        ]  # fmt: skip
        text = json.dumps([self.served.digest, decided], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def keep_private(self) -> None:
        """Let no shared cache keep this page, whatever is decided: for one that is sent while it is still made."""
        with self._lock:
            self._is_kept_private = True

    @property
    def is_told(self) -> bool:
        """Whether the application asked for the visit: then it may show more of the visitor than was decided."""
        return self._is_told

    def remember(self, values: Mapping[str, object]) -> frozenset[str]:
        """Have `values` stored with the visitor when the response leaves, and make the page private.

        Decisions that are made stay. Only first-party and declared attributes are stored, and none that the consent
        does not permit; without the consent to store, nothing is. A value of None takes away the one that is stored.

        Returns:
            The names of what is to be stored: none once the response is on its way, or where the profile source could
            not be read. It may still fail to store them: see `keep`.
        Raises:
            NoPage: this page was made without anything that stores.
            NotStored: there is no such attribute, or it is none that is stored.
        """
        storing, visit = self._storing, None if self._is_on_its_way else self.met()
        with self._lock:
            if self._is_on_its_way or visit is None:
                return frozenset()
            return storing.remember(self.served.evaluator, visit, values)

    def forget(self) -> None:
        """Have all that is stored with the visitor forgotten, as they wish, and make the page private.

        It happens when the response leaves, which removes the cookie whether or not the profile source answers:
        whoever tells the visitor that it has happened asks `keep` first.

        Raises:
            NoPage: this page was made without anything that stores, or the response is on its way.
        """
        if self._is_on_its_way:
            raise NoPage("a visitor is forgotten before the response is on its way")
        self._storing.forget()

    async def keep(self) -> bool:
        """Do at once what `remember` and `forget` asked for, and say whether the profile source did it.

        Raises:
            NoPage: this page was made without anything that stores, or the response is on its way.
        """
        return await self._unsent.keep(self.met)

    def keep_now(self) -> bool:
        """`keep` without an event loop."""
        return self._unsent.keep_now(self.met)

    @property
    def _unsent(self) -> Keeping:
        if self._is_on_its_way:
            raise NoPage("what is stored goes with the response, and that is on its way")
        return self._storing

    @property
    def _storing(self) -> Keeping:
        if self.keeping is None:
            raise NoPage("this page was made without anything that stores")
        return self.keeping

    def exposed(self, *placements: str) -> None:
        """Note for the journal that the visitor got to see what was decided for `placements`.

        Raises:
            UnknownPlacement: the bundle has no such placement.
        """
        for placement in placements:
            self.decision(placement)
            self._exposed[placement] = None

    def start(self, *, is_kept_nowhere: bool = False) -> bool:
        """Say that the response is on its way; whether everybody would get what was decided until now.

        If so, and caches may keep it, what is asked for later is decided for nobody.

        Args:
            is_kept_nowhere: The application's own headers let nobody keep it.
        """
        with self._lock:
            is_shared = self.is_shared
            self._is_on_its_way = True
            self._is_for_nobody = self._is_for_nobody or (is_shared and not is_kept_nowhere)
            return is_shared

    def unseen(self) -> None:
        """Say that no body goes out: then nobody got to see anything, and no exposure is recorded."""
        self._is_unseen = True

    def finish(self) -> None:
        """Record what was decided and exposed, once. What was decided for nobody is recorded of nobody.

        The page then forgets its visitor. Whoever still has it, a handler of errors for example, gets what everybody
        would get.
        """
        with self._lock:
            if self._is_finished:
                return
            self._is_finished = self._is_for_nobody = self._is_on_its_way = True
            visit, made = self._visit, [*self.made.values()]
            self._visit = self._arrive = None
            if not made:
                return
            nobodys = None if self._nobody is None else self._nobody.permitted
            shared = [each for each in made if each.permitted is nobodys]
            own = [each for each in made if each.permitted is not nobodys]
            self.made = {each.placement: each for each in shared}
        if self.journal is None:
            return
        if own and visit is not None:
            self._record(own, visit)
        if shared:
            self._record(shared, self.nobody)

    def _record(self, decisions: Sequence[Decision], whose: Visit) -> None:
        from discreet.events import Exposed

        seen = [
            Exposed(each.placement, each.offer, each.reason)
            for each in decisions
            if each.placement in self._exposed and not self._is_unseen
        ]
        assert self.journal is not None  # noqa: S101 - `finish` asked
        self.journal.decided(self.served, decisions, whose, surface=self.surface)
        if seen:
            self.journal.exposed(self.served, seen, whose, surface=self.surface)
