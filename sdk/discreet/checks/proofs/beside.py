"""Two journeys side by side: over one numbering, so that one visitor can be asked of both."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from discreet_consent import Attribute, Provenance

from .rules import Journeys, OfferRules, Rules
from .trees import Joint

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def side_by_side(old: Journeys, new: Journeys) -> tuple[Journeys, Journeys]:
    """The same two journeys over one numbering of attributes and conditions, for a `Prover` of both.

    An attribute that both declare alike is one. Of one that they declare differently each keeps its own: a visitor
    has one raw value for both, and what may be known of it, and how it reads, is each declaration's own affair.
    """
    attributes: list[Attribute] = [*old.attributes]
    numbers: dict[Attribute, int] = {each: number for number, each in enumerate(attributes)}
    for each in new.attributes:
        if each not in numbers:
            numbers[each] = len(attributes)
            attributes.append(each)
    joint = Joint()
    sides = [_Side(each, joint, numbers) for each in (old, new)]
    first, second = (side.moved(attributes, joint) for side in sides)
    return first, second


def withholding(journeys: Journeys, names: Collection[str]) -> tuple[Journeys, Journeys]:
    """The same journeys twice, over one numbering; for the second the attributes of these names are never known.

    So one visitor can be asked what they get, and what they would get if that was not known of them. Trees only: the
    tokens of contents are what they were.
    """
    attributes: list[Attribute] = [*journeys.attributes]
    numbers: dict[Attribute, int] = {each: number for number, each in enumerate(attributes)}
    hidden = dict(numbers)
    for each in journeys.attributes:
        if each.name in names:
            hidden[each] = len(attributes)
            attributes.append(_never_known(each))
    joint = Joint()
    sides = [_Side(journeys, joint, each) for each in (numbers, hidden)]
    first, second = (side.moved(attributes, joint) for side in sides)
    return first, replace(second, own=first.own, ranges=())


def _never_known(attribute: Attribute) -> Attribute:
    name = f"{attribute.name}_withheld"
    return Attribute(name, attribute.type, Provenance.THIRD_PARTY, attribute.purposes)


class _Side:
    def __init__(self, journeys: Journeys, joint: Joint, numbers: dict[Attribute, int]) -> None:
        self._journeys = journeys
        self._joint = joint
        joint.attributes = self._own = [numbers[each] for each in journeys.attributes]
        self._first = joint.add(journeys.conditions)
        self._rules = tuple(map(self._moved, journeys.rules))

    def moved(self, attributes: Sequence[Attribute], joint: Joint) -> Journeys:
        return Journeys(
            tuple(attributes),
            tuple(joint.conditions),
            self._rules,
            tuple(self._own),
            self._journeys.catalogue,
            tuple((self._own[number], low, high) for number, low, high in self._journeys.ranges),
        )

    def _moved(self, rules: Rules) -> Rules:
        tree, first = self._joint.tree, self._first
        return Rules(
            id=rules.id,
            channel=rules.channel,
            stages=tuple(replace(each, tree=tree(each.tree, first)) for each in rules.stages),
            conditions=tuple(
                replace(each, number=first + each.number, tree=tree(each.tree, first))
                for each in rules.conditions
            ),
            offers=tuple(map(self._offer, rules.offers)),
            placements=rules.placements,
        )

    def _offer(self, offer: OfferRules) -> OfferRules:
        return replace(offer, tree=self._joint.tree(offer.tree, self._first))
