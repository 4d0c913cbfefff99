"""Sections 2 to 4 of spec/decision.md: three values, the clock, stages and arbitration."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from .permission import Document, Fact, declarations_of, instant_ms, normal

Kleene: TypeAlias = "bool | None"

DAY_MS = 86_400_000


def kleene_and(values: Iterable[Kleene]) -> Kleene:
    """False when one is false; else unknown when one is unknown; else true."""
    seen = list(values)
    return False if False in seen else None if None in seen else True


def kleene_or(values: Iterable[Kleene]) -> Kleene:
    """True when one is true; else unknown when one is unknown; else false."""
    seen = list(values)
    return True if True in seen else None if None in seen else False


def kleene_not(value: Kleene) -> Kleene:
    """The other one; unknown stays unknown."""
    return None if value is None else not value


class Visitor:
    """One visitor in front of one model at one instant."""

    def __init__(self, model: Document, facts: Mapping[str, Fact], now_s: float) -> None:
        self.model = model
        self.attributes: Mapping[str, Document] = declarations_of([model])
        self.conditions: Mapping[str, Document] = {**model.get("conditions", {}), **model.get("segments", {})}
        self.facts = facts
        self.now_ms = now_s * 1_000.0

    def reached(self) -> list[str]:
        """Ids of the stages whose own entry condition holds, in the journey's order."""
        return [
            stage["id"]
            for stage in self.model["stages"]
            if "when" not in stage or self.when(stage["when"]) is True
        ]

    def stage(self) -> str:
        return self.reached()[-1]

    def ranked(self, placement: str) -> list[str]:
        """The eligible offers, best first."""
        order = [stage["id"] for stage in self.model["stages"]]
        keys: list[tuple[int, int, list[int], str]] = []
        for offer in self.model["offers"]:
            stages = [stage for stage in self.reached() if stage in offer.get("stages", order)]
            if placement in offer.get("placements", ()) and stages and self.open(offer) and self.holds(offer):
                points = [ord(char) for char in offer["id"]]
                keys.append((-order.index(stages[-1]), -offer.get("priority", 0), points, offer["id"]))
        return [key[-1] for key in sorted(keys)]

    def open(self, offer: Document) -> bool:
        """Whether from <= now < until."""
        valid = offer.get("valid", {})
        bounds = {side: instant_ms(text) for side, text in valid.items()}
        after = (start := bounds.get("from")) is None or start <= self.now_ms
        return after and ((end := bounds.get("until")) is None or self.now_ms < end)

    def holds(self, offer: Document) -> bool:
        return "when" not in offer or self.when(offer["when"]) is True

    def when(self, form: Any) -> Kleene:
        """`when:` is an expression, a list of which all must hold, `{all: [...]}` or `{any: [...]}`."""
        if isinstance(form, str):
            return self.value(ast.parse(f"({form})", mode="eval").body)
        if isinstance(form, list):
            return kleene_and(self.when(part) for part in form)  # pyright: ignore[reportUnknownVariableType]
        (word, parts), *_ = form.items()
        return {"all": kleene_and, "any": kleene_or}[word](self.when(part) for part in parts)

    def value(self, node: ast.expr) -> Kleene:
        """The value of an expression: true, false or unknown."""
        match node:
            case ast.BoolOp(op=ast.And(), values=parts):
                return kleene_and([self.value(part) for part in parts])
            case ast.BoolOp(values=parts):
                return kleene_or([self.value(part) for part in parts])
            case ast.UnaryOp(op=ast.Not(), operand=part):
                return kleene_not(self.value(part))
            case ast.Name(id=name) if name in self.conditions:
                return self.when(self.conditions[name]["when"])
            case ast.Name(id=name):
                return {True: True, False: False}.get(self.facts.get(name))  # type: ignore[arg-type] # boolean
            case ast.Compare(left=left, ops=ops, comparators=rights):
                sides = [left, *rights]
                return kleene_and([self.compare(*pair) for pair in zip(sides, ops, rights, strict=False)])
            case ast.Call(func=ast.Name(id=function), args=[ast.Name(id=name), *literals]):
                return self.call(function, name, literals)
            case _:
                raise AssertionError(f"not in the language: {ast.dump(node)}")

    def compare(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Kleene:
        """One link of a chain."""
        if isinstance(op, ast.NotIn):
            return kleene_not(self.compare(left, ast.In(), right))
        if isinstance(op, ast.In) and isinstance(right, ast.Name):
            return self.call("all_of", right.id, [left])
        if _is_literal(left):
            flipped: dict[type, ast.cmpop] = {
                ast.Lt: ast.Gt(), ast.LtE: ast.GtE(), ast.Gt: ast.Lt(), ast.GtE: ast.LtE()
            }  # fmt: skip
            return self.compare(right, flipped.get(type(op), op), left)
        fact, declared = self.operand(left)
        if fact is None:
            return None
        if isinstance(op, ast.In):
            assert isinstance(right, ast.List | ast.Tuple | ast.Set)
            return any(fact == _literal(each, declared) for each in right.elts)
        return _ordered(op, fact, _literal(right, declared))

    def operand(self, node: ast.expr) -> tuple[Fact | None, Document]:
        """The value of an attribute, or of `days_since(attribute)`, and the type that its literals have."""
        match node:
            case ast.Name(id=name):
                return self.facts.get(name), self.attributes[name]
            case ast.Call(func=ast.Name(id="days_since"), args=[ast.Name(id=name)]):
                instant = self.facts.get(name)
                if instant is None:
                    return None, {"type": "number"}
                assert isinstance(instant, float)
                return (self.now_ms - instant) / DAY_MS, {"type": "number"}
            case _:
                raise AssertionError(f"not an attribute: {ast.dump(node)}")

    def call(self, function: str, name: str, literals: Sequence[ast.expr]) -> Kleene:
        """The functions of the language, over the attribute `name`."""
        fact = self.facts.get(name)
        if function == "unknown":
            return fact is None
        if fact is None:
            return None
        wanted = [_literal(each, self.attributes[name]) for each in literals]
        match function, fact, wanted:
            case "known", _, []:
                return True
            case "any_of", frozenset(), _:
                return any(each in fact for each in wanted)
            case "all_of", frozenset(), _:
                return all(each in fact for each in wanted)
            case "starts_with", str(), [str(text)]:
                return fact[: len(text)] == text
            case "ends_with", str(), [str(text)]:
                return len(text) <= len(fact) and fact[len(fact) - len(text) :] == text
            case "contains", str(), [str(text)]:
                return text in fact
            case _:
                raise AssertionError(f"not in the language: {function}")


def _is_literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant | ast.UnaryOp)


def _literal(node: ast.expr, declared: Document) -> Fact:
    """A literal has its attribute's type and is brought into its normal form, as a value is."""
    value = ast.literal_eval(node)
    if declared["type"] == "strings":
        declared = {**declared, "type": "string"}
    fact = normal(declared, value)
    assert fact is not None, "a literal has its attribute's type"
    return fact


def _ordered(op: ast.cmpop, fact: Fact, literal: Fact) -> bool:
    if isinstance(op, ast.Eq):
        return fact == literal
    if isinstance(op, ast.NotEq):
        return fact != literal
    assert isinstance(fact, float)
    assert isinstance(literal, float)
    match op:
        case ast.Lt():
            return fact < literal
        case ast.LtE():
            return fact <= literal
        case ast.Gt():
            return fact > literal
        case _:
            return fact >= literal
