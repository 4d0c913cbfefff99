"""The table of checks: what each is called, how bad what it finds is, and the page that explains it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

from .findings import Finding, Severity

if TYPE_CHECKING:
    from discreet.model import Place

    from .proofs import Visitor


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its stable code, its name, and what it finds in one line."""

    code: str
    name: str
    severity: Severity
    one_line: str

    @property
    def page(self) -> str:
        """Its page, in Markdown: what it means, an example, what to do."""
        return files("discreet.checks").joinpath("pages", f"{self.code}.md").read_text(encoding="utf-8")


_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
_TABLE = (
    Check("D101", "contradiction", _ERROR, "a condition, or what an offer asks, that no visitor can satisfy"),
    Check("D102", "same-meaning", _WARNING, "two conditions that hold for exactly the same visitors"),
    Check("D103", "stated-negatively", _NOTE, "a condition that says what is not true of the visitor"),
    Check("D104", "unused-condition", _WARNING, "a condition that no offer, stage or other condition names"),
    Check("D105", "no-basis", _NOTE, "a condition that does not say on what insight it rests"),
    Check("D201", "unreachable-stage", _ERROR, "a stage that no visitor can reach"),
    Check("D202", "never-furthest", _WARNING, "a stage whose visitors have all reached a further one"),
    Check("D203", "never-left", _WARNING, "a stage that everybody is in of whom we know what it asks"),
    Check("D301", "never-wins", _WARNING, "an offer to which better-ranked offers leave no visitor"),
    Check("D302", "no-choice", _WARNING, "a placement that shows every visitor the same"),
    Check("D303", "past-window", _WARNING, "an offer whose window has ended"),
    Check("D304", "beyond-purposes", _ERROR, "a placement that depends on more than its declared purposes"),
    Check("D305", "missing-content", _ERROR, "an offer without content that its placement shows"),
    Check("D401", "unused-attribute", _WARNING, "an attribute that nothing reads"),
    Check("D402", "out-of-range", _WARNING, "a number that the attribute's declared range excludes"),
    Check("D403", "third-party", _WARNING, "an attribute that is never permitted"),
    Check("D404", "no-signal-grants", _NOTE, "a purpose that no TC string grants"),
    Check("D501", "exclusive-together", _ERROR, "one visitor sees two offers that exclude each other"),
    Check("D502", "says-two-things", _ERROR, "one offer says different things in two channels"),
    Check("D503", "promise-not-kept", _ERROR, "a channel cannot show what another has promised"),
    Check(
        "D504", "without-effect", _NOTE, "a promise or an exclusive group that no checked model takes part in"
    ),
    Check("D901", "nothing-accepted", _WARNING, "an acceptance of something that is not found"),
    Check("D902", "undecided", _NOTE, "a question whose answer takes too long to find"),
)

CHECKS: Mapping[str, Check] = MappingProxyType({each.code: each for each in _TABLE})


def found(
    code: str,
    place: Place,
    subject: str,
    message: str,
    *,
    witness: Visitor | None = None,
    proof: str | None = None,
    also: tuple[Place, ...] = (),
    suggestion: str | None = None,
    models: tuple[str, ...] = (),
) -> Finding:
    """A finding of the check `code`, as severe as its table says."""
    return Finding(
        place, code, subject, message, CHECKS[code].severity, witness, proof, also, suggestion, models
    )
