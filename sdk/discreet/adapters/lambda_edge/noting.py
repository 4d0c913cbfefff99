"""What is noted at the request of its decisions, so that the response is judged by the bundle that made them.

Until the response comes another bundle may be in service, here or in another instance, with another certificate.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from ..page_certificate import Certified
from .cloudfront import NOTE, Headers

_SOMEBODY: Final = "somebody"
_NOBODY: Final = re.compile(r"nobody(?:; until=([0-9]{1,12}))?")


@dataclass(frozen=True, slots=True)
class Note:
    """Of a page's decisions: whether they can depend on somebody, and at what Unix second the clock changes one."""

    is_personal: bool
    until_s: float = math.inf

    @classmethod
    def of(cls, decided: Collection[Certified], now_s: float) -> Note:
        """The certificate's word on what was `decided`, whoever asked."""
        holds_s = min((each.holds_for_s(now_s) for each in decided), default=math.inf)
        return cls(any(each.attributes for each in decided), now_s + holds_s)

    def __str__(self) -> str:
        if self.is_personal:
            return _SOMEBODY
        return "nobody" if math.isinf(self.until_s) else f"nobody; until={math.floor(self.until_s)}"


PERSONAL: Final = Note(is_personal=True)


def read_note(headers: Headers) -> Note:
    """The note in `headers`; where there is none, or not one alone and exactly as written, the page is personal."""
    lines = headers.get(NOTE, [])
    said = _NOBODY.fullmatch(lines[0]["value"]) if len(lines) == 1 else None
    if said is None:
        return PERSONAL
    return Note(is_personal=False, until_s=math.inf if said[1] is None else float(said[1]))
