"""What the shop asks leave for, and what a submitted form answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

COOKIE: Final = "euconsent-v2"
COOKIE_LIFE_S: Final = 180 * 86_400  # as long as the answer counts; then the shop asks again


class Asked(NamedTuple):
    """One purpose of the TCF that the shop asks leave for, in its own words."""

    number: int
    name: str
    says: str


ASKED: Final = (
    Asked(1, "Keep a note in this browser", "One small sealed cookie: your basket, your visits, what you tell us."),
    Asked(11, "Use what your browser sends anyway", "Country, language, time of day, kind of device. Nothing is kept."),
    Asked(6, "Let the note choose what you see", "So that we greet you, and move on with you once you have ordered."),
    Asked(5, "Note which shelves you look at", "So that we can show more of what you lingered over."),
    Asked(8, "Count which offers are of use", "Without it, only sums are counted that name nobody."),
)  # fmt: skip


def answered(form: Mapping[str, Sequence[str]]) -> tuple[int, ...]:
    """The purposes that a form consents to. Whatever is no clear yes is a refusal."""
    known = {str(each.number): each.number for each in ASKED}
    answer = form.get("answer", ())
    if list(answer) == ["all"]:
        return tuple(sorted(known.values()))
    if list(answer) == ["some"]:
        return tuple(sorted({known[each] for each in form.get("purpose", ()) if each in known}))
    return ()
