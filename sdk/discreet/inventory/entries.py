"""An inventory as values. What it holds is described in docs/cli.md, "The inventory"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from discreet_consent import Attribute
from discreet_consent.legal_basis import LegalBasis

FORMAT = 1


@dataclass(frozen=True, slots=True)
class PartOf:
    """An offer, a stage, a condition or a placement, by its id and the model that it is part of."""

    model: str
    id: str

    def as_dict(self) -> dict[str, str]:
        return {"model": self.model, "id": self.id}


@dataclass(frozen=True, slots=True)
class Entry:
    """One attribute: its declaration, on what its use rests, and everything that depends on it.

    Attributes:
        bases: By regime, in the order of the table.
        offers: Whose eligibility or content can depend on it, by the bundle's certificate.
        stages, conditions: Which ask for it, directly or through a named condition.
        placements: Whose decision can depend on it, by the certificate.
        tokens: The offers whose content prints it.
        substitutes: The attributes that are coarser values of it.
    """

    attribute: Attribute
    bases: Mapping[str, LegalBasis]
    offers: tuple[PartOf, ...]
    stages: tuple[PartOf, ...]
    placements: tuple[str, ...]
    tokens: tuple[PartOf, ...]
    conditions: tuple[PartOf, ...]
    substitutes: tuple[str, ...]

    @property
    def is_used(self) -> bool:
        """Whether any decision or content can depend on it."""
        return bool(self.offers or self.placements)

    def as_dict(self) -> dict[str, Any]:
        """The entry, made of what JSON has."""
        declared, coarsens = self.attribute, self.attribute.coarsens
        given = None if coarsens is None else coarsens.parameter
        by = list(given) if isinstance(given, tuple) else given
        return {
            "name": declared.name,
            "type": declared.type.value,
            "provenance": declared.provenance.value,
            "category": declared.category,
            "purposes": list(declared.purposes),
            "sensitive": declared.sensitive,
            "retention_s": declared.retention_s,
            "coarsens": None
            if coarsens is None
            else {"attribute": coarsens.parent, "by": {coarsens.method: by}},
            "substitutes": list(self.substitutes),
            "legal_basis": {
                regime: {**basis.as_dict(), "says": basis.as_text()} for regime, basis in self.bases.items()
            },
            "used": self.is_used,
            "offers": [each.as_dict() for each in self.offers],
            "stages": [each.as_dict() for each in self.stages],
            "placements": list(self.placements),
            "tokens": [each.as_dict() for each in self.tokens],
            "conditions": [each.as_dict() for each in self.conditions],
        }


@dataclass(frozen=True, slots=True)
class PurposeEntry:
    """One purpose: which attributes serve it, of which categories, and how long they are kept.

    Attributes:
        longest_retention_s: The longest retention that one of them declares; None where none does.
        without_retention: Those that are kept and declare none. What is part of the request is not kept.
    """

    purpose: str
    tcf_purpose: int | None
    attributes: tuple[str, ...]
    categories: tuple[str, ...]
    longest_retention_s: int | None
    without_retention: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The entry, made of what JSON has."""
        return {
            "purpose": self.purpose,
            "tcf_purpose": self.tcf_purpose,
            "attributes": list(self.attributes),
            "categories": list(self.categories),
            "longest_retention_s": self.longest_retention_s,
            "without_retention": list(self.without_retention),
        }


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that whoever keeps the record should look at.

    Attributes:
        code: `unused`, `exact-unused`, `never-permitted`, `not-grantable`, `no-category` or `no-retention`.
        says: What is true of each of `attributes`.
    """

    code: str
    says: str
    attributes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The remark, made of what JSON has."""
        return {"code": self.code, "says": self.says, "attributes": list(self.attributes)}


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a bundle processes.

    Attributes:
        title: What it was taken of, in a reader's words.
        bundle: What the bundle says of itself; None for models that are in no bundle yet.
        taken: ISO 8601.
        regimes: By name: the kind of each, `opt_in` or `opt_out`.
        places: By the name of a regime: the regions of the table under it; empty where regions were asked for.
        models: The ids of the models.
    """

    title: str
    bundle: Mapping[str, Any] | None
    taken: str
    policy_version: str
    regimes: Mapping[str, str]
    places: Mapping[str, tuple[str, ...]]
    models: tuple[str, ...]
    entries: tuple[Entry, ...]
    purposes: tuple[PurposeEntry, ...]
    remarks: tuple[Remark, ...]

    def as_dict(self) -> dict[str, Any]:
        """The inventory, made of what JSON has."""
        return {
            "format": FORMAT,
            "taken": self.taken,
            "bundle": None if self.bundle is None else dict(self.bundle),
            "models": list(self.models),
            "policy_version": self.policy_version,
            "regimes": dict(self.regimes),
            "attributes": [each.as_dict() for each in self.entries],
            "purposes": [each.as_dict() for each in self.purposes],
            "remarks": [each.as_dict() for each in self.remarks],
        }
