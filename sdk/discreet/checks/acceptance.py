"""What the author accepts: findings that stay, with the reason for it, and acceptances of nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from discreet.errors import nearest

from .codes import CHECKS, found
from .usage import is_elsewhere

if TYPE_CHECKING:
    from discreet.model import Accepted, Model

    from .findings import Finding
    from .survey import Sheet, Survey


@dataclass(frozen=True, slots=True)
class AcceptedFinding:
    """A finding that the author keeps, and why."""

    finding: Finding
    because: str


@dataclass(frozen=True, slots=True)
class Review:
    """What a review of models has found: what stands, and what the author accepts."""

    findings: tuple[Finding, ...]
    accepted: tuple[AcceptedFinding, ...]


def accept(findings: Iterable[Finding], models: Sequence[Model]) -> Review:
    """Part what is accepted from what stands. An acceptance counts for what concerns its own model."""
    reasons = {(model.id, each.check, each.of): each.because for model in models for each in model.accepted}
    standing: list[Finding] = []
    accepted: list[AcceptedFinding] = []
    for finding in findings:
        keys = ((model, finding.code, finding.subject) for model in finding.models)
        because = next((reasons[key] for key in keys if key in reasons), None)
        if because is None:
            standing.append(finding)
        else:
            accepted.append(AcceptedFinding(finding, because))
    return Review(tuple(standing), tuple(accepted))


def accepting_nothing(survey: Survey, findings: Iterable[Finding]) -> Iterator[Finding]:
    """D901: an acceptance to which nothing was found, where something could have been."""
    told = {(model, each.code, each.subject) for each in findings for model in each.models}
    for sheet in survey.sheets:
        for each in sheet.model.accepted:
            if (sheet.model.id, each.check, each.of) in told or _waits(survey, sheet, each):
                continue
            yield found(
                "D901",
                each.place or sheet.place(),
                each.of,
                _nothing(each),
                proof="nothing of this code is found there",
                suggestion="delete the acceptance",
                models=sheet.models,
            )


def _waits(survey: Survey, sheet: Sheet, accepted: Accepted) -> bool:
    """Whether what is accepted may yet be found: on another day, by a longer proof, beside other models."""
    alone = len(survey.sheets) == 1
    match accepted.check:
        case "D303":
            offers = (each for each in sheet.model.offers if each.id == accepted.of)
            return any(each.valid.until_ms is not None for each in offers)
        case "D902":
            return True
        case "D104" | "D401":
            return is_elsewhere(survey, sheet, sheet.declared_at(accepted.of))
        case check:
            return alone and check.startswith("D5")


def _nothing(accepted: Accepted) -> str:
    if accepted.check not in CHECKS:
        return f"there is no check `{accepted.check}` to accept{nearest(accepted.check, CHECKS)}"
    return f"`{accepted.check}` of `{accepted.of}` is accepted, and is not found"
