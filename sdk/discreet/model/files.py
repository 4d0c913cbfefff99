"""Putting together what the files of one model say, before any of it is understood."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .fields import check_keys, id_of, items_of, scalar_of, table_of
from .nodes import Node, Scalar, Table, plain
from .problems import Place, short
from .progress import Progress
from .report import Report
from .source import read_bytes, read_file

MAX_INCLUDE_DEPTH = 16  # files that include each other in a row

SHARED_KEYS = ("attributes", "conditions", "segments", "offers")  # what an included file may hold
MODEL_KEYS = ("model", "channel", "stages", "placements")
OPTIONAL_KEYS = (
    "owner",
    "include",
    "attributes",
    "conditions",
    "segments",
    "offers",
    "accepted",
    "scenarios",
)


@dataclass(frozen=True, slots=True)
class Declared:
    """One attribute, condition, segment or offer as it stands in a file."""

    name: str
    place: Place
    node: Node
    own: bool  # stands in the model's own file, not in an included one
    file: str


def _empty_sections() -> Mapping[str, dict[str, Declared]]:
    return {section: {} for section in SHARED_KEYS}


@dataclass(slots=True)
class Draft:
    """All that the files of one model say. Each section maps a name to where it is declared first."""

    table: Table
    sections: Mapping[str, dict[str, Declared]] = field(default_factory=_empty_sections)


class Shelf:
    """The files that are read for one call, each of them once."""

    def __init__(
        self, report: Report, root: Path | None, progress: Progress, instead: Mapping[Path, bytes]
    ) -> None:
        self._report, self._root, self._progress = report, root, progress
        self._instead = {path.resolve(): data for path, data in instead.items()}
        self._read: dict[Path, Node | None] = {}
        self._drafted: set[Path] = set()

    def draft(self, path: Path) -> Draft | None:
        """The draft of the model in the file at `path`, with everything that it includes."""
        file = path.as_posix()
        node = self._node(path, file, Place(file, 1, 1), f"`{file}`")
        table = None if node is None else table_of(node, self._report, "a model")
        if table is None:
            return None
        if _is_shared(table):
            message = "this looks like a shared file (no `model:`); check the model that includes it"
            self._report.add(table.place, "shared-file", message)
            return None
        if self._is_named_twice(path, file):
            return None
        draft = Draft(table)
        root = (self._root or path.parent).resolve()
        _Gathering(self._report, self, root, draft).model(table, path, file)
        return draft

    def _is_named_twice(self, path: Path, file: str) -> bool:
        real = path.resolve()
        if real in self._drafted:
            self._report.add(Place(file, 1, 1), "named-twice", f"`{file}` is named twice")
            return True
        self._drafted.add(real)
        return False

    def _node(self, path: Path, file: str, asked_at: Place, shown: str) -> Node | None:
        try:
            real = path.resolve()
            if real not in self._read:
                self._read[real] = self._tree(path, real, file)
            return self._read[real]
        except FileNotFoundError:
            self._report.add(asked_at, "missing-file", f"{shown} does not exist")
        except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links in a circle
            reason = error.strerror.lower() if isinstance(error, OSError) and error.strerror else "not a path"
            self._report.add(asked_at, "unreadable-file", f"{shown} cannot be read: {reason}")
        return None

    def _tree(self, path: Path, real: Path, file: str) -> Node | None:
        data = self._instead.get(real)
        if data is None:
            return read_file(path, file, self._report, self._progress)
        return read_bytes(data, file, self._report, self._progress)

    def included(self, path: Path, file: str, asked: Scalar) -> Node | None:
        """The tree of an included file; a problem stands where it is asked for."""
        return self._node(path, file, asked.place, f"`{short(str(asked.value))}`")


def _is_shared(table: Table) -> bool:
    """Whether `table` holds what an included file may hold, and nothing of a model's own."""
    return bool(table.entries) and table.entries.keys() <= {*SHARED_KEYS, "include"}


def draft_of(table: Table, report: Report) -> Draft:
    """The draft of a model that is no file: it includes nothing."""
    draft = Draft(table)
    _Gathering(report, None, None, draft).model(table, None, "")
    return draft


class _Gathering:
    """Collects the sections of a model's files into one draft, included ones first."""

    def __init__(self, report: Report, shelf: Shelf | None, root: Path | None, draft: Draft) -> None:
        self._report, self._shelf, self._root, self._draft = report, shelf, root, draft
        self._done: set[Path] = set()

    def model(self, table: Table, path: Path | None, file: str) -> None:
        check_keys(table, self._report, "a model", MODEL_KEYS, OPTIONAL_KEYS)
        self._file(table, path, file, (), own=True)

    def _file(
        self, table: Table, path: Path | None, file: str, chain: tuple[Path, ...], *, own: bool
    ) -> None:
        include = table.get("include")
        if include is not None:
            for each in items_of(include, self._report, "`include`"):
                asked = scalar_of(each, self._report, "an included file")
                if asked is not None:
                    self._include(asked, path, file, chain)
        for section in SHARED_KEYS:
            node = table.get(section)
            if node is not None:
                (self._offers if section == "offers" else self._named)(section, node, file, own)

    def _include(self, asked: Scalar, path: Path | None, file: str, chain: tuple[Path, ...]) -> None:
        if path is None or self._shelf is None:
            self._report.add(asked.place, "no-files", "a model that is not a file cannot include one")
            return
        text = str(asked.value)
        target = path.parent / text
        chain = (*chain, path)
        if self._refused(asked, text, target, chain):
            return
        real = target.resolve()
        if real in self._done:
            return
        self._done.add(real)
        name = posixpath.normpath(posixpath.join(posixpath.dirname(file), text))
        node = self._shelf.included(target, name, asked)
        table = None if node is None else table_of(node, self._report, "an included file")
        if table is not None:
            check_keys(table, self._report, "an included file", (), (*SHARED_KEYS, "include"))
            self._file(table, target, name, chain, own=False)

    def _refused(self, asked: Scalar, text: str, target: Path, chain: tuple[Path, ...]) -> bool:
        """Whether `target` may not be included: outside the root, in a circle, or too deep."""
        try:
            real = target.resolve()
        except (OSError, ValueError, RuntimeError):
            self._report.add(asked.place, "unreadable-file", f"`{short(text)}` cannot be read: not a path")
            return True
        if Path(text).is_absolute() or (self._root is not None and not real.is_relative_to(self._root)):
            message = f"`{short(text)}` lies outside the folder of the model, where includes must stay"
            self._report.add(asked.place, "include-outside", message)
            return True
        circle = [each.name for each in chain]
        if real in [each.resolve() for each in chain]:
            message = f"files include each other in a circle: {' -> '.join([*circle, target.name])}"
            self._report.add(asked.place, "include-cycle", message)
            return True
        if len(chain) > MAX_INCLUDE_DEPTH:
            message = f"at most {MAX_INCLUDE_DEPTH} files include each other in a row"
            self._report.add(asked.place, "too-deep", message)
            return True
        return False

    def _named(self, section: str, node: Node, file: str, own: bool) -> None:
        table = table_of(node, self._report, f"`{section}`")
        for name, entry in ({} if table is None else table.entries).items():
            self._put(section, Declared(name, entry.key, entry.node, own, file))

    def _offers(self, section: str, node: Node, file: str, own: bool) -> None:
        for each in items_of(node, self._report, "`offers`"):
            table = table_of(each, self._report, "an offer")
            if table is None:
                continue
            asked = table.get("id")
            if asked is None:
                self._report.add(each.place, "missing-key", "an offer: `id` is missing")
                continue
            name = id_of(asked, self._report, "an offer's `id`")
            if name is not None:
                self._put(section, Declared(name, asked.place, each, own, file))

    def _put(self, section: str, declared: Declared) -> None:
        known = self._draft.sections[section]
        first = known.setdefault(declared.name, declared)
        if first is declared:
            return
        what = f"{section[:-1]} `{short(declared.name)}`"
        if first.file == declared.file or not _same(first.node, declared.node):
            message = f"{what} is declared twice; first at {first.place}"
            self._report.add(declared.place, "declared-twice", message)


def _same(one: Node, other: Node) -> bool:
    """Whether two declarations say the same; `1`, `1.0` and `true` are not the same."""
    return json.dumps(plain(one), sort_keys=True) == json.dumps(plain(other), sort_keys=True)
