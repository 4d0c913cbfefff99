"""What an engine is here: its configuration as bytes, made without it, and a way to load them and to ask."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeAlias

from ..workload import Operation, Test, Visitor, Workload

INSTALL: Final = "not installed: pip install -r benchmarks/peers/engines.txt"
LARGEST: Final = 10_000
FLAG: Final = "hero"  # the one flag of an engine that asks for flags
SUBJECT: Final = "visitor"  # whoever asks, to an engine that wants an id

Ask: TypeAlias = Callable[[Visitor], str]


class Clock(StrEnum):
    """Which clock shows what a decision costs."""

    THREAD = "thread"  # CPU time of the thread that asks: the engine decides on it
    PROCESS = "process"  # CPU time of all threads: the engine decides on others too


class Loaded(NamedTuple):
    """An engine that is ready. `ask` answers with an offer's id."""

    ask: Ask
    close: Callable[[], object] = lambda: None


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine in the form that its documentation recommends for many decisions under the same rules.

    Attributes:
        distribution: What pip installs.
        form: How it is used, in a few words.
        imports: The modules that are imported before any clock starts, those among them that a load would import.
        config: The bytes that a process gets over the wire. Needs nothing installed.
        load: From those bytes to an engine that is ready: whoever waits for it to be ready waits here.
        largest: The most offers that it is run with.
    """

    distribution: str
    form: str
    imports: tuple[str, ...]
    config: Callable[[Workload], bytes]
    load: Callable[[bytes], Loaded]
    clock: Clock = Clock.THREAD
    largest: int = LARGEST

    def missing(self) -> str | None:
        """Why it cannot run here; None when it can."""
        found = importlib.util.find_spec(self.imports[0].partition(".")[0])
        return None if found is not None else INSTALL

    def version(self) -> str:
        """The installed version."""
        return importlib.metadata.version(self.distribution)

    def prepare(self) -> None:
        """Import whatever it needs."""
        for name in self.imports:
            importlib.import_module(name)


def module(name: str) -> Any:
    """A module that need not be installed where this is type-checked."""
    return importlib.import_module(name)


def satisfied_by_zero(test: Test) -> bool:
    """Whether 0 satisfies a test of a number: engines that count an absent number as 0 need a guard then."""
    if test.operation is Operation.AT_MOST:
        return True
    return test.operation is Operation.BETWEEN and test.operands[0] == 0


def bounds(test: Test) -> tuple[Any, Any]:
    """The least and the greatest number that satisfy a test of a number; None where there is none."""
    operands = test.operands
    if test.operation is Operation.AT_LEAST:
        return operands[0], None
    if test.operation is Operation.AT_MOST:
        return None, operands[0]
    return operands[0], operands[1]


def is_numeric(test: Test) -> bool:
    """Whether it is a test of a number."""
    return test.operation in {Operation.AT_LEAST, Operation.AT_MOST, Operation.BETWEEN}


def true_or_false(value: object) -> str:
    """A boolean as these engines write it."""
    return "true" if value else "false"


def joined(members: list[str]) -> str:
    """A set as one text, for engines without sets: every member stands between two bars."""
    return f"|{'|'.join(members)}|"


def quoted(words: tuple[object, ...]) -> str:
    """A list of strings, in the notation that most expression languages share."""
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


def reason(error: BaseException) -> str:
    """An engine's error in one short line."""
    first = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first[:200]}"
