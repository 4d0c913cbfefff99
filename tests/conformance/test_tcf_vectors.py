"""The decoder against the strings that the IAB's own library wrote, or that the specification forbids."""

from __future__ import annotations

import pytest

from discreet_consent import SignalError
from discreet_consent.signals.tcf import decode
from support.signal_vectors import SignalVector, tcf_vectors

SOUND = [vector for vector in tcf_vectors() if vector.expect is not None]
REFUSED = [vector for vector in tcf_vectors() if vector.expect is None]


def test_the_file_is_whole() -> None:
    assert (len(SOUND), len(REFUSED)) == (160, 40)


@pytest.mark.parametrize("vector", SOUND, ids=lambda vector: f"{vector.id}-{vector.kind}")
def test_a_legal_string_decodes_to_what_it_says(vector: SignalVector) -> None:
    assert decode(vector.text).as_dict() == vector.expect


@pytest.mark.parametrize("vector", REFUSED, ids=lambda vector: f"{vector.id}-{vector.kind}")
def test_an_illegal_string_is_refused_with_its_reason(vector: SignalVector) -> None:
    with pytest.raises(SignalError) as refusal:
        decode(vector.text)

    assert refusal.value.code == vector.error
    assert vector.text not in str(refusal.value)
