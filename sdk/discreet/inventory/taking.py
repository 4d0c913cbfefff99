"""Taking the inventory of a loaded bundle: its catalogue, its certificate and its trees, and the table of regimes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from discreet.runtime import Bundle
from discreet.runtime.bundle import CompiledModel
from discreet.runtime.trees import Trees
from discreet_consent import TCF_DATA_USES, Attribute, Catalogue, Policy, Provenance
from discreet_consent.legal_basis import legal_basis
from discreet_consent.regimes import Rules

from .entries import Entry, Inventory, PartOf, PurposeEntry, Remark


def inventory_of(
    bundle: Bundle,
    *,
    policy: Policy,
    taken: str,
    title: str,
    described: Mapping[str, Any] | None = None,
    regions: Sequence[str] = (),
) -> Inventory:
    """The inventory of `bundle`.

    Args:
        policy: The table of regimes from which the legal bases are read off.
        taken: When, as ISO 8601; it stands in the record.
        title: What it is taken of, in a reader's words.
        described: What the bundle says of itself; None for models that are in no bundle yet.
        regions: Judge by the rules of these regions, instead of every preset; what has no row is left out.
    """
    rules = _rules(policy, regions)
    uses = [_Uses(model, bundle.catalogue) for model in bundle.models]
    entries = tuple(
        _entry(number, bundle.catalogue, uses, rules, policy) for number in range(len(bundle.catalogue))
    )
    return Inventory(
        title=title,
        bundle=described,
        taken=taken,
        policy_version=policy.version,
        regimes={name: each.kind for name, each in rules.items()},
        places={name: _places(each, policy) for name, each in rules.items()} if not regions else {},
        models=tuple(model.id for model in bundle.models),
        entries=entries,
        purposes=tuple(_purposes(entries)),
        remarks=tuple(_remarks(entries)),
    )


def _rules(policy: Policy, regions: Sequence[str]) -> dict[str, Rules]:
    if not regions:
        return {rules.regime: rules for rules in policy.presets}
    found = {region.upper(): policy.rules_for(region) for region in regions}
    return {f"{rules.regime} ({code})": rules for code, rules in found.items() if rules is not None}


def _places(preset: Rules, policy: Policy) -> tuple[str, ...]:
    return tuple(sorted(code for code, rules in policy.regions.items() if rules.regime == preset.regime))


class _Uses:
    """What in one model depends on which attribute, by number."""

    def __init__(self, model: CompiledModel, catalogue: Catalogue) -> None:
        trees = Trees(catalogue)
        certificate = model.certificate
        self.model = model.id
        self.conditions = {each.id: trees.add_named(each.tree).attributes for each in model.conditions}
        self.stages = {
            stage: trees.needs(tree).attributes
            for stage, tree in zip(model.stages, model.stage_trees, strict=True)
        }
        self.tokens = {offer.id: offer.tokens for offer in model.offers}
        self.offers = {name: frozenset(needs) for name, needs in certificate.offers.items()}
        self.placements = {name: frozenset(certificate.placements.get(name, ())) for name in model.placements}


def _entry(
    number: int, catalogue: Catalogue, uses: Sequence[_Uses], rules: Mapping[str, Rules], policy: Policy
) -> Entry:
    attribute = catalogue.attributes[number]

    def those(of: Callable[[_Uses], Mapping[str, frozenset[int]]]) -> tuple[PartOf, ...]:
        return tuple(
            PartOf(each.model, name) for each in uses for name, needs in of(each).items() if number in needs
        )

    return Entry(
        attribute,
        {name: legal_basis(attribute, each, policy) for name, each in rules.items()},
        offers=those(lambda each: each.offers),
        stages=those(lambda each: each.stages),
        placements=tuple(each.id for each in those(lambda each: each.placements)),
        tokens=those(lambda each: each.tokens),
        conditions=those(lambda each: each.conditions),
        substitutes=tuple(
            each.name
            for each in catalogue
            if each.coarsens is not None and each.coarsens.parent == attribute.name
        ),
    )


def _purposes(entries: Sequence[Entry]) -> Iterator[PurposeEntry]:
    tcf = {use: number for number, uses in TCF_DATA_USES.items() for use in uses}
    for purpose in sorted({purpose for each in entries for purpose in each.attribute.purposes}):
        serving = [each.attribute for each in entries if purpose in each.attribute.purposes]
        kept = [each.retention_s for each in serving if each.retention_s is not None]
        yield PurposeEntry(
            purpose,
            tcf.get(purpose),
            tuple(each.name for each in serving),
            tuple(sorted({each.category for each in serving if each.category is not None})),
            max(kept, default=None),
            tuple(each.name for each in serving if _states_no_retention(each)),
        )


def _remarks(entries: Sequence[Entry]) -> Iterator[Remark]:
    used = {each.attribute.name for each in entries if each.is_used}
    for code, says, holds in _REMARKS:
        names = tuple(each.attribute.name for each in entries if holds(each, used))
        if names:
            yield Remark(code, says, names)


def _is_unused(entry: Entry, used: set[str]) -> bool:
    return not entry.is_used and used.isdisjoint(entry.substitutes)


def _is_used_coarsely_only(entry: Entry, used: set[str]) -> bool:
    return not entry.is_used and not used.isdisjoint(entry.substitutes)


def _is_never_permitted(entry: Entry, _: set[str]) -> bool:
    return entry.attribute.provenance is Provenance.THIRD_PARTY


def _is_not_grantable(entry: Entry, _: set[str]) -> bool:
    return not all(basis.is_grantable for basis in entry.bases.values())


def _has_no_category(entry: Entry, _: set[str]) -> bool:
    return entry.attribute.category is None


def _has_no_retention(entry: Entry, _: set[str]) -> bool:
    return entry.attribute.coarsens is None and _states_no_retention(entry.attribute)


def _states_no_retention(attribute: Attribute) -> bool:
    """Whether it is kept, for nobody knows how long. A substitute is kept as what it comes from."""
    return attribute.retention_s is None and attribute.provenance is not Provenance.CONTEXTUAL


_REMARKS: Sequence[tuple[str, str, Callable[[Entry, set[str]], bool]]] = (
    (
        "unused",
        "no decision and no content depends on it; data minimisation asks not to collect it",
        _is_unused,
    ),
    (
        "exact-unused",
        "only coarser values are used; data minimisation asks not to keep exact ones",
        _is_used_coarsely_only,
    ),
    ("never-permitted", "it comes from third parties, and is never permitted", _is_never_permitted),
    (
        "not-grantable",
        "under at least one regime, no signal that is heard can give the consent that it needs",
        _is_not_grantable,
    ),
    (
        "no-category",
        "no category of data is declared, which a record of processing names (GDPR, Article 30(1)(c))",
        _has_no_category,
    ),
    (
        "no-retention",
        "no retention is declared, which a record of processing should name (GDPR, Article 30(1)(f))",
        _has_no_retention,
    ),
)
