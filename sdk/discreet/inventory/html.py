"""An inventory as one self-contained page: no script, nothing loaded, readable aloud and on paper.

Whatever an author wrote is escaped, so a name cannot become markup.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from . import words
from .entries import Inventory

_IN_KEY = re.compile(r"(?<=[a-z0-9_])\.(?=[a-z])")
_STYLE = """\
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; break-after: avoid; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; }
dt { font-weight: bold; } dd { margin: 0; overflow-wrap: break-word; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding-bottom: .5rem; }
th, td { border: 1px solid; padding: .3rem .5rem; text-align: left; vertical-align: top; overflow-wrap: break-word; }
th[scope=col], tbody th { font-weight: bold; overflow-wrap: normal; }
@media print {
  @page { size: A4 landscape; margin: 12mm; }
  body { font-size: 8pt; margin: 0; max-width: none; padding: 0; }
  .wide { overflow: visible; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
}"""


def as_html(inventory: Inventory) -> str:
    """The inventory as one HTML page."""
    return "\n".join(_lines(inventory)) + "\n"


def _lines(inventory: Inventory) -> Iterator[str]:
    title = f"Inventory of {_text(inventory.title)}"
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n<main>"
    yield f"<h1>{title}</h1>"
    yield from _definitions(words.facts(inventory))
    yield f"<p>{_text(words.NOTE)}</p>"
    yield from _section("remarks", "What to look at", _remarks(inventory))
    rows = [words.row(each, inventory) for each in inventory.entries]
    yield from _section(
        "attributes", "Attributes", _table("What is known, and what depends on it", words.HEAD, rows)
    )
    bases = map(words.basis_row, inventory.entries)
    head = ("attribute", *inventory.regimes)
    table = _table("On what knowing it rests, by regime", head, bases)
    yield from _section("bases", "Legal bases", (*_definitions(words.legend(inventory)), *table))
    purposes = map(words.purpose_row, inventory.purposes)
    yield from _section(
        "purposes", "By purpose", _table("What serves each purpose", words.PURPOSE_HEAD, purposes)
    )
    yield f"<p>{_text(words.LACKS)}</p>"
    yield "</main>\n</body>\n</html>"


def _definitions(terms: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield "<dl>"
    yield from (f"<dt>{_text(name)}</dt><dd>{_text(says)}</dd>" for name, says in terms)
    yield "</dl>"


def _remarks(inventory: Inventory) -> Iterator[str]:
    if not inventory.remarks:
        yield "<p>Every attribute is used, permitted and fully declared.</p>"
        return
    yield "<ul>"
    for attributes, says in words.remarks(inventory):
        yield f"<li><strong>{_text(attributes)}</strong>: {_text(says)}</li>"
    yield "</ul>"


def _section(name: str, title: str, content: Iterable[str]) -> Iterator[str]:
    yield f'<section aria-labelledby="{name}">\n<h2 id="{name}">{_text(title)}</h2>'
    yield from content
    yield "</section>"


def _table(caption: str, head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    # A region that scrolls must be reachable by keyboard.
    yield f'<div class="wide" role="region" tabindex="0" aria-label="{_text(caption)}">\n<table>'
    yield f"<caption>{_text(caption)}</caption>\n<thead><tr>"
    yield from (f'<th scope="col">{_text(name)}</th>' for name in head)
    yield "</tr></thead>\n<tbody>"
    for first, *others in rows:
        cells = "".join(f"<td>{_cell(cell)}</td>" for cell in others)
        yield f'<tr><th scope="row">{_cell(first)}</th>{cells}</tr>'
    yield "</tbody>\n</table>\n</div>"


def _cell(text: str) -> str:
    """`text` as `_text` has it, in which a line may break after a dot within a key."""
    return _IN_KEY.sub(r"\g<0><wbr>", _text(text))


def _text(text: str) -> str:
    """`text` with nothing left that is markup, and no character that HTML forbids."""
    return html.escape("".join(char if char.isprintable() else " " for char in text))
