"""JSON with gaps says what the same document says when its tokens are filled first."""

from __future__ import annotations

import json
from typing import Any

import orjson
from hypothesis import example, given
from hypothesis import strategies as st

from discreet.runtime.content import Template, text_of
from discreet_edge.endpoints.gaps import WithGaps

TEXTS = st.one_of(
    st.sampled_from(['"', "\\", "\\u0041", '","a":"', "\0", "\n", "</script>", "0" * 32]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
)
VALUES = st.one_of(st.none(), st.booleans(), TEXTS, st.floats(allow_nan=False, allow_infinity=False))
TOKENS = st.tuples(st.integers(0, 2), TEXTS)
TEMPLATES = st.lists(st.one_of(TEXTS, TOKENS), min_size=1, max_size=4).map(Template)
CONTENTS = st.recursive(
    st.one_of(TEXTS, TEMPLATES, st.integers(-9, 9)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)


def plainly(content: Any, values: tuple[Any, ...]) -> Any:
    """`content` with its templates filled one by one."""
    if isinstance(content, Template):
        return "".join(
            part if isinstance(part, str) else text_of(values[part[0]], part[1]) for part in content.parts
        )
    if isinstance(content, list):
        return [plainly(each, values) for each in content]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(content, dict):
        return {key: plainly(each, values) for key, each in content.items()}  # pyright: ignore[reportUnknownVariableType]
    return content


@given(content=CONTENTS, values=st.tuples(VALUES, VALUES, VALUES))
@example(content=Template([(0, "a"), (0, "b"), "c"]), values=('"', None, None))
def test_filled_gaps_are_the_json_of_filled_texts(content: Any, values: tuple[Any, ...]) -> None:
    document = {"content": content}

    filled = WithGaps(document).filled(values)

    assert filled == orjson.dumps(plainly(document, values))
    json.loads(filled)


def test_what_has_no_tokens_has_no_gaps() -> None:
    written = WithGaps({"title": "Welcome", "days": 2})

    assert (written.first, written.gaps) == (b'{"title":"Welcome","days":2}', ())
