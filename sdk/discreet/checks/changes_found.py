"""What a comparison of two models or bundles found: plain values, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from discreet.model import Json

    from .proofs import Visitor

Consents: TypeAlias = "tuple[frozenset[str], ...] | None"  # the least ones; None: not found within the budget


@dataclass(frozen=True, slots=True)
class Outcome:
    """An offer that shows; `fallback` is whether it shows because nothing was eligible."""

    offer: str
    fallback: bool = False

    def as_dict(self) -> dict[str, Json]:
        return {"offer": self.offer, "fallback": self.fallback}


@dataclass(frozen=True, slots=True)
class WinnerChange:
    """At `placement` somebody sees another offer.

    Attributes:
        witness: One such visitor, with the least consent under which it is so, and the instant.
        consents: All least sets of purposes under which it can be so, a sensitive item written `sensitive:health`;
            none where only a known child meets it.
    """

    placement: str
    was: Outcome
    becomes: Outcome
    witness: Visitor
    consents: Consents

    def as_dict(self) -> dict[str, Json]:
        return {
            "placement": self.placement,
            "was": self.was.as_dict(),
            "becomes": self.becomes.as_dict(),
            "consents": consents_as_json(self.consents),
            "witness": self.witness.as_json(),
        }


@dataclass(frozen=True, slots=True)
class ContentChange:
    """Somebody sees the same offer with other content.

    Attributes:
        placements: Where somebody does.
        fields: The keys of the content that differ.
        witness: Who does, at the first of `placements`.
    """

    offer: str
    placements: tuple[str, ...]
    fields: tuple[str, ...]
    witness: Visitor
    consents: Consents

    def as_dict(self) -> dict[str, Json]:
        return {
            "offer": self.offer,
            "placements": list(self.placements),
            "fields": list(self.fields),
            "consents": consents_as_json(self.consents),
            "witness": self.witness.as_json(),
        }


@dataclass(frozen=True, slots=True)
class StageChange:
    """Somebody is in another stage of a model's journey."""

    model: str
    was: str
    becomes: str
    witness: Visitor
    consents: Consents

    def as_dict(self) -> dict[str, Json]:
        return {
            "model": self.model,
            "was": self.was,
            "becomes": self.becomes,
            "consents": consents_as_json(self.consents),
            "witness": self.witness.as_json(),
        }


@dataclass(frozen=True, slots=True)
class DeclarationChange:
    """What is declared differs, whoever it bears on.

    Attributes:
        what: `model`, `placement`, `stage` or `attribute`.
        field: What of it differs; "" where all of it was added or removed.
        was: In words; None: it was not there.
        becomes: In words; None: it is gone.
    """

    what: str
    id: str
    field: str
    was: str | None
    becomes: str | None

    @property
    def how(self) -> str:
        """`added`, `removed` or `changed`."""
        if self.field:
            return "changed"
        return "added" if self.was is None else "removed"

    def as_dict(self) -> dict[str, Json]:
        return {
            "what": self.what,
            "id": self.id,
            "how": self.how,
            "field": self.field or None,
            "was": self.was,
            "becomes": self.becomes,
        }


@dataclass(frozen=True, slots=True)
class Unproven:
    """A question whose proof was given up: there may be more changes there than were found.

    Attributes:
        where: The placement, the model for its stages, or the offer for its content.
        side: `old` or `new`: whose `outcome` it is about.
        outcome: The offer or stage whose visitors may get something else.
    """

    where: str
    side: str
    outcome: str

    def as_dict(self) -> dict[str, Json]:
        return {"where": self.where, "side": self.side, "outcome": self.outcome}


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs.

    Attributes:
        cut: The search was stopped at the number of changes that was asked for.
        placements: What was looked at, and nothing else; None: everything.
    """

    winners: tuple[WinnerChange, ...] = ()
    contents: tuple[ContentChange, ...] = ()
    stages: tuple[StageChange, ...] = ()
    declarations: tuple[DeclarationChange, ...] = ()
    unproven: tuple[Unproven, ...] = ()
    cut: bool = False
    placements: tuple[str, ...] | None = None

    @property
    def proven(self) -> bool:
        """Whether it is proven that nobody meets any other change."""
        return not self.unproven and not self.cut

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes, for anybody, under any consent; that is proven, too."""
        return self.proven and not (self.winners or self.contents or self.stages or self.declarations)

    def as_dict(self) -> dict[str, Json]:
        return {
            "same": self.is_empty,
            "proven": self.proven,
            "cut": self.cut,
            "placements": None if self.placements is None else list(self.placements),
            "winners": [each.as_dict() for each in self.winners],
            "contents": [each.as_dict() for each in self.contents],
            "stages": [each.as_dict() for each in self.stages],
            "declarations": [each.as_dict() for each in self.declarations],
            "unproven": [each.as_dict() for each in self.unproven],
        }


def consents_as_json(consents: Consents) -> list[Json] | None:
    """The least consents as lists of their words, each sorted."""
    return None if consents is None else [[*sorted(each)] for each in consents]


def fields_differing(old: Mapping[str, object], new: Mapping[str, object]) -> tuple[str, ...]:
    """The keys under which two contents differ or of which one has none, sorted; 1, 1.0 and true are three values."""
    return tuple(key for key in sorted({*old, *new}) if not _same(old, new, key))


def _same(old: Mapping[str, object], new: Mapping[str, object], key: str) -> bool:
    return key in old and key in new and same_json(old[key], new[key])


def same_json(old: object, new: object) -> bool:
    """Whether two JSON values are the same, types and all; the order of keys is no difference."""
    match old, new:
        case Mapping(), Mapping():
            return old.keys() == new.keys() and all(same_json(old[key], new[key]) for key in old)
        case ((list() | tuple()), (list() | tuple())):
            return len(old) == len(new) and all(map(same_json, old, new))
        case _:
            return type(old) is type(new) and old == new
