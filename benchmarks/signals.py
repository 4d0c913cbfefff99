"""Consent signals: strings to decode, who decodes them, and how long that takes.

- Realistic: TC strings of 44, 86 and 742 characters, by `discreet_consent` and by a peer, `iab-tcf`, in turns.
- Hostile: the slowest strings of 4,096 characters that are known, against one pass of base64 over as many.
"""

from __future__ import annotations

import binascii
import importlib
import importlib.util
import random
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

from discreet_consent import SignalError
from discreet_consent.signals import gpp, tcf

sys.path.append(str(Path(__file__).parents[1] / "tests"))  # `support`, as pytest has it

from support.gpp_strings import encode_gpp, fibonacci_range
from support.tc_strings import base64url, encode_tc, entries, number

LENGTHS: Final = (44, 86, 742)  # characters
HOSTILE: Final = 4_096  # characters: what a cookie holds
_BITS: Final = 6 * HOSTILE


# --- Realistic strings, and who reads them ---------------------------------------------------------------------


@cache
def realistic(length: int) -> str:
    """A TC string of that many characters, as consent tools write them: vendors as bit fields, filled to 24 bits.

    44: the core alone, no vendors. 86: every segment of today, some of 50 vendors. 742: the same with some 750
    vendors of ids up to 1,355, as the list has them that all share. The vendors are drawn by dice.
    """
    dice = random.Random(length)
    highest, share = {44: (0, 0.0), 86: (50, 0.7), 742: (1_355, 0.55)}[length]
    known = [each for each in range(1, highest) if dice.random() < share]
    by_interest = [each for each in known if dice.random() < 0.4]
    vendors = [[(each, each) for each in (*ids, highest) if each] for ids in (known, by_interest)]
    text = encode_tc(
        range(1, 12),
        (1, 5, 6, 11) if highest else None,
        vendor_consents=vendors[0],
        vendor_li=vendors[1],
        disclosed=vendors[0] or None,
        pad_to=24,
    )
    assert len(text) == length
    return text


def peer() -> Callable[[str], Any] | None:
    """The decoder of `iab-tcf`; None when it is not installed."""
    if importlib.util.find_spec("iab_tcf") is None:
        return None
    decode: Callable[[str], Any] = importlib.import_module("iab_tcf").decode
    return decode


def decode_and_read(text: str) -> None:
    """Decode, and read every field that the peer's result has. The peer reads them all while it decodes."""
    tc = tcf.decode(text)
    _ = (
        tc.version, tc.created_ds, tc.last_updated_ds, tc.cmp_id, tc.cmp_version, tc.consent_screen,
        tc.consent_language, tc.vendor_list_version, tc.policy_version, tc.is_service_specific,
        tc.use_non_standard_texts, tc.special_feature_opt_ins, tc.purposes_consent, tc.purposes_li,
        tc.purpose_one_treatment, tc.publisher_country, tc.vendor_consents, tc.vendor_li,
        tc.publisher_restrictions, tc.disclosed_vendors, tc.allowed_vendors,
    )  # fmt: skip
    own = tc.publisher_tc
    if own is not None:
        _ = (own.purposes_consent, own.purposes_li, own.custom_consent, own.custom_li)


# --- Hostile strings -------------------------------------------------------------------------------------------


def hostile() -> dict[str, str]:
    """The slowest strings known, by what they are full of."""
    return {
        "TCF: vendor ids in descending order": _tc(_descending(_BITS // 17 - 20), ""),
        "TCF: restrictions of no vendors": _tc(
            "", (number(1, 6) + "01" + number(0, 12)) * (_BITS // 20 - 20)
        ),
        "TCF: a bit field of every other vendor": _tc(_every_other(_BITS - 300), ""),
        "GPP: sections that nobody knows": _sections(1_600),
        "GPP: Canadian vendors, 3 bits each": _canadian(_next_ones(4_095), _next_ones(3_900), ""),
        "GPP: Canadian bit field of every other vendor": _canadian(_every_other(_BITS - 400), "", ""),
        "GPP: Canadian restrictions": _canadian("", "", _restrictions(_BITS // 57 - 20)),
    }


def decode_hostile(text: str) -> gpp.GppString | tcf.TcString | None:
    """Decode as a GPP or TC string; None when it is refused, which must not take longer either."""
    try:
        return gpp.decode(text) if "~" in text else tcf.decode(text)
    except SignalError:
        return None


def read_hostile(text: str) -> object:
    """Decode, and read everything that is in it."""
    decoded = decode_hostile(text)
    return decoded and decoded.as_dict()


def base64_pass(_: str) -> bytes:
    """The floor for hostile strings: one pass of base64 over as many characters."""
    return binascii.a2b_base64(b"A" * HOSTILE, strict_mode=True)


_NO_VENDORS: Final = number(0, 17)
_CORE: Final = number(2, 6) + number(0, 72) + number(300, 12) + number(0, 123)  # up to the vendors
_CANADIAN_CORE: Final = number(1, 6) + number(0, 72) + number(300, 12) + number(0, 109)


def _tc(vendors: str, restrictions: str) -> str:
    """A core of HOSTILE characters with these digits for vendor consents, and for restrictions of 20 bits each."""
    count = number(len(restrictions) // 20, 12)
    return _filled(_CORE + (vendors or _NO_VENDORS) + _NO_VENDORS + count + restrictions, HOSTILE)


def _canadian(express: str, implied: str, restrictions: str) -> str:
    """A GPP string of HOSTILE characters: a Canadian section with these lists, and restrictions of 57 bits each."""
    count = number(len(restrictions) // 57, 12)
    digits = _CANADIAN_CORE + (express or _NO_VENDORS) + (implied or _NO_VENDORS) + count + restrictions
    head = encode_gpp({5: ""})
    return head + _filled(digits, HOSTILE - len(head))


def _filled(digits: str, length: int) -> str:
    text = base64url(digits)
    assert len(text) <= length
    return text.ljust(length, "A")


def _descending(count: int) -> str:
    return (
        number(0xFFFF, 16) + "1" + entries([(each, each) for each in range(0xFFFF, 0xFFFF - 2 * count, -2)])
    )


def _every_other(width: int) -> str:
    return number(width, 16) + "0" + "10" * (width // 2) + "1" * (width % 2)


def _next_ones(count: int) -> str:
    """A list of vendors as so many single ids, each the next after the last."""
    return number(0xFFFF, 16) + "1" + fibonacci_range([(each, each) for each in range(1, count + 1)])


def _restrictions(count: int) -> str:
    vendors = number(32, 16) + "0" + "10" * 16
    return "".join(number(each % 64, 6) + number(each // 64 % 4, 2) + vendors for each in range(count))


def _sections(count: int) -> str:
    ids = [(28 + each, 28 + each) for each in range(count)]
    return base64url(number(3, 6) + number(1, 6) + fibonacci_range(ids)) + "~A" * count
