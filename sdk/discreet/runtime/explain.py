"""Why a decision is what it is: which offers were close, what failed or was unknown, and what would have told.

Worked out from the bundle and the permitted values only, so that an explanation cannot say more than a decision.
It names attributes and prints no value; but what is said to be true of a visitor tells something about them: it is
personal data, like the permitted values themselves. Logs get `Decision.as_record()` instead.
"""

from __future__ import annotations

from discreet_consent import Provenance
from discreet_consent.purposes import is_granted

from . import kleene as k
from .offers import ALWAYS
from .printing import text_of_tree
from .readback import Readback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from discreet_consent import Attribute, Permitted

    from .bundle import CompiledModel
    from .decision import Decision
    from .kleene import Tree, Truth, Visit
    from .offers import CompiledOffer

TRUTH_WORDS = {True: "true", False: "false", None: "unknown"}


class UnknownAttribute:
    """An attribute whose value is not known, and why.

    Attributes:
        why: `withheld`, `malformed`, `stale` or `absent`.
        purposes: For a withheld one, the purposes that were not granted and would have let it be known; none for
            what no consent permits: a third-party attribute, or any but a contextual one of a known child.
        sensitive: For a withheld one, the sensitive item that was not granted; None where that is not why.
        contextual_only: Whether it is withheld because only contextual facts of a known child may be known.
    """

    __slots__ = ("contextual_only", "name", "purposes", "sensitive", "why")

    def __init__(
        self,
        name: str,
        why: str,
        purposes: tuple[str, ...] = (),
        *,
        sensitive: str | None = None,
        contextual_only: bool = False,
    ) -> None:
        self.name = name
        self.why = why
        self.purposes = purposes
        self.sensitive = sensitive
        self.contextual_only = contextual_only

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "why": self.why,
            "purposes": list(self.purposes),
            "sensitive": self.sensitive,
            "contextual_only": self.contextual_only,
        }


class Part:
    """One of the things that an offer asks: a condition, its stages, or its window.

    Attributes:
        asks: The condition's id, or the expression.
        says: The author's sentence for a named condition, else empty.
        truth: True, False, or None for unknown.
        unknown: The attributes behind an unknown.
    """

    __slots__ = ("asks", "says", "truth", "unknown")

    def __init__(self, asks: str, says: str, truth: Truth, unknown: tuple[UnknownAttribute, ...]) -> None:
        self.asks = asks
        self.says = says
        self.truth = truth
        self.unknown = unknown

    def as_dict(self) -> dict[str, Any]:
        return {
            "asks": self.asks,
            "says": self.says,
            "truth": TRUTH_WORDS[self.truth],
            "unknown": [each.as_dict() for each in self.unknown],
        }


class Candidate:
    """An offer that competes for the placement: whether it is eligible, and everything it asks."""

    __slots__ = ("eligible", "offer", "parts")

    def __init__(self, offer: str, parts: tuple[Part, ...]) -> None:
        self.offer = offer
        self.parts = parts
        self.eligible = all(part.truth is True for part in parts)

    @property
    def open_parts(self) -> tuple[Part, ...]:
        """What kept the offer from being eligible."""
        return tuple(part for part in self.parts if part.truth is not True)

    def as_dict(self) -> dict[str, Any]:
        return {
            "offer": self.offer,
            "eligible": self.eligible,
            "parts": [part.as_dict() for part in self.parts],
        }


class Explanation:
    """A decision with its candidates: the eligible first, then the others, the closest first."""

    __slots__ = ("candidates", "decision")

    def __init__(self, decision: Decision, candidates: tuple[Candidate, ...]) -> None:
        self.decision = decision
        self.candidates = candidates

    def as_dict(self) -> dict[str, Any]:
        return {
            "decision": self.decision.as_record(),
            "candidates": [each.as_dict() for each in self.candidates],
        }

    def __repr__(self) -> str:
        return f"Explanation({self.decision!r}, {len(self.candidates)} candidates)"


def explain(decision: Decision, now_ms: float) -> Explanation:
    """Explain `decision`, which was made at the same clock."""
    placed, permitted = decision.placed, decision.permitted
    model = placed.model
    visit = model.visit(permitted.values, now_ms)
    _, left = model.survey(visit.values, visit.now_ms)
    ranked = dict.fromkeys(model.eligible(left & placed.row, model.judge(visit.values, now_ms)))
    ranked.update(dict.fromkeys(number for _, number in model.clauses.ranked(placed.row, model.offers.trees)))
    ranked.update(dict.fromkeys(placed.competing))
    asked = Asked(model)
    candidates = [_candidate(asked, number, permitted, visit) for number in ranked]
    candidates.sort(key=lambda each: len(each.open_parts))  # stable: the rank decides between equals
    return Explanation(decision, tuple(candidates))


class Asked:
    """What the offers of one model ask: from their trees, or read back from the index."""

    def __init__(self, model: CompiledModel) -> None:
        self.model = model
        self._readback = Readback(model.index)
        self._bits = {number: bit for bit, number in enumerate(model.clauses.offers, model.clauses.first)}

    def tree(self, number: int) -> Tree | None:
        """The condition of an offer; None for one that asks nothing."""
        trees = self.model.offers.trees
        if number in trees:
            return trees[number]
        return self._readback.tree(self._bits[number]) if number in self._bits else None


def explain_stage(model: CompiledModel, stage: str, permitted: Permitted, now_s: float) -> tuple[Part, ...]:
    """What the entry condition of `stage` asks, part by part; nothing for the first stage."""
    visit = model.visit(permitted.values, now_s * 1000)
    tree = model.stage_trees[model.stages.index(stage)]
    return tuple(_part(model, part, permitted, visit) for part in _conjuncts(tree))


def _candidate(asked: Asked, number: int, permitted: Permitted, visit: Visit) -> Candidate:
    model, offer = asked.model, asked.model.offers[number]
    parts = [_part(model, tree, permitted, visit) for tree in _conjuncts(asked.tree(number))]
    if 0 not in offer.stages:
        parts.insert(0, _stage_part(model, offer, permitted, visit))
    if offer.window != ALWAYS:
        parts.append(Part("valid", "The offer's window is open", offer.is_open(visit.now_ms), ()))
    return Candidate(offer.id, tuple(parts))


def _conjuncts(tree: Tree | None) -> list[Tree]:
    if tree is None:
        return []
    return tree[1:] if tree[0] == k.ALL else [tree]


def _stage_part(model: CompiledModel, offer: CompiledOffer, permitted: Permitted, visit: Visit) -> Part:
    trees = [tree for stage in offer.stages if (tree := model.stage_trees[stage]) is not None]
    truths = [visit.truth(tree) for tree in trees]
    truth = True if True in truths else None if None in truths else False
    asks = "stage " + " or ".join(model.stages[stage] for stage in offer.stages)
    return Part(asks, "", truth, _unknown([k.SOME, *trees], model, permitted) if truth is None else ())


def _part(model: CompiledModel, tree: Tree, permitted: Permitted, visit: Visit) -> Part:
    truth = visit.truth(tree)
    says = model.conditions[tree[1]].says if tree[0] == k.NAMED else ""
    asks = text_of_tree(tree, permitted.catalogue, model.conditions)
    return Part(asks, says, truth, _unknown(tree, model, permitted) if truth is None else ())


def _unknown(tree: Tree, model: CompiledModel, permitted: Permitted) -> tuple[UnknownAttribute, ...]:
    numbers = sorted(set(_attributes(tree, model, set())))
    return tuple(_why(number, permitted) for number in numbers if permitted.values[number] is None)


def _attributes(tree: Tree, model: CompiledModel, seen: set[int]) -> Iterator[int]:
    if tree[0] in (k.ALL, k.SOME, k.NOT):
        for part in tree[1:]:
            yield from _attributes(part, model, seen)
    elif tree[0] == k.NAMED:
        if tree[1] not in seen:
            seen.add(tree[1])
            yield from _attributes(model.conditions[tree[1]].tree, model, seen)
    else:
        yield tree[1]


def _why(number: int, permitted: Permitted) -> UnknownAttribute:
    attribute = permitted.catalogue.attributes[number]
    name = attribute.name
    if name in permitted.withheld_declared:
        return _withheld(attribute, permitted)
    if name in permitted.malformed:
        return UnknownAttribute(name, "malformed")
    return UnknownAttribute(name, "stale" if name in permitted.stale else "absent")


def _withheld(attribute: Attribute, permitted: Permitted) -> UnknownAttribute:
    granted, items, contextual_only = permitted.grants
    if attribute.provenance is Provenance.THIRD_PARTY:
        return UnknownAttribute(attribute.name, "withheld")
    if contextual_only and attribute.provenance is not Provenance.CONTEXTUAL:
        return UnknownAttribute(attribute.name, "withheld", contextual_only=True)
    missing = tuple(each for each in attribute.purposes if not is_granted(each, granted))
    item = None if attribute.sensitive in items else attribute.sensitive
    return UnknownAttribute(attribute.name, "withheld", missing, sensitive=item)
