"""Which models are read together, so that each can be read: those that are named, and what shares a file with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors import ModelError

_ENDINGS = (".yaml", ".yml", ".json")
_ELSEWHERE = (
    "unknown-placement"  # the one name that a model may lack, because a model that is not here has it
)


def read_together(paths: Sequence[Path], files: Mapping[Path, bytes]) -> list[list[Path]]:
    """The models at `paths`, which are of one folder, in groups of which each can be read.

    All of them, else with the other models of the folder that share an included file with them, else each for itself.
    A model that lacks nothing but the placements of models that are nowhere near is in no group.

    Args:
        files: What is in files that are not read from the disk.
    Raises:
        ModelError: a model has problems, whatever it is read with.
        OSError: the folder cannot be looked at.
    """
    from ..model import read_models

    problems: list[ModelError] = []
    for group in ([*paths], [*paths, *_companions(paths, files)]):
        try:
            read_models(group, instead=files)
        except ModelError as error:
            problems.append(error)
        else:
            return [group]
    if len(paths) > 1:
        return [group for path in paths for group in read_together([path], files)]
    if any(each.code != _ELSEWHERE for each in problems[0].problems):
        raise problems[0]
    return []


def _companions(paths: Sequence[Path], files: Mapping[Path, bytes]) -> list[Path]:
    """The models beside those at `paths`, and not among them, that include one of the files that these include."""
    shared = {each for path in paths for each in _included(path, files[path])}
    named = {path.resolve() for path in paths}
    folder = paths[0].parent
    beside = [path for path in sorted(folder.iterdir()) if path.suffix in _ENDINGS and path.is_file()]
    return [
        path
        for path in beside
        if shared and path.resolve() not in named and shared & _included(path, _content(path, files))
    ]


def _content(path: Path, files: Mapping[Path, bytes]) -> bytes:
    return files[path] if path in files else path.read_bytes()


def _included(path: Path, data: bytes) -> frozenset[Path]:
    from ..model.formatting import included_by

    return frozenset((path.parent / each).resolve() for each in included_by(data, path.as_posix()))
