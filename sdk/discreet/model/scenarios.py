"""Scenarios, written beside the model: a visitor, a consent and an instant, and what must come of them.

Reading them is done here; running them is the work of `discreet test`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TypeAlias

from discreet_consent import Attribute
from discreet_consent.values import admit, epoch_ms

from .fields import check_keys, choice_of, items_of, prose_of, table_of, text_of
from .literals import TYPE_NAMES
from .nodes import Broken, Items, Node, Scalar, Table, plain
from .problems import Place, short
from .report import Report
from .scenario_consents import Signalled, Stated, read_consent
from .source import read_file
from .types import Model, Offer

SCENARIO_KEYS = ("name", "consent", "now", "placement")
OPTIONAL_SCENARIO_KEYS = ("attributes", "expect", "never")
Value: TypeAlias = bool | int | float | str | tuple[str, ...]


class Outcome(Enum):
    """The reasons that a decision can give and a scenario can expect."""

    MATCHED = "matched"
    FALLBACK = "fallback"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Given:
    """A value that the visitor has, and when it was observed; without that it counts as fresh."""

    value: Value = field(repr=False)
    observed_s: float | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What must be decided; what is None may be anything."""

    offer: str
    reason: Outcome | None = None
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One visit and its outcome: what must be decided (`expect`), or which offer must not be (`never`)."""

    name: str
    placement: str
    now_s: float
    attributes: Mapping[str, Given] = field(repr=False)
    consent: Stated | Signalled
    expect: Expected | None = None
    never: str | None = None
    place: Place | None = field(default=None, compare=False)


def read_scenarios(path: Path, models: Sequence[Model]) -> tuple[Scenario, ...]:
    """The scenarios in the file at `path`: a list, or a mapping (such as a model) with the list `scenarios`.

    Raises:
        ModelError: with every problem of the file; also when it cannot be read.
        MissingExtra: the file is YAML, and the extra `author` is not installed.
    """
    report = Report()
    file = Path(path).as_posix()
    node: Node | None = None
    try:
        node = read_file(Path(path), file, report)
    except FileNotFoundError:
        report.add(Place(file, 1, 1), "missing-file", f"`{file}` does not exist")
    except OSError as error:
        reason = (error.strerror or "it is no file").lower()
        report.add(Place(file, 1, 1), "unreadable-file", f"`{file}` cannot be read: {reason}")
    scenarios = () if node is None else _scenarios(node, models, report)
    report.raise_if_any()
    return scenarios


def has_scenarios(path: Path) -> bool:
    """Whether the file at `path` is a mapping with the key `scenarios`; no problem of the file is reported."""
    try:
        node = read_file(Path(path), Path(path).as_posix(), Report())
    except OSError:
        return False
    return isinstance(node, Table) and "scenarios" in node.entries


def _scenarios(node: Node, models: Sequence[Model], report: Report) -> tuple[Scenario, ...]:
    if isinstance(node, Table):
        inner = node.get("scenarios")
        if inner is None:
            report.add(node.place, "missing-key", "a file of scenarios is a list, or has the key `scenarios`")
            return ()
        if "model" not in node.entries:
            check_keys(node, report, "a file of scenarios", ("scenarios",), ())
        node = inner
    reader = _ScenarioReader(models, report)
    for each in items_of(node, report, "`scenarios`"):
        reader.read(each)
    return tuple(reader.scenarios.values())


class _ScenarioReader:
    def __init__(self, models: Sequence[Model], report: Report) -> None:
        self._report = report
        self._attributes: dict[str, Attribute] = {each.name: each for m in models for each in m.attributes}
        self._model_of: dict[str, Model] = {each.id: model for model in models for each in model.placements}
        self.scenarios: dict[str, Scenario] = {}

    def read(self, node: Node) -> None:
        table = table_of(node, self._report, "a scenario")
        if table is None:
            return
        asked = table.get("name")
        name = None if asked is None else prose_of(asked, self._report, "a scenario's `name`")
        what = "a scenario" if name is None else f"scenario `{short(name)}`"
        check_keys(table, self._report, what, SCENARIO_KEYS, OPTIONAL_SCENARIO_KEYS)
        placement = self._placement(table.get("placement"), what)
        now_s = self._instant(table.get("now"), f"{what}: `now`")
        attributes = self._given(table.get("attributes"), what)
        consent = read_consent(table.get("consent"), [*self._attributes.values()], self._report, what)
        model = None if placement is None else self._model_of[placement]
        expect, never = self._outcome(table, model, what)
        if name is None or asked is None or placement is None or now_s is None or consent is None:
            return
        scenario = Scenario(name, placement, now_s, attributes, consent, expect, never, asked.place)
        first = self.scenarios.setdefault(name, scenario)
        if first is not scenario:
            message = f"{what} is declared twice; first at {first.place}"
            self._report.add(asked.place, "declared-twice", message)

    def _placement(self, node: Node | None, what: str) -> str | None:
        placement = None if node is None else text_of(node, self._report, f"{what}: `placement`")
        if node is None or placement is None or placement in self._model_of:
            return placement
        message = (
            f"{what}: unknown placement `{short(placement)}`{self._report.hint(placement, self._model_of)}"
        )
        self._report.add(node.place, "unknown-placement", message)
        return None

    def _instant(self, node: Node | None, what: str) -> float | None:
        text = None if node is None else text_of(node, self._report, what)
        if node is None or text is None:
            return None
        instant = epoch_ms(text)
        if instant is not None:
            return instant / 1_000
        message = f"{what} cannot be `{short(text)}`; write `2026-03-01` or `2026-03-01T08:30:00Z`"
        self._report.add(node.place, "bad-datetime", message)
        return None

    # -- what the visitor has

    def _given(self, node: Node | None, what: str) -> dict[str, Given]:
        table = None if node is None else table_of(node, self._report, f"{what}: `attributes`")
        given: dict[str, Given] = {}
        for name, entry in ({} if table is None else table.entries).items():
            attribute = self._attributes.get(name)
            if attribute is None:
                message = (
                    f"{what}: unknown attribute `{short(name)}`{self._report.hint(name, self._attributes)}"
                )
                self._report.add(entry.key, "unknown-name", message)
                continue
            if attribute.coarsens is not None:
                parent = attribute.coarsens.parent
                message = f"{what}: `{name}` is worked out from `{parent}`; say what that is"
                self._report.add(entry.key, "substitute-given", message)
                continue
            value = self._value(attribute, entry.node, what)
            if value is not None:
                given[name] = value
        return given

    def _value(self, attribute: Attribute, node: Node, what: str) -> Given | None:
        observed_s = None
        if isinstance(node, Table):
            check_keys(node, self._report, f"{what}: `{attribute.name}`", ("value",), ("observed",))
            observed_s = self._instant(node.get("observed"), f"{what}: `{attribute.name}`: `observed`")
            inner = node.get("value")
            if inner is None:
                return None
            node = inner
        if isinstance(node, Broken) or (isinstance(node, Scalar) and node.value is None):
            return None  # nothing is known
        value = plain(node)
        if admit(attribute, value) is None:
            article = TYPE_NAMES[attribute.type]
            message = f"{what}: attribute `{attribute.name}` is {article}, and this value is not a valid one"
            self._report.add(node.place, "wrong-type", message)
            return None
        if isinstance(node, Items):
            return Given(
                tuple(str(each.value) for each in node.items if isinstance(each, Scalar)), observed_s
            )
        return Given(value, observed_s) if isinstance(value, (bool, int, float, str)) else None

    # -- what must come of it

    def _outcome(self, table: Table, model: Model | None, what: str) -> tuple[Expected | None, str | None]:
        expect, never = table.get("expect"), table.get("never")
        if (expect is None) == (never is None):
            message = f"{what} says either what to `expect` or which offer `never` to show"
            self._report.add(table.place, "no-outcome", message)
        banned = None if never is None else self._offer(never, model, f"{what}: `never`")
        inner = None if expect is None else table_of(expect, self._report, f"{what}: `expect`")
        if inner is None:
            return None, banned
        check_keys(inner, self._report, f"{what}: `expect`", ("offer",), ("reason", "stage"))
        asked, reason = inner.get("offer"), inner.get("reason")
        offer = None if asked is None else self._offer(asked, model, f"{what}: `offer`")
        why = None if reason is None else choice_of(reason, self._report, f"{what}: `reason`", Outcome)
        stage = self._stage(inner.get("stage"), model, what)
        return (None if offer is None else Expected(offer, why, stage)), banned

    def _offer(self, node: Node, model: Model | None, what: str) -> str | None:
        offers: Mapping[str, Offer] = {} if model is None else {each.id: each for each in model.offers}
        return self._known(node, offers, model, what, "offer")

    def _stage(self, node: Node | None, model: Model | None, what: str) -> str | None:
        if node is None:
            return None
        stages = {} if model is None else {each.id: each for each in model.stages}
        return self._known(node, stages, model, f"{what}: `stage`", "stage")

    def _known(
        self, node: Node, known: Mapping[str, object], model: Model | None, what: str, word: str
    ) -> str | None:
        name = text_of(node, self._report, what)
        if name is not None and model is not None and name not in known:
            message = f"{what}: unknown {word} `{short(name)}`{self._report.hint(name, known)}"
            self._report.add(node.place, f"unknown-{word}", message)
        return name
