"""One run over a model with ten mistakes of different kinds names all ten, at their places."""

from __future__ import annotations

from pathlib import Path

import pytest

from discreet.errors import ModelError
from discreet.model import read_models

PATH = Path(__file__).parent / "broken" / "ten_mistakes.yaml"

EXPECTED = """
6:21: attribute `purchases`: `type` cannot be `numbr`; did you mean `number`? [unknown-word]
7:63: attribute `interests`: unknown purpose `personalize.content.profilled`; did you mean \
`personalize.content.profiled`? [unknown-purpose]
10:50: unknown attribute or condition `contry`; did you mean `country`? [unknown-name]
11:76: `=` is not part of expressions; use `==` [syntax]
12:57: `<` is for numbers and datetimes; `country` is a text [wrong-type]
17:25: placement `home.hero`: unknown offer `welcom`; did you mean `welcome`? [unknown-offer]
21:14: offer `shoes`: unknown stage `staye`; did you mean `stay`? [unknown-stage]
23:5: offer `shoes`: unknown key `priorty`; did you mean `priority`? [unknown-key]
24:38: offer `shoes`: the window is empty: `until` is not after `from` [bad-window]
25:34: offer `shoes`: token `{country}` needs a default for when it is not known: \
`{country|...}` [bad-token]
"""


def test_all_ten_are_named_with_file_line_and_column() -> None:
    with pytest.raises(ModelError) as caught:
        read_models([PATH])

    file = PATH.as_posix()
    assert str(caught.value).splitlines() == [f"{file}:{line}" for line in EXPECTED.strip().splitlines()]
    assert len(caught.value.problems) == 10
