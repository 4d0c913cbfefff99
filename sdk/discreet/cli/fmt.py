"""Put model files into their one layout, with every comment."""

from __future__ import annotations

import difflib
import stat
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from ..errors import ModelError
from .files import write_atomically
from .options import json_option
from .output import line, print_json, printable
from .progress import long_work
from .refusals import NO, count

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
    models are read and compiled before and after, those of one folder together. A file with problems is not touched.
    `-` is stdin.
    """
    if Path(STDIN) in files:
        _filter(files, check, diff)
        return
    before = {path: path.read_bytes() for path in dict.fromkeys(files)}
    after = laid_out(before)
    changed = [path for path in before if after[path] != before[path]]
    if not (check or diff):
        for path in changed:
            _replace(path, after[path])
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
        ModelError: one has problems, for itself or as a model.
        LayoutRefused: one would say something else.
    """
    from ..model.formatting import formatted

    with long_work() as progress:
        after: dict[Path, bytes] = {}
        for done, (path, data) in enumerate(files.items()):
            progress("laying out files", done, len(files))
            after[path] = formatted(data, path.as_posix())
        for folder in dict.fromkeys(path.parent for path in files):
            _check_models([path for path in files if path.parent == folder], files, after)
    return after


def _check_models(paths: Sequence[Path], before: Mapping[Path, bytes], after: Mapping[Path, bytes]) -> None:
    """See that the models among `paths`, and their bundle, are the same before and after."""
    from ..compiler import compile_models, pack
    from ..model import read_models
    from ..model.formatting import LayoutRefused, is_model, same_models

    named = [path for path in paths if is_model(before[path], path.as_posix())]
    if not named or all(before[path] == after[path] for path in paths):
        return
    for bundled in _bundled(named, before):
        models = [read_models(bundled, instead=each) for each in (before, after)]
        bundles = [
            pack(compile_models(each), name="m", version=1, created_s=0, expires_s=1) for each in models
        ]
        if not same_models(*models) or bundles[0] != bundles[1]:
            files = ", ".join(f"`{path}`" for path in bundled)
            raise LayoutRefused(f"{files}: left as they are; laid out anew they would not mean the same")


def _bundled(paths: Sequence[Path], files: Mapping[Path, bytes]) -> list[list[Path]]:
    """Those of `paths` that are read together: all, or where they do not fit into one bundle, each alone."""
    from ..model import read_models

    try:
        read_models(paths, instead=files)
    except ModelError:
        if len(paths) == 1:
            raise
        return [[path] for path in paths]
    return [[*paths]]


def _replace(path: Path, data: bytes) -> None:
    """Put `data` into the file to which `path` leads, which keeps its mode."""
    real = path.resolve()
    mode = stat.S_IMODE(real.stat().st_mode)
    write_atomically(real, data)
    real.chmod(mode)


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


def _filter(files: Sequence[Path], check: bool, diff: bool) -> None:
    """Lay out what comes on stdin."""
    if len(files) > 1:
        raise click.UsageError("`-` stands alone")
    data = sys.stdin.buffer.read()
    is_json = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
    path = Path("<stdin>.json" if is_json else "<stdin>")
    after = laid_out({path: data})[path]
    if diff:
        sys.stdout.write(_difference(path, data, after))
    elif not check:
        sys.stdout.buffer.write(after)
        sys.stdout.buffer.flush()
    if check and after != data:
        raise click.exceptions.Exit(NO)
