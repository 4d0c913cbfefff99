"""Reading attributes, conditions, stages and placements."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from discreet_consent import Attribute, AttributeType, Provenance
from discreet_consent.purposes import DATA_USES, is_data_use

from .fields import (
    check_id,
    check_identifier,
    check_keys,
    choice_of,
    flag_of,
    id_of,
    is_empty_list,
    items_of,
    prose_of,
    table_of,
    text_of,
)
from .files import Declared, Draft
from .functions import FUNCTIONS
from .lexing import RESERVED
from .nodes import Node, Scalar, Table
from .parsing import Names
from .problems import Place, short
from .report import Report
from .types import Basis, Condition, Placement, Stage
from .whens import read_when, words_of

MAX_RETENTION_S = 36_500 * 86_400
RETENTION_PATTERN = "([1-9][0-9]{0,9})([dhms])"
CATEGORY_PATTERN = r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*"
_BARE = re.compile("[1-9][0-9]{0,9}")  # a number without its unit
_RETENTION = re.compile(RETENTION_PATTERN)
_UNITS_S: Mapping[str, int] = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_CATEGORY = re.compile(CATEGORY_PATTERN)
_OWN_WORDS = RESERVED | set(FUNCTIONS)

ATTRIBUTE_KEYS = ("type", "provenance", "purposes")
OPTIONAL_ATTRIBUTE_KEYS = ("category", "retention", "sensitive", "lower")
CONDITION_KEYS = ("says", "when")
OPTIONAL_CONDITION_KEYS = ("basis", "note")


# -- attributes


def read_attributes(draft: Draft, report: Report) -> dict[str, Attribute | None]:
    """Every declared attribute by name, in order; None for one that is declared wrongly."""
    return {name: _attribute(declared, report) for name, declared in draft.sections["attributes"].items()}


def _attribute(declared: Declared, report: Report) -> Attribute | None:
    before = len(report)
    what = f"attribute `{short(declared.name)}`"
    check_identifier(declared.name, declared.place, report, "an attribute", _OWN_WORDS)
    table = table_of(declared.node, report, what)
    if table is None:
        return None
    check_keys(table, report, what, ATTRIBUTE_KEYS, OPTIONAL_ATTRIBUTE_KEYS)
    node = table.get
    kind, provenance = node("type"), node("provenance")
    type_ = None if kind is None else choice_of(kind, report, f"{what}: `type`", AttributeType)
    origin = (
        None if provenance is None else choice_of(provenance, report, f"{what}: `provenance`", Provenance)
    )
    purposes = _purposes(node("purposes"), report, what)
    category, retention_s = _category(node("category"), report, what), _retention(table, report, what)
    sensitive = _flag(table, "sensitive", report, what)
    lower = _lower(table, type_, report, what)
    if type_ is None or origin is None or not purposes or len(report) > before:
        return None
    return Attribute(
        declared.name,
        type_,
        origin,
        purposes,
        category=category,
        retention_s=retention_s,
        sensitive=sensitive,
        lower=lower,
    )


def _purposes(node: Node | None, report: Report, what: str) -> list[str]:
    if node is None:
        return []
    purposes: list[str] = []
    for each in items_of(node, report, f"{what}: `purposes`"):
        purpose = text_of(each, report, f"{what}: a purpose")
        if purpose is None:
            continue
        if not is_data_use(purpose):
            message = f"{what}: unknown purpose `{short(purpose)}`{report.hint(purpose, DATA_USES)}"
            report.add(each.place, "unknown-purpose", message)
        elif purpose in purposes:
            report.add(each.place, "named-twice", f"{what}: purpose `{purpose}` is named twice")
        purposes.append(purpose)
    if not purposes and is_empty_list(node):
        report.add(node.place, "no-purpose", f"{what} names no purpose; without one it could never be known")
    return purposes


def _category(node: Node | None, report: Report, what: str) -> str | None:
    category = None if node is None else text_of(node, report, f"{what}: `category`")
    if node is not None and category is not None and not _CATEGORY.fullmatch(category):
        message = f"{what}: `category` is a data category such as `user.behavior.purchase_history`"
        report.add(node.place, "bad-category", message)
    return category


def _retention(table: Table, report: Report, what: str) -> int | None:
    node = table.get("retention")
    if node is None:
        return None
    bare = str(node.value) if isinstance(node, Scalar) else ""
    if _BARE.fullmatch(bare):
        message = f"{what}: `retention` has no unit; write a unit: `{bare}h`, `{bare}d`"
        report.add(node.place, "bad-retention", message)
        return None
    text = text_of(node, report, f"{what}: `retention`")
    if text is None:
        return None
    match = _RETENTION.fullmatch(text)
    seconds = int(match[1]) * _UNITS_S[match[2]] if match else 0
    if 1 <= seconds <= MAX_RETENTION_S:
        return seconds
    message = f"{what}: `retention` is a time such as `365d`, `12h`, `90m` or `30s`, and at most 36500d"
    report.add(node.place, "bad-retention", message)
    return None


def _flag(table: Table, key: str, report: Report, what: str) -> bool:
    node = table.get(key)
    return node is not None and flag_of(node, report, f"{what}: `{key}`") is True


def _lower(table: Table, type_: AttributeType | None, report: Report, what: str) -> bool:
    lower = _flag(table, "lower", report, what)
    if lower and type_ not in (None, AttributeType.STRING, AttributeType.STRINGS):
        message = f"{what}: `lower` is for the types `string` and `strings`"
        report.add(table.entries["lower"].key, "wrong-type", message)
    return lower


# -- conditions


def names_of(draft: Draft, attributes: Mapping[str, Attribute | None], report: Report) -> Names:
    """The one name space of attributes, conditions and segments; a name that stands for two is a problem."""
    taken: dict[str, tuple[str, Place]] = {}
    for section in ("attributes", "conditions", "segments"):
        for name, declared in draft.sections[section].items():
            what, place = taken.setdefault(name, (section[:-1], declared.place))
            if place is not declared.place:
                message = f"`{short(name)}` is already the name of the {what} at {place}"
                report.add(declared.place, "name-taken", message)
    conditions = {*draft.sections["conditions"], *draft.sections["segments"]}
    return Names(attributes, conditions - attributes.keys())


def read_conditions(draft: Draft, names: Names, report: Report) -> list[Condition]:
    """The conditions that could be read, in order, segments last."""
    read = [
        _condition(declared, names, report, segment=section == "segments")
        for section in ("conditions", "segments")
        for declared in draft.sections[section].values()
    ]
    return [each for each in read if each is not None]


def _condition(declared: Declared, names: Names, report: Report, *, segment: bool) -> Condition | None:
    before = len(report)
    word = "segment" if segment else "condition"
    what = f"{word} `{short(declared.name)}`"
    check_identifier(declared.name, declared.place, report, f"a {word}", _OWN_WORDS)
    table = table_of(declared.node, report, what)
    if table is None:
        return None
    check_keys(table, report, what, CONDITION_KEYS, OPTIONAL_CONDITION_KEYS)
    says, asked = table.get("says"), table.get("when")
    basis, note = table.get("basis"), table.get("note")
    sentence = None if says is None else prose_of(says, report, f"{what}: `says`")
    when = None if asked is None else read_when(asked, names, report, f"{what}: `when`")
    rests_on = None if basis is None else choice_of(basis, report, f"{what}: `basis`", Basis)
    remark = None if note is None else prose_of(note, report, f"{what}: `note`")
    if sentence is None or asked is None or when is None or len(report) > before:
        return None
    return Condition(
        declared.name, sentence, when, words_of(asked), rests_on, remark, segment, declared.place
    )


# -- stages and placements


@dataclass(frozen=True, slots=True)
class StageDraft:
    """A stage, and where its entry condition stands."""

    stage: Stage
    when_at: Place


def read_stages(node: Node, names: Names, report: Report) -> list[StageDraft]:
    """The stages in the journey's order."""
    read: dict[str, StageDraft] = {}
    items = items_of(node, report, "`stages`")
    if is_empty_list(node):
        report.add(node.place, "no-stage", "a model has at least one stage")
    for at, each in enumerate(items):
        draft = _stage(each, names, report, first=at == 0)
        if draft is None:
            continue
        known = read.setdefault(draft.stage.id, draft)
        if known is not draft and draft.stage.place is not None:
            message = f"stage `{draft.stage.id}` is declared twice; first at {known.stage.place}"
            report.add(draft.stage.place, "declared-twice", message)
    return list(read.values())


def _stage(node: Node, names: Names, report: Report, *, first: bool) -> StageDraft | None:
    table = table_of(node, report, "a stage")
    if table is None:
        return None
    asked, when, says = table.get("id"), table.get("when"), table.get("says")
    name = None if asked is None else id_of(asked, report, "a stage's `id`")
    what = "a stage" if name is None else f"stage `{name}`"
    check_keys(table, report, what, ("id",), ("when", "says"))
    if first and when is not None:
        message = f"{what} is the first, where everyone is: it has no `when`"
        report.add(table.entries["when"].key, "first-stage", message)
    if not first and when is None:
        report.add(table.place, "missing-key", f"{what}: `when` is missing; only the first stage has none")
    entry = None if when is None else read_when(when, names, report, f"{what}: `when`")
    sentence = None if says is None else prose_of(says, report, f"{what}: `says`")
    if name is None or asked is None:
        return None
    return StageDraft(
        Stage(name, entry, sentence or "", asked.place), table.place if when is None else when.place
    )


@dataclass(frozen=True, slots=True)
class PlacementDraft:
    """A placement, and where its fallback is named."""

    placement: Placement
    fallback_at: Place


def read_placements(node: Node, report: Report) -> list[PlacementDraft]:
    """The placements, in order."""
    table = table_of(node, report, "`placements`")
    if table is None:
        return []
    if not table.entries:
        report.add(table.place, "no-placement", "a model has at least one placement")
    read: list[PlacementDraft] = []
    for name, entry in table.entries.items():
        check_id(name, entry.key, report, "a placement")
        what = f"placement `{short(name)}`"
        inner = table_of(entry.node, report, what)
        if inner is None:
            continue
        check_keys(inner, report, what, ("fallback",), ())
        asked = inner.get("fallback")
        fallback = None if asked is None else text_of(asked, report, f"{what}: `fallback`")
        if asked is not None and fallback is not None:
            read.append(PlacementDraft(Placement(name, fallback, entry.key), asked.place))
    return read
