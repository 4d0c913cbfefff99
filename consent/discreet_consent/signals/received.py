"""Everything that came with one request, per source: absent, unreadable or read.

A *source* is a kind of signal (`tcf`, `gpp`, `onetrust`, ...), a *carrier* is where it was found (`cookie
euconsent-v2`). Texts are kept exactly as received: they are the key under which a resolved consent is remembered.
They are in no repr, no message and no pickle.
"""

from __future__ import annotations

from enum import Enum

from ..errors import SignalError
from ..immutable import Immutable, put

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import NoReturn, TypeAlias

    Sent: TypeAlias = tuple[str, str, object]  # source, carrier, what was sent: a text, if all is well

ARGUMENT = "argument"  # the carrier of what the caller passed to `resolve`
MAX_SENT = 64  # signals of one request, and their characters: who sends more is not a browser,
MAX_SIZE = 65_536  # and nothing of it is read
MAX_CLOSED = 2  # times of closing OneTrust's notice: a cookie, and its variant of another path or domain
_CLOSED = "onetrust_closed"


class Status(Enum):
    """What became of a source: `UNREADABLE` is never treated as `ABSENT`."""

    ABSENT = "absent"
    UNREADABLE = "unreadable"
    READ = "read"


class Reading(Immutable):
    """One text that came, decoded or refused. Immutable; it does not keep the text.

    Args:
        value: What the source's decoder made of it; None when it is absent or unreadable.
        problem: Why it is unreadable; None otherwise.
        status: What became of it, where value and problem are not kept; else it follows from them.
    """

    __slots__ = ("carrier", "problem", "source", "status", "value")

    source: str
    carrier: str
    status: Status
    value: object
    problem: SignalError | None

    def __init__(
        self,
        source: str,
        carrier: str,
        *,
        value: object = None,
        problem: SignalError | None = None,
        status: Status | None = None,
    ) -> None:
        put(self, "source", source)
        put(self, "carrier", carrier)
        put(self, "value", value)
        put(self, "problem", problem)
        if status is None:
            status = Status.UNREADABLE if problem else Status.ABSENT if value is None else Status.READ
        put(self, "status", status)

    def __repr__(self) -> str:
        return f"Reading({self.source!r}, {self.carrier!r}, {self.status.value})"


class Signals(Immutable):
    """The signals of one request. Immutable, hashable, and the same whatever the order in which they came.

    Args:
        sent: `(source, carrier, text)` each. A source may come several times: see spec/consent.md, "Several of one
            source". A text of None is an absent one. Whatever else is not a text came, and cannot be read.
    Attributes:
        sent: What came, each once. It is a key, and never to be logged.
    Raises:
        SignalError: `unknown_source`: no decoder reads such a source.
    """

    __slots__ = ("_readings", "sent")

    sent: frozenset[Sent]
    _readings: tuple[Reading, ...] | None

    def __init__(self, sent: Iterable[Sent] = ()) -> None:
        came = [(source, carrier, _hashable(text)) for source, carrier, text in sent if text is not None]
        for source, _, _ in came:
            if source not in SOURCES:
                raise SignalError("unknown_source", f"`{source}` is no source of signals")
        put(self, "sent", frozenset(came))
        put(self, "_readings", None)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What came, decoded, in the order of sources and carriers; worked out when first asked for."""
        if self._readings is None:
            overfull = len(self.sent) > MAX_SENT or self.size > MAX_SIZE
            put(self, "_readings", tuple((_refuse if overfull else _read)(self.sent)))
        return self._readings or ()

    @property
    def size(self) -> int:
        """Characters that came."""
        return sum(len(text) for _, _, text in self.sent if isinstance(text, str))

    def status(self, source: str) -> Status:
        """Whether `source` came and could be read; when several of it came, all must be readable."""
        found = {each.status for each in self.readings if each.source == source}
        order = (Status.UNREADABLE, Status.READ)
        return next((status for status in order if status in found), Status.ABSENT)

    @property
    def statuses(self) -> dict[str, Status]:
        """Every source that there is, and what became of it here."""
        return {source: self.status(source) for source in SOURCES if source != _CLOSED}

    def together(self, other: Signals) -> Signals:
        """These signals and those of `other`."""
        return Signals(self.sent | other.sent)

    def __bool__(self) -> bool:
        return bool(self.sent)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Signals) and self.sent == other.sent

    def __hash__(self) -> int:
        return hash(self.sent)

    def __repr__(self) -> str:
        came = sorted({f"{source} ({carrier})" for source, carrier, _ in self.sent})
        return f"Signals({', '.join(came)})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Signals hold a visitor's signals: they are resolved, not pickled or copied")


def _hashable(text: object) -> object:
    return text if isinstance(text, str) else _NoText()


class _NoText:
    """Stands for something that came and is not a text; no two are alike."""

    __slots__ = ()


def _read(sent: frozenset[Sent]) -> Iterator[Reading]:
    closed = {text for source, _, text in sent if source == _CLOSED}
    if len(closed) > MAX_CLOSED:
        closed = {_NoText()}  # nobody closes a notice so often: which of them counts cannot be told
    for source, carrier, text in sorted(sent, key=_order):
        if source == _CLOSED:
            continue
        if source == "onetrust" and closed:
            for each in sorted(closed, key=str):
                yield read_text(source, carrier, text, each)
        else:
            yield read_text(source, carrier, text)
    if closed and not any(source == "onetrust" for source, _, _ in sent):
        yield Reading(_CLOSED, "cookie OptanonAlertBoxClosed")  # a time without a choice says nothing


def _refuse(sent: frozenset[Sent]) -> Iterator[Reading]:
    problem = SignalError("too_many", "more signals came with one request than a browser sends")
    for source, carrier in sorted({(source, carrier) for source, carrier, _ in sent}):
        yield Reading(source, carrier, problem=problem)


def _order(sent: Sent) -> tuple[str, str, str]:
    source, carrier, text = sent
    return source, carrier, text if isinstance(text, str) else ""


def read_text(source: str, carrier: str, *texts: object) -> Reading:
    """Read one text as `source`; whatever is not a text is unreadable."""
    if not all(isinstance(text, str) for text in texts):
        return Reading(source, carrier, problem=SignalError("not_text", "what came is not text"))
    try:
        return Reading(source, carrier, value=SOURCES[source](*texts))
    except SignalError as problem:
        return Reading(source, carrier, problem=SignalError(problem.code, str(problem)))  # without its frames


def _tcf(text: str) -> object:
    from .tcf import decode

    return decode(text)


def _gpp(text: str) -> object:
    from .gpp import decode

    return decode(text)


def _us_privacy(text: str) -> object:
    from .us_privacy import decode

    return decode(text)


def _gpc(text: str) -> object:
    from .gpc import is_on

    return (
        is_on((text,)) or None
    )  # any other value counts as absent: the one signal that cannot be unreadable


def _consent_mode(text: str) -> object:
    from .consent_mode import decode

    return decode(text)


def _gcs(text: str) -> object:
    from .consent_mode import decode_gcs

    return decode_gcs(text)


def _gcd(text: str) -> object:
    from .consent_mode import decode_gcd

    return decode_gcd(text)


def _onetrust(text: str, closed: str | None = None) -> object:
    from .cmp_cookies.onetrust import decode

    return decode(text, closed)


def _cookiebot(text: str) -> object:
    from .cmp_cookies.cookiebot import decode

    return decode(text)


def _cookieyes(text: str) -> object:
    from .cmp_cookies.cookieyes import decode

    return decode(text)


def _didomi(text: str) -> object:
    from .cmp_cookies.didomi import decode

    return decode(text)


def _commanders_act(text: str) -> object:
    from .cmp_cookies.commanders_act import decode

    return decode(text)


# Every source, and what reads it. A decoder is imported when the first signal of its kind comes.
SOURCES: Mapping[str, Callable[..., object]] = {
    "tcf": _tcf,
    "gpp": _gpp,
    "us_privacy": _us_privacy,
    "gpc": _gpc,
    "consent_mode": _consent_mode,
    "gcs": _gcs,
    "gcd": _gcd,
    "onetrust": _onetrust,
    _CLOSED: str,  # read together with `onetrust`: it says when the visitor chose
    "cookiebot": _cookiebot,
    "cookieyes": _cookieyes,
    "didomi": _didomi,
    "commanders_act": _commanders_act,
}
