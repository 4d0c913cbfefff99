"""A difference as Markdown, for the comment of a pull request: short, the visitors folded away."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from . import changes_words as words

if TYPE_CHECKING:
    from .changes_found import Consents, Difference
    from .proofs import Visitor

# What would be emphasis, code, a link, an image, HTML or an entity, or would end a cell.
_MARKUP = re.compile(r"[\\`*_\[\]<>&|~#@]")
_HEAD = ("where", "was", "becomes", "under the consent")
_FOLDED_HEAD = ("where", "was", "becomes", "attributes", "grants", "instant")


def as_markdown(found: Difference) -> str:
    """The difference as GitHub-flavoured Markdown. An author's words are escaped."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Difference) -> Iterator[str]:
    yield f"### What visitors meet: {_text(words.headline(found))}"
    rows = list(_rows(found))
    if rows:
        yield ""
        yield from _table(_HEAD, [(*cells, words.under(consents)) for cells, consents, _ in rows])
    if found.declarations or found.unproven:
        yield ""
        yield from (f"- {_text(words.declaration(each))}" for each in found.declarations)
        yield from (f"- **{_text(words.given_up(each))}**" for each in found.unproven)
    if rows:
        yield from ("", "<details><summary>A visitor for each</summary>", "")
        yield from _table(_FOLDED_HEAD, [(*cells, *_visitor(witness)) for cells, _, witness in rows])
        yield from ("", "</details>")
    if not found.is_empty:
        yield from ("", f"{_text(words.verdict(found).capitalize())}.")


def _rows(found: Difference) -> Iterator[tuple[Sequence[str], Consents, Visitor]]:
    for each in found.winners:
        cells = (each.placement, words.outcome(each.was), words.outcome(each.becomes))
        yield cells, each.consents, each.witness
    for other in found.contents:
        fields = ", ".join(other.fields)
        yield (", ".join(other.placements), other.offer, f"other {fields}"), other.consents, other.witness
    for stage in found.stages:
        where = f"stage of {stage.model}"
        yield (where, stage.was, stage.becomes), stage.consents, stage.witness


def _visitor(each: Visitor) -> tuple[str, str, str]:
    attributes = json.dumps(dict(each.attributes), ensure_ascii=False)
    return attributes, words.granted(each), words.instant(each)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---' for _ in head)} |"
    yield from (f"| {' | '.join(map(_text, row))} |" for row in rows)


def _text(text: str) -> str:
    """`text` without control characters, and with no character that Markdown would take for markup."""
    printed = "".join(char if char.isprintable() else " " for char in text)
    return _MARKUP.sub(r"\\\g<0>", printed)
