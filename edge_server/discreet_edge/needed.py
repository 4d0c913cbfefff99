"""What the extra `server` brings, and the sentence where it is missing. Nothing of it is imported here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from discreet.errors import MissingExtra

NEEDED: Final = ("starlette", "uvicorn", "httptools", "httpx", "orjson")


def missing() -> MissingExtra:
    """The error of a server without its extra."""
    return MissingExtra("the edge server", "server")


def needing(find: Callable[[str], Any]) -> Callable[[str], Any]:
    """`find`, a package's `__getattr__`, that says which extra is missing.

    Raises:
        MissingExtra: what is looked for needs one.
    """

    def find_or_say(name: str) -> Any:
        try:
            return find(name)
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] in NEEDED:
                raise missing() from error
            raise

    return find_or_say
