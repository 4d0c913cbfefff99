"""The options and types of value that commands share, so that they are spelled alike everywhere."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from discreet_consent.values import epoch_ms

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION = re.compile(r"([1-9][0-9]{0,8})([smhd])", re.ASCII)
_FORMS = "write `2026-03-01` or `2026-03-01T08:30:00Z`, with an offset"

EXISTING_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)


def instant(text: str) -> float:
    """An ISO 8601 date or date and time with an offset, as Unix seconds."""
    instant_ms = epoch_ms(text)
    if instant_ms is None:
        raise click.BadParameter(f"`{text}` is not an instant; {_FORMS}")
    return instant_ms / 1000


def duration(text: str) -> int:
    """A length of time such as `30d`, `12h`, `90m` or `30s`, as seconds."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise click.BadParameter(f"`{text}` is not a length of time; write `30d`, `12h`, `90m` or `30s`")
    return int(found[1]) * _SECONDS[found[2]]


def json_option(decorated: _Decorated) -> _Decorated:
    """`--json`: one JSON document on stdout, for errors too."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(decorated)


def trust_option(decorated: _Decorated) -> _Decorated:
    """`--trust RING`: whose signatures count."""
    return click.option(
        "--trust",
        "ring",
        required=True,
        type=EXISTING_FILE,
        metavar="RING",
        help="Keyring of the keys whose signatures count (see `discreet keys trust`).",
    )(decorated)


def now_option(decorated: _Decorated) -> _Decorated:
    """`--now ISO`: the clock by which keys, bundle, windows and consent are judged."""
    return click.option(
        "--now", "now_s", type=instant, metavar="ISO", help="Judge time by this instant, not by the clock."
    )(decorated)


def floor_option(decorated: _Decorated) -> _Decorated:
    """`--floor N`: refuse bundles of an older version."""
    return click.option(
        "--floor", type=click.IntRange(min=0), default=0, help="Refuse a bundle below this version."
    )(decorated)


def models_argument(decorated: _Decorated) -> _Decorated:
    """`MODEL...`: one file per channel or market; together they make one bundle."""
    return click.argument("models", nargs=-1, required=True, type=EXISTING_FILE, metavar="MODEL...")(
        decorated
    )


def bundle_argument(decorated: _Decorated) -> _Decorated:
    """`FILE`: a bundle."""
    return click.argument("bundle", type=EXISTING_FILE, metavar="FILE")(decorated)


def clock_s(stated_s: float | None = None) -> float:
    """The instant that the user stated, else the system's clock: the only place where it is read."""
    return time.time() if stated_s is None else stated_s
