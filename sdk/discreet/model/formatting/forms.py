"""What a file is, by its keys: what is not of the format is not laid out."""

from __future__ import annotations

from enum import Enum

from discreet.errors import ModelError

from ..fields import check_keys, table_of
from ..files import MODEL_KEYS, OPTIONAL_KEYS, SHARED_KEYS
from ..nodes import Items, Node, Scalar, Table
from ..report import Report
from ..source import read_bytes
from .order import ATTRIBUTE, CONDITION, OFFER, SCENARIO, Shape

_INCLUDED_KEYS = (*SHARED_KEYS, "include")
_OWN_KEYS = frozenset({*MODEL_KEYS, *OPTIONAL_KEYS} - {*_INCLUDED_KEYS, "scenarios"})  # of a model alone
_SECTIONS = {
    "attributes": (ATTRIBUTE, "an attribute"),
    "conditions": (CONDITION, "a condition"),
    "segments": (CONDITION, "a segment"),
    "offers": (OFFER, "an offer"),
}


class Form(Enum):
    """The three forms of a file."""

    MODEL = "model"
    INCLUDED = "included"
    SCENARIOS = "scenarios"


def form_of(data: bytes, file: str) -> Form:
    """What the file `data`, called `file`, is.

    The keys of a model are left to the reader of models, and what is wrong otherwise to whoever reads the file next.

    Raises:
        ModelError: it is of none of the forms, no YAML or JSON, or has keys that no such file has.
        MissingExtra: it is YAML, and the extra `author` is not installed.
    """
    read, report = Report(), Report()
    node = read_bytes(data, file, read)
    if node is None:
        raise ModelError(read.problems)
    form = _form(node)
    if form is None:
        message = "this is no model, no file that models include, and no list of scenarios"
        report.add(node.place, "not-of-the-format", message)
    elif form is Form.SCENARIOS:
        _check_scenarios(node, report)
    elif form is Form.INCLUDED:
        _check_included(node, report)
    if form is None or report.problems:
        raise ModelError(report.problems)
    return form


def included_by(data: bytes, file: str) -> tuple[str, ...]:
    """The files that the model `data` includes, as it names them; none if it is no model or cannot be read."""
    node = read_bytes(data, file, Report())
    if not isinstance(node, Table) or "model" not in node.entries:
        return ()
    asked = node.get("include")
    items = asked.items if isinstance(asked, Items) else ()
    return tuple(each.value for each in items if isinstance(each, Scalar) and isinstance(each.value, str))


def _form(node: Node) -> Form | None:
    if isinstance(node, Items):
        keys = {key for each in node.items if isinstance(each, Table) for key in each.entries}
        return Form.SCENARIOS if not node.items or keys & {*SCENARIO.keys} else None
    if not isinstance(node, Table):
        return None
    if node.entries.keys() & _OWN_KEYS:
        return Form.MODEL
    if "scenarios" in node.entries:
        return Form.SCENARIOS
    return Form.INCLUDED if not node.entries or node.entries.keys() & {*_INCLUDED_KEYS} else None


def _check_scenarios(node: Node, report: Report) -> None:
    if isinstance(node, Table):
        check_keys(node, report, "a file of scenarios", ("scenarios",), ())
        node = node.entries["scenarios"].node
    _check_each(node, SCENARIO, report, "a scenario")


def _check_included(node: Node, report: Report) -> None:
    if not isinstance(node, Table):
        return
    check_keys(node, report, "an included file", (), _INCLUDED_KEYS)
    for section, (shape, what) in _SECTIONS.items():
        inner = node.get(section)
        if inner is not None:
            _check_each(inner, shape, report, what)


def _check_each(node: Node, shape: Shape, report: Report, what: str) -> None:
    parts = [*node.items] if isinstance(node, Items) else []
    parts += [each.node for each in node.entries.values()] if isinstance(node, Table) else []
    for each in parts:
        table = table_of(each, report, what)
        if table is not None:
            check_keys(table, report, what, (), shape.keys)
