"""Reading what is declared: attributes, and the substitutes that coarsen them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from discreet_consent import SENSITIVE, Attribute, AttributeType, Provenance
from discreet_consent.coarsening import METHODS
from discreet_consent.purposes import is_data_use

from ..errors import likely_uses
from .fields import (
    check_identifier,
    check_keys,
    choice_of,
    flag_of,
    is_empty_list,
    items_of,
    table_of,
    text_of,
)
from .files import Declared, Draft
from .functions import FUNCTIONS
from .lexing import RESERVED
from .nodes import Broken, Node, Scalar, Table, plain
from .problems import short
from .report import Report

MAX_RETENTION_S = 36_500 * 86_400
RETENTION_PATTERN = "([1-9][0-9]{0,9})([dhms])"
CATEGORY_PATTERN = r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*"
OWN_WORDS = RESERVED | set(FUNCTIONS)  # what nothing that expressions name may be called
_BARE = re.compile("[1-9][0-9]{0,9}")  # a number without its unit
_RETENTION = re.compile(RETENTION_PATTERN)
_UNITS_S: Mapping[str, int] = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_CATEGORY = re.compile(CATEGORY_PATTERN)

ATTRIBUTE_KEYS = ("type", "provenance", "purposes")
OPTIONAL_ATTRIBUTE_KEYS = ("category", "retention", "sensitive", "lower")
SUBSTITUTE_KEYS = ("coarsens", "by", "purposes")
INHERITED_KEYS = ("type", "provenance", "category", "retention", "lower", "range")


def read_attributes(draft: Draft, report: Report) -> dict[str, Attribute | None]:
    """Every declared attribute by name, in order; None for one that is declared wrongly."""
    declared = draft.sections["attributes"]
    facts = {
        name: _attribute(each, report) for name, each in declared.items() if not _is_substitute(each.node)
    }
    return {
        name: facts[name] if name in facts else _substitute(each, facts, declared, report)
        for name, each in declared.items()
    }


def _is_substitute(node: Node) -> bool:
    return isinstance(node, Table) and not {"coarsens", "by"}.isdisjoint(node.entries)


def _table(declared: Declared, report: Report, what: str) -> Table | None:
    check_identifier(declared.name, declared.place, report, "an attribute", OWN_WORDS)
    return table_of(declared.node, report, what)


def _attribute(declared: Declared, report: Report) -> Attribute | None:
    before = len(report)
    what = f"attribute `{short(declared.name)}`"
    table = _table(declared, report, what)
    if table is None:
        return None
    check_keys(table, report, what, ATTRIBUTE_KEYS, (*OPTIONAL_ATTRIBUTE_KEYS, "range"))
    node = table.get
    kind, provenance = node("type"), node("provenance")
    type_ = None if kind is None else choice_of(kind, report, f"{what}: `type`", AttributeType)
    origin = (
        None if provenance is None else choice_of(provenance, report, f"{what}: `provenance`", Provenance)
    )
    purposes = _purposes(node("purposes"), report, what)
    category, retention_s = _category(node("category"), report, what), _retention(table, report, what)
    sensitive = _sensitive(node("sensitive"), report, what)
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
    purposes = [] if node is None else read_purposes(node, report, what)
    if node is not None and not purposes and is_empty_list(node):
        report.add(node.place, "no-purpose", f"{what} names no purpose; without one it could never be known")
    return purposes


def read_purposes(node: Node, report: Report, what: str) -> list[str]:
    """The data uses in the list `node`; one that is unknown, or named twice, is a problem."""
    purposes: list[str] = []
    for each in items_of(node, report, f"{what}: `purposes`"):
        purpose = text_of(each, report, f"{what}: a purpose")
        if purpose is None:
            continue
        if not is_data_use(purpose):
            message = (
                f"{what}: unknown purpose `{short(purpose)}`{report.hint(purpose, likely_uses(purpose))}"
            )
            report.add(each.place, "unknown-purpose", message)
        elif purpose in purposes:
            report.add(each.place, "named-twice", f"{what}: purpose `{purpose}` is named twice")
        purposes.append(purpose)
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


def _sensitive(node: Node | None, report: Report, what: str) -> str | None:
    value = node.value if isinstance(node, Scalar) else None
    if node is None or value is False:
        return None
    if value is True:
        message = (
            f"{what}: `sensitive` names the item that needs a grant of its own: write `sensitive: health`"
        )
        report.add(node.place, "wrong-type", message)
        return None
    text = text_of(node, report, f"{what}: `sensitive`")
    if text is None or text in SENSITIVE:
        return text
    hint = report.hint(text, sorted(SENSITIVE)) or f"; it is one of {_quoted(sorted(SENSITIVE))}"
    report.add(node.place, "unknown-word", f"{what}: `sensitive` cannot be `{short(text)}`{hint}")
    return None


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _flag(table: Table, key: str, report: Report, what: str) -> bool:
    node = table.get(key)
    return node is not None and flag_of(node, report, f"{what}: `{key}`") is True


def _lower(table: Table, type_: AttributeType | None, report: Report, what: str) -> bool:
    lower = _flag(table, "lower", report, what)
    if lower and type_ not in (None, AttributeType.STRING, AttributeType.STRINGS):
        message = f"{what}: `lower` is for the types `string` and `strings`"
        report.add(table.entries["lower"].key, "wrong-type", message)
    return lower


# -- substitutes


def _substitute(
    declared: Declared, facts: Mapping[str, Attribute | None], names: Collection[str], report: Report
) -> Attribute | None:
    """The substitute in `declared`, for one of `facts`; `names` are those of all attributes."""
    before = len(report)
    what = f"attribute `{short(declared.name)}`"
    table = _table(declared, report, what)
    if table is None:
        return None
    own = {key: entry for key, entry in table.entries.items() if key not in INHERITED_KEYS}
    check_keys(Table(own, table.place), report, what, SUBSTITUTE_KEYS, ("sensitive",))
    for key in table.entries.keys() - own.keys():
        message = f"{what}: `{key}` comes from the attribute that it coarsens; leave it out"
        report.add(table.entries[key].key, "inherited-key", message)
    parent = _parent(table.get("coarsens"), facts, names, report, what)
    by = _by(table.get("by"), parent, report, what)
    purposes = _purposes(table.get("purposes"), report, what)
    sensitive = _sensitive(table.get("sensitive"), report, what)
    if parent is None or by is None or not purposes or len(report) > before:
        return None
    return parent.substitute(declared.name, purposes, *by, sensitive=sensitive)


def _parent(
    node: Node | None,
    facts: Mapping[str, Attribute | None],
    names: Collection[str],
    report: Report,
    what: str,
) -> Attribute | None:
    name = None if node is None else text_of(node, report, f"{what}: `coarsens`")
    if node is None or name is None or name in facts:
        return None if name is None else facts.get(name)
    if name in names:
        message = f"{what} cannot coarsen `{short(name)}`, which is a substitute itself"
        report.add(node.place, "substitute-twice", message)
    else:
        message = f"{what}: unknown attribute `{short(name)}`{report.hint(name, facts)}"
        report.add(node.place, "unknown-name", message)
    return None


def _by(node: Node | None, parent: Attribute | None, report: Report, what: str) -> tuple[str, object] | None:
    """The method and its parameter."""
    table = None if node is None else table_of(node, report, f"{what}: `by`")
    if node is None or table is None:
        return None
    check_keys(table, report, f"{what}: `by`", (), tuple(METHODS))
    if len(table.entries) != 1:
        report.add(node.place, "bad-coarsening", f"{what}: `by` is one of {_quoted(METHODS)}")
    for name, entry in table.entries.items():
        method = METHODS.get(name)
        if method is None or isinstance(entry.node, Broken):
            continue
        parameter = plain(entry.node)
        if method.read(parameter) is None:
            message = f"{what}: `{name}` takes {method.takes}"
            report.add(entry.node.place, "bad-coarsening", message)
        elif parent is not None and method.type != parent.type.value:
            kinds = f"for the type `{method.type}`, and `{parent.name}` is of type `{parent.type.value}`"
            message = f"{what}: `{name}` is {kinds}"
            report.add(entry.key, "wrong-type", message)
        else:
            return name, parameter
    return None
