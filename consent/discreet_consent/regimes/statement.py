"""What one signal says under one regime, and how several of them come to one answer: the order of precedence.

    unreadable  >  refused  >  granted  >  the regime's default

For each purpose the strongest thing that any source says of it holds. So the order in which signals are heard does
not matter, and one more refusal never grants. Only *within* one source does a newer choice replace an older one.

Source: spec/consent.md, "Precedence". Vectors: spec/vectors/consent-precedence.json.
"""

from __future__ import annotations

from enum import Enum

from ..immutable import Immutable, put
from ..purposes import common, covers, without

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_NOTHING: frozenset[str] = frozenset()
CONTEXTUAL = ("personalize.content.limited",)  # all that a known child gets beside what is essential


class Says(Enum):
    """What a source says of one purpose."""

    UNREADABLE = "unreadable"
    REFUSED = "refused"
    GRANTED = "granted"
    NOTHING = "nothing"


# The strongest first. What holds when it is the strongest thing said: True, False, or None: the regime's default.
PRECEDENCE: tuple[tuple[Says, bool | None], ...] = (
    (Says.UNREADABLE, False),
    (Says.REFUSED, False),
    (Says.GRANTED, True),
    (Says.NOTHING, None),
)


def holds(said: Iterable[Says], default: bool) -> tuple[bool, Says]:
    """Whether a purpose is granted when the sources say `said` of it, and which of these decided."""
    heard = {Says.NOTHING, *said}
    says, granted = next(row for row in PRECEDENCE if row[0] in heard)
    return default if granted is None else granted, says


class Statement(Immutable):
    """What one signal says of which terms, under one regime. Immutable.

    A *term* is a data-use key, or `sensitive:` and an item of `SENSITIVE`.

    Args:
        source: A kind of signal. Of several with the same, the newer counts, or what all of them allow.
        carrier: Where it was found.
        granted: Terms to which it is a consent that may be relied on.
        refused: Terms that it refuses; they may lie below granted ones.
        unreadable: Whether it came and cannot be relied on in any part: nothing is granted then.
        contextual_only: Whether it says that the visitor is a child.
        changed_s: Unix seconds at which the visitor chose; None where it does not say.
        expires_s: Unix seconds from which it is too old; None: never, or it is already.
        reasons: One sentence for each rule that decided; never a part of the signal.
        problem: The code of the decoder's error, where it is unreadable; `not_in_force` where it refuses only because
            it lapsed, is not valid, or does not speak for this site.
        only_refuses: Whether it has no part in what its source grants, neither for nor against.
    """

    __slots__ = (
        "carrier",
        "changed_s",
        "contextual_only",
        "expires_s",
        "granted",
        "only_refuses",
        "problem",
        "reasons",
        "refused",
        "source",
        "unreadable",
    )

    source: str
    carrier: str
    granted: frozenset[str]
    refused: frozenset[str]
    unreadable: bool
    contextual_only: bool
    changed_s: float | None
    expires_s: float | None
    reasons: tuple[str, ...]
    problem: str | None
    only_refuses: bool

    def __init__(
        self,
        source: str,
        carrier: str,
        *,
        granted: Iterable[str] = (),
        refused: Iterable[str] = (),
        unreadable: bool = False,
        contextual_only: bool = False,
        changed_s: float | None = None,
        expires_s: float | None = None,
        reasons: Iterable[str] = (),
        problem: str | None = None,
        only_refuses: bool = False,
    ) -> None:
        put(self, "source", source)
        put(self, "carrier", carrier)
        put(self, "granted", frozenset(granted))
        put(self, "refused", frozenset(refused))
        put(self, "unreadable", unreadable)
        put(self, "contextual_only", contextual_only)
        put(self, "changed_s", changed_s)
        put(self, "expires_s", expires_s)
        put(self, "reasons", tuple(reasons))
        put(self, "problem", problem)
        put(self, "only_refuses", only_refuses)

    def refusing(self) -> Statement:
        """The same without its grants and its date: it replaces nothing, and takes part in refusals only."""
        reasons = self.reasons
        if self.granted:
            reasons = (
                *reasons,
                "it stands in the address, which anybody can write, so it grants nothing here",
            )
        return Statement(
            self.source,
            self.carrier,
            refused=self.refused,
            unreadable=self.unreadable,
            contextual_only=self.contextual_only,
            expires_s=self.expires_s,
            reasons=reasons,
            problem=self.problem,
            only_refuses=True,
        )

    def says(self, term: str) -> Says:
        """What it says of `term`."""
        if self.unreadable:
            return Says.UNREADABLE
        if any(covers(refused, term) or covers(term, refused) for refused in self.refused):
            return Says.REFUSED
        if any(covers(granted, term) for granted in self.granted):
            return Says.GRANTED
        return Says.NOTHING

    def __repr__(self) -> str:
        return f"Statement({self.source!r}, {self.carrier!r}, grants {len(self.granted)} terms)"


class Verdict(Immutable):
    """What all statements come to: the terms granted, whether the visitor is a child, and until when."""

    __slots__ = ("contextual_only", "expires_s", "granted")

    granted: frozenset[str]
    contextual_only: bool
    expires_s: float | None

    def __init__(self, granted: frozenset[str], *, contextual_only: bool, expires_s: float | None) -> None:
        put(self, "granted", granted)
        put(self, "contextual_only", contextual_only)
        put(self, "expires_s", expires_s)


def in_force(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """The statements less those that a newer choice from another carrier of the same source replaces.

    One carrier is replaced by another when every choice in it is older than every choice in the other. Without a date
    nothing replaces and nothing is replaced, and what cannot be read stays.
    """
    kept = tuple(statements)
    newest, oldest = _dates(kept, max), _dates(kept, min)

    def replaced(one: Statement) -> bool:
        last = newest.get((one.source, one.carrier))
        return last is not None and any(
            source == one.source and carrier != one.carrier and first is not None and last < first
            for (source, carrier), first in oldest.items()
        )

    return tuple(each for each in kept if not replaced(each))


def _dates(
    statements: Sequence[Statement], pick: Callable[[float, float], float]
) -> Mapping[tuple[str, str], float | None]:
    found: dict[tuple[str, str], float | None] = {}
    for each in statements:
        key = (each.source, each.carrier)
        at_s = None if each.unreadable else each.changed_s
        if key not in found:
            found[key] = at_s
            continue
        before = found[key]
        found[key] = None if before is None or at_s is None else pick(before, at_s)
    return found


def combine(statements: Sequence[Statement], default: Iterable[str]) -> Verdict:
    """What `statements`, all in force, come to by `PRECEDENCE` under a regime with this `default`.

    Within one source only what all of its statements grant is granted. The verdict expires with the first statement
    that does, also where that one grants nothing: else a signal that lost its grants would leave the rest for longer.
    """
    child = any(each.contextual_only for each in statements)
    if any(each.unreadable for each in statements):
        return Verdict(_NOTHING, contextual_only=child, expires_s=None)
    granted, refused = set(default), set[str]()
    agreed: dict[str, frozenset[str]] = {}
    for each in statements:
        refused |= each.refused
        if each.only_refuses:
            continue
        agreed[each.source] = (
            common(agreed[each.source], each.granted) if each.source in agreed else each.granted
        )
    granted.update(*agreed.values())
    terms = without(granted, refused)
    ends = [each.expires_s for each in statements if each.expires_s is not None]
    return Verdict(
        common(terms, CONTEXTUAL) if child else terms,
        contextual_only=child,
        expires_s=min(ends, default=None),
    )


def meet(verdicts: Sequence[Verdict]) -> Verdict:
    """What every one of `verdicts` allows, for as long as all of them do. `verdicts` has at least one."""
    granted = verdicts[0].granted
    for each in verdicts[1:]:
        granted = common(granted, each.granted)
    ends = [each.expires_s for each in verdicts if each.expires_s is not None]
    return Verdict(
        granted,
        contextual_only=any(each.contextual_only for each in verdicts),
        expires_s=min(ends, default=None),
    )
