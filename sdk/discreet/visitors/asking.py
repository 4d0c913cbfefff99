"""Asking a profile source, which may be anybody's code and may raise anything: no page depends on it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from .errors import ProfilesError
from .profiles import Profiles, ProfilesNow


async def asked(source: Profiles, profile_id: str, timeout_s: float) -> dict[str, Any] | None:
    """What `source` knows; None when it fails, or takes longer. Never raises."""
    try:
        async with asyncio.timeout(timeout_s):
            return dict(await source.read(profile_id))
    except Exception:  # noqa: BLE001 - the outermost edge: whoever calls counts it
        return None


def asked_now(source: ProfilesNow, profile_id: str) -> dict[str, Any] | None:
    """What `source` knows; None when it fails. Never raises."""
    try:
        return dict(source.read_now(profile_id))
    except Exception:  # noqa: BLE001 - the outermost edge: whoever calls counts it
        return None


async def forget_each(source: Profiles, ids: Sequence[str]) -> None:
    """Let `source` forget all of `ids`, the others too where it fails with one.

    Raises:
        Exception: whatever it raised first.
    """
    failed: Exception | None = None
    for each in ids:
        try:
            await source.forget(each)
        except Exception as error:  # noqa: BLE001 - raised below, when it was told of the others
            failed = failed or error
    if failed is not None:
        raise failed


def forget_each_now(source: ProfilesNow, ids: Sequence[str]) -> None:
    """The same without an event loop."""
    failed: Exception | None = None
    for each in ids:
        try:
            source.forget_now(each)
        except Exception as error:  # noqa: BLE001 - raised below, when it was told of the others
            failed = failed or error
    if failed is not None:
        raise failed


async def told(telling: Awaitable[None], timeout_s: float) -> None:
    """Wait until a source has done what it was told.

    Raises:
        ProfilesError: it failed, or took longer. The message names the kind of failure only.
    """
    try:
        async with asyncio.timeout(timeout_s):
            await telling
    except Exception as error:  # noqa: BLE001 - the outermost edge: told again without what it may hold
        raise _failed(error) from None


def told_now(tell: Callable[[], None]) -> None:
    """The same without an event loop."""
    try:
        tell()
    except Exception as error:  # noqa: BLE001 - the outermost edge: told again without what it may hold
        raise _failed(error) from None


def _failed(error: Exception) -> ProfilesError:
    if isinstance(error, ProfilesError):
        return error
    return ProfilesError(f"the profile source failed: {type(error).__name__}")
