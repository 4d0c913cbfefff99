"""Reading conditions, stages and placements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from discreet_consent import Attribute

from .declarations import OWN_WORDS, read_purposes
from .fields import (
    check_id,
    check_identifier,
    check_keys,
    choice_of,
    distinct_of,
    has_surrogate,
    id_of,
    is_empty_list,
    items_of,
    prose_of,
    table_of,
    text_of,
)
from .files import Declared, Draft
from .nodes import Entry, Node, Table
from .parsing import Names
from .problems import Place, short
from .report import Report
from .types import Basis, Condition, Placement, Stage
from .whens import read_when, words_of

CONDITION_KEYS = ("says", "when")
OPTIONAL_CONDITION_KEYS = ("basis", "note", "owner")
STAGE_KEYS = ("id",)
OPTIONAL_STAGE_KEYS = ("when", "says")
PLACEMENT_KEYS = ("fallback",)
OPTIONAL_PLACEMENT_KEYS = ("says", "shows", "purposes")


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
    check_identifier(declared.name, declared.place, report, f"a {word}", OWN_WORDS)
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
    owner = read_prose(table, "owner", report, what)
    if sentence is None or asked is None or when is None or len(report) > before:
        return None
    source, place = words_of(asked), declared.place
    return Condition(declared.name, sentence, when, source, rests_on, remark, segment, place, owner)


def read_prose(table: Table, key: str, report: Report, what: str) -> str | None:
    """The sentence for people under `key`; None where there is none."""
    node = table.get(key)
    return None if node is None else prose_of(node, report, f"{what}: `{key}`")


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
    check_keys(table, report, what, STAGE_KEYS, OPTIONAL_STAGE_KEYS)
    if first and when is not None:
        message = f"{what} is the first, where everyone is: it has no `when`"
        report.add(table.entries["when"].key, "first-stage", message)
    if not first and when is None:
        report.add(table.place, "missing-key", f"{what}: `when` is missing; only the first stage has none")
    entry = None if when is None else read_when(when, names, report, f"{what}: `when`")
    sentence = None if says is None else prose_of(says, report, f"{what}: `says`")
    if name is None or asked is None:
        return None
    source = "" if when is None else words_of(when)
    stage = Stage(name, entry, sentence or "", asked.place, source)
    return StageDraft(stage, table.place if when is None else when.place)


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
        draft = _placement(name, entry, report)
        read += [] if draft is None else [draft]
    return read


def _placement(name: str, entry: Entry, report: Report) -> PlacementDraft | None:
    what = f"placement `{short(name)}`"
    table = table_of(entry.node, report, what)
    if table is None:
        return None
    check_keys(table, report, what, PLACEMENT_KEYS, OPTIONAL_PLACEMENT_KEYS)
    asked, shown, limit = (table.get(key) for key in ("fallback", "shows", "purposes"))
    fallback = None if asked is None else text_of(asked, report, f"{what}: `fallback`")
    shows = () if shown is None else _shows(shown, report, f"{what}: `shows`")
    purposes = None if limit is None else tuple(read_purposes(limit, report, what))
    says = read_prose(table, "says", report, what)
    if asked is None or fallback is None:
        return None
    return PlacementDraft(Placement(name, fallback, entry.key, shows, purposes, says or ""), asked.place)


def _shows(node: Node, report: Report, what: str) -> tuple[str, ...]:
    """The content fields that a page needs."""
    if is_empty_list(node):
        report.add(node.place, "bad-list", f"{what} lists nothing; leave it out instead")
    fields = distinct_of(node, report, what, "content field")
    for each, at in fields.items():
        if not each.strip() or has_surrogate(each):
            report.add(at.place, "bad-text", f"{what}: this is not the name of a content field")
    return tuple(fields)
