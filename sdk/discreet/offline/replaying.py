"""Replaying: every decision that was recorded with its inputs is made again, and must be the same in every field."""

from __future__ import annotations

import json
import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from discreet.errors import UnknownPlacement
from discreet.events.inputs import Inputs, unpack_inputs
from discreet.events.records import FORMAT, decision_record
from discreet.events.words import Words
from discreet.runtime import Evaluator
from discreet_consent import restore
from discreet_consent.errors import RecordError

from .checking import STRANGERS, misfits
from .log_lines import Line, files_of, lines_of
from .shelf import Shelf

if TYPE_CHECKING:
    from discreet.runtime import Keyring
    from discreet.visitors import Sealer

MOST_NAMED = 100  # lines that are named; all are counted
_KINDS = ("decision", "exposure")


class Missing(Enum):
    """Why a record cannot be replayed."""

    EXPOSURE = "an offer that was seen, not a decision"
    NO_GRANT = "recorded without the analytics grant"
    NO_INPUTS = "recorded without inputs"
    SEALED = "its inputs are sealed, and no secret was given"
    NO_BUNDLE = "its bundle is not among the files"


@dataclass(frozen=True, slots=True)
class Difference:
    """A line that does not say what the decision made again says. Names of fields only, never what they hold."""

    file: str
    line: int
    fields: tuple[str, ...]


@dataclass(slots=True)
class Replayed:
    """What came of every line of a log.

    Attributes:
        same: Decisions that came out the same in every field.
        different: Those that did not; the first of them are in `differences`.
        unopened: Lines whose inputs cannot be opened: changed, or sealed with another secret.
        missing: Lines that cannot be replayed, by reason; their form and their offer are what their bundle allows.
        unreadable: Lines that are no record.
        broken: The first lines that are unopened or unreadable, as file and number.
        unsealed: With a sealer, the first lines that have detail and no inputs. A journal leaves these out where they
            are too large, or where it had no secret; somebody else may have taken them out.
        unverified: Bundle files that no clock of a record let load, so that nothing could be found in them.
    """

    same: int = 0
    different: int = 0
    unopened: int = 0
    unreadable: int = 0
    missing: Counter[Missing] = field(default_factory=Counter[Missing])
    differences: list[Difference] = field(default_factory=list[Difference])
    broken: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    unsealed: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    unverified: tuple[str, ...] = ()

    @property
    def records(self) -> int:
        """How many lines were read."""
        return self.same + self.different + self.unopened + self.unreadable + self.missing.total()

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found to be different, changed or unreadable."""
        return not (self.different or self.unopened or self.unreadable)


def replay(
    bundles: Sequence[Path],
    keyring: Keyring,
    logs: Sequence[Path],
    *,
    sealer: Sealer | None = None,
    now_s: float | None = None,
    advance: Callable[[int, int], None] = lambda *_: None,
) -> Replayed:
    """Make every decision in `logs` again, as far as it was recorded with its inputs. Memory stays bounded.

    Of any other record it is looked whether its bundle, where it is among the files, can have made it.

    Args:
        bundles: Files; each record finds its own by the digest. Keys and bundles are judged at `now_s` or at the
            clock of the records, so one that has expired since can be replayed.
        logs: Files of `JsonLinesSink`; with each those that were rotated away from it, compressed ones too.
        sealer: Opens the inputs: its use is `decision-log`.
        now_s: Unix seconds; the system's clock when left out.
        advance: Hears how many bytes are read, of how many.
    Raises:
        BundleError: a bundle is refused for another reason than the time.
        OSError: a file cannot be read.
    """
    shelf = Shelf(bundles, keyring, time.time() if now_s is None else now_s)
    replayed = Replayed()
    for line in lines_of(files_of(logs), advance):
        judged = _judged(line, shelf, sealer)
        _add(replayed, line, judged)
        if sealer is not None and judged is Missing.NO_INPUTS and len(replayed.unsealed) < MOST_NAMED:
            replayed.unsealed.append((line.file, line.number))
    replayed.unverified = tuple(map(str, shelf.unverified))
    return replayed


class _Broken(Enum):
    UNREADABLE = "unreadable"
    UNOPENED = "unopened"


def _add(replayed: Replayed, line: Line, judged: Missing | _Broken | tuple[str, ...]) -> None:
    if isinstance(judged, Missing):
        replayed.missing[judged] += 1
    elif isinstance(judged, _Broken):
        setattr(replayed, judged.value, getattr(replayed, judged.value) + 1)
        if len(replayed.broken) < MOST_NAMED:
            replayed.broken.append((line.file, line.number))
    elif judged:
        replayed.different += 1
        if len(replayed.differences) < MOST_NAMED:
            replayed.differences.append(Difference(line.file, line.number, judged))
    else:
        replayed.same += 1


def _judged(line: Line, shelf: Shelf, sealer: Sealer | None) -> Missing | _Broken | tuple[str, ...]:
    """Why a line cannot be replayed, or the fields that come out otherwise: none, when it is the same."""
    record = _record(line.text)
    if record is None:
        return _Broken.UNREADABLE
    if sealer is None or "inputs" not in record:
        return misfits(record, shelf) or _why_not(record)
    inputs = _opened(record["inputs"], sealer)
    if inputs is None:
        return _Broken.UNOPENED
    found = shelf.find(inputs.bundle, inputs.now_s)
    return Missing.NO_BUNDLE if found is None else _different(record, inputs, *found)


def _why_not(record: Mapping[str, Any]) -> Missing:
    if record["kind"] == "exposure":
        return Missing.EXPOSURE
    if "inputs" in record:
        return Missing.SEALED
    return Missing.NO_INPUTS if "now_s" in record else Missing.NO_GRANT


def _record(text: bytes | None) -> dict[str, Any] | None:
    """The record of a line; None for anything that is none of ours."""
    try:
        record = None if text is None else json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict):
        return None
    kind, version = record.get("kind"), record.get("format")
    return record if kind in _KINDS and type(version) is int and version == FORMAT else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys stand once: of two, readers take one or the other."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


def _opened(sealed: object, sealer: Sealer) -> Inputs | None:
    opened = sealer.open(sealed) if isinstance(sealed, str) else None
    return None if opened is None else unpack_inputs(opened)


def _different(
    record: Mapping[str, Any], inputs: Inputs, evaluator: Evaluator, words: Words
) -> tuple[str, ...]:
    """The fields of `record` that are not what the decision made again says."""
    again = _made_again(inputs, evaluator, words)
    if again is None:
        return ("inputs",)
    strangers = (STRANGERS,) if record.keys() - again.keys() - {"inputs"} else ()
    return (*(name for name in again if _exactly(record.get(name, ...)) != _exactly(again[name])), *strangers)


def _made_again(inputs: Inputs, evaluator: Evaluator, words: Words) -> dict[str, Any] | None:
    """The record of the decision that these inputs come to; None when they come to none."""
    try:
        permitted = restore(
            evaluator.catalogue, inputs.grants, inputs.values, malformed=inputs.malformed, stale=inputs.stale
        )
        now_s = math.nan if inputs.now_s is None else inputs.now_s
        best = evaluator.decide_top(inputs.placement, permitted, inputs.rank, now_s=now_s)
    except (RecordError, UnknownPlacement, ValueError):
        return None
    if len(best) < inputs.rank:
        return None
    return decision_record(best[inputs.rank - 1], inputs.rank, words, inputs.now_s, inputs.surface)


def _exactly(value: object) -> str:
    """A field as text: 1 is not 1.0, and not true."""
    return "absent" if value is ... else json.dumps(value, sort_keys=True)
