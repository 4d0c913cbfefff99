"""The decisions of one page: lazily, each placement once, all from one bundle and one visit.

A placement whose certificate names no attribute is decided for nobody: everybody gets that decision, so nothing of the
visitor is looked at for it, not even the consent. Only such decisions are ever part of a page that caches may share.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from discreet_consent import Consent

from ..errors import DiscreetError
from .page_certificate import certificates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from discreet.events import Journal
    from discreet.runtime import Decision
    from discreet.serving import Served
    from discreet.visitors import Visit
    from discreet_consent import Permitted

    from .fragments import Esi
    from .page_certificate import Certified
    from .page_keeping import Keeping

    Arrive: TypeAlias = Callable[[], Visit]

_NOBODY = Consent.refusing()


class NoPage(DiscreetError):
    """There is no page here, or not one that can do what was asked of it."""


@dataclass(frozen=True, slots=True)
class Nobody:
    """Somebody of whom nothing is known, and nothing may be: whom a decision is made for that all may share."""

    permitted: Permitted
    now_s: float


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
        too_late: The placements that were first asked for when the page was on its way to caches already, and can
            depend on somebody: they were decided for nobody.
        holds_for_s: For how many seconds the clock changes none of the decisions for nobody; infinite: it never does.
    """

    __slots__ = (
        "_arrive", "_certificates", "_exposed", "_is_for_caches", "_is_kept_private", "_is_on_its_way", "_nobody",
        "_visit", "depends", "esi", "holds_for_s", "journal", "keeping", "made", "now_s", "purposes", "served",
        "surface", "too_late",
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
        self._nobody: Nobody | None = None
        self._certificates = certificates(served.evaluator)
        self.holds_for_s = math.inf
        self._is_kept_private = False
        self._is_for_caches = False
        self._is_on_its_way = False
        self._exposed: dict[str, None] = {}

    @property
    def visit(self) -> Visit:
        """The visitor at this instant; asking for it is what makes the visit."""
        if self._visit is None:
            assert self._arrive is not None  # noqa: S101 - one of the two was given
            self._visit = self._arrive()
        return self._visit

    @property
    def nobody(self) -> Nobody:
        """Whom decisions are made for that all may share."""
        if self._nobody is None:
            permitted = self.served.evaluator.permit({}, _NOBODY, now_s=self.now_s)
            self._nobody = Nobody(permitted, self.now_s)
        return self._nobody

    def certified(self, placement: str) -> Certified:
        """On what the decision for `placement` can depend; nothing is decided.

        Raises:
            UnknownPlacement: the bundle has no such placement.
        """
        return self._certificates.of(placement)

    def decision(self, placement: str) -> Decision:
        """The decision for `placement`, the same one however often it is asked for.

        Once the page is on its way to caches that may share it, whatever can depend on somebody is decided for nobody.

        Raises:
            UnknownPlacement: the bundle has no such placement.
        """
        decision = self.made.get(placement)
        if decision is None:
            decision = self.made[placement] = self._decide(placement)
        return decision

    def _decide(self, placement: str) -> Decision:
        certified = self._certificates.of(placement)
        evaluator = self.served.evaluator
        if certified.attributes and not self._is_for_caches:
            permitted = self.visit.permitted  # before anything is noted: what cannot be made changes nothing
            self.depends |= certified.attributes
            self.purposes |= certified.purposes
            return evaluator.decide(placement, permitted, now_s=self.now_s)
        if certified.attributes:
            self.too_late += (placement,)
        self.holds_for_s = min(self.holds_for_s, certified.holds_for_s(self.now_s))
        return evaluator.decide(placement, self.nobody.permitted, now_s=self.now_s)

    @property
    def is_shared(self) -> bool:
        """Whether everybody would get this page, as far as its decisions go: caches may share it."""
        stores = self.keeping is not None and self.keeping.is_asked
        return not (self.depends or stores or self._is_kept_private)

    @property
    def cache_key(self) -> str:
        """A digest of the bundle and of all that was decided: equal pages have equal keys, in every process.

        What a token was filled with is in it. So it is for the visitor's own browser, and not for keys that others see.
        """
        decided = [
            [name, made.offer, made.stage, made.reason.value, made.content]
            for name, made in sorted(self.made.items())
        ]
        text = json.dumps([self.served.digest, decided], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def keep_private(self) -> None:
        """Let no shared cache keep this page, whatever is decided: for one that is sent while it is still made."""
        self._is_kept_private = True

    def remember(self, values: Mapping[str, object]) -> frozenset[str]:
        """Have `values` stored with the visitor, and make the page private. Decisions that are made stay.

        Only first-party and declared attributes are stored, and none that the consent does not permit; without the
        consent to store, nothing is. A value of None takes away the one that is stored.

        Returns:
            The names of what will be stored: none once the response is on its way.
        Raises:
            NoPage: this page was made without anything that stores.
            NotStored: there is no such attribute, or it is none that is stored.
        """
        if self._is_on_its_way:
            return frozenset()
        return self._storing.remember(self.served.evaluator, self.visit, values)

    def forget(self) -> None:
        """Have all that is stored with the visitor forgotten, as they wish, and make the page private.

        Raises:
            NoPage: this page was made without anything that stores, or the response is on its way.
        """
        if self._is_on_its_way:
            raise NoPage("a visitor is forgotten before the response is on its way")
        self._storing.forget()

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

    def start(self, *, is_for_caches: bool) -> None:
        """Say that the response is on its way, and whether a cache may share it."""
        self._is_on_its_way = True
        self._is_for_caches = is_for_caches

    def finish(self) -> None:
        """Record what was decided and exposed. What was decided for nobody is recorded of nobody."""
        if self.journal is None or not self.made:
            return
        nobodys = self.nobody.permitted
        shared = [made for made in self.made.values() if made.permitted is nobodys]
        own = [made for made in self.made.values() if made.permitted is not nobodys]
        if own:
            self._record(own, self.visit)
        if shared:
            self._record(shared, self.nobody)

    def _record(self, decisions: Sequence[Decision], whose: Visit | Nobody) -> None:
        from discreet.events import Exposed

        seen = [
            Exposed(each.placement, each.offer, each.reason)
            for each in decisions
            if each.placement in self._exposed
        ]
        assert self.journal is not None  # noqa: S101 - `finish` asked
        self.journal.decided(self.served, decisions, whose, surface=self.surface)
        if seen:
            self.journal.exposed(self.served, seen, whose, surface=self.surface)
