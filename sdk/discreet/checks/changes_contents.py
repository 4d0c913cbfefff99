"""Offers that both sides show to the same visitor, with other content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import TYPE_CHECKING

from discreet.model import Token, parse_template
from discreet.runtime import kleene as k
from discreet.runtime.content import text_of
from discreet_consent import permit

from .changes_found import ContentChange, Unproven, fields_differing, same_json
from .changes_ladders import shows
from .proofs import Every, Holds, Undecided, Want

if TYPE_CHECKING:
    from discreet_consent import Permitted

    from .changes_search import Comparison
    from .proofs import Journeys, Requirement, Rules, Visitor

_MOST_WAYS = 64  # of knowing some tokens' attributes and not others: enough for six attributes


@dataclass(frozen=True, slots=True)
class Seen:
    """What visitors see of an offer's content on both sides, tokens filled."""

    old: Journeys
    new: Journeys
    comparison: Comparison

    def witness(
        self, shown: Requirement, was: Mapping[str, object], becomes: Mapping[str, object]
    ) -> Visitor | None:
        """Somebody who is `shown` both and, if such a one is found, sees the difference.

        Contents that differ in tokens alone may come to the same text. So visitors are tried of whom the attributes
        that are printed are known, and are not.

        Raises:
            Undecided: the budget was spent.
        """
        first = self.comparison.prover.find(shown)
        if first is None or self.differs(first, was, becomes):
            return first
        names = sorted(set(_tokens(was)) | set(_tokens(becomes)))
        leaves = [tree for name in names for tree in self._known(name)]
        wants = product((Want.NOT_TRUE, Want.TRUE), repeat=len(leaves))
        for way in islice(wants, _MOST_WAYS):
            asked = (Holds(tree, want) for tree, want in zip(leaves, way, strict=True))
            other = self.comparison.prover.find(Every((shown, *asked)))
            if other is not None and self.differs(other, was, becomes):
                return other
        return first

    def _known(self, name: str) -> Iterator[list[int]]:
        numbers = dict.fromkeys(
            number
            for side in (self.old, self.new)
            for number in side.own
            if side.attributes[number].name == name
        )
        return ([k.KNOWN, number] for number in numbers)

    def differs(self, visitor: Visitor, was: Mapping[str, object], becomes: Mapping[str, object]) -> bool:
        old, new = (
            permit(visitor.given(), side.catalogue, visitor.consent(), visitor.now_s)
            for side in (self.old, self.new)
        )
        return not same_json(_filled(was, old), _filled(becomes, new))


def content_changes(shared: Sequence[tuple[str, Rules, Rules]], seen: Seen) -> Iterator[ContentChange]:
    """The offers whose content changes for somebody, each once, with all placements where it does.

    Args:
        shared: The placements of both sides, each with its models.
    """
    places: dict[tuple[str, str, str], list[str]] = {}
    sides = {(one.id, other.id): (one, other) for _, one, other in shared}
    for placement, one, other in shared:
        for offer in _shown_by_both(placement, one, other):
            places.setdefault((offer, one.id, other.id), []).append(placement)
    for done, ((offer, one_id, other_id), placements) in enumerate(places.items()):
        seen.comparison.progress("comparing contents", done, len(places))
        one, other = sides[one_id, other_id]
        change = _change(offer, placements, one, other, seen)
        if change is not None:
            yield change


def _shown_by_both(placement: str, one: Rules, other: Rules) -> list[str]:
    """The offers whose content differs and that both sides may show there."""
    may = [_may_show(rules, placement) for rules in (one, other)]
    return [
        offer
        for offer in may[0]
        if offer in may[1] and fields_differing(one.offer(offer).content, other.offer(offer).content)
    ]


def _may_show(rules: Rules, placement: str) -> dict[str, None]:
    placed = rules.placement(placement)
    numbers = [offer for _, offer in placed.ranked] + [placed.fallback]
    return dict.fromkeys(rules.offers[number].id for number in numbers)


def _change(
    offer: str, placements: Sequence[str], one: Rules, other: Rules, seen: Seen
) -> ContentChange | None:
    was, becomes = one.offer(offer).content, other.offer(offer).content
    where: list[str] = []
    found: list[tuple[Visitor, Requirement]] = []
    for placement in placements:
        shown: Requirement = Every((shows(one, placement, offer), shows(other, placement, offer)))
        try:
            witness = seen.comparison.prover.find(shown) if where else seen.witness(shown, was, becomes)
        except Undecided:
            seen.comparison.unproven.append(Unproven(placement, "old", offer))
            continue
        if witness is not None:
            where.append(placement)
            found.append((witness, shown))
    if not found:
        return None
    witness, asked = found[0]
    least, consents = seen.comparison.least(asked, witness)
    if seen.differs(least, was, becomes):
        witness = least
    return ContentChange(offer, tuple(where), fields_differing(was, becomes), witness, consents)


def _tokens(content: object) -> Iterator[str]:
    """The names of the attributes that a content prints."""
    for part in _parts(content):
        if isinstance(part, Token):
            yield part.attribute


def _parts(content: object) -> Iterator[str | Token]:
    match content:
        case str():
            yield from parse_template(content)
        case Mapping():
            for each in content.values():
                yield from _parts(each)
        case list() | tuple():
            for each in content:
                yield from _parts(each)
        case _:
            return


def _filled(content: object, known: Permitted) -> object:
    match content:
        case str():
            parts = parse_template(content)
            return "".join(p if isinstance(p, str) else _printed(p, known) for p in parts)
        case Mapping():
            return {key: _filled(value, known) for key, value in content.items()}
        case list() | tuple():
            return [_filled(each, known) for each in content]
        case _:
            return content


def _printed(token: Token, known: Permitted) -> str:
    value = known.get(token.attribute)
    return token.default if isinstance(value, frozenset) else text_of(value, token.default)
