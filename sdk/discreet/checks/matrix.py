"""The consent matrix: what remains, per placement and stage, under every combination of the purposes that matter.

A cell holds exactly the offers that some visitor, whose furthest stage is that one, is shown under exactly that
consent, at some instant from `now_ms` on. Each was decided by the bundle; of each other it is proven that no visitor
is shown it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from discreet.errors import DiscreetError
from discreet.model.progress import Progress, unheard
from discreet_consent import Consent
from discreet_consent.purposes import ESSENTIAL, covers

from .matrix_cells import SENSITIVE, Cell, PlacementCells, Question, read_by

if TYPE_CHECKING:
    from discreet.runtime import Evaluator
    from discreet_consent import Attribute

    from .proofs import Journeys, Prover

MOST_KEYS: Final = 12


class TooManyPurposes(DiscreetError):
    """The decisions depend on more purposes than a matrix has room for."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(
            f"decisions depend on {len(keys)} purposes and sensitive items, and a matrix varies at most {MOST_KEYS}; "
            f"name those that matter with `--purposes`: {', '.join(f'`{key}`' for key in keys)}"
        )
        self.keys = tuple(keys)


@dataclass(frozen=True, slots=True)
class Row:
    """One combination: of the keys that vary those that are granted, and what then remains."""

    granted: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """What remains under every combination.

    Attributes:
        keys: The purposes, and the sensitive items as `sensitive:ITEM`, that vary; sorted.
        always: Keys that decisions depend on too, and that count as granted wherever no key above a refused one is.
        unread: Keys that the models declare and no decision depends on.
        rows: 2^k, from everything granted to nothing.
    """

    keys: tuple[str, ...]
    always: tuple[str, ...]
    unread: tuple[str, ...]
    rows: tuple[Row, ...]
    now_ms: float

    @property
    def indifferent(self) -> tuple[str, ...]:
        """Keys that vary, and whether they are granted never changes what remains."""
        cells = {frozenset(row.granted): row.cells for row in self.rows}
        return tuple(
            key
            for key in self.keys
            if all(cells[each] == cells[each - {key}] for each in cells if key in each)
        )

    @property
    def is_proven(self) -> bool:
        """Whether every cell is; else the budget of a proof was spent."""
        return not any(cell.undecided for row in self.rows for cell in row.cells)

    def consent(self, row: Row) -> Consent:
        """The consent of `row`."""
        return consent_of(row.granted, self.always, self.keys)


def consent_of(granted: Iterable[str], always: Iterable[str], keys: Iterable[str]) -> Consent:
    """The consent that grants `granted` and no other of `keys`; of `always`, what does not cover a refused one."""
    refused = set(keys).difference(granted)
    given = {*granted, *(each for each in always if not any(covers(each, key) for key in refused))}
    purposes = [key for key in given if not key.startswith(SENSITIVE)]
    items = [key.removeprefix(SENSITIVE) for key in given if key.startswith(SENSITIVE)]
    return Consent.granting(*sorted(purposes), sensitive=sorted(items)) if given else Consent.refusing()


def keys_of(attributes: Iterable[Attribute]) -> tuple[str, ...]:
    """What must be granted for these attributes to be known, but for what is essential; sorted."""
    keys: set[str] = set()
    for each in attributes:
        keys.update(purpose for purpose in each.purposes if not covers(ESSENTIAL, purpose))
        keys.update(() if each.sensitive is None else (SENSITIVE + each.sensitive,))
    return tuple(sorted(keys))


def matrix_of(
    evaluator: Evaluator,
    journeys: Journeys,
    prover: Prover,
    *,
    now_ms: float,
    asked: Question | None = None,
    purposes: Sequence[str] = (),
    progress: Progress = unheard,
) -> Matrix:
    """Work out the matrix of the models that `evaluator` serves and `journeys` and `prover` know.

    Args:
        now_ms: What was over before is no more asked for.
        asked: Which placements and stages; None for all.
        purposes: Only these vary (each one of the models' own keys, or one above some of them); none: all that
            decisions can depend on.
    Raises:
        TooManyPurposes: more than `MOST_KEYS` vary.
    """
    wanted = asked or Question()
    placements = [
        PlacementCells(evaluator, journeys, prover, rules, placement, wanted.stages, now_ms)
        for rules in journeys.rules
        for placement in rules.placements
        if wanted.has(placement.id)
    ]
    read = frozenset[str]().union(*(each.reads for each in placements))
    own = keys_of(each for each in evaluator.catalogue if each.name in read)
    keys = tuple(sorted(set(purposes))) or own
    if len(keys) > MOST_KEYS:
        raise TooManyPurposes(keys)
    always = tuple(each for each in own if not any(covers(key, each) for key in keys))
    declared = keys_of(each for each in evaluator.catalogue if each.name in read_by(journeys))
    consents = {granted: consent_of(granted, always, keys) for granted in _combinations(keys)}
    found = _solved(placements, [*consents.values()], progress)
    rows = tuple(
        Row(granted, tuple(cell for placed in placements for cell in found[placed.id, consent.grants]))
        for granted, consent in consents.items()
    )
    unread = tuple(key for key in keys_of(evaluator.catalogue) if key not in declared)
    return Matrix(keys, always, unread, rows, now_ms)


def _combinations(keys: Sequence[str]) -> Iterable[tuple[str, ...]]:
    """Every combination of `keys`, those with more first."""
    return (granted for size in range(len(keys), -1, -1) for granted in combinations(keys, size))


def _solved(
    placements: Sequence[PlacementCells], consents: Sequence[Consent], progress: Progress
) -> Mapping[Any, tuple[Cell, ...]]:
    """The cells of every placement under every consent, each worked out once for all that permit the same."""
    asked = [(placed, placed.distinct(consents)) for placed in placements]
    total = sum(len(distinct) for _, distinct in asked)
    found: dict[Any, tuple[Cell, ...]] = {}
    done = 0
    for placed, distinct in asked:
        for known, granted in distinct.items():
            progress("working out what remains", done, total)
            cells = placed.cells(known, granted[0])
            found.update({(placed.id, consent.grants): cells for consent in granted})
            done += 1
    progress("working out what remains", total, total)
    return found
