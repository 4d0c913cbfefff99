"""The inspector, for development only: what was decided, why, what was withheld, and what another consent would change.

It shows names, never a value: no content, no token, nothing of a cookie.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from discreet.visitors import Given, Incoming
from discreet_consent import TCF_DATA_USES

from .choices import ASKED

if TYPE_CHECKING:
    from discreet.adapters import Page
    from discreet.runtime import Decision
    from discreet.visitors import Visit, Visitors

_PARTIAL: Final = (1, 11)  # storage and limited data: no profile is used
# What each switch supposes: purposes of the TCF.
_SUPPOSED: Final[Mapping[str, tuple[int, ...]]] = {
    "none": (),
    "partial": _PARTIAL,
    "all": tuple(each.number for each in ASKED),
}


@dataclass(frozen=True, slots=True)
class Row:
    """What one placement shows. `changes`: another consent shows something else than the real one."""

    placement: str
    offer: str
    reason: str
    changes: bool


@dataclass(frozen=True, slots=True)
class View:
    """Every placement under one consent."""

    id: str
    says: str
    stage: str
    rows: tuple[Row, ...]
    withheld: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the panel shows. The first view is the real one."""

    views: tuple[View, ...]
    regime: str
    purposes: tuple[str, ...]
    reasons: tuple[str, ...]
    expires: str
    bundle: str


def inspect(page: Page, supposing: Visitors, scope: MutableMapping[str, Any]) -> Inspection:
    """Look at `page` without a trace: nothing is recorded, and none of its own decisions is made here.

    Args:
        supposing: Meets the same visitors, but lets us state what they consented to.
    """
    visit, bundle = page.visit, page.served.evaluator.bundle
    real = _decided(page, visit)
    views = [_view("now", "as it is", page, visit, real)]
    incoming = Incoming.from_scope(scope, now_s=page.now_s)
    for name, numbers in _SUPPOSED.items():
        purposes = sorted(use for number in numbers for use in TCF_DATA_USES[number])
        supposed = supposing.visit(page.served.evaluator, incoming, Given(consent={"purposes": purposes}))
        says = f"if you chose {', '.join(map(str, numbers)) or 'nothing'}"
        views.append(_view(name, says, page, supposed, real))
    consent = visit.consent
    return Inspection(
        views=tuple(views),
        regime=consent.regime,
        purposes=tuple(sorted(consent.purposes_at(page.now_s))),
        reasons=consent.reasons,
        expires=_date(consent.expires_s),
        bundle=f"{bundle.name}, version {bundle.version}",
    )


def _decided(page: Page, visit: Visit) -> dict[str, Decision]:
    return page.served.evaluator.decide_all(visit.permitted, now_s=page.now_s)


def _view(name: str, says: str, page: Page, visit: Visit, real: Mapping[str, Decision]) -> View:
    decided = _decided(page, visit)
    rows = tuple(
        Row(placement, each.offer, each.reason.value, changes=each.offer != real[placement].offer)
        for placement, each in decided.items()
    )
    first = next(iter(decided.values()))
    return View(name, says, first.stage, rows, first.withheld)


def _date(at_s: float | None) -> str:
    return "never" if at_s is None else datetime.fromtimestamp(at_s, UTC).date().isoformat()
