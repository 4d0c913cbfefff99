"""Reading offers, and holding them against the stages and placements of their model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum

from discreet_consent.values import epoch_ms

from .content import Content, read_content
from .expressions import Expression
from .fields import (
    check_id,
    check_keys,
    choice_of,
    distinct_of,
    id_of,
    is_empty_list,
    items_of,
    priority_of,
    table_of,
    text_of,
)
from .files import Declared
from .nodes import Entry, Node, Table
from .parsing import Names
from .parts import read_prose
from .problems import Place, short
from .report import Report
from .types import Offer, Window
from .whens import read_when, words_of

OFFER_KEYS = ("id", "content")
OPTIONAL_OFFER_KEYS = (
    "says",
    "owner",
    "stages",
    "placements",
    "when",
    "priority",
    "valid",
    "waive",
    "exclusive",
    "promises",
)
COMPETING_KEYS = ("exclusive", "promises")  # an offer that never competes has none of them
_DEPENDING_KEYS = ("stages", "when", "valid", "waive")  # a fallback has none of them


class Waiver(Enum):
    """Which promise an offer gives up, knowingly."""

    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True)
class Setting:
    """What the offers of a model may refer to.

    `stages` and `placements` are None where the model's own are missing or unreadable: then nothing can be
    said. The ones `elsewhere` are those of the models that are read together with this one.
    """

    names: Names
    stages: Sequence[str] | None
    placements: Sequence[str] | None
    stages_elsewhere: AbstractSet[str]
    placements_elsewhere: AbstractSet[str]
    fallbacks: Mapping[str, str]  # offer id to the first placement whose fallback it is
    channel: str | None
    channels_elsewhere: AbstractSet[str]  # empty where one model is read alone: then nothing can be said


@dataclass(frozen=True, slots=True)
class OfferDraft:
    """An offer with the places of its keys. `offer` is None when it has problems or shows nowhere here."""

    id: str
    entries: Mapping[str, Entry]
    when: Expression | None
    waives: bool
    offer: Offer | None


def read_offer(declared: Declared, setting: Setting, report: Report) -> OfferDraft | None:
    """The offer that `declared` says, under the names, stages and placements of `setting`."""
    before = len(report)
    what = f"offer `{declared.name}`"
    table = table_of(declared.node, report, what)
    if table is None:
        return None
    check_keys(table, report, what, OFFER_KEYS, OPTIONAL_OFFER_KEYS)
    written, asked = table.get("content"), table.get("when")
    content = None if written is None else read_content(written, setting.names, report, what)
    when = None if asked is None else read_when(asked, setting.names, report, f"{what}: `when`")
    waives = _waives(table.get("waive"), report, what)
    priority = _priority(table.get("priority"), report, what)
    valid = _window(table.get("valid"), report, what)
    stages = _stages(table.get("stages"), setting, declared, report)
    placements = _placements(table.get("placements"), setting, declared, report)
    prose = {key: read_prose(table, key, report, what) for key in ("owner", "says")}
    exclusive = _exclusive(table.get("exclusive"), report, what)
    promises = _promises(table.get("promises"), setting, declared, report)
    _check_fallback(declared, table, content, setting, report)
    _check_competing(declared, table, report)
    offer = None
    shows = bool(stages and placements) or declared.name in setting.fallbacks
    if content is not None and shows and len(report) == before:
        offer = Offer(
            declared.name,
            stages,
            placements,
            when,
            priority,
            valid,
            content.value,
            waives,
            declared.place,
            owner=prose["owner"],
            says=prose["says"] or "",
            exclusive=exclusive,
            promises=promises,
            source="" if asked is None else words_of(asked),
        )
    return OfferDraft(declared.name, table.entries, when, waives, offer)


def _waives(node: Node | None, report: Report, what: str) -> bool:
    return node is not None and choice_of(node, report, f"{what}: `waive`", Waiver) is not None


def _priority(node: Node | None, report: Report, what: str) -> int:
    return (None if node is None else priority_of(node, report, f"{what}: `priority`")) or 0


def _exclusive(node: Node | None, report: Report, what: str) -> str | None:
    return None if node is None else id_of(node, report, f"{what}: `exclusive`")


# -- the window


def _window(node: Node | None, report: Report, what: str) -> Window:
    table = None if node is None else table_of(node, report, f"{what}: `valid`")
    if table is None:
        return Window()
    check_keys(table, report, f"{what}: `valid`", (), ("from", "until"))
    if not table.entries:
        report.add(table.place, "bad-window", f"{what}: `valid` needs `from`, `until` or both")
    from_ms = _instant(table.get("from"), report, f"{what}: `from`")
    until_ms = _instant(table.get("until"), report, f"{what}: `until`")
    if from_ms is not None and until_ms is not None and from_ms >= until_ms:
        message = f"{what}: the window is empty: `until` is not after `from`"
        report.add(table.entries["until"].node.place, "bad-window", message)
    return Window(from_ms, until_ms)


def _instant(node: Node | None, report: Report, what: str) -> float | None:
    text = None if node is None else text_of(node, report, what)
    if node is None or text is None:
        return None
    instant = epoch_ms(text)
    if instant is None:
        message = f"{what} cannot be `{short(text)}`; write `2026-03-01` or `2026-03-01T08:30:00Z`"
        report.add(node.place, "bad-datetime", message)
    return instant


# -- references


def _stages(node: Node | None, setting: Setting, declared: Declared, report: Report) -> tuple[str, ...]:
    known = setting.stages
    if node is None or known is None:
        return tuple(known or ())
    named = _references(node, "stage", known, setting.stages_elsewhere, declared, report)
    return tuple(stage for stage in known if stage in named)  # in the journey's order


def _placements(node: Node | None, setting: Setting, declared: Declared, report: Report) -> tuple[str, ...]:
    if node is None:
        if declared.own and setting.placements is not None and declared.name not in setting.fallbacks:
            message = f"offer `{declared.name}` never shows: it names no placement and is nobody's fallback"
            report.add(declared.place, "never-shown", message)
        return ()
    if setting.placements is None:
        return ()
    elsewhere = setting.placements_elsewhere
    named = _references(node, "placement", setting.placements, elsewhere, declared, report)
    return tuple(named)


def _references(
    node: Node,
    word: str,
    known: Sequence[str],
    elsewhere: AbstractSet[str],
    declared: Declared,
    report: Report,
) -> list[str]:
    """The names in a list that are known here. An included offer may name what only another model has."""
    what = f"offer `{declared.name}`"
    named: list[str] = []
    items = items_of(node, report, f"{what}: `{word}s`")
    for each in items:
        name = text_of(each, report, f"{what}: a {word}")
        if name is None:
            continue
        if name in named:
            report.add(each.place, "named-twice", f"{what}: {word} `{short(name)}` is named twice")
        elif name in known:
            named.append(name)
        elif declared.own or name not in elsewhere:
            together = "" if declared.own else "; if another model has it, check them together"
            message = f"{what}: unknown {word} `{short(name)}`{together}{report.hint(name, known)}"
            report.add(each.place, f"unknown-{word}", message)
    if is_empty_list(node):
        report.add(node.place, "bad-list", f"{what}: `{word}s` lists nothing; leave it out instead")
    return named


def _promises(node: Node | None, setting: Setting, declared: Declared, report: Report) -> tuple[str, ...]:
    """The channels in a list. An included offer may name the model's own: there it says nothing."""
    what = f"offer `{declared.name}`"
    if node is None:
        return ()
    if is_empty_list(node):
        report.add(node.place, "bad-list", f"{what}: `promises` lists nothing; leave it out instead")
    named = distinct_of(node, report, f"{what}: `promises`", "channel")
    elsewhere = setting.channels_elsewhere
    for name, each in named.items():
        if name == setting.channel:
            if declared.own:
                message = f"{what}: `{name}` is the model's own channel; `promises` names others"
                report.add(each.place, "own-channel", message)
        elif check_id(name, each.place, report, f"{what}: a channel") and elsewhere and name not in elsewhere:
            message = f"{what}: unknown channel `{short(name)}`{report.hint(name, elsewhere)}"
            report.add(each.place, "unknown-channel", message)
    return tuple(name for name in named if name != setting.channel)


def _check_competing(declared: Declared, table: Table, report: Report) -> None:
    """What is said of an offer's meeting with others needs an offer that can meet them."""
    for key in COMPETING_KEYS:
        if key in table.entries and "placements" not in table.entries:
            message = f"offer `{declared.name}` has no `placements` and never competes: it has no `{key}`"
            report.add(table.entries[key].key, "never-competes", message)


def _check_fallback(
    declared: Declared, table: Table, content: Content | None, setting: Setting, report: Report
) -> None:
    """A fallback depends on nothing."""
    placement = setting.fallbacks.get(declared.name)
    if placement is None:
        return
    what = f"offer `{declared.name}` is the fallback of `{placement}` and depends on nothing"
    for key in _DEPENDING_KEYS:
        if key in table.entries:
            report.add(table.entries[key].key, "fallback-depends", f"{what}: it has no `{key}`")
    for token, place in content.tokens if content is not None else ():
        report.add(place, "fallback-depends", f"{what}: it has no token `{token.attribute}`")


def place_of(draft: OfferDraft, key: str) -> Place:
    """Where `key` of an offer stands; the offer's id where it has none."""
    entry = draft.entries.get(key) or draft.entries["id"]
    return entry.key
