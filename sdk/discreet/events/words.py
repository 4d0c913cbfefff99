"""The words of one bundle: all that a record may be made of. What a visitor sent is never among them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from discreet_consent.purposes import is_granted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from discreet.runtime import Evaluator
    from discreet_consent.consent import Grants

MOST_GRANTS = 1_024  # that are remembered: it is visitors who choose them


class Words:
    """What a bundle can show where, and what it asks for."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.bundle = evaluator.bundle
        self._asked: dict[Grants, Grants] = {}

    @cached_property
    def offers(self) -> Mapping[str, frozenset[str]]:
        """The ids of the offers that can show, by placement."""
        return {
            name: frozenset(placed.model.offers.ids[each] for each in (*placed.competing, placed.fallback))
            for model in self.bundle.models
            for name, placed in model.placements.items()
        }

    @cached_property
    def _purposes(self) -> frozenset[str]:
        return frozenset(purpose for each in self.bundle.catalogue for purpose in each.purposes)

    @cached_property
    def _items(self) -> frozenset[str]:
        return frozenset(each.sensitive for each in self.bundle.catalogue if each.sensitive is not None)

    def asked(self, grants: Grants) -> Grants:
        """The same grants in the bundle's words: they permit the same attributes, and say nothing more."""
        asked = self._asked.get(grants)
        if asked is None:
            purposes, sensitive, child = grants
            granted = frozenset(each for each in self._purposes if is_granted(each, purposes))
            asked = (granted, self._items & sensitive, child)
            if len(self._asked) >= MOST_GRANTS:
                self._asked = {}
            self._asked[grants] = asked
        return asked
