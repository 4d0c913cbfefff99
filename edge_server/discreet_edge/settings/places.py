"""What cannot be used is told with the place where it was stated. Files and folders are tried at the start."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from discreet.errors import KeyringError, PolicyError
from discreet.events import EventsRefused
from discreet.serving import SourceError
from discreet.visitors import SettingsError

from .reading import ServerSettings, SettingRefused
from .table import SETTINGS

__all__ = ["need_file", "need_folder", "told"]

_FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT))


@contextmanager
def told(settings: ServerSettings, key: str) -> Generator[None]:
    """Whatever the block refuses is told with the place where `key` was stated.

    Args:
        key: A setting, or a section whose settings check themselves: their errors say which it was.
    Raises:
        DiscreetError: the setting, or the file that it names, cannot be used.
    """
    try:
        yield
    except SettingsError as error:
        name, _, within = error.key.partition(".")
        found = f"{key}.{name}"
        place = settings.place(found, within) if found in SETTINGS else settings.place(key)
        raise SettingRefused(place, error.what) from error
    except (KeyringError, PolicyError, EventsRefused, SourceError) as error:
        raise type(error)(f"{settings.place(key)}: {error}") from error
    except OSError as error:
        name = f"`{os.fsdecode(error.filename)}`: " if isinstance(error.filename, str | bytes) else ""
        raise SettingRefused(settings.place(key), f"{name}{_reason(error)}") from error
    except UnicodeDecodeError as error:
        raise SettingRefused(settings.place(key), "the file is not UTF-8") from error


def need_folder(settings: ServerSettings, key: str) -> None:
    """See that the folder of `key` is there, made where it is not, and that something can be put into it.

    A full disk is no reason not to serve: what is kept there is tried again.

    Raises:
        SettingRefused: it is none, it cannot be made, or it cannot be written.
    """
    folder = Path(settings[key])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (FileExistsError, NotADirectoryError) as error:
        raise SettingRefused(settings.place(key), f"`{folder}`: it is no folder") from error
    except OSError as error:
        if error.errno not in _FULL:
            reason = f"it is no folder that can be written: {_reason(error)}"
            raise SettingRefused(settings.place(key), f"`{folder}`: {reason}") from error


def need_file(settings: ServerSettings, key: str) -> None:
    """See that the file of `key`, if it is there, is one that can be written, or else that its folder can.

    Where there is no such folder, whoever opens the file says so.

    Raises:
        SettingRefused: it is a folder, or it may not be written.
    """
    file = Path(settings[key].replace("{pid}", str(os.getpid())))
    if file.is_dir():
        raise SettingRefused(settings.place(key), f"`{file}`: it is a folder, not a file")
    if file.parent.is_dir() and not os.access(file if file.exists() else file.parent, os.W_OK):
        raise SettingRefused(settings.place(key), f"`{file}`: it may not be written")


def _reason(error: OSError) -> str:
    return (error.strerror or "no reason given").lower()
