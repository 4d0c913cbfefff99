"""An inventory in a reader's words: the same texts for every form in which it is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from discreet_consent import Attribute, Coarsening, Provenance
from discreet_consent.explanation_text import sensitive_in_words

from .entries import Entry, Inventory, PartOf, PurposeEntry

HEAD = (
    "attribute",
    "type",
    "provenance",
    "category",
    "purposes",
    "sensitive data",
    "retention",
    "depends on it",
)
PURPOSE_HEAD = ("purpose", "attributes", "categories of data", "kept at most")
PROVENANCES: Mapping[Provenance, str] = {
    Provenance.CONTEXTUAL: "part of the request",
    Provenance.FIRST_PARTY: "observed by us",
    Provenance.DECLARED: "told by the visitor",
    Provenance.THIRD_PARTY: "from third parties",
}
NOTE = (
    "Legal bases are read off from the declared purposes and the table of regimes; they state what the rules ask of a "
    "visitor's signals, and are not legal advice."
)


LACKS = (
    "A record of processing also names the controller, recipients, transfers and security measures, which no bundle "
    "holds."
)
KINDS: Mapping[str, str] = {
    "opt_in": "nothing is allowed until the visitor agrees, but for what the table allows without it",
    "opt_out": "what the table allows is allowed until the visitor objects",
}


def facts(inventory: Inventory) -> list[tuple[str, str]]:
    """What an inventory says of itself."""
    found = [("taken", inventory.taken), ("models", ", ".join(inventory.models))]
    for name, value in (inventory.bundle or {}).items():
        found.append((name, ", ".join(map(str, value)) if isinstance(value, list) else str(value)))
    return [*found, ("table of regimes", inventory.policy_version or "no version")]


def row(entry: Entry, inventory: Inventory) -> tuple[str, ...]:
    """An attribute's row, in the order of `HEAD`."""
    declared = entry.attribute
    return (
        declared.name,
        declared.type.value,
        PROVENANCES[declared.provenance],
        declared.category or "not declared",
        ", ".join(declared.purposes),
        "no" if declared.sensitive is None else sensitive_in_words(declared.sensitive),
        retention(declared),
        dependents(entry, inventory),
    )


def purpose_row(purpose: PurposeEntry) -> tuple[str, ...]:
    """A purpose's row, in the order of `PURPOSE_HEAD`."""
    named = purpose.purpose
    if purpose.tcf_purpose is not None:
        named += f" (TCF purpose {purpose.tcf_purpose})"
    kept = [] if purpose.longest_retention_s is None else [duration(purpose.longest_retention_s)]
    if purpose.without_retention:
        kept.append(f"not declared for {', '.join(purpose.without_retention)}")
    categories = ", ".join(purpose.categories) or "not declared"
    return (
        named,
        ", ".join(purpose.attributes),
        categories,
        "; ".join(kept) or "not kept: part of the request",
    )


def legend(inventory: Inventory) -> list[tuple[str, str]]:
    """Of each regime, what it asks, and where it holds."""
    return [
        (name, KINDS[kind] + _where(inventory.places.get(name, ())))
        for name, kind in inventory.regimes.items()
    ]


def _where(places: Sequence[str]) -> str:
    return f" ({', '.join(places)})" if places else ""


def basis_row(entry: Entry) -> tuple[str, ...]:
    """An attribute's name, and its legal basis under each regime."""
    return entry.attribute.name, *(basis.as_text() for basis in entry.bases.values())


def dependents(entry: Entry, inventory: Inventory) -> str:
    """What depends on an attribute, in one cell."""
    several = len(inventory.models) > 1
    parts = [
        f"{word} {named(found, several=several)}"
        for word, found in (("offers", entry.offers), ("stages", entry.stages), ("printed by", entry.tokens))
        if found
    ]
    if entry.placements:
        parts.append(f"placements {', '.join(entry.placements)}")
    if entry.substitutes:
        parts.append(f"coarser values {', '.join(entry.substitutes)}")
    if not entry.is_used and entry.conditions:
        parts.append(f"only conditions that nothing uses: {named(entry.conditions, several=several)}")
    return "; ".join(parts) if entry.is_used else "; ".join(["no offer", *parts])


def named(found: Iterable[PartOf], *, several: bool) -> str:
    """Ids, with their models where there are several."""
    return ", ".join(f"{each.id} ({each.model})" if several else each.id for each in found)


def retention(attribute: Attribute) -> str:
    """How long a value is kept; of a substitute, from what it comes."""
    kept = "not declared" if attribute.retention_s is None else duration(attribute.retention_s)
    if attribute.retention_s is None and attribute.provenance is Provenance.CONTEXTUAL:
        kept = "not kept: part of the request"
    return kept if attribute.coarsens is None else f"{kept}; {manner(attribute.coarsens)}"


def manner(coarsens: Coarsening) -> str:
    """How a substitute is worked out: `postcode by 2 characters`."""
    given = coarsens.parameter
    if isinstance(given, tuple):
        return f"{coarsens.parent} by bands from {', '.join(map(str, given))}"
    if given is True:
        return f"{coarsens.parent} by {coarsens.method}"
    return f"{coarsens.parent} by {given} {coarsens.method if given != 1 else coarsens.method[:-1]}"


def duration(seconds: int) -> str:
    """`365 days`, in the largest unit that divides it."""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds % size == 0:
            return _counted(seconds // size, unit)
    return _counted(seconds, "second")


def remarks(inventory: Inventory) -> Sequence[tuple[str, str]]:
    """Of each remark, whom it is about, and what it says."""
    return [(", ".join(each.attributes), f"{each.says}.") for each in inventory.remarks]


def _counted(number: int, word: str) -> str:
    return f"{number} {word if number == 1 else word + 's'}"
