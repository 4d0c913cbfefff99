"""Why something cannot be: the parts of it that exclude each other, as few as will do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from discreet.model import All

from .proofs import Every, Holds, Undecided, Want
from .wording import Types, joined, words

if TYPE_CHECKING:
    from discreet.model import Expression, Place
    from discreet.runtime.kleene import Tree

    from .proofs import Prover, Requirement


@dataclass(frozen=True, slots=True)
class Asked:
    """One of the things that something asks together: what it is, in a message's words, and where it stands if
    elsewhere.
    """

    says: str
    requirement: Requirement
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Things that no visitor fulfils together. `is_least`: proven that a visitor fulfils any of them but one."""

    parts: tuple[Asked, ...]
    is_least: bool = True


def conflict(prover: Prover, asked: Sequence[Asked]) -> Conflict:
    """Of things that no visitor fulfils together, some that are enough for it.

    None of them can be left out, or it takes too long to say that one can.
    """
    needed, is_least = list(asked), True
    for each in asked:
        without = [other for other in needed if other is not each]
        if not without:
            continue
        impossible = _is_impossible(prover, without)
        if impossible:
            needed = without
        is_least = is_least and impossible is not None
    return Conflict(tuple(needed), is_least)


def _is_impossible(prover: Prover, asked: Sequence[Asked]) -> bool | None:
    """None: it takes too long to say."""
    try:
        return prover.find(Every(tuple(each.requirement for each in asked))) is None
    except Undecided:
        return None


def conjuncts(expression: Expression | None, tree: Tree | None, types: Types) -> Iterator[Asked]:
    """The parts that `expression`, compiled to `tree`, asks together; itself where it is no `and`."""
    if expression is None or tree is None:
        return
    if isinstance(expression, All):
        for part, lowered in zip(expression.parts, tree[1:], strict=True):
            yield from conjuncts(part, lowered, types)
    else:
        yield Asked(f"`{words(expression, types)}`", Holds(tree, Want.TRUE))


def in_words(found: Conflict) -> str:
    """What is impossible about it: the parts exclude each other, or the only one cannot hold."""
    says = list(dict.fromkeys(each.says for each in found.parts))
    if len(says) == 1:
        return f"{says[0]} holds for nobody"
    if not found.is_least:
        return f"{joined(says)} cannot hold together; whether fewer of them can is too much to decide"
    return f"{joined(says)} {'exclude each other' if len(says) == 2 else 'cannot hold together'}"
