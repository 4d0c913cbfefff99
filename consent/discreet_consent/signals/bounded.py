"""What every signal made of text begins with: a bound on its length, and JSON that is read strictly."""

from __future__ import annotations

from ..errors import SignalError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

# A cookie holds 4 KB and servers commonly take 8 KB of headers.
MAX_LENGTH = 8_192
# Objects and lists of one text together; no signal has more than ten. Else depth could exhaust the parser's stack.
_MAX_BRACKETS = 64


def bounded(text: object) -> str:
    """Check that `text` is text, some, and not too much. What a request brings is not always what the types say.

    Raises:
        SignalError: `not_text`, `empty`, `too_long`.
    """
    if not isinstance(text, str):
        raise SignalError("not_text", "what came is not text")
    if not text:
        raise SignalError("empty", "there is no text")
    if len(text) > MAX_LENGTH:
        raise SignalError("too_long", f"a signal has at most {MAX_LENGTH} characters")
    return text


def read_object(text: object) -> dict[str, object]:
    """Read a text that is one JSON object, every key once, in bounded depth.

    Raises:
        SignalError: as `bounded`, and `bad_json`, `duplicate_field`.
    """
    sent = bounded(text)
    if sent.count("[") + sent.count("{") > _MAX_BRACKETS:
        raise SignalError("bad_json", "the JSON has more lists and objects than any signal")
    value = _read_strictly(sent)
    if not isinstance(value, dict):
        raise SignalError("bad_json", "the JSON is not an object")
    return value


def _read_strictly(text: str) -> object:
    import json

    try:
        return json.loads(text, object_pairs_hook=_once_each, parse_constant=_refuse_constant)
    except ValueError:  # also an integer of thousands of digits
        pass  # raised below: the parser's error holds the text, and would hang on to ours
    raise SignalError("bad_json", "the text is not JSON")


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        # Readers differ in which of the two counts, so one of them would see a choice that another does not.
        raise SignalError("duplicate_field", "a key of the JSON is there twice")
    return found


def _refuse_constant(_: str) -> NoReturn:
    raise SignalError("bad_json", "the JSON has a number that JSON does not have")
