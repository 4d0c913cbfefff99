"""What an expression means: which name is what, and whether its type goes with what is asked of it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from discreet_consent import Attribute, AttributeType, Provenance

from .expressions import (
    All,
    Among,
    Compare,
    Comparison,
    Expression,
    Includes,
    Known,
    Literal,
    Named,
    Not,
    Some,
    Text,
    TextTest,
    Unknown,
)
from .functions import FUNCTIONS, SHAPES
from .lexing import Fault, Token
from .literals import TYPE_NAMES, Refusal, literal_of, remedy_of
from .operators import COMPARISONS, MIRRORED
from .problems import short

_NOT_FINITE = frozenset({"nan", "inf", "infinity"})
_ORDERED = frozenset({AttributeType.NUMBER, AttributeType.DATETIME})


@dataclass(frozen=True, slots=True)
class _Term:
    """The side of a comparison that is about the visitor. `attribute` is None where it was declared wrongly."""

    attribute: Attribute | None
    days_since: bool = False


@dataclass(frozen=True, slots=True)
class _Listed:
    """A list of literals."""

    tokens: tuple[Token, ...]


_Operand = _Term | Token | _Listed | None  # None: its problem is reported


class Translator:
    """Walks the tree that `ast` made of the canonical text."""

    def __init__(
        self,
        attributes: Mapping[str, Attribute | None],
        conditions: AbstractSet[str],
        tokens: Sequence[Token],
        hint: Callable[[str, Collection[str]], str],
    ) -> None:
        self.faults: list[Fault] = []
        self._attributes, self._conditions, self._hint = attributes, conditions, hint
        self._at: dict[int, Token] = {}
        column = 0
        for token in tokens:
            self._at[column] = token
            column += len(token.canonical) + 1

    def _token(self, node: ast.expr) -> Token:
        return self._at[node.col_offset]

    def _fault(self, node: ast.expr | Token, code: str, message: str) -> None:
        token = node if isinstance(node, Token) else self._token(node)
        self.faults.append(Fault(token.start, code, message))

    # -- what is true or not

    def truth(self, node: ast.expr) -> Expression | None:
        """The condition that `node` states."""
        if isinstance(node, ast.BoolOp):
            return self._joined(node)
        if isinstance(node, ast.UnaryOp):
            part = self.truth(node.operand)
            return None if part is None else Not(part)
        if isinstance(node, ast.Compare):
            return self._chain(node)
        if isinstance(node, ast.Name):
            return self._bare_name(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, (ast.List, ast.Tuple)):
            self._fault(node, "not-a-condition", "a list is not a condition")
            return None
        written = short(self._token(node).written)
        self._fault(
            node, "not-a-condition", f"`{written}` alone is not a condition; compare it with an attribute"
        )
        return None

    def _joined(self, node: ast.BoolOp) -> Expression | None:
        parts: list[Expression] = []
        for value in node.values:
            part = self.truth(value)
            if part is not None:
                parts.append(part)
        if len(parts) < len(node.values):
            return None
        return All(tuple(parts)) if isinstance(node.op, ast.And) else Some(tuple(parts))

    def _bare_name(self, node: ast.Name) -> Expression | None:
        if node.id in self._conditions:
            return Named(node.id)
        term = self._term(node)
        if term is None or term.attribute is None:
            return None
        if term.attribute.type is not AttributeType.BOOLEAN:
            what = TYPE_NAMES[term.attribute.type]
            message = f"attribute `{node.id}` is {what} and cannot stand alone; compare it with a value"
            self._fault(node, "not-a-condition", message)
            return None
        return Compare(node.id, Comparison.EQUAL, True)

    # -- names

    def _term(self, node: ast.Name, beside: Attribute | None = None) -> _Term | None:
        """The attribute called `node`, which may be asked about, or is compared with the one `beside` it."""
        name = node.id
        if name in self._attributes:
            attribute = self._attributes[name]
            if attribute is not None and attribute.provenance is Provenance.THIRD_PARTY:
                message = f"attribute `{name}` is third_party and never permitted: nothing can rest on it"
                self._fault(node, "never-permitted", message)
            return _Term(attribute)
        if name in self._conditions:
            message = f"`{name}` is a condition, where an attribute is needed"
            self._fault(node, "not-an-attribute", message)
        elif name in FUNCTIONS:
            self._fault(node, "bad-call", f"`{name}` needs its arguments in brackets")
        elif name.lower() in _NOT_FINITE:
            self._fault(node, "bad-number", f"`{name}` is not a number that a value can have")
        else:
            known = [*self._attributes, *self._conditions]
            remedy = remedy_of(name, beside) or self._hint(name, known)
            self._fault(node, "unknown-name", f"unknown attribute or condition `{short(name)}`{remedy}")
        return None

    # -- comparisons

    def _chain(self, node: ast.Compare) -> Expression | None:
        nodes = (node.left, *node.comparators)
        beside = self._declared(nodes)
        operands = [self._operand(each, beside) for each in nodes]
        if any(each is None for each in operands):
            return None
        links: list[Expression] = []
        for at, operator in enumerate(node.ops):
            link = self._link(nodes[at : at + 2], operands[at : at + 2], operator)
            if link is not None:
                links.append(link)
        if len(links) < len(node.ops):
            return None
        return links[0] if len(links) == 1 else All(tuple(links))

    def _declared(self, nodes: Sequence[ast.expr]) -> Attribute | None:
        """The attribute among `nodes`, by which the rest is to be understood."""
        named = (self._attributes.get(each.id) for each in nodes if isinstance(each, ast.Name))
        return next((each for each in named if each is not None), None)

    def _operand(self, node: ast.expr, beside: Attribute | None) -> _Operand:
        if isinstance(node, ast.Constant):
            return self._token(node)
        if isinstance(node, ast.Name):
            return self._term(node, beside)
        if isinstance(node, ast.List):
            return self._listed(node, beside)
        if isinstance(node, ast.Call):
            return self._days_since(node)
        if isinstance(node, ast.Tuple):
            self._fault(node, "bad-list", "a list stands in square brackets")
        else:
            message = "a whole condition cannot be compared; compare one attribute with one value"
            self._fault(node, "bad-comparison", message)
        return None

    def _listed(self, node: ast.List, beside: Attribute | None) -> _Listed | None:
        if not node.elts:
            self._fault(node, "bad-list", "the list is empty: nothing is in it")
            return None
        others = [each for each in node.elts if not isinstance(each, ast.Constant)]
        for each in others:
            strange = isinstance(each, ast.Name) and each.id not in self._attributes
            remedy = remedy_of(self._token(each).written, beside) if strange else ""
            self._fault(each, "bad-list", f"a list holds literals only{remedy}")
        return None if others else _Listed(tuple(self._token(each) for each in node.elts))

    def _link(
        self, nodes: Sequence[ast.expr], operands: Sequence[_Operand], operator: ast.cmpop
    ) -> Expression | None:
        left, right = operands
        if isinstance(operator, (ast.In, ast.NotIn)):
            inside = self._inside(nodes, left, right)
            return Not(inside) if inside is not None and isinstance(operator, ast.NotIn) else inside
        comparison = COMPARISONS[type(operator)]
        if isinstance(left, _Term) and isinstance(right, Token):
            return self._compare(left, comparison, right)
        if isinstance(left, Token) and isinstance(right, _Term):
            return self._compare(right, MIRRORED.get(comparison, comparison), left)
        if isinstance(left, _Term):
            message = "two attributes cannot be compared with each other"
            if isinstance(right, _Listed):
                message = f"`{comparison.value}` does not take a list; use `in`"
            self._fault(nodes[1], "bad-comparison", message)
        else:
            message = "a comparison needs an attribute on one side"
            self._fault(nodes[0], "bad-comparison", message)
        return None

    def _compare(self, term: _Term, comparison: Comparison, token: Token) -> Expression | None:
        attribute = term.attribute
        if attribute is None:
            return None
        asked = AttributeType.NUMBER if term.days_since else attribute.type
        ordering = comparison not in (Comparison.EQUAL, Comparison.UNEQUAL)
        if asked is AttributeType.STRINGS:
            message = f"attribute `{attribute.name}` is a set of texts; ask with `any_of`, `all_of` or `in`"
            self._fault(token, "wrong-type", message)
            return None
        if ordering and asked not in _ORDERED:
            what = TYPE_NAMES[asked]
            message = f"`{comparison.value}` is for numbers and datetimes; `{attribute.name}` is {what}"
            self._fault(token, "wrong-type", message)
            return None
        literal = self._literal(attribute, token, asked)
        return None if literal is None else Compare(attribute.name, comparison, literal, term.days_since)

    def _literal(self, attribute: Attribute, token: Token, asked: AttributeType) -> Literal | None:
        literal = literal_of(attribute, asked, token)
        if isinstance(literal, Refusal):
            self._fault(token, literal.code, literal.message)
            return None
        return literal

    # -- membership

    def _inside(self, nodes: Sequence[ast.expr], left: _Operand, right: _Operand) -> Expression | None:
        if isinstance(left, _Term) and isinstance(right, _Listed):
            return self._among(left, right, nodes[0])
        if isinstance(left, Token) and isinstance(right, _Term):
            return self._includes(left, right, nodes[1])
        if isinstance(left, _Term) and isinstance(right, Token):
            message = '`in` needs a list in square brackets, such as `["a", "b"]`'
            self._fault(nodes[1], "bad-list", message)
        elif isinstance(left, _Term):
            self._fault(nodes[1], "bad-comparison", "two attributes cannot be compared with each other")
        else:
            self._fault(nodes[0], "bad-comparison", "a comparison needs an attribute on one side")
        return None

    def _among(self, term: _Term, listed: _Listed, node: ast.expr) -> Expression | None:
        attribute = term.attribute
        if attribute is None:
            return None
        asked = AttributeType.NUMBER if term.days_since else attribute.type
        if asked is AttributeType.STRINGS:
            ways = f"`any_of({attribute.name}, ...)` or `all_of({attribute.name}, ...)`"
            message = f"attribute `{attribute.name}` is a set of texts; ask with {ways}"
            self._fault(node, "wrong-type", message)
            return None
        literals = [self._literal(attribute, token, asked) for token in listed.tokens]
        sound = [each for each in literals if each is not None]
        if len(sound) < len(literals):
            return None
        return Among(attribute.name, tuple(dict.fromkeys(sound)), term.days_since)

    def _includes(self, token: Token, term: _Term, node: ast.expr) -> Expression | None:
        attribute = term.attribute
        if attribute is None:
            return None
        if attribute.type is AttributeType.STRINGS and not term.days_since:
            member = self._member(attribute, token)
            return None if member is None else Includes(attribute.name, (member,))
        name = attribute.name
        hint = "; did you mean `contains(...)`?" if attribute.type is AttributeType.STRING else ""
        what = TYPE_NAMES[AttributeType.NUMBER if term.days_since else attribute.type]
        self._fault(node, "wrong-type", f"`in` looks into a set of texts, and `{name}` is {what}{hint}")
        return None

    def _member(self, attribute: Attribute, token: Token) -> str | None:
        literal = self._literal(attribute, token, AttributeType.STRING)
        return literal if isinstance(literal, str) else None

    # -- functions

    def _call(self, node: ast.Call) -> Expression | None:
        name = self._function(node)
        if name is None:
            return None
        if name == "days_since":
            message = "`days_since(...)` is a number; compare it with one, such as `days_since(x) <= 30`"
            self._fault(node, "not-a-condition", message)
            return None
        if not self._counted(node, name):
            return None
        term = self._first(node, name)
        if term is None or term.attribute is None:
            self._arguments(node, name)
            return None
        if name in ("known", "unknown"):
            return Known(term.attribute.name) if name == "known" else Unknown(term.attribute.name)
        read = self._set_test if name in ("all_of", "any_of") else self._text_test
        return read(node, name, term.attribute)

    def _function(self, node: ast.Call) -> str | None:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in FUNCTIONS:
            return name
        message = f"unknown function `{short(name)}`{self._hint(name, FUNCTIONS)}"
        if name in self._attributes or name in self._conditions:
            message = f"`{name}` is not a function; write it without brackets"
        self._fault(node, "unknown-function", message)
        return None

    def _counted(self, node: ast.Call, name: str) -> bool:
        count = len(node.args)
        takes = SHAPES[name]
        if (count == takes.count or (takes.open_ended and count >= takes.count)) and not node.keywords:
            return True
        self._fault(node, "bad-call", f"`{name}` is written `{takes.shown}`")
        return False

    def _first(self, node: ast.Call, name: str) -> _Term | None:
        first = node.args[0]
        if isinstance(first, ast.Name):
            return self._term(first)
        self._fault(first, "bad-call", f"the first argument of `{name}` is an attribute")
        return None

    def _arguments(self, node: ast.Call, name: str) -> list[Token] | None:
        """The literals behind the attribute."""
        others = [each for each in node.args[1:] if not isinstance(each, ast.Constant)]
        for each in others:
            message = f"`{name}` takes texts one by one: `{SHAPES[name].shown}`"
            self._fault(each, "bad-call", message)
        return None if others else [self._token(each) for each in node.args[1:]]

    def _days_since(self, node: ast.Call) -> _Term | None:
        name = self._function(node)
        if name is None:
            return None
        if name != "days_since":
            message = f"`{name}(...)` is a condition and cannot be compared"
            self._fault(node, "bad-comparison", message)
            return None
        term = self._first(node, name) if self._counted(node, name) else None
        if term is None or term.attribute is None:
            return term
        if term.attribute.type is not AttributeType.DATETIME:
            self._wrong_argument(node, name, term.attribute, "a datetime")
            return None
        return _Term(term.attribute, days_since=True)

    def _wrong_argument(self, node: ast.Call, name: str, attribute: Attribute, wanted: str) -> None:
        message = f"`{name}` asks about {wanted}; `{attribute.name}` is {TYPE_NAMES[attribute.type]}"
        self._fault(node.args[0], "wrong-type", message)

    def _text_test(self, node: ast.Call, name: str, attribute: Attribute) -> Expression | None:
        tokens = self._arguments(node, name)
        if attribute.type is not AttributeType.STRING:
            self._wrong_argument(node, name, attribute, "a text")
            return None
        text = self._member(attribute, tokens[0]) if tokens else None
        return None if text is None else Text(attribute.name, TextTest(name), text)

    def _set_test(self, node: ast.Call, name: str, attribute: Attribute) -> Expression | None:
        tokens = self._arguments(node, name)
        if attribute.type is not AttributeType.STRINGS:
            self._wrong_argument(node, name, attribute, "a set of texts")
            return None
        members = [self._member(attribute, token) for token in tokens or ()]
        sound = [each for each in members if each is not None]
        if not sound or len(sound) < len(members):
            return None
        return Includes(attribute.name, tuple(dict.fromkeys(sound)), every=name == "all_of")
