"""An offer's content as templates get it: its texts escape themselves, even where a template escapes nothing.

A template that escapes nothing is refused when it asks for an offer itself. But what an escaping one got, it can hand
on: to a template that it includes, or into `{% autoescape false %}`. There such a text is escaped when it is printed or
joined. Where the template escapes it is escaped once, and every comparison, look-up and filter sees it as it is.

So a filter's result (`| upper`) is a plain text, which an escaping template escapes, and another does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from discreet.runtime import Decision


class Text(str):
    """A text that becomes HTML by being escaped. Its characters are those that were decided."""

    __slots__ = ()

    def __html__(self) -> Markup:
        return escape(str.__str__(self))

    def __str__(self) -> str:
        return self.__html__()

    def __format__(self, spec: str, /) -> str:
        return format(str(self), spec)


class Fields(dict[str, Any]):
    """The fields of an offer, or of a part of it. Printed as a whole they are escaped, too."""

    __slots__ = ()

    def __html__(self) -> Markup:
        return escape(dict.__repr__(self))

    def __str__(self) -> str:
        return self.__html__()


class Items(list[Any]):
    """A list in an offer's content, likewise."""

    __slots__ = ()

    def __html__(self) -> Markup:
        return escape(list.__repr__(self))

    def __str__(self) -> str:
        return self.__html__()


class Shown:
    """A decision as templates get it: all that it says, with a content that escapes itself."""

    __slots__ = ("_decision", "content")

    def __init__(self, decision: Decision) -> None:
        self._decision = decision
        self.content = escaping(decision.content)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._decision, name)

    def __repr__(self) -> str:
        return repr(self._decision)


def escaping(content: dict[str, Any]) -> dict[str, Any]:
    """`content`, and all that is in it, as what escapes itself."""
    return Fields({name: _escaping(value) for name, value in content.items()})


def _escaping(value: Any) -> Any:
    if isinstance(value, str):
        return Text(value)
    if isinstance(value, dict):
        return Fields({name: _escaping(each) for name, each in value.items()})
    if isinstance(value, list):
        return Items(map(_escaping, value))
    return value
