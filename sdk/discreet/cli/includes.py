"""Which files models include: what a command reads beyond the files that it was told to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from .files import check_output

_NEVER_INCLUDED = (b"\x83", b"<?xml")  # how a bundle and a report begin, and no YAML or JSON does


def check_not_included(output: Path, models: Sequence[Path]) -> None:
    """See that `output` is none of the files that `models`, which were found sound, include.

    The models are read again for it, but only when something is at `output` that could be included at all.

    Raises:
        OutputRefused: it is one of them.
    """
    if output.is_file():
        with output.open("rb") as file:
            head = file.read(5)
        if not head.startswith(_NEVER_INCLUDED):
            check_output(output, _included(models, set()))


def _included(paths: Sequence[Path], seen: set[Path]) -> Iterator[Path]:
    from ..model.nodes import Items, Scalar, Table
    from ..model.report import Report
    from ..model.source import read_file

    for path in paths:
        if path.resolve() in seen:
            continue
        seen.add(path.resolve())
        node = read_file(path, path.as_posix(), Report())
        asked = node.get("include") if isinstance(node, Table) else None
        names = asked.items if isinstance(asked, Items) else (asked,)
        files = [path.parent / str(each.value) for each in names if isinstance(each, Scalar)]
        yield from files
        yield from _included(files, seen)
