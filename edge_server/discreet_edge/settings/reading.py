"""The settings of the server: one table of what can be set, where it may stand, and what holds when it does not.

An option of the command counts before the environment, that before the settings file, that before the default. The
environment's name of `server.port` is `DISCREET_SERVER_PORT`. A key that is not in the table is refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final

from discreet.errors import DiscreetError, nearest

from .table import SETTINGS, Setting
from .values import HIDDEN, Kind, NotOfKind, from_text, from_toml, shown

__all__ = ["Given", "Origin", "ServerSettings", "SettingRefused", "read_settings"]

_SECTIONS: Final = frozenset(key.partition(".")[0] for key in SETTINGS)
_BY_VARIABLE: Final = {setting.variable: setting for setting in SETTINGS.values()}
_PREFIXES: Final = tuple(f"DISCREET_{section.upper()}_" for section in sorted(_SECTIONS))


class SettingRefused(DiscreetError):
    """A setting cannot be used; `key` says which, and the message never shows its value."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}" if key else reason)
        self.key = key


class Origin(Enum):
    """Where a setting's value comes from; the later one counts."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    OPTION = "option"


@dataclass(frozen=True, slots=True)
class Given:
    """A value that holds, and where it comes from."""

    value: Any
    origin: Origin

    def __repr__(self) -> str:
        return f"Given(origin={self.origin.value!r})"


class ServerSettings(Mapping[str, Any]):
    """The effective value of every setting, by its key in the table.

    Args:
        file: The settings file, where there is one.
    """

    def __init__(self, given: Mapping[str, Given], file: Path | None = None) -> None:
        self.file = file
        self.given = {
            key: given.get(key, Given(each.default, Origin.DEFAULT)) for key, each in SETTINGS.items()
        }

    def __getitem__(self, key: str) -> Any:
        return self.given[key].value

    def __iter__(self) -> Iterator[str]:
        return iter(self.given)

    def __len__(self) -> int:
        return len(self.given)

    def __repr__(self) -> str:
        return f"ServerSettings({len(self)} settings)"

    def place(self, key: str, within: str = "") -> str:
        """Where the value of `key` was stated, as a message names it: the file and the key, a variable, or an option.

        Args:
            within: What in that value is meant: an attribute's name in `visitors.attributes`.
        """
        origin = self.given[key].origin
        if origin is Origin.FILE:
            return f"`{self.file}`: `{key}{within and '.'}{within}`"
        inner = f": `{within}`" if within else ""
        if origin is Origin.ENVIRONMENT:
            return f"`{SETTINGS[key].variable}`{inner}"
        return f"{_place(key)}{inner}" if origin is Origin.OPTION else f"`{key}`{inner}"

    def stated(self, section: str) -> dict[str, Any]:
        """What was set in `section`, by the key within it; what holds by default is left out."""
        return {
            key.partition(".")[2]: each.value
            for key, each in self.given.items()
            if key.startswith(f"{section}.") and each.origin is not Origin.DEFAULT and each.value is not None
        }

    def shown(self) -> dict[str, tuple[object, str]]:
        """Every setting as it may be printed, without secrets, and where it comes from."""
        return {key: (_shown(key, each.value), each.origin.value) for key, each in self.given.items()}


def _shown(key: str, value: object) -> object:
    return HIDDEN if SETTINGS[key].is_secret and value is not None else shown(value)


def read_settings(
    file: Path | None, environment: Mapping[str, str], options: Mapping[str, Any]
) -> ServerSettings:
    """Read all places and let the nearest to the user count.

    Args:
        options: Values of options by key; None is as if left out.
    Raises:
        SettingRefused: a key is unknown, or a value is not what its setting takes.
        OSError: the file cannot be read.
    """
    given: dict[str, Given] = {}
    if file is not None:
        given |= {key: Given(value, Origin.FILE) for key, value in _from_file(file).items()}
    given |= {key: Given(value, Origin.ENVIRONMENT) for key, value in _from_environment(environment).items()}
    stated = {key: value for key, value in options.items() if value is not None}
    given |= {
        key: Given(_checked(SETTINGS[key], value, _place(key)), Origin.OPTION)
        for key, value in stated.items()
    }
    return ServerSettings(given, file)


def _place(key: str) -> str:
    return f"`{SETTINGS[key].option or key}`"


def _from_file(file: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(file.read_bytes().decode("utf-8"))
    except tomllib.TOMLDecodeError as error:
        # Its text names a line and a column, and may end with the character that was found.
        raise SettingRefused("", f"`{file}`: not TOML: {str(error).splitlines()[0]}") from error
    except UnicodeDecodeError as error:
        raise SettingRefused("", f"`{file}`: not UTF-8") from error
    found: dict[str, Any] = {}
    for key, value in _flat(document):
        place = f"`{file}`: `{key}`"
        setting = SETTINGS.get(key)
        if setting is None:
            raise SettingRefused(place, f"unknown setting{_meant(key)}")
        found[key] = _beside(file, setting, _checked(setting, value, place))
    return found


def _meant(key: str) -> str:
    """The hint for an unknown key: a section, a setting whose section was left out, or the nearest."""
    if "." in key:
        return nearest(key, SETTINGS)
    inner = [f"`{each}`" for each in SETTINGS if each.partition(".")[2] == key]
    return f"; did you mean {' or '.join(inner)}?" if inner else nearest(key, [*sorted(_SECTIONS), *SETTINGS])


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Each value with its dotted key. A table that is itself a setting's value stays whole."""
    for name, value in table.items():
        key = f"{above}{name}"
        holds_settings = isinstance(value, dict) and key not in SETTINGS
        if holds_settings and any(each.startswith(f"{key}.") for each in SETTINGS):
            yield from _flat(value, f"{key}.")
        else:
            yield key, value


def _beside(file: Path, setting: Setting, value: Any) -> Any:
    """A path in a settings file counts from the file's own folder."""
    is_path = setting.kind is Kind.FILE or (setting.kind is Kind.PLACE and "://" not in value)
    return str(file.parent / value) if is_path and value != "-" else value


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for variable, text in environment.items():
        setting = _BY_VARIABLE.get(variable)
        if setting is not None:
            try:
                value = from_text(setting.kind, text)
            except NotOfKind as error:
                raise SettingRefused(f"`{variable}`", str(error)) from error
            found[setting.key] = _checked(setting, value, f"`{variable}`")
        elif variable.startswith(_PREFIXES):
            raise SettingRefused(f"`{variable}`", f"unknown setting{nearest(variable, _BY_VARIABLE)}")
    return found


def _checked(setting: Setting, value: object, place: str) -> Any:
    try:
        from_toml(setting.kind, value)
    except NotOfKind as error:
        raise SettingRefused(place, str(error)) from error
    taken: Any = value
    words = {taken} if isinstance(value, str) else taken
    if setting.choices and not set(setting.choices).issuperset(words):
        raise SettingRefused(place, f"takes {' or '.join(f'`{each}`' for each in setting.choices)}")
    if setting.least is not None and taken < setting.least:
        raise SettingRefused(place, f"must be at least {setting.least:g}")
    if setting.most is not None and taken > setting.most:
        raise SettingRefused(place, f"must be at most {setting.most:g}")
    return taken
