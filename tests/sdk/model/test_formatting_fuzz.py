"""However a file is laid out, it can be laid out anew: every comment stays, and it says what it said."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import yaml
from hypothesis import given, reject
from hypothesis import strategies as st

from discreet.errors import ModelError
from discreet.model.formatting import formatted, respelled
from discreet.model.lexing import take_apart

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
FILES = [
    *sorted((ROOT / "sdk" / "discreet" / "cli" / "starter").glob("*.yaml")),
    *sorted((ROOT / "examples" / "shop").glob("*.yaml")),
    HERE / "sound" / "spring_shop.yaml",
    HERE / "sound" / "any_layout.yaml",
]


class Scribbler:
    """Puts comments, blank lines and line ends where an author may have put them, and some where none may."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a seed makes the same layouts again
        self._often = self._random.choice([0.02, 0.1, 0.3])
        self.comments: list[str] = []

    def text(self, path: Path) -> bytes:
        scribbled = [
            each for line in path.read_text(encoding="utf-8").split("\n") for each in self._lines(line)
        ]
        mark, end = self._random.choice(["", "\ufeff"]), self._random.choice(["\n", "\n", "\r\n"])
        text = mark + end.join(scribbled)
        return (text.rstrip() if self._now() else text).encode()

    def _now(self) -> bool:
        return self._random.random() < self._often

    def _comment(self) -> str:
        self.comments.append(f"#<{len(self.comments)}>")
        return self.comments[-1]

    def _lines(self, line: str) -> list[str]:
        above: list[str] = []
        while self._now():
            blank = self._random.choice(["", "  "])
            above.append(self._random.choice([blank, " " * self._random.randrange(14) + self._comment()]))
        if self._now():
            line = line.replace(": ", ":   ", 1)
        if self._now() and ", " in line:
            line = line.replace(", ", f", {self._comment()}\n{' ' * 20}", 1)
        if self._now() and "{" in line:
            line = line.replace("{", f"{{ {self._comment()}\n{' ' * 16}", 1)
        if self._now() and line.strip():
            line += f"  {self._comment()}"
        return [*above, line]


def test_no_comment_is_lost_and_once_is_enough() -> None:
    sound = 0
    for seed in range(150):
        scribbler = Scribbler(seed)
        text = scribbler.text(FILES[seed % len(FILES)])
        try:
            once = formatted(text, "m.yaml")  # which refuses to say anything else than `text`
        except ModelError:
            continue
        sound += 1
        lost = [each for each in scribbler.comments if once.count(each.encode()) != text.count(each.encode())]
        assert (seed, lost) == (seed, [])
        assert formatted(once, "m.yaml") == once, seed

    assert sound > 50


WORDS = [
    *(
        "a",
        "b1",
        "not",
        "and",
        "or",
        "in",
        "(",
        ")",
        "[",
        "]",
        ",",
        "==",
        "<=",
        "<",
        "known",
        "any_of",
        "days_since",
    ),
    *("'x'", '"y"', "'say \"z\"'", '"it\\u0027s"', "1", "1.50", "-", "1e3", "True"),
]


@pytest.mark.parametrize("seed", range(40))
def test_an_expression_in_its_one_spelling_has_the_same_words(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a seed makes the same words again
    for _ in range(100):
        words = [dice.choice(WORDS) for _ in range(dice.randrange(1, 9))]
        text = dice.choice(["  ", " ", "\n "]).join(words)
        spelled = respelled(text)
        pairs = [
            [(each.canonical, each.literal) for each in take_apart(each_text).tokens]
            for each_text in (text, spelled)
        ]

        assert respelled(spelled) == spelled
        assert [pair for pair in pairs[0] if pair[0] != ","] == [pair for pair in pairs[1] if pair[0] != ","]


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\ufffe\uffff")
    | st.sampled_from("\n\t :#-'\"{}[],|>&*!%@`?\\"),
    max_size=30,
)
KEY = st.text(st.characters(codec="utf-8", categories=("L", "Nd", "Zs", "Po")), min_size=1, max_size=12)


def nested(leaf: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.recursive(
        leaf,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEY, inner, max_size=4),
        max_leaves=12,
    )


@given(
    content=nested(TEXT),
    style=st.sampled_from(["'", '"', "|", ">", None]),
    is_flow=st.sampled_from([True, False, None]),
    width=st.sampled_from([20, 80, 10_000]),
    indent=st.integers(2, 9),
)
def test_any_text_in_any_style_can_be_laid_out(
    content: object, style: str | None, is_flow: bool | None, width: int, indent: int
) -> None:
    text = yaml.dump(
        {"offers": [{"content": {"a": content}, "id": "o"}]},
        Dumper=yaml.SafeDumper,
        default_style=style,
        default_flow_style=is_flow,
        width=width,
        indent=indent,
        allow_unicode=True,
    ).encode()
    try:
        once = formatted(text, "m.yaml")
    except ModelError:
        reject()  # PyYAML wrote an anchor, or a key that is a number to YAML 1.2

    assert formatted(once, "m.yaml") == once


@given(
    content=nested(
        st.none()
        | st.booleans()
        | st.integers(-(2**53), 2**53)
        | st.floats(allow_nan=False, allow_infinity=False)
    )
)
def test_any_number_can_be_laid_out(content: object) -> None:
    text = yaml.safe_dump({"offers": [{"content": {"a": content}}]}, sort_keys=False).encode()
    once = formatted(text, "m.yaml")
    in_json = formatted(json.dumps({"offers": [{"content": {"a": content}}]}).encode(), "m.json")

    assert formatted(once, "m.yaml") == once
    assert formatted(in_json, "m.json") == in_json
    assert json.loads(in_json) == {"offers": [{"content": {"a": content}}]}
