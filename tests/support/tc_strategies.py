"""Generated TC strings: what a consent tool may send, told as arguments of `encode_tc`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from hypothesis import strategies as st

from .tc_strings import ALPHABET, CREATED_S, encode_tc

Told: TypeAlias = dict[str, Any]

purpose_sets = st.sets(st.integers(1, 24)) | st.just(set(range(1, 12)))
vendors = st.lists(
    st.tuples(st.integers(1, 40), st.integers(0, 30)).map(lambda pair: (pair[0], pair[0] + pair[1])),
    max_size=5,
)
restrictions = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 3), vendors), max_size=3)


@st.composite
def told(draw: st.DrawFn) -> Told:
    """Arguments of `encode_tc` for a legal string that is in force at `NOW_S`."""
    custom = draw(st.integers(0, 63))
    customs = st.sets(st.integers(1, custom)) if custom else st.just(set[int]())
    return {
        "purposes": draw(purpose_sets),
        "publisher": draw(st.none() | purpose_sets),
        "li": draw(purpose_sets),
        "publisher_li": draw(purpose_sets),
        "custom": custom,
        "custom_consents": draw(customs),
        "custom_li": draw(customs),
        "created_s": CREATED_S,
        "special_features": draw(st.sets(st.integers(1, 12))),
        "purpose_one_treatment": draw(st.booleans()),
        "vendor_consents": draw(vendors),
        "vendor_li": draw(vendors),
        "restrictions": draw(restrictions),
        "disclosed": draw(st.none() | vendors),
        "allowed": draw(st.none() | vendors),
        "as_ranges": draw(st.booleans()),
        "publisher_first": draw(st.booleans()),
        "pad_to": draw(st.sampled_from([1, 6, 8, 24, 48])),
    }


tc_strings = told().map(lambda each: encode_tc(**each))


@st.composite
def mutilated(draw: st.DrawFn, whole: Iterable[str]) -> str:
    """One of `whole`, or a generated string, after a few cuts, insertions, replacements and repetitions."""
    text = draw(st.sampled_from(sorted(whole)) | tc_strings)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        until = draw(st.integers(at, min(len(text), at + 12)))
        put_in = draw(
            st.sampled_from(["", ".", "=", "\u00e9", text[at:until] * 2])
            | st.text(ALPHABET + "~+/ ", max_size=6)
        )
        text = text[:at] + put_in + text[until:]
    return text
