"""What one signal says, and how what all of them say comes to one outcome: spec/consent.md, "Precedence"."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from discreet_consent import DATA_USES

CHILDREN_MAY_HAVE = "personalize.content.limited"
SENSITIVE_PREFIX = "sensitive:"


@dataclass(frozen=True, slots=True)
class Statement:
    """What one signal comes to under one regime.

    Attributes:
        source: The kind of signal, such as `tcf` or `usca`.
        carrier: Where it was found.
        chose_s: When the visitor chose; None: it does not say.
        ends_s: When it ends, whether or not it grants anything; None: never, it has already, or it never counted.
        of_the_address: It has no part in what its source grants.
    """

    source: str
    carrier: str = ""
    granted: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    unreadable: bool = False
    child: bool = False
    chose_s: float | None = None
    ends_s: float | None = None
    of_the_address: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is granted by all statements together: every term, also those below others, and until when."""

    terms: frozenset[str]
    child: bool
    ends_s: float | None


def covers(key: str, term: str) -> bool:
    """Whether `term` is `key` or below it."""
    return term == key or term.startswith(f"{key}.")


def verdict(statements: Sequence[Statement], default: Collection[str]) -> Verdict:
    """One outcome of all statements, by the table of ranks."""
    counting = [each for each in statements if not _is_replaced(each, statements)]
    child = any(each.child for each in counting)
    if any(each.unreadable for each in counting):
        return Verdict(frozenset(), child, None)
    ends = [each.ends_s for each in counting if each.ends_s is not None]
    terms = frozenset(term for term in _terms(counting, default) if _is_granted(term, counting, default))
    if child:
        terms = frozenset(term for term in terms if covers(CHILDREN_MAY_HAVE, term))
    return Verdict(terms, child, min(ends, default=None))


def _terms(statements: Iterable[Statement], default: Collection[str]) -> frozenset[str]:
    """Every term that can be told apart: the taxonomy, and what statements and the default name."""
    named = {term for each in statements for term in each.granted}
    return frozenset({*DATA_USES, *named, *default})


def _is_granted(term: str, statements: Sequence[Statement], default: Collection[str]) -> bool:
    """The table: unreadable, refused, granted, nothing; the first row that any source fits decides."""
    if any(each.unreadable for each in statements):  # also in `verdict`; here it is the table's first row
        return False
    if any(_refuses(each, term) for each in statements):
        return False
    by_source = [
        [each for each in statements if each.source == source and not each.of_the_address]
        for source in sorted({each.source for each in statements if not each.of_the_address})
    ]
    if any(_source_grants(same, term) for same in by_source):
        return True
    return _gives(default, term)


def _refuses(statement: Statement, term: str) -> bool:
    """Whether it refuses the term, a key above it, or a key below it."""
    return any(covers(key, term) or covers(term, key) for key in statement.refused)


def _source_grants(same: Sequence[Statement], term: str) -> bool:
    """Whether all statements of a source grant the term or a key above it, and one of them means this term."""
    named = {key for each in same for key in each.granted}
    covered = all(any(covers(key, term) for key in each.granted) for each in same)
    return covered and (term in DATA_USES or term in named)


def _gives(keys: Collection[str], term: str) -> bool:
    """Whether one of `keys` stands for `term`: it is named, or a key of the taxonomy below one that is.

    A word of a house's own, below a key that is no longer granted, goes with that key.
    """
    return term in keys or (term in DATA_USES and any(covers(key, term) for key in keys))


def _is_replaced(statement: Statement, statements: Sequence[Statement]) -> bool:
    """Whether another carrier of the same source is newer throughout."""
    carriers = {each.carrier for each in statements if each.source == statement.source}
    old = _dates(statement.source, statement.carrier, statements)
    for carrier in carriers - {statement.carrier}:
        new = _dates(statement.source, carrier, statements)
        if old is not None and new is not None and max(old) < min(new):
            return True
    return False


def _dates(source: str, carrier: str, statements: Iterable[Statement]) -> list[float] | None:
    """When the choices of a carrier were made; None where one is not dated or cannot be read."""
    dates: list[float] = []
    for each in statements:
        if (each.source, each.carrier) == (source, carrier):
            if each.unreadable or each.chose_s is None:
                return None
            dates.append(each.chose_s)
    return dates


def most_general(terms: Collection[str]) -> frozenset[str]:
    """The terms without those that are below another."""
    return frozenset(term for term in terms if not any(covers(key, term) for key in terms if key != term))
