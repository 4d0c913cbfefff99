"""Reading models: files or plain data in, sound models or every problem out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from discreet_consent import Attribute

from .acceptances import read_accepted
from .checks import Reaching, check_cycles, check_together, check_waivers
from .declarations import ATTRIBUTE_KEYS, OPTIONAL_ATTRIBUTE_KEYS, read_attributes
from .fields import id_of, table_of
from .files import Draft, Shelf, draft_of
from .nodes import Items, Node, Table
from .offers import OfferDraft, Setting, read_offer
from .parsing import Names
from .parts import (
    PlacementDraft,
    StageDraft,
    names_of,
    read_conditions,
    read_placements,
    read_prose,
    read_stages,
)
from .problems import Place, short
from .progress import Progress, told, unheard
from .ranges import read_ranges
from .report import Report
from .tree import tree_of
from .types import Condition, Model, Offer, Range


def read_models(
    paths: Sequence[Path],
    *,
    root: Path | None = None,
    progress: Progress | None = None,
    instead: Mapping[Path, bytes] | None = None,
) -> tuple[Model, ...]:
    """The models in the files at `paths`, in that order, each with everything that it includes.

    Args:
        root: The folder in which included files must lie; for each model its own folder where left out.
        progress: Hears now and then of the step, how much of it is done, and how much there is.
        instead: What files hold that are not read from the disk, models or included ones: as an editor has them.
    Raises:
        ModelError: with every problem of every file, in the order of their places.
        MissingExtra: a file is YAML, and the extra `author` is not installed.
    """
    report = Report()
    heard = progress or unheard
    shelf = Shelf(report, root, heard, instead or {})
    drafts = [shelf.draft(Path(path)) for path in paths]
    return _understand([draft for draft in drafts if draft is not None], report, heard)


def models_from_dicts(documents: Sequence[Mapping[str, object]]) -> tuple[Model, ...]:
    """The models that plain data of the file format's shape say: the same rules, without files.

    Places are paths: `<python>:offers[3].when`, or `<python>[n]:...` where there are several documents.

    Raises:
        ModelError: with every problem, in the order of their places.
    """
    report = Report()
    drafts: list[Draft] = []
    for at, document in enumerate(documents):
        file = "<python>" if len(documents) == 1 else f"<python>[{at}]"
        table = table_of(tree_of(document, file, report), report, "a model")
        if table is not None:
            drafts.append(draft_of(table, report))
    return _understand(drafts, report, unheard)


@dataclass(frozen=True, slots=True)
class _Outline:
    """A draft of which everything but the offers is read."""

    draft: Draft
    id: str | None
    channel: str | None
    place: Place
    attributes: Mapping[str, Attribute | None]
    ranges: Mapping[str, Range]
    names: Names
    conditions: Sequence[Condition]
    stages: Sequence[StageDraft]
    placements: Sequence[PlacementDraft]


def _understand(drafts: Sequence[Draft], report: Report, progress: Progress) -> tuple[Model, ...]:
    outlines = [_outline(draft, report) for draft in drafts]
    _check_attributes(outlines, report)
    models = [_model(each, outlines, report, progress) for each in outlines]
    check_together(models, report)
    report.raise_if_any()
    return tuple(models)


def _outline(draft: Draft, report: Report) -> _Outline:
    table = draft.table
    attributes = read_attributes(draft, report)
    names = names_of(draft, attributes, report)
    stages, placements = table.get("stages"), table.get("placements")
    asked = table.get("model")
    return _Outline(
        draft,
        _id(table, "model", report),
        _id(table, "channel", report),
        table.place if asked is None else asked.place,
        attributes,
        read_ranges(draft.sections["attributes"], attributes, report),
        names,
        read_conditions(draft, names, report),
        [] if stages is None else read_stages(stages, names, report),
        [] if placements is None else read_placements(placements, report),
    )


def _id(table: Table, key: str, report: Report) -> str | None:
    node = table.get(key)
    return None if node is None else id_of(node, report, f"`{key}`")


def _check_attributes(outlines: Sequence[_Outline], report: Report) -> None:
    """One bundle has one catalogue: what two models declare, they declare alike."""
    first: dict[str, tuple[Attribute, Range | None, Place]] = {}
    for outline in outlines:
        declared = outline.draft.sections["attributes"]
        for name, attribute in outline.attributes.items():
            if attribute is None:
                continue
            here = attribute, outline.ranges.get(name), declared[name].place
            known, range_, place = first.setdefault(name, here)
            keys = [*_differing(known, attribute), *(["range"] if range_ != here[1] else [])]
            if keys:
                fields = ", ".join(f"`{each}`" for each in keys)
                message = f"attribute `{name}` is declared differently at {place}: they differ in {fields}"
                report.add(declared[name].place, "declared-differently", message)


def _differing(one: Attribute, other: Attribute) -> list[str]:
    """The keys of the file format in which two declarations differ."""
    keys = (*ATTRIBUTE_KEYS, *OPTIONAL_ATTRIBUTE_KEYS)
    fields = {key: "retention_s" if key == "retention" else key for key in keys}
    differing = [key for key, name in fields.items() if getattr(one, name) != getattr(other, name)]
    a, b = one.coarsens, other.coarsens
    if a != b:
        parents = (a and a.parent, b and b.parent)
        differing.append("by" if parents[0] == parents[1] else "coarsens")
    return differing


def _model(outline: _Outline, outlines: Sequence[_Outline], report: Report, progress: Progress) -> Model:
    """The model of `outline`; it counts only if nothing is in `report` in the end."""
    setting = _setting(outline, outlines)
    declared = list(outline.draft.sections["offers"].values())
    read = [read_offer(each, setting, report) for each in told("reading offers", declared, progress)]
    offers = [each for each in read if each is not None]
    _check_fallbacks(outline, report)
    if check_cycles(outline.conditions, report):
        check_waivers(outline.stages, offers, Reaching(outline.conditions), report)
    return Model(
        outline.id or "",
        outline.channel or "",
        tuple(each for each in outline.attributes.values() if each is not None),
        tuple(outline.conditions),
        tuple(each.stage for each in outline.stages),
        tuple(each.placement for each in outline.placements),
        _offers(offers),
        outline.place,
        {name: each.place for name, each in outline.draft.sections["attributes"].items()},
        read_prose(outline.draft.table, "owner", report, "a model"),
        read_accepted(outline.draft.table.get("accepted"), _subjects(outline), report),
        outline.ranges,
    )


def _subjects(outline: _Outline) -> list[str]:
    """All names that a finding can be about."""
    placements = _placement_names(outline.draft.table.get("placements")) or ()
    declared = (name for section in outline.draft.sections.values() for name in section)
    return list(dict.fromkeys([*declared, *(each.stage.id for each in outline.stages), *placements]))


def _offers(drafts: Sequence[OfferDraft]) -> tuple[Offer, ...]:
    return tuple(each.offer for each in drafts if each.offer is not None)


def _setting(outline: _Outline, outlines: Sequence[_Outline]) -> Setting:
    others = [each for each in outlines if each is not outline]
    table = outline.draft.table
    fallbacks: dict[str, str] = {}
    for each in outline.placements:
        fallbacks.setdefault(each.placement.fallback, each.placement.id)
    return Setting(
        outline.names,
        _stage_names(table.get("stages"), outline.stages),
        _placement_names(table.get("placements")),
        {each.stage.id for other in others for each in other.stages},
        {each.placement.id for other in others for each in other.placements},
        fallbacks,
        outline.channel,
        {other.channel for other in others if other.channel is not None},
    )


def _placement_names(node: Node | None) -> Sequence[str] | None:
    return list(node.entries) if isinstance(node, Table) and node.entries else None


def _stage_names(node: Node | None, stages: Sequence[StageDraft]) -> Sequence[str] | None:
    return [each.stage.id for each in stages] if isinstance(node, Items) and node.items else None


def _check_fallbacks(outline: _Outline, report: Report) -> None:
    offers = outline.draft.sections["offers"]
    for each in outline.placements:
        name = each.placement.fallback
        if name not in offers:
            message = (
                f"placement `{each.placement.id}`: unknown offer `{short(name)}`{report.hint(name, offers)}"
            )
            report.add(each.fallback_at, "unknown-offer", message)
