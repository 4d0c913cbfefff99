"""Global Privacy Control: the request header, and a site's own statement in `/.well-known/gpc.json`.

Source: W3C, "Global Privacy Control (GPC)". The header has no unreadable form: whatever is not `1` is absent.
"""

from __future__ import annotations

from ..errors import PolicyError, SignalError
from ..immutable import Immutable, put
from ..values import epoch_ms
from .bounded import MAX_LENGTH, read_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

HEADER = "Sec-GPC"
STATEMENT_PATH = "/.well-known/gpc.json"


class GpcStatement(Immutable):
    """What a site states about Global Privacy Control. Immutable.

    Args:
        gpc: Whether the site means to abide by requests that carry the signal.
        last_update: The date, or date and time, at which that was stated, as it was written; None: not said.
    """

    __slots__ = ("gpc", "last_update")

    gpc: bool
    last_update: str | None

    def __init__(self, gpc: bool, last_update: str | None = None) -> None:
        put(self, "gpc", gpc)
        put(self, "last_update", last_update)

    def as_dict(self) -> dict[str, object]:
        """The statement with the names of the specification, made of what JSON has."""
        dated = {} if self.last_update is None else {"lastUpdate": self.last_update}
        return {"gpc": self.gpc, **dated}

    def __repr__(self) -> str:
        return f"GpcStatement(gpc={self.gpc}, last_update={self.last_update!r})"


def is_on(values: Iterable[str]) -> bool:
    """Whether the `Sec-GPC` headers of one request say so: one value that is exactly `1` suffices.

    Every other value is ignored as if it had not been sent, also `true`, ` 1`, `1, 1` and `0`.
    """
    return any(value == "1" for value in values)


def read_statement(body: str | bytes) -> GpcStatement:
    """Read the body of a site's `/.well-known/gpc.json`. Members that the specification does not know are ignored.

    Raises:
        SignalError: the body states nothing that can be relied on. `code` is one of `not_text`, `empty`,
            `too_long`, `bad_json`, `duplicate_field`, `bad_value` (of `gpc`), `bad_time` (of `lastUpdate`).
    """
    members = read_object(_text(body))
    stated, last_update = members.get("gpc"), members.get("lastUpdate")
    if stated is not True and stated is not False:
        raise SignalError("bad_value", "`gpc` is neither true nor false")
    if "lastUpdate" in members and not (isinstance(last_update, str) and _is_date(last_update)):
        raise SignalError("bad_time", "`lastUpdate` is neither a date nor a date and time with an offset")
    return GpcStatement(stated, last_update if isinstance(last_update, str) else None)


def write_statement(gpc: bool, last_update: str | None = None) -> str:
    """The body of a site's own `/.well-known/gpc.json`; `read_statement` reads it back.

    Raises:
        PolicyError: `last_update` is neither a date nor a date and time with an offset.
    """
    import json

    if last_update is not None and not _is_date(last_update):
        raise PolicyError(f"`last_update` of {STATEMENT_PATH} must be a date such as 2026-01-31")
    return json.dumps(GpcStatement(gpc, last_update).as_dict())


def _text(body: object) -> object:
    if not isinstance(body, bytes):
        return body
    if len(body) > MAX_LENGTH:
        raise SignalError("too_long", f"a statement has at most {MAX_LENGTH} bytes")
    try:
        return body.decode()
    except UnicodeDecodeError:
        pass  # raised below: such an error holds the text, and would hang on to ours
    raise SignalError("not_text", "the statement is not UTF-8")


def _is_date(text: str) -> bool:
    return epoch_ms(text) is not None
