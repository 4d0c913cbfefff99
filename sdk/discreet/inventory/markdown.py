"""An inventory as Markdown tables, to paste where a record of processing is kept. An author's words are escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from . import words
from .entries import Inventory

# What would be emphasis, code, a link, an image, HTML or an entity, or would end a cell. An underscore within a word is
# none of these.
_MARKUP = re.compile(r"[\\`*\[\]<>&|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


def as_markdown(inventory: Inventory) -> str:
    """The inventory as GitHub-flavoured Markdown."""
    return "\n".join(_lines(inventory)) + "\n"


def _lines(inventory: Inventory) -> Iterator[str]:
    yield f"# Inventory of {_text(inventory.title)}"
    yield ""
    yield from (f"- {name}: {_text(value)}" for name, value in words.facts(inventory))
    yield ""
    yield words.NOTE
    yield from _section("What to look at")
    if not inventory.remarks:
        yield "Every attribute is used, permitted and fully declared."
    for attributes, says in words.remarks(inventory):
        yield f"- **{_text(attributes)}**: {_text(says)}"
    yield from _section("Attributes")
    yield from _table(words.HEAD, (words.row(each, inventory) for each in inventory.entries))
    yield from _section("Legal bases")
    yield from (f"- {_text(name)}: {_text(says)}" for name, says in words.legend(inventory))
    yield ""
    yield from _table(("attribute", *inventory.regimes), map(words.basis_row, inventory.entries))
    yield from _section("By purpose")
    yield from _table(words.PURPOSE_HEAD, map(words.purpose_row, inventory.purposes))
    yield from ("", words.LACKS)


def _section(title: str) -> Iterator[str]:
    yield from ("", f"## {title}", "")


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    head = tuple(head)
    yield _row(head)
    yield _row(["---"] * len(head), escape=False)
    yield from map(_row, rows)


def _row(cells: Iterable[str], *, escape: bool = True) -> str:
    return f"| {' | '.join(_text(cell) if escape else cell for cell in cells)} |"


def _text(text: str) -> str:
    """`text` without control characters, and with no character that Markdown would take for markup."""
    printed = "".join(char if char.isprintable() else " " for char in text)
    return _MARKUP.sub(r"\\\g<0>", printed)
