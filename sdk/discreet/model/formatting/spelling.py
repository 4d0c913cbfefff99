"""How a text is written: an expression in its one spelling, and quotes only where they are needed."""

from __future__ import annotations

import re

from ..lexing import Kind, Token, take_apart
from ..nodes import Style
from ..source import CONTROL, core_scalar
from .layout import Word

MAX_EXPRESSION = 100  # characters of an expression that is put on one line

# What needs no quotes anywhere, for no reader of YAML: words that begin with a letter, without marks between them.
_WORDS = re.compile(r"[^\W\d_](?:[\w ./()-]*[\w.)])?")
_TAKEN = frozenset(
    {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
)  # YAML 1.1 takes them for others
_MARKS = re.compile(r"[-?:,\[\]{}#&*!|>'\"%@`~=<]")  # no text without quotes begins with them
_FLOW = re.compile(r"[,\[\]{}]")
_CUT = re.compile(r":(?:[ \t]|\Z)|[ \t]#")
_HIDDEN = re.compile(f"{CONTROL.pattern}|[\x85\u2028\u2029]")  # what is written as an escape
_ONLY_QUOTES = re.compile(r'(?:[^\\]|\\")*')


def respelled(text: str) -> str:
    """The expression `text` in its one spelling; `text` itself if it is not sound."""
    words = take_apart(text)
    if words.faults or not words.sound:
        return text
    spelled = ""
    before: Token | None = None
    for at, token in enumerate(words.tokens):
        following = words.tokens[at + 1] if at + 1 < len(words.tokens) else None
        if token.kind is Kind.COMMA and following is not None and following.kind is Kind.CLOSE:
            continue
        spelled += (" " if _parted(before, token) else "") + _literal(token)
        before = token
    return spelled


def _parted(before: Token | None, token: Token) -> bool:
    """Whether a space stands between the two."""
    if before is None or before.kind is Kind.OPEN or token.kind in (Kind.CLOSE, Kind.COMMA):
        return False
    return not (token.written == "(" and before.kind is Kind.NAME)


def _literal(token: Token) -> str:
    written = token.written
    if token.kind is not Kind.TEXT or written.startswith('"'):
        return written
    inner = written[1:-1].replace("\\'", "'")
    return written if '"' in inner else f'"{inner}"'


def spell(word: Word, *, is_expression: bool, in_flow: bool) -> tuple[str, ...]:
    """The lines in which `word` is written, the first without indentation."""
    if is_expression:
        expression = respelled(word.text)
        if len(word.lines) == 1 or len(expression) <= MAX_EXPRESSION:
            return (_expression(word, expression, in_flow=in_flow),)
    if len(word.lines) > 1 or word.style in (Style.PLAIN, Style.BLOCK):
        return word.lines
    return (_quoted(word),)


def spell_key(word: Word, *, in_flow: bool) -> str:
    """How the key `word` is written: on one line, as every key that needs no `?` before it."""
    if len(word.lines) > 1 or word.style is Style.BLOCK:
        return _without_quotes(word.text) or _in_quotes(word.text)
    return spell(word, is_expression=False, in_flow=in_flow)[0]


def _expression(word: Word, expression: str, *, in_flow: bool) -> str:
    if expression == word.text and word.style is Style.PLAIN and len(word.lines) == 1:
        return word.lines[0]
    if _is_plain(expression, in_flow=in_flow):
        return expression
    return _in_quotes(expression)


def _is_plain(text: str, *, in_flow: bool) -> bool:
    """Whether `text` can stand without quotes, and is text then."""
    if not text or text != text.strip() or not text.isprintable() or _MARKS.match(text) or _CUT.search(text):
        return False
    return not (in_flow and _FLOW.search(text)) and core_scalar(text) == text and text.lower() not in _TAKEN


def _quoted(word: Word) -> str:
    """A text in quotes on one line: without them where it is made of words, else in the quotes that ask for least."""
    (written,) = word.lines
    if word.style is Style.DOUBLE and not _ONLY_QUOTES.fullmatch(written[1:-1]):
        return written  # its escapes are the author's
    return _without_quotes(word.text) or _in_quotes(word.text)


def _without_quotes(text: str) -> str:
    """`text`, if it needs no quotes for any reader of YAML, else nothing."""
    return text if _WORDS.fullmatch(text) and text.lower() not in _TAKEN else ""


def _in_quotes(text: str) -> str:
    if '"' not in text and "\\" not in text and text.isprintable():
        return f'"{text}"'
    if text.isprintable() and ('"' in text or "\\" in text):
        return "'" + text.replace("'", "''") + "'"
    return _escaped(text)


def _escaped(text: str) -> str:
    marks = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + _HIDDEN.sub(_code, "".join(marks.get(char, char) for char in text)) + '"'


def _code(hidden: re.Match[str]) -> str:
    return f"\\u{ord(hidden[0]):04x}"  # of the characters that no file may hold none lies beyond
