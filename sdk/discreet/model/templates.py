"""Tokens in content: `{name|default}` stands for an attribute, `{{` and `}}` for braces."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PIECE = re.compile(
    r"(?P<text>[^{}]+)"
    r"|(?P<brace>\{\{|\}\})"
    r"|(?P<token>\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\|(?P<default>[^{}]*)\})"
    r"|(?P<stray>\{[^{}]*\}?|\})"
)


@dataclass(frozen=True, slots=True)
class Token:
    """Where an attribute is printed, or `default` when it is not permitted or not known."""

    attribute: str
    default: str


@dataclass(frozen=True, slots=True)
class Stray:
    """A brace that belongs to no token, at a character of the text."""

    offset: int
    message: str


def parse_template(text: str) -> tuple[str | Token, ...]:
    """Split a content string into its texts, braces already single, and its tokens.

    No two texts are neighbours, and none is empty. A default may be empty; it holds no braces.

    Raises:
        ValueError: a brace belongs to no token. The texts of a `Model` have none.
    """
    parts, strays = scan_template(text)
    if strays:
        raise ValueError(strays[0].message)
    return tuple(part for part, _ in parts)


def scan_template(text: str) -> tuple[list[tuple[str | Token, int]], list[Stray]]:
    """The parts of `text`, each with its offset, and the braces that belong to no token."""
    if text and "{" not in text and "}" not in text:  # by far the most texts
        return [(text, 0)], []
    parts: list[tuple[str | Token, int]] = []
    strays: list[Stray] = []
    for match in _PIECE.finditer(text):
        if match["stray"] is not None:
            strays.append(Stray(match.start(), _explain(match["stray"])))
        elif match["token"] is not None:
            parts.append((Token(match["name"], match["default"]), match.start()))
        else:
            _append(parts, match["text"] or match[0][0], match.start())
    return parts, strays


def _append(parts: list[tuple[str | Token, int]], text: str, offset: int) -> None:
    last, at = parts[-1] if parts else (None, 0)
    if isinstance(last, str):
        parts[-1] = (last + text, at)
    else:
        parts.append((text, offset))


def _explain(stray: str) -> str:
    if stray == "}":
        return "`}` closes nothing; a brace itself is written `}}`"
    if not stray.endswith("}"):
        return "`{` is never closed; a brace itself is written `{{`"
    name, bar, _ = stray[1:-1].partition("|")
    shown = stray if len(stray) <= 40 else f"{stray[:37]}..."
    if not bar and name.isidentifier():
        return f"token `{shown}` needs a default for when it is not known: `{{{name}|...}}`"
    return f"`{shown}` is not a token such as `{{name|default}}`; a brace itself is written `{{{{`"
