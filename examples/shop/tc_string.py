"""The TC string of a choice, for browsers that run no script: the same as `static/tcstring.js` writes.

Source: IAB Tech Lab, *Consent string and vendor list formats v2* (TCF 2.3).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_DAY_S: Final = 86_400
_PURPOSES: Final = 24
_TOOL: Final = 4095  # a registered consent tool writes its own number here; this one is nobody's
_NO_VENDORS: Final = "0" * 17  # the highest id, and a bit field of that many bits


def encode(purposes: Collection[int], *, now_s: float, language: str = "EN", country: str = "IT") -> str:
    """Write what the publisher's visitor consented to; for vendors, of which there are none, nothing.

    Args:
        purposes: Of 1 to 24.
        now_s: Unix seconds; only the day counts, as the TCF has it.
        language, country: Two capital letters each.
    """
    dated = _number(int(now_s // _DAY_S) * _DAY_S * 10, 36)
    core = (
        _number(2, 6)  # version
        + (dated + dated)  # created, last updated
        + (_number(_TOOL, 12) + _number(1, 12))  # the tool and its version
        + (_number(1, 6) + _letters(language))  # screen, language
        + _number(0, 12)  # vendor list: none was shown
        + _number(5, 6)  # policy version
        + "10"  # for this service only; standard texts
        + _flags((), 12)  # special features
        + (_flags((), _PURPOSES) * 2)  # for vendors: consents, legitimate interests
        + ("0" + _letters(country))  # purpose 1 was disclosed
        + (_NO_VENDORS * 2 + _number(0, 12))  # consents, legitimate interests, restrictions
    )
    disclosed = _number(1, 3) + _NO_VENDORS
    publisher = _number(3, 3) + _flags(purposes, _PURPOSES) + _flags((), _PURPOSES) + _number(0, 6)
    return ".".join(_base64url(each) for each in (core, disclosed, publisher))


def _number(value: int, width: int) -> str:
    return f"{value:0{width}b}"


def _flags(ids: Collection[int], width: int) -> str:
    return "".join("1" if each in ids else "0" for each in range(1, width + 1))


def _letters(pair: str) -> str:
    return "".join(_number(ord(letter) - ord("A"), 6) for letter in pair)


def _base64url(digits: str) -> str:
    filled = digits + "0" * (-len(digits) % 24)  # whole bytes, and whole characters
    return "".join(_ALPHABET[int(filled[at : at + 6], 2)] for at in range(0, len(filled), 6))
