"""The comments of a YAML file, however it is laid out: what laying it out anew may move, and must not lose."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

_BEGINS = re.compile(r"(?:^|(?<=[ \t]))(?=#)")


def comments_of(text: str) -> Counter[str]:
    """How often each comment stands in `text`, sound YAML of the format whose lines end in line feeds.

    One that holds ` #` counts as several: two comments may have to share a line.
    """
    import yaml

    loader: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    parse: Callable[..., Any] = yaml.parse  # pyright: ignore[reportUnknownMemberType] # it has no types
    events: Iterable[Any] = parse(text, Loader=loader)
    between: list[str] = []
    at = 0
    for event in events:
        if type(event).__name__ == "ScalarEvent":
            start, end = event.start_mark.index, event.end_mark.index
            between.append(text[at:start])
            if event.style in ("|", ">"):
                between.append(text[start:end].partition("\n")[0])
            at = end
    between.append(text[at:])
    return Counter(
        each.rstrip() for lines in between for line in lines.split("\n") for each in _comments(line)
    )


def _comments(line: str) -> list[str]:
    """The comments of a line of which no scalar is a part."""
    return _BEGINS.split(line[line.index("#") :])[1:] if "#" in line else []
