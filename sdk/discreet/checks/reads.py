"""Which conditions and attributes the parts of a model read: through names, tokens and substitutes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from discreet.model import All, Named, Not, Some, Token, parse_template, walk

if TYPE_CHECKING:
    from discreet.model import Expression, Model


class Reads:
    """What the expressions and contents of one model read. Each condition is looked into once."""

    def __init__(self, model: Model) -> None:
        self._whens = {each.id: each.when for each in model.conditions}
        self._conditions: dict[str, frozenset[str]] = {}
        self._attributes: dict[str, frozenset[str]] = {}

    def conditions(self, expression: Expression | None) -> frozenset[str]:
        """All conditions on which `expression` rests, through whatever names."""
        direct = named(expression)
        return direct.union(*map(self._conditions_of, direct))

    def attributes(self, expression: Expression | None) -> frozenset[str]:
        """All attributes on which `expression` rests, through whatever names."""
        return _asked(expression).union(*map(self._attributes_of, named(expression)))

    def _conditions_of(self, name: str) -> frozenset[str]:
        if name not in self._conditions:
            self._conditions[name] = self.conditions(self._whens[name])
        return self._conditions[name]

    def _attributes_of(self, name: str) -> frozenset[str]:
        if name not in self._attributes:
            self._attributes[name] = self.attributes(self._whens[name])
        return self._attributes[name]


def named(expression: Expression | None) -> frozenset[str]:
    """The conditions that `expression` names itself."""
    return frozenset(each.condition for each in _parts(expression) if isinstance(each, Named))


def tokens(content: object) -> frozenset[str]:
    """The attributes that the tokens of a content print."""
    if isinstance(content, str):
        if "{" not in content:
            return frozenset()
        return frozenset(part.attribute for part in parse_template(content) if isinstance(part, Token))
    if isinstance(content, Mapping):
        return frozenset[str]().union(*map(tokens, content.values()))
    if isinstance(content, Sequence):
        return frozenset[str]().union(*map(tokens, content))
    return frozenset()


def _asked(expression: Expression | None) -> frozenset[str]:
    inner = (All, Some, Not, Named)
    return frozenset(each.attribute for each in _parts(expression) if not isinstance(each, inner))


def _parts(expression: Expression | None) -> Iterable[Expression]:
    return () if expression is None else walk(expression)
