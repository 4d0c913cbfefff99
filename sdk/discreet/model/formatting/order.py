"""In which order the keys of the format stand, and which of its texts are expressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .layout import Entry, Group, Layout


@dataclass(frozen=True, slots=True)
class Shape:
    """What a part of a file is.

    Args:
        keys: In their order. Others keep theirs, behind these.
        parts: What stands under a key.
        each: What every item of a list is, and every value of a mapping whose keys are names.
        is_expression: A text here is an expression.
    """

    keys: tuple[str, ...] = ()
    parts: Mapping[str, Shape] = field(default_factory=dict)
    each: Shape | None = None
    is_expression: bool = False


PLAIN = Shape()
_MODELINE = "# yaml-language-server:"  # for editors, at the top of a file
_EXPRESSION = Shape(is_expression=True)


def _when(depth: int) -> Shape:
    """`when:`, of which the lists stand within each other."""
    inner = _EXPRESSION if depth == 0 else _when(depth - 1)
    joint = Shape(each=inner)
    return Shape(parts={"any": joint, "all": joint}, each=inner, is_expression=True)


WHEN = _when(16)
ATTRIBUTE = Shape(
    (
        "type",
        "provenance",
        "coarsens",
        "by",
        "purposes",
        "category",
        "retention",
        "sensitive",
        "lower",
        "range",
    )
)
CONDITION = Shape(("says", "when", "basis", "note", "owner"), {"when": WHEN})
STAGE = Shape(("id", "when", "says"), {"when": WHEN})
PLACEMENT = Shape(("says", "fallback", "shows", "purposes"))
OFFER = Shape(
    (
        "id",
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
        "content",
    ),
    {"when": WHEN, "valid": Shape(("from", "until"))},
)
SCENARIO = Shape(
    ("name", "attributes", "consent", "now", "placement", "expect", "never"),
    {"consent": Shape(("purposes", "sensitive")), "expect": Shape(("offer", "reason", "stage"))},
)
SCENARIOS = Shape(each=SCENARIO)
FILE = Shape(
    (
        "model",
        "channel",
        "owner",
        "include",
        "attributes",
        "conditions",
        "segments",
        "stages",
        "placements",
        "offers",
        "accepted",
        "scenarios",
    ),
    {
        "attributes": Shape(each=ATTRIBUTE),
        "conditions": Shape(each=CONDITION),
        "segments": Shape(each=CONDITION),
        "stages": Shape(each=STAGE),
        "placements": Shape(each=PLACEMENT),
        "offers": Shape(each=OFFER),
        "accepted": Shape(each=Shape(("check", "of", "because"))),
        "scenarios": SCENARIOS,
    },
)


def shape_of(*, is_table: bool) -> Shape:
    """The shape of a whole file: a model or an included file, or a list of scenarios."""
    return FILE if is_table else SCENARIOS


def part(shape: Shape, key: str | None) -> Shape:
    """The shape of what stands under `key`, or of an item."""
    found = shape.parts.get(key) if key is not None else None
    return found or shape.each or PLAIN


def rank(shape: Shape, key: str) -> int:
    """Where among its siblings `key` stands."""
    return shape.keys.index(key) if key in shape.keys else len(shape.keys)


def put_in_order(layout: Layout | None, shape: Shape) -> None:
    """Sort the keys of `layout`, each with its comments; names and unknown keys keep their order."""
    if not isinstance(layout, Group):
        return
    for entry in layout.entries:
        put_in_order(entry.value, part(shape, _name(entry)))
    if layout.is_table and shape.keys:
        layout.entries.sort(key=lambda entry: rank(shape, _name(entry) or ""))


def keep_head(root: Group, first: Entry) -> None:
    """Let the comments at the top of the file, up to a blank line, stay there if `first` is not first any more."""
    moved = root.entries[0]
    if moved is first:
        return
    size = len(first.leading) if first.after_blank else 0
    for at, each in enumerate(first.leading):
        size = max(size, at if each.after_blank else 0, at + 1 if each.text.startswith(_MODELINE) else 0)
    if size == 0:
        return
    head, first.leading = first.leading[:size], first.leading[size:]
    if first.leading:
        first.leading[0] = replace(first.leading[0], after_blank=False)
    else:
        first.after_blank = False
    if moved.leading:
        moved.leading[0] = replace(moved.leading[0], after_blank=True)
    else:
        moved.after_blank = True
    moved.leading = [*head, *moved.leading]


def _name(entry: Entry) -> str | None:
    return None if entry.key is None else entry.key.text
