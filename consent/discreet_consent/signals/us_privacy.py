"""The US Privacy string of California's first law: the `usprivacy` cookie, and section 6 of a GPP string.

A version and three letters, such as `1YNN`: was notice given, did the visitor opt out of sale, is the agreement
(LSPA) signed. Deprecated in favour of the GPP, still sent.

Source: IAB Tech Lab, "US Privacy String" 1.0.
"""

from __future__ import annotations

from ..errors import SignalError
from ..immutable import Immutable, put

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal, NoReturn, TypeAlias

    Answer: TypeAlias = Literal["Y", "N", "-"]

_ANSWERS: dict[str, Answer] = {"Y": "Y", "N": "N", "-": "-"}


class UsPrivacy(Immutable):
    """A decoded US Privacy string. Only `decode` builds one. Its repr does not show the visitor's choice.

    Attributes:
        notice: Whether the visitor was told of the sale, and of the right to opt out.
        opt_out_sale: `Y` when the visitor opted out of sale.
        lspa_covered: Whether the transaction is under the agreement.
    """

    __slots__ = ("lspa_covered", "notice", "opt_out_sale")

    notice: Answer
    opt_out_sale: Answer
    lspa_covered: Answer

    def __init__(self) -> None:
        raise TypeError("only `decode` builds a UsPrivacy")

    @property
    def version(self) -> int:
        return 1

    @property
    def applies(self) -> bool:
        """False for `1---`, which says that the law does not apply to the visitor."""
        return (self.notice, self.opt_out_sale, self.lspa_covered) != ("-", "-", "-")

    def as_dict(self) -> dict[str, object]:
        """The string in the form of the vectors."""
        return {
            "Version": self.version,
            "Notice": self.notice,
            "OptOutSale": self.opt_out_sale,
            "LspaCovered": self.lspa_covered,
        }

    def __reduce__(self) -> NoReturn:
        raise TypeError("a UsPrivacy is a visitor's signal: it is resolved, not pickled or copied")

    def __repr__(self) -> str:
        return "UsPrivacy(...)"


_new: Callable[[type[UsPrivacy]], UsPrivacy] = object.__new__


def decode(text: str) -> UsPrivacy:
    """Read a US Privacy string: `1` and three of `Y`, `N` and `-`, in upper case, and nothing else.

    Raises:
        SignalError: `empty`: there is no text. `bad_usp`: it is anything else.
    """
    notice, opt_out_sale, lspa_covered = _answers(text)
    usp = _new(UsPrivacy)
    put(usp, "notice", notice)
    put(usp, "opt_out_sale", opt_out_sale)
    put(usp, "lspa_covered", lspa_covered)
    return usp


def _answers(text: object) -> tuple[Answer, ...]:
    if text == "":
        raise SignalError("empty", "there is no text")
    # What a request brings is not always what the types say.
    if isinstance(text, str) and len(text) == 4 and text[0] == "1":
        answers: tuple[Answer, ...] = tuple(_ANSWERS[letter] for letter in text[1:] if letter in _ANSWERS)
        if len(answers) == 3:
            return answers
    raise SignalError("bad_usp", "the text is not a US Privacy string")
