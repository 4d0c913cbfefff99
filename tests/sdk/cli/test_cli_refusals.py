"""What a model with problems means for a command: the answer no, or, where the question was another, no answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from discreet.cli.refusals import COULD_NOT_RUN, NO, Unusable, explain
from discreet.errors import ModelError
from discreet.model import read_models


def test_only_an_unusable_model_is_no_answer(broken_model: Path) -> None:
    with pytest.raises(ModelError) as raised:
        read_models([broken_model])
    answer, no_answer = explain(raised.value), explain(Unusable(raised.value))

    assert (answer.status, no_answer.status) == (NO, COULD_NOT_RUN)
    assert answer.lines == no_answer.lines
    assert answer.as_dict() == no_answer.as_dict()
