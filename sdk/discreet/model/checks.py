"""What can only be seen when a model, or several, are read as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .expressions import Expression, Named, Unknown, walk
from .offers import OfferDraft, place_of
from .parts import StageDraft
from .problems import Place
from .report import Report
from .types import Condition, Model

MAX_CONDITION_DEPTH = 100  # conditions that name each other in a row


def check_cycles(conditions: Sequence[Condition], report: Report) -> bool:
    """Whether no condition rests on itself, through however many names; each circle is reported once."""
    named = {each.id: _named_in(each.when) for each in conditions}
    places = {each.id: each.place for each in conditions}
    depths: dict[str, int] = {}
    sound = True
    for circle in (each for start in named for each in _descend(start, named, depths)):
        sound = False
        place = places[circle[0]]
        if place is not None:
            path = " -> ".join(circle)
            report.add(place, "condition-cycle", f"condition `{circle[0]}` rests on itself: {path}")
    for name, depth in depths.items():
        place = places[name]
        if depth == MAX_CONDITION_DEPTH + 1 and place is not None:
            message = f"at most {MAX_CONDITION_DEPTH} conditions name each other in a row"
            report.add(place, "too-deep", message)
    return sound


def _descend(start: str, named: Mapping[str, Sequence[str]], depths: dict[str, int]) -> list[list[str]]:
    """Fill `depths` for all below `start`; the circles found there."""
    path: list[str] = []
    waiting = [(start, False)]
    circles: list[list[str]] = []
    while waiting:
        name, done = waiting.pop()
        if done:
            path.pop()
            depths[name] = 1 + max((depths.get(each, 0) for each in named[name]), default=0)
        elif name in path:
            circles.append([*path[path.index(name) :], name])
        elif name not in depths and name in named:
            path.append(name)
            waiting.append((name, True))
            waiting.extend((each, False) for each in reversed(named[name]))
    return circles


def _named_in(expression: Expression) -> tuple[str, ...]:
    named = (each.condition for each in walk(expression) if isinstance(each, Named))
    return tuple(dict.fromkeys(named))


class Reaching:
    """Tells from which expressions `unknown(...)` can be reached, through named conditions too.

    `conditions` must be free of cycles. One that could not be read counts as neither reaching nor not. Each condition
    is looked into once, however many offers name it.
    """

    def __init__(self, conditions: Iterable[Condition]) -> None:
        self._when = {each.id: each.when for each in conditions}
        self._known: dict[str, bool | None] = {}

    def __call__(self, expression: Expression) -> bool | None:
        """Whether `expression` reaches `unknown`; None when that cannot be said."""
        waiting = [*_named_in(expression)]
        while waiting:
            name = waiting[-1]
            when = self._when.get(name)
            ahead = [] if when is None else [each for each in _named_in(when) if each not in self._known]
            if name in self._known or not ahead:
                waiting.pop()
                self._known.setdefault(name, None if when is None else self._directly(when))
            waiting.extend(ahead if name not in self._known else ())
        return self._directly(expression)

    def _directly(self, expression: Expression) -> bool | None:
        """The same where all that `expression` names is known already."""
        parts = [
            isinstance(each, Unknown) or (isinstance(each, Named) and self._known[each.condition])
            for each in walk(expression)
        ]
        return True if True in parts else None if None in parts else False


def check_waivers(
    stages: Iterable[StageDraft], offers: Iterable[OfferDraft], reaching: Reaching, report: Report
) -> None:
    """`unknown(...)` needs a waiver on the offer, a waiver needs it, and a stage may not use it at all."""
    for each in stages:
        if each.stage.when is not None and reaching(each.stage.when):
            message = (
                f"stage `{each.stage.id}` cannot rest on `unknown(...)`: withdrawing consent would enter it"
            )
            report.add(each.when_at, "unknown-in-stage", message)
    for draft in offers:
        reaches = False if "when" not in draft.entries else None
        if draft.when is not None:
            reaches = reaching(draft.when)
        if reaches and not draft.waives and "waive" not in draft.entries:
            message = f"offer `{draft.id}` rests on `unknown(...)` and needs `waive: withdrawal`"
            report.add(place_of(draft, "when"), "waiver-missing", message)
        if reaches is False and draft.waives:
            message = f"offer `{draft.id}` does not rest on `unknown(...)`: `waive` is not needed"
            report.add(place_of(draft, "waive"), "waiver-unneeded", message)


def check_together(models: Sequence[Model], report: Report) -> None:
    """What must hold between the models of one bundle."""
    ids: dict[str, Place | None] = {}
    channels: dict[str, str] = {}
    placements: dict[str, Place | None] = {}
    for model in models:
        if model.place is None:
            continue
        if model.id in ids:
            _twice(report, model.place, f"model `{model.id}`", ids[model.id])
        elif model.channel in channels:
            message = f"channel `{model.channel}` already has the model `{channels[model.channel]}`"
            report.add(model.place, "channel-taken", message)
        ids.setdefault(model.id, model.place)
        channels.setdefault(model.channel, model.id)
        for each in model.placements:
            if each.id in placements and each.place is not None:
                _twice(report, each.place, f"placement `{each.id}`", placements[each.id])
            placements.setdefault(each.id, each.place)


def _twice(report: Report, place: Place, what: str, first: Place | None) -> None:
    report.add(place, "declared-twice", f"{what} is declared twice; first at {first}")
