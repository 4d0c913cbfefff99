"""What is there at once is not waited for; what comes late is refused; all else goes on as if it were awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from discreet_edge.patience import Patience
from discreet_edge.problems import Problem, Refused

NEVER_S, SOON_S = 60.0, 0.02


def waited(awaited: Coroutine[Any, Any, object], timeout_s: float = NEVER_S) -> object:
    async def wait() -> object:
        return await Patience(timeout_s).wait_for(awaited)

    return asyncio.run(wait())


async def at_once() -> str:
    return "there"


async def in_steps() -> str:
    for _ in range(3):
        await asyncio.sleep(0)
    return await asyncio.get_running_loop().run_in_executor(None, lambda: "there")


async def fails(*, first_waits: bool) -> None:
    if first_waits:
        await asyncio.sleep(0)
    raise LookupError


@pytest.mark.parametrize("awaited", [at_once, in_steps])
def test_what_comes_in_time_is_given(awaited: Any) -> None:
    assert waited(awaited()) == "there"


@pytest.mark.parametrize("first_waits", [False, True])
def test_what_fails_fails(first_waits: bool) -> None:
    with pytest.raises(LookupError):
        waited(fails(first_waits=first_waits))


@pytest.mark.parametrize("steps", [0, 1])
def test_what_comes_too_late_is_cancelled_and_refused(steps: int) -> None:
    told: list[str] = []

    async def waits() -> None:
        try:
            for _ in range(steps):
                await asyncio.sleep(0)
            await asyncio.sleep(NEVER_S)
        finally:
            told.append("cancelled")

    with pytest.raises(Refused) as refused:
        waited(waits(), SOON_S)

    assert (refused.value.problem, told) == (Problem.BODY_TOO_SLOW, ["cancelled"])


def test_who_is_cancelled_by_others_is_cancelled_and_may_still_clean_up() -> None:
    told: list[str] = []

    async def waits() -> None:
        try:
            await asyncio.sleep(NEVER_S)
        except asyncio.CancelledError:
            await asyncio.sleep(0)  # waits once more
            told.append("cleaned up")
            raise

    async def wait() -> None:
        task = asyncio.ensure_future(Patience(NEVER_S).wait_for(waits()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(wait())
    assert told == ["cleaned up"]
