"""Each row's consent, from the columns that hold its visitor's signals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from discreet.runtime.batch.values import python_values
from discreet_consent import Consent, Policy, resolve

MOST_REMEMBERED: Final = 100_000  # different sets of signals; then they are judged anew


_UNREADABLE: Final = "\N{REPLACEMENT CHARACTER}"


class RowConsents:
    """Judges the signals of rows, each different set of them once.

    Args:
        columns: The column of each signal of `SIGNALS` that there is.
        region: Where all visitors are, where no column says it.
        policy: The site's regimes and settings; None: the package's.
        now_s: Unix seconds, UTC.

    Attributes:
        unreadable: How many rows of all batches had a signal that could not be read.
        placeless: How many had no region for which the table of regimes has a row: the strictest rules apply.
    """

    def __init__(
        self, columns: Mapping[str, str], *, region: str | None, policy: Policy | None, now_s: float
    ) -> None:
        self.columns = dict(columns)
        self._region = region
        self._policy = policy
        self._now_s = now_s
        self._known: dict[tuple[object, ...], Consent] = {}
        self._unread: set[tuple[object, ...]] = set()
        self._nowhere: set[tuple[object, ...]] = set()
        self._table = policy or Policy.default()
        self._counted: list[tuple[int, int]] = []

    def of(self, batch: Any) -> Sequence[Consent]:
        """One consent for each row of a record batch. A null is a signal that did not come.

        What is neither text, number nor boolean, or no UTF-8, is a signal that cannot be read.
        """
        if len(self._known) > MOST_REMEMBERED:
            for remembered in (self._known, self._unread, self._nowhere):
                remembered.clear()
        columns = [_signals(batch.column(name)) for name in self.columns.values()]
        sent = list(zip(*columns, strict=True))
        consents = [self._known.get(each) or self._judge(each) for each in sent]
        unreadable = sum(map(self._unread.__contains__, sent)) if self._unread else 0
        placeless = sum(map(self._nowhere.__contains__, sent)) if self._nowhere else 0
        self._counted.append((unreadable, placeless))  # batches may come side by side
        return consents

    @property
    def unreadable(self) -> int:
        return sum(unreadable for unreadable, _ in self._counted)

    @property
    def placeless(self) -> int:
        return sum(placeless for _, placeless in self._counted)

    def _judge(self, sent: tuple[object, ...]) -> Consent:
        signals: dict[str, Any] = {"region": self._region}
        for name, value in zip(self.columns, sent, strict=True):
            if value is not None:
                signals[name] = SIGNALS[name](value)
        consent = resolve(**signals, now_s=self._now_s, policy=self._policy)
        self._known[sent] = consent
        if consent.explain().unreadable:
            self._unread.add(sent)
        region = signals["region"]
        if region is None or self._table.rules_for(region) is None:
            self._nowhere.add(sent)
        return consent


def _signals(column: Any) -> list[Any]:
    return [
        value if value is None or isinstance(value, str | int | float) else _UNREADABLE
        for value in python_values(column)
    ]


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value)


def _flag(value: object) -> bool:
    """Whether a browser objects; what cannot be read does."""
    return (type(value) in (bool, int, float) and value == 1) or value in ("1", "true", "True", _UNREADABLE)


def _years(value: object) -> float:
    """An age; what is no number is NaN, which counts as a child's."""
    try:
        return float(value) if isinstance(value, int | float | str) else float("nan")
    except (ValueError, OverflowError):
        return float("nan")


SIGNALS: Final[Mapping[str, Callable[[object], object]]] = {
    "tcf": _text,
    "gpp": _text,
    "us_privacy": _text,
    "gpc": _flag,
    "region": _text,
    "age_years": _years,
}
