"""What the checks look at: the models, the rules compiled from them, and who can answer questions about both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from discreet.model import Place
from discreet.runtime import kleene
from discreet_consent import permit

from .codes import found
from .proofs import Holds, Undecided, Visitor, Want
from .reads import Reads

if TYPE_CHECKING:
    from discreet.model import Condition, Expression, Model, Offer, Placement, Progress, Stage

    from .findings import Finding
    from .proofs import Journeys, Prover, Requirement, Rules
    from .wording import Types

_EVERY = 16  # subjects between two reports of progress


class Declared(Protocol):
    """A condition, stage, placement or offer."""

    @property
    def id(self) -> str: ...
    @property
    def place(self) -> Place | None: ...


_Subject = TypeVar("_Subject", bound=Declared)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One model, the rules compiled from it, and what its parts read.

    By name: its conditions and their numbers, the types of its attributes and their numbers.
    """

    model: Model
    rules: Rules
    reads: Reads
    conditions: Mapping[str, Condition]
    numbers: Mapping[str, int]
    types: Types
    slots: Mapping[str, int]

    @property
    def models(self) -> tuple[str, ...]:
        return (self.model.id,)

    def place(self, declared: Declared | None = None) -> Place:
        """Where something of this model stands; the model itself where that is not known."""
        own = None if declared is None else declared.place
        return own or self.model.place or Place(f"<{self.model.id}>", 1, 1)

    def attribute_place(self, name: str) -> Place:
        """Where an attribute stands."""
        return self.model.declared_at.get(name) or self.place()

    def declared_at(self, name: str) -> Place:
        """Where a condition, a segment or an attribute stands."""
        return self.place(self.conditions[name]) if name in self.conditions else self.attribute_place(name)

    def holds(self, condition: str) -> Requirement:
        """That a named condition holds."""
        return Holds([kleene.NAMED, self.numbers[condition]], Want.TRUE)


def sheet_of(model: Model, journeys: Journeys) -> Sheet:
    """One of the models that are reasoned about, with what is looked up in it often."""
    rules = journeys.model(model.id)
    return Sheet(
        model,
        rules,
        Reads(model),
        {each.id: each for each in model.conditions},
        {each.id: each.number for each in rules.conditions},
        {each.name: each.type for each in model.attributes},
        {each.name: number for number, each in enumerate(journeys.attributes)},
    )


@dataclass(slots=True)
class Survey:
    """The models of one bundle under review, and what is already known to be wrong with them.

    Attributes:
        sheets: The models in the order in which they were read.
        contradictory: Conditions that can hold for nobody, as (model, condition).
        holders: A visitor for whom a condition holds, by (model, condition).
        unreachable: Stages that nobody can reach, as (model, stage).
        never_shown: Offers that nobody can be shown, as (model, offer).
        winners: A visitor for whom an offer wins, by (model, placement, offer).
        doubtful: Conditions and stages of which it could not be decided whether they can be, as (model, id).
    """

    sheets: Sequence[Sheet]
    journeys: Journeys
    prover: Prover
    now_ms: float
    progress: Progress
    contradictory: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    holders: dict[tuple[str, str], Visitor] = field(default_factory=dict[tuple[str, str], Visitor])
    unreachable: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    never_shown: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    winners: dict[tuple[str, str, str], Visitor] = field(default_factory=dict[tuple[str, str, str], Visitor])
    doubtful: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def judged(
        self,
        step: str,
        subjects: Sequence[tuple[Sheet, _Subject]],
        question: str,
        judge: Callable[[Sheet, _Subject], Iterable[Finding]],
        *,
        others_rest: bool = False,
    ) -> Iterator[Finding]:
        """What `judge` finds in each of `subjects`, and D902 where it could not come to an end.

        What rests on something of which that was told is not told of again.

        Args:
            step: What is being done, for the progress.
            question: What could not be decided then: "whether ...".
            others_rest: Whether what it could not come to an end of is in doubt for what rests on it.
        """
        for done, (sheet, subject) in enumerate(subjects):
            if done % _EVERY == 0:
                self.progress(step, done, len(subjects))
            try:
                yield from judge(sheet, subject)
            except Undecided:
                follows = self._rests_on_doubt(sheet, subject)
                if others_rest:
                    self.doubtful.add((sheet.model.id, subject.id))
                if follows:
                    continue
                message = f"`{subject.id}`: {question} was not decided within the budget of the proof"
                yield found("D902", sheet.place(subject), subject.id, message, models=sheet.models)
        self.progress(step, len(subjects), len(subjects))

    def _rests_on_doubt(self, sheet: Sheet, subject: Declared) -> bool:
        when: Expression | None = getattr(subject, "when", None)
        names = {*sheet.reads.conditions(when), *getattr(subject, "stages", ())}
        return any((sheet.model.id, name) in self.doubtful for name in names)

    def example(self, requirement: Requirement) -> Visitor | None:
        """A visitor for whom `requirement` is fulfilled, to show; None also where none was found in time."""
        try:
            return self.prover.find(requirement)
        except Undecided:
            return None

    def visit(self, visitor: Visitor) -> kleene.Visit:
        """A made-up visitor as conditions see them."""
        permitted = permit(visitor.given(), self.journeys.catalogue, visitor.consent(), visitor.now_s)
        return kleene.Visit(permitted.values, visitor.now_s * 1000, self.journeys.conditions)

    def all(self, kind: Callable[[Model], Sequence[_Subject]]) -> list[tuple[Sheet, _Subject]]:
        """The parts of one kind of all models. One that several models include is there once for each."""
        return [(sheet, each) for sheet in self.sheets for each in kind(sheet.model)]

    def distinct(self, kind: Callable[[Model], Sequence[_Subject]]) -> list[tuple[Sheet, _Subject]]:
        """The same, and what several models include is there once."""
        seen: dict[tuple[str, Place], tuple[Sheet, _Subject]] = {}
        for sheet, each in self.all(kind):
            seen.setdefault((each.id, each.place or sheet.place()), (sheet, each))
        return list(seen.values())

    def models_with(self, condition: Condition, sheet: Sheet) -> tuple[str, ...]:
        """The ids of the models that have `condition`, which `sheet` has."""
        if condition.place is None:
            return sheet.models
        return tuple(
            each.model.id
            for each in self.sheets
            if any(condition.place == own.place for own in each.model.conditions)
        )

    def models_declaring(self, name: str, place: Place) -> tuple[str, ...]:
        """The ids of the models that declare the attribute `name` at `place`."""
        return tuple(each.model.id for each in self.sheets if each.attribute_place(name) == place)

    def is_contradictory(self, sheet: Sheet, expression: Expression | None) -> bool:
        """Whether `expression` names, through whatever names, a condition that can hold for nobody."""
        names = sheet.reads.conditions(expression)
        return any((sheet.model.id, name) in self.contradictory for name in names)


def conditions_of(model: Model) -> Sequence[Condition]:
    """The conditions and segments of a model."""
    return model.conditions


def stages_of(model: Model) -> Sequence[Stage]:
    """The stages that have an entry condition."""
    return model.stages[1:]


def placements_of(model: Model) -> Sequence[Placement]:
    """The placements of a model."""
    return model.placements


def competing_of(model: Model) -> Sequence[Offer]:
    """The offers that compete for a placement."""
    return [each for each in model.offers if each.placements]
