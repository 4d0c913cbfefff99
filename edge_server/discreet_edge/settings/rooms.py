"""From settings to what they describe: where bundles come from, how visitors are met, where records go."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from discreet import Keyring
from discreet.errors import KeyringError
from discreet.events import CloudEventsSink, Journal, JsonLinesSink, Sink
from discreet.serving import Bundles, BundleSource, BundleStore, FileSource, HttpSource
from discreet.visitors import Sealer, Visitors, VisitorSettings, read_secrets

from ..edge_settings import EdgeSettings
from .reading import ServerSettings, SettingRefused

if TYPE_CHECKING:
    from discreet.visitors import Profiles

__all__ = ["Rooms", "furnish"]

_LISTS = frozenset(("cors_origins",))
_READ_HERE = ("secret", "profiles")  # of `visitors.*`: no fields of `VisitorSettings`


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
        DiscreetError: a setting, or a file that one names, cannot be used.
        OSError: a file cannot be read.
    """
    return Rooms(_bundles(settings), _visitors(settings), _journal(settings), _edge(settings))


def _bundles(settings: ServerSettings) -> Bundles:
    state = settings["bundle.state"]
    return Bundles(
        _source(settings),
        _keyring(_needed(settings, "bundle.trust", "--trust")),
        store=None if state is None else BundleStore(Path(state) / "bundles"),
        rollback=settings["bundle.rollback"],
        stale_after_s=settings["bundle.stale_after_s"],
    )


def _keyring(file: str) -> Keyring:
    try:
        return Keyring.read(file)
    except KeyringError as error:
        raise KeyringError(f"`{file}`: {error}") from error


def _source(settings: ServerSettings) -> BundleSource:
    place = _needed(settings, "bundle.source", "FILE_OR_URL")
    if "://" not in place:
        return FileSource(place)
    headers = _authorization(settings["bundle.token"])
    return HttpSource(place, headers=headers, timeout_s=settings["bundle.timeout_s"])


def _visitors(settings: ServerSettings) -> Visitors:
    stated = settings.stated("visitors")
    made = VisitorSettings.from_mapping({key: stated[key] for key in stated if key not in _READ_HERE})
    return Visitors(
        made, sealer=_sealer(settings["visitors.secret"], "profile-cookie"), profiles=_profiles(settings)
    )


def _profiles(settings: ServerSettings) -> Profiles | None:
    where = settings["visitors.profiles"]
    if where is None:
        return None
    if settings["visitors.secret"] is None:
        raise SettingRefused(
            "`visitors.profiles`", "needs `visitors.secret`: a visitor is known by the cookie"
        )
    if where == "memory":
        if settings["server.workers"] > 1:
            raise SettingRefused(
                "`visitors.profiles`", "`memory` is of one process; several workers need Redis"
            )
        from discreet.visitors import MemoryProfiles

        return MemoryProfiles()
    if not where.startswith(("redis://", "rediss://", "unix://")):
        raise SettingRefused("`visitors.profiles`", "takes `memory` or a URL of Redis, `redis://...`")
    from discreet.visitors import RedisProfiles

    return RedisProfiles(where)


def _journal(settings: ServerSettings) -> Journal | None:
    place = settings["journal.to"]
    if place is None:
        return None
    sealer = _sealer(settings["journal.secret"], "decision-log")
    return Journal(
        [_sink(settings, place)],
        purpose=settings["journal.purpose"],
        sealer=sealer,
        capacity=settings["journal.capacity"],
        hold_s=settings["journal.hold_s"],
    )


def _sink(settings: ServerSettings, place: str) -> Sink:
    if "://" in place:
        return CloudEventsSink(place, headers=_authorization(settings["journal.token"]))
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
    return EdgeSettings(**stated)


def _sealer(file: str | None, use: str) -> Sealer | None:
    return None if file is None else Sealer(read_secrets(file), use=use)


def _authorization(file: str | None) -> dict[str, str]:
    if file is None:
        return {}
    token = Path(file).read_text(encoding="utf-8").strip()
    if not token.isascii() or not token.isprintable() or not token:
        raise SettingRefused("", f"`{os.fspath(file)}`: a token is one line of printable ASCII")
    return {"authorization": f"Bearer {token}"}


def _needed(settings: ServerSettings, key: str, option: str) -> str:
    value: str | None = settings[key]
    if value is None:
        raise SettingRefused(
            f"`{key}`", f"is needed; state `{option}`, `{key}` in the file, or the environment"
        )
    return value
