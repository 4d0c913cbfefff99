"""The folder that the demo leaves behind: made, or reused when it holds nothing but a former demo."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from ..errors import DiscreetError

BUNDLE: Final = "shop.bundle"
KEYRING: Final = "trusted-keys.json"
DECISIONS: Final = "decisions.jsonl"
_PART: Final = f"{DECISIONS}.part"  # what a demo leaves that was killed in the middle
# In the order in which they are removed. The bundle is written first and removed last: it marks a demo.
_OURS: Final = (DECISIONS, _PART, KEYRING, BUNDLE)


class FolderRefused(DiscreetError):
    """The folder holds something that the demo did not make, or is no folder; nothing is written."""


def prepare(folder: Path) -> None:
    """Make `folder`, or empty it when it holds nothing but files of a former demo.

    Raises:
        FolderRefused: it holds anything else, or is not a folder.
        OSError: it cannot be made or emptied.
    """
    if folder.exists() and not folder.is_dir():
        raise FolderRefused(f"`{folder}` is not a folder")
    folder.mkdir(parents=True, exist_ok=True)
    found = {each.name for each in folder.iterdir()}
    foreign = sorted(found - set(_OURS)) or sorted(found if BUNDLE not in found else ())
    if foreign:
        raise FolderRefused(f"`{folder}` holds `{foreign[0]}`, which no demo made: name another folder")
    for name in _OURS:
        (folder / name).unlink(missing_ok=True)


@contextmanager
def decisions_log(folder: Path) -> Generator[TextIO]:
    """Yield the file for the decisions. It gets its name when all are written; an interrupted one is removed.

    Raises:
        OSError: it cannot be written.
    """
    part = folder / _PART
    try:
        with part.open("w", encoding="utf-8", newline="\n") as log:
            yield log
        part.replace(folder / DECISIONS)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
