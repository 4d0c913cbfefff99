"""From settings to what they describe: where bundles come from, how visitors are met, where records go."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from discreet import Keyring
from discreet.errors import KeyringError, PolicyError
from discreet.events import CloudEventsSink, Journal, JsonLinesSink, Sink
from discreet.serving import Bundles, BundleSource, BundleStore, FileSource, HttpSource
from discreet.visitors import Sealer, Visitors, VisitorSettings, read_secrets
from discreet_consent import Policy

from ..edge_settings import EdgeSettings
from .places import need_file, need_folder, told
from .reading import ServerSettings, SettingRefused

if TYPE_CHECKING:
    from discreet.visitors import Profiles

__all__ = ["Rooms", "furnish"]

_LISTS = frozenset(("cors_origins",))
_READ_HERE = ("secret", "profiles", "policy")  # of `visitors.*`: files, and a connection


@dataclass(frozen=True, slots=True)
class Rooms:
    """What an app is made of. Nothing in it runs yet: no thread, no connection, and no bundle is loaded."""

    bundles: Bundles
    visitors: Visitors
    journal: Journal | None
    edge: EdgeSettings


def furnish(settings: ServerSettings) -> Rooms:
    """Make everything that `settings` describe.

    Raises:
        DiscreetError: a setting, or a file that one names, cannot be used. It says where it was stated.
    """
    return Rooms(_bundles(settings), _visitors(settings), _journal(settings), _edge(settings))


def _bundles(settings: ServerSettings) -> Bundles:
    state = settings["bundle.state"]
    if state is not None:
        need_folder(settings, "bundle.state")
    return Bundles(
        _source(settings),
        _keyring(settings),
        store=None if state is None else BundleStore(Path(state) / "bundles"),
        rollback=settings["bundle.rollback"],
        stale_after_s=settings["bundle.stale_after_s"],
    )


def _keyring(settings: ServerSettings) -> Keyring:
    file = _needed(settings, "bundle.trust", "--trust")
    with told(settings, "bundle.trust"):
        try:
            return Keyring.read(file)
        except KeyringError as error:
            raise KeyringError(f"`{file}`: {error}") from error


def _source(settings: ServerSettings) -> BundleSource:
    place = _needed(settings, "bundle.source", "FILE_OR_URL")
    if "://" not in place:
        return FileSource(place)
    headers = _authorization(settings, "bundle.token")
    with told(settings, "bundle.source"):
        return HttpSource(place, headers=headers, timeout_s=settings["bundle.timeout_s"])


def _visitors(settings: ServerSettings) -> Visitors:
    stated = settings.stated("visitors")
    given = {key: stated[key] for key in stated if key not in _READ_HERE}
    policy = _policy(settings)
    with told(settings, "visitors"):
        made = VisitorSettings.from_mapping(given if policy is None else {**given, "policy": policy})
    sealer = _sealer(settings, "visitors.secret", "profile-cookie")
    return Visitors(made, sealer=sealer, profiles=_profiles(settings))


def _policy(settings: ServerSettings) -> Policy | None:
    file = settings["visitors.policy"]
    if file is None:
        return None
    with told(settings, "visitors.policy"):
        try:
            return Policy.read(file)
        except PolicyError as error:
            raise PolicyError(f"`{file}`: {str(error).removeprefix(f'{file}: ')}") from error


def _profiles(settings: ServerSettings) -> Profiles | None:
    where, place = settings["visitors.profiles"], settings.place("visitors.profiles")
    if where is None:
        return None
    if settings["visitors.secret"] is None:
        raise SettingRefused(place, "needs `visitors.secret`: a visitor is known by the cookie")
    if where == "memory":
        if settings["server.workers"] > 1:
            raise SettingRefused(place, "`memory` is of one process; several workers need Redis")
        from discreet.visitors import MemoryProfiles

        return MemoryProfiles()
    if not where.startswith(("redis://", "rediss://", "unix://")):
        raise SettingRefused(place, "takes `memory` or a URL of Redis, `redis://...`")
    from discreet.visitors import RedisProfiles

    return RedisProfiles(where)


def _journal(settings: ServerSettings) -> Journal | None:
    place = settings["journal.to"]
    if place is None:
        return None
    sealer = _sealer(settings, "journal.secret", "decision-log")
    sinks = [_sink(settings, place)]
    with told(settings, "journal.purpose"):  # the table has checked the numbers
        return Journal(
            sinks,
            purpose=settings["journal.purpose"],
            sealer=sealer,
            capacity=settings["journal.capacity"],
            hold_s=settings["journal.hold_s"],
        )


def _sink(settings: ServerSettings, place: str) -> Sink:
    if "://" in place:
        headers = _authorization(settings, "journal.token")
        with told(settings, "journal.to"):
            return CloudEventsSink(place, headers=headers)
    with told(settings, "journal.to"):
        need_file(settings, "journal.to")
        return JsonLinesSink(
            place,
            max_bytes=settings["journal.max_bytes"],
            keep=settings["journal.keep"],
            compress=settings["journal.compress"],
        )


def _edge(settings: ServerSettings) -> EdgeSettings:
    stated = settings.stated("edge")
    for key in _LISTS.intersection(stated):
        stated[key] = tuple(stated[key])
    with told(settings, "edge"):
        return EdgeSettings(**stated)


def _sealer(settings: ServerSettings, key: str, use: str) -> Sealer | None:
    file = settings[key]
    if file is None:
        return None
    with told(settings, key):
        return Sealer(read_secrets(file), use=use)


def _authorization(settings: ServerSettings, key: str) -> dict[str, str]:
    file, place = settings[key], settings.place(key)
    if file is None:
        return {}
    with told(settings, key), open(file, encoding="utf-8") as opened:
        if os.name == "posix" and os.fstat(opened.fileno()).st_mode & stat.S_IROTH:
            raise SettingRefused(place, f"`{os.fspath(file)}`: everybody may read it; `chmod 600` it")
        token = opened.read().strip()
    if not token.isascii() or not token.isprintable() or not token:
        raise SettingRefused(place, f"`{os.fspath(file)}`: a token is one line of printable ASCII")
    return {"authorization": f"Bearer {token}"}


def _needed(settings: ServerSettings, key: str, option: str) -> str:
    value: str | None = settings[key]
    if value is None:
        raise SettingRefused(
            f"`{key}`", f"is needed; state `{option}`, `{key}` in the file, or the environment"
        )
    return value
