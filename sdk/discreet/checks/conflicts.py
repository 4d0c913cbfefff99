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


def conflict(prover: Prover, asked: Sequence[Asked]) -> tuple[Asked, ...]:
    """Of things that no visitor fulfils together, some that are enough for it.

    None of them can be left out, or it takes too long to say that one can.
    """
    needed = list(asked)
    for each in asked:
        without = [other for other in needed if other is not each]
        if without and _is_impossible(prover, without):
            needed = without
    return tuple(needed)


def _is_impossible(prover: Prover, asked: Sequence[Asked]) -> bool:
    try:
        return prover.find(Every(tuple(each.requirement for each in asked))) is None
    except Undecided:
        return False


def conjuncts(expression: Expression | None, tree: Tree | None, types: Types) -> Iterator[Asked]:
    """The parts that `expression`, compiled to `tree`, asks together; itself where it is no `and`."""
    if expression is None or tree is None:
        return
    if isinstance(expression, All):
        for part, lowered in zip(expression.parts, tree[1:], strict=True):
            yield from conjuncts(part, lowered, types)
    else:
        yield Asked(f"`{words(expression, types)}`", Holds(tree, Want.TRUE))


def in_words(asked: Sequence[Asked]) -> str:
    """What is impossible about `asked`: they exclude each other, or the only one cannot hold."""
    says = list(dict.fromkeys(each.says for each in asked))
    if len(says) == 1:
        return f"{says[0]} holds for nobody"
    return f"{joined(says)} {'exclude each other' if len(says) == 2 else 'cannot hold together'}"
