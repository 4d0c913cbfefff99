"""The words of an expression, and what is wrong with their order.

Python's own `ast` reads the structure of an expression, but it stops at the first fault, words its messages
differently from version to version, and warns of odd literals. So the text is taken apart here first: every
foreign word is named with the right one, literals are read, and `ast` gets a plain text in which each literal
is the number of its token. A fault with one clear remedy (`=`, `&&`, `true`) is read as that remedy, so that
what stands behind it is checked in the same run.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from .problems import short

MAX_LENGTH = 10_000  # characters of one expression
MAX_NESTING = 100  # brackets and `not` within each other
EXACT_INTEGER = 2**53


class Kind(Enum):
    NAME = "name"
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    NOT = "not"
    OPERATOR = "operator"
    OPEN = "open"
    CLOSE = "close"
    COMMA = "comma"


OPERANDS = frozenset({Kind.NAME, Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN})


@dataclass(frozen=True, slots=True)
class Token:
    """One word: `written` as the author wrote it at `start`, `canonical` as `ast` reads it."""

    kind: Kind
    start: int
    written: str
    canonical: str
    literal: str | float | bool | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at a character of the text."""

    offset: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Words:
    """A text taken apart. `sound` is false when the rest must not be read."""

    tokens: tuple[Token, ...]
    faults: tuple[Fault, ...]
    sound: bool


_WORD = re.compile(
    r"(?P<space>[ \t\r\n]+)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]+(?:Z|[+-][0-9:]+)?)?(?![A-Za-z0-9_.]))"
    r"|(?P<number>(?:[0-9]|\.[0-9])(?:[eE][+-](?=[0-9])|[A-Za-z0-9_.])*)"
    r'|(?P<text>"(?:[^"\\\n]|\\.)*"|' + r"'(?:[^'\\\n]|\\.)*')"
    r"|(?P<mark>===|!==|==|!=|<=|>=|=>|=<|<>|&&|\|\||<|>|=|!|&|\||-|[()\[\],])"
)
_NUMBER = re.compile(r"(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DAYS = re.compile(r"(0|[1-9][0-9]{0,8})(?:d|days?)")
_NEGATIVE = re.compile(r"-[ \t\r\n]*\.?[0-9]")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|.)")
_ESCAPES: Mapping[str, str] = {"\\": "\\", "'": "'", '"': '"', "n": "\n", "r": "\r", "t": "\t"}

_MARKS: Mapping[str, Kind] = {
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), Kind.OPERATOR),
    "(": Kind.OPEN,
    "[": Kind.OPEN,
    ")": Kind.CLOSE,
    "]": Kind.CLOSE,
    ",": Kind.COMMA,
}
_NAMES: Mapping[str, Kind] = {
    "and": Kind.OPERATOR,
    "or": Kind.OPERATOR,
    "in": Kind.OPERATOR,
    "not": Kind.NOT,
    "True": Kind.BOOLEAN,
    "False": Kind.BOOLEAN,
}
REMEDIES: Mapping[str, str] = {
    "=": "==", "===": "==", "!==": "!=", "<>": "!=", "=>": ">=", "=<": "<=", "is": "==",
    "&&": "and", "&": "and", "AND": "and", "And": "and",
    "||": "or", "|": "or", "OR": "or", "Or": "or",
    "!": "not", "NOT": "not", "Not": "not", "IN": "in", "In": "in",
    "true": "True", "TRUE": "True", "false": "False", "FALSE": "False",
}  # fmt: skip
_NOTHING = frozenset({"None", "null"})
# What no attribute and no condition can be called.
RESERVED = frozenset({*keyword.kwlist, *_NOTHING, *(word for word in REMEDIES if word.isidentifier())})
_JOINS = frozenset({"and", "or"})
_CLOSES: Mapping[str, str] = {"(": ")", "[": "]"}


def take_apart(text: str) -> Words:
    """The words of `text`, with every fault in them and in their order."""
    if len(text) > MAX_LENGTH:
        message = f"an expression has at most {MAX_LENGTH} characters, this one has {len(text)}"
        return Words((), (Fault(0, "too-long", message),), False)
    lexer = _Lexer(text)
    lexer.run()
    order = _Order(lexer.tokens, len(text)) if lexer.sound else None
    faults = (*lexer.faults, *(order.faults if order else ()))
    return Words(tuple(lexer.tokens), faults, order is not None and not order.faults)


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Token] = []
        self.faults: list[Fault] = []
        self.sound = True

    def run(self) -> None:
        takers = {
            "name": self._name,
            "date": self._date,
            "number": self._number,
            "text": self._text,
            "mark": self._mark,
        }
        at = 0
        while at < len(self.text):
            match = _WORD.match(self.text, at)
            if match is None:
                at = self._foreign(at)
                continue
            at = match.end()
            if match.lastgroup != "space":
                takers[match.lastgroup or ""](match.start(), match[0])

    def _fault(self, offset: int, code: str, message: str, *, sound: bool = False) -> None:
        self.faults.append(Fault(offset, code, message))
        self.sound = self.sound and sound

    def _put(self, kind: Kind, start: int, written: str, canonical: str) -> None:
        last = self.tokens[-1] if self.tokens else None
        if canonical == "in" and last is not None and last.kind is Kind.NOT:
            self.tokens[-1] = Token(Kind.OPERATOR, last.start, "not in", "not in")
        elif kind is Kind.NOT and last is not None and last.written == "is":
            self.tokens[-1] = Token(Kind.OPERATOR, last.start, "is not", "!=")
        else:
            self.tokens.append(Token(kind, start, written, canonical))

    def _literal(self, kind: Kind, start: int, written: str, literal: str | float) -> None:
        number = str(len(self.tokens))
        canonical = number if kind is Kind.NUMBER else f'"{number}"'
        self.tokens.append(Token(kind, start, written, canonical, literal))

    def _foreign(self, at: int) -> int:
        char = self.text[at]
        if char in "\"'":
            self._fault(at, "syntax", f"the text that begins with `{char}` is not closed on its line")
            return len(self.text)
        if char in "“”„‘’«»":
            self._fault(at, "syntax", f'`{char}` is not a quotation mark here; use `"`')
        elif char in "+*/%^":
            self._fault(at, "arithmetic", "arithmetic is not part of expressions; compare with a number")
        else:
            shown = char if char.isprintable() else f"U+{ord(char):04X}"
            self._fault(at, "syntax", f"`{shown}` is not part of expressions")
        end = at
        while self.text.startswith(char, end):  # `**` and `//` are one fault
            end += 1
        return end

    def _name(self, start: int, written: str) -> None:
        canonical = written
        if written in REMEDIES:
            canonical = REMEDIES[written]
            message = f"`{written}` is not part of expressions; use `{canonical}`"
            self._fault(start, "syntax", message, sound=True)
        elif written in _NOTHING:
            message = (
                f"`{written}` is not part of expressions; ask whether a value is there with `known(...)`"
            )
            self._fault(start, "syntax", message)
        elif keyword.iskeyword(written) and written not in _NAMES:
            self._fault(start, "syntax", f"`{written}` is not part of expressions")
        kind = _NAMES.get(canonical) or _MARKS.get(canonical, Kind.NAME)
        self._put(kind, start, written, canonical)
        if kind is Kind.BOOLEAN:
            self.tokens[-1] = Token(kind, start, written, canonical, canonical == "True")

    def _date(self, start: int, written: str) -> None:
        self._fault(start, "bad-datetime", f'put the date in quotes: `"{written[:40]}"`', sound=True)
        self._literal(Kind.TEXT, start, written, written)

    def _number(self, start: int, written: str) -> None:
        negative = self._takes_minus()
        days = _DAYS.fullmatch(written)
        if days is not None:
            message = f"`{written}` is not a number; days are plain numbers: `{days[1]}`"
            self._fault(start, "bad-number", message, sound=True)
            written = days[1]
        if not _NUMBER.fullmatch(written):
            message = f"`{short(written)}` is not a decimal number such as `12`, `0.5` or `1e3`"
            self._fault(start, "bad-number", message)
            return
        number = float(written)
        whole = written.isdigit() and (len(written) > 16 or int(written) > EXACT_INTEGER)
        if number - number != 0:
            self._fault(start, "bad-number", f"`{short(written)}` is too large for a number", sound=True)
        elif whole:
            message = f"`{short(written)}` is beyond 2^53, where whole numbers are no longer exact"
            self._fault(start, "bad-number", message, sound=True)
        if negative is not None:
            start, written, number = negative.start, f"-{written}", -number
        self._literal(Kind.NUMBER, start, written, number + 0.0)  # -0.0 is 0.0

    def _takes_minus(self) -> Token | None:
        """The minus sign before this number, if it is a sign and not a subtraction."""
        if not self.tokens or self.tokens[-1].written != "-":
            return None
        return self.tokens.pop()

    def _text(self, start: int, written: str) -> None:
        def read(match: re.Match[str]) -> str:
            mark = match[1]
            if len(mark) > 1:
                code = int(mark[1:], 16)
                if code < 0x110000:
                    return chr(code)
            elif mark in _ESCAPES:
                return _ESCAPES[mark]
            message = f"`{match[0][:10]}` is not an escape; a backslash itself is written `\\\\`"
            self._fault(start + 1 + match.start(), "syntax", message)
            return ""

        literal = _ESCAPE.sub(read, written[1:-1]) if "\\" in written else written[1:-1]
        self._literal(Kind.TEXT, start, written, literal)

    def _mark(self, start: int, written: str) -> None:
        canonical = REMEDIES.get(written, written)
        if written == "-":
            self._minus(start)
            return
        if canonical != written:
            message = f"`{written}` is not part of expressions; use `{canonical}`"
            self._fault(start, "syntax", message, sound=True)
        self._put(_MARKS.get(canonical) or _NAMES[canonical], start, written, canonical)

    def _minus(self, start: int) -> None:
        last = self.tokens[-1] if self.tokens else None
        follows = last is not None and (last.kind in OPERANDS or last.kind is Kind.CLOSE)
        number = _NEGATIVE.match(self.text, start)
        if follows or number is None:
            self._fault(start, "arithmetic", "arithmetic is not part of expressions; compare with a number")
        else:
            self.tokens.append(Token(Kind.OPERATOR, start, "-", "-"))


class _Order:
    """Holds the words against the order that every expression has: operand, operator, operand."""

    def __init__(self, tokens: list[Token], end: int) -> None:
        self.faults: list[Fault] = []
        self._last: Token | None = None
        self._operand = False  # whether an operand has just ended
        self._open: list[tuple[Token, int]] = []  # open brackets, and the nesting around each
        self._nesting = 0
        takers = {
            Kind.NOT: self._not,
            Kind.OPERATOR: self._operator,
            Kind.OPEN: self._opens,
            Kind.CLOSE: self._closes,
            Kind.COMMA: self._comma,
        }
        for token in tokens:
            takers.get(token.kind, self._begins_operand)(token)
            self._last = token
        self._finish(end)

    def _fault(self, offset: int, message: str, code: str = "syntax") -> None:
        self.faults.append(Fault(offset, code, message))

    def _finish(self, end: int) -> None:
        for token, _ in self._open:
            self._fault(token.start, f"`{token.written}` is never closed")
        if self._last is None:
            self._fault(0, "the expression is empty", "empty-expression")
        elif not self._operand and self._last.kind is not Kind.OPEN:
            self._fault(end, f"something is missing after `{short(self._last.written)}`")

    def _begins_operand(self, token: Token) -> None:
        if self._operand and self._last is not None:
            self._fault(
                token.start,
                f"`{short(token.written)}` stands right after `{short(self._last.written)}`; "
                "an operator or a comma is missing between them",
            )
        self._operand = token.kind in OPERANDS
        self._nesting = self._open[-1][1] + 1 if self._open else 0

    def _not(self, token: Token) -> None:
        nesting = self._nesting
        self._begins_operand(token)
        self._deeper(token, nesting + 1)
        last = self._last
        if last is not None and last.kind is Kind.OPERATOR and last.canonical not in _JOINS:
            message = "a whole condition cannot be compared; compare one attribute with one value"
            self._fault(token.start, message, "bad-comparison")

    def _deeper(self, token: Token, nesting: int) -> None:
        if nesting == MAX_NESTING + 1:
            self._fault(token.start, f"an expression nests at most {MAX_NESTING} deep", "too-deep")
        self._nesting = nesting

    def _opens(self, token: Token) -> None:
        nesting = self._nesting
        is_call = token.written == "(" and self._last is not None and self._last.kind is Kind.NAME
        if not is_call:
            self._begins_operand(token)
        self._operand = False
        self._open.append((token, nesting))
        self._deeper(token, nesting + 1)

    def _closes(self, token: Token) -> None:
        self._operand_before(token)
        opened = self._open.pop() if self._open else None
        if opened is None:
            self._fault(token.start, f"`{token.written}` closes nothing")
        elif _CLOSES[opened[0].written] != token.written:
            shut = opened[0].written
            self._fault(token.start, f"`{token.written}` cannot close `{shut}`")
        self._operand = True
        self._nesting = self._open[-1][1] + 1 if self._open else 0

    def _comma(self, token: Token) -> None:
        self._operand_before(token)
        if not self._open:
            self._fault(token.start, "`,` cannot join conditions; use `and` or `or`")
        self._operand = False

    def _operator(self, token: Token) -> None:
        self._operand_before(token)
        self._operand = False

    def _operand_before(self, token: Token) -> None:
        last = self._last
        closes = token.kind is Kind.CLOSE and last is not None and last.kind in (Kind.OPEN, Kind.COMMA)
        if not self._operand and not closes:
            self._fault(token.start, f"something is missing before `{token.written}`")
