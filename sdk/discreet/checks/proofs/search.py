"""The search: lazily, for a visitor who fulfils a requirement, or for the proof that there is none.

A branch holds what has been settled. A candidate is made from it, with as little known as may be; where it violates
something, one of finitely many ways out must be taken, and each becomes a branch. A branch that contradicts itself is
closed; when all are, there is no such visitor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .branch import Branch
from .candidate import Candidate, Made, Way
from .doubt import Doubt, Undecided
from .making import Maker
from .requirements import Requirement

if TYPE_CHECKING:
    from discreet.runtime.kleene import Tree
    from discreet_consent import Attribute

    from .permission import Permission
    from .trees import Needs

_LOOK_AT = 8  # violations of which the one with the fewest ways out is taken


class Search:
    """One question to one permission."""

    def __init__(
        self,
        attributes: Sequence[Attribute],
        conditions: Sequence[Tree],
        needs: Needs,
        permission: Permission,
        maker: Maker,
        budget: int,
    ) -> None:
        self._attributes = attributes
        self._conditions = conditions
        self._needs = needs
        self._permission = permission
        self._maker = maker
        self.left = budget  # candidates that may still be looked at; less than none: it was spent
        self._doubts: list[str] = []

    def first(self, requirement: Requirement) -> Iterator[tuple[Made, Candidate]]:
        """Candidates that fulfil it; whoever refuses one, because it is none after all, asks for the next.

        Raises:
            Undecided: the budget was spent; or all branches are closed, one of them in doubt.
        """
        root = Branch(self._attributes, self._conditions, self._permission.may)
        waiting = [root] if self._settled(root, requirement) else []
        while waiting:
            branch = waiting.pop()
            found = self._candidate(branch)
            if found is None:
                continue
            made, candidate = found
            ways = self._narrowest(branch, candidate)
            if ways is None:
                yield made, candidate
                self._doubts.append("a witness that is none")
            else:
                waiting += reversed(ways)
        if self._doubts:
            raise Undecided(f"not settled: {self._doubts[0]}")

    def _settled(self, branch: Branch, requirement: Requirement) -> bool:
        try:
            return branch.fulfils(requirement)
        except Doubt as doubt:
            self._doubts.append(str(doubt))
            return False

    def _candidate(self, branch: Branch) -> tuple[Made, Candidate] | None:
        self.left -= 1
        if self.left < 0:
            raise Undecided("the budget of the proof was spent")
        try:
            found = self._maker.made(branch, self._permission)
        except Doubt as doubt:
            self._doubts.append(str(doubt))
            return None
        if found is None:
            return None
        made, values, now_ms = found
        return made, Candidate(values, now_ms, self._conditions, self._needs)

    def _narrowest(self, branch: Branch, candidate: Candidate) -> list[Branch] | None:
        """The branches out of one violation, of several that which has the fewest; None when nothing is violated."""
        fewest: tuple[list[Branch], list[str]] | None = None
        looked = 0
        for ways in self._violations(branch, candidate):
            looked += 1
            at_most = len(ways) if fewest is None else len(fewest[0]) - 1
            fewest = self._open(branch, ways, at_most) or fewest
            if fewest is not None and (looked >= _LOOK_AT or len(fewest[0]) <= 1):
                break
        if looked == 0:
            return None
        branches, doubts = fewest or ([], ["a branch that does not show what it says"])
        self._doubts += doubts
        return branches

    @staticmethod
    def _violations(branch: Branch, candidate: Candidate) -> Iterator[list[Way]]:
        for tree, want in branch.open:
            if not candidate.is_so(tree, want):
                yield candidate.ways(tree, want)
        for part in branch.parts:
            yield from candidate.violations(part)

    def _open(
        self, branch: Branch, ways: Sequence[Way], at_most: int
    ) -> tuple[list[Branch], list[str]] | None:
        """A branch for each way that does not contradict, and the doubts about others.

        None where one of them is settled already, so that none is needed; and where there are more than `at_most`.
        """
        found: list[Branch] = []
        doubts: list[str] = []
        for way in ways:
            copied = branch.copy()
            try:
                holds = copied.holds(*way) if isinstance(way, tuple) else copied.fulfils(way)
            except Doubt as doubt:
                doubts.append(str(doubt))
                continue
            if holds and copied.steps == branch.steps:
                return None
            if holds:
                found.append(copied)
            if len(found) > at_most:
                return None
        return found, doubts
