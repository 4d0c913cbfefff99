"""Attributes: literals beyond their range, those that are never permitted, purposes that hardly anybody can grant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from discreet.model import Among, Compare, Comparison, walk
from discreet_consent import Provenance
from discreet_consent.purposes import TCF_DATA_USES, covers, is_granted

from .codes import found
from .wording import number

if TYPE_CHECKING:
    from discreet.model import Condition, Expression, Offer, Stage
    from discreet_consent import Attribute

    from .findings import Finding
    from .survey import Sheet, Survey

_OTHERS = "a consent tool's group, a regime's default or a grant of your own can"
_SIGNALLED = frozenset(key for keys in TCF_DATA_USES.values() for key in keys)


def out_of_range(survey: Survey) -> Iterator[Finding]:
    """D402: a number that the range of its attribute excludes, or that leaves nothing of it."""
    for sheet in survey.sheets:
        parts: Sequence[Condition | Stage | Offer] = (
            *sheet.model.conditions, *sheet.model.stages, *sheet.model.offers
        )  # fmt: skip
        for part in parts:
            for test, wrong in _beyond(part.when, sheet):
                low, high = sheet.model.ranges[test]
                yield found(
                    "D402",
                    sheet.place(part),
                    part.id,
                    f"`{part.id}` compares `{test}` with {wrong}, and its range is {_range(low, high)}",
                    proof=f"no value of `{test}` within its range is told apart by it",
                    also=(sheet.attribute_place(test),),
                    suggestion="correct the number, or the range",
                    models=sheet.models,
                )


def never_permitted(survey: Survey) -> Iterator[Finding]:
    """D403: an attribute of third-party provenance."""
    for sheet, attribute in _declared(survey):
        if attribute.provenance is Provenance.THIRD_PARTY and attribute.coarsens is None:
            yield found(
                "D403",
                sheet.attribute_place(attribute.name),
                attribute.name,
                f"attribute `{attribute.name}` is third_party: it is never permitted, and nothing can rest on it",
                proof="no consent permits what a third party knows",
                suggestion="delete it; ask the visitor instead, or observe it yourself",
                models=sheet.models,
            )


def ungranted(survey: Survey) -> Iterator[Finding]:
    """D404: a purpose that no TC string grants. Consent from elsewhere may still grant it."""
    for sheet, attribute in _declared(survey):
        if attribute.provenance is Provenance.THIRD_PARTY:
            continue  # never permitted, whatever is granted
        for purpose in attribute.purposes:
            if not is_granted(purpose, _SIGNALLED):
                yield found(
                    "D404",
                    sheet.attribute_place(attribute.name),
                    attribute.name,
                    f"no TC string grants `{purpose}`{_below(purpose)}; {_OTHERS}",
                    proof="no purpose of the TCF stands for it",
                    suggestion="name what a TC string can grant, if the site's consent comes from one",
                    models=sheet.models,
                )


def _declared(survey: Survey) -> Iterator[tuple[Sheet, Attribute]]:
    return ((sheet, each) for sheet in survey.sheets for each in sheet.model.attributes)


def _beyond(expression: Expression | None, sheet: Sheet) -> Iterator[tuple[str, str]]:
    """Each attribute that `expression` compares with a number that its range excludes, and that number."""
    told: set[tuple[str, float]] = set()
    for test in () if expression is None else walk(expression):
        if not isinstance(test, (Compare, Among)) or test.attribute not in sheet.model.ranges:
            continue
        low, high = sheet.model.ranges[test.attribute]
        literals = test.literals if isinstance(test, Among) else (test.literal,)
        for literal in literals:
            if isinstance(literal, float | int) and (test.attribute, literal) not in told:
                told.add((test.attribute, literal))
                if not _within(literal, low, high):
                    yield test.attribute, f"`{number(literal)}`"
                elif isinstance(test, Compare) and _leaves_nothing(test.comparison, literal, low, high):
                    yield test.attribute, f"`{test.comparison.value} {number(literal)}`"


def _within(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or low <= value) and (high is None or value <= high)


def _leaves_nothing(comparison: Comparison, value: float, low: float | None, high: float | None) -> bool:
    below = comparison is Comparison.LESS and value == low
    return below or (comparison is Comparison.MORE and value == high)


def _range(low: float | None, high: float | None) -> str:
    edges = ("null" if edge is None else number(edge) for edge in (low, high))
    return f"`[{', '.join(edges)}]`"


def _below(purpose: str) -> str:
    below = sorted(key for key in _SIGNALLED if covers(purpose, key))
    return f", only {_either(below)}" if below else ""


def _either(keys: Sequence[str]) -> str:
    """`a.b.c`, `.d` or `.e`: a key with the parent of the one before it is shown by its last word."""
    shown: list[str] = []
    parent = ""
    for key in keys:
        before, dot, last = key.rpartition(".")
        shown.append(f"`{dot}{last}`" if before == parent else f"`{key}`")
        parent = before
    return " or ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part)
