"""What two sides declare: models, placements, stages and attributes that are there on one side only, or differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from .changes_found import DeclarationChange

if TYPE_CHECKING:
    from discreet_consent import Attribute

    from .proofs import Journeys, Rules

# What is declared of an attribute, in words; what is behind it may say to whom it makes a difference.
_FIELDS: Mapping[str, Callable[[Attribute], str | None]] = {
    "type": lambda each: each.type.value,
    "provenance": lambda each: each.provenance.value,
    "purposes": lambda each: ", ".join(each.purposes),
    "category": lambda each: each.category,
    "retention": lambda each: None if each.retention_s is None else _length(each.retention_s),
    "sensitive": lambda each: each.sensitive,
    "lower": lambda each: str(each.lower).lower(),
    "coarsens": lambda each: None if each.coarsens is None else _coarsening(each),
}
_LENGTHS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def declared_changes(old: Journeys, new: Journeys) -> Iterator[DeclarationChange]:
    """All of them: models, placements and attributes, then the stages of the models that both sides have."""
    paired = paired_models(old, new)
    was, becomes = {one.id for one, _ in paired}, {other.id for _, other in paired}
    yield from _only(
        "model",
        [rules.id for rules in old.rules if rules.id not in was],
        [rules.id for rules in new.rules if rules.id not in becomes],
    )
    for one, other in paired:
        for field, old_word, new_word in (("id", one.id, other.id), ("channel", one.channel, other.channel)):
            if old_word != new_word:
                yield DeclarationChange("model", one.id, field, old_word, new_word)
    yield from _one_sided("placement", _placements(old), _placements(new))
    for one, other in paired:
        stages = ([stage.id for stage in one.stages], [stage.id for stage in other.stages])
        yield from _one_sided("stage", *stages)
    yield from _attributes(old, new)


def paired_models(old: Journeys, new: Journeys) -> list[tuple[Rules, Rules]]:
    """The models of both sides that stand for each other: of one id, else of one channel."""
    by_id = {rules.id: rules for rules in new.rules}
    paired = {rules.id: by_id[rules.id] for rules in old.rules if rules.id in by_id}
    taken = set(paired)
    by_channel = {rules.channel: rules for rules in new.rules if rules.id not in taken}
    for rules in old.rules:
        if rules.id not in paired and rules.channel in by_channel:
            paired[rules.id] = by_channel.pop(rules.channel)
    return [(rules, paired[rules.id]) for rules in old.rules if rules.id in paired]


def _placements(journeys: Journeys) -> list[str]:
    return [placement.id for rules in journeys.rules for placement in rules.placements]


def _one_sided(what: str, old: Iterable[str], new: Iterable[str]) -> Iterator[DeclarationChange]:
    was, becomes = dict.fromkeys(old), dict.fromkeys(new)
    yield from _only(
        what, [each for each in was if each not in becomes], [e for e in becomes if e not in was]
    )


def _only(what: str, removed: Iterable[str], added: Iterable[str]) -> Iterator[DeclarationChange]:
    yield from (DeclarationChange(what, each, "", each, None) for each in removed)
    yield from (DeclarationChange(what, each, "", None, each) for each in added)


def _attributes(old: Journeys, new: Journeys) -> Iterator[DeclarationChange]:
    was = {each.name: each for each in old.attributes}
    becomes = {each.name: each for each in new.attributes}
    yield from _one_sided("attribute", was, becomes)
    for name in sorted(was.keys() & becomes.keys()):
        for field, in_words in _FIELDS.items():
            one, other = in_words(was[name]), in_words(becomes[name])
            if one != other:
                yield DeclarationChange("attribute", name, field, one, other)


def _length(seconds: int) -> str:
    unit, size = next((unit, size) for unit, size in _LENGTHS if seconds % size == 0)
    return f"{seconds // size}{unit}"


def _coarsening(attribute: Attribute) -> str | None:
    coarsens = attribute.coarsens
    return None if coarsens is None else f"{coarsens.parent} by {coarsens.method} {coarsens.parameter}"
