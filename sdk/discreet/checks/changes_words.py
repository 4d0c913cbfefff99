"""A difference in words, for people at a terminal and for readers of a pull request."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .proofs.instants import iso

if TYPE_CHECKING:
    from .changes_found import Consents, DeclarationChange, Difference, Outcome, Unproven
    from .proofs import Visitor

MOST_WAYS = 3  # least consents that a line names; a longer list is cut, and JSON has all
CUT = "not proven: the search stopped at the number of changes that was asked for"


def headline(found: Difference) -> str:
    """All of it in one line."""
    if found.is_empty:
        return f"nothing changes{_at(found)}, for anybody, under any consent: that is proven"
    counts = (
        (len(found.winners), "other winner"),
        (len(found.contents), "other content"),
        (len(found.stages), "other stage"),
        (len(found.declarations), "other declaration"),
    )
    said = [f"{number} {word}{'' if number == 1 else 's'}" for number, word in counts if number]
    return ", ".join(said) or "no change found"


def verdict(found: Difference) -> str:
    """Whether that is all, and how that is known."""
    if found.proven:
        return f"proven: nobody meets any other change{_at(found)}"
    return CUT if found.cut else "not proven: there may be more; what was given up stands above"


def _at(found: Difference) -> str:
    return "" if found.placements is None else f" at {', '.join(found.placements)}"


def outcome(each: Outcome) -> str:
    """An offer, and that it is the fallback where it is."""
    return f"{each.offer} (fallback)" if each.fallback else each.offer


def under(consents: Consents) -> str:
    """The least consents, one of which is needed; without any, it takes a known child's."""
    if consents is None:
        return "not found within the budget"
    ways = list(map(_together, sorted(map(sorted, consents))))
    more = [f"one of {len(ways) - MOST_WAYS} more"] if len(ways) > MOST_WAYS + 1 else []
    return " or ".join((ways[:MOST_WAYS] if more else ways) + more) or "that of a known child"


def _together(purposes: Sequence[str]) -> str:
    return " + ".join(purposes) or "any consent"


def visitor(each: Visitor, consents: Consents) -> str:
    """A made-up visitor, on one line; what they grant, where `consents` leaves a choice."""
    known = json.dumps(dict(each.attributes), ensure_ascii=False)
    granting = "" if consents is not None and len(consents) == 1 else f" granting {granted(each)}"
    return f"{known}{granting} at {instant(each)}"


def granted(each: Visitor) -> str:
    """What the visitor grants."""
    words = " + ".join((*each.purposes, *(f"sensitive:{item}" for item in each.sensitive))) or "nothing"
    return f"{words}, as a known child," if each.contextual_only else words


def instant(each: Visitor) -> str:
    """When the visitor comes, as `--now` takes it."""
    return iso(each.now_ms)


def declaration(each: DeclarationChange) -> str:
    """What is declared otherwise, in one sentence."""
    if each.field:
        said = f"{each.was or 'none'} -> {each.becomes or 'none'}"
        return f"{each.what} `{each.id}`: {each.field} changed: {said}"
    return f"{each.what} `{each.id}` {each.how}"


def given_up(each: Unproven) -> str:
    """What was too much to decide, in one sentence."""
    other = "new" if each.side == "old" else "old"
    return f"{each.where}: who has `{each.outcome}` on the {each.side} side: too much to decide for the {other} side"
