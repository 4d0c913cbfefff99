"""Where the process begins: nothing is imported here that a bare install lacks."""

from __future__ import annotations

import sys
from collections.abc import Sequence

_AUTHOR = ("click", "rich", "yaml")  # what the extra `author` installs


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and end the process: 0 yes, 1 the answer is no, 2 it could not run."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        # A character that the terminal cannot show is no reason to fail.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    try:
        _run(given)
    except KeyboardInterrupt as stop:  # while modules were imported; from then on the application answers
        from .refusals import refuse

        sys.exit(refuse(stop, as_json="--json" in given))


def _run(given: list[str]) -> None:
    from importlib.util import find_spec

    if any(find_spec(name) is None for name in _AUTHOR):
        from ..errors import MissingExtra
        from .refusals import refuse

        sys.exit(refuse(MissingExtra("the command line", "author"), as_json="--json" in given))

    from .app import app

    app.main(given, prog_name="discreet")
