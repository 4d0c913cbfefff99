"""The cells of one placement: which offers can show at which furthest stage, once per set of permitted attributes.

Many consents permit the same of what a placement reads, and are asked once. Visitors found for one set are decided
again under the others, which is much cheaper than a proof. That there is nobody under one set holds for a smaller one
too: whoever is shown an offer by the smaller set could as well lack all that only the larger permits. This fails where
the larger set adds another value of an attribute that the smaller one knows in part (a substitute or its exact one):
then nobody can lack it, and the proof is done anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from discreet.runtime.decision import Reason
from discreet.runtime.trees import Trees

from .coverage_visits import visit_of
from .proofs import Every, Undecided, Within, falls_back, furthest, wins

if TYPE_CHECKING:
    from discreet.runtime import Evaluator
    from discreet_consent import Attribute, Consent

    from .proofs import Journeys, PlacementRules, Prover, Requirement, Rules, StageRules, Visitor

Known: TypeAlias = frozenset[str]
_Asked: TypeAlias = tuple[
    str, str | None
]  # a furthest stage; an offer that wins there, or None for the fallback


@dataclass(frozen=True, slots=True)
class Question:
    """Which placements and stages are asked about; none named: all."""

    placements: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()

    def has(self, placement: str) -> bool:
        """Whether this placement is asked about."""
        return not self.placements or placement in self.placements


@dataclass(frozen=True, slots=True)
class Cell:
    """What remains of a placement for visitors whose furthest stage is this one.

    Attributes:
        offers: Those that some visitor is shown, best first; the fallback comes last where somebody gets it. None at
            all: nobody can be at this stage.
        fallback: The fallback's id where somebody gets it as such.
        undecided: Offers, or the fallback, of which it could not be proven either way.
        witnesses: For each of `offers` a visitor who, under this very consent, was decided to get it at this stage.
    """

    placement: str
    stage: str
    offers: tuple[str, ...]
    fallback: str | None = None
    undecided: tuple[str, ...] = ()
    witnesses: Mapping[str, Visitor] = field(default_factory=dict, compare=False, repr=False)

    def as_json(self) -> dict[str, Any]:
        """For machines; `undecided` only where there is something."""
        said = {
            "placement": self.placement,
            "stage": self.stage,
            "offers": list(self.offers),
            "fallback": self.fallback,
        }
        return said | ({"undecided": list(self.undecided)} if self.undecided else {})


SENSITIVE: Final = "sensitive:"  # before a sensitive item, where it stands among purposes


def granted_by(consent: Consent) -> tuple[str, ...]:
    """The keys that `consent` grants: purposes, and items as `sensitive:ITEM`."""
    return (*sorted(consent.purposes), *sorted(SENSITIVE + each for each in consent.sensitive))


def read_by(journeys: Journeys) -> Known:
    """The names of all attributes on which some stage or competing offer depends."""
    return frozenset[str]().union(
        *(_reads(journeys, rules, placement) for rules in journeys.rules for placement in rules.placements)
    )


@dataclass(slots=True)
class _Answers:
    """What is known of one placement under one set of permitted attributes; what is neither is open."""

    shown: dict[_Asked, Visitor]
    nobody: set[_Asked] = field(default_factory=set)

    def is_open(self, asked: _Asked) -> bool:
        return asked not in self.shown and asked not in self.nobody


class PlacementCells:
    """Works out the cells of one placement; see the module.

    Attributes:
        id: The placement's.
        reads: The names of the attributes on which its decisions and stages depend.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        journeys: Journeys,
        prover: Prover,
        rules: Rules,
        placement: PlacementRules,
        stages: frozenset[str],
        now_ms: float,
    ) -> None:
        self.id = placement.id
        self.reads = _reads(journeys, rules, placement)
        self._evaluator = evaluator
        self._prover = prover
        self._rules = rules
        self._placement = placement
        self._stages = [each for each in rules.stages if not stages or each.id in stages]
        self._from_now = Within(now_ms, None)
        self._families = {each.name: _family(each) for each in journeys.attributes}
        self._visitors: list[Visitor] = []
        self._nobody: list[tuple[Known, frozenset[_Asked]]] = []

    def distinct(self, consents: Sequence[Consent]) -> Mapping[Known, list[Consent]]:
        """The consents by what they permit of what is read here: the larger sets first."""
        catalogue = self._evaluator.catalogue
        by_known: dict[Known, list[Consent]] = {}
        for consent in consents:
            known = catalogue.permitted_names(consent.grants) & self.reads
            by_known.setdefault(known, []).append(consent)
        return {known: by_known[known] for known in sorted(by_known, key=len, reverse=True)}

    def cells(self, known: Known, consent: Consent) -> tuple[Cell, ...]:
        """The cells under `consent`, which permits exactly `known` of what is read here.

        Larger sets are to be asked first.
        """
        answers = _Answers({self._decided(visitor, consent): visitor for visitor in self._visitors})
        for larger, nobody in self._nobody:
            if self._carries(known, larger):
                answers.nobody |= nobody
        cells: list[Cell] = []
        for stage in self._stages:
            asked = list(self._asked(stage))
            if not self._is_possible(stage, consent, asked, answers):
                answers.nobody.update(asked)
            for each in asked:
                if answers.is_open(each):
                    self._ask(each, stage, consent, answers)
            cells.append(self._cell(stage, asked, answers))
        self._nobody.append((known, frozenset(answers.nobody)))
        return tuple(cells)

    def _asked(self, stage: StageRules) -> Iterator[_Asked]:
        """Everything that can show at a furthest stage, best first, the fallback last."""
        numbers = dict.fromkeys(offer for reached, offer in self._placement.ranked if reached <= stage.number)
        yield from ((stage.id, self._rules.offers[number].id) for number in numbers)
        yield stage.id, None

    def _is_possible(
        self, stage: StageRules, consent: Consent, asked: Sequence[_Asked], answers: _Answers
    ) -> bool:
        """Whether somebody's furthest stage can be this one; True where it is not known, or nobody asks."""
        if not answers.shown.keys().isdisjoint(asked) or not any(map(answers.is_open, asked)):
            return True
        try:
            requirement = Every((self._from_now, furthest(self._rules, stage)))
            return self._prover.find(requirement, granted=granted_by(consent)) is not None
        except Undecided:
            return True

    def _ask(self, asked: _Asked, stage: StageRules, consent: Consent, answers: _Answers) -> None:
        try:
            visitor = self._prover.find(self._requirement(asked, stage), granted=granted_by(consent))
        except Undecided:
            return
        if visitor is None:
            answers.nobody.add(asked)
        else:
            self._visitors.append(visitor)
            answers.shown.setdefault(self._decided(visitor, consent), visitor)

    def _requirement(self, asked: _Asked, stage: StageRules) -> Requirement:
        rules, placement, offer = self._rules, self._placement, asked[1]
        shows = falls_back(rules, placement) if offer is None else wins(rules, placement, offer)
        return Every((self._from_now, furthest(rules, stage), shows))

    def _decided(self, visitor: Visitor, consent: Consent) -> _Asked:
        visit = visit_of(self._evaluator, self.id, visitor, consent)
        decision = self._evaluator.decide(self.id, visit.permitted, now_s=visit.now_s)
        return decision.stage, None if decision.reason is Reason.FALLBACK else decision.offer

    def _cell(self, stage: StageRules, asked: Sequence[_Asked], answers: _Answers) -> Cell:
        fallback = self._rules.offers[self._placement.fallback].id
        witnesses = {each[1] or fallback: answers.shown[each] for each in asked if each in answers.shown}
        return Cell(
            self.id,
            stage.id,
            tuple(witnesses),
            fallback if (stage.id, None) in answers.shown else None,
            tuple(each[1] or fallback for each in asked if answers.is_open(each)),
            witnesses,
        )

    def _carries(self, known: Known, larger: Known) -> bool:
        """Whether that there is nobody under `larger` holds under `known`; see the module."""
        if not known <= larger:
            return False
        families = {self._families[name] for name in known}
        return all(self._families[name] not in families for name in larger - known)


def _family(attribute: Attribute) -> str:
    return attribute.name if attribute.coarsens is None else attribute.coarsens.parent


def _reads(journeys: Journeys, rules: Rules, placement: PlacementRules) -> Known:
    trees = Trees(journeys.catalogue)
    for tree in journeys.conditions:
        trees.add_named(tree)
    asked = [each.tree for each in rules.stages]
    asked += [rules.offers[number].tree for number in {offer for _, offer in placement.ranked}]
    numbers = frozenset[int]().union(*(trees.needs(tree).attributes for tree in asked))
    return frozenset(journeys.attributes[number].name for number in numbers)
