"""Promise 7: cutting a consent string, or breaking its form, never grows what is permitted.

Under every policy. Which character stands where in a string of sound form is not protected by anything: a TC string
carries no checksum, so another well-formed string is another string.
"""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import Policy, resolve
from discreet_consent.signals.tcf import decode
from support.signal_vectors import readable_strings
from support.tc_strategies import tc_strings
from support.tc_strings import NOW_S, encode_tc

INTERESTS = (2, 7, 8, 9, 10, 11)
POLICIES = [
    Policy.default().opting_in(
        core_fallback=core,
        legitimate_interest=interests,
        require_disclosed_vendors=strict,
        default=["personalize.content.limited"],
        max_age_days=390,
    )
    for core in (False, True)
    for interests in ((), INTERESTS)
    for strict in (False, True)
]
named = pytest.mark.parametrize(
    "policy",
    POLICIES,
    ids=lambda each: (
        f"{'core' if each.presets[0].core_fallback else 'publisher'}"
        f"-{'interests' if each.presets[0].legitimate_interest else 'consent'}"
        f"-{'strict' if each.presets[0].require_disclosed_vendors else 'lenient'}"
    ),
)
# A growing one would show best where the core grants all and the publisher nothing, and the other way round.
CORNERS = [
    encode_tc(
        core,
        publisher,
        li=core,
        publisher_li=publisher,
        custom=custom,
        disclosed=disclosed,
        publisher_first=first,
    )
    for core, publisher in ((range(1, 25), ()), ((), range(1, 25)), ((1, 6), (6, 11)))
    for disclosed in (None, ((1, 3),))
    for custom in (0, 9)
    for first in (False, True)
]


def granted(text: str, policy: Policy, now_s: float) -> frozenset[str]:
    return resolve(tcf=text, region="IT", now_s=now_s, policy=policy).purposes


def written_s(text: str) -> float:
    """A moment at which the string is as young as it can be."""
    tc = decode(text)
    return max(tc.created_ds, tc.last_updated_ds) / 10


def damaged(text: str) -> list[str]:
    """The string cut, with a segment dropped, and with its form broken at every place."""
    segments = text.split(".")
    broken = [text[:at] for at in range(len(text))]
    broken += [text[at:] for at in range(1, len(text))]
    broken += [".".join(some) for count in range(len(segments)) for some in combinations(segments, count)]
    for at, letter in enumerate(text):
        broken += [text[:at] + wrong + text[at + 1 :] for wrong in ".= " if wrong != letter]
        broken.append(text[:at] + "." + text[at:])
    broken.append(text.replace(".", ""))
    return broken


@named
def test_no_damage_to_a_vector_grows_what_is_permitted(policy: Policy) -> None:
    for text in readable_strings()[POLICIES.index(policy) :: len(POLICIES)]:
        now_s = written_s(text)
        whole = granted(text, policy, now_s)

        assert all(granted(part, policy, now_s) <= whole for part in damaged(text))


@named
@pytest.mark.parametrize("text", CORNERS)
def test_no_damage_to_a_telling_string_grows_what_is_permitted(text: str, policy: Policy) -> None:
    whole = granted(text, policy, NOW_S)

    assert all(granted(part, policy, NOW_S) <= whole for part in damaged(text))


@named
@given(text=tc_strings, data=st.data())
def test_no_damage_to_a_generated_string_grows_what_is_permitted(
    text: str, data: st.DataObject, policy: Policy
) -> None:
    part = data.draw(st.sampled_from(damaged(text)))

    assert granted(part, policy, NOW_S) <= granted(text, policy, NOW_S)


@named
@given(text=tc_strings)
def test_cutting_never_lengthens_how_long_a_consent_counts(text: str, policy: Policy) -> None:
    whole = resolve(tcf=text, region="IT", now_s=NOW_S, policy=policy)

    for end in range(0, len(text), 7):
        part = resolve(tcf=text[:end], region="IT", now_s=NOW_S, policy=policy)
        assert part.expires_s in (None, whole.expires_s)
        assert part.expires_s is not None or not part.purposes


def test_the_strings_of_these_tests_grant_something() -> None:
    assert any(granted(text, POLICIES[0], NOW_S) for text in CORNERS)
    assert any(granted(text, POLICIES[-1], NOW_S) for text in CORNERS)
    assert sum(bool(granted(text, POLICIES[0], written_s(text))) for text in readable_strings()) > 20
