"""What a check has found: where, of what, how bad it is, and what shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from discreet.model import Place

    from .proofs import Visitor


class Severity(Enum):
    """How bad a finding is, the worst first."""

    ERROR = "error"  # something that can never come about
    WARNING = "warning"  # something that is probably not meant
    NOTE = "note"  # something worth knowing

    def reaches(self, least: Severity) -> bool:
        """Whether this is as bad as `least`, or worse."""
        order = list(Severity)
        return order.index(self) <= order.index(least)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One finding in a sound model. Findings are in the order of their places.

    Attributes:
        place: Where what it is about is declared.
        code: `D104`: its row in `CHECKS`, and its page.
        subject: The id of the offer, condition, segment, stage, placement or attribute that it is about.
        message: One sentence in the author's words.
        witness: A made-up visitor who shows it.
        proof: Why there is no visitor who shows the contrary; None where that is no question.
        also: Further places that take part in it.
        suggestion: What may be done about it.
        models: The ids of the models in which it was found.
    """

    place: Place
    code: str
    subject: str
    message: str
    severity: Severity = field(compare=False)
    witness: Visitor | None = field(default=None, compare=False)
    proof: str | None = field(default=None, compare=False)
    also: tuple[Place, ...] = field(default=(), compare=False)
    suggestion: str | None = field(default=None, compare=False)
    models: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return f"{self.place}: {self.severity.value}: {self.message} [{self.code}]"

    def as_dict(self) -> Mapping[str, Any]:
        """The finding for machines.

        The witness as `discreet decide` takes it, the command for it, and `build_at`: a bundle that is created at this
        instant is in force then.
        """
        return {
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "code": self.code,
            "severity": self.severity.value,
            "subject": self.subject,
            "message": self.message,
            "witness": None if self.witness is None else self.witness.as_json(),
            "reproduce": None if self.witness is None else self.witness.command(),
            "build_at": None if self.witness is None else self.witness.as_json()["now"],
            "proof": self.proof,
            "also": [str(each) for each in self.also],
            "suggestion": self.suggestion,
            "models": list(self.models),
        }
