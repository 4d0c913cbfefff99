"""Collecting what is wrong, so that an author hears of everything at once."""

from __future__ import annotations

from collections.abc import Collection

from discreet.errors import ModelError, nearest

from .problems import Place, Problem

MAX_PROBLEMS = 1_000  # shown in one run; who has more is told so
MAX_HINTS = 50  # nearest names looked up in one run: finding one takes long
MAX_HINTED_LENGTH = 256


class Report:
    """The problems found so far. The same problem found twice, by two ways to one file, is shown once.

    Its length counts every finding, so that whoever reads a part sees whether that part had problems.
    """

    __slots__ = ("_found", "_hints", "_problems")

    def __init__(self) -> None:
        self._problems: dict[Problem, None] = {}
        self._found = 0
        self._hints = MAX_HINTS

    def __len__(self) -> int:
        return self._found

    def add(self, place: Place, code: str, message: str) -> None:
        """Report one problem. What is not printable in `message`, a name in it perhaps, becomes a space."""
        self._found += 1
        if len(self._problems) > MAX_PROBLEMS:
            return
        if not message.isprintable():
            message = "".join(char if char.isprintable() else " " for char in message)
        problem = Problem(place, code, message)
        if len(self._problems) == MAX_PROBLEMS and problem not in self._problems:
            problem = Problem(
                place, "too-many", f"there are more than the {MAX_PROBLEMS} problems that are shown"
            )
        self._problems[problem] = None

    def extend(self, other: Report) -> None:
        """Take over what `other` found."""
        for problem in other.problems:
            self.add(problem.place, problem.code, problem.message)

    def hint(self, name: str, known: Collection[str]) -> str:
        """The hint "; did you mean `x`?", or nothing."""
        self._hints -= 1
        return nearest(name[:MAX_HINTED_LENGTH], known) if self._hints >= 0 else ""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems, in the order of their places."""
        return tuple(sorted(self._problems))

    def raise_if_any(self) -> None:
        """Refuse the model if anything is wrong.

        Raises:
            ModelError: with every problem.
        """
        if self._problems:
            raise ModelError(self.problems)
