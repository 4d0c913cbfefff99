"""Findings for a reader: the worst first, each with what shows it, and what may be done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .output import as_text, line
from .refusals import count

if TYPE_CHECKING:
    from ..checks import Finding, Review, Severity
    from ..checks.proofs import Visitor

_STYLES = {"error": "bold red", "warning": "bold yellow", "note": "yellow"}


def print_findings(findings: Sequence[Finding], *, now_ms: float | None = None) -> None:
    """Print them, the worst first, and in the order of their places.

    Args:
        now_ms: The clock of the proofs: for a visitor of another instant it is said how to build a bundle for it.
    """
    from ..checks import Severity

    for severity in Severity:
        for finding in _of(findings, severity):
            line(str(finding), _STYLES[severity.value])
            for name, text in _details(finding, now_ms):
                line(f"  {name:<9} {text}")
            line()


def total(review: Review) -> str:
    """How many findings stand, by severity, and how many are accepted."""
    from ..checks import Severity

    stand = [
        count(number, severity.value)
        for severity in Severity
        if (number := len(_of(review.findings, severity)))
    ]
    accepted = f" ({len(review.accepted)} accepted)" if review.accepted else ""
    return (", ".join(stand) or "no problems") + accepted


def visitor_in_words(visitor: Visitor) -> str:
    """A made-up visitor, on one line: what is known of them, what they grant, and when they come."""
    known = ", ".join(f"`{name}` {as_text(value)}" for name, value in visitor.attributes.items())
    grants = [*visitor.purposes, *(f"the sensitive item {each}" for each in visitor.sensitive)]
    granting = f"granting {', '.join(grants)}" if grants else "granting nothing"
    who = "a known child" if visitor.contextual_only else "a visitor"
    return f"{who} with {known or 'nothing known'}, {granting}, at {visitor.as_json()['now']}"


def _of(findings: Sequence[Finding], severity: Severity) -> list[Finding]:
    return [each for each in findings if each.severity is severity]


def _details(finding: Finding, now_ms: float | None) -> Iterator[tuple[str, str]]:
    if finding.proof is not None:
        yield "proof", finding.proof
    if finding.witness is not None:
        yield "witness", visitor_in_words(finding.witness)
        if finding.witness.now_ms != now_ms:
            yield "build", f"discreet build MODEL... --created {finding.witness.as_json()['now']} ..."
        yield "reproduce", finding.witness.command()
    for place in finding.also:
        yield "see", str(place)
    if finding.suggestion is not None:
        yield "try", finding.suggestion
