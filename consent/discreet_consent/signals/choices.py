"""What the cookie of every consent tool comes to: groups as the site names them, and how far they may be relied on."""

from __future__ import annotations

from types import MappingProxyType

from ..immutable import Immutable, put

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import NoReturn


class CmpChoices(Immutable):
    """The choices in one consent tool's cookie. Only the decoders in `cmp_cookies` build one.

    Decoding is not judging: which purposes a group stands for is the site's configuration, and how old a choice may
    be is the regime's. Its repr shows no choice.

    Args:
        cmp: The tool, for example `onetrust`.
        groups: Allowed or not, for each group that the cookie lists.
        whole: False: the list of groups may have been cut, or lists only what was allowed. A group that is not in
            it counts as refused. True: the cookie says nothing about such a group.
        is_choice: The visitor chose, and the choice is not waiting to be renewed. False: an allowed group is a
            default of the site, and no consent.
        chosen_s: Unix seconds at which the visitor chose; None: the cookie does not tell, so no age can be shown.
        expires_s: Unix seconds from which the tool itself takes the choice as expired; None: it does not tell.
        gpc: What the cookie says of the browser's Global Privacy Control; None: nothing.
        gpc_may_be_on: True when `gpc` is, and when the cookie may have said so before it was cut.
        tcf: A TC string that the cookie carries.
        remarks: Sentences for reports; never a part of the cookie.
    """

    __slots__ = (
        "chosen_s", "cmp", "expires_s", "gpc", "gpc_may_be_on", "groups", "is_choice", "remarks", "tcf", "whole",
    )  # fmt: skip

    cmp: str
    groups: Mapping[str, bool]
    whole: bool
    is_choice: bool
    chosen_s: float | None
    expires_s: float | None
    gpc: bool | None
    gpc_may_be_on: bool
    tcf: str | None
    remarks: tuple[str, ...]

    def __init__(
        self,
        cmp: str,
        groups: Mapping[str, bool],
        *,
        whole: bool,
        is_choice: bool,
        chosen_s: float | None = None,
        expires_s: float | None = None,
        gpc: bool | None = None,
        gpc_may_be_on: bool = False,
        tcf: str | None = None,
        remarks: Iterable[str] = (),
    ) -> None:
        put(self, "cmp", cmp)
        put(self, "groups", MappingProxyType(dict(groups)))
        put(self, "whole", whole)
        put(self, "is_choice", is_choice)
        put(self, "chosen_s", chosen_s)
        put(self, "expires_s", expires_s)
        put(self, "gpc", gpc)
        put(self, "gpc_may_be_on", gpc_may_be_on or gpc is True)
        put(self, "tcf", tcf)
        put(self, "remarks", tuple(remarks))

    def as_dict(self) -> dict[str, object]:
        """The choices, made of what JSON has; of the TC string only whether there is one."""
        return {
            "cmp": self.cmp,
            "groups": dict(self.groups),
            "whole": self.whole,
            "is_choice": self.is_choice,
            "chosen_s": self.chosen_s,
            "expires_s": self.expires_s,
            "gpc": self.gpc,
            "gpc_may_be_on": self.gpc_may_be_on,
            "tcf": self.tcf is not None,
            "remarks": list(self.remarks),
        }

    def __reduce__(self) -> NoReturn:
        raise TypeError("CmpChoices are a visitor's signal: they are resolved, not pickled or copied")

    def __repr__(self) -> str:
        return f"CmpChoices(cmp={self.cmp!r})"
