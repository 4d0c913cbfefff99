"""From the text of a YAML or JSON file to its tree.

YAML is read event by event (`yaml.parse`), not composed: a composed tree has forgotten which anchors and tags
the author wrote, and has already followed the aliases. Scalars are those of the YAML 1.2 core schema, so that
`NO` is Norway, and `12:30` and `1_000` are text. Anchors, aliases, merge keys and tags are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from discreet.errors import MissingExtra

from .json_source import grow_json
from .nodes import MAX_DIGITS, Atom, Broken, Node, Origin, Scalar, Source, Style
from .problems import Place, short
from .progress import Progress, unheard
from .report import Report
from .tree import Tree, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_FILE_BYTES = 64 * 1024 * 1024
EVENTS = 5_000  # of the YAML parser, between two reports of progress

_FIXED: Mapping[str, Atom] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_NUMBER = re.compile(
    r"(?P<decimal>[-+]?[0-9]+)"
    r"|0o(?P<octal>[0-7]+)"
    r"|0x(?P<hex>[0-9a-fA-F]+)"
    r"|(?P<float>[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)"
)
_NUMBER_STARTS = frozenset("+-.0123456789")

# What a text file may hold, by YAML and, but for a few, by JSON.
CONTROL = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")

_CONTENT = re.compile("[ ]*[^ #\\r\\n]")  # how a line begins that holds more than a comment
_STYLES = {"'": Style.SINGLE, '"': Style.DOUBLE, "|": Style.BLOCK, ">": Style.BLOCK}


def core_scalar(text: str) -> Atom:
    """What the plain scalar `text` is in the core schema of YAML 1.2."""
    if text in _FIXED:
        return _FIXED[text]
    if text[0] not in _NUMBER_STARTS or len(text) > MAX_DIGITS:
        return text
    number = _NUMBER.fullmatch(text)
    if number is None:
        return text
    if number["float"]:
        return float(text)
    if number["decimal"]:
        return int(text)
    return int(number["octal"], 8) if number["octal"] else int(number["hex"], 16)


def read_file(path: Path, file: str, report: Report, progress: Progress = unheard) -> Node | None:
    """The tree of the file at `path`, called `file` in places; None when there is none to look at.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as stream:
        data = stream.read(MAX_FILE_BYTES + 1)
    return read_bytes(data, file, report, progress)


def read_bytes(data: bytes, file: str, report: Report, progress: Progress = unheard) -> Node | None:
    """The tree of `data`: JSON when `file` ends in `.json`, else YAML. Problems go to `report`."""
    text = _text(data, file, report)
    if text is None:
        return None
    source, tree = Source(file, text), Tree(report)
    try:
        (grow_json if file.lower().endswith(".json") else _grow_yaml)(source, tree, report, progress)
    except UnreadableError:
        return None
    if tree.root is None:
        report.add(Place(file, 1, 1), "empty-file", "the file is empty")
    return tree.root


def _text(data: bytes, file: str, report: Report) -> str | None:
    if len(data) > MAX_FILE_BYTES:
        report.add(Place(file, 1, 1), "too-large", f"a file has at most {MAX_FILE_BYTES} bytes")
        return None
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").removeprefix("\ufeff")
        place = Source(file, before).place(len(before))
        report.add(place, "not-utf-8", "the file is not UTF-8 from here on")
        return None
    control = CONTROL.search(text)
    if control:
        place = Source(file, text).place(control.start())
        report.add(
            place, "bad-character", f"U+{ord(control[0]):04X} cannot stand in a file; write it as an escape"
        )
        return None
    return text


def _grow_yaml(source: Source, tree: Tree, report: Report, progress: Progress) -> None:
    try:
        import yaml
    except ImportError as error:
        raise MissingExtra("reading models", "author") from error
    loader: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    grower = _YamlGrower(source, tree, report)
    try:
        parse: Callable[..., Iterable[Any]] = yaml.parse  # pyright: ignore[reportUnknownMemberType] # it has no types
        step, size = f"reading {short(source.file)}", len(source.text)
        events = parse(source.text, Loader=loader)
        for number, event in enumerate(events):
            if number % EVENTS == 0:
                progress(step, grower.index(event), size)
            grower.take(event)
        progress(step, size, size)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        index = min(mark.index, len(source.text)) if mark else 0
        report.add(source.place(index), "yaml-syntax", _syntax_message(source.text, index, error.problem))
        raise UnreadableError from error
    except yaml.YAMLError as error:
        report.add(source.place(0), "yaml-syntax", "this is not YAML")
        raise UnreadableError from error


def _syntax_message(text: str, index: int, problem: str | None) -> str:
    if text[index : index + 1] == "\t":
        return "a tab cannot indent YAML; use spaces"
    slip = _indentation_slip(text, index, problem or "")
    if slip:
        return f"{slip}; lines that belong together begin in one column"
    if text[index : index + 1] == ":" and problem and _cuts_text(text, index, problem):
        return f"this is not YAML: {problem}; put text that holds `:` in quotes"
    if text[index : index + 1] in ("[", "{", "]", "}") and problem and "expected ','" in problem:
        return "within `[...]` and `{...}`, text that holds brackets, braces or commas stands in quotes"
    if problem and "escape" in problem:
        return f"{problem}; write the character itself"
    return f"this is not YAML: {problem}" if problem else "this is not YAML"


def _cuts_text(text: str, index: int, problem: str) -> bool:
    """Whether the colon at `index` stands in the middle of a text, and not behind a key in a wrong column."""
    line = text[text.rfind("\n", 0, index) + 1 : index]
    return "expected ','" in problem or ": " in line


def _indentation_slip(text: str, index: int, problem: str) -> str:
    """What is wrong with the spaces before the line at `index`, where `problem` comes from them; or nothing."""
    begins = text.rfind("\n", 0, index) + 1
    line, before = text[begins:index], [each for each in text[:begins].split("\n") if _CONTENT.match(each)]
    is_key = (
        problem.startswith("mapping values") and ": " not in line and not line.lstrip().startswith(("'", '"'))
    )
    is_first = problem.startswith(("did not find expected", "expected <block end>")) and not line.strip(" ")
    if not before or not (is_key or is_first):
        return ""
    own, last = _indent(text[begins:]), _indent(before[-1])
    if own in _open_columns(before):
        return ""
    return f"this line is indented {'more' if own > last else 'less'} than the one it belongs to"


def _open_columns(lines: Sequence[str]) -> set[int]:
    """The columns in which a line below `lines` may begin."""
    columns = {_indent(lines[-1])}
    for line in reversed(lines):
        columns |= {_indent(line)} if _indent(line) < min(columns) else set()
    return columns


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


class _YamlGrower:
    """Feeds the events of the YAML parser, which have no types, to the tree."""

    def __init__(self, source: Source, tree: Tree, report: Report) -> None:
        self._source, self._tree, self._report = source, tree, report
        self._documents = 0
        self._takers: Mapping[str, Callable[[Any], None]] = {
            "DocumentStartEvent": self._document,
            "MappingStartEvent": self._open_table,
            "SequenceStartEvent": self._open_items,
            "MappingEndEvent": self._close,
            "SequenceEndEvent": self._close,
            "ScalarEvent": self._scalar,
            "AliasEvent": self._alias,
        }

    def take(self, event: Any) -> None:
        taker = self._takers.get(type(event).__name__)
        if taker is not None:
            taker(event)

    def index(self, event: Any) -> int:
        """Where in the text `event` begins."""
        index: int = event.start_mark.index
        return index

    def _place(self, event: Any) -> Place:
        return self._source.place(self.index(event))

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            self._report.add(self._place(event), "second-document", "a file holds one document")
            raise UnreadableError
        if event.tags:
            self._report.add(self._place(event), "yaml-feature", "tags are not part of the format")

    def _open_table(self, event: Any) -> None:
        self._tree.open(self._decorated(event), is_table=True, is_flow=bool(event.flow_style))

    def _open_items(self, event: Any) -> None:
        self._tree.open(self._decorated(event), is_table=False)

    def _close(self, _: Any) -> None:
        self._tree.close()

    def _alias(self, event: Any) -> None:
        place = self._place(event)
        message = f"the alias `*{short(event.anchor)}` is not part of the format; use `include` or a condition's name"
        self._report.add(place, "yaml-feature", message)
        self._tree.put(Broken(place))

    def _decorated(self, event: Any) -> Place:
        place = self._place(event)
        if event.anchor is not None:
            message = f"the anchor `&{short(event.anchor)}` is not part of the format"
            self._report.add(place, "yaml-feature", message)
        if event.tag is not None:
            message = "tags are not part of the format; quotes make text, no quotes a number or boolean"
            self._report.add(place, "yaml-feature", message)
        return place

    def _scalar(self, event: Any) -> None:
        place = self._decorated(event)
        style = _STYLES.get(event.style or "", Style.PLAIN)
        start, end = event.start_mark.index, event.end_mark.index
        if event.anchor is not None or event.tag is not None:
            start = max(start, end - len(event.value))  # the decoration is part of the event's stretch
        text = event.value
        if text == "<<" and style is Style.PLAIN:
            self._report.add(place, "yaml-feature", "merge keys are not part of the format; use `include`")
            self._tree.put(Broken(place))
            return
        if text == "" and style is Style.PLAIN and event.anchor is None and event.tag is None:
            self._tree.put_nothing(Scalar(None, place, Origin(self._source, start, end, style)))
            return
        value = core_scalar(text) if style is Style.PLAIN else text
        self._tree.put(Scalar(value, place, Origin(self._source, start, end, style)))
