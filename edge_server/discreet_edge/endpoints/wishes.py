"""What the body of a decision asks for: checked for its form only. What it says of the visitor is not read here."""

from __future__ import annotations

from typing import Any, Final

from discreet.visitors import Given

from ..edge_settings import EdgeSettings
from ..problems import Problem, Refused
from .documents import check_names, read_object, whole

_MEMBERS: Final = frozenset(("placement", "placements", "attributes", "consent", "top", "explain"))
_NOTHING: Final = Given()


class Wish:
    """Which placements, for whom, and how much of it.

    Attributes:
        placements: None: all of them.
    """

    __slots__ = ("explain", "given", "placements", "top")

    def __init__(self, placements: list[str] | None, given: Given, top: int, *, explain: bool) -> None:
        self.placements, self.given, self.top, self.explain = placements, given, top, explain


def read_wish(body: bytes, settings: EdgeSettings) -> Wish:
    """What `body` asks for.

    Raises:
        Refused: it is not JSON, or not what /v1/decide takes.
    """
    document = read_object(body)
    if not _MEMBERS.issuperset(document):
        raise Refused(Problem.INVALID_REQUEST)
    top = whole(document["top"]) if "top" in document else 1
    explain = document.get("explain", False)
    if type(explain) is not bool or top is None or not 1 <= top <= settings.max_placements:
        raise Refused(Problem.INVALID_REQUEST)
    placements = _placements(document, settings)
    return Wish(placements, read_given(document, settings), top, explain=explain)


def _placements(document: dict[str, Any], settings: EdgeSettings) -> list[str] | None:
    if "placement" in document:
        one = document["placement"]
        if type(one) is not str or "placements" in document:
            raise Refused(Problem.INVALID_REQUEST)
        return [one]
    if "placements" not in document:
        return None
    several = document["placements"]
    if type(several) is not list or not 1 <= len(several) <= settings.max_placements:
        raise Refused(Problem.INVALID_REQUEST)
    if any(type(each) is not str for each in several) or len(set(several)) != len(several):
        raise Refused(Problem.INVALID_REQUEST)
    return several


def read_given(document: dict[str, Any], settings: EdgeSettings) -> Given:
    """What a body says of the visitor, unread: `attributes` and `consent`.

    Raises:
        Refused: one of them is no object, or there are too many names.
    """
    attributes, consent = document.get("attributes"), document.get("consent")
    if attributes is None and consent is None and "attributes" not in document and "consent" not in document:
        return _NOTHING
    if "attributes" not in document:
        attributes = {}
    if type(attributes) is not dict or (type(consent) is not dict and "consent" in document):
        raise Refused(Problem.INVALID_REQUEST)
    check_names(attributes, settings)
    return Given(attributes, consent)
