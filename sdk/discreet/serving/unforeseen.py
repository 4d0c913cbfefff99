"""The edge towards what others wrote: a source, a callback. What they raise is told, and stops nothing of ours."""

from __future__ import annotations

from collections.abc import Callable


def unforeseen(do: Callable[[], object]) -> Exception | None:
    """Run `do`; what it raised, or None. The message of such an error is not ours, and is shown nowhere."""
    try:
        do()
    except Exception as error:  # noqa: BLE001 - the one place where whatever others raise is caught
        return error
    return None
