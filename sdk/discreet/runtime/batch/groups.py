"""The rows of a batch by what their consents permit, and of each group the columns that may be read.

Needs the extra `offline`.
"""

from __future__ import annotations

import numpy as np

from discreet_consent import Consent

from .facts import read_column
from .values import Admission, taken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, TypeAlias

    from discreet_consent import Catalogue

    from .facts import Cells, Facts

    Key: TypeAlias = tuple[
        frozenset[str], float | None
    ]  # what is withheld, and when the consent was resolved for


class Group:
    """Rows whose consents withhold the same attributes.

    Attributes:
        rows: Their places in the batch, ascending.
        withheld: The names of what is not permitted in them.
        names: The attributes' names by their numbers.
    """

    __slots__ = ("_batch", "_readers", "_whole", "names", "rows", "size", "withheld")

    def __init__(
        self,
        catalogue: Catalogue,
        batch: Any,
        key: Key,
        rows: Cells,
        now_s: float | None,
    ) -> None:
        self.withheld, resolved_s = key
        self.rows = rows
        self.size = len(rows)
        self.names = [each.name for each in catalogue]
        self._batch = batch
        self._whole = len(rows) == batch.num_rows
        self._readers = {
            slot: (column, each.type, Admission(catalogue, each, now_s, resolved_s))
            for slot, each in enumerate(catalogue)
            if each.name not in self.withheld
            and (column := _column(batch, each.name if each.coarsens is None else each.coarsens.parent)) >= 0
        }

    def facts(self, begin: int, end: int) -> dict[int, Facts]:
        """What is known of the rows from `begin` to before `end`, by the attributes' numbers."""
        columns: dict[int, Any] = {}  # a substitute reads its parent's column
        facts: dict[int, Facts] = {}
        for slot, (number, kind, admission) in self._readers.items():
            if number not in columns:
                columns[number] = self._part(self._batch.column(number), begin, end)
            facts[slot] = read_column(columns[number], kind, admission)
        return facts

    def _part(self, column: Any, begin: int, end: int) -> Any:
        if self._whole:
            return column.slice(begin, end - begin)
        rows = self.rows[begin:end]
        return taken(column.slice(rows[0], rows[-1] - rows[0] + 1), rows - rows[0])


def groups_of(
    catalogue: Catalogue, batch: Any, consents: Consent | Sequence[Consent], now_s: float | None
) -> Iterator[Group]:
    """The rows of `batch`, grouped by what their consents permit at `now_s`.

    Raises:
        ValueError: there are not as many consents as rows.
    """
    if isinstance(consents, Consent):
        yield Group(catalogue, batch, _key(catalogue, consents, now_s), np.arange(batch.num_rows), now_s)
        return
    if len(consents) != batch.num_rows:
        raise ValueError(f"{len(consents)} consents for {batch.num_rows} rows")
    each_row = list(consents)  # a sequence may make its items anew
    different = {id(consent): consent for consent in each_row}
    keys = {each: _key(catalogue, consent, now_s) for each, consent in different.items()}
    order: dict[Key, int] = {}
    codes = {each: order.setdefault(key, len(order)) for each, key in keys.items()}
    of_rows = np.fromiter((codes[id(consent)] for consent in each_row), np.intp, len(each_row))
    for key, code in order.items():
        yield Group(catalogue, batch, key, np.flatnonzero(of_rows == code), now_s)


def _key(catalogue: Catalogue, consent: Consent, now_s: float | None) -> Key:
    withheld = catalogue.plan(consent.grants_at(now_s)).withheld
    return withheld, consent.resolved_s if now_s is None else None  # without a clock, it is judged by that


def _column(batch: Any, name: str) -> int:
    """The number of the column called `name`, -1 where there is none.

    Raises:
        ValueError: there are several.
    """
    found: Sequence[int] = batch.schema.get_all_field_indices(name)
    if len(found) > 1:
        raise ValueError(f"{len(found)} columns are called `{name}`")
    return found[0] if found else -1
