"""From an error to what the user reads and the exit code: the one place that knows the difference.

    0  yes
    1  the answer is no: the model or the bundle is refused, a scenario fails
    2  it could not run: wrong usage, a file that cannot be read or written, an extra that is missing

Nothing of this needs more than a bare install, so that a missing extra is a sentence too.
"""

from __future__ import annotations

import json
import os
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..errors import BundleError, DeclarationError, DiscreetError, ModelError
from .output import printable

if TYPE_CHECKING:
    import click

    from ..model.problems import Problem

NO = 1
COULD_NOT_RUN = 2
READER_LEFT = 141  # 128 + SIGPIPE, what a shell reports of any program whose reader left
STOPPED = 130  # 128 + SIGINT

_BUNDLE = b"\x83"  # how a bundle begins, and no text does
_ANSWERS: tuple[type[DiscreetError], ...] = (ModelError, BundleError, DeclarationError)
_CLICK_LIST = re.compile(r" \(.*\)\Z", re.DOTALL)
_CLICK_SENTENCE = re.compile(r"([:.]) ([A-Z])(?=[a-z])")  # `SOURCE_DATE_EPOCH` stays what it is
_CLICK_QUOTES = re.compile(r"'([^']*)'")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command ends without a yes.

    Attributes:
        code: A stable word for machines.
        message: One sentence.
        details: For machines, beside the code and the message.
        before: For a reader, lines that stand before the message.
        who: Who says the message to a reader: `discreet`, one of its commands, or nobody.
    """

    status: int
    code: str
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    who: str = "discreet"

    @property
    def lines(self) -> tuple[str, ...]:
        """What a reader sees."""
        return (*self.before, f"{self.who}: {self.message}" if self.who else self.message)

    def as_dict(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "message": self.message, **self.details}}


class Unusable(DiscreetError):
    """A model or bundle is refused, where the question was another: the command could not run, which is no answer."""

    def __init__(self, error: DiscreetError) -> None:
        super().__init__(str(error))
        self.error = error


def refuse(error: BaseException, *, as_json: bool) -> int:
    """Print why a command ends, and return its exit code. In JSON on stdout, else a line each on stderr."""
    refusal = explain(error)
    if as_json:
        sys.stdout.write(json.dumps(refusal.as_dict(), indent=2) + "\n")
    else:
        for line in refusal.lines:
            sys.stderr.write(printable(line) + "\n")
    return refusal.status


def explain(error: BaseException) -> Refusal:
    """The refusal that stands for `error`. One that nobody foresaw is a bug, named by its place, not its text."""
    for kind, words in _words().items():
        if isinstance(error, kind):
            return words(error)
    return _bug(error)


def problem_as_dict(problem: Problem) -> dict[str, Any]:
    """A problem of a model for machines."""
    place = problem.place
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "code": problem.code,
        "message": problem.message,
    }


def count(number: int, word: str, plural: str = "") -> str:
    """`1 problem`, `2 problems`."""
    return f"{number} {word if number == 1 else plural or word + 's'}"


def _words() -> Mapping[type[BaseException], Callable[[Any], Refusal]]:
    table: dict[type[BaseException], Callable[[Any], Refusal]] = {
        ModelError: _model,
        Unusable: _unusable,
        DiscreetError: _foreseen,
        OSError: _file,
        KeyboardInterrupt: _stopped,
    }
    if sys.modules.get("click") is not None:
        import click

        table |= {click.UsageError: _usage, click.ClickException: _plain, click.Abort: _stopped}
    return table


def _model(error: ModelError) -> Refusal:
    files = {problem.place.file for problem in error.problems}
    bundles = sorted(
        {each.place.file for each in error.problems if each.code == "not-utf-8" and _is_bundle(each)}
    )
    if bundles:
        message = f"`{bundles[0]}` is a bundle, and no model; `discreet show` tells what is in it"
        return Refusal(COULD_NOT_RUN, "not-a-model", message)
    total = f"{count(len(error.problems), 'problem')} in {count(len(files), 'file')}"
    details = {"problems": [problem_as_dict(problem) for problem in error.problems]}
    return Refusal(NO, "model-error", total, details, tuple(map(str, error.problems)), who="")


def _is_bundle(problem: Problem) -> bool:
    try:
        with open(problem.place.file, "rb") as file:
            return file.read(1) == _BUNDLE
    except OSError:
        return False


def _unusable(unusable: Unusable) -> Refusal:
    return replace(explain(unusable.error), status=COULD_NOT_RUN)


def _foreseen(error: DiscreetError) -> Refusal:
    status = NO if isinstance(error, _ANSWERS) else COULD_NOT_RUN
    return Refusal(status, _kebab(type(error).__name__), str(error))


def _file(error: OSError) -> Refusal:
    reason = (error.strerror or "it cannot be read or written").lower()
    name = f"`{os.fsdecode(error.filename)}`: " if isinstance(error.filename, (str, bytes)) else ""
    return Refusal(COULD_NOT_RUN, "file-error", name + reason)


def _usage(error: click.UsageError) -> Refusal:
    # Surplus arguments may be pieces of a visitor's attributes that the shell has torn apart: never repeated.
    message = error.format_message()
    if message.startswith("Got unexpected extra"):
        message = _CLICK_LIST.sub("", message)
    message = _CLICK_QUOTES.sub(r"`\1`", message).replace("\n", " ").rstrip(".")
    message = _CLICK_SENTENCE.sub(_run_on, message)
    command = error.ctx.command_path if error.ctx else "discreet"
    begins = message[:1].lower() if message[1:2].islower() else message[:1]
    return Refusal(COULD_NOT_RUN, "usage", f"{begins}{message[1:]} (see `{command} --help`)", who=command)


def _run_on(found: re.Match[str]) -> str:
    return f"{';' if found[1] == '.' else ':'} {found[2].lower()}"


def _plain(error: click.ClickException) -> Refusal:
    return Refusal(COULD_NOT_RUN, "usage", error.format_message())


def _stopped(_: BaseException) -> Refusal:
    return Refusal(STOPPED, "stopped", "stopped")


def _bug(error: BaseException) -> Refusal:
    # The text of such an error may quote a value, so only its place is shown.
    if os.environ.get("DISCREET_TRACEBACK"):
        traceback.print_exception(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    message = f"a bug in discreet: {type(error).__name__}{place}; set DISCREET_TRACEBACK=1 to see more"
    return Refusal(COULD_NOT_RUN, "bug", message)


def _kebab(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
