"""Which operators of spec/expressions.md plain documents use, and on which types: read off by `ast`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .reference import declarations_of

Document = Mapping[str, Any]

_SIGNS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in",
    ast.NotIn: "not in",
}  # fmt: skip


def operators_said(documents: Sequence[Document]) -> set[str]:
    """The operators, each with the type of what it is about: `number <`, `days in`; and how conditions are joined."""
    kinds = {name: each["type"] for name, each in declarations_of(documents).items()}
    return {
        said
        for document in documents
        for when in _whens(document)
        for said in _of_when(when, document, kinds)
    }


def _whens(document: Document) -> Iterator[Any]:
    conditions = [*document.get("conditions", {}).values(), *document.get("segments", {}).values()]
    for part in (*conditions, *document["stages"], *document["offers"]):
        if "when" in part:
            yield part["when"]


def _of_when(when: Any, document: Document, kinds: Mapping[str, str]) -> Iterator[str]:
    if isinstance(when, str):
        for node in ast.walk(ast.parse(f"({when})", mode="eval")):
            yield from _of_node(node, document, kinds)
        return
    word, parts = ("list", when) if isinstance(when, list) else next(iter(when.items()))
    yield word
    for part in parts:
        yield from _of_when(part, document, kinds)


def _of_node(node: ast.AST, document: Document, kinds: Mapping[str, str]) -> Iterator[str]:
    match node:
        case ast.BoolOp(op=ast.And()):
            yield "and"
        case ast.BoolOp():
            yield "or"
        case ast.UnaryOp(op=ast.Not()):
            yield "not"
        case ast.Name(id=name) if name in document.get("conditions", {}):
            yield "condition"
        case ast.Name(id=name) if name in document.get("segments", {}):
            yield "segment"
        case ast.Name(id=name) if kinds.get(name) == "boolean":
            yield "boolean"
        case ast.Compare():
            yield from _of_comparison(node, kinds)
        case ast.Call(func=ast.Name(id=function), args=[ast.Name(id=name), *_]) if function != "days_since":
            yield f"{kinds[name]} {function}"
        case _:
            pass


def _of_comparison(node: ast.Compare, kinds: Mapping[str, str]) -> Iterator[str]:
    sides = [node.left, *node.comparators]
    (kind,) = {_kind(side, kinds) for side in sides} - {""}
    if len(node.ops) > 1:
        yield f"{kind} chain"
    elif not _kind(node.left, kinds) and kind != "strings":
        yield f"{kind} literal first"
    else:
        yield f"{kind} {_SIGNS[type(node.ops[0])]}"


def _kind(side: ast.expr, kinds: Mapping[str, str]) -> str:
    """The type of what a side of a comparison is about; empty for a literal."""
    if isinstance(side, ast.Name):
        return kinds[side.id]
    return "days" if isinstance(side, ast.Call) else ""
