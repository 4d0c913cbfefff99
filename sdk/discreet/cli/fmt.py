"""Put model files into their one layout, with every comment."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .companions import read_together
from .files import OutputRefused
from .options import json_option
from .output import line, print_json, printable
from .progress import long_work
from .refusals import NO, count
from .replacing import replace_all

if TYPE_CHECKING:
    from ..model.formatting import Form

STDIN = "-"

_EPILOG = """\b
Example:
  discreet fmt shop.yaml shop.scenarios.yaml
  discreet fmt *.yaml --check --diff
  discreet fmt - < shop.yaml
"""


@click.command("fmt", epilog=_EPILOG)
@click.argument("files", nargs=-1, required=True, metavar="MODEL...", type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Change nothing; exit code 1 names the files that would change.")
@click.option("--diff", is_flag=True, help="Change nothing; print what would.")
@json_option
def command(files: Sequence[Path], check: bool, diff: bool, as_json: bool) -> None:
    """Put model files into their one layout, with every comment.

    Models, files that models include, and scenarios, in YAML or JSON. Keys stand in the order of the format,
    expressions in one spelling, quotes where they are needed. What the file says stays the same, which is checked:
    models are read and compiled before and after, with those beside them that share a file with them. A file that
    is not of the format, or has problems, is refused, and then no file is changed. `-` is stdin, read for itself.
    """
    if Path(STDIN) in files:
        if len(files) > 1 or as_json:
            raise click.UsageError("`-` prints the file itself; it stands alone, and without --json")
        _filter(check, diff)
        return
    before = {path: _content(path) for path in dict.fromkeys(files)}
    after = laid_out(before)
    changed = [path for path in before if after[path] != before[path]]
    if not (check or diff):
        replace_all({path: after[path] for path in changed})
    if as_json:
        listed = [{"file": str(path), "changed": path in changed} for path in before]
        print_json({"files": listed, "written": not (check or diff)})
    else:
        _report(before, after, changed, check, diff)
    if check and changed:
        raise click.exceptions.Exit(NO)


def laid_out(files: Mapping[Path, bytes]) -> dict[Path, bytes]:
    """What `files` hold, each in its one layout; nothing is written.

    Raises:
        ModelError: one is not of the format, or has problems, for itself or as a model.
        LayoutRefused: one would say something else, or lose a comment.
    """
    from ..model.formatting import Form

    with long_work() as progress:
        after: dict[Path, bytes] = {}
        models: list[Path] = []
        for done, (path, data) in enumerate(files.items()):
            progress("laying out files", done, len(files))
            form, after[path] = _laid_out_alone(path, data)
            models += [path] if form is Form.MODEL else []
        for folder in dict.fromkeys(path.parent for path in files if after[path] != files[path]):
            _check_models([path for path in models if path.parent == folder], files, after)
    return after


def _laid_out_alone(path: Path, data: bytes) -> tuple[Form, bytes]:
    """What `data`, called `path`, is, and its one layout; in which it says the same, for itself."""
    from ..model.formatting import form_of, formatted

    file = path.as_posix()
    return form_of(data, file), formatted(data, file)


def _check_models(paths: Sequence[Path], before: Mapping[Path, bytes], after: Mapping[Path, bytes]) -> None:
    """See that the models at `paths`, and their bundle, are the same before and after."""
    from ..compiler import compile_models, pack
    from ..model import read_models
    from ..model.formatting import LayoutRefused, same_models

    for bundled in read_together(paths, before) if paths else []:
        models = [read_models(bundled, instead=each) for each in (before, after)]
        bundles = [
            pack(compile_models(each), name="m", version=1, created_s=0, expires_s=1) for each in models
        ]
        if not same_models(*models) or bundles[0] != bundles[1]:
            files = ", ".join(f"`{path}`" for path in bundled)
            raise LayoutRefused(f"{files}: left as they are; laid out anew they would not mean the same")


def _content(path: Path) -> bytes:
    """What the file at `path` holds, or so much of it that it is too large."""
    from ..model.source import MAX_FILE_BYTES

    if path.exists() and not path.is_file():
        raise OutputRefused(f"`{path}` is not a regular file")
    with path.open("rb") as file:
        return file.read(MAX_FILE_BYTES + 1)


def _report(
    before: Mapping[Path, bytes],
    after: Mapping[Path, bytes],
    changed: Sequence[Path],
    check: bool,
    diff: bool,
) -> None:
    for path in changed:
        if diff:
            sys.stdout.write(_difference(path, before[path], after[path]))
        else:
            line(f"would change {path}" if check else f"laid out {path}")
    rest = len(before) - len(changed)
    changes = "would change" if check or diff else "changed"
    unchanged = f", {rest} {'is' if rest == 1 else 'are'} laid out already" if rest else ""
    line(f"{count(len(changed), 'file')} {changes}{unchanged}")


def _difference(path: Path, before: bytes, after: bytes) -> str:
    old, new = (each.decode("utf-8").splitlines() for each in (before, after))
    lines = difflib.unified_diff(old, new, str(path), f"{path} (laid out)", lineterm="")
    return "".join(f"{printable(each)}\n" for each in lines)


def _filter(check: bool, diff: bool) -> None:
    """Lay out what comes on stdin, read for itself: nobody knows what stands beside it."""
    data = sys.stdin.buffer.read()
    is_json = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
    path = Path("<stdin>.json" if is_json else "<stdin>")
    _, after = _laid_out_alone(path, data)
    if diff:
        sys.stdout.write(_difference(path, data, after))
    elif check:
        line("would change" if after != data else "laid out already")
    else:
        sys.stdout.buffer.write(after)
        sys.stdout.buffer.flush()
    if check and after != data:
        raise click.exceptions.Exit(NO)
