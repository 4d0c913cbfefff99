"""Which conditions say the same on both sides of a comparison: first by their words, then by proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discreet.runtime import kleene as k

from .proofs import Every, Holds, Undecided, Want

if TYPE_CHECKING:
    from discreet.runtime.kleene import Tree

    from .proofs import Journeys, Prover, Requirement

_CONNECTIVES = frozenset((k.ALL, k.SOME, k.NOT))


class Likeness:
    """Compares the trees of `old` with those of `new`, both over one joint numbering, and remembers.

    Two trees are the same when they are true of the same visitors: nothing else bears on who is shown what.
    """

    def __init__(self, old: Journeys, new: Journeys, prover: Prover) -> None:
        self._old, self._new, self._prover = old.conditions, new.conditions, prover
        self._named: dict[tuple[int, int], bool] = {}
        self._proven: dict[str, bool] = {}

    def same(self, old: Tree | None, new: Tree | None) -> bool:
        """Whether both are proven to be true of the same visitors; False where the proof's budget was spent."""
        if old is None and new is None:
            return True
        if old is not None and new is not None and self._alike(old, new):
            return True
        key = f"{old} {new}"
        if key not in self._proven:
            self._proven[key] = not (self._somebody(old, new) or self._somebody(new, old))
        return self._proven[key]

    def _somebody(self, holds: Tree | None, fails: Tree | None) -> bool:
        """Whether somebody may fulfil the one and not the other."""
        if fails is None:
            return False
        wanted: list[Requirement] = [] if holds is None else [Holds(holds, Want.TRUE)]
        try:
            return self._prover.find(Every((*wanted, Holds(fails, Want.NOT_TRUE)))) is not None
        except Undecided:
            return True

    def _alike(self, old: Tree, new: Tree) -> bool:
        """Whether both are written alike, through the names of conditions too."""
        if old[0] == k.NAMED and new[0] == k.NAMED:
            return self._named_alike(old[1], new[1])
        if old[0] == k.NAMED:
            return self._alike(self._old[old[1]], new)
        if new[0] == k.NAMED:
            return self._alike(old, self._new[new[1]])
        if old[0] in _CONNECTIVES and old[0] == new[0] and len(old) == len(new):
            return all(map(self._alike, old[1:], new[1:]))
        return bool(old == new)

    def _named_alike(self, old: int, new: int) -> bool:
        key = (old, new)
        if key not in self._named:
            self._named[key] = self._alike(self._old[old], self._new[new])
        return self._named[key]
